"""Time functions against each other in one run, taking turns.

A machine slows down and speeds up while it runs; functions that take turns meet the same weather,
so that the ratio of their times can be trusted where the times themselves cannot.

    times = interleaved({"ours": lambda: relu(z), "theirs": lambda: torch.relu(t)}, repeats=50)
    print(ratio(times["ours"], times["theirs"]))
"""

import gc
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm


class Spread(NamedTuple):
    """A median with the quartiles around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Write the median and the quartiles."""
        return f"{self.median:.2f} [{self.low:.2f}, {self.high:.2f}]"


def interleaved(
    functions: Mapping[str, Callable[[], object]],
    repeats: int = 50,
    number: int = 1,
    progress: str = "",
) -> dict[str, np.ndarray]:
    """Measure functions in turns: each once, then all again, `repeats` times.

    Parameters
    ----------
    functions : mapping of str to callable
        What to time, without arguments. Each turn starts with another one, so that none always
        follows the same neighbour.
    repeats : int
        Number of turns.
    number : int
        Calls timed together as one measurement; more for functions of a few microseconds.
    progress : str
        Label of the progress bar, which appears when the whole takes more than two seconds.

    Returns
    -------
    dict of str to ndarray, shape (repeats,)
        Seconds per call; entries of the same index were measured in the same turn.
    """
    times: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function()  # the first call may import, allocate or compile
    order = list(functions)
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in tqdm(range(repeats), desc=progress, delay=2, leave=False):
            for name in order:
                function = functions[name]
                start = time.perf_counter()
                for _ in range(number):
                    function()
                times[name].append((time.perf_counter() - start) / number)
            order.append(order.pop(0))
    finally:
        if collecting:
            gc.enable()
    return {name: np.array(seconds) for name, seconds in times.items()}


def spread(values: np.ndarray) -> Spread:
    """Give the median and the quartiles of some times or ratios."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return Spread(float(median), float(low), float(high))


def ratio(ours: np.ndarray, theirs: np.ndarray) -> Spread:
    """Give the median and the quartiles of ours / theirs, divided turn by turn."""
    return spread(ours / theirs)
