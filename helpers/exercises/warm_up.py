"""Exercises of notebook 00, warm up: a share, the slope of a chain, a flat link."""

from collections.abc import Callable, Sequence

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction
from .predictions import PredictChoice, PredictNumber

__all__ = ["chain_slope", "progress", "push_harder", "share_above", "turn_round"]


# --- share_above -----------------------------------------------------------------------------


def _only_if(x, limit):
    return 1.0 if x > limit else 0.0


def _mean_of_those_above(x, limit):
    return x[x > limit].mean() if np.any(x > limit) else np.nan


def _odds(x, limit):
    with np.errstate(all="ignore"):
        return np.sum(x > limit) / np.sum(x <= limit)


def _share_of_the_sum(x, limit):
    with np.errstate(all="ignore"):
        return x[x > limit].sum() / x.sum()


def _only_one_row(trials: list[Trial]) -> bool:
    """Tell whether every row of numbers is right, and most tables are wrong."""
    rows = [trial.right for trial in trials if np.ndim(trial.inputs["x"]) == 1]
    tables = [trial.right for trial in trials if np.ndim(trial.inputs["x"]) == 2]
    return all(rows) and sum(tables) < len(tables) / 2


_TABLE = np.array([[3.0, 2.0, 5.0], [0.0, 4.0, 1.0]])

share_above = WriteFunction(
    key="warm_up.share_above",
    reference=lambda x, limit: np.mean(x > limit),
    cases={
        "a row of numbers": (np.array([-2.0, 0.0, 0.5, 3.0]), 0.25),
        "one number equal to the limit": (np.array([1.0, 2.0, 3.0, 4.0]), 2.0),
        "a negative limit": (np.array([-3.0, -1.0, 1.0, 5.0, -0.5]), -2.0),
        "none above": (np.array([1.0, 2.0, 0.5]), 7.0),
        "all above": (np.array([1.0, 2.0, 0.5]), 0.0),
        "a single number": (np.array([4.0]), 1.0),
        "a table": (_TABLE, 2.0),
        "the table on its side": (_TABLE.T, 3.5),
        "a table of one row": (_TABLE[:1], 2.0),
        "whole numbers": (np.array([[0, 16], [9, 3], [12, 0], [1, 1]]), 7),
        "a large table": (np.random.default_rng(0).integers(-9, 10, size=(50, 40)), 1),
        "-0.0 is not above 0": (np.array([-0.0, 0.0, 1.0]), 0.0),
        "float32": (np.array([0.25, -1.5, 2.0], dtype=np.float32), 0.0),
    },
    misconceptions=[
        Misconception(
            "a count instead of a share",
            "This counts the numbers above the limit. A share is that count divided by how many "
            "numbers there are, so it lies between 0 and 1.",
            wrong=(lambda x, limit: np.sum(x > limit),),
        ),
        Misconception(
            "per cent instead of a share",
            "This is a hundred times too large: per cent. A share lies between 0 and 1.",
            wrong=(lambda x, limit: 100 * np.mean(x > limit),),
        ),
        Misconception(
            "counts what equals the limit",
            "A number that is exactly at the limit is not above it: `x > limit`, not `x >= limit`.",
            wrong=(lambda x, limit: np.mean(x >= limit),),
        ),
        Misconception(
            "the other side of the limit",
            "This is the share that is not above the limit. Turn the comparison round.",
            wrong=(lambda x, limit: np.mean(x < limit), lambda x, limit: np.mean(x <= limit)),
        ),
        Misconception(
            "the limit is left out",
            "This compares with 0, whatever the limit is. Compare with `limit`.",
            wrong=(lambda x, limit: np.mean(x > 0),),
        ),
        Misconception(
            "the mean of the numbers above",
            "This averages the numbers themselves. Average the answers to a question instead: "
            "`x > limit` holds True for each number above, and True counts as 1.",
            wrong=(
                _mean_of_those_above,
                lambda x, limit: np.mean(x * (x > limit)),
                lambda x, limit: np.mean(x),
            ),
        ),
        Misconception(
            "the mean first, then the comparison",
            "This asks one question of the mean, or of the median. Ask it of every number, and "
            "take the mean of the answers.",
            wrong=(lambda x, limit: np.mean(x) > limit, lambda x, limit: np.median(x) > limit),
        ),
        Misconception(
            "above against not above",
            "This divides those above by those that are not: 1 to 1 would give 1, though half are "
            "above. A share divides by how many there are in all.",
            wrong=(_odds,),
        ),
        Misconception(
            "a share of the sum",
            "Here large numbers count for more than small ones: this is a share of their sum. Each "
            "number above the limit counts once, however large it is.",
            wrong=(_share_of_the_sum,),
        ),
        Misconception(
            "True and False are not averaged yet",
            "This gives one answer for each number, True or False. The share is their mean.",
            wrong=(lambda x, limit: x > limit, lambda x, limit: x[x > limit]),
        ),
        Misconception(
            "a share for each column or row",
            "This gives several shares. Here one is asked for, over all the numbers of the table: "
            "`.mean()` without an axis.",
            wrong=(
                lambda x, limit: np.mean(x > limit, axis=0),
                lambda x, limit: np.mean(x > limit, axis=-1),
            ),
        ),
        Misconception(
            "divided by the count of rows",
            "`len(x)` is the count of rows. A table has more numbers than rows: `x.size` counts "
            "them all, and `.mean()` divides by it.",
            wrong=(lambda x, limit: np.sum(x > limit) / len(x),),
        ),
        Misconception(
            "a yes or no for the whole table",
            "This is 1 or 0, as if asked whether any number is above the limit, or every one, or "
            "most of them. The share says how many are. (`//` and `round` drop what stands behind "
            "the point.)",
            wrong=(
                lambda x, limit: np.any(x > limit),
                lambda x, limit: np.all(x > limit),
                lambda x, limit: np.mean(x > limit) > 0.5,
                lambda x, limit: np.mean(x > limit) >= 0.5,
            ),
        ),
        Misconception(
            "`if` on a whole array",
            "`if x > limit` asks one question, and x holds many numbers. Let NumPy ask them all "
            "at once: `x > limit` is an array already.",
            wrong=(_only_if,),
        ),
        Misconception(
            "only for one row",
            "A row of numbers works; a table does not yet. A loop over a table gives whole rows, "
            "not numbers. `x > limit` and `.mean()` take any shape.",
            when=_only_one_row,
        ),
    ],
    hints=[
        "Take [-2, 0, 0.5, 3] and the limit 0.25. Which of the four are above, and which share "
        "of the four is that?",
        "`x > limit` gives True or False for every number at once. In a sum or a mean, True "
        "counts as 1 and False as 0.",
        "The share is the mean of those answers, of all of them at once. One line does it, and no "
        "loop.",
    ],
    right=(
        "The same line served a row and a table of 2,000 numbers. The course counts silent neurons "
        "in just this way: ask every number at once, then take the mean of the answers."
    ),
)


# --- chain_slope -----------------------------------------------------------------------------


class _Machine:
    """A function of one number that knows its slope and how to write itself."""

    def __init__(self, formula: str, value: Callable, slope: Callable) -> None:
        self._formula, self._value = formula, value
        self._slope = slope

    def __call__(self, x):
        return self._value(x)

    def __repr__(self) -> str:
        return self._formula

    def __deepcopy__(self, memo: dict) -> "_Machine":
        return self  # nothing about it can change


_DOUBLE = _Machine("2x", lambda x: 2 * x, lambda x: 2.0)
_TRIPLE = _Machine("3x", lambda x: 3 * x, lambda x: 3.0)
_TURN = _Machine("5 - x", lambda x: 5 - x, lambda x: -1.0)
_SQUARE = _Machine("x²", lambda x: x * x, lambda x: 2.0 * x)
# At the bend itself as nudging to both sides has it; no right answer hangs on that.
_BEND = _Machine("max(x, 0)", lambda x: np.maximum(x, 0.0), lambda x: np.heaviside(x, 0.5))
_MISS = _Machine("(x - 10)²", lambda x: (x - 10) ** 2, lambda x: 2.0 * (x - 10))


def _links(machines: Sequence[_Machine], x: float) -> tuple[list[float], list[float]]:
    """Return what passes through a chain, from first to last, and each machine's slope there."""
    values, slopes = [x], []
    for machine in machines:
        slopes.append(machine._slope(values[-1]))
        values.append(machine(values[-1]))
    return values, slopes


def _chain_slope(machines, x):
    return np.prod(_links(machines, x)[1])


def _slopes_passed_on(machines, x):
    product = 1.0
    for machine in machines:
        x = machine._slope(x)
        product *= x
    return product


def _last_slope_passed_on(machines, x):
    for machine in machines:
        x = machine._slope(x)
    return x


def _by_nudging(h: float) -> Callable:
    """Make a function that nudges every link to one side, by h."""

    def product(machines, x):
        values, _ = _links(machines, x)
        pairs = zip(machines, values, strict=False)
        return np.prod([(machine(value + h) - machine(value)) / h for machine, value in pairs])

    return product


def _end_nudged(h: float) -> Callable:
    """Make a function that nudges the whole chain to one side, by h."""

    def slope(machines, x):
        return (_links(machines, x + h)[0][-1] - _links(machines, x)[0][-1]) / h

    return slope


def _three_links(trials: list[Trial]) -> bool:
    """Tell whether chains of three are right, and shorter or longer ones are not."""
    three = [trial.right for trial in trials if len(trial.inputs["machines"]) == 3]
    others = [trial.right for trial in trials if len(trial.inputs["machines"]) != 3]
    return all(three) and not any(others)


chain_slope = WriteFunction(
    key="warm_up.chain_slope",
    reference=_chain_slope,
    tolerance=1e-2,  # nudging is not exact
    cases={
        "two machines": ([_DOUBLE, _TRIPLE], 1.0),
        "a square at the end": ([_DOUBLE, _SQUARE], 1.5),
        "a square at the beginning": ([_SQUARE, _DOUBLE], 1.5),
        "one machine": ([_SQUARE], 3.0),
        "the chain of the notebook at 3": ([_DOUBLE, _BEND, _MISS], 3.0),
        "the chain of the notebook at -3": ([_DOUBLE, _BEND, _MISS], -3.0),
        "three machines": ([_TRIPLE, _TURN, _SQUARE], 0.5),
        "two squares": ([_SQUARE, _SQUARE], -1.5),
        "four machines": ([_SQUARE, _DOUBLE, _TURN, _SQUARE], 1.25),
        "a flat link at the beginning": ([_BEND, _MISS], -1.0),
        "a whole number": ([_TRIPLE, _SQUARE], 2),
    },
    misconceptions=[
        Misconception(
            "the slopes are added",
            "The slopes are right, but they are added up, or averaged. A nudge is multiplied by "
            "the first slope, and what comes out by the next: slopes along a chain multiply.",
            wrong=(lambda m, x: np.sum(_links(m, x)[1]), lambda m, x: np.mean(_links(m, x)[1])),
        ),
        Misconception(
            "every slope is taken at x",
            "Each slope is taken at the x that enters the chain. A machine's slope depends on the "
            "number that arrives there: hand on `x = machine(x)` from one to the next.",
            wrong=(lambda m, x: np.prod([machine._slope(x) for machine in m]),),
        ),
        Misconception(
            "the slope at what comes out",
            "The slope is taken a step too late, at the number that leaves the machine. First "
            "measure the slope at x, then hand on `x = machine(x)`.",
            wrong=(
                lambda m, x: np.prod(
                    [k._slope(v) for k, v in zip(m, _links(m, x)[0][1:], strict=True)]
                ),
            ),
        ),
        Misconception(
            "the value instead of the slope",
            "This is the number that leaves the chain. Asked for is how much it moves when x is "
            "nudged.",
            wrong=(lambda m, x: _links(m, x)[0][-1], lambda m, x: np.prod(_links(m, x)[0][1:])),
        ),
        Misconception(
            "the product starts at x",
            "Too large by a factor of x: the product of the slopes starts at the number that "
            "enters. What must a product start at, so that the first factor stays what it is?",
            wrong=(lambda m, x: x * _chain_slope(m, x),),
        ),
        Misconception(
            "the output divided by the input",
            "This is what leaves, divided by what enters. For x² at 3 it gives 3, and the slope "
            "is 6. A slope compares two *nudges*: that of the output with that of the input.",
            wrong=(lambda m, x: _links(m, x)[0][-1] / x,),
        ),
        Misconception(
            "the slope is handed on",
            "What goes into the next machine is the number, not the slope. Keep two things in the "
            "loop: x, which is handed on, and the product of the slopes.",
            wrong=(_slopes_passed_on, _last_slope_passed_on),
        ),
        Misconception(
            "only the first machine",
            "This is the slope of the first machine. If there is a `return` inside the loop, the "
            "loop ends there: move it below.",
            wrong=(lambda m, x: _links(m, x)[1][0],),
        ),
        Misconception(
            "only the last machine",
            "This is the slope of the last machine. Each round of the loop must keep the product "
            "so far: `product = product * slope`.",
            wrong=(lambda m, x: _links(m, x)[1][-1],),
        ),
        Misconception(
            "the slopes are not multiplied yet",
            "This gives the slope of each machine. The slope of the chain is one number: their "
            "product.",
            wrong=(lambda m, x: _links(m, x)[1],),
        ),
        Misconception(
            "the chain runs backwards",
            "The last machine came first. The list is in the order in which the number passes: "
            "`machines[0]` gets x.",
            wrong=(lambda m, x: _chain_slope(m[::-1], x),),
        ),
        Misconception(
            "the sign is lost",
            "The size is right, the sign is not. A slope below 0 says that the output falls when "
            "the input grows.",
            wrong=(
                lambda m, x: abs(_chain_slope(m, x)),
                lambda m, x: -_chain_slope(m, x),
            ),
        ),
        Misconception(
            "divided by h, not by 2h",
            "Too large by a factor of 2, perhaps for each machine. From x - h to x + h it is a way "
            "of 2h: divide by `2 * h`.",
            wrong=(
                lambda m, x: 2 * _chain_slope(m, x),
                lambda m, x: 2 ** len(m) * _chain_slope(m, x),
            ),
        ),
        Misconception(
            "the nudge is too large",
            "Near, but the nudge is so large that the curve bends on the way. Nudge by much less, "
            "as `slope_at` does.",
            wrong=tuple(make(h) for make in (_by_nudging, _end_nudged) for h in (1.0, 0.1)),
        ),
        Misconception(
            "always 0",
            "This gives 0, or nearly, for every chain. Does the product start at 0? Anything times "
            "0 is 0. Or was a difference not divided by the nudge, or the nudge so small that the "
            "computer loses it?",
            wrong=(lambda m, x: 0.0,),
        ),
        Misconception(
            "only for three machines",
            "A chain of three works, others do not. Let a loop run over all the machines, however "
            "many there are.",
            when=_three_links,
        ),
    ],
    hints=[
        "Do 2x, then 3x, at x = 1 on paper. A nudge of 0.01 enters. What comes out of the first "
        "machine, and what of the second?",
        "Loop over the machines and keep two numbers: the product of the slopes so far, which "
        "starts at 1, and x, the number that arrives at the next machine.",
        "In each round first multiply the product by this machine's slope, `slope_at`, at the x "
        "that arrives; only then let x become what the machine makes of it. The product is handed "
        "back after the last round.",
    ],
    right=(
        "Each slope is taken where the number arrives, and all are multiplied: that is the chain "
        "rule. Notebook 03 does the same with many numbers at once and calls it backpropagation. "
        "Notice the chains that gave 0: one flat link was enough."
    ),
)


# --- turn_round ------------------------------------------------------------------------------


def _near(*values: float) -> Callable[[float], bool]:
    """Make a predicate: the measured number is one of these, as far as nudging can tell."""
    return lambda slope: any(abs(slope - value) <= 0.02 for value in values)


turn_round = PredictNumber(
    key="warm_up.turn_round",
    measured=("slope",),
    ask="the slope, one number",
    within=0.1,
    otherwise=Misconception(
        "the slopes of other places",
        "Your run says something else. The three machines are the same, but other numbers arrive "
        "at them, and a machine's slope depends on the number that arrives. Write down the four "
        "numbers along the new chain, then each machine's slope at the one that enters it. Change "
        "your prediction when you see it.",
    ),
    misconceptions=[
        Misconception(
            "the old order",
            "This is the slope of the chain as it was: double, bend, miss. In the new one `miss` "
            "comes first, so it stands innermost: `double(bend(miss(x)))`.",
            when=_near(-16.0),
        ),
        Misconception(
            "the value instead of the slope",
            "This is the number that leaves the chain, or its first machine. Measure the slope of "
            "the chain: `slope_at(turned, 3.0)`.",
            when=_near(98.0, 49.0),
        ),
        Misconception(
            "only one machine",
            "This is the slope of one machine. Hand the whole chain to `slope_at`.",
            when=_near(-14.0, 1.0, 2.0),
        ),
        Misconception(
            "the slopes are added",
            "This is the sum of the three slopes. Nudges multiply. Better, measure the whole "
            "chain: `slope_at(turned, 3.0)`.",
            when=_near(-11.0),
        ),
        Misconception(
            "not the chain at 3",
            "This is not the slope of miss, bend, double at x = 3. Is every machine in its place, "
            "and is it nudged at 3?",
            when=lambda slope: not _near(-28.0)(slope),
        ),
    ],
    hints=[
        "Follow the number first. What does `miss` make of 3? What does `bend` make of that?",
        "miss(3) = (3 - 10)² = 49, and 49 is far above 0. Which slope does `bend` have there? And "
        "`slope_at(miss, 3.0)`?",
        "`miss` has the slope -14 at 3, `bend` has 1 at 49, and `double` has 2 everywhere. "
        "Multiply.",
    ],
    right=(
        "The order of the factors does not matter, but where each is taken does: `miss` now gets "
        "3 instead of 6. And `bend` lets everything pass, as a square is never below 0."
    ),
)


# --- push_harder -----------------------------------------------------------------------------

push_harder = PredictChoice(
    key="warm_up.push_harder",
    measured=("x_before", "x_after"),
    ask='"up", "same" or "down"',
    answer="same",
    others={
        "up": Misconception(
            "a larger rate frees it",
            "You predicted up, your run says that it stays. It is true that the valley lies that "
            "way. But a step is the rate times the slope, and what is the slope here? Think it "
            "through once more, then change your prediction.",
        ),
        "down": Misconception(
            "a large miss means a large step",
            "You predicted down, your run says that it stays. The miss is large here, but no step "
            "looks at it: a step is the rate times the slope. Think it through once more, then "
            "change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "started on the other side",
            "This walk did not start where `bend` is flat. Start it at -3, the minus included.",
            when=lambda before, after: before >= 0,
        ),
        Misconception(
            "something else was changed",
            "Here x moved, though it started where the chain is flat. Use the chain and the "
            "`slope_at` of the notebook, and change nothing but the rate.",
            when=lambda before, after: after != before,
        ),
    ],
    hints=[
        "Write one step down: the new x is x - rate · slope. Which of the two numbers did you make "
        "larger?",
        "The slope of the whole chain at -3 is a product, and one of its factors is the slope of "
        "`bend` at -6.",
        "A thousand times 0 is 0. To see it, hand `walk` the same chain, the same start and the "
        "new rate; `[-1]` takes the last place of the list.",
    ],
    right=(
        "No rate helps, as every step is the rate times 0. What helps is another slope. Try it: "
        "`def bend(u): return np.where(u > 0, u, 0.1 * u)`, then "
        "`walk(chain, -3.0, steps=10)`. Notebook 07 is about that small change. (Put the old "
        "`bend` back afterwards.)"
    ),
)
