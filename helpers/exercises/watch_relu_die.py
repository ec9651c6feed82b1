"""Exercises of notebook 06, watch ReLU die: deaths counted, states named, inputs turned, layers."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["black_on_white", "deaths_and_revivals", "lost_at_birth", "name_the_states", "progress"]

_random = np.random.default_rng(6)


# --- deaths_and_revivals ---------------------------------------------------------------------


def _counted(dead):
    died = (~dead[:-1] & dead[1:]).sum()
    back = (dead[:-1] & ~dead[1:]).sum()
    return died, back


def _row(*values):
    """Write the states of units over time: a string a row, X for dead."""
    return np.array([[letter == "X" for letter in value] for value in values])


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
            "You compare the first row with the last. A unit that died and came back in between "
            "leaves no trace there. Compare each row with the next.",
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
    ],
    hints=[
        "Take one column: alive, dead, alive, dead. Go down with a finger: at how many places does "
        "alive turn into dead, and at how many dead into alive?",
        "Lay the rows without the last one, `dead[:-1]`, beside the rows without the first, "
        "`dead[1:]`. Each place then has a before and an after.",
        "A death is `~dead[:-1] & dead[1:]`. Which two signs change for a revival? Sum up each, "
        "and give both numbers back.",
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

name_the_states = GiveValues(
    key="watch_relu_die.name_the_states",
    shapes={"states": (5,)},
    rows=_TABLE,
    expected=np.array([0.0, 1.0, 2.0, 3.0, 1.0]),
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
            "z = 0 taken for firing",
            "Unit E gets up to exactly 0, no higher. A unit fires where z is *above* 0; at 0 its "
            "answer is 0, and so is its slope, by the course's rule.",
            when=lambda states: states[4] in (0, 3),
        ),
        Misconception(
            "always-off taken for dead",
            "Unit C never fires, but its slope below 0 is 0.1, so gradient gets through: look at "
            "the last column. Always-off and dead are not the same.",
            when=lambda states: states[2] == 1,
        ),
        Misconception(
            "stuck taken for dead",
            "Unit D gets no gradient, and still it fires: its z goes up to 1.7. A dead unit never "
            "fires. What else can keep a gradient away?",
            when=lambda states: states[3] == 1,
        ),
        Misconception(
            "firing taken for learning",
            "Unit D fires, but the gradient into its weights is exactly 0: nothing it does reaches "
            "the loss. Which word is left for it?",
            when=lambda states: states[3] == 0,
        ),
        Misconception(
            "a flat slope taken for a leaky one",
            "Always-negative asks for a slope that is not 0 below z = 0. Look at the middle column "
            "of the units that you called so.",
            when=lambda states: 2 in states[[0, 1, 3, 4]],
        ),
        Misconception(
            "a unit that learns taken for blocked",
            "A blocked unit gets no gradient at all. One with a gradient in the last column is not "
            "blocked.",
            when=lambda states: 3 in states[[0, 2]],
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
            "One of the two is a share and the other in per cent. `one_step` gives per cent.",
            when=lambda raw, inverted: 0 < inverted < 1 < raw or 0 < raw < 1 < inverted,
        ),
        Misconception(
            "centred pictures",
            "Nobody died in the second run. Are those the inverted pictures, `1 - x_train`? With "
            "centred ones it makes no difference which way round they are.",
            when=lambda raw, inverted: inverted == 0,
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
    ],
    hints=[
        "One step moves every weight by the same length. How far z moves is decided by the inputs.",
        "The average picture added up to 19.5. There are 64 pixels between 0 and 1. To what does "
        "the average of `1 - x_train` add up?",
        "`before, after = one_step(1 - x_train)`, then `share_inverted = after.mean()`.",
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
            "together are multiplied, not divided by the number of units.",
            wrong=(
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
    ],
    hints=[
        "One unit is off with probability one half. With what probability are both units of a "
        "layer of two off? All of a layer of `width`?",
        "A layer lets the picture through with one minus that. Through one layer and the next and "
        "the next: what happens to the probabilities?",
        "Through all: (1 - 0.5**width)**hidden. Lost is the rest.",
    ],
    right=(
        "Width works in the exponent: each further unit halves what a layer loses, while a further "
        "layer adds no more than one more chance. So a little width makes up for much depth."
    ),
)
