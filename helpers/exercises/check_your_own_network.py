"""Exercises of notebook 10: what data leave possible, a report, causes, a fix, a patient."""

import numpy as np

from .capstone import HIDDEN, WANTED, BringBack, patient
from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = [
    "bring_it_back",
    "name_the_cause",
    "one_fix_two_networks",
    "patient",
    "progress",
    "rate_left",
    "read_the_report",
]

_random = np.random.default_rng(10)


# --- rate_left -------------------------------------------------------------------------------


def _fired(batches):
    return np.any([(batch > 0).any(axis=(0, 1)) for batch in batches], axis=0)


def _examples(batches):
    return sum(len(batch) for batch in batches)


def _left(fired, n):
    return np.where(fired, 1.0, 3 / n)


def _said(*words: str):
    """Make a predicate of the trials: one of them failed with all of these words."""
    return lambda trials: any(all(word in trial.yours for word in words) for trial in trials)


def _stream(*sizes, tokens, units, off=()):
    """Make activations of a ReLU, batch by batch; some units may be off on all of them."""
    batches = [np.maximum(_random.normal(size=(n, tokens, units)) - 0.5, 0.0) for n in sizes]
    for batch in batches:
        batch[..., list(off)] = 0.0
    return batches


def _quiet_but_once(n, units, tokens, *, batch, example, token):
    """Make two batches of n in which unit 0 fires once, and unit 1 never."""
    batches = _stream(n, n, tokens=tokens, units=units, off=(0, 1))
    batches[batch][example, token, 0] = 0.25
    return batches


rate_left = WriteFunction(
    key="check_your_own_network.rate_left",
    reference=lambda batches: _left(_fired(batches), _examples(batches)),
    keeps_input=False,  # a list of arrays of different sizes cannot be compared as one
    cases={
        "one batch of 4, one token, a dead unit and one that fires": (
            [np.array([[[0.0, 1.0]], [[0.0, 0.0]], [[0.0, 2.0]], [[0.0, 0.0]]])],
        ),
        "two batches of 3, one token, two dead units": (
            [np.zeros((3, 1, 2)), np.zeros((3, 1, 2))],
        ),
        "a unit that fires in the first batch only": (
            [np.array([[[1.0, 0.0]]] * 4), np.zeros((4, 1, 2))],
        ),
        "a unit that fires in the last batch only": (
            [np.zeros((5, 1, 2)), np.array([[[0.5, 0.0]]] * 5)],
        ),
        "three tokens, all units dead": ([np.zeros((6, 3, 2))],),
        "a unit that fires for one token alone": (
            _quiet_but_once(5, 3, 4, batch=0, example=2, token=3),
        ),
        "batches of 8, 8 and 3": (_stream(8, 8, 3, tokens=2, units=4, off=(1,)),),
        "batches of 64 and 10, 8 tokens, 6 units": (
            _stream(64, 10, tokens=8, units=6, off=(0, 4)),
        ),
        "40 batches": (_stream(*[16] * 39, 5, tokens=2, units=5, off=(3,)),),
        "nobody is dead": (_stream(32, 32, tokens=4, units=3),),
    },
    misconceptions=[
        Misconception(
            "tokens taken for examples",
            "Your N counts tokens. The tokens of one example belong together and resemble each "
            "other; the rule of three wants independent examples.",
            wrong=(
                lambda batches: _left(_fired(batches), sum(len(b) * b.shape[1] for b in batches)),
            ),
        ),
        Misconception(
            "batches taken for examples",
            "Your N counts batches. Each batch holds many examples: `len(batch)` of them.",
            wrong=(lambda batches: _left(_fired(batches), len(batches)),),
        ),
        Misconception(
            "the examples of one batch",
            "Your N is the size of one batch. What the other batches showed counts as well: add "
            "up their sizes.",
            wrong=(
                lambda batches: _left(_fired(batches), len(batches[0])),
                lambda batches: _left(_fired(batches), len(batches[-1])),
                lambda batches: _left(_fired(batches), max(map(len, batches))),
            ),
        ),
        Misconception(
            "the last batch alone",
            "Your answer forgets the earlier batches: a unit that fired there is called dead. "
            "Keep what each batch showed.",
            wrong=(
                lambda batches: _left(_fired(batches[-1:]), len(batches[-1])),
                lambda batches: _left(_fired(batches[-1:]), _examples(batches)),
            ),
        ),
        Misconception(
            "the first batch alone",
            "Your answer stops after the first batch. Is there a `return` inside the loop?",
            wrong=(
                lambda batches: _left(_fired(batches[:1]), len(batches[0])),
                lambda batches: _left(_fired(batches[:1]), _examples(batches)),
            ),
        ),
        Misconception(
            "silent in one batch is enough",
            "You call a unit dead if there is a batch in which it is silent. Healthy units have "
            "such batches, too. Dead means silent in all of them.",
            wrong=(
                lambda batches: _left(
                    np.all([_fired([batch]) for batch in batches], axis=0), _examples(batches)
                ),
            ),
        ),
        Misconception(
            "silent at one token is enough",
            "You ask that a unit fires at every token, or look at one token alone. It fired if it "
            "did at any of them.",
            wrong=(
                lambda batches: _left(
                    np.any([(b > 0).all(axis=1).any(axis=0) for b in batches], axis=0),
                    _examples(batches),
                ),
                lambda batches: _left(
                    np.any([(b[:, 0] > 0).any(axis=0) for b in batches], axis=0),
                    _examples(batches),
                ),
            ),
        ),
        Misconception(
            "the same for every unit",
            "The bound is for units that never fired. For one that did, the data do not speak "
            "against any rate: 1.",
            wrong=(lambda batches: np.full(batches[0].shape[-1], 3 / _examples(batches)),),
        ),
        Misconception(
            "the rate that was seen",
            "For units that fired you give the share of examples on which they did. Asked is 1 "
            "for these, and 3/N for the silent ones.",
            wrong=(
                lambda batches: np.where(
                    _fired(batches),
                    sum((b > 0).any(axis=1).sum(axis=0) for b in batches) / _examples(batches),
                    3 / _examples(batches),
                ),
            ),
        ),
        Misconception(
            "silence taken for certainty",
            "You give 0 where a unit never fired. It was not *seen* to fire; N examples cannot "
            "rule out a rate below 3/N.",
            wrong=(
                lambda batches: _fired(batches).astype(float),
                lambda batches: np.where(_fired(batches), 3 / _examples(batches), 0.0),
            ),
        ),
        Misconception(
            "the wrong way round",
            "The silent units get 1 and those that fired get 3/N: turn them round.",
            wrong=(lambda batches: _left(~_fired(batches), _examples(batches)),),
        ),
        Misconception(
            "0 taken for firing",
            "`>= 0` is true for every answer of a ReLU. A unit fires where its answer is above 0.",
            wrong=(lambda batches: np.ones(batches[0].shape[-1]),),
        ),
        Misconception(
            "1/N instead of 3/N",
            "At a rate of 1/N a unit would stay silent on N examples more than a third of the "
            "time. Which multiple of it did the rule of three take?",
            wrong=(lambda batches: np.where(_fired(batches), 1.0, 1 / _examples(batches)),),
        ),
        Misconception(
            "every number counted",
            "Your N counts all numbers in the arrays: examples times tokens times units. How many "
            "*examples* were there?",
            wrong=(lambda batches: _left(_fired(batches), sum(b.size for b in batches)),),
        ),
        Misconception(
            "the token axis left in",
            "Yours has an answer for each token. A unit counts as silent if it fired for no token "
            "of no example: ask over both axes at once.",
            wrong=(
                lambda batches: _left(
                    np.any([(b > 0).any(axis=0) for b in batches], axis=0), _examples(batches)
                ),
            ),
        ),
        Misconception(
            "examples judged instead of units",
            "Yours has an answer for each example. The axes are examples, tokens, units, and the "
            "units are the ones to keep.",
            wrong=(
                lambda batches: _left(
                    np.concatenate([(b > 0).any(axis=(1, 2)) for b in batches]), _examples(batches)
                ),
            ),
        ),
        Misconception(
            "0 for the units that fired",
            "The silent ones are right. Of a unit that fired, the data rule out no rate: for that "
            "the exercise wants 1.",
            wrong=(lambda batches: np.where(_fired(batches), 0.0, 3 / _examples(batches)),),
        ),
        Misconception(
            "a mean over batches",
            "You judge each batch by itself and take the mean. What the batches show belongs "
            "together: one N, and one question for each unit.",
            wrong=(lambda batches: np.mean([_left(_fired([b]), len(b)) for b in batches], axis=0),),
        ),
        Misconception(
            "the exact bound",
            "That is the exact bound, of which 3/N is the short form: nearly the same for many "
            "examples. Here the rule of three itself is asked.",
            wrong=(
                lambda batches: np.where(
                    _fired(batches), 1.0, 1 - 0.05 ** (1 / _examples(batches))
                ),
            ),
        ),
        Misconception(
            "a list taken for an array",
            "`batches` is a list: it has no `> 0` and no shape. Go through it, batch by batch, or "
            "lay the batches end to end first.",
            when=_said("'list' and 'int'"),
        ),
        Misconception(
            "`or` between arrays",
            "`or`, `and`, `not` and `if` ask one question, and there are many units. `|` and `&` "
            "ask for each of them.",
            when=_said("truth value"),
        ),
    ],
    hints=[
        "Two things to collect while the batches go by: for each unit whether it has fired yet, "
        "and how many examples there were.",
        "In one batch: `(batch > 0).any(axis=(0, 1))` is one True or False for each unit, and "
        "`len(batch)` the examples. Combine them over the batches with `|` and `+`.",
        "After the loop `np.where(fired, 1.0, 3 / n)` gives both kinds at once.",
    ],
    right=(
        "It is what `report.units` calls `bound`. Nothing of a batch has to be kept but one bit a "
        "unit and one count: a detector can read a million examples in the memory of one batch."
    ),
)


# --- read_the_report -------------------------------------------------------------------------

# Highest z, and on how many of 1,000 examples each unit fires.
_UNITS = np.array([[-0.3, 0.0], [-0.3, 0.0], [2.4, 6.0], [-0.7, 0.0], [1.9, 480.0], [-0.2, 0.0]])

read_the_report = GiveValues(
    key="check_your_own_network.read_the_report",
    shapes={"states": (6,)},
    rows=_UNITS,
    expected=np.array([1.0, 2.0, 3.0, 4.0, 0.0, 2.0]),
    measure=lambda states: states,
    decide=lambda states: states,
    symbol="state",
    misconceptions=[
        Misconception(
            "no such state",
            "A state is one of the numbers 0 to 4, one for each of the six units.",
            when=lambda states: not np.isin(states, [0, 1, 2, 3, 4]).all(),
        ),
        Misconception(
            "a logit taken for a neuron",
            "Unit D has no activation behind it. A logit below 0 is an opinion: this class is "
            "unlikely. Nothing cuts it off, and its gradient passes.",
            when=lambda states: states[3] in (0, 1, 2, 3),
        ),
        Misconception(
            "a leak taken for death",
            "Unit B never gets above 0, but its slope there is 0.01: gradient passes. Silent is "
            "not dead.",
            when=lambda states: states[1] == 1,
        ),
        Misconception(
            "a curve taken for a level line",
            "Unit F never gets above 0. GELU's curve below 0 is nowhere level on a stretch, so a "
            "gradient passes. Which word of the list is for that?",
            when=lambda states: states[5] == 1,
        ),
        Misconception(
            "rare taken for never",
            "Unit C fires for 6 of 1,000 examples: few, and not none. Each of these moves its "
            "weights.",
            when=lambda states: states[2] == 1,
        ),
        Misconception(
            "rare taken for healthy",
            "6 of 1,000 is 0.6 %, and the report draws a line at 1 %. Which word is for units "
            "below it?",
            when=lambda states: states[2] == 0,
        ),
        Misconception(
            "an activation overlooked",
            "Not judged is only what has no activation behind it. Look at the second column of the "
            "units that you called so.",
            when=lambda states: 4 in states[[0, 1, 2, 4, 5]],
        ),
        Misconception(
            "off half of the time taken for a fault",
            "Unit E fires for 480 of 1,000 examples. To be silent on the others is what ReLU is "
            "for.",
            when=lambda states: states[4] != 0,
        ),
        Misconception(
            "a dead unit overlooked",
            "Unit A is a ReLU unit with no z above 0, on any of 1,000 examples. What can still "
            "reach its weights?",
            when=lambda states: states[0] != 1,
        ),
        Misconception(
            "never taken for healthy",
            "Units B and F fire for none of 1,000 examples. A gradient gets through to them, and "
            "there is a word for that, which is not healthy.",
            when=lambda states: 0 in states[[1, 5]],
        ),
        Misconception(
            "never taken for rarely",
            "Near-dead is a unit that fires, for less than 1 % of the examples. Units B and F fire "
            "for none of them.",
            when=lambda states: 3 in states[[1, 5]],
        ),
        Misconception(
            "rarely taken for never",
            "Always-negative is a unit whose z is never above 0. Unit C gets up to 2.4.",
            when=lambda states: states[2] == 2,
        ),
    ],
    hints=[
        "Three questions, in this order. Is there an activation at all? Did it ever fire? If not, "
        "does a gradient pass below 0?",
        "No activation: not judged. Fires on less than 1 %: near-dead. Never, and level below 0: "
        "dead. Never, and not level: always-negative.",
        "Only one of the six is dead, and two are always-negative.",
    ],
    right=(
        "A tool that only looks for outputs of 0, or below, would call four of the six dead. One "
        "is."
    ),
)


# --- name_the_cause --------------------------------------------------------------------------

# Mean of z, bias, spread of z.
_OFF = np.array(
    [
        [-3.5, -0.2, 0.7],
        [-2.4, -2.0, 0.5],
        [-2.0, 1.0, 0.8],
        [-5.0, -2.8, 0.6],
        [-3.0, -3.4, 0.5],
        [-1.8, -1.0, 0.6],
    ]
)

name_the_cause = GiveValues(
    key="check_your_own_network.name_the_cause",
    shapes={"causes": (6,)},
    rows=_OFF,
    expected=np.array([2.0, 1.0, 2.0, 0.0, 1.0, 0.0]),
    measure=lambda causes: causes,
    decide=lambda causes: causes,
    symbol="cause",
    misconceptions=[
        Misconception(
            "no such cause",
            "A cause is one of the numbers 0, 1 and 2, one for each of the six units.",
            when=lambda causes: not np.isin(causes, [0, 1, 2]).all(),
        ),
        Misconception(
            "the bias blamed for everything",
            "You blame the bias of all six. For each, work out what is left of the mean of z "
            "without the bias. For unit C it is -3.0, and the bias pulls the other way.",
            when=lambda causes: (causes == 1).all(),
        ),
        Misconception(
            "a positive bias blamed",
            "The bias of unit C is +1.0: it lifts z. Without it the mean would be at -3.0, lower "
            "still.",
            when=lambda causes: causes[2] == 1,
        ),
        Misconception(
            "the helping part blamed",
            "For unit E the weights' part is -3.0 less -3.4, so +0.4: it lifts z. Only one of the "
            "two pulls down.",
            when=lambda causes: causes[4] == 2,
        ),
        Misconception(
            "one part alone named where neither suffices",
            "Unit D: -2.2 of weights, -2.8 of bias, and 2.33 spreads are only 1.4. Take away "
            "either, and it stays silent. Neither is twice the other. What does the report say "
            "then?",
            when=lambda causes: causes[3] != 0,
        ),
        Misconception(
            "one part alone named where either would do",
            "Unit F: -0.8 of weights, -1.0 of bias, and 2.33 spreads are 1.4. Take away either, "
            "and it fires. Which of the two is *the* cause the numbers do not decide.",
            when=lambda causes: causes[5] != 0,
        ),
        Misconception(
            "the two swapped",
            "Unit A has a bias of -0.2 and a mean of -3.5: nearly all of that is the weights'. "
            "Unit B has a bias of -2.0 and a mean of -2.4. Which number stands for which cause?",
            when=lambda causes: causes[0] == 1 or causes[1] == 2,
        ),
        Misconception(
            "given up too soon",
            "One of your zeros can be decided. Take the bias away: is the rest within 2.33 "
            "spreads of 0? Take the rest away: is the bias? If only one answer is yes, that part "
            "is the cause.",
            when=lambda causes: (causes[[0, 1, 2, 4]] == 0).any(),
        ),
    ],
    hints=[
        "First the part of the weights: the mean of z less the bias. Then 2.33 times the spread: "
        "so far below 0 the mean may lie, and the unit still fires now and then.",
        "Unit A: weights -3.3, bias -0.2, reach 1.6. Without the bias: -3.3, out of reach. "
        "Without the weights' part: -0.2, within reach. So the weights.",
        "Two of the six are unknown: one where neither part alone would do, and one where either "
        "would, and neither part is twice the other.",
    ],
    right=(
        "Two of six stay unknown, and that is no weakness: a tool that always names a cause names "
        "wrong ones."
    ),
)


# --- one_fix_two_networks --------------------------------------------------------------------

one_fix_two_networks = PredictChoice(
    key="check_your_own_network.one_fix_two_networks",
    measured=("share_model", "share_reader"),
    ask='"model", "reader", "both" or "neither"',
    answer="reader",
    others={
        "model": Misconception(
            "the causes swapped",
            "It is the other one. The report of the first network says mean shift, that of the "
            "transformer says bias. Which of the two does this fix take away? Then change your "
            "prediction.",
        ),
        "both": Misconception(
            "a bias of 0 revives anybody",
            "Not in the first network. Unit 0 had a mean of z of -3.49, and its bias was only "
            "-0.17 of it. Where does a bias of 0 leave it? Then change your prediction.",
        ),
        "neither": Misconception(
            "dead is dead",
            "By its own gradient a dead unit does not come back. Here *you* change it. Where was "
            "the bias all that held the units down? Compare your two shares, and change your "
            "prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "counts instead of shares",
            "A share lies between 0 and 1: divide how many came back by how many were dead.",
            when=lambda model, reader: max(model, reader) > 1,
        ),
        Misconception(
            "the same network twice",
            "Both shares are equal. Was the second trial made with `reader` and `rows`?",
            when=lambda model, reader: model == reader,
        ),
        Misconception(
            "the two swapped",
            "The first share is the higher one, by far. Did the two change places?",
            when=lambda model, reader: model > 0.5 > reader,
        ),
        Misconception(
            "another fix",
            "In the first network most came back. Is the fix `ResetBias()`, and not one that "
            "changes weights?",
            when=lambda model, reader: model > 0.5,
        ),
        Misconception(
            "the control",
            'Hardly anybody came back in the transformer. Did you take `.of("nothing", ...)`, to '
            "which nothing was done?",
            when=lambda model, reader: reader < 0.5,
        ),
    ],
    hints=[
        "What is the cause that each report names?",
        "A bias of 0 leaves the mean of z where the weights put it: about -3.3 for unit 0 of the "
        "first network. In the transformer all biases were set to -2.",
        "`tried = remedies.what_if(reader, (rows, y_train), F.cross_entropy, **one)`, then "
        '`tried.of("bias 0", "revived")[0] / tried.before.dead`.',
    ],
    right=(
        "The cause chose the fix. Now print the second trial: is the loss of the revived "
        "transformer lower than after doing nothing? Revival is not improvement."
    ),
)


# --- bring_it_back ---------------------------------------------------------------------------

bring_it_back = BringBack(
    key="check_your_own_network.bring_it_back",
    limit=30.0,
    hints=[
        "Look first: `print(diagnose(patient, (x_train, y_train), loss=F.cross_entropy))`. Each "
        "layer has a cause of its own. Which of them could training alone put right?",
        "A dead unit of the first layer gets no gradient, so training leaves it dead. Something "
        "has to be put in place by hand, or drawn anew, in *every* layer; then train. Diagnose "
        "after each step: a remedy may leave units behind, and training may kill others.",
        "`remedies.reinit_(patient, diagnose(patient, x_train))` draws anew what is dead; what was "
        "behind it may still be, so do it again until the report has no dead unit. Then "
        "`train(patient, x_train, [0.0003] * 10)`, `.eval()`, and another look: who died in "
        "training takes another round.",
    ],
    right="Four causes, and no single remedy: what is in the way has to go, in each layer, before "
    "training can do the rest. And that it is alive you know by looking at its units, not by its "
    "accuracy.",
    misconceptions=[
        Misconception(
            "its scores are no numbers",
            "Some of its scores are nan or infinite. Was the learning rate too high, or a weight "
            "divided by 0?",
            when=lambda found: not found.finite,
        ),
        Misconception(
            "cut out",
            f"It has fewer hidden units than the patient had ({sum(HIDDEN)}). Whoever takes the "
            "dead units out has none left, but has not brought them back.",
            when=lambda found: found.units < sum(HIDDEN),
        ),
        Misconception(
            "revival taken for learning",
            "Nobody is dead any more: well done. But units that are alive have yet to learn, and "
            "those that `reinit_` draws anew begin with outgoing weights of 0, so that they are "
            "stuck until the first step. Train.",
            when=lambda found: found.dead == 0 and found.accuracy < WANTED,
        ),
        Misconception(
            "neither trained nor mended",
            "It reads too few digits, and units are stuck. Below you see where; begin with the "
            "layer nearest to the input.",
            when=lambda found: found.accuracy < WANTED and found.stuck > 0,
        ),
        Misconception(
            "accuracy taken for health",
            "It reads the digits, and still has units that nothing can move. Below you see where. "
            "This is how the notebook began.",
            when=lambda found: found.stuck > 0,
        ),
    ],
)
