"""The figures of notebook 07: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import leak
from helpers.plots.style import ACTIVATION_STYLES

SLOPES = [0.0, 0.01, 0.1]
ARMS = {"ReLU": [10.0, 11.0, 9.0], "slope 0.1": [80.0, 90.0, 85.0]}
OTHER = {"ReLU": [0.0, 0.0, 0.0], "slope 0.1": [100.0, 40.0, 70.0]}
BIAS = {
    "nothing": [10.0, 11.0, 9.0],
    "slope 0.1": [90.0, 90.0, 90.0],
    "biases at 0": [95.0, 96.0, 94.0],
    "clipping": [10.0, 10.0, 10.5],
}
RATE = {"nothing": [80.0, 85.0, 90.0], "slope 0.1": [85.0, 80.0, 95.0], "clipping": [1.0, 5.0, 9.0]}
SIZES = {"He for ReLU": np.array([[2.0, 4.0, 8.0]] * 3) * np.array([[0.9], [1.0], [1.1]])}
MOMENTS = ([0.0, 0.5, 1.0], [0.4, 0.2, 0.0], [0.5, 0.625, 1.0])
FORMULAS = (lambda slope: 0.4 * (1 - slope), lambda slope: (1 + slope**2) / 2)


def where(z, slope):
    return np.where(z > 0, z, slope * z)


def derivative(z, slope):
    return np.where(z > 0, 1.0, slope)


def larger(z, slope):
    return np.maximum(z, slope * z)


def races(rate):
    return {"bias −2": ("right", BIAS), "rate 0.1": ("right", rate)}


# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "curves": (
        lambda: leak.curves(where, derivative, SLOPES),
        lambda: leak.curves(where, derivative, [0.0, 0.01, 0.2]),
    ),
    "forms": (
        lambda: leak.forms(where, larger, [0.1, 2.0]),
        lambda: leak.forms(where, larger, [0.1, 3.0]),
    ),
    "arms": (
        lambda: leak.arms({"one": ("right, %", ARMS), "two": ("explained, %", OTHER)}),
        lambda: leak.arms({"one": ("right, %", ARMS), "two": ("explained, %", ARMS)}),
    ),
    "race": (
        lambda: leak.race(races(RATE), base="nothing"),
        lambda: leak.race(races(RATE | {"clipping": [1.0, 5.0, 10.0]}), base="nothing"),
    ),
    "moments": (
        lambda: leak.moments(*MOMENTS, FORMULAS),
        lambda: leak.moments(MOMENTS[0], [0.4, 0.25, 0.0], MOMENTS[2], FORMULAS),
    ),
    "signals": (
        lambda: leak.signals(SIZES),
        lambda: leak.signals({"He for ReLU": SIZES["He for ReLU"] ** 2}),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def test_curves_tells_answers_and_derivatives():
    assert sentence("curves") == (
        "Answer at z = −4: 0 at slope 0, −0.04 at slope 0.01, −0.4 at slope 0.1. Smallest "
        "derivative: 0, 0.01, 0.1."
    )
    fig, _ = FIGURES["curves"][0]()
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert lines["slope 0"].get_color() == ACTIVATION_STYLES["relu"][0]
    looks = {lines[f"slope {slope:g}"].get_linestyle() for slope in SLOPES}
    assert len(looks) == len(SLOPES)  # two of them share their colour


def test_forms_tells_where_they_part():
    assert sentence("forms").endswith("slope 0.1 the same; slope 2 up to 2 apart.")
    fig, _ = FIGURES["forms"][0]()
    assert [ax.get_title(loc="left") or ax.get_title() for ax in fig.axes] == [
        "slope 0.1: the same",
        "slope 2: up to 2 apart",
    ]


def test_arms_tells_means_and_intervals():
    text = sentence("arms")
    assert "one, right, %: ReLU 10 [8, 12], slope 0.1 85 [73, 97]" in text
    assert "two, explained, %: ReLU 0 [0, 0], slope 0.1 70" in text


def test_race_tells_differences_seed_by_seed():
    text = sentence("race")
    assert "bias −2: slope 0.1 +80 [+78, +82], biases at 0 +85 [+85, +85], clipping 0 [" in text
    assert "rate 0.1: slope 0.1 +2 [" in text
    fig, _ = FIGURES["race"][0]()
    left, right = fig.axes
    assert leak.MISSING not in [text.get_text() for text in left.texts]
    assert [text.get_text() for text in right.texts].count(leak.MISSING) == 1  # biases at 0
    assert "doing nothing: 85 %" in (right.get_title(loc="left") or right.get_title())
    weights = {text.get_text(): text.get_fontweight() for text in left.texts}
    assert weights["+80 [+78, +82]"] == "bold"
    assert weights["0 [−3, +3]"] == "normal"


def test_race_subtracts_the_seeds_in_their_order():
    shuffled = leak.race(races(RATE | {"slope 0.1": RATE["slope 0.1"][::-1]}), base="nothing")[1]
    assert shuffled != sentence("race")


def test_moments_tells_how_far_the_formulas_are():
    assert sentence("moments") == (
        "Mean 0.40 at slope 0, 0.00 at slope 1; mean square 0.50 at slope 0, 1.00 at slope 1; all "
        "within 0.01 of the formulas."
    )
    assert "up to 0.05 away from the formulas" in FIGURES["moments"][1]()[1]


def test_signals_tells_the_growth_since_layer_1():
    assert sentence("signals") == (
        "Mean square of z in layer 3, in units of layer 1: He for ReLU 4. Shaded: 95 % intervals."
    )


def test_pairs_need_the_same_seeds():
    with pytest.raises(ValueError, match="pair"):
        leak.race(
            {"d": ("right", {"nothing": [1.0, 2.0], "slope 0.1": [1.0, 2.0, 3.0]})}, "nothing"
        )
