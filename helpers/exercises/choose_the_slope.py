"""Exercises of notebook 08, choose the slope: gain, growth, beyond 1, three situations, the max."""

import functools

import numpy as np

from helpers.activations import relu
from helpers.datasets import measured

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction, corners
from .predictions import PredictChoice, PredictNumber
from .values import GiveValues

__all__ = ["beyond_one", "gain", "how_loud", "leaky", "progress", "three_slopes"]

_random = np.random.default_rng(8)


# --- gain ------------------------------------------------------------------------------------


def _minus_for_plus(slope):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(2 / (1 - np.asarray(slope) ** 2))


def _single(trial: Trial, name: str) -> bool:
    return np.ndim(trial.inputs[name]) == 0


def _only(single: bool, name: str):
    """Make a predicate: single numbers are right and arrays are not, or the other way round."""

    def matches(trials: list[Trial]) -> bool:
        wanted = [trial for trial in trials if _single(trial, name) == single]
        others = [trial for trial in trials if _single(trial, name) != single]
        return all(trial.right for trial in wanted) and not any(trial.right for trial in others)

    return matches


def _close_everywhere(trials: list[Trial]) -> bool:
    """Tell whether all answers are numbers, and right but for some digits."""
    return all(
        trial.answer is not None
        and trial.answer.shape == trial.expected.shape
        and np.allclose(trial.answer, trial.expected, rtol=0.0, atol=0.02)
        for trial in trials
    )


gain = WriteFunction(
    key="choose_the_slope.gain",
    reference=lambda slope: np.sqrt(2 / (1 + slope**2)),
    cases={
        "ReLU": (0.0,),
        "a straight line": (1.0,),
        "slope 0.5": (0.5,),
        "slope 0.3": (0.3,),
        "slope 0.2": (0.2,),
        "slope 0.01": (0.01,),
        "slope -1, which is abs(z)": (-1.0,),
        "slope 1.5": (1.5,),
        "slope 3": (3.0,),
        "a row of slopes": (np.array([-0.1, 0.0, 0.1, 0.25, 1.0, 2.0]),),
    },
    misconceptions=[
        Misconception(
            "the slope left out",
            "This is the gain of ReLU, whatever the slope. With a slope the negative half comes "
            "through as well: more arrives, so the weights may be smaller.",
            wrong=(lambda slope: np.sqrt(2) + 0 * slope,),
        ),
        Misconception(
            "the slope not squared",
            "Mean squares are kept here. A number that is multiplied by the slope has a square "
            "that is multiplied by the slope squared. At slope 0.5: what is the square of a half?",
            wrong=(
                lambda slope: np.sqrt(2 / (1 + slope)),
                lambda slope: np.sqrt(2 / (1 + np.abs(slope))),
                lambda slope: np.sqrt(2) / (1 + slope),
                lambda slope: 2 / (1 + slope),
            ),
        ),
        Misconception(
            "the gain squared",
            "This is g². The factor of a layer has g² in it: take the root at the end.",
            wrong=(lambda slope: 2 / (1 + slope**2),),
        ),
        Misconception(
            "the wrong way round",
            "The more the activation lets through, the *smaller* the gain must be. Yours grows "
            "with the slope.",
            wrong=(
                lambda slope: np.sqrt((1 + slope**2) / 2),
                lambda slope: np.sqrt(2 * (1 + slope**2)),
                lambda slope: np.sqrt(1 + slope**2),
                lambda slope: (1 + slope**2) / 2,
            ),
        ),
        Misconception(
            "measured against ReLU's gain",
            "At slope 0 yours is 1. That is the factor on weights which have ReLU's gain already, "
            "as our `Fleet` takes it. The gain itself is √2 there.",
            wrong=(lambda slope: 1 / np.sqrt(1 + slope**2),),
        ),
        Misconception(
            "as if nothing were cut off",
            "A gain of 1 suits a straight line, slope 1. ReLU takes half of the mean square away, "
            "and the weights must make up for that.",
            wrong=(lambda slope: 1.0 + 0 * slope,),
        ),
        Misconception(
            "half of g²",
            "Yours is 1 / (1 + slope²), half of g². Was the root meant as `** 1/2`? That is the "
            "first power, and then half of it; brackets make it a root: `** (1/2)`.",
            wrong=(lambda slope: 1 / (1 + slope**2),),
        ),
        Misconception(
            "the root of one part",
            "The root is over the whole of 2 / (1 + slope²). In yours it is over the one part and "
            "not over the other.",
            wrong=(
                lambda slope: np.sqrt(2) / (1 + slope**2),
                lambda slope: 2 / np.sqrt(1 + slope**2),
            ),
        ),
        Misconception(
            "a bracket missing",
            "Division comes before addition: `2 / 1 + slope**2` is 2 plus slope². What belongs "
            "below the line goes into brackets.",
            wrong=(
                lambda slope: np.sqrt(2 / 1 + slope**2),
                lambda slope: np.sqrt(2) / 1 + slope**2,
            ),
        ),
        Misconception(
            "a minus for the plus",
            "Both halves bring something through: what the positive half passes and what the "
            "negative half passes are *added*.",
            wrong=(_minus_for_plus, lambda slope: np.sqrt(np.maximum(2 * (1 - slope**2), 0.0))),
        ),
        Misconception(
            "`^` for a power",
            "In Python `^` is no power: it compares bits, and refuses numbers with a point. A "
            "power is written `**`.",
            when=lambda trials: any("TypeError" in t.yours and "^" in t.yours for t in trials),
        ),
        Misconception(
            "one slope at a time",
            "Single slopes are right, and a row of them is not yet. `math` and `if` take one "
            "number; NumPy's functions take both.",
            when=_only(True, "slope"),
        ),
        Misconception(
            "only a row of slopes",
            "A row of slopes is right, and a single one is not yet: there is nothing to loop over "
            "in a number. NumPy's functions take both, without a loop.",
            when=_only(False, "slope"),
        ),
        Misconception(
            "rounded",
            "Right in the first digits: was it rounded? Over 50 layers a last digit is multiplied "
            "50 times. Leave the number as it is.",
            when=_close_everywhere,
        ),
    ],
    hints=[
        "Which share of the mean square comes through? Half of the z pass whole, the other half "
        "is multiplied by the slope.",
        "The factor of a layer is g² (1 + slope²) / 2. It shall be 1.",
        "Solve that for g², and take the root of all of it. For slope 1 that makes 1; for ReLU it "
        "makes √2, which you know.",
    ],
    right=(
        "√2 for ReLU, 1 for a straight line, and between 0 and 0.1 hardly any change. In PyTorch "
        'it is called `nn.init.calculate_gain("leaky_relu", slope)`.'
    ),
)


# --- how_loud --------------------------------------------------------------------------------

how_loud = PredictNumber(
    key="choose_the_slope.how_loud",
    measured=("power",),
    ask="a power of ten, such as 0 for no growth or 2 for a hundredfold",
    within=0.5,
    otherwise=Misconception(
        "the power misjudged",
        "Your run says otherwise. In each layer the mean square is multiplied by g² (1 + slope²) "
        "/ 2. Put in g² = 2 and slope 1. Do that twenty times; then take the root, as the size is "
        "the root of the mean square. Then predict again: 2 for a hundredfold.",
    ),
    misconceptions=[
        Misconception(
            "the factor instead of its power of ten",
            "This is how many times as large the signal became. `np.log10` of it gives the power.",
            when=lambda power: power > 50,
        ),
        Misconception(
            "the ratio upside down",
            "By this the signal *shrank*. Is it layer 21 over layer 1, and not layer 1 over 21?",
            when=lambda power: power < -1,
        ),
        Misconception(
            "it hardly grew",
            "In each of the twenty layers the size should be multiplied by √2. In yours it was by "
            "less. Were both handed over, slope 1 and gain √2, and is it layer 21 over layer 1, "
            "entries `[20]` and `[0]` of the row?",
            when=lambda power: power < 2,
        ),
        Misconception(
            "mean squares instead of sizes",
            "This is twice the power that is wanted: it belongs to the mean square. A size is its "
            "root, as `sizes_of_z` gives it.",
            when=lambda power: 5.3 < power < 6.45,
        ),
        Misconception(
            "another logarithm, depth or gain",
            "That is more than twenty layers with √2 each can do. Is it `np.log10`, and not "
            "`np.log`? Is it layer 21 over layer 1, as `sizes_of_z` goes to 50 layers unless "
            "`depth` says otherwise? And is the gain √2, not 2?",
            when=lambda power: power > 3.6,
        ),
    ],
    hints=[
        "With slope 1 nothing is cut off and nothing is made smaller. What do weights with a gain "
        "of √2 do to the size of a signal, in one layer?",
        "√2 a layer. Two layers make 2, four make 4. Twenty make 2 multiplied by itself ten times.",
        "2¹⁰ is about a thousand. Which power of ten is that? To measure, hand `sizes_of_z` a list "
        "with the one slope, a list with the one gain, and a depth of 21; layer 21 has index 20.",
    ],
    right=(
        "A thousandfold in twenty layers, from a factor of 1.4 in each. The gain of ReLU is right "
        "for ReLU, and wrong for whatever lets more through."
    ),
)


# --- beyond_one ------------------------------------------------------------------------------

beyond_one = PredictChoice(
    key="choose_the_slope.beyond_one",
    measured=("error_at_1", "error_beyond"),
    ask='"higher", "same" or "lower"',
    answer="lower",
    others={
        "higher": Misconception(
            "further along the same road",
            "You predicted a higher error, your run says lower. From 0 to 1 the bend shrinks to "
            "nothing. What is 1 - slope at slope 1.5, and does a bend have to go upwards to be "
            "useful? Look at the panel for 1.5 again, then change your prediction.",
        ),
        "same": Misconception(
            "everything from 1 on is straight",
            "You predicted no change, your run says lower. Only at slope 1 are the two halves one "
            "line. At slope 1.5 they meet at an angle again. Then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "not a mean squared error",
            "A mean squared error is never below 0, and here the best straight line has about "
            "0.2. Is something else in it: the accuracy, or the sum?",
            when=lambda one, beyond: min(one, beyond) < 0 or max(one, beyond) > 1,
        ),
        Misconception(
            "nothing was changed",
            "Both errors are the same. Did the second get a slope of 1.5?",
            when=lambda one, beyond: one == beyond,
        ),
        Misconception(
            "not slope 1",
            "The first error is far below that of a straight line. Was it slope 1? Or did the two "
            "change places?",
            when=lambda one, beyond: one < 0.15,
        ),
        Misconception(
            "hardly any bend",
            "The second error is that of a straight line. Is its slope 1.5?",
            when=lambda one, beyond: beyond > 0.15,
        ),
    ],
    hints=[
        "A leaky unit is slope times z, plus (1 - slope) times relu(z). Put in 1.5.",
        "1.5 z - 0.5 relu(z). Draw it: steep on the left, less steep on the right. Is there a "
        "corner?",
        "The corner is as large as that of slope 0.5, the other way round, and the weights behind "
        "it may have either sign. `fit_sine([1.0, 1.5])` gives one row of errors a slope.",
    ],
    right=(
        "It is the bend that fits curves, and 1.5 has one: minus 0.5. As a leaky ReLU it is 2/3, "
        "turned round and made one and a half times as large. What speaks against it is growth: "
        "g² (1 + slope²) / 2 is 1.6 times g² there, against g² at slope 1."
    ),
)


# --- three_slopes ----------------------------------------------------------------------------

# Task, depth and rate of each situation.
SITUATIONS = (("digits", 10, 0.001), ("spirals", 2, 0.001), ("digits", 2, 0.01))
ENOUGH = 3.0  # points that a choice may lose


@functools.cache
def _lost() -> tuple[np.ndarray, np.ndarray]:
    """Give the slopes of the stored sweep, and for each situation the points that each loses."""
    stored = measured("slope_sweep")
    rows = []
    for task, depth, rate in SITUATIONS:
        results = stored["results"][task][stored["depths"].index(depth)]
        means = np.mean(results[stored["rates"].index(rate)], axis=1)
        rows.append(means.max() - means)
    return np.array(stored["slopes"], dtype=float), np.array(rows)


def _points_lost(*slopes: np.ndarray) -> np.ndarray:
    """Read from the sweep what each chosen slope loses; between two of its slopes, in between."""
    grid, rows = _lost()
    return np.array(
        [
            np.interp(float(slope), grid, row, left=99.0, right=99.0)
            for slope, row in zip(slopes, rows, strict=True)
        ]
    )


three_slopes = GiveValues(
    key="choose_the_slope.three_slopes",
    shapes={"deep_digits": (), "shallow_spirals": (), "easy_digits": ()},
    rows=np.array([[1], [2], [3]]),
    expected=np.full(3, ENOUGH),
    measure=_points_lost,
    decide=lambda lost: np.maximum(lost, ENOUGH),  # so that "expected" reads as the bound it is
    symbol="points lost",
    misconceptions=[
        Misconception(
            "outside the sweep",
            "The sweep goes from -0.1 to 1.5. About slopes beyond it these data say nothing.",
            when=lambda lost: bool((lost > 90).any()),
        ),
        Misconception(
            "one pull overlooked",
            "Of the first two, one does well and one loses more than it may. They pull in opposite "
            "directions. Is each far enough out on its own side? Look at its row in the heat map.",
            when=lambda lost: bool((lost[0] > ENOUGH) ^ (lost[1] > ENOUGH)),
        ),
        Misconception(
            "both pulls missed",
            "The first two both lose: the deep network on digits wants more of a leak, the shallow "
            "one on the spirals more of a bend. In the middle both lose some, exchanged both lose "
            "much.",
            when=lambda lost: bool(lost[0] > ENOUGH and lost[1] > ENOUGH),
        ),
    ],
    hints=[
        "Find the three rows in the heat maps: digits with 10 layers at rate 0.001, spirals with 2 "
        "layers at 0.001, digits with 2 layers at 0.01. Where is each row pale?",
        "In the first row the pale part is on the right, in the second on the left, in the third "
        "nearly everywhere.",
        "About a half for the first, a hundredth or nothing for the second; and for the third "
        "whatever your library has.",
    ],
    right=(
        "Now the reasons. Ten layers and few steps: bends make pictures alike, straighter layers "
        "keep them apart, so a large slope. Two layers and a winding border: the bend does the "
        "work, so a small one. And where it hardly matters, the default is a good reason."
    ),
)


# --- leaky -----------------------------------------------------------------------------------


def _uses_if(z, slope):
    return z if z > 0 else slope * z


def _as_in_the_notebook(z, slope):
    """Leak, as the code to mend does it."""
    leak = slope * z
    return z + relu(leak - z)  # where the leak is higher, lift z up to it


def _refuses_large_slopes(trials: list[Trial]) -> bool:
    """Tell whether slopes up to 1 are right, and those above end in an error."""
    large = [trial for trial in trials if float(trial.inputs["slope"]) > 1]
    return all(trial.right for trial in trials if trial not in large) and all(
        trial.outcome == "error" for trial in large
    )


leaky = WriteFunction(
    key="choose_the_slope.leaky",
    reference=lambda z, slope: np.where(z > 0, z, slope * z),
    broken=_as_in_the_notebook,
    cases={
        "a positive z, slope 0.1": (2.0, 0.1),
        "a negative z, slope 0.1": (-2.0, 0.1),
        "a positive z, slope 1.5": (2.0, 1.5),
        "a negative z, slope 1.5": (-2.0, 1.5),
        "zero": (0.0, 0.3),
        "a negative slope": (np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), -0.1),
        "a row, slope 0.2": (np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), 0.2),
        "a row, slope 3": (np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), 3.0),
        "a row, slope 1": (np.array([-2.0, 0.5]), 1.0),
        "a row, slope 0": (np.array([-2.0, 0.5]), 0.0),
        "a table, slope 1.5": (_random.normal(size=(4, 3)), 1.5),
        "abs(z)": (_random.normal(size=6), -1.0),
        **corners(lambda z: (z, 0.3)),
    },
    misconceptions=[
        Misconception(
            "the larger of the two",
            "This is the larger of z and slope * z, which is leaky ReLU only up to slope 1. At "
            "slope 1.5 a positive z comes out as 1.5 z and a negative one unchanged: the bend is "
            "on the wrong side.",
            wrong=(lambda z, slope: np.maximum(slope * z, z),),
        ),
        Misconception(
            "the smaller of the two",
            "Now it is right above 1 and wrong below. Ask about the sign of z; then no slope can "
            "go wrong.",
            wrong=(lambda z, slope: np.minimum(slope * z, z),),
        ),
        Misconception(
            "the slope cut off at 1",
            "Yours treats every slope above 1 as 1: a straight line. The slope was meant as given.",
            wrong=(
                lambda z, slope: np.where(z > 0, z, min(slope, 1.0) * z),
                lambda z, slope: np.where(z > 0, z, np.clip(slope, 0, 1) * z),
            ),
        ),
        Misconception(
            "the sign of the slope lost",
            "With a negative slope the left side rises again, as in abs(z). Yours takes the size "
            "of the slope and forgets its sign, or takes all of it for 0.",
            wrong=(
                lambda z, slope: np.where(z > 0, z, abs(slope) * z),
                lambda z, slope: np.where(z > 0, z, max(slope, 0.0) * z),
            ),
        ),
        Misconception(
            "the two sides exchanged",
            "Yours multiplies the positive side. The slope belongs to the negative one.",
            wrong=(lambda z, slope: np.where(z > 0, slope * z, z),),
        ),
        Misconception(
            "the derivative",
            "This is how steep the function is, 1 or the slope. Its value is wanted.",
            wrong=(lambda z, slope: np.where(z > 0, 1.0, slope) + 0 * z,),
        ),
        Misconception(
            "the whole of ReLU on top",
            "A straight line plus ReLU: but only (1 - slope) of it, or the positive side gets too "
            "steep.",
            wrong=(lambda z, slope: slope * z + np.maximum(z, 0.0),),
        ),
        Misconception(
            "`if` on a whole array",
            "`if z > 0` asks one question, and z may hold many numbers. `np.where(z > 0, ..., "
            "...)` asks it for each.",
            wrong=(_uses_if,),
        ),
        Misconception(
            "the slope turned round",
            "Above 1 yours leaks one divided by the slope: 1.5 does what two thirds does, as the "
            "report said. The slope was meant as given.",
            wrong=(lambda z, slope: np.where(z > 0, z, (1 / slope if slope > 1 else slope) * z),),
        ),
        Misconception(
            "large slopes refused",
            "To stop where one cannot answer is honest. But a slope above 1 has an answer: slope "
            "times z on the left, z on the right.",
            when=_refuses_large_slopes,
        ),
        Misconception(
            "each half asks about its own sign",
            "Right for slopes of 0 and above. With a negative slope, slope * z is negative where z "
            "is *positive*. Which of the two should be asked about its sign?",
            wrong=(lambda z, slope: np.maximum(z, 0) + np.minimum(slope * z, 0),),
        ),
        Misconception(
            "a minus too many",
            "Yours turns up on the left: a fold. z brings its own minus; slope * z is below 0 "
            "already, for a slope above 0.",
            wrong=(lambda z, slope: np.where(z > 0, z, -slope * z),),
        ),
        Misconception(
            "the slope in the place of the answer",
            "On the left yours answers the slope itself, the same for every z. The slope has to be "
            "multiplied by z.",
            wrong=(
                lambda z, slope: np.where(z > 0, z, slope) + 0 * z,
                lambda z, slope: np.maximum(slope, z),
            ),
        ),
        Misconception(
            "only for arrays",
            "Arrays are right, single numbers not yet: a number has no length and no entries. "
            "`np.where` and `np.minimum` take both.",
            when=lambda trials: (
                all(trial.outcome == "error" for trial in trials if _single(trial, "z"))
                and all(trial.right for trial in trials if np.ndim(trial.inputs["z"]) == 1)
            ),
        ),
    ],
    hints=[
        "Take z = 2 and slope 1.5. What should come out? And how large is `leak - z` there, and "
        "what does `relu` make of it?",
        "Which of the two is wanted hangs on the sign of z alone, never on which is larger.",
        "So a mask of signs, `z > 0`, has to come in. Or no question at all: the section on what a "
        "slope is made of has a straight line, plus as much of a ReLU as is left.",
    ],
    right=(
        "It holds for every slope now, and nothing broke for those below 1: this is why such a "
        "mistake can sleep for years. It wakes when somebody sweeps the slope."
    ),
)
