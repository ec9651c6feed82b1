"""Exercises of notebook 02, build a network: counting, collapsing, bending, adding layers, why."""

import itertools

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["collapse", "count_parameters", "more_layers", "progress", "tent", "three_lines"]


# --- count_parameters ------------------------------------------------------------------------


def _pairs(sizes):
    return list(itertools.pairwise([int(size) for size in sizes]))


def _weights(sizes) -> int:
    return sum(inputs * units for inputs, units in _pairs(sizes))


def _units(sizes) -> int:
    return sum(units for _, units in _pairs(sizes))


def _count_parameters(sizes):
    return _weights(sizes) + _units(sizes)


def _three_sizes(trials: list[Trial]) -> bool:
    """Tell whether one hidden layer is right, and nothing else."""
    three = [trial.right for trial in trials if len(trial.inputs["sizes"]) == 3]
    others = [trial.right for trial in trials if len(trial.inputs["sizes"]) != 3]
    return all(three) and not any(others)


count_parameters = WriteFunction(
    key="build_a_network.count_parameters",
    reference=_count_parameters,
    cases={
        "one hidden layer": ([2, 3, 1],),
        "the digits": ([64, 32, 10],),
        "no hidden layer": ([4, 3],),
        "a single neuron": ([5, 1],),
        "one input": ([1, 8, 8, 1],),
        "two hidden layers": ([3, 5, 4, 2],),
        "other widths": ([7, 2, 9],),
        "a tuple": ((10, 20, 30, 4),),
        "an array": (np.array([6, 5, 3]),),
        "ten layers": ([64] * 11,),
        "narrow, then wide": ([1, 2, 1, 6],),
    },
    misconceptions=[
        Misconception(
            "biases forgotten",
            "These are the weights alone. Each unit also has a bias of its own: one number more "
            "for every unit that is not an input.",
            wrong=(_weights,),
        ),
        Misconception(
            "inputs given a bias",
            "This gives a bias to the inputs too. An input is not a neuron: it is what comes in. "
            "Only units of hidden layers and of the output layer have a bias.",
            wrong=(lambda sizes: _weights(sizes) + sum(sizes),),
        ),
        Misconception(
            "one bias a layer",
            "This counts one bias for each layer, or for each hidden one. Every unit has its own, "
            "which decides where its own line lies.",
            wrong=(
                lambda sizes: _weights(sizes) + len(sizes) - 1,
                lambda sizes: _weights(sizes) + len(sizes) - 2,
            ),
        ),
        Misconception(
            "a bias for each weight",
            "This counts a bias for every connection. A unit adds its bias once, after all its "
            "products are added up.",
            wrong=(lambda sizes: 2 * _weights(sizes),),
        ),
        Misconception(
            "biases on the side of the inputs",
            "This counts one bias for each number that comes into a layer. There is one for each "
            "number that leaves it: for each unit.",
            wrong=(lambda sizes: sum(inputs * units + inputs for inputs, units in _pairs(sizes)),),
        ),
        Misconception(
            "output layer without biases",
            "The biases of the last layer are missing. Its units have some as well; what it lacks "
            "is the bend.",
            wrong=(lambda sizes: _weights(sizes) + sum(int(size) for size in sizes[1:-1]),),
        ),
        Misconception(
            "units counted, not weights",
            "This adds up the sizes. Between two layers every unit hears every input: the weights "
            "are a table, so two sizes are multiplied.",
            wrong=(
                lambda sizes: sum(sizes),
                _units,
                lambda sizes: sum(sizes[1:-1]),
                lambda sizes: sum(inputs + units for inputs, units in _pairs(sizes)),
            ),
        ),
        Misconception(
            "all sizes multiplied",
            "This multiplies all sizes. Only neighbours are connected: multiply two at a time, and "
            "add up the layers.",
            wrong=(
                lambda sizes: np.prod(sizes),
                lambda sizes: np.prod(sizes) + _units(sizes),
            ),
        ),
        Misconception(
            "only the first layer",
            "This is the first layer alone. If there is a `return` inside the loop, the loop ends "
            "there: move it below.",
            wrong=(lambda sizes: _count_parameters(sizes[:2]), lambda sizes: _weights(sizes[:2])),
        ),
        Misconception(
            "only the last layer",
            "This is the last layer alone. Each round of the loop must add to what there was: "
            "`count = count + ...`.",
            wrong=(lambda sizes: _count_parameters(sizes[-2:]), lambda sizes: _weights(sizes[-2:])),
        ),
        Misconception(
            "a layer left out",
            "The first layer is missing, or the last. Write the sizes in a row: between four of "
            "them lie three layers. Which pairs of neighbours does your loop visit?",
            wrong=(
                lambda sizes: _count_parameters(sizes[:-1]),
                lambda sizes: _count_parameters(sizes[1:]),
            ),
        ),
        Misconception(
            "not added up yet",
            "This gives a count for each layer. The network has one count: their sum.",
            wrong=(lambda sizes: [inputs * units + units for inputs, units in _pairs(sizes)],),
        ),
        Misconception(
            "only for one hidden layer",
            "Networks with one hidden layer work, others do not yet. Let a loop run over the "
            "layers, however many there are.",
            when=_three_sizes,
        ),
    ],
    hints=[
        "Draw the network 2-3-1: circles and lines. How many lines are there, and how many circles "
        "that are not inputs?",
        "A layer that takes `inputs` numbers and has `units` units owns a table of weights and a "
        "row of biases. How many numbers are in each?",
        "`for layer in range(len(sizes) - 1)` goes through the layers. Each has "
        "`inputs = sizes[layer]` and `units = sizes[layer + 1]`, and adds "
        "`inputs * units + units`.",
    ],
    right=(
        "Notice where they are: in the network 64-32-10 the first layer holds most of them, as it "
        "has a weight for each pair of pixel and unit. `print(Network(sizes))` counts for you."
    ),
)


# --- collapse --------------------------------------------------------------------------------


def _one_layer(w, b):
    return np.vstack([w, b])


def _collapse(w1, b1, w2, b2):
    return _one_layer(w1 @ w2, b1 @ w2 + b2)


def _as_a_pair(trials: list[Trial]) -> bool:
    """Tell whether weights and bias come back as two arrays, which make no single one."""
    return "inhomogeneous" in trials[0].yours


def _only_square(trials: list[Trial]) -> bool:
    """Tell whether it works where all sizes are the same, and nowhere else."""
    square = {
        trial.label: trial.inputs["w1"].shape[0]
        == trial.inputs["w1"].shape[1]
        == trial.inputs["w2"].shape[1]
        for trial in trials
    }
    return all(trial.right == square[trial.label] for trial in trials)


_random = np.random.default_rng(0)


def _drawn(inputs: int, hidden: int, outputs: int) -> tuple[np.ndarray, ...]:
    """Draw two layers of small whole numbers, in floats: products are exact."""
    shapes = ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
    return tuple(_random.integers(-3, 4, shape).astype(float) for shape in shapes)


collapse = WriteFunction(
    key="build_a_network.collapse",
    reference=_collapse,
    cases={
        "the layers of the notebook": (
            np.array([[1, 2], [0, 1]]),
            np.array([1, 0]),
            np.array([[1, 0], [3, 1]]),
            np.array([0, -1]),
        ),
        "one number, one unit, one unit": (
            np.array([[2.0]]),
            np.array([1.0]),
            np.array([[3.0]]),
            np.array([-4.0]),
        ),
        "two inputs, three units, one output": (
            np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]]),
            np.array([0.5, -1.0, 0.0]),
            np.array([[1.0], [2.0], [-2.0]]),
            np.array([1.0]),
        ),
        "no biases": (np.eye(2), np.zeros(2), np.array([[0.0, 1.0], [2.0, 0.0]]), np.zeros(2)),
        "first bias only": (np.eye(2), np.array([1.0, 2.0]), 3 * np.eye(2), np.zeros(2)),
        "second bias only": (np.eye(2), np.zeros(2), 3 * np.eye(2), np.array([1.0, 2.0])),
        "a narrow middle": _drawn(4, 1, 3),
        "a wide middle": _drawn(2, 9, 3),
        "three of everything": _drawn(3, 3, 3),
        "many outputs": _drawn(2, 3, 7),
        "as many inputs as outputs": _drawn(4, 2, 4),
        "the digits": _drawn(64, 32, 10),
        "float32": tuple(
            np.array(part, dtype=np.float32)
            for part in ([[1.0, 0.5], [0.0, 2.0]], [1.0, -0.5], [[0.5], [-1.0]], [0.25])
        ),
    },
    misconceptions=[
        Misconception(
            "the first bias does not pass the second layer",
            "The weights are right, but the first bias is added as it is. It enters the second "
            "layer together with everything else, so it is multiplied by `w2` as well.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1.sum() + b2),
            ),
        ),
        Misconception(
            "the first bias is lost",
            "The first bias has gone missing. Feed zeros to the two layers on paper: the first "
            "gives `b1`. What does the second make of it?",
            wrong=(lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b2),),
        ),
        Misconception(
            "the second bias is lost",
            "The second bias has gone missing. It is added at the very end, after everything else.",
            wrong=(lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 @ w2),),
        ),
        Misconception(
            "the wrong bias passes the second layer",
            "The two biases have changed places: yours sends the second through `w2` and leaves "
            "the first as it is. Which of them is there already when the second layer begins?",
            wrong=(lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 + b2 @ w2),),
        ),
        Misconception(
            "both biases pass the second layer",
            "The second bias is added after the second layer's weights: they do not touch it. Only "
            "the first passes through `w2`.",
            wrong=(lambda w1, b1, w2, b2: _one_layer(w1 @ w2, (b1 + b2) @ w2),),
        ),
        Misconception(
            "a bias passes the first layer",
            "The first bias is sent through `w1`. It is added after the first layer's weights, and "
            "then meets `w2`.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 @ w1 @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 @ w1 + b2),
            ),
        ),
        Misconception(
            "the layers in the wrong order",
            "The order of `@` matters: x meets `w1` first, so `w1` stands on the left.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w2 @ w1, b1 @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w2 @ w1, b2 @ w1 + b1),
                lambda w1, b1, w2, b2: _one_layer(w2 @ w1, w2 @ b1 + b2),
            ),
        ),
        Misconception(
            "the bias multiplied from the wrong side",
            "The bias is a row: it enters the second layer as x does, `b1 @ w2`. `w2 @ b1` takes "
            "the rows of `w2` where the columns are meant.",
            wrong=(lambda w1, b1, w2, b2: _one_layer(w1 @ w2, w2 @ b1 + b2),),
        ),
        Misconception(
            "number by number",
            "`*` multiplies number by number. Sending something through a layer is `@`: products, "
            "added up.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w1 * w2, b1 * b2),
                lambda w1, b1, w2, b2: _one_layer(w1 * w2, b1 * w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 * w2, b1 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 * w2, b1 @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, b1 * b2),
            ),
        ),
        Misconception(
            "weights added",
            "The weights are added. One layer after the other multiplies: try a single number, "
            "(x · 2) · 3 = x · 6.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w1 + w2, b1 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 + w2, b1 @ w2 + b2),
            ),
        ),
        Misconception(
            "a bend left in",
            "There is a ReLU in it. Without a bend nothing is cut off, negative numbers pass.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2, np.maximum(b1, 0) @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(
                    np.maximum(w1 @ w2, 0), np.maximum(b1 @ w2 + b2, 0)
                ),
                lambda w1, b1, w2, b2: np.maximum(_one_layer(w1 @ w2, b1 @ w2 + b2), 0),
            ),
        ),
        Misconception(
            "the bias comes first",
            "The numbers are right, but the bias is the first row. Put it last: "
            "`np.vstack([w, b])`.",
            wrong=(lambda w1, b1, w2, b2: np.vstack([b1 @ w2 + b2, w1 @ w2]),),
        ),
        Misconception(
            "the bias stands beside the weights",
            "The numbers are right, but the bias is the last column. It has a number for each "
            "output, and so has each row of w: it belongs below them, as one row more.",
            wrong=(lambda w1, b1, w2, b2: np.column_stack([w1 @ w2, b1 @ w2 + b2]),),
        ),
        Misconception(
            "a table on its side",
            "A table of weights has been turned on its side. In this course it has one row an "
            "input and one column a unit, before and after: no `.T` is needed.",
            wrong=(
                lambda w1, b1, w2, b2: _one_layer((w1 @ w2).T, b1 @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1.T @ w2, b1 @ w2 + b2),
                lambda w1, b1, w2, b2: _one_layer(w1 @ w2.T, b1 @ w2 + b2),
            ),
        ),
        Misconception(
            "two arrays instead of one",
            "You give weights and bias apart, as two arrays. Put them into one, the bias as its "
            "last row: `np.vstack` takes a list of both.",
            when=_as_a_pair,
        ),
        Misconception(
            "the bias added to the weights",
            "The bias has been added to every row of the weights. Put it below them as a row of "
            "its own: `np.vstack([w, b])`.",
            wrong=(lambda w1, b1, w2, b2: w1 @ w2 + b1 @ w2 + b2,),
        ),
        Misconception(
            "weights without their bias",
            "These are the weights alone. The bias of the one layer belongs below them: "
            "`np.vstack([w, b])`.",
            wrong=(lambda w1, b1, w2, b2: w1 @ w2,),
        ),
        Misconception(
            "bias without its weights",
            "This is the bias alone. The weights of the one layer belong above it: "
            "`np.vstack([w, b])`.",
            wrong=(
                lambda w1, b1, w2, b2: b1 @ w2 + b2,
                lambda w1, b1, w2, b2: (b1 @ w2 + b2)[np.newaxis],
            ),
        ),
        Misconception(
            "only for layers of one size",
            "It works where inputs, units and outputs are as many, and not elsewhere. `@` takes "
            "care of all sizes; let the shapes tell you what may be multiplied by what.",
            when=_only_square,
        ),
    ],
    hints=[
        "Take single numbers: x · 2 + 1, and the result times 3, minus 4. Multiply out. What "
        "stands with x, and what stands alone?",
        "Multiply `(x @ w1 + b1) @ w2 + b2` out. One part has x in it, and what x is multiplied by "
        "is w. The rest is b.",
        "The two tables of weights are multiplied, in the order in which x meets them. The first "
        "bias goes through the second layer as x would, and the second bias is added to it. "
        "`np.vstack` puts the row below the table.",
    ],
    right=(
        "Whatever stood in the middle, one unit or 32, the result has the shape of one layer from "
        "inputs to outputs. A third layer can be collapsed into it in the same way, and a fourth: "
        "that is why depth without a bend is worth nothing."
    ),
)


# --- tent ------------------------------------------------------------------------------------

_X = np.array([-1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 1.75, 2.0, 3.0, 10.0])
_HINGES = np.maximum(_X[:, np.newaxis] - np.array([0.0, 1.0, 2.0]), 0.0)
_TENT = np.maximum(1.0 - np.abs(_X - 1.0), 0.0)


def _gives(*v: float):
    """Make a predicate of the outputs: they are those of these weights, or a multiple of them."""
    outputs = _HINGES @ np.array(v)

    def same(measured: np.ndarray) -> bool:
        factor = measured @ outputs / (outputs @ outputs)
        return bool(factor > 0 and np.allclose(measured, factor * outputs, atol=1e-6))

    return same


tent = GiveValues(
    key="build_a_network.tent",
    shapes={"v": (3,)},
    rows=_X[:, np.newaxis],
    expected=_TENT,
    measure=lambda v: _HINGES @ v,
    decide=lambda output: np.round(output, 6) + 0.0,
    symbol="output",
    misconceptions=[
        Misconception(
            "always 0",
            "This gives 0 everywhere: all three weights are 0.",
            when=lambda measured: not measured.any(),
        ),
        Misconception(
            "upside down",
            "This is a tent hanging from the ceiling. Turn the signs round.",
            when=_gives(-1, 2, -1),
        ),
        Misconception(
            "begins downwards",
            "From 0 on it falls below 0. Only the first unit fires between 0 and 1: which sign "
            "must its weight have, so that the output rises there?",
            when=lambda measured: measured[2] < 0,
        ),
        Misconception(
            "too high or too low",
            "It is a tent, but its top is not at 1. The first weight is how steeply it rises, "
            "and it has from 0 to 1 to get to the top.",
            when=_gives(1, -2, 1),
        ),
        Misconception(
            "never comes down",
            "It goes on rising after 1. The hinge at 1 must turn the rise into a fall, so its "
            "weight must be below 0, and large enough.",
            when=lambda measured: measured[7] > measured[4] > 0,
        ),
        Misconception(
            "level instead of falling",
            "After 1 it stays level: the second weight takes the rise away, and no more. How much "
            "must it take away, so that the output falls as steeply as it rose?",
            when=lambda measured: measured[4] > 0 and np.isclose(measured[7], measured[4]),
        ),
        Misconception(
            "goes on falling",
            "It comes down, and goes on below 0. At 2 the third hinge must bring the slope back to "
            "0: what do the three weights add up to then?",
            when=lambda measured: measured[4] > 0 and measured[-1] < measured[-2] < 0,
        ),
        Misconception(
            "rises again",
            "It comes down, and after 2 it rises again. The third hinge must bring the slope back "
            "to 0, and no further: what do the three weights add up to?",
            when=lambda measured: measured[4] > measured[7] and measured[-1] > measured[-2],
        ),
        Misconception(
            "not at 0 when x is 2",
            "It falls from 1 on and is level from 2 on, but not at height 0. Between 1 and 2 it "
            "must come down by just as much as it went up before.",
            when=lambda measured: measured[4] > 0 and np.isclose(measured[-1], measured[7]),
        ),
        Misconception(
            "the wrong hinge",
            "It stays silent up to 1, so the first hinge is not used. It is the one at 0 that must "
            "begin the rise.",
            when=lambda measured: not measured[_X <= 1].any(),
        ),
    ],
    hints=[
        "Draw the tent. Write down its slope in each of the four parts: before 0, from 0 to 1, "
        "from 1 to 2, after 2.",
        "To the right of its hinge a unit adds its weight to the slope, for good. So a weight is "
        "by how much the slope *changes* at its hinge.",
        "The slopes are 0, 1, −1, 0. From 0 to 1 it changes by 1. By how much from 1 to −1, and "
        "from −1 to 0?",
    ],
    right=(
        "A weight is the change of slope at its hinge. So with more hinges you can draw any line "
        "made of straight pieces, and with enough of them follow any curve as closely as you like. "
        "Notice the last row: at 10 all three units fire, and cancel."
    ),
)


# --- more_layers -----------------------------------------------------------------------------


more_layers = PredictChoice(
    key="build_a_network.more_layers",
    measured=("loss_before", "loss_after"),
    ask='"lower", "same" or "higher"',
    answer="same",
    others={
        "lower": Misconception(
            "more layers see more",
            "You predicted lower, your run says the same. More layers are more numbers to choose, "
            "but not more functions to choose from: without a bend all of them are one straight "
            "line. Think it through once more, then change your prediction.",
        ),
        "higher": Misconception(
            "more layers get in each other's way",
            "You predicted higher, your run says the same. The network with fewer layers is "
            "contained in the larger one, so nothing is lost either. Think it through once more, "
            "then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "not a loss",
            "A loss is a mean of squares, so it is never below 0. `loss_of(network)` gives it.",
            when=lambda before, after: before < 0 or after < 0,
        ),
        Misconception(
            "the bend is back in both",
            "Both losses are near 0: no straight line gets there, so there is a bend in both "
            'networks. The activation must be "identity".',
            when=lambda before, after: before < 0.2 and after < 0.2,
        ),
        Misconception(
            "the bend is back",
            "One of the losses is below what any straight line can reach, so that network has a "
            'bend. Both activations must be "identity".',
            when=lambda before, after: min(before, after) < 0.2,
        ),
        Misconception(
            "not trained to the end",
            "One of the losses is still far above that of the best straight line, 0.268. Was the "
            "network trained, with the same 300 epochs, and measured after it?",
            when=lambda before, after: max(before, after) > 0.3,
        ),
    ],
    hints=[
        "The network before has three layers without a bend. What single thing are they together?",
        "Multiply six layers out in thought: a matrix, times a matrix, and so on. With one number "
        "in and one number out, what is left?",
        "Both networks are one straight line, slope · x + intercept, and the loss of the best one "
        "is fixed by the points.",
    ],
    right=(
        "Notice that neither is better than the straight line that a formula finds. Depth only "
        'pays with a bend between the layers: try "relu" in both, and look at the losses again.'
    ),
)


# --- three_lines -----------------------------------------------------------------------------

three_lines = Choose(
    key="build_a_network.three_lines",
    question=(
        'Somebody says of XOR: "It takes three neurons, because three straight lines can do what '
        'one cannot." Which verdict is right, and for the right reason?'
    ),
    choices={
        "a": (
            "True: each of the three neurons draws a line of its own, and three lines are enough "
            "to part the four corners, with relu or without it."
        ),
        "b": (
            "False: the last neuron adds up what the others say, and a sum of several straight "
            "lines is a curve, with relu or without it."
        ),
        "c": (
            "False: with relu the hidden neurons move the corners to places where one straight "
            "line, that of the last neuron, is enough."
        ),
        "d": (
            "False: relu bends the line of the last neuron, so that in the plane of its own two "
            "inputs it runs around two of the corners."
        ),
    },
    answer="c",
    others={
        "a": Misconception(
            "more lines are enough",
            "Take `relu` away, and the three neurons and their lines are still there. What did "
            "they answer then, at the beginning of this notebook? So what is it that the number of "
            "lines cannot do?",
        ),
        "b": Misconception(
            "straight lines add up to a curve",
            "Try it: add 2x + 1 and 3 − x. Is what comes out bent? You have collapsed two layers "
            "into one: which part of your sum could have bent?",
        ),
        "d": Misconception(
            "the last line bends",
            "Its border is bent when you look at the inputs. Look at the other panel of the figure "
            "with the moved corners, the plane of h₁ and h₂, which is all that the last neuron "
            "sees. What does its border look like there? It has no relu, by the way.",
        ),
    },
    hints=[
        "Put each verdict to the test with what you have run: the three neurons with `relu`, and "
        "the same three without.",
        "In the figure with the moved corners there are two planes. In which of them does the last "
        "neuron live, and where do the four corners lie there?",
        "Three of the four reasons name something that is there without `relu` as well, or that "
        "the right panel of that figure shows to be straight. Strike them out.",
    ],
    right=(
        "Now do it without relu, on paper. The corners move too, and two of them still meet at "
        "(0, 0); but the others go to (1, −1) and (−1, 1), on opposite sides of it. No line parts "
        "the middle of three points in a row from both ends. What relu adds is that it cuts the "
        "two −1 off: the row becomes a corner."
    ),
)
