"""The figures of notebook 11: their sentences say what the data say."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from helpers.claims import criteria
from helpers.claims.criteria import (
    ALIKE,
    DEPENDS,
    DOES_NOT_HOLD,
    HOLDS,
    OPINION,
    UNDECIDED,
    VERDICTS,
    Above,
    Alike,
    Always,
    Below,
    Differs,
    Mostly,
    Ratio,
)
from helpers.plots import claims
from helpers.stats import Interval

SEEDS = np.linspace(-1, 1, 20)
# Values of 20 seeds by the name of their arm.
MEASURED = {
    "relu": 0.9 + 0.01 * SEEDS,
    "much more": 0.95 + 0.011 * SEEDS,
    "a little more": 0.912 + 0.03 * SEEDS[::-1],
    "the same": 0.9 + 0.0101 * SEEDS,
    "far less": 0.8 + 0.011 * SEEDS,
    "every": np.ones(20, dtype=bool),
    "half": SEEDS > 0,
    "all but one": SEEDS > -1,
}


@dataclass
class One:
    """A claim with its verdict, as `helpers.claims.results.Judged` has it."""

    id: str
    tests: dict = field(default_factory=dict)
    title: str = "A title"

    def __post_init__(self):
        self.claim = SimpleNamespace(id=self.id, title=self.title, tests={})
        self.findings = {name: rule.judge(MEASURED) for name, rule in self.tests.items()}
        told = {name: found.verdict for name, found in self.findings.items()}
        self.verdict = criteria.together(told) if told else OPINION
        # As for a claim that is tested with another, which has the criteria.
        tested = SimpleNamespace(id=self.id, title=self.title, tests=self.tests)
        self.result = SimpleNamespace(claim=tested) if told else None


def more(arm):
    return Differs("accuracy", arm, "relu", 0.01)


LEDGER = [
    One("A1", {"digits": more("much more"), "wine": Always("it is so", "every")}, "Held"),
    One("A2", {"digits": more("far less")}, "Fails"),
    One("A3", {"digits": more("the same")}, "Nothing"),
    One("A4", {"digits": more("much more"), "wine": more("the same")}, "Depends"),
    One("A5", {"digits": more("a little more")}, "Open"),
    One("B10", title="Opinion"),
    One("B11", {"digits": Mostly("it dies", "every", 0.5)}, "Held again"),
]
SAME = {name: more(name) for name in ("much more", "a little more", "far less", "the same")}
OTHER_MARGIN = SAME | {"wine": Differs("accuracy", "much more", "relu", 0.02)}
EXAMPLES = {
    "first": (Interval(0.03, 0.02, 0.04), HOLDS),
    "second": (Interval(-0.02, -0.03, -0.01), DOES_NOT_HOLD),
    "third": (Interval(0.0, -0.005, 0.005), ALIKE),
    "fourth": (Interval(0.012, 0.003, 0.021), UNDECIDED),
}
COUNTS = {"each by itself": (88, 100), "with Holm": (4, 100)}

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "forest": (lambda: claims.forest(LEDGER), lambda: claims.forest(LEDGER[:-1])),
    "conditions": (
        lambda: claims.conditions(One("A4", SAME)),
        lambda: claims.conditions(One("A4", OTHER_MARGIN)),
    ),
    "advice": (
        lambda: claims.advice({"ReLU": LEDGER[:2], "leaky ReLU": LEDGER[2:4]}),
        lambda: claims.advice({"ReLU": LEDGER[:2], "leaky ReLU": LEDGER[3:5]}),
    ),
    "regions": (
        lambda: claims.regions(0.01, EXAMPLES),
        lambda: claims.regions(0.011, EXAMPLES),
    ),
    "accidents": (
        lambda: claims.accidents(COUNTS),
        lambda: claims.accidents(COUNTS | {"with Holm": (5, 100)}),
    ),
}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def lines(ax, marker):
    return [line for line in ax.lines if line.get_marker() == marker]


def drawn(ledger):
    fig, _ = claims.forest(ledger)
    return fig.axes


def test_the_verdicts_are_those_of_the_ledger():
    assert tuple(claims.LOOKS) == VERDICTS
    assert [one.verdict for one in LEDGER[:6]] == [
        HOLDS,
        DOES_NOT_HOLD,
        ALIKE,
        DEPENDS,
        UNDECIDED,
        OPINION,
    ]


def test_no_two_verdicts_look_alike_in_colour_or_in_shape():
    colours = {look[0] for look in claims.LOOKS.values()}
    shapes = {(look[1], look[3]) for look in claims.LOOKS.values()}
    assert len(colours) == len(shapes) == len(claims.LOOKS)


def test_the_forest_counts_the_verdicts():
    assert claims.forest(LEDGER)[1] == (
        "6 claims tested: holds 2, does not hold 1, no difference that matters 1, depends 1, "
        "undecided 1; 1 more is an opinion."
    )
    assert claims.forest(LEDGER[:5])[1].endswith("undecided 1; 0 more are opinions.")


def test_the_forest_groups_by_verdict_in_two_columns_and_repeats_the_heading_of_a_cut_group():
    left, right = drawn(LEDGER)
    assert labels(left) == [
        "● holds: 2",
        "A1\u2007  Held",
        "B11  Held again",
        "✖ does not hold: 1",
        "A2\u2007  Fails",
        "■ no difference that matters: 1",
        "A3\u2007  Nothing",
    ]
    assert labels(right) == [
        "◆ depends: 1",
        "A4\u2007  Depends",
        "○ undecided: 1",
        "A5\u2007  Open",
        "– opinion: 1",
        "B10  Opinion",
    ]
    left, right = drawn([LEDGER[0]] * 5)
    assert labels(left)[0] == "● holds: 5"
    assert labels(right)[0] == "● holds, continued"
    assert len(labels(left)) + len(labels(right)) == 5 + 2
    # No heading alone at the foot of a column.
    left, right = drawn([LEDGER[0], LEDGER[1], LEDGER[1]])
    assert labels(left)[-1] == "A1\u2007  Held"
    assert labels(right)[0] == "✖ does not hold: 2"


def test_the_forest_of_one_claim():
    left, right = drawn(LEDGER[:1])
    assert labels(left) == ["● holds: 1", "A1\u2007  Held"]
    assert labels(right) == []


def test_the_forest_draws_a_dot_and_a_line_for_each_condition():
    found = LEDGER[4].findings["digits"]
    left, right = drawn([LEDGER[4]])
    (dot,) = lines(left, "o")
    assert dot.get_xydata().tolist() == [[found.scaled.estimate, 1.0]]
    assert dot.get_markerfacecolor() == "white"
    wide = [line for line in lines(left, "") if len(line.get_xdata()) == 2]
    assert [list(line.get_xdata()) for line in wide] == [[found.scaled.low, found.scaled.high]]
    assert not right.lines or not lines(right, "o")


def test_dots_of_one_claim_do_not_lie_on_each_other():
    six = One("A1", {name: more("much more") for name in "abcdef"})
    (heights,) = np.transpose([line.get_ydata() for line in lines(drawn([six])[0], "o")])
    assert np.all(np.diff(heights) > 0.14)
    assert max(abs(heights - 1)) < 0.5


def test_what_lies_beyond_the_scale_has_an_arrow_head():
    left, _ = drawn([LEDGER[0]])
    (head,) = lines(left, ">")
    assert head.get_xdata()[0] > claims.HIGHEST
    assert not lines(left, "<")
    left, _ = drawn([LEDGER[1]])
    (head,) = lines(left, "<")
    assert head.get_xdata()[0] < claims.LOWEST
    (cross,) = lines(left, "X")
    assert cross.get_xdata()[0] == claims.LOWEST
    assert claims.LOWEST < claims.HIGHEST


def test_a_statement_without_exception_has_no_line():
    left, _ = drawn([One("A1", {"digits": Always("it is so", "every")})])
    (dot,) = lines(left, "o")
    assert dot.get_xdata()[0] == 1.0
    assert not lines(left, "")


def test_what_speaks_against_lies_on_top():
    left, _ = drawn([One("A1", {"a": Always("so", "every"), "b": Always("so", "all but one")})])
    (dot,), (cross,) = lines(left, "o"), lines(left, "X")
    assert cross.get_xdata()[0] == 0.95
    assert cross.get_zorder() > dot.get_zorder()


def test_the_region_as_claimed_ends_with_the_claims_that_were_tested():
    left, right = drawn(LEDGER)
    shades = [
        patch.get_window_extent().height / ax.get_window_extent().height
        for ax in (left, right)
        for patch in ax.patches
    ]
    assert shades[0] == pytest.approx(1, abs=0.02)
    assert shades[1] < 0.75  # the opinion below is not on the scale


def test_the_forest_refuses_what_is_no_ledger():
    with pytest.raises(ValueError, match="needs claims with verdicts"):
        claims.forest([])
    with pytest.raises(ValueError, match="needs claims with verdicts"):
        claims.forest([SimpleNamespace(verdict="perhaps")])


def test_a_claim_in_full_tells_each_condition():
    _, text = claims.conditions(One("A4", {name: SAME[name] for name in ("much more", "far less")}))
    assert text == (
        "A4: depends. much more 0.050000 [0.049709, 0.050291], holds; "
        "far less −0.100000 [−0.100291, −0.099709], does not hold."
    )


@pytest.mark.parametrize(
    ("rule", "label", "shaded"),
    [
        (more("much more"), "accuracy: difference", (0.01, np.inf)),
        (Alike("accuracy", "the same", "relu", 0.01), "accuracy: difference", (-0.01, 0.01)),
        (Ratio("accuracy", "far less", "relu", 1.5), "accuracy: ratio", (1.5, np.inf)),
        (Above("accuracy", "relu", 0.5), "accuracy", (0.5, np.inf)),
        (Below("accuracy", "relu", 0.5), "accuracy", (-np.inf, 0.5)),
        (Mostly("it dies", "half", 0.5), "share of runs in which it dies", (0.5, np.inf)),
        (Always("it dies", "half"), "share of runs in which it is so", (1.0, np.inf)),
    ],
)
def test_conditions_that_measure_the_same_have_their_own_units(rule, label, shaded):
    one = One("A1", {"digits": rule, "wine": rule})
    fig, _ = claims.conditions(one)
    (ax,) = fig.axes
    assert ax.get_xlabel() == label
    (patch,) = ax.patches
    x = patch.get_patch_transform().transform(patch.get_path().vertices)[:, 0]
    left, right = ax.get_xlim()
    assert (x.min(), x.max()) == pytest.approx((max(left, shaded[0]), min(right, shaded[1])))
    effect = one.findings["digits"].effect
    assert left < effect.low <= effect.high < right
    middles = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    assert effect.estimate in middles


def test_conditions_that_measure_different_things_have_a_panel_each():
    fig, _ = claims.conditions(One("A4", OTHER_MARGIN | {"below": Below("accuracy", "relu", 0.5)}))
    first, second, third = fig.axes
    assert labels(first) == [*SAME]
    assert labels(second) == ["wine"]
    assert labels(third) == ["below"]
    assert third.get_xlabel() == "accuracy"
    assert first.get_title(loc="left") == "A4  A title"
    assert second.get_title(loc="left") == ""


def test_more_than_three_rulers_share_a_scale():
    four = {f"margin {m}": Differs("accuracy", "much more", "relu", m) for m in (1, 2, 3, 4)}
    fig, _ = claims.conditions(One("A4", four))
    (ax,) = fig.axes
    assert ax.get_xlabel() == "0: no effect; from 1 on: as claimed"
    assert ax.get_xlim() == (claims.LOWEST - 0.5, claims.HIGHEST + 0.5)
    assert labels(ax) == [*four]


def test_a_criterion_of_another_kind_is_drawn_on_the_shared_scale():
    class Odd(Differs):
        """Of nobody's kind."""

    fig, _ = claims.conditions(One("A4", {"digits": Odd("accuracy", "far less", "relu", 0.01)}))
    assert fig.axes[0].get_xlabel() == "0: no effect; from 1 on: as claimed"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Above("accuracy", "relu", 0.89), "as claimed ▸"),
        (Above("accuracy", "relu", 0.2), "as claimed"),
        (Below("accuracy", "relu", 0.05), "◂ as claimed"),
        (Below("accuracy", "relu", 0.85), "as claimed"),
    ],
)
def test_the_words_stand_beside_a_region_that_is_too_narrow(rule, words):
    fig, _ = claims.conditions(One("A1", {"digits": rule}))
    assert words in texts(fig.axes[0])


def test_each_condition_has_its_verdict_in_words():
    fig, _ = FIGURES["conditions"][0]()
    said = [words.replace("\n", " ") for words in texts(fig.axes[0])]
    assert {HOLDS, UNDECIDED, DOES_NOT_HOLD, ALIKE} <= set(said)


@pytest.mark.parametrize(("times", "fewest"), [(1.2, 3), (30.0, 3), (3e4, 4)])
def test_ratios_have_plain_ticks_and_few(times, fewest, monkeypatch):
    monkeypatch.setitem(MEASURED, "many times", times * MEASURED["relu"] * (1 + 0.01 * SEEDS**2))
    fig, _ = claims.conditions(One("A1", {"x": Ratio("norm", "many times", "relu", 1.1)}))
    (ax,) = fig.axes
    low, high = ax.get_xlim()
    inside = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert fewest <= len(inside) <= 7
    assert all(
        label.get_text() == f"{tick:g}"
        for label, tick in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)
    )


def test_an_opinion_cannot_be_drawn_in_full():
    with pytest.raises(ValueError, match="B10 has no findings"):
        claims.conditions(LEDGER[5])


def test_a_long_condition_breaks_at_its_commas():
    name = "breast cancer, depth 5, slope -0.01, of no more than thirty-three letters and some"
    fig, text = claims.conditions(One("A1", {name: more("much more")}))
    assert labels(fig.axes[0]) == [
        "breast cancer, depth 5,\nslope −0.01,\nof no more than thirty-three\nletters and some"
    ]
    assert "slope −0.01" in text


def test_advice_tells_the_verdicts():
    fig, text = FIGURES["advice"][0]()
    assert text == (
        "Take ReLU: 1 of 2 reasons hold (A1 holds, A2 does not hold); take leaky ReLU: 0 of 2 "
        "reasons hold (A3 no difference that matters, A4 depends)."
    )
    right = texts(fig.axes[1])
    assert right.count("holds in 1 of 2") == 1
    assert "A4  Depends" in right
    assert DEPENDS in right


def test_advice_that_is_an_opinion_has_no_conditions():
    fig, _ = claims.advice({"ReLU": [LEDGER[5]]})
    assert texts(fig.axes[0]) == ["B10  Opinion", OPINION]


def test_regions_tells_each_verdict_and_marks_the_margin():
    fig, text = FIGURES["regions"][0]()
    assert text.startswith("Margin 0.01. first 0.0300 [0.0200, 0.0400]: holds; second −0.0200 [")
    (ax,) = fig.axes
    assert ax.get_xticks().tolist() == [-0.01, 0.0, 0.01]
    spans = [
        patch.get_patch_transform().transform(patch.get_path().vertices)[:, 0]
        for patch in ax.patches
    ]
    ends = [(x.min(), x.max()) for x in spans]
    assert (ends[0][1], ends[1][0]) == pytest.approx((-0.01, -0.01))
    assert (ends[1][1], ends[2][0]) == pytest.approx((0.01, 0.01))
    said = [words.replace("\n", " ") for words in texts(ax)]
    assert said == [DOES_NOT_HOLD, ALIKE, HOLDS, *(verdict for _, verdict in EXAMPLES.values())]


def test_accidents_tells_counts_and_warns_of_what_is_above_the_accepted_share():
    fig, text = FIGURES["accidents"][0]()
    assert text == (
        "Ledgers with a wrong verdict. each by itself: 88 of 100 (80 % to 93 %); with Holm: 4 of "
        "100 (2 % to 10 %)."
    )
    bad, good = (patch for patch in fig.axes[0].patches if patch.get_height() == 0.55)
    assert (bad.get_width(), good.get_width()) == (88, 4)
    assert bad.get_edgecolor() == to_rgba(claims.VERMILION)
    assert good.get_edgecolor() == to_rgba(claims.BLUE)
    assert bad.get_hatch() != good.get_hatch()  # not by colour alone
