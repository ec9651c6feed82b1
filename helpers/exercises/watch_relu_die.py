"""Exercises of notebook 06: deaths counted, states named, inputs turned, layers, a revival."""

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = [
    "back_from_the_dead",
    "black_on_white",
    "deaths_and_revivals",
    "lost_at_birth",
    "name_the_states",
    "progress",
]

_random = np.random.default_rng(6)


# --- deaths_and_revivals ---------------------------------------------------------------------


def _counted(dead):
    died = (~dead[:-1] & dead[1:]).sum()
    back = (dead[:-1] & ~dead[1:]).sum()
    return died, back


def _row(*values):
    """Write the states of units over time: a string a row, X for dead."""
    return np.array([[letter == "X" for letter in value] for value in values])


def _raised(*words: str):
    """Make a predicate of the trials: the function stopped with an error that has these words."""
    return lambda trials: any(
        trial.outcome == "error" and all(word in trial.yours for word in words) for trial in trials
    )


def _around(dead):
    """Count as if the last row stood before the first."""
    before = np.roll(dead, 1, axis=0)
    return (~before & dead).sum(), (before & ~dead).sum()


deaths_and_revivals = WriteFunction(
    key="watch_relu_die.deaths_and_revivals",
    reference=lambda dead: _counted(dead),
    cases={
        "one unit that dies": (_row("o", "X", "X"),),
        "one unit that dies and comes back": (_row("o", "X", "o"),),
        "one unit, dead from the start": (_row("X", "X", "X"),),
        "dead from the start, then back": (_row("X", "o", "o"),),
        "dies twice": (_row("o", "X", "o", "X"),),
        "three units": (_row("ooX", "oXX", "oXo"),),
        "one dies as another comes back": (_row("oX", "Xo"),),
        "nobody dies": (_row("oooo", "oooo"),),
        "four rows, five units": (_row("ooXoX", "XoXoo", "XXXoX", "oXoXX"),),
        "30 rows, 64 units": (_random.random((30, 64)) < 0.4,),
        "50 rows, 8 units": (_random.random((50, 8)) < 0.7,),
    },
    misconceptions=[
        Misconception(
            "the wrong way round",
            "Both counts are there, in the other order. Deaths first, then revivals.",
            wrong=(lambda dead: _counted(dead)[::-1],),
        ),
        Misconception(
            "dead from the start taken for a death",
            "A unit that is dead in the first row did not die while you watched. A death needs two "
            "rows: alive in one, dead in the next.",
            wrong=(
                lambda dead: (_counted(dead)[0] + dead[0].sum(), _counted(dead)[1]),
                lambda dead: (dead[0].sum() + dead[-1].sum(), _counted(dead)[1]),
            ),
        ),
        Misconception(
            "True and False subtracted",
            "`np.diff` of True and False only tells *that* something changed, not which way. Ask "
            "for both rows: not dead before, `~dead[:-1]`, and dead after, `dead[1:]`.",
            wrong=(
                lambda dead: (np.diff(dead, axis=0).sum(), 0),
                lambda dead: (np.diff(dead, axis=0).sum(),) * 2,
                lambda dead: (0, np.diff(dead, axis=0).sum()),
            ),
        ),
        Misconception(
            "only the two ends compared",
            "What you count is told by the first row and the last. A unit that died and came back "
            "in between leaves no trace there. Compare each row with the next.",
            wrong=(
                lambda dead: ((~dead[0] & dead[-1]).sum(), (dead[0] & ~dead[-1]).sum()),
                lambda dead: (
                    max(int(dead[-1].sum()) - int(dead[0].sum()), 0),
                    max(int(dead[0].sum()) - int(dead[-1].sum()), 0),
                ),
            ),
        ),
        Misconception(
            "the change of the total",
            "You look at how many are dead in each row. If one dies as another comes back, that "
            "number stays the same, and yet two things happened. Compare unit by unit.",
            wrong=(
                lambda dead: (
                    np.maximum(np.diff(dead.sum(axis=1)), 0).sum(),
                    np.maximum(-np.diff(dead.sum(axis=1)), 0).sum(),
                ),
            ),
        ),
        Misconception(
            "each unit counted once",
            "A unit that dies, comes back and dies again has died twice. Count every step from "
            "alive to dead.",
            wrong=(
                lambda dead: (
                    (~dead[:-1] & dead[1:]).any(axis=0).sum(),
                    (dead[:-1] & ~dead[1:]).any(axis=0).sum(),
                ),
            ),
        ),
        Misconception(
            "states counted instead of changes",
            "You count how often a unit *is* dead or alive. A death is a change, from one row to "
            "the next.",
            wrong=(
                lambda dead: (dead.sum(), (~dead).sum()),
                lambda dead: (dead[-1].sum(), (~dead[-1]).sum()),
                lambda dead: (dead.any(axis=0).sum(), (~dead).any(axis=0).sum()),
            ),
        ),
        Misconception(
            "neighbours compared instead of rows",
            "You compare each unit with the one beside it. Time runs down the rows: `dead[:-1]` "
            "is everything but the last row, `dead[1:]` everything but the first.",
            wrong=(lambda dead: _counted(dead.T),),
        ),
        Misconception(
            "the last row before the first",
            "Yours also compares the first row with the last: index -1, or a roll, goes round in a "
            "circle. Nothing came before the first look.",
            wrong=(_around,),
        ),
        Misconception(
            "a row left out",
            "One row too few is looked at. n rows have n - 1 steps from one to the next; do you "
            "get to the first of them, and to the last?",
            wrong=(
                lambda dead: _counted(dead[:-1]),
                lambda dead: _counted(dead[1:]),
            ),
        ),
        Misconception(
            "a row too many",
            "The loop asks for a row after the last one. n rows have only n - 1 steps from one to "
            "the next.",
            when=_raised("IndexError", "out of bounds"),
        ),
        Misconception(
            "a minus left on",
            "The second count is right but for its sign. A revival is a step of -1; how many there "
            "are is a number above 0.",
            wrong=(lambda dead: (_counted(dead)[0], -_counted(dead)[1]),),
        ),
        Misconception(
            "one of the two",
            "One number comes back, and two are asked: deaths and revivals.",
            wrong=(lambda dead: _counted(dead)[0], lambda dead: _counted(dead)[1]),
        ),
        Misconception(
            "the same count twice",
            "Both numbers count the same thing. Deaths and revivals differ by what was before and "
            "what came after.",
            wrong=(
                lambda dead: (_counted(dead)[0],) * 2,
                lambda dead: (_counted(dead)[1],) * 2,
            ),
        ),
        Misconception(
            "not added up",
            "These are the counts of each unit, or of each step. Asked are two numbers for all of "
            "them: add up.",
            wrong=(
                lambda dead: ((~dead[:-1] & dead[1:]).sum(axis=0), (dead[:-1] & ~dead[1:]).sum(0)),
                lambda dead: ((~dead[:-1] & dead[1:]).sum(axis=1), (dead[:-1] & ~dead[1:]).sum(1)),
                lambda dead: (~dead[:-1] & dead[1:], dead[:-1] & ~dead[1:]),
            ),
        ),
        Misconception(
            "shares instead of counts",
            "These are shares: divided by the number of places looked at. How often is a count.",
            wrong=(
                lambda dead: ((~dead[:-1] & dead[1:]).mean(), (dead[:-1] & ~dead[1:]).mean()),
                lambda dead: tuple(count / dead.shape[1] for count in _counted(dead)),
            ),
        ),
        Misconception(
            "`and` between arrays",
            "`and`, `or`, `not` and `if` ask one question, and a row holds many. Entry by entry: "
            "`&`, `|` and `~`, with brackets around each side.",
            when=_raised("truth value"),
        ),
        Misconception(
            "a minus between True and False",
            "NumPy has no minus for True and False. Either turn them into numbers first, with "
            "`dead.astype(int)`, or ask with `~` for *not* and `&` for *and*.",
            when=lambda trials: (
                _raised("boolean subtract")(trials) or _raised("boolean negative")(trials)
            ),
        ),
    ],
    hints=[
        "Take one column: alive, dead, alive, dead. Go down with a finger: at how many places does "
        "alive turn into dead, and at how many dead into alive?",
        "Lay the rows without the last one, `dead[:-1]`, beside the rows without the first, "
        "`dead[1:]`. Each place then has a before and an after.",
        "A death: not dead before, *and* dead after. `~` turns True and False round, `&` asks for "
        "both, entry by entry, and True counts as 1 in a sum. What changes for a revival?",
    ],
    right=(
        "These are the counts behind `history.revivals()`. How many you see depends on how often "
        "you look: what dies and comes back between two rows is missed."
    ),
)


# --- name_the_states -------------------------------------------------------------------------

# Highest z on the probe, slope where z < 0, largest gradient into the unit's own weights.
_TABLE = np.array(
    [
        [2.1, 0.0, 0.3],
        [-0.5, 0.0, 0.0],
        [-0.5, 0.1, 0.02],
        [1.7, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ]
)

_STATES = np.array([0.0, 1.0, 2.0, 3.0, 1.0])


def _called(units: str, *names: int):
    """Make a predicate: the first unit that is named wrongly is one of these, and named so."""

    def matches(states: np.ndarray) -> bool:
        first = int(np.flatnonzero(states != _STATES)[0])
        return "ABCDE"[first] in units and states[first] in names

    return matches


name_the_states = GiveValues(
    key="watch_relu_die.name_the_states",
    shapes={"states": (5,)},
    rows=_TABLE,
    expected=_STATES,
    measure=lambda states: states,
    decide=lambda states: states,
    symbol="state",
    misconceptions=[
        Misconception(
            "no such state",
            "A state is one of the numbers 0, 1, 2 and 3, one for each unit.",
            when=lambda states: not np.isin(states, [0, 1, 2, 3]).all(),
        ),
        Misconception(
            "off for some pictures taken for dead",
            "Unit A gets up to 2.1, so there is a picture for which it fires. A dead unit fires "
            "for none of the probe.",
            when=_called("A", 1),
        ),
        Misconception(
            "never firing taken for learning",
            "You say of a unit that it fires, and its highest z is below 0. What does it answer, "
            "on the whole probe?",
            when=_called("BC", 0),
        ),
        Misconception(
            "dead taken for blocked",
            "Unit B gets no gradient, as a blocked one. But a blocked unit has something to say, "
            "and nobody listens. Look at the highest z of B.",
            when=_called("B", 3),
        ),
        Misconception(
            "always-off taken for dead",
            "Unit C never fires, but its slope below 0 is 0.1, so gradient gets through: look at "
            "the last column. Always-off and dead are not the same.",
            when=_called("C", 1),
        ),
        Misconception(
            "stuck taken for dead",
            "Unit D gets no gradient, and still it fires: its z goes up to 1.7. A dead unit never "
            "fires. What else can keep a gradient away?",
            when=_called("D", 1),
        ),
        Misconception(
            "firing taken for learning",
            "Unit D fires, but the gradient into its weights is exactly 0: nothing it does reaches "
            "the loss. Which word is left for it?",
            when=_called("D", 0),
        ),
        Misconception(
            "z = 0 taken for firing",
            "Unit E gets up to exactly 0, no higher. A unit fires where z is *above* 0; at 0 its "
            "answer is 0, and so is its slope, by the course's rule.",
            when=_called("E", 0, 3),
        ),
        Misconception(
            "a flat slope taken for a leaky one",
            "Always-negative asks for two things: never above 0, and a slope there that is not 0. "
            "Hold both columns against the unit that you called so.",
            when=_called("ABDE", 2),
        ),
        Misconception(
            "a unit that learns taken for blocked",
            "A blocked unit gets no gradient at all. One with a gradient in the last column is not "
            "blocked.",
            when=_called("AC", 3),
        ),
    ],
    hints=[
        "Ask two questions of each unit, one after the other. Does it ever fire? Does any gradient "
        "reach its weights?",
        "Highest z above 0: it fires, and is blocked if the last column is 0. Highest z at or "
        "below 0: always-off, and the middle column decides.",
        "Always-off and flat below 0 is dead, always-off and not flat is always-negative. So two "
        "of the five are dead.",
    ],
    right=(
        "Three different reasons for silence or stillness: B and E are dead, C is silent and "
        "learns, D speaks and does not learn. One word for all of them would hide that."
    ),
)


# --- black_on_white --------------------------------------------------------------------------

black_on_white = PredictChoice(
    key="watch_relu_die.black_on_white",
    answer="more",
    measured=("share_raw", "share_inverted"),
    ask='"more", "same" or "fewer"',
    others={
        "same": Misconception(
            "the same picture, so the same deaths",
            "For a reader of digits nothing is lost by turning black and white round. For one step "
            "of training there is a difference: what do all the pixels of the average picture add "
            "up to now? Compare your two numbers.",
        ),
        "fewer": Misconception(
            "white is taken for empty",
            "Most of a picture is paper. On the inverted pictures paper is 1 and ink is 0: are the "
            "inputs larger or smaller on average? Compare your two numbers.",
        ),
    },
    misconceptions=[
        Misconception(
            "a share instead of per cent",
            "`one_step` gives per cent, and a number here lies between 0 and 1. Was it divided by "
            "100, or are these the shares of something else?",
            when=lambda raw, inverted: 0 < inverted < 1 or 0 < raw < 1,
        ),
        Misconception(
            "centred pictures",
            "In one of the runs nobody died. Was it made with centred pictures? Those make no "
            "difference between black on white and white on black; raw ones do.",
            when=lambda raw, inverted: inverted == 0 or raw == 0,
        ),
        Misconception(
            "nothing was turned round",
            "Both numbers are the same. Was the second run made with `1 - x_train`?",
            when=lambda raw, inverted: abs(raw - inverted) < 0.5,
        ),
        Misconception(
            "before the step",
            "That is how many are dead *before* the step. `one_step` gives two arrays: before and "
            "after. Take the second for both runs.",
            when=lambda raw, inverted: raw < 10 or inverted < 20,
        ),
        Misconception(
            "the two swapped",
            "The first number is the larger one. Did the two change places? The first belongs to "
            "the pictures as they are.",
            when=lambda raw, inverted: raw > inverted,
        ),
    ],
    hints=[
        "One step moves every weight by the same length. How far z moves is decided by the inputs.",
        "The average picture added up to 19.5. There are 64 pixels between 0 and 1. To what does "
        "the average of `1 - x_train` add up?",
        "More ink or more paper, what counts is the sum: the longer a step pushes z down, the more "
        "units it kills. To measure, hand the inverted pictures to `one_step`, and take the mean "
        "of the second array.",
    ],
    right=(
        "About twice as many, from the same drawings: paper that counts as 1 makes inputs that add "
        "up to 44.5 instead of 19.5. How you store a picture is part of the experiment, unless "
        "you centre it."
    ),
)


# --- lost_at_birth ---------------------------------------------------------------------------


def _lost(width, hidden):
    return 1 - (1 - 0.5**width) ** hidden


def _close_everywhere(trials: list[Trial]) -> bool:
    """Tell whether all answers are numbers and nearly right: rounded, or drawn by chance."""
    return all(
        trial.answer is not None
        and trial.answer.shape == ()
        and abs(float(trial.answer) - float(trial.expected)) < 0.02
        for trial in trials
    )


lost_at_birth = WriteFunction(
    key="watch_relu_die.lost_at_birth",
    reference=lambda width, hidden: _lost(width, hidden),
    cases={
        "one layer of 2": (2, 1),
        "one layer of 1": (1, 1),
        "two layers of 1": (1, 2),
        "two layers of 2": (2, 2),
        "nine layers of 2": (2, 9),
        "five layers of 3": (3, 5),
        "no hidden layer": (4, 0),
        "30 layers of 10": (10, 30),
        "100 layers of 5": (5, 100),
        "one layer of 6": (6, 1),
    },
    misconceptions=[
        Misconception(
            "alive instead of lost",
            "This is the probability that the picture gets through. Asked is that it is lost.",
            wrong=(lambda n, h: 1 - _lost(n, h),),
        ),
        Misconception(
            "one layer only",
            "This is right for a single layer. With more of them, each has its own chance to lose "
            "the picture.",
            wrong=(lambda n, h: 0.5**n + 0 * h, lambda n, h: 1 - 0.5**n + 0 * h),
        ),
        Misconception(
            "probabilities added up",
            "Adding the layers' probabilities counts a network twice that would be lost in two "
            "layers, and can exceed 1. Multiply the probabilities of getting *through*.",
            wrong=(lambda n, h: h * 0.5**n, lambda n, h: min(1.0, h * 0.5**n)),
        ),
        Misconception(
            "all layers must fail",
            "This asks that *every* layer loses the picture. One is enough: what is lost stays "
            "lost. Ask instead that none of them loses it.",
            wrong=(lambda n, h: (0.5**n) ** h,),
        ),
        Misconception(
            "one silent unit is enough",
            "Here a layer loses the picture as soon as one of its units is off. It takes all of "
            "them: a single one that fires carries it on.",
            wrong=(lambda n, h: 1 - (0.5**n) ** h,),
        ),
        Misconception(
            "the units of a layer added up",
            "All units off at once: off and off and off. Probabilities of things that must happen "
            "together are multiplied: not added up, and not divided by the number of units.",
            wrong=(
                lambda n, h: 1 - (1 - 0.5 * n) ** h,
                lambda n, h: 1 - (1 - 1 / (2 * n)) ** h,
                lambda n, h: 1 - (1 - 1 / n) ** h,
            ),
        ),
        Misconception(
            "a layer too many or too few",
            "The formula has the right shape; count the layers again. Every hidden layer can lose "
            "the picture, the first one too.",
            wrong=(lambda n, h: _lost(n, h - 1), lambda n, h: _lost(n, h + 1)),
        ),
        Misconception(
            "nine layers, whatever was asked",
            "Yours is right for nine hidden layers, as in the section, and says the same for any "
            "other number of them. Let `hidden` have its say.",
            wrong=(lambda n, h: _lost(n, 9),),
        ),
        Misconception(
            "width and layers exchanged",
            "The two have changed places. The units of one layer must *all* be off, and that for "
            "one of the layers: which number belongs to which of the two powers?",
            wrong=(lambda n, h: _lost(h, n),),
        ),
        Misconception(
            "the power upside down",
            "2 to the power of the width is how many patterns of on and off there are. The "
            "probability of a single one of them is one divided by that.",
            wrong=(lambda n, h: 1 - (1 - 2**n) ** h, lambda n, h: (1 - 2**n) ** h),
        ),
        Misconception(
            "per cent instead of a probability",
            "These are per cent. A probability lies between 0 and 1.",
            wrong=(lambda n, h: 100 * _lost(n, h),),
        ),
        Misconception(
            "`^` for a power",
            "In Python `^` is no power: it compares bits, and refuses numbers with a point. A "
            "power is written `**`.",
            when=_raised("TypeError", "^"),
        ),
        Misconception(
            "close, and not exact",
            "Close everywhere, and not exact. Was it rounded, or drawn at random and counted? "
            "Here the probability itself is asked, which a formula gives to the last digit.",
            when=_close_everywhere,
        ),
    ],
    hints=[
        "One unit is off with probability one half. With what probability are both units of a "
        "layer of two off? All of a layer of `width`?",
        "A layer lets the picture through with one minus that. Through one layer and the next and "
        "the next: what happens to the probabilities?",
        "The section on death three computes just this, for nine layers, in one line. Which number "
        "of that line stands for the layers? And why does it begin with 1 minus?",
    ],
    right=(
        "Width works in the exponent: each further unit halves what a layer loses, while a further "
        "layer adds no more than one more chance. So a little width makes up for much depth."
    ),
)


# --- back_from_the_dead ----------------------------------------------------------------------

back_from_the_dead = Choose(
    key="watch_relu_die.back_from_the_dead",
    question=(
        "Plain SGD, no decay. A ReLU unit of layer 2 was silent for all 1,348 training pictures "
        "after pass 3. After pass 8 it fires for 40 of them, and its own weights and its bias are "
        "still what they were, to the last digit. What was it after pass 3, and why does it fire?"
    ),
    choices={
        "a": "Not dead, only silent: without a gradient nothing comes back, so it must have had "
        "one all the time.",
        "b": "Dead, until its bias lifted it: the gradient of a bias is not multiplied by inputs, "
        "so it gets past the ReLU.",
        "c": "Dead, until its inputs changed: the units of layer 1 went on learning, and so they "
        "send it other numbers now.",
        "d": "Stuck, not dead: it had fired for pictures outside the probe all along, and these "
        "have taught it since then.",
    },
    answer="c",
    others={
        "a": Misconception(
            "dead taken for dead for ever",
            "The word says two things: z at or below 0 on the whole probe, and level there. Both "
            "held after pass 3. It says nothing about later. And with a gradient its weights would "
            "have moved. What goes into z besides a unit's own numbers?",
        ),
        "b": Misconception(
            "a way past the ReLU for the bias",
            "True, no input is a factor in the gradient of a bias. But the slope of the ReLU is "
            "one, as for the weights, and it is 0. And read the story again: did the bias move? "
            "What else goes into z?",
        ),
        "d": Misconception(
            "taught by pictures outside the probe",
            "It would be a good thought with a small probe. Here the probe is all the pictures "
            "that training shows, so no other one can teach it. And read the story again: what "
            "would being taught have changed?",
        ),
    },
    hints=[
        "Read the story for what it says has *not* changed. Which of the four answers can be true "
        "all the same?",
        "z is made of a unit's inputs, its weights and its bias. Two of the three stood still.",
        "Where do the inputs of layer 2 come from, and can those units learn? The section on "
        "coming back measured this with plain SGD, and has a word for such a death.",
    ],
    right=(
        "Tentative death: no gradient of its own, and carried back by the layer below. In layer 1 "
        "this story could not happen: there the inputs are the pictures, and they stay as they are."
    ),
)
