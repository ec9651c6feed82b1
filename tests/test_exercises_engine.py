"""The engine of the exercises: what it says, what it survives, what it leaves alone."""

import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from fractions import Fraction
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient

from helpers.exercises import guard, progress
from helpers.exercises.answers import NotNumbersError, is_stub, numbers_in
from helpers.exercises.engine import Misconception
from helpers.exercises.feedback import Feedback, describe_error, shorten, show
from helpers.exercises.functions import WriteFunction
from helpers.exercises.guard import guarded
from helpers.exercises.lines import FindLine
from helpers.exercises.predictions import PredictChoice, PredictNumber
from helpers.exercises.values import GiveValues

ROOT = Path(__file__).parents[1]
STATES = {"not tried yet", "not right yet", "right", "prediction kept"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    return tmp_path / "progress"


def make_double(**changes):
    """A tiny exercise: twice x."""
    declared = {
        "key": "demo.double",
        "reference": lambda x: 2 * x,
        "cases": {
            "a number": (3.0,),
            "a row": (np.array([0.0, -1.0]),),
            "a long row": (np.arange(20.0),),
        },
        "misconceptions": [
            Misconception("squared", "That is x times x.", wrong=(lambda x: x**2,)),
            Misconception(
                "always an error", "It never works.", when=lambda trials: trials[0].answer is None
            ),
        ],
        "hints": ["What is twice x?", "Write `2 * x`."],
        "right": "It works for rows too.",
    }
    return WriteFunction(**(declared | changes))


def make_above(**changes):
    """A tiny table: b such that 0 + b stays off and 2 + b fires."""
    declared = {
        "key": "demo.above",
        "shapes": {"b": ()},
        "rows": np.array([[0.0], [2.0]]),
        "expected": np.array([0.0, 1.0]),
        "measure": lambda b: np.array([0.0, 2.0]) + b,
        "decide": lambda z: np.heaviside(z, 0.0),
        "hints": ["Where must z change its sign?"],
        "right": "Any b between -2 and 0.",
    }
    return GiveValues(**(declared | changes))


def make_guess(**changes):
    """A tiny prediction of a number."""
    declared = {
        "key": "demo.guess",
        "measured": ("share",),
        "ask": "a share between 0 and 1",
        "within": 0.1,
        "otherwise": Misconception("far off", "Look at the figure again."),
        "misconceptions": [
            Misconception("not a share", "Between 0 and 1.", when=lambda share: share > 1)
        ],
        "hints": ["About half."],
        "right": "Close.",
    }
    return PredictNumber(**(declared | changes))


def make_choice():
    return PredictChoice(
        key="demo.choice",
        measured=("share",),
        ask='"up" or "down"',
        answer="up",
        others={"down": Misconception("backwards", "It is up.")},
        hints=[],
        right="Up it is.",
    )


def text_of(feedback):
    return html.unescape(re.sub("<[^>]*>", "", feedback._repr_html_()))


# --- what it says ------------------------------------------------------------------------------


def test_the_three_answers():
    double = make_double()
    assert double.check(lambda x: ...).state == "not tried yet"
    wrong = double.check(lambda x: x**2)
    assert repr(wrong) == (
        "✗ Not right yet: squared\n"
        "Tried with a number: x = 3.0\n"
        "Expected: 6.0\n"
        "Yours: 9.0\n"
        "That is x times x."
    )
    assert repr(double.check(lambda x: x + x)) == "✓ Right\nIt works for rows too."


def test_html_says_the_same_in_words_and_icon():
    for feedback in (
        make_double().check(None),
        make_double().check(lambda x: x**2),
        make_double().check(lambda x: 2 * x),
        make_double().hint(),
        make_double().solution(),
        make_guess().predict(0.5),
    ):
        page = feedback._repr_html_()
        assert feedback.heading in text_of(feedback)
        assert f'aria-hidden="true">{repr(feedback)[0]}<' in page
        assert "background" not in page  # the theme's own
        assert not re.search(r"(?<!-)\bcolor:", page)
    assert "<code>2 * x</code>" in Feedback("hint", "Write `2 * x`.")._repr_html_()


def test_the_same_answer_gives_the_same_text():
    class Thing:
        pass

    texts = [repr(make_double().check(lambda x: Thing())) for _ in range(3)]
    assert len(set(texts)) == 1
    assert "0x" not in texts[0]


def test_everything_shown_is_escaped():
    attack = "<script>alert(1)</script>"

    class Named:
        def __repr__(self):
            return attack

    def says(x):
        print(attack)
        raise ValueError(attack)

    for feedback in (
        make_double().check(says),
        make_double().check(lambda x: Named()),
        make_double().check(Named()),
        make_double().check(attack),
        make_double().check(lambda x: attack),
        make_double().check(type(attack, (), {})),
        make_above().check(attack),
        make_guess().predict(attack),
        Feedback("right", attack, attack, ((attack, attack),), attack, attack),
    ):
        assert "<script" not in feedback._repr_html_()
        assert attack in repr(feedback), "the text itself is there"
        assert attack in text_of(feedback)


def test_long_answers_are_shortened():
    for answer in (np.zeros(10**6), list(range(10**6)), "x" * 10**6, 10**4000, {1: "y" * 10**5}):
        assert len(repr(make_double().check(lambda x, a=answer: a))) < 1500
    assert len(repr(make_double().check(lambda x: print("z" * 10**6)))) < 1500


def test_the_place_of_a_difference_in_a_long_answer():
    def slips(x):
        y = 2 * x
        if np.size(y) == 20:
            y[17] = -1.0
        return y

    assert ("First difference, at [17]", "expected 34.0, yours -1.0") in (
        make_double().check(slips).details
    )


def test_prints_are_shown_for_the_failing_input_only(capsys):
    def talks(x):
        print("got", np.size(x))
        return 2 * x if np.size(x) == 1 else x

    feedback = make_double().check(talks)
    assert ("It printed", "got 2") in feedback.details
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.5), "0.5"),
        (1 / 3, "0.333333"),
        (np.array(2), "2"),
        (np.empty((0, 2)), "[], shape (0, 2)"),
        (np.array([[True], [False]]), "[[ True], [False]], shape (2, 1)"),
        (object(), "<object object>"),
        ("a\ud800\x1b[31m", "'a\\ud800\\x1b[31m'"),
        (None, "None"),
    ],
)
def test_show(value, text):
    assert show(value) == text


def test_text_that_cannot_be_printed_is_replaced():
    assert shorten("a\ud800\x1bc\nb") == "a\ufffd\ufffdc\nb"


def test_stubs_are_told_from_attempts():
    def closure():
        y = 1
        return lambda x: y

    assert is_stub(lambda: None)
    for attempt in (lambda x: x + 1, lambda x: print("x"), closure(), len, 3):
        assert not is_stub(attempt)


def test_numbers_in_many_things():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([1.0, 2.0])
    for value in ([1, 2], (1, True + 1), np.array([1, 2], np.int8), tensor, range(1, 3)):
        assert numbers_in(value).tolist() == [1.0, 2.0]
    assert numbers_in([Fraction(1, 2), 10**30]).tolist() == [0.5, 1e30]
    for value in (None, "1", b"1", 1j, [1, None], [[1], [1, 2]], {1}, [10**400], len, object()):
        with pytest.raises(NotNumbersError):
            numbers_in(value)
    for value in (np.datetime64("2020"), tensor.requires_grad_(), (i for i in "ab")):
        with pytest.raises(NotNumbersError):
            numbers_in(value)


def test_a_coroutine_is_no_number():
    async def later(x):
        return 2 * x

    feedback = make_double().check(later)
    assert "coroutine" in repr(feedback)


def test_wrong_shape_is_said():
    feedback = make_double().check(lambda x: np.reshape(2 * x, (-1, 1)))
    assert "one number is expected, yours is an array of shape (1, 1)" in feedback.message


def test_a_misconception_is_seen_behind_a_corner_case():
    cases = {f"{i}": (float(i),) for i in range(3, 14)}
    double = make_double(cases=cases)
    assert double.check(lambda x: x**2 if x < 13 else 0.0).misconception == "squared"
    assert double.check(lambda x: x**2 if x < 11 else 0.0).misconception == ""
    assert double.check(lambda x: 1 / 0).misconception == "always an error"


def test_an_input_that_is_changed():
    def changes(x):
        if np.ndim(x):
            x[:] *= 2
            return x
        return 2 * x

    assert make_double().check(changes).misconception == "changes its input"
    assert make_double(keeps_input=False).check(changes).state == "right"


def test_other_arguments():
    assert make_double().check(lambda: 1.0).misconception == "other arguments"
    assert make_double().check(lambda x, y: x).details == (("Yours takes", "(x, y)"),)
    assert make_double().check(lambda x, *, factor=2: factor * x).state == "right"
    assert make_double().check(max).state == "not right yet"  # it has no signature
    assert make_double().check(dict.fromkeys).state == "not right yet"


# --- giving values, predicting -----------------------------------------------------------------


def test_values_over_a_table():
    above = make_above()
    assert above.check(b=-1).state == "right"
    assert above.check([[-1.0]]).state == "right"
    wrong = above.check(1)
    assert wrong.details[1:3] == (("First row that fails", "[0.0]"), ("z there", "1.0"))
    assert dict(wrong.details)["Expected"] == "0.0"
    assert dict(wrong.details)["Yours"] == "1.0"
    assert make_above(remark=lambda z: f"z is {z[1]:g}.").check(-1).message.endswith("z is 1.")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("It is *one* of two.", "It is <em>one</em> of two."),
        ("See *One neuron*.", "See <em>One neuron</em>."),
        ("(*first*) *a* & *b*", "(<em>first</em>) <em>a</em> &amp; <em>b</em>"),
        ("`2 * x * y` and 2 * x * y, x*y*z", "<code>2 * x * y</code> and 2 * x * y, x*y*z"),
        ("`*a*` or `f(*a, **b)` *", "<code>*a*</code> or <code>f(*a, **b)</code> *"),
        ("*<b>*", "<em>&lt;b&gt;</em>"),
    ],
)
def test_code_and_emphasis(text, page):
    assert f"<div>{page}</div>" in Feedback("hint", text)._repr_html_()
    assert text in repr(Feedback("hint", text))


def make_states(**changes):
    declared = {
        "key": "demo.states",
        "shapes": {"states": (3,)},
        "rows": np.array([[0.5, 0.0], [-0.5, 0.1], [-0.5, 0.0]]),
        "expected": np.array([71.0, 72.0, 73.0]),
        "measure": lambda states: states,
        "decide": lambda states: states,
        "symbol": "state",
        "misconceptions": [Misconception("C misread", "Look at C.", when=lambda s: s[2] == 1)],
        "hints": ["?"],
        "right": "Yes.",
    }
    return GiveValues(**(declared | changes))


def test_where_the_values_are_the_answers_none_is_given_away():
    """Whatever is wrong, what is expected of a row is not shown: it would be the solution."""
    feedback = make_states().check([71, 1, 2])
    assert feedback.details == (
        ("states", "[71.0, 1.0, 2.0]"),
        ("First row that fails", "B: [-0.5, 0.1]"),
        ("Your state there", "1.0"),
        ("Rows right", "1 of 3"),
    )
    assert feedback.message == "Go through B once more, by itself. Then look at the rows after it."
    for wrong in ([1, 2, 3], [2, 2, 1], [1, 1, 1]):
        said = repr(make_states().check(wrong))
        assert not any(answer in said for answer in ("Expected", "71", "72", "73")), said
    assert make_states().check([71, 72, 73]).state == "right"


def test_where_rows_only_pass_or_fail_the_measured_number_says_all():
    passes = make_states(
        measure=lambda s: s / 10, decide=lambda m: (m > 5) * 1.0, expected=np.ones(3)
    )
    feedback = passes.check([60, 20, 70])
    assert dict(feedback.details)["state there"] == "2.0"
    assert not {"Expected", "Yours"} & dict(feedback.details).keys()


def test_a_misconception_speaks_of_its_own_row():
    feedback = make_states().check([1, 72, 1])
    assert (feedback.misconception, feedback.message) == ("C misread", "Look at C.")
    assert feedback.details == (("states", "[1.0, 72.0, 1.0]"), ("Rows right", "1 of 3"))


def test_rows_that_are_only_counted_have_their_letter_alone():
    counted = make_states(rows=np.arange(1.0, 4.0)[:, None])
    assert counted.check([71, 72, 0]).details[1] == ("First row that fails", "C")
    compared = make_states(expected=np.ones(3), decide=lambda s: (s == [71, 72, 73]).astype(float))
    assert ("Your state there", "5.0") in compared.check([71, 5, 73]).details
    assert "Expected" not in repr(compared.check([71, 5, 73]))


def test_the_line_at_fault():
    find = FindLine(
        key="demo.find",
        culprits={2: "x"},
        length=3,
        misconceptions=[Misconception("the first", "Why?", when=lambda line: line == 1)],
        hints=["?"],
        right="Yes.",
    )
    assert find.check(2).state == find.check([2.0]).state == "right"
    assert find.check(1).misconception == "the first"
    assert find.check(3).message == "This line is as it should be."
    for outside in (0, 4, 1.5, -1):
        assert find.check(outside).misconception == "no such line"
    assert find.check("2").misconception == "not a number"
    assert find.check(...).state == "not tried yet"


def test_a_prediction_comes_first():
    guess = make_guess()
    assert "Predict first" in guess.check(0.5).message
    assert guess.predict(None).state == guess.predict().state == "not tried yet"
    assert guess.predict("half").state == guess.predict(np.nan).state == "not tried yet"
    assert guess.check(0.5).state == "not tried yet"
    assert guess.predict(0.45).state == "prediction kept"
    assert guess.check(0.5).state == "right"
    assert guess.check(0.9).misconception == "far off"
    assert guess.check(50).misconception == "not a share"
    assert guess.check(...).state == "not tried yet"


def test_a_prediction_outlives_the_kernel(folder):
    make_guess().predict(0.45)
    assert make_guess().check(0.5).state == "right"
    path = folder / "demo.guess.json"
    path.write_text(json.dumps({"prediction": "half"}))
    assert make_guess().check(0.5).state == "not tried yet"


def test_a_choice():
    choice = make_choice()
    assert choice.predict(" Down.").state == "prediction kept"
    assert choice.check(0.5).misconception == "backwards"
    assert choice.predict("sideways").state == "not tried yet"
    choice.predict("UP")
    assert choice.check(0.5).state == "right"


# --- hints, solution ---------------------------------------------------------------------------


def test_hints_come_one_by_one(folder):
    double = make_double()
    assert [double.hint().message for _ in range(4)] == [
        "What is twice x?",
        "Write `2 * x`.",
        "All 2 hints are shown. `ex.double.solution()` is left.",
        "All 2 hints are shown. `ex.double.solution()` is left.",
    ]
    assert progress.load("demo.double").hints == 2
    assert make_double().hint().message == "What is twice x?"  # a fresh kernel begins again


def test_the_solution_is_the_source_of_a_function():
    double = make_double(key="meet_a_neuron.neuron")
    assert "return np.where(z > 0, 1.0, 0.0)" in double.solution().code
    assert progress.load("meet_a_neuron.neuron").solution


def test_without_the_solutions_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "helpers.exercises.solutions", None)
    monkeypatch.delitem(sys.modules, "helpers.exercises.solutions.meet_a_neuron", raising=False)
    feedback = make_double(key="meet_a_neuron.neuron").solution()
    assert feedback.message == "This copy of the course comes without its solutions."
    assert not progress.load("meet_a_neuron.neuron").solution


def test_an_exercise_lists_its_calls():
    assert repr(make_double()) == (
        "Exercise demo.double: ex.double.check(double), ex.double.hint(), ex.double.solution()"
    )


# --- it never raises ---------------------------------------------------------------------------


class Hostile:
    """Raises whatever is done with it."""

    def _raise(self, *_args, **_named):
        raise SystemExit("no")

    __repr__ = __str__ = __eq__ = __hash__ = __array__ = __len__ = __iter__ = __bool__ = _raise
    __float__ = __index__ = __getitem__ = __call__ = __deepcopy__ = __getattr__ = _raise


def make_odd():
    """Build an object whose class is hostile too."""

    class Meta(type):
        def __repr__(cls):
            raise RuntimeError

        def __instancecheck__(cls, other):
            raise RuntimeError

    class Odd(metaclass=Meta):
        @property
        def __class__(self):
            raise RuntimeError("odd")

    return Odd()


class Unprintable(Exception):  # noqa: N818
    def __str__(self):
        raise RecursionError


def recurses(x):
    return recurses(x)


# Each is made when it is needed: pytest and hypothesis look at what lies around.
ODD = [
    Hostile, lambda: Hostile, make_odd, lambda: type(make_odd()), Unprintable, object,
    lambda: type, lambda: lambda: 1, lambda: lambda x: Hostile(), lambda: lambda x: make_odd(),
    lambda: (i for i in range(2)), lambda: b"1", lambda: "1", lambda: 1j, dict, lambda: {1: 2},
    lambda: [[1], [1, 2]], lambda: np.nan, lambda: -1, lambda: np.array(None),
    lambda: np.ma.masked, lambda: 10**400, lambda: range(3), lambda: NotImplemented, lambda: ...,
    lambda: None, lambda: print, lambda: len, lambda: recurses, lambda: np.array("x"),
    lambda: [Hostile()], lambda: slice(1), lambda: open, lambda: memoryview(b"a"),
    lambda: np.float64("inf"), lambda: [None], lambda: [], lambda: np.empty((0, 3)), lambda: True,
]  # fmt: skip
makers = st.lists(st.sampled_from(range(len(ODD))), max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(chosen=makers, named=makers, plain=st.floats() | st.text() | st.binary())
def test_odd_objects_never_make_a_check_raise(chosen, named, plain):
    args = [ODD[i]() for i in chosen]
    by_name = {name: ODD[i]() for name, i in zip(("b", "x", "share"), named, strict=False)}
    guess, choice = make_guess(), make_choice()
    for answer in (args, args[:1], [plain]):
        assert guess.predict(*answer).state in STATES
        assert choice.predict(*answer).state in STATES
        for exercise in (make_double(), make_above(), guess, choice):
            assert exercise.check(*answer).state in STATES
            assert exercise.check(*answer, **by_name).state in STATES
    for thing in [*args, plain]:
        feedback = make_double().check(lambda x, thing=thing: thing)
        assert feedback.state in STATES
        assert len(repr(feedback)) < 1500


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(1),
        GeneratorExit(),
        KeyboardInterrupt(),
        StopIteration(),
        BaseException("base"),
        BaseExceptionGroup("group", [KeyboardInterrupt()]),
        Unprintable(),
        MemoryError(),
        UnicodeDecodeError("utf-8", b"a", 0, 1, "bad"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_the_function_are_told(error):
    def fails(x):
        raise error

    feedback = make_double(misconceptions=[]).check(fails)
    assert feedback.state == "not right yet"
    assert f"raised {type(error).__name__}" in repr(feedback)
    assert "stops with an error" in feedback.message


def test_endless_recursion_is_told():
    assert "RecursionError" in repr(make_double().check(recurses))


def test_describe_error():
    assert describe_error(ValueError()) == "ValueError"
    assert describe_error(Unprintable()) == "Unprintable: (its message cannot be shown)"


def test_hostile_answers_are_described():
    assert "an object of type Hostile" in repr(make_double().check(lambda x: Hostile()))
    assert "cannot be read" in make_double().check(make_odd()).message


def test_called_with_other_arguments():
    for feedback in (
        make_double().check(),
        make_double().check(1, 2),
        make_above().check(w=1),
        make_guess().check(),
    ):
        assert feedback.state == "not tried yet"
        assert "Call the check like this: `ex." in feedback.message


# --- it never hangs ----------------------------------------------------------------------------


def loop(x):
    while True:
        pass


def loop_with_bare_except(x):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def loop_with_long_sleep_and_bare_except(x):
    while True:
        try:
            try:
                time.sleep(60)
            except:  # noqa: E722
                continue
        except BaseException:
            print("still here")


def loop_that_calls_one_that_swallows(x):
    def inner():
        try:
            while True:
                try:  # noqa: SIM105
                    time.sleep(1)
                except:  # noqa: E722
                    pass
        except:  # noqa: E722
            pass

    while True:
        try:  # noqa: SIM105
            inner()
        except:  # noqa: E722
            pass


def sleeps(x):
    time.sleep(60)


def sleeps_again_in_finally(x):
    try:
        time.sleep(60)
    finally:
        time.sleep(60)


def swallows_and_answers(x):
    try:
        time.sleep(60)
    except BaseException:
        return 2 * x


def prints_without_end(x):
    while True:
        print("again and again")


class LoopsWhenRead:
    def __array__(self, *_args, **_named):
        while True:
            pass


ENDLESS = [
    loop,
    loop_with_bare_except,
    loop_with_long_sleep_and_bare_except,
    loop_that_calls_one_that_swallows,
    sleeps,
    sleeps_again_in_finally,
    swallows_and_answers,
    prints_without_end,
    lambda x: LoopsWhenRead(),
]


@pytest.mark.skipif(os.name == "nt", reason="a sleep is not ended there")
@pytest.mark.parametrize("endless", ENDLESS, ids=lambda f: f.__name__)
def test_endless_code_is_stopped(endless):
    handler, tracer, stdout = signal.getsignal(signal.SIGINT), sys.gettrace(), sys.stdout
    start = time.perf_counter()
    feedback = make_double(limit=0.1).check(endless)
    assert time.perf_counter() - start < 5
    assert feedback.misconception == "endless loop"
    assert feedback.message.startswith("Stopped after 0.1 seconds. Is there a loop")
    assert feedback.details[0][0].startswith("Tried with a ")
    assert signal.getsignal(signal.SIGINT) is handler
    assert (sys.gettrace(), sys.stdout) == (tracer, stdout)
    assert make_double().check(lambda x: 2 * x).state == "right"


def test_endless_values_are_stopped():
    assert make_above(limit=0.1).check(LoopsWhenRead()).misconception == "endless loop"


def test_no_interrupt_escapes_when_the_code_ends_at_the_limit():
    """The code's own time is varied around the limit, by less than a thread's switch."""
    endings = set()
    for i in range(60):
        pause = 0.01 + (i - 30) * 1e-4
        endings.add(guarded(lambda pause=pause: time.sleep(pause), limit=0.01).ending)
    assert endings <= {"returned", "out of time"}


def test_an_interrupt_outside_the_code_is_ignored():
    stopper = guard._Stopper(boundary=sys._getframe())
    stopper.on_interrupt(signal.SIGINT, sys._getframe())
    stopper.armed = True
    stopper.on_interrupt(signal.SIGINT, sys._getframe())
    assert stopper.reason == ""


def test_no_interrupt_inside_coverage_or_a_debugger():
    """They may hold a lock there, which nobody would give back."""
    stopper = guard._Stopper(boundary=sys._getframe())
    stopper.armed = True
    module = {"__name__": "coverage.collector", "stop": stopper.on_interrupt, "sys": sys}
    exec("def lock_data(): stop(2, sys._getframe())", module)
    module["lock_data"]()
    assert stopper.reason == ""
    module["__name__"] = "notebook"
    with pytest.raises(guard.Stopped):
        module["lock_data"]()


def test_an_interrupt_after_the_code_is_a_verdict_too(monkeypatch):
    def describe(error):
        raise guard.Stopped

    monkeypatch.setattr(guard, "describe_error", describe)
    assert guarded(lambda: 1 / 0).ending == "raised"


def test_ctrl_c_is_told_from_the_limit():
    def interrupted(x):
        signal.raise_signal(signal.SIGINT)
        return 2 * x

    feedback = make_double().check(interrupted)
    assert repr(feedback) == "○ Not tried yet\nStopped by you, before the check had an answer."


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_it_works_where_interrupts_are_ignored(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        assert make_double(limit=0.1).check(loop).misconception == "endless loop"
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_have_no_limit_but_work():
    results = []

    def work():
        slow = make_double(limit=0.01).check(lambda x: time.sleep(0.02) or 2 * x)
        results.append(slow.state)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == ["right"]


NOTEBOOK = """
from helpers.exercises import meet_a_neuron as ex
ex.neuron.limit = 0.5
def neuron(x, w, b):
    while True:
        try:
            import time; time.sleep(1)
        except:
            pass
def typed(x, w, b):
    return input("z? ")
---
first = ex.neuron.check(neuron); first
---
print(first.misconception, "and on")
---
ex.neuron.check(typed)
---
await __import__("asyncio").sleep(0)
print(ex.neuron.check(neuron).misconception)
---
import os, signal, threading
ex.neuron.limit = 20
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
ex.neuron.check(lambda x, w, b: __import__("time").sleep(10))
---
print(ex.neuron.check(lambda x, w, b: x @ w + b > 0).state)
"""


@pytest.mark.skipif(os.name == "nt", reason="a sleep is not ended there")
def test_a_real_kernel_goes_on_after_an_endless_loop():
    """Bare except, input(), a cell with await, and the user's own interrupt."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in NOTEBOOK.split("---")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with warnings.catch_warnings(action="ignore"):
        client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": ROOT}})
        client.execute()
    outputs = [cell.outputs for cell in cells[1:]]
    data = outputs[0][0].data
    assert data["text/plain"].startswith("✗ Not right yet: endless loop")
    assert "endless loop" in data["text/html"]
    assert outputs[1][0].text == "endless loop and on\n"
    assert "Not right yet" in outputs[2][0].data["text/plain"]
    assert outputs[3][0].text == "endless loop\n"
    assert "Stopped by you" in outputs[4][0].data["text/plain"]
    assert outputs[5][0].text == "right\n"


# --- it leaves things alone --------------------------------------------------------------------


def test_global_states_are_put_back():
    torch = pytest.importorskip("torch")

    def meddles(x):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        torch.manual_seed(1)
        np.seterr(all="raise")
        warnings.simplefilter("error")
        sys.stdout = sys.stderr
        warnings.warn("a warning", stacklevel=1)
        return 2 * x

    def state():
        numpy_state = np.random.get_state()  # noqa: NPY002
        return (
            random.getstate(),
            [np.array(part).tolist() for part in numpy_state],
            torch.get_rng_state().tolist(),
            np.geterr(),
            warnings.filters[:],
            sys.stdout,
        )

    before = state()
    make_double(misconceptions=[]).check(meddles)
    assert state() == before


def test_what_the_function_gets_is_a_copy():
    double = make_double()
    case = double.cases["a row"][0]

    def changes(x):
        if np.ndim(x):
            x[:] = 99
        return x

    double.check(changes)
    assert case.tolist() == [0.0, -1.0]
    assert double.check(lambda x: 2 * x).state == "right"


def test_arrays_given_to_a_check_are_not_changed():
    def measure(b):
        b -= 1
        return np.array([0.0, 2.0]) + b

    b = np.array([0.0])
    assert make_above(measure=measure).check(b).state == "right"
    assert b.tolist() == [0.0]


def test_torch_is_never_imported():
    code = "import sys; import helpers.exercises.meet_a_neuron; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr


# --- progress ----------------------------------------------------------------------------------


def test_progress_is_kept_and_never_lost(folder):
    double = make_double()
    double.check(lambda x: ...)
    assert progress.load_all() == {}
    double.check(lambda x: x)
    assert progress.load("demo.double").state == "not right yet"
    double.check(lambda x: 2 * x)
    double.check(lambda x: x)
    double.hint()
    make_above().check(1)
    assert progress.load_all() == {
        "demo.above": progress.Record("not right yet"),
        "demo.double": progress.Record("right", hints=1),
    }
    assert sorted(path.name for path in folder.iterdir()) == [
        "demo.above.json",
        "demo.double.json",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"right"', '{"state": "perfect"}', '{"hints": -0.5}', '{"x": 1}',
     '{"solution": 1}', '{"prediction": []}', "\x00\x01", "[" * 10**5],
)  # fmt: skip
def test_a_damaged_file_reads_as_empty_and_is_replaced(folder, text):
    folder.mkdir()
    path = folder / "demo.double.json"
    path.write_text(text)
    assert progress.load("demo.double") == progress.Record()
    make_double().check(lambda x: 2 * x)
    assert progress.load("demo.double").state == "right"


def test_bytes_that_are_no_text(folder):
    folder.mkdir()
    (folder / "demo.double.json").write_bytes(b"\xff\xfe\xfa")
    assert progress.load("demo.double") == progress.Record()


def test_an_unwritable_folder_is_one_quiet_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "file"))
    feedback = make_double().check(lambda x: 2 * x)
    assert feedback.state == "right"
    assert feedback.note == f"(Your progress could not be saved in {tmp_path / 'file'}.)"
    assert feedback.note in text_of(feedback)
    assert progress.load_all() == {}


def test_a_crash_while_writing_leaves_the_old_file(folder, monkeypatch):
    progress.save("demo.double", progress.Record(hints=1))

    def crash(*_args):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        assert not progress.save("demo.double", progress.Record("right"))
    assert progress.load("demo.double") == progress.Record(hints=1)
    assert [path.name for path in folder.iterdir()] == ["demo.double.json"]


def test_a_lock_left_by_a_crash_is_passed_over(folder):
    folder.mkdir()
    (folder / "demo.double.lock").write_text("")
    assert progress.save("demo.double", progress.Record("right"))
    assert [path.name for path in folder.iterdir()] == ["demo.double.json"]


def test_the_default_folder_is_inside_the_current_one(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_PROGRESS_DIR")
    monkeypatch.chdir(tmp_path)
    make_double().check(lambda x: 2 * x)
    assert (tmp_path / "progress" / "demo.double.json").exists()


def test_two_processes_lose_nothing():
    code = textwrap.dedent("""
        import sys
        from helpers.exercises.progress import Record, save
        first = sys.argv[1] == "first"
        for i in range(100):
            assert save("demo.shared", Record("not right yet", hints=0 if first else i))
            assert save(f"demo.own-{sys.argv[1]}-{i % 5}", Record("right"))
            if first and i == 50:
                assert save("demo.shared", Record("right", solution=True))
    """)
    runs = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in ("first", "second")
    ]
    for run in runs:
        _, errors = run.communicate(timeout=60)
        assert run.returncode == 0, errors
    assert progress.load("demo.shared") == progress.Record("right", hints=99, solution=True)
    assert len(progress.load_all()) == 11


def test_functions_may_be_arguments():
    def apply(f, x):
        return f[0](x) if isinstance(f, list) else f(x)

    cases = {"a root": (np.sqrt, 16.0), "a list of one": ([np.sin], 1.0)}
    exercise = make_double(reference=apply, cases=cases)
    assert exercise.check(lambda f, x: apply(f, x)).state == "right"

    def adds_to_the_list(f, x):
        if isinstance(f, list):
            f.append(np.cos)
        return apply(f, x)

    assert exercise.check(adds_to_the_list).misconception == "changes its input"
