"""Running a learner's code so that nothing it does gets out.

Whatever the code raises is reported, not raised. It has a time limit. What it prints is kept
apart, and the global random states, NumPy's error settings and the warning filters are put back.

The limit works through SIGINT, the signal that Ctrl-C sends: a watchdog thread sends it to the
main thread when the time is up, and a handler of ours, in place only while the code runs, raises
there. Two things it cannot do: stop a single call that never returns to Python (one gigantic
NumPy operation), and work outside the main thread, where signals do not arrive; there the code
runs without a limit.
"""

import contextlib
import io
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, Literal

import numpy as np

from .feedback import describe_error

__all__ = ["Outcome", "Printed", "Stopped", "guarded"]

_AGAIN = 0.02  # seconds between interrupts, for code that swallows them
_TRACERS = {"_pydevd_bundle", "coverage", "debugpy", "pydevd"}


@dataclass(frozen=True)
class Outcome:
    """How a guarded call ended: its value, or a description of its error, or neither."""

    ending: Literal["returned", "raised", "out of time", "stopped by you"]
    value: Any = None
    error: str = ""


class Printed(io.TextIOBase):
    r"""A place for printed text that keeps the beginning only.

    Examples
    --------
    >>> printed = Printed()
    >>> print("abc", file=printed)
    >>> printed.take(), printed.take()
    ('abc\n', '')
    """

    limit = 2000

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> int:
        """Keep the text as far as there is room."""
        if len(self._text) < self.limit:
            self._text += text[: self.limit - len(self._text)]
        return len(text)

    def take(self) -> str:
        """Return what was printed since the last call."""
        text, self._text = self._text, ""
        return text


def guarded(
    function: Callable[[], object], *, limit: float = 2.0, printed: Printed | None = None
) -> Outcome:
    """Call a function without arguments and report how it ended.

    Parameters
    ----------
    function : callable
        What to call. It may do anything.
    limit : float
        Seconds until it is stopped.
    printed : Printed, optional
        Where its prints go. They never reach the screen.

    Returns
    -------
    Outcome
        Never an exception.

    Examples
    --------
    >>> guarded(lambda: 1 + 1).value
    2
    >>> guarded(lambda: 1 / 0).error
    'ZeroDivisionError: division by zero'
    """
    printed = Printed() if printed is None else printed
    stopper = _Stopper(boundary=sys._getframe())

    def call() -> Outcome:
        try:
            return Outcome("returned", value=function())
        except BaseException as error:
            return Outcome("raised", error=describe_error(error))

    outcome = Outcome("raised")
    with (
        _interrupts_go_to(stopper.on_interrupt) as can_interrupt,
        _watchdog(limit, stopper.time_is_up) if can_interrupt else contextlib.nullcontext(),
        _tracing_kept(),
        _random_states_kept(),
        np.errstate(all="ignore"),
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        try:
            stopper.armed = True
            outcome = call()
        except BaseException:  # an interrupt that arrived after the code had ended
            pass
        stopper.armed = False
    return Outcome(stopper.reason) if stopper.reason else outcome


class Stopped(BaseException):
    """Raised inside the learner's code to end it; ``except Exception`` lets it pass."""


class _Stopper:
    """Raises `Stopped` in the code below the frame `boundary`, and only there.

    An interrupt can arrive late, when the code has ended and `guarded` goes on: so nothing is
    raised unless `armed`, nor in the boundary frame itself. Nor inside a debugger or coverage,
    which may hold a lock just then; the watchdog's next interrupt follows soon.
    """

    def __init__(self, boundary: FrameType) -> None:
        self.armed = False
        self.reason: Literal["", "out of time", "stopped by you"] = ""
        self._boundary = boundary
        self._interrupts = 0
        self._lines = 0

    def time_is_up(self) -> None:
        self.reason = self.reason or "out of time"

    def on_interrupt(self, _signal: int, frame: FrameType | None) -> None:
        if not self.armed or frame is self._boundary or self._in_a_tracer(frame):
            return
        self.reason = self.reason or "stopped by you"
        self._interrupts += 1
        if self._interrupts > 1:  # the first was swallowed
            sys.setprofile(self._trace_from)
            self._trace_from(frame)
        raise Stopped

    def _in_a_tracer(self, frame: FrameType | None) -> bool:
        while frame is not None and frame is not self._boundary:
            if str(frame.f_globals.get("__name__")).partition(".")[0] in _TRACERS:
                return True
            frame = frame.f_back
        return False

    # ``while True`` around ``try: sleep(1)`` and a bare ``except`` swallows every interrupt, since
    # each arrives in the sleep. So raise once more, one to eight lines further on: one of these
    # lines is outside the ``try``. A trace function that raises is dropped by Python; the profile
    # function, called whenever a function is entered or left, sets it again.

    def _trace_from(self, frame: FrameType | None, *_: object) -> None:  # pragma: no cover
        self._lines = (self._interrupts - 2) % 8 + 1
        sys.settrace(self._trace)
        while frame is not None and frame is not self._boundary:
            frame.f_trace = self._trace
            frame = frame.f_back

    def _trace(self, frame: FrameType, event: str, _arg: object) -> Any:  # pragma: no cover
        if not self.armed or frame.f_code.co_filename == __file__:
            return None
        if event == "line":
            self._lines -= 1
            if self._lines <= 0:
                raise Stopped
        return self._trace


@contextlib.contextmanager
def _interrupts_go_to(handler: Callable[[int, FrameType | None], None]) -> Iterator[bool]:
    """Install a handler of SIGINT; give False where that is not possible."""
    before = signal.getsignal(signal.SIGINT)
    on_main_thread = threading.current_thread() is threading.main_thread()
    if before is None or not on_main_thread:  # None: not installed by Python, cannot be put back
        yield False
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield True
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _watchdog(limit: float, time_is_up: Callable[[], None]) -> Iterator[None]:
    """Interrupt the main thread after `limit` seconds, and again until the block is left."""
    left = threading.Event()

    def watch() -> None:
        if left.wait(limit):
            return
        time_is_up()
        while not left.wait(_AGAIN):
            _interrupt_main_thread()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _interrupt_main_thread() -> None:
    """Send SIGINT to the main thread: a real signal where there is one, as it ends a sleep."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:  # pragma: no cover - Windows
        import _thread

        _thread.interrupt_main()


@contextlib.contextmanager
def _tracing_kept() -> Iterator[None]:
    """Put back the trace and profile functions: a debugger's, coverage's, or none."""
    trace, profile = sys.gettrace(), sys.getprofile()
    try:
        yield
    finally:
        if sys.getprofile() is not profile:  # pragma: no cover - nothing is traced then
            sys.setprofile(profile)
        if sys.gettrace() is not trace:  # pragma: no cover
            sys.settrace(trace)


@contextlib.contextmanager
def _random_states_kept() -> Iterator[None]:
    """Put the global random states back: Python's, NumPy's, and torch's if it is loaded."""
    python, numpy = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state() if hasattr(torch, "get_rng_state") else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch_state is not None:
            torch.set_rng_state(torch_state)
