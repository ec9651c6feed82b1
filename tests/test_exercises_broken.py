"""Mend broken code: untouched it is *not tried yet*, touched it is judged like any answer."""

import numpy as np
import pytest

from helpers.exercises import progress
from helpers.exercises.answers import same_code
from helpers.exercises.engine import Misconception
from helpers.exercises.functions import WriteFunction


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))


# fmt: off
def broken(z, slope=0.01):
    return np.where(z > 0, slope * z, z)


def commented(z, slope=0.01):
    # What is wrong here?
    return np.where(z>0,  slope*z, z)


def documented(z, slope=0.01):
    """Leak."""

    return np.where(z > 0, slope * z, z)
# fmt: on


def renamed(x, slope=0.01):
    return np.where(x > 0, slope * x, x)


def as_integer(z, slope=0.01):
    return np.where(z > False, slope * z, z)


def other_default(z, slope=0.02):
    return np.where(z > 0, slope * z, z)


def calls_it(z, slope=0.01):
    return broken(z, slope)


def mended(z, slope=0.01):
    return np.where(z > 0, z, slope * z)


def inner_broken(z, slope=0.01):
    return np.array([(lambda v: slope * v if v > 0 else v)(v) for v in np.ravel(z)])


def inner_changed(z, slope=0.01):
    return np.array([(lambda v: slope * v if v < 0 else v)(v) for v in np.ravel(z)])


def make(**changes):
    declared = {
        "key": "demo.leaky",
        "reference": lambda z, slope=0.01: np.where(z > 0, z, slope * z),
        "cases": {"a row": (np.array([-1.0, 0.0, 2.0]), 0.1)},
        "broken": broken,
        "misconceptions": [Misconception("the sides swapped", "Turn round.", wrong=(broken,))],
        "hints": ["Which side leaks?"],
        "right": "It leaks below 0.",
    }
    return WriteFunction(**(declared | changes))


@pytest.mark.parametrize("same", [broken, commented, documented])
def test_the_broken_code_as_it_stands_is_not_tried(same):
    feedback = make().check(same)
    assert feedback.state == "not tried yet"
    assert feedback.message.startswith("This is still the broken `leaky`, or a stub.")
    assert progress.load_all() == {}


@pytest.mark.parametrize("changed", [renamed, as_integer, other_default, calls_it])
def test_broken_code_that_was_touched_is_judged(changed):
    assert make().check(changed).misconception == "the sides swapped"


def test_mended_code_is_right_and_stubs_are_stubs():
    assert make().check(mended).state == "right"
    assert make().check(lambda z, slope: ...).state == "not tried yet"
    assert make().check(...).state == "not tried yet"


def test_without_broken_code_nothing_changes():
    feedback = make(broken=None).check(broken)
    assert feedback.misconception == "the sides swapped"
    assert make(broken=None).check(...).message.startswith("Write the function `leaky`, then")


def test_code_within_code_is_compared():
    assert same_code(inner_broken, inner_broken)
    assert not same_code(inner_broken, inner_changed)
    assert make(broken=inner_broken).check(inner_broken).state == "not tried yet"


@pytest.mark.parametrize("thing", [None, 3, len, np.maximum, "code", print])
def test_what_has_no_code_is_the_same_as_nothing(thing):
    assert not same_code(thing, thing)
    assert not same_code(broken, thing)


# --- stubs that raise ----------------------------------------------------------------------------


def stub(z, slope=0.01):
    raise NotImplementedError("your lines here")


def begun_stub(z, slope=0.01):
    positive = z > 0
    raise NotImplementedError(f"what about {positive}?")


@pytest.mark.parametrize("function", [stub, begun_stub])
def test_a_stub_that_raises_is_not_tried(function):
    assert make().check(function).state == "not tried yet"


def test_a_stub_within_a_function_is_not_tried():
    assert make().check(lambda z, slope: begun_stub(z)).state == "not tried yet"


def test_what_a_library_lacks_is_an_error_and_no_stub():
    """torch's leaky ReLU takes no integers, and says so by the same error."""
    torch = pytest.importorskip("torch")

    def with_torch(z, slope):
        return torch.nn.functional.leaky_relu(torch.tensor([1]), slope)

    with pytest.raises(NotImplementedError):
        with_torch(0, 0.1)
    feedback = make().check(with_torch)
    assert feedback.state == "not right yet"
    assert "raised NotImplementedError" in repr(feedback)


def test_code_is_the_same_wherever_its_module_was_imported():
    source = "def f(z):\n    return np.exp(np.maximum(z, 0)).sum(axis=0)\n"
    one, other = {}, {"np": np}
    exec(f"import numpy as np\n{source}", one)  # as in a file
    exec(source, other)  # as in a notebook, where another cell imports
    assert same_code(one["f"], other["f"])
    exec(source.replace("exp", "log"), other)
    assert not same_code(one["f"], other["f"])
