"""Figures of notebook 12: sentences say what the data say, and other data look otherwise."""

import numpy as np
import pytest

from helpers.plots import images as draw
from helpers.plots.images import ARMS, WAYS

RNG = np.random.default_rng(0)
PICTURE = np.array([[0.0, 0, 1, 1]] * 4)
FILTER = np.array([[-1.0, 1], [-1, 1]])
ANSWERS = np.array([[0.0, 2, 0]] * 3)


def results(seeds: int = 6) -> dict:
    """Make results of the form of measured("images"), with round means."""

    def arm(mean, off=(0.0, 0.0)):
        wobble = np.linspace(-0.3, 0.3, seeds)
        return {
            "rate": 0.02,
            "tuning": [[mean - 1 + k / 10] * 5 for k in range(4)],
            "test": (mean + wobble).tolist(),
            "off": [list(off)] * seeds,
        }

    labels = [f"{name}, {way}" for way in WAYS for name in ARMS]
    tried = {"rates": [0.002, 0.006, 0.02, 0.06], "tuning_seeds": list(range(5))}
    tasks = {
        "digits": {
            **tried,
            "seeds": list(range(seeds)),
            "arms": {label: arm(98 + k / 10) for k, label in enumerate(labels)},
        },
        "hard digits": {
            **tried,
            "seeds": list(range(seeds)),
            "arms": {label: arm(70 + k) for k, label in enumerate(labels)},
        },
    }
    high = {
        label: {"0.06": arm(90 - k, (30.0, 60.0)), "0.18": arm(50 + k, (60.0, 90.0))}
        for k, label in enumerate(labels)
    }
    too_high = {"rates": [0.06, 0.18], "seeds": list(range(seeds)), "arms": high}
    return {"tasks": tasks, "too_high": too_high}


def other_results() -> dict:
    """Make results in which one network of each comparison came out otherwise."""
    told = results()
    tasks = told["tasks"]
    tasks["hard digits"]["arms"]["leaky_relu 0.1, plain"]["test"][0] += 1.0
    tasks["digits"]["arms"]["relu, plain"]["tuning"][0][0] += 1.0
    told["too_high"]["arms"]["relu, normalised"]["0.18"]["test"][0] += 1.0
    return told


MAPS = np.linspace(0, 1, 36).reshape(4, 3, 3)
OTHER = MAPS - 0.1 * (np.arange(36).reshape(4, 3, 3) == 22)
MARGINS = {"digits": 1.0, "hard digits": 1.0}
FIGURES = {
    "sliding": (
        lambda: draw.sliding(PICTURE, FILTER, ANSWERS, at=(1, 1)),
        lambda: draw.sliding(PICTURE, FILTER, 2 * ANSWERS, at=(1, 1)),
    ),
    "filters": (lambda: draw.filters(2 * MAPS - 1), lambda: draw.filters(2 * OTHER - 1)),
    "feature_maps": (
        lambda: draw.feature_maps(PICTURE, MAPS),
        lambda: draw.feature_maps(PICTURE, OTHER),
    ),
    "firing": (lambda: draw.firing(MAPS, 9), lambda: draw.firing(OTHER, 9)),
    "race": (lambda: draw.race(results()["tasks"]), lambda: draw.race(other_results()["tasks"])),
    "differences": (
        lambda: draw.differences(results()["tasks"], MARGINS),
        lambda: draw.differences(other_results()["tasks"], MARGINS),
    ),
    "rates": (lambda: draw.rates(results()), lambda: draw.rates(other_results())),
    "tuning": (
        lambda: draw.tuning(results()["tasks"]),
        lambda: draw.tuning(other_results()["tasks"]),
    ),
}


# --- a filter ---


def test_sliding_tells_the_answer_at_the_window() -> None:
    _, text = draw.sliding(PICTURE, FILTER, ANSWERS, at=(1, 1))
    assert text == (
        "The window at row 1, column 1 of the picture, times the filter, added up: 2 in the map. "
        "9 places, the same 4 weights at each."
    )
    _, text = draw.sliding(PICTURE, FILTER, -ANSWERS, at=(2, 1))
    assert "row 2, column 1" in text
    assert "−2 in the map" in text


def test_sliding_marks_the_window_and_its_answer() -> None:
    fig, _ = draw.sliding(PICTURE, FILTER, ANSWERS, at=(2, 1))
    window, answer = (fig.axes[k].patches[0] for k in (0, 2))
    assert (window.get_xy(), window.get_width(), window.get_height()) == ((0.5, 1.5), 2, 2)
    assert (answer.get_xy(), answer.get_width()) == ((0.5, 1.5), 1)
    assert [text.get_text() for text in fig.axes[1].texts] == ["−1", "1", "−1", "1"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((PICTURE[0], FILTER, ANSWERS), "two axes"),
        ((PICTURE, FILTER, ANSWERS[:2]), r"gives \(.*3.*3.*\) answers"),
        ((PICTURE, FILTER, ANSWERS, (3, 0)), "marked at"),
        ((PICTURE, FILTER, ANSWERS, (0, -1)), "marked at"),
    ],
)
def test_sliding_refuses_what_does_not_fit(arguments: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        draw.sliding(*arguments)


def test_filters_tell_their_span_and_share() -> None:
    weights = np.array([[[1.0, -2.0], [0.1, 0.5]], [[-1.0, -1.0], [2.5, 1.0]]])
    fig, text = draw.filters(weights)
    assert text.startswith("2 filters of 2 × 2 weights, from −2.0 to 2.5; 62 % are positive.")
    assert [one.get_text() for one in fig.axes[0].texts] == ["+", "−"]


@pytest.mark.parametrize("count", [1, 8, 11, 16])
def test_any_number_of_channels_has_its_place(count: int) -> None:
    weights = RNG.normal(size=(count, 3, 3))
    for fig, _ in (draw.filters(weights), draw.firing(np.abs(weights).clip(0, 1), 9)):
        assert sum(bool(ax.images) for ax in fig.axes) == count
    fig, _ = draw.feature_maps(np.ones((8, 8)), np.abs(weights))
    assert sum(bool(ax.images) for ax in fig.axes) == count + 1


def test_feature_maps_count_zeros_and_empty_maps() -> None:
    maps = np.zeros((4, 2, 2))
    maps[0] = 1.0
    maps[1, 0, 0] = 3.0
    _, text = draw.feature_maps(np.ones((4, 4)), maps)
    assert text == (
        "What 4 channels make of one picture: 69 % of the 16 pixels of their maps are 0; 2 of 4 "
        "maps are empty."
    )


def test_firing_crosses_out_what_never_fires() -> None:
    share = np.full((3, 2, 2), 0.5)
    share[1] = 0.0
    share[2, 1, 0] = 0.0
    fig, text = draw.firing(share, 1011)
    assert "a cross: for none of 1,011 pictures. Crosses: 5 of 12 pixels." in text
    assert "nothing but crosses: 1 of 3" in text
    crosses = [ax.lines[0].get_xydata().tolist() for ax in fig.axes[:3]]
    assert crosses[0] == []
    assert len(crosses[1]) == 4
    assert crosses[2] == [[0, 1]]


@pytest.mark.parametrize("shape", [(3, 3), (2, 1, 3, 3)])
def test_maps_of_another_shape_are_refused(shape: tuple) -> None:
    with pytest.raises(ValueError, match="channels, h, w"):
        draw.filters(np.ones(shape))
    with pytest.raises(ValueError, match="channels, h, w"):
        draw.firing(np.ones(shape), 5)
    with pytest.raises(ValueError, match="channels, h, w"):
        draw.feature_maps(np.ones((8, 8)), np.ones(shape))
    with pytest.raises(ValueError, match=r"\(H, W\)"):
        draw.feature_maps(np.ones(8), np.ones((2, 8, 8)))


def test_empty_maps_can_be_drawn() -> None:
    _, text = draw.feature_maps(np.zeros((8, 8)), np.zeros((2, 8, 8)))
    assert "100 % of the 128 pixels" in text
    assert "0 × 0" not in draw.filters(np.zeros((2, 3, 3)))[1]


# --- the comparison ---


def test_race_tells_each_mean() -> None:
    fig, text = draw.race(results()["tasks"])
    assert text.startswith("Mean [95 % interval] of 6 seeds, the bar. digits: ReLU, plain 98.0 [")
    assert "leaky 0.01, plain 98.1 [" in text
    assert "hard digits: ReLU, plain 70.0 [" in text
    assert "leaky 0.1, normalised 75.0 [" in text
    labels = [label.get_text() for label in fig.axes[0].get_yticklabels()]
    assert labels[0] == "ReLU, plain"
    assert labels[5] == "leaky 0.1, normalised"
    dots = fig.axes[1].lines[0].get_xdata()
    np.testing.assert_allclose(
        dots, results()["tasks"]["hard digits"]["arms"]["relu, plain"]["test"]
    )


def test_differences_are_paired_and_told_with_their_band() -> None:
    fig, text = draw.differences(results()["tasks"], {"digits": 0.5, "hard digits": 2})
    assert "digits, band ±0.5: leaky 0.01 − ReLU, plain +0.1 [+0.1, +0.1]" in text
    assert "hard digits, band ±2: leaky 0.01 − ReLU, plain +1.0 [+1.0, +1.0]" in text
    assert "ReLU, normalised − plain +3.0" in text
    assert fig.axes[1].get_xlim()[1] > 3


def test_a_difference_that_may_be_none_has_an_open_mark() -> None:
    told = results()["tasks"]
    leaky = told["digits"]["arms"]["leaky_relu 0.01, plain"]
    leaky["test"] = [98.0 + x for x in (0.5, -0.5, 0.4, -0.4, 0.3, -0.31)]
    fig, text = draw.differences(told, {"digits": 0.5, "hard digits": 2})
    marks = {
        line.get_markerfacecolor()
        for line in fig.axes[0].lines
        if line.get_marker() == ARMS["leaky_relu 0.01"][1] and line.get_ydata()[0] == 0
    }
    assert marks == {"white"}
    assert "leaky 0.01 − ReLU, plain 0.0 [" in text


def test_rates_weigh_layers_by_their_channels() -> None:
    fig, text = draw.rates(results())
    assert text.startswith(
        "Digits, 6 seeds at the best rate and 6 at each other; a cross is dead. At the"
    )
    # (30 + 2 * 60) / 3 and (60 + 2 * 90) / 3
    assert "ReLU, plain: 0, 50, 80 % off, right 50 [" in text
    assert "leaky 0.1, normalised: 0, 50, 80 % off, right 55 [" in text
    assert [label.get_text() for label in fig.axes[2].get_xticklabels()] == ["best", "0.06", "0.18"]


def test_tuning_marks_the_rate_that_was_taken() -> None:
    told = results()["tasks"]
    told["digits"]["arms"]["relu, plain"]["tuning"][3] = [10.0, 10.0, 10.0, 10.0, 60.0]
    told["digits"]["arms"]["relu, plain"]["rate"] = 0.006
    fig, text = draw.tuning(told)
    assert text.startswith("A dot is one of 5 tuning seeds, a large mark the rate taken. Means at")
    assert "digits, ReLU, plain: 97, 97, 97, 20 %, took 0.006" in text
    assert "hard digits, leaky 0.1, normalised: 74, 74, 74, 74 %, took 0.02" in text
    dots, line, mark = fig.axes[0].lines[:3]
    assert len(dots.get_xdata()) == 20
    assert line.get_ydata()[3] == 20
    assert mark.get_xydata().ravel() == pytest.approx([0.93, 97.1])
    fig, _ = draw.tuning({"digits": told["digits"]})
    assert len(fig.axes) == 2
