"""No mutant of a solution passes its exercise's check, unless it does the same as the solution.

What passes is on the list below, each with its reason; whatever is on it has to pass, so that the
list stays as short as it can be. All mutants of all solutions of `WriteFunction` are tried: about
700, in ten seconds, without the recognition of misconceptions, which changes no verdict.
"""

import inspect

import numpy as np
import pytest
from mutants import mutants
from test_exercise_banks import SOLUTIONS, each_exercise

from helpers.exercises.functions import WriteFunction

pytestmark = pytest.mark.no_cover  # its lines are covered by the banks; this runs them slowly

SAME_AT_0 = "at z = 0 both sides give 0"
ORDER_OF_AXES = "the order in which axes are named does not matter"
ALSO_APART = "another line between the same corners of the square, and inputs are 0 or 1"
EQUIVALENT = {
    ("change_framework.torch_layer", "z > 0 -> z >= 0"): SAME_AT_0,
    ("choose_the_slope.leaky", "z > 0 -> z >= 0"): SAME_AT_0,
    ("read_text.run_state", "z > 0 -> z >= 0"): SAME_AT_0,
    ("check_your_own_network.rate_left", "(0, 1) -> (1, 0)"): ORDER_OF_AXES,
    ("classify_images.max_pool", "(1, 3) -> (3, 1)"): ORDER_OF_AXES,
    ("check_your_own_network.rate_left", "(False, 0) -> (0, False)"): "False counts as 0",
    ("meet_a_neuron.xor", "0.5 -> 0.25"): ALSO_APART,
    ("meet_a_neuron.xor", "1.0 -> 2.0"): ALSO_APART,
    ("meet_a_neuron.xor", "1.0 -> 2.0 (2)"): ALSO_APART,
    ("meet_a_neuron.xor", "1.0 -> 0.5 (5)"): ALSO_APART,
    ("meet_a_neuron.xor", "1.0 -> 0.5 (6)"): ALSO_APART,
    ("predict_numbers.reach", "1e-09 -> 5e-10"): "both only take rounding off",
    (
        "predict_numbers.reach",
        "(len(distances) + 1) * level - 1e-09 -> (len(distances) + 1) * level",
    ): "it only takes rounding off, which learners are not asked for: no case hangs on it",
    ("read_text.clip_by_norm", "norm > bound -> norm >= bound"): "there it multiplies by 1",
}


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path))


def passing(exercise, solution, monkeypatch):
    """Return the descriptions of the mutants that pass, and of all."""
    monkeypatch.setattr(exercise, "misconceptions", ())
    monkeypatch.setattr(exercise, "limit", 1.0)  # some never end
    found = list(mutants(solution))
    return {text for text, mutant in found if exercise.check(mutant).state == "right"}, found


@each_exercise(WriteFunction)
def test_no_mutant_passes_unless_it_is_equivalent(name, exercise, monkeypatch):
    solution = getattr(SOLUTIONS[name], exercise.name)
    passed, found = passing(exercise, solution, monkeypatch)
    assert len(found) >= 3
    assert len({text for text, _ in found}) == len(found), "each has a name of its own"
    assert passed == {text for key, text in EQUIVALENT if key == exercise.key}


def test_the_list_names_exercises_that_there_are():
    keys = {f"{name}.{function}" for name in SOLUTIONS for function in vars(SOLUTIONS[name])}
    assert {key for key, _ in EQUIVALENT} <= keys
    assert all(EQUIVALENT.values()), "each has its reason"


# --- the mutants themselves --------------------------------------------------------------------


def sample(x, flag=True):
    """Something of everything."""
    total = 0
    for row in x[1:]:
        if row.max() > 2 and flag:
            total += np.sum(row, axis=0)
    return np.where(total < 3, total - 1, -total) if flag else (total, x.T)


def test_the_mutants_are_the_mistakes_that_people_make():
    found = dict(mutants(sample))
    for text in (
        "row.max() > 2 -> row.max() >= 2",
        "row.max() > 2 -> row.max() < 2",
        "row.max() > 2 and flag -> row.max() > 2 or flag",
        "row.max() > 2 and flag -> flag",
        "row.max -> row.min",
        "np.sum -> np.mean",
        "np.sum(row, axis=0) -> np.sum(row, axis=1)",
        "np.sum(row, axis=0) -> np.sum(row)",
        "total += np.sum(row, axis=0) -> total -= np.sum(row, axis=0)",
        "total += np.sum(row, axis=0) -> pass",
        "x[1:] -> x[:]",
        "total - 1 -> total + 1",
        "total - 1 -> total",
        "-total -> total",
        "np.where(total < 3, total - 1, -total) -> np.where(total < 3, -total, total - 1)",
        "True -> False",
        "3 -> 4",
        "3 -> 2",
        "(total, x.T) -> (x.T, total)",
        "x.T -> x",
    ):
        assert text in found, f"{text!r} is none of {sorted(found)}"


def test_a_mutant_differs_in_the_one_place_and_the_function_stays():
    before = inspect.getsource(sample)
    x = np.array([[9, 9], [5, 1], [1, 1]])
    assert sample(x) == -6
    found = dict(mutants(sample))
    assert found["-total -> total"](x) == 6
    assert found["x[1:] -> x[:]"](x) == -24
    assert sample(x) == -6
    assert inspect.getsource(sample) == before


def test_a_check_that_tries_too_little_is_found_out(monkeypatch):
    """Inputs above 0 alone cannot tell leaky ReLU from no activation at all."""
    lazy = WriteFunction(
        key="demo.leaky",
        reference=leaky,
        cases={"a number": (2.0,), "a row": (np.array([1.0, 3.0]),)},
        hints=[],
        right="",
    )
    passed, _ = passing(lazy, leaky, monkeypatch)
    assert "0.01 * z -> z" in passed


def leaky(z):
    return np.where(z > 0, z, 0.01 * z)
