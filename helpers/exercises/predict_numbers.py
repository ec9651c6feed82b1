"""Exercises of notebook 15: Huber's pull, a half-width, output ReLUs, a larger ensemble."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import WriteFunction, corners
from .predictions import PredictChoice, PredictNumber

__all__ = [
    "huber_pull",
    "more_members",
    "never_below_zero",
    "positive_targets",
    "progress",
    "reach",
]

_random = np.random.default_rng(15)


# --- huber_pull ------------------------------------------------------------------------------


def _asks_if(residual, delta):
    if abs(residual) <= delta:
        return residual
    return delta * np.sign(residual)


huber_pull = WriteFunction(
    key="predict_numbers.huber_pull",
    reference=lambda residual, delta: np.clip(residual, -delta, delta),
    cases={
        "a small residual, delta 1": (0.5, 1.0),
        "a small negative residual, delta 1": (-0.25, 1.0),
        "an outlier above, delta 1": (20.0, 1.0),
        "an outlier below, delta 1": (-20.0, 1.0),
        "an outlier, delta 2": (7.0, 2.0),
        "an outlier below, delta 0.5": (-7.0, 0.5),
        "on the edge": (2.0, 2.0),
        "zero": (0.0, 1.0),
        "a row, delta 0.5": (np.array([-3.0, -0.5, -0.2, 0.0, 0.4, 0.6, 9.0]), 0.5),
        "a table, delta 1.5": (3 * _random.normal(size=(4, 3)), 1.5),
        **corners(lambda residual: (residual, 1.0)),
    },
    tolerance=1e-4,  # whoever nudges the loss is right, and not exact where it becomes straight
    misconceptions=[
        Misconception(
            "the loss",
            "This is a loss: a square near 0, then a straight line. The pull is its derivative: "
            "how steep it is at this residual.",
            wrong=(
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta, np.square(residual), delta * np.abs(residual)
                ),
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta, np.square(residual) / 2, delta * np.abs(residual)
                ),
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta, np.square(residual) / 2, np.abs(residual)
                ),
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta,
                    np.square(residual) / 2,
                    delta * (np.abs(residual) - delta / 2),
                ),
            ),
        ),
        Misconception(
            "twice as hard",
            "Near the truth yours pulls twice as hard as it should. That is the derivative of r²; "
            "this loss has r²/2 there.",
            wrong=(
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta, np.multiply(residual, 2), delta * np.sign(residual)
                ),
                lambda residual, delta: 2 * np.clip(residual, -delta, delta),
            ),
        ),
        Misconception(
            "delta left out",
            "Yours bends at 1, wherever delta is. With delta 1 nobody notices.",
            wrong=(lambda residual, delta: np.clip(residual, -1, 1),),
        ),
        Misconception(
            "in units of delta",
            "Your pull ends at 1, because you divide by delta. Near the truth the loss is r²/2, "
            "whatever delta is: how steep is that?",
            wrong=(lambda residual, delta: np.clip(np.divide(residual, delta), -1, 1),),
        ),
        Misconception(
            "cut off on one side alone",
            "You cut off the outliers on one side. On the other they still pull as hard as they "
            "like: a car may be far above its prediction, or far below.",
            wrong=(
                lambda residual, delta: np.minimum(residual, delta),
                lambda residual, delta: np.maximum(residual, -delta),
            ),
        ),
        Misconception(
            "away from the truth",
            "Your sign is turned round. The derivative has the sign of the residual: above the "
            "truth the loss rises.",
            wrong=(lambda residual, delta: -np.clip(residual, -delta, delta),),
        ),
        Misconception(
            "the pull of the squared loss",
            "An outlier pulls as hard as it likes here. Beyond delta the loss is straight: its "
            "steepness no longer grows.",
            wrong=(
                lambda residual, delta: np.multiply(residual, 1.0),
                lambda residual, delta: 2 * np.multiply(residual, 1.0),
            ),
        ),
        Misconception(
            "the pull of the absolute loss",
            "This has one size everywhere. Near the truth Huber's loss is r²/2, so a car that is "
            "nearly right should pull only a little.",
            wrong=(
                lambda residual, delta: np.sign(residual) * 1.0,
                lambda residual, delta: delta * np.sign(residual),
            ),
        ),
        Misconception(
            "1 beyond the edge",
            "At the edge the pull is delta, and there it should stay. Yours jumps to 1 where the "
            "loss becomes straight; with delta 1 nobody notices.",
            wrong=(
                lambda residual, delta: np.where(
                    np.abs(residual) <= delta, residual, np.sign(residual)
                ),
            ),
        ),
        Misconception(
            "outliers thrown away",
            "Yours gives an outlier no pull at all. Such losses exist, but with this one a car far "
            "off still pulls, with the strength delta.",
            wrong=(lambda residual, delta: np.where(np.abs(residual) <= delta, residual, 0.0),),
        ),
        Misconception(
            "the direction lost",
            "A prediction that is too low must be pulled up, one that is too high down. Here yours "
            "has the same sign for both.",
            wrong=(
                lambda residual, delta: np.minimum(np.abs(residual), delta),
                lambda residual, delta: np.where(np.abs(residual) <= delta, residual, delta),
            ),
        ),
        Misconception(
            "`if` on a whole array",
            "`if` asks one question, and there may be many residuals. `np.where` or `np.clip` asks "
            "for each.",
            wrong=(_asks_if,),
        ),
    ],
    hints=[
        "Where the loss is r²/2, how steep is it at r = 0.5? And where it is a straight line, does "
        "its steepness depend on r?",
        "The residual itself between -delta and delta; beyond, what it was at the edge.",
        "NumPy has a function that cuts an array off at a lower and an upper bound: `np.clip`.",
    ],
    right=(
        "A residual, cut off at delta. So Huber's loss is the squared one with its gradient "
        "clipped, car by car, before the cars are added up. Clipping the sum, as for exploding "
        "gradients, would come too late: the outlier is in it already."
    ),
)


# --- reach -----------------------------------------------------------------------------------


def _place(distances, level):
    return int(np.ceil((len(distances) + 1) * level - 1e-9))


def _reach(distances, level):
    place = _place(distances, level)
    return np.sort(distances)[place - 1] if place <= len(distances) else np.inf


def _plain_quantile(distances, level):
    return np.quantile(distances, level)


def _one_too_far(distances, level):
    place = _place(distances, level)
    return np.sort(distances)[place] if place < len(distances) else np.inf


def _of_n(distances, level):
    return np.sort(distances)[int(np.ceil(len(distances) * level - 1e-9)) - 1]


def _largest(distances, level):
    return np.sort(distances)[min(_place(distances, level), len(distances)) - 1]


def _unsorted(distances, level):
    place = _place(distances, level)
    return distances[place - 1] if place <= len(distances) else np.inf


def _rounded(distances, level, how):
    place = max(1, int(how((len(distances) + 1) * level + 1e-9)))
    return np.sort(distances)[place - 1] if place <= len(distances) else np.inf


def _too_early(distances, level):
    place = _place(distances, level)
    return np.sort(distances)[place - 1] if place < len(distances) else np.inf


def _from_the_end(distances, level):
    place = _place(distances, level)
    return np.sort(distances)[::-1][place - 1] if place <= len(distances) else np.inf


def _index_error(distances, level):
    return np.sort(distances)[_place(distances, level) - 1]


reach = WriteFunction(
    key="predict_numbers.reach",
    reference=_reach,
    cases={
        "nine distances, 1 to 9, at 80 %": (np.array([3.0, 9, 1, 4, 2, 8, 6, 5, 7]), 0.8),
        "nine distances, at 50 %": (np.array([3.0, 9, 1, 4, 2, 8, 6, 5, 7]), 0.5),
        "nine distances, at 90 %": (np.array([3.0, 9, 1, 4, 2, 8, 6, 5, 7]), 0.9),
        "nine distances, at 95 %: too few": (np.array([3.0, 9, 1, 4, 2, 8, 6, 5, 7]), 0.95),
        "nineteen at 95 %": (np.abs(_random.normal(size=19)), 0.95),
        "eighteen at 95 %: too few": (np.abs(_random.normal(size=18)), 0.95),
        "74 at 90 %": (np.abs(_random.normal(size=74)), 0.9),
        "74 at 60 %": (np.abs(_random.normal(size=74)), 0.6),
        "72 at 60 %": (np.abs(_random.normal(size=72)), 0.6),
        "one at 50 %": (np.array([2.5]), 0.5),
        "one at 90 %: too few": (np.array([2.5]), 0.9),
    },
    misconceptions=[
        Misconception(
            "the quantile of the distances alone",
            "Close, and a little too short: the new car is forgotten. It is one of n + 1 cars, any "
            "of which may be the one that is furthest off. Count to (n + 1) times the level.",
            wrong=(_plain_quantile, _of_n),
        ),
        Misconception(
            "one too far",
            "The place was counted from 1, and an array counts from 0.",
            wrong=(_one_too_far,),
        ),
        Misconception(
            "rounded down",
            "Your place is rounded down, or to the nearest. Place 9.5 of nine distances lies "
            "beyond the ninth: a promise is kept only by rounding up.",
            wrong=(
                lambda distances, level: _rounded(distances, level, np.floor),
                lambda distances, level: _rounded(distances, level, np.round),
            ),
        ),
        Misconception(
            "infinite too early",
            "You give infinity where the place is n itself. The n-th distance is there: it is the "
            "largest. Only beyond it is there none.",
            wrong=(_too_early,),
        ),
        Misconception(
            "counted from the largest",
            "You count from the largest distance downwards. 90 % of the cars must be *nearer* than "
            "the half-width.",
            wrong=(_from_the_end,),
        ),
        Misconception(
            "both sides at once",
            "That is twice the half-width. It goes to each side of the prediction.",
            wrong=(lambda distances, level: 2 * _reach(distances, level),),
        ),
        Misconception(
            "the largest when there are too few",
            "With nine distances the tenth car is further off than all of them one time in ten. So "
            "the largest keeps a promise of 90 %, and never one of 95 %: say infinity there.",
            wrong=(_largest,),
        ),
        Misconception(
            "no answer when there are too few",
            "Where the place lies beyond the last distance your function gives no number: there is "
            "nothing to look up. Ask for that first; `np.inf` is a number.",
            wrong=(_index_error,),
        ),
        Misconception(
            "not sorted",
            "The place is counted among the distances in order of size, not as they come.",
            wrong=(_unsorted,),
        ),
        Misconception(
            "as if they were normal",
            "This takes a standard deviation and the table of the normal distribution. Nobody has "
            "promised that distances are normal; the point is to need no such promise.",
            wrong=(
                lambda distances, level: 1.645 * np.std(distances),
                lambda distances, level: 1.645 * np.std(distances) if len(distances) > 1 else 0.0,
            ),
        ),
    ],
    hints=[
        "Nine distances, and a tenth car comes. If all ten are drawn alike, how likely is it that "
        "the new one is the furthest off?",
        "Sort the distances. The wanted one is number ceil((n + 1) * level), counted from 1.",
        "Ask first whether that number is larger than n: then nothing finite will do. Else it is a "
        "place in the sorted array, which counts from 0.",
    ],
    right=(
        "Nine cars can promise 90 % and not more, nineteen 95 %. The promise is about cars drawn "
        "like those set aside: for cars of 2030 it says nothing."
    ),
)


# --- positive_targets ------------------------------------------------------------------------

positive_targets = PredictChoice(
    key="predict_numbers.positive_targets",
    measured=("died_centred", "died_positive"),
    ask='"more", "fewer" or "as many"',
    answer="fewer",
    others={
        "more": Misconception(
            "a larger target, a larger danger",
            "You predicted more, your run says fewer. At the start the outputs are near 0 and the "
            "targets near 3. Which way does the first step push the output's z: up, or down? Then "
            "change your prediction.",
        ),
        "as many": Misconception(
            "death by the start alone",
            "You predicted as many, your run says fewer. Both runs begin with the same weights, "
            "and no output is off on all cars then. It is the first steps that kill. Which way do "
            "they push when all targets lie above the outputs? Then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "not a number of networks",
            "Wanted are two counts of networks, whole numbers from 0 to 20: those that answer 0 "
            "for each of their 220 learning cars.",
            when=lambda one, other: not all(n == round(n) and 0 <= n <= 20 for n in (one, other)),
        ),
        Misconception(
            "cars or answers counted",
            "All 20 of them? That is what comes out when networks are counted that answer 0 for "
            "*some* car. Ask for `.all(axis=(1, 2))`.",
            when=lambda one, other: one >= 19,
        ),
        Misconception(
            "not shifted",
            "The same count twice. Was the second run `ending_in(nn.ReLU(), shift=3.0)`?",
            when=lambda one, other: one == other > 0,
        ),
        Misconception(
            "exchanged, or shifted down",
            "More died in the second run. Did the two change places, or was the shift -3?",
            when=lambda one, other: other > one,
        ),
        Misconception(
            "nothing behind the output",
            "None died when the targets were centred. Was the ReLU handed over, "
            "`ending_in(nn.ReLU())`?",
            when=lambda one, other: one == 0,
        ),
    ],
    hints=[
        "The outputs begin near 0. Where do the targets lie, on average, in the two runs?",
        "With targets of about 3 every early step pushes z up, away from the flat side.",
        "The section on the mistake that is real counts `silent` networks in one line. Do the same "
        "for a model of `ending_in(nn.ReLU())`, and for one with `shift=3.0`.",
    ],
    right=(
        "With positive targets the ReLU at the end is hardly ever at work, and so does no harm, "
        "and no good either. It is a mistake that sleeps: until somebody standardises the target, "
        "or a truth below 0 comes along. Leave it out."
    ),
)


# --- more_members ----------------------------------------------------------------------------


@dataclass(kw_only=True, repr=False, eq=False)
class _PredictPerCent(PredictNumber):
    """Predict a number of per cent: shares are not understood, and too low is another mistake.

    Parameters
    ----------
    too_low : Misconception
        What to say to somebody whose prediction lies below what was measured.
    """

    too_low: Misconception

    def _read(self, guess: object) -> float | None:
        number = super()._read(guess)
        return number if number is not None and 1 < number <= 100 else None

    def _compare(self, prediction: Any, *numbers: float) -> Misconception | None:
        mistake = super()._compare(prediction, *numbers)
        return self.too_low if mistake is not None and prediction < numbers[0] else mistake


more_members = _PredictPerCent(
    key="predict_numbers.more_members",
    measured=("per_cent_inside",),
    ask="a number of per cent, such as 90",
    within=12.0,
    too_low=Misconception(
        "more members, a smaller spread",
        "Your run says more. It is the error of their *mean* that shrinks as members are added. "
        "The reach is made of the standard deviation of single members: does that shrink, if forty "
        "are asked instead of ten? Then predict again.",
    ),
    otherwise=Misconception(
        "more members, the promise kept",
        "Your run says otherwise. More members tell more exactly how far *networks* lie apart. "
        "They do not tell how far *cars* lie from the best prediction there is: two cars of the "
        "same eight numbers differ, too. Then predict again.",
    ),
    misconceptions=[
        Misconception(
            "a share instead of per cent",
            "This looks like a share from 0 to 1. Multiply by 100.",
            when=lambda inside: 0 < inside <= 1,
        ),
        Misconception(
            "no share at all",
            "Wanted is a number from 0 to 100: of how many per cent of the test cars the truth "
            "lies inside.",
            when=lambda inside: not 0 <= inside <= 100,
        ),
        Misconception(
            "the half-width of the 74 cars",
            "So many lie inside the intervals measured on cars set aside. Here the reach is "
            "`spread(new)`, from the members alone.",
            when=lambda inside: inside > 75,
        ),
        Misconception(
            "too few inside",
            "Hardly any truth lies inside. Was the reach `spread(new)` of the members' answers on "
            "the *test* cars, and the centre their mean?",
            when=lambda inside: inside < 20,
        ),
    ],
    hints=[
        "What do 40 networks know that ten did not? And what does none of them know?",
        "The spread of a sample does not grow with the sample. Forty members measure the same "
        "spread more exactly.",
        "For each division: the last entries of what `ensemble` gives are the test cars. How far "
        "is their truth from the mean of the members, and is that at most `spread`? Then the mean "
        "over the ten divisions, in per cent.",
    ],
    right=(
        "Hardly more than with ten. The spread of the members is what the *model* does not know. "
        "What differs between cars of the same eight numbers, the noise, is in no ensemble of this "
        "kind; measure it on cars set aside."
    ),
)


# --- never_below_zero ------------------------------------------------------------------------

never_below_zero = Choose(
    key="predict_numbers.never_below_zero",
    question=(
        "A network predicts prices of flats. The prices are standardised, and a ReLU stands behind "
        "the output, 'because no flat costs less than nothing'. What do you advise?"
    ),
    choices={
        "a": (
            "Keep it: no price is below 0, so the ReLU only rules out answers that would be wrong "
            "in any case."
        ),
        "b": (
            "Remove it: half of the standardised prices are below 0, and where it cuts them off no "
            "gradient comes back."
        ),
        "c": (
            "Replace it by a leaky ReLU with slope 0.01: answers below 0 become possible, and no "
            "gradient is lost."
        ),
        "d": (
            "Remove it, and those in the hidden layer, too: a ReLU kills units wherever it stands "
            "in a network."
        ),
    },
    answer="b",
    others={
        "a": Misconception(
            "the price taken for the target",
            "No *price* is below 0. But what does the network have to say for the average flat, "
            "after standardising? And for a cheaper one?",
        ),
        "c": Misconception(
            "a leak at the output taken for a remedy",
            "A gradient comes back, much weaker in the car by hand, and in which direction? What "
            "must z be to answer -1.5 through a slope of 0.01?",
        ),
        "d": Misconception(
            "one verdict for every place",
            "How many units of the *hidden* layer were always off in this notebook? What can a "
            "next layer do with numbers cut off at 0 that nobody can do behind the last one?",
        ),
    },
    hints=[
        "Work out the target of a flat at the average price, and of one that is cheaper. What can "
        "a ReLU answer?",
        "Two questions for each choice: which answers are possible? And what does the gradient do "
        "where z is below 0?",
        "Two of the choices remove it. Look at their reasons: which is about the output alone?",
    ],
    right=(
        "Nothing behind the output. If a price below 0 makes no sense, say so in the *target*: "
        "predict its logarithm, and undo that at the end. Then every answer is above 0, and no "
        "gradient is cut."
    ),
)
