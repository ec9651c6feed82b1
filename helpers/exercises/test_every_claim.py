"""Exercises of notebook 11: a verdict, an interval, criteria that cannot fail, two predictions."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from .answers import is_blank, is_stub
from .course import progress
from .engine import Misconception
from .feedback import Feedback, show
from .functions import Trial, WriteFunction
from .predictions import PredictChoice, PredictNumber
from .values import GiveValues

__all__ = ["can_it_fail", "false_alarms", "paired_interval", "progress", "small_bias", "verdict"]

_random = np.random.default_rng(11)


# --- verdict ---------------------------------------------------------------------------------

_WORDS = ("holds", "does not hold", "no difference that matters", "undecided")


class _Place(float):
    """The place of a word in the list of words: what our own functions give back."""


_HOLDS, _FAILS, _ALIKE, _OPEN = map(_Place, range(len(_WORDS)))


@dataclasses.dataclass(kw_only=True, repr=False, eq=False)
class _WriteVerdict(WriteFunction):
    """An exercise whose function gives one of four words back."""

    def _try(
        self, function: Callable[..., object], label: str, arguments: tuple[object, ...]
    ) -> Trial:
        given: list[object] = []

        @functools.wraps(function)
        def as_number(*values: object) -> object:
            given.append(function(*values))
            word = given[0].strip(" .!?\"'\n").lower() if isinstance(given[0], str) else None
            if word in _WORDS:
                return _WORDS.index(word)
            if given[0] is None and is_stub(function):
                return ...
            known = isinstance(given[0], _Place) or is_blank(given[0])
            return given[0] if known else "another word"

        trial = super()._try(as_number, label, arguments)
        return trial._replace(yours=show(given[0])) if given else trial

    def _explain(self, failed: Trial, trials: list[Trial]) -> Feedback:
        feedback = super()._explain(failed, trials)
        word = show(_WORDS[int(failed.expected)])
        details = [
            (name, word if name == "Expected" else value) for name, value in feedback.details
        ]
        return dataclasses.replace(feedback, details=tuple(details))

    @staticmethod
    def _generic(trial: Trial) -> str:
        if trial.outcome == "no numbers":
            words = ", ".join(map(show, _WORDS))
            return f"Your function must give one of four words back: {words}."
        if trial.outcome == "error":
            return WriteFunction._generic(trial)
        return (
            "Draw a line with marks at minus the margin and at the margin, and lay the interval "
            "on it. In which of the three parts does it lie, or in more than one?"
        )


def _within(low, high, margin):
    return _ALIKE if low >= -margin and high <= margin else _OPEN


def _judged(low, high, margin):
    if low >= margin:
        return _HOLDS
    return _FAILS if high <= -margin else _within(low, high, margin)


def _strictly_within(low, high, margin):
    return _ALIKE if low > -margin and high < margin else _OPEN


def _strictly(low, high, margin):
    if low > margin:
        return _HOLDS
    return _FAILS if high < -margin else _strictly_within(low, high, margin)


def _by_zero(low, high, margin):
    if low >= margin:
        return _HOLDS
    if high <= -margin:
        return _FAILS
    return _ALIKE if low <= 0 <= high else _OPEN


def _by_side(low, high, otherwise):
    if low > 0:
        return _HOLDS
    return _FAILS if high < 0 else otherwise


def _by_middle(low, high, margin):
    middle = (low + high) / 2
    if middle >= margin:
        return _HOLDS
    return _FAILS if middle <= -margin else _ALIKE


def _by_touch(low, high, margin, otherwise):
    if high >= margin:
        return _HOLDS
    return _FAILS if low <= -margin else otherwise


def _not_open(low, high, margin):
    found = _judged(low, high, margin)
    return _ALIKE if found == _OPEN else found


verdict = _WriteVerdict(
    key="test_every_claim.verdict",
    reference=_judged,
    cases={
        "an interval beyond the margin": (0.02, 0.05, 0.01),
        "one far on the other side": (-0.05, -0.02, 0.01),
        "one within both margins, around 0": (-0.004, 0.006, 0.01),
        "one within both margins, above 0": (0.002, 0.006, 0.01),
        "one within both margins, below 0": (-0.008, -0.003, 0.01),
        "one across the margin, above 0": (0.002, 0.03, 0.01),
        "one across the margin, with 0 in it": (-0.003, 0.03, 0.01),
        "one across the other margin": (-0.03, -0.002, 0.01),
        "one across the other margin, with 0 in it": (-0.02, 0.004, 0.01),
        "one across everything": (-0.03, 0.04, 0.01),
        "one just short of the margin, middle beyond it": (0.008, 0.04, 0.01),
        "a large margin": (1.0, 3.0, 5.0),
        "an end on the margin, from above": (2.0, 3.0, 2.0),
        "an end on the other margin, from below": (-3.0, -2.0, 2.0),
        "both ends on the margins": (-2.0, 2.0, 2.0),
        "an end on the margin, from within": (0.5, 2.0, 2.0),
        "an end at 0": (0.0, 0.03, 0.01),
        "the other end at 0": (-0.03, -0.0, 0.01),
        "whole numbers": (-7, -5, 3),
        "large numbers": (2000.0, 9000.0, 1000.0),
    },
    misconceptions=[
        Misconception(
            "no difference never said",
            "Your function never says *no difference that matters*. That is a finding, too: the "
            "whole interval lies between the margins. Look at the signs in that question.",
            wrong=(
                lambda low, high, m: (
                    _OPEN if _judged(low, high, m) == _ALIKE else _judged(low, high, m)
                ),
            ),
        ),
        Misconception(
            "one end between the margins taken for both",
            "One end between the margins is enough for your function to say *no difference*. The "
            "truth may be at the other end.",
            wrong=(
                lambda low, high, m: (
                    _ALIKE if abs(low) <= m or abs(high) <= m else _judged(low, high, m)
                ),
                lambda low, high, m: (
                    _ALIKE
                    if (abs(low) <= m or abs(high) <= m) and not (low >= m or high <= -m)
                    else _judged(low, high, m)
                ),
            ),
        ),
        Misconception(
            "the width taken for the place",
            "You ask how wide the interval is. A narrow one may lie beyond the margin, and a wide "
            "one, too: ask where its two ends are.",
            wrong=(
                lambda low, high, m: _ALIKE if high - low < 2 * m else _judged(low, high, m),
                lambda low, high, m: _ALIKE if high - low <= 2 * m else _judged(low, high, m),
                lambda low, high, m: _ALIKE if high - low < m else _judged(low, high, m),
                lambda low, high, m: _OPEN if high - low > m else _not_open(low, high, m),
                lambda low, high, m: _OPEN if high - low > 2 * m else _not_open(low, high, m),
            ),
        ),
        Misconception(
            "not shown taken for no difference",
            "You call it no difference where nothing was shown. A wide interval with 0 in it says "
            "that a large difference is possible, too: nobody knows yet. For *no difference that "
            "matters* the whole interval must lie between the margins.",
            wrong=(_by_zero,),
        ),
        Misconception(
            "above 0 taken for enough",
            "Your function asks on which side of 0 the interval lies. The claim was *at least "
            "the margin more*. With enough seeds the tiniest difference is above 0 for sure, and "
            "still matters to nobody.",
            wrong=(
                lambda low, high, m: _by_side(low, high, _ALIKE),
                lambda low, high, m: _by_side(low, high, _OPEN),
                lambda low, high, m: _by_side(low, high, _within(low, high, m)),
                lambda low, high, m: (
                    _ALIKE if _within(low, high, m) == _ALIKE else _by_side(low, high, _OPEN)
                ),
                lambda low, high, m: _HOLDS if low > 0 else _ALIKE,
                lambda low, high, m: _HOLDS if low > 0 else _judged(low, high, m),
            ),
        ),
        Misconception(
            "not shown taken for refuted",
            "Where the claim is not shown you say that it does not hold. To refute it takes as "
            "much: the whole interval at minus the margin or below.",
            wrong=(
                lambda low, high, m: _HOLDS if low >= m else _FAILS,
                lambda low, high, m: _HOLDS if low >= m else _FAILS if high < m else _OPEN,
                lambda low, high, m: _HOLDS if low >= m else _FAILS if high <= 0 else _OPEN,
                lambda low, high, m: (
                    _FAILS if _judged(low, high, m) == _OPEN else _judged(low, high, m)
                ),
            ),
        ),
        Misconception(
            "the other direction forgotten",
            "Your function looks up and never down. A difference of minus the margin or below is "
            "one that matters, too: it speaks against the claim.",
            wrong=(
                lambda low, high, m: _HOLDS if low >= m else _ALIKE if high <= m else _OPEN,
                lambda low, high, m: _HOLDS if low >= m else _within(low, high, m),
                lambda low, high, m: _HOLDS if high <= -m else _judged(low, high, m),
                lambda low, high, m: _ALIKE if -m < high <= m else _judged(low, high, m),
            ),
        ),
        Misconception(
            "undecided forgotten",
            "Your function never says *undecided*: whatever is not shown becomes *no difference*. "
            "An interval across a border allows both, a difference that matters and one that does "
            "not. Then the runs were too few.",
            wrong=(
                lambda low, high, m: (
                    _ALIKE if _judged(low, high, m) == _OPEN else _judged(low, high, m)
                ),
            ),
        ),
        Misconception(
            "the middle taken for the whole",
            "You judge by the middle of the interval alone, as if there were no doubt about it. "
            "The truth may be anywhere in it: all of it must be in the region.",
            wrong=(_by_middle,),
        ),
        Misconception(
            "a touch taken for the whole",
            "One end of the interval is enough for your function. Which end must lie beyond the "
            "margin so that all of the interval does?",
            wrong=(
                lambda low, high, m: _by_touch(low, high, m, _ALIKE),
                lambda low, high, m: (
                    _ALIKE if _within(low, high, m) == _ALIKE else _by_touch(low, high, m, _OPEN)
                ),
            ),
        ),
        Misconception(
            "the two sides swapped",
            "*Holds* and *does not hold* have changed places. Differences are taken so that what "
            "is claimed lies above 0.",
            wrong=(lambda low, high, m: _judged(-high, -low, m),),
        ),
        Misconception(
            "the border left out",
            "All is right but for an interval that ends exactly on a margin. That counts as "
            "inside, on either side: `>=` and `<=`.",
            wrong=(
                _strictly,
                lambda low, high, m: (
                    _judged(low, high, m)
                    if low >= m or high <= -m
                    else _strictly_within(low, high, m)
                ),
                lambda low, high, m: (
                    _ALIKE if _within(low, high, m) == _ALIKE else _strictly(low, high, m)
                ),
            ),
        ),
    ],
    hints=[
        "The margins divide the line into three regions. Each has a verdict; the fourth is for "
        "intervals that lie in more than one.",
        "All of an interval is at or above the margin if its *lower* end is. All of it is at or "
        "below minus the margin if its *upper* end is.",
        "Three questions in this order: `low >= margin`, `high <= -margin`, and `-margin <= low` "
        "together with `high <= margin`. Whatever is left is undecided.",
    ],
    right=(
        "Four words, and two of them are often confused: *no difference that matters* needs a "
        "narrow interval, *undecided* is what a wide one gives. What is undecided only more seeds "
        "decide. (Our ledger asks for the first with an interval of 90 %: two tests at 5 %, one a "
        "side.)"
    ),
)


# --- paired_interval -------------------------------------------------------------------------


def _around(middle, error, factor):
    return np.array([middle - factor * error, middle + factor * error])


def _t(probability, df):
    from scipy.stats import t

    return float(t.ppf(probability, df))


def _interval(a, b, *, ddof=1, root=True, factor=None, df=-1, probability=0.975):
    """Give the paired interval, or one with a mistake in it."""
    d = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    error = d.std(ddof=ddof) / (np.sqrt(d.size) if root else 1.0)
    return _around(d.mean(), error, factor or _t(probability, d.size + df))


def _by_n(a, b):
    d = np.subtract(a, b, dtype=float)
    return _around(d.mean(), d.std(ddof=1) / d.size, _t(0.975, d.size - 1))


def _by_variance(a, b):
    d = np.subtract(a, b, dtype=float)
    return _around(d.mean(), d.var(ddof=1) / np.sqrt(d.size), _t(0.975, d.size - 1))


def _unpaired(a, b, *, df=None, ddof=1, factor=None):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    error = np.sqrt(a.var(ddof=ddof) / a.size + b.var(ddof=ddof) / b.size)
    df = a.size + b.size - 2 if df is None else a.size - 1
    return _around(a.mean() - b.mean(), error, factor or _t(0.975, df))


def _arms(n, better, spread=0.02):
    """Draw accuracies of two arms that share their seeds, and so their luck."""
    luck = _random.normal(0.9, spread, size=n)
    return (
        luck + better + _random.normal(0.0, spread / 3, size=n),
        luck + _random.normal(0.0, spread / 3, size=n),
    )


paired_interval = WriteFunction(
    key="test_every_claim.paired_interval",
    reference=lambda a, b: _interval(a, b),
    cases={
        "four seeds": (np.array([0.94, 0.95, 0.93, 0.96]), np.array([0.91, 0.93, 0.92, 0.92])),
        "two seeds": (np.array([3.0, 5.0]), np.array([1.0, 2.0])),
        "no difference on average": (np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])),
        "the first arm is worse": (np.array([0.0, 1.0, 4.0, 2.0]), np.array([3.0, 3.0, 9.0, 4.0])),
        "5 seeds that share their luck": _arms(5, 0.01),
        "10 seeds": _arms(10, -0.01),
        "30 seeds": _arms(30, 0.002),
        "100 seeds": _arms(100, 0.01),
        "log-likelihoods, below 0": (np.array([-2.5, -0.0, -1.5]), np.array([-3.0, -1.5, -1.0])),
        "whole numbers: pictures that were read": (
            np.array([961, 955, 970]),
            np.array([940, 950, 945]),
        ),
        "float32": (
            np.array([0.5, 0.75, 0.25, 0.875], dtype=np.float32),
            np.array([0.25, 0.625, 0.5, 0.375], dtype=np.float32),
        ),
        "large numbers": (np.array([4000.0, 9000.0, 2000.0]), np.array([1000.0, 3000.0, 3000.0])),
    },
    misconceptions=[
        Misconception(
            "the pairs torn apart",
            "Your spread is that of both arms, added. The two networks of a seed share their luck "
            "with weights and batches. Subtract first, seed by seed: what they share goes, and "
            "the spread of what is left is smaller.",
            wrong=(
                _unpaired,
                lambda a, b: _unpaired(a, b, df="of one arm"),
                lambda a, b: _unpaired(a, b, ddof=0),
                lambda a, b: _unpaired(a, b, factor=1.96),
                lambda a, b: _unpaired(a, b, ddof=0, factor=1.96),
            ),
        ),
        Misconception(
            "the spread in place of the error of the mean",
            "Your interval is as wide as single seeds spread. The mean of n seeds is known "
            "better: divide the standard deviation by the root of n.",
            wrong=(
                lambda a, b: _interval(a, b, root=False),
                lambda a, b: _interval(a, b, root=False, factor=1.96),
                lambda a, b: _interval(a, b, root=False, factor=2.0),
                lambda a, b: _interval(a, b, root=False, ddof=0),
                lambda a, b: np.percentile(np.subtract(a, b, dtype=float), [2.5, 97.5]),
            ),
        ),
        Misconception(
            "n instead of its root",
            "You divide by n, and your interval is too narrow. Four times as many seeds make a "
            "mean twice as exact, not four times: it is the root of n that counts.",
            wrong=(lambda a, b: _by_n(a, b),),
        ),
        Misconception(
            "the variance for the standard deviation",
            "You take the variance, which is a square. Its root is in the units of the accuracy.",
            wrong=(lambda a, b: _by_variance(a, b),),
        ),
        Misconception(
            "the sign thrown away",
            "You take the size of each difference. Then a seed that speaks against the first arm "
            "counts in its favour. Leave the signs alone.",
            wrong=(lambda a, b: _interval(np.abs(np.subtract(a, b, dtype=float)), 0.0),),
        ),
        Misconception(
            "the seeds put in another order",
            "You sort, and then entry i of one arm no longer belongs to the seed of entry i of the "
            "other. Their pairs are what makes the interval narrow.",
            wrong=(lambda a, b: _interval(np.sort(a), np.sort(b)),),
        ),
        Misconception(
            "the mean left out",
            "Your interval lies around 0. It should lie around the mean difference.",
            wrong=(lambda a, b: _interval(a, b) - np.mean(_interval(a, b)),),
        ),
        Misconception(
            "1.96 for few seeds",
            "1.96 is right for hundreds of seeds. With four, the standard deviation itself is "
            "uncertain, and Student's t says 3.18. Your intervals are too narrow, and would miss "
            "the truth more often than you say.",
            wrong=(
                lambda a, b: _interval(a, b, factor=1.96),
                lambda a, b: _interval(a, b, factor=_normal(0.975)),
                lambda a, b: _interval(a, b, factor=2.0),
                lambda a, b: _interval(a, b, factor=1.96, ddof=0),
            ),
        ),
        Misconception(
            "divided by n instead of n - 1",
            "NumPy's `std` divides by n unless told otherwise. The mean was taken from the same "
            "seeds, so that comes out too small: `ddof=1`.",
            wrong=(lambda a, b: _interval(a, b, ddof=0),),
        ),
        Misconception(
            "one side forgotten",
            "Your interval is one of 90 %: 5 % are cut off on each side. For 95 % it is 2.5 % on "
            "each, so `t.ppf(0.975, ...)`.",
            wrong=(lambda a, b: _interval(a, b, probability=0.95),),
        ),
        Misconception(
            "as many degrees of freedom as seeds",
            "Nearly. One mean was taken from the n differences, which leaves n - 1 degrees of "
            "freedom.",
            wrong=(lambda a, b: _interval(a, b, df=0), lambda a, b: _interval(a, b, df=-2)),
        ),
        Misconception(
            "the arms swapped",
            "The sign is turned round: asked is what the *first* arm has more, `a - b`.",
            wrong=(lambda a, b: _interval(b, a),),
        ),
        Misconception(
            "the ends swapped",
            "Give the lower end first, then the upper one.",
            wrong=(lambda a, b: _interval(a, b)[::-1],),
        ),
        Misconception(
            "mean and half-width instead of both ends",
            "You give the mean and how far the interval reaches to each side. Asked are its two "
            "ends.",
            wrong=(
                lambda a, b: np.array(
                    [_interval(a, b).mean(), (_interval(a, b)[1] - _interval(a, b)[0]) / 2]
                ),
            ),
        ),
    ],
    hints=[
        "Everything begins with one line: `d = a - b`, one difference for each seed. From there "
        "on the two arms are not needed.",
        "The error of a mean of n differences is their standard deviation, with `ddof=1`, over the "
        "root of n. How many of these errors to each side, Student's t tells.",
        "n differences leave n - 1 degrees of freedom. Mean minus so many errors is the lower end, "
        "mean plus as many the upper: give both back, in this order.",
    ],
    right=(
        "It is what `helpers.stats.paired_difference` does. Pairing costs nothing but a shared "
        "seed. Where both arms share most of their luck, it is worth many times as many runs."
    ),
)


def _normal(probability):
    from scipy.stats import norm

    return float(norm.ppf(probability))


# --- can_it_fail -----------------------------------------------------------------------------

# Six criteria, A to F, as the notebook lists them.
_CRITERIA = np.array([["A"], ["B"], ["C"], ["D"], ["E"], ["F"]])

can_it_fail = GiveValues(
    key="test_every_claim.can_it_fail",
    shapes={"can_fail": (6,)},
    rows=_CRITERIA,
    expected=np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0]),
    measure=lambda can_fail: can_fail,
    decide=lambda can_fail: can_fail,
    symbol="can_fail",
    misconceptions=[
        Misconception(
            "no such answer",
            "An answer is 1 (it can fail) or 0 (it cannot), one for each of the six.",
            when=lambda given: not np.isin(given, [0, 1]).all(),
        ),
        Misconception(
            "the question turned round",
            "All six are turned round: 1 is for criteria that *can* fail.",
            when=lambda given: np.array_equal(given, [1, 0, 1, 1, 0, 0]),
        ),
        Misconception(
            "a definition taken for a finding",
            "A: dead means that the derivative is 0 on every example. With a slope of 0.01 the "
            "derivative is 0.01 or 1. Which measurement could come out otherwise?",
            when=lambda given: given[0] == 1,
        ),
        Misconception(
            "a search taken for a test",
            "C: whoever tries tasks and rates until one agrees will find one. If all twenty "
            "fail, there is a twenty-first. What would count against the claim?",
            when=lambda given: given[2] == 1,
        ),
        Misconception(
            "a margin that holds everything",
            "D: accuracies lie between 0 and 1. How far apart can two of them be at most? And "
            "how wide is the margin?",
            when=lambda given: given[3] == 1,
        ),
        Misconception(
            "strict taken for impossible",
            "B is a test as it should be: tasks, seeds and margin are fixed beforehand, and the "
            "interval may come to lie on any side.",
            when=lambda given: given[1] == 0,
        ),
        Misconception(
            "true taken for certain",
            "E may come out true in every run, and still it could have come out otherwise: where z "
            "spreads further than the bias pushes it down, units fire. To be true is no fault of a "
            "criterion.",
            when=lambda given: given[4] == 0,
        ),
        Misconception(
            "unfair taken for impossible",
            "F is unfair: the rate was chosen for one of the two arms. It makes failing less "
            "likely, and not impossible. A fault, but another one.",
            when=lambda given: given[5] == 0,
        ),
    ],
    hints=[
        "For each criterion think of the result that would speak against it. If you can describe "
        "one, it can fail, however unlikely that is.",
        "Three ways not to be able to fail: true by definition; searched until found; a margin so "
        "wide that everything lies within.",
        "Each of the three ways occurs once.",
    ],
    right=(
        "Three of six cannot fail, and each would have been reported as a success. Two others "
        "are sound, and one can fail but is unfair. Read the criterion before the result."
    ),
)


# --- small_bias ------------------------------------------------------------------------------

small_bias = PredictChoice(
    key="test_every_claim.small_bias",
    measured=("low", "high"),
    ask='"holds", "does not hold", "no difference that matters" or "undecided"',
    answer="no difference that matters",
    others={
        "holds": Misconception(
            "every negative bias kills",
            "Your interval lies between the margins. The bias is added to a z that spreads several "
            "times as far: a push of 0.1 is little beside that. The claim says *large*. Change "
            "your prediction.",
        ),
        "does not hold": Misconception(
            "no effect taken for an effect the other way",
            "*Does not hold* would mean that a bias of -0.1 leaves *fewer* units dead, by 0.05 at "
            "least. How many are dead with a bias of 0? Then change your prediction.",
        ),
        "undecided": Misconception(
            "small taken for unclear",
            "*Undecided* means that the interval crosses a margin. Compare both of its ends with "
            "-0.05 and 0.05, and change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "the ends swapped",
            "The lower end comes first: `.effect.low`, then `.effect.high`.",
            when=lambda low, high: low > high,
        ),
        Misconception(
            "an arm compared with itself",
            "Your interval has no width: not one seed differs. Do the two arms of `rule` have "
            "different biases?",
            when=lambda low, high: low == high,
        ),
        Misconception(
            "per cent instead of shares",
            "A share lies between 0 and 1, and so a difference of two shares between -1 and 1.",
            when=lambda low, high: max(abs(low), abs(high)) > 1,
        ),
        Misconception(
            "the arms swapped",
            "A bias of -0.1 lowers every z: it cannot make units fire. Is the first arm in `rule` "
            "the one with that bias, and the second the one with 0?",
            when=lambda low, high: low < -0.008 and high < 0.008,
        ),
        Misconception(
            "another bias",
            "So large a difference belongs to another bias, or to accuracy. Is it `biases=(0, "
            '-0.1)`, and do both arms end in "dead"?',
            when=lambda low, high: high > 0.05,
        ),
    ],
    hints=[
        "How far does z spread around its mean in a fresh network, and what is 0.1 beside that?",
        "With a bias of 0 hardly any unit is dead after so short a training. How many more does a "
        "bias of -0.1 make it: as many as one in twenty?",
        "The bias stands in two places: among the `biases` of `start`, and in the name of the "
        "first arm of `rule`. What `rule.judge` gives back has both ends: `.effect.low` and "
        "`.effect.high`.",
    ],
    right=(
        "The experiment is the same and the verdict another: *large* carries the claim. Whoever "
        "repeats it without that word says something else."
    ),
)


# --- false_alarms ----------------------------------------------------------------------------


@dataclasses.dataclass(kw_only=True, repr=False, eq=False)
class _PredictShare(PredictNumber):
    """Predict a share: a count or per cent is not understood."""

    def _read(self, guess: object) -> float | None:
        number = super()._read(guess)
        return number if number is not None and 0 <= number <= 1 else None


false_alarms = _PredictShare(
    key="test_every_claim.false_alarms",
    measured=("share",),
    ask="a share from 0 to 1",
    within=0.06,
    otherwise=Misconception(
        "the share misjudged",
        "Your run says otherwise. 5 % is the risk of *one* claim. What is the chance that one "
        "claim comes out rightly, that two do, that all forty do? The rest of the ledgers have a "
        "false alarm. Then predict again.",
    ),
    misconceptions=[
        Misconception(
            "alarms counted instead of ledgers",
            "Forty claims at 5 % have 2 false alarms on average: that is a number of claims. "
            "Asked is the share of ledgers with one at least: `.any(axis=1)` before `.mean()`.",
            when=lambda share: 1.5 < share < 2.5,
        ),
        Misconception(
            "a count or per cent instead of a share",
            "A share lies between 0 and 1. Divide by the number of ledgers.",
            when=lambda share: not 0 <= share <= 1,
        ),
        Misconception(
            "the share of claims instead of ledgers",
            "Near 0.05 lies the share of *claims* with a false alarm. Asked is the share of "
            "*ledgers*: look along each row first, `.any(axis=1)`. (Or did you correct with Holm "
            "already? That is the next question.)",
            when=lambda share: 0.02 < share < 0.09,
        ),
        Misconception(
            "the ledgers without an alarm",
            "That is the share in which *all* forty come out rightly. Asked is the rest.",
            when=lambda share: 0.09 <= share < 0.18,
        ),
        Misconception(
            "other numbers",
            "Forty claims at 5 % give another share. Has your table 40 columns, a row for each "
            "ledger, at least 500 rows, and is it `< 0.05`?",
            when=lambda share: not 0.8 <= share <= 0.94,
        ),
    ],
    hints=[
        "One claim comes out rightly with a chance of 0.95. Two independent ones?",
        "All forty come out rightly with a chance of 0.95 to the power of 40.",
        "To measure it, draw a table of 1,000 rows and 40 columns, and look for p-values below "
        "0.05. A ledger is a row: is there *any* in it?",
    ],
    right=(
        "Nearly nine ledgers in ten have a finding that is none. So the whole ledger is "
        "corrected, by Holm's rule. Try it on the same p-values: `[(holm(row) < 0.05).any() for "
        "row in p]`."
    ),
)
