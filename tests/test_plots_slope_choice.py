"""The figures of notebook 08: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.datasets import measured
from helpers.plots import slope_choice as plots
from helpers.stats import Interval, mean_interval

AT = np.linspace(-3, 3, 7)[:, np.newaxis]
FITS = {0.0: np.add(np.sin(AT[:, 0]), [[0.1], [0.2], [0.1]]), 1.0: np.zeros((3, 7))}
ERROR = np.array([[0.01, 0.02, 0.03], [0.19, 0.2, 0.21]])
COURSES = {0.0: np.full((5, 3), 10.0), 0.3: np.array([[10.0, 40.0, 70.0, 80.0, 90.0]] * 3).T}
GROW = {(0.0, 2.0): np.array([[2.0, 2.8, 4.1], [2.0, 2.9, 3.9]])}
STORED = {
    "slopes": [0, 0.1, 1],
    "depths": [2, 10],
    "rates": [0.001, 0.01],
    "seeds": 2,
    "rescue_slopes": [0, 0.1],
    "rescue": {
        "SGD": {"bias": -2, "epochs": 20, "needed": [[0, 0, 0], [3, 5, 0]]},
        "Adam": {"bias": -8, "epochs": 40, "needed": [[0, 0, 0], [10, 12, 14]]},
    },
    "results": {
        "digits": [
            [[[90.0, 91.0], [90.0, 92.0], [89.0, 90.0]], [[80.0, 82.0], [90.0, 92.0], [40, 42]]],
            [[[50.0, 52.0], [60.0, 62.0], [70.0, 72.0]], [[70.0, 70.0], [60.0, 62.0], [60, 60]]],
        ]
    },
}
FOUND = {
    "digits, 2 layers": Interval(0.5, -0.2, 1.2),
    "digits, 5 layers": Interval(4.0, 3.0, 5.0),
    "spirals, 2 layers": Interval(-9.4, -10.0, -8.8),
}
LOST = {
    "digits, 2 layers": [Interval(0.0, 0.0, 0.0), Interval(6.0, 5.0, 7.0)],
    "spirals, 2 layers": [Interval(2.0, 1.0, 3.0), Interval(1.0, -1.0, 3.0)],
}


def changed(task_row):
    """Give the stored sweep with one other number."""
    results = [[[list(row) for row in cell] for cell in rows] for rows in task_row]
    results[0][0][0][0] += 7
    return STORED | {"results": {"digits": results}}


OTHER = changed(STORED["results"]["digits"])
MORE_NEEDED = {"SGD": {"bias": -2, "epochs": 20, "needed": [[0, 0, 9], [3, 5, 0]]}}

FIGURES = {
    "lines": (
        lambda: plots.lines({"one": 0.01, "two": 0.3, "three": 0.01}),
        lambda: plots.lines({"one": 0.01, "two": 0.2, "three": 0.01}),
    ),
    "bends": (lambda: plots.bends([-0.1, 0.0, 1.5]), lambda: plots.bends([-0.1, 0.0, 1.4])),
    "sine_fits": (
        lambda: plots.sine_fits(AT, FITS, drawn=2),
        lambda: plots.sine_fits(AT, FITS | {1.0: np.ones((3, 7))}, drawn=2),
    ),
    "errors": (
        lambda: plots.errors([0.0, 1.0], ERROR, 0.205),
        lambda: plots.errors([0.0, 1.0], ERROR + 0.01, 0.205),
    ),
    "courses": (
        lambda: plots.courses(COURSES, goal=80),
        lambda: plots.courses(COURSES | {0.0: np.full((5, 3), 11.0)}, goal=80),
    ),
    "waiting": (
        lambda: plots.waiting(STORED),
        lambda: plots.waiting(STORED | {"rescue": STORED["rescue"] | MORE_NEEDED}),
    ),
    "growth": (
        lambda: plots.growth({"a": GROW, "b": GROW}, dots=3),
        lambda: plots.growth({"a": GROW, "b": {(0.3, 2.0): GROW[0.0, 2.0]}}, dots=3),
    ),
    "heat": (lambda: plots.heat(STORED, "digits"), lambda: plots.heat(OTHER, "digits")),
    "heat, measured": (
        lambda: plots.heat(measured("slope_sweep"), "digits"),
        lambda: plots.heat(measured("slope_sweep"), "spirals"),
    ),
    "profiles": (lambda: plots.profiles(STORED), lambda: plots.profiles(OTHER)),
    "differences": (
        lambda: plots.differences(FOUND, 0.01, 0.3),
        lambda: plots.differences(FOUND | {"digits, 2 layers": Interval(0.5, 0.2, 0.8)}, 0.01, 0.3),
    ),
    "shortfalls": (
        lambda: plots.shortfalls([0, -0.1], LOST),
        lambda: plots.shortfalls([0, -0.1], LOST | {"spirals, 2 layers": LOST["digits, 2 layers"]}),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def test_lines_count_and_name_the_slopes():
    assert sentence("lines") == (
        "3 defaults, 2 different slopes, from 0.01 (one, three) to 0.3 (two): a factor of 30."
    )


def test_bends_tell_what_is_left_of_relu():
    assert "Slope −0.1 bends by 1.1; slope 0 bends by 1; slope 1.5 bends by −0.5." in sentence(
        "bends"
    )


def test_sine_fits_and_errors_tell_means_and_half_widths():
    half = mean_interval(ERROR[0]).half_width
    squares = mean_interval([0.01, 0.04, 0.01])
    assert f"slope 0 misses by 0.020 ± {squares.half_width:.3f}" in sentence("sine_fits")
    assert "2 of 3 networks are drawn" in sentence("sine_fits")
    assert f"0: 0.020 ± {half:.3f}; 1: 0.200" in sentence("errors")
    assert sentence("errors").endswith("The best straight line: 0.205.")


def test_courses_tell_where_each_slope_ends():
    assert sentence("courses") == (
        "3 networks each, after 4 epochs, by slope, mean ± half of the interval: 0: 10 ± 0 %; "
        "0.3: 90 ± 0 %."
    )


def test_waiting_tells_who_came_late_and_who_never():
    text = sentence("waiting")
    assert "SGD from bias −2: 0 never, 0.1 3 to 5, 1 never." in text
    assert "Adam from bias −8: 0 never, 0.1 10 to 14." in text


def test_growth_draws_the_formula_through_the_first_layer():
    text = sentence("growth")
    assert "slope 0 with gain 2.00: 10^0.6" in text
    assert "by the formula 10^0.6" in text  # 2 times the root of 2, twice: 4
    fig, _ = FIGURES["growth"][0]()
    line = next(line for line in fig.axes[0].lines if line.get_label().startswith("slope"))
    np.testing.assert_allclose(10 ** line.get_ydata(), [2, 2 * 2**0.5, 4])


def test_heat_marks_the_best_of_each_row_and_tells_the_spans():
    text = sentence("heat")
    assert "4 settings by 3 slopes, 2 networks each" in text
    assert "1 of 8 fields" in text
    assert "loses 1.5 points at 2 layers, rate 0.001, and 50.0 at 2 layers, rate 0.01." in text
    fig, _ = FIGURES["heat"][0]()
    words = [text.get_text() for text in fig.axes[0].texts]
    assert [word for word in words if word.startswith("[")] == ["[91]", "[91]", "[71]", "[70]"]
    assert [word for word in words if word.startswith("−")] == [
        *("−2", "−10", "−50", "−20", "−10", "−9", "−10")
    ]


def test_profiles_tell_the_highest_mean_of_each_curve():
    text = sentence("profiles")
    assert "digits at rate 0.001 2 layers 0.1, 10 layers 1; digits at rate 0.01 2 layers" in text
    assert text.endswith("2 layers 0.1, 10 layers 0.")


def test_differences_say_which_include_zero():
    text = sentence("differences")
    assert "in 1 of 3 settings the interval includes 0 (hollow), in 1 it lies above, in 1" in text
    assert "From −9.4 [−10.0, −8.8] to 4.0 [3.0, 5.0] points." in text
    fig, _ = FIGURES["differences"][0]()
    hollow = [line for line in fig.axes[0].lines if line.get_markerfacecolor() == "white"]
    assert [line.get_label() for line in hollow] == ["digits, 2 layers"]


def test_shortfalls_tell_the_worst_setting_of_each_slope():
    text = sentence("shortfalls")
    assert "0 2.0 [1.0, 3.0]; −0.1 6.0 [5.0, 7.0]. Least at slope 0." in text


def test_settings_are_in_the_order_of_the_results():
    names, cells = plots.settings(STORED, "digits")
    assert names[0] == "2 layers, rate 0.001"
    assert names[-1] == "10 layers, rate 0.01"
    assert cells[-1].shape == (3, 2)
    assert cells[2][2].tolist() == [70.0, 72.0]


def test_each_slope_has_its_look():
    assert plots._look(0.0, 3)[0] == plots.BLUE
    assert plots._look(1.0, 3)[0] == plots.GREY
    assert plots._look(1.5, 3)[0] == plots._look(-0.1, 0)[0] == plots.PURPLE
    assert plots._look(0.1, 0)[1:] != plots._look(0.1, 1)[1:]


def test_the_stored_sweep_is_complete_and_names_no_place():
    stored = measured("slope_sweep")
    assert "/" not in str({key: value for key, value in stored.items() if key != "results"})
    assert {"numpy", "torch", "processor", "system", "date", "training"} <= stored.keys()
    assert set(stored["slopes"]) >= {0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, -0.1, 1.5}
    shape = [len(stored[key]) for key in ("depths", "rates", "slopes")]
    for results in stored["results"].values():
        values = np.array(results)
        assert values.shape == (*shape, stored["seeds"])
        assert ((values >= 0) & (values <= 100)).all()
    assert stored["seeds"] >= 40  # the first 20 choose, the last 20 judge
    for arm in stored["rescue"].values():
        needed = np.array(arm["needed"])
        assert needed.shape == (len(stored["rescue_slopes"]), 20)
        assert ((needed >= 0) & (needed <= arm["epochs"])).all()
        assert not needed[0].any()  # ReLU: never


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="nan or inf"):
        plots.errors([0.0], [[np.nan, 1.0]], 0.2)
    with pytest.raises(KeyError):
        plots.heat(STORED, "spirals")
