"""One standard for the exercises of all notebooks: inputs nobody thinks of, hints, words, banks.

Which inputs make no sense for a function stands in `SENSELESS`, with the reason.
"""

import inspect
from collections.abc import Iterator

import numpy as np
import pytest
from test_exercise_banks import BANKS, EXERCISES, MODULES, declared, each_exercise

from helpers.exercises.choices import Choose
from helpers.exercises.functions import WriteFunction, corners
from helpers.exercises.predictions import PredictChoice, PredictNumber

KINDS = ("0", "negative", "-0.0", "integers", "2-D", "float32", "empty", "large")

# Under each exercise the kinds of input for which it makes no sense, and why.
SENSELESS = {
    "build_a_network.collapse": ("a layer has units, and -0.0 adds as 0", "-0.0 empty"),
    "build_a_network.count_parameters": (
        "the sizes of layers are a short list of whole numbers above 0",
        "0 negative -0.0 2-D float32 empty large",
    ),
    "change_framework.keras_first_step": (
        "gradients are of floats; at 1e-6 float32 differs in the digits compared",
        "-0.0 integers float32",
    ),
    "change_framework.torch_layer": (
        "torch's own layer takes floats only, and has units",
        "-0.0 integers empty",
    ),
    "check_your_own_network.rate_left": (
        "answers of a ReLU are floats, never below 0; without any there is nothing to judge",
        "negative -0.0 integers float32 empty",
    ),
    "choose_the_slope.gain": (
        "a formula of one slope, which is small",
        "-0.0 integers 2-D float32 empty large",
    ),
    "classify_images.dead_channels": ("without pictures nothing can be judged", "empty"),
    "classify_images.max_pool": ("the largest of nothing does not exist", "empty"),
    "detect_objects.area_below": (
        "precision and recall are lists of shares, from 0 to 1",
        "negative -0.0 integers 2-D float32 empty large",
    ),
    "detect_objects.edges": (
        "one box: four shares from 0 to 1, and a side in pixels",
        "negative -0.0 2-D float32 empty large",
    ),
    "meet_a_neuron.xor": ("a gate takes 0 and 1", "negative"),
    "predict_numbers.reach": (
        "distances are a list of numbers above 0, and their size changes nothing",
        "0 negative -0.0 integers 2-D float32 empty large",
    ),
    "read_text.clip_by_norm": (
        "gradients are of floats, of the bound's precision",
        "integers float32",
    ),
    "read_text.run_state": (
        "a recurrence of one number, written as a loop of floats",
        "-0.0 integers 2-D float32 empty large",
    ),
    "spot_the_bug.guess_loss": (
        "labels are whole numbers from 0, one an example",
        "negative -0.0 2-D float32 empty",
    ),
    "switch_to_relu.dead_units": ("without examples nothing can be judged", "empty"),
    "switch_to_relu.he_deviation": (
        "a formula of one whole number above 0 and one slope",
        "-0.0 2-D float32 empty",
    ),
    "test_every_claim.paired_interval": (
        "one number a seed: a row, of two seeds at least",
        "2-D empty",
    ),
    "test_every_claim.verdict": (
        "three numbers of one interval",
        "2-D float32 empty",
    ),
    "train_a_network.shares_at": ("the shares of no scores do not exist", "-0.0 empty"),
    "train_a_network.step_downhill": (
        "a line of one input; nudging is a right answer, and needs the digits of float64",
        "-0.0 2-D float32 empty",
    ),
    "train_a_network.weight_gradient": ("the layer has units and examples", "empty"),
    "warm_up.chain_slope": (
        "machines and one number; a slope is measured by nudging, which needs float64",
        "0 -0.0 2-D float32 empty large",
    ),
    "warm_up.share_above": ("the share of nothing does not exist", "empty"),
    "watch_gradients_vanish.layers_until": (
        "a factor and a limit, both between 0 and 1",
        "0 negative -0.0 integers 2-D float32 empty large",
    ),
    "watch_gradients_vanish.tanh_slope": ("tanh answers between -1 and 1", "large"),
    "watch_gradients_vanish.weight_scale": (
        "a whole number above 0 and a slope above 0",
        "0 negative -0.0 2-D float32 empty",
    ),
    "watch_relu_die.deaths_and_revivals": (
        "True and False, an epoch a row",
        "negative -0.0 integers float32 empty",
    ),
    "watch_relu_die.lost_at_birth": (
        "two whole numbers, counts of units and of layers",
        "negative -0.0 2-D float32 empty large",
    ),
}


def arrays(arguments) -> Iterator[np.ndarray]:
    """Find the numbers in the arguments of a case, in lists of arrays too."""
    for value in arguments:
        if callable(value) or isinstance(value, str):
            continue
        inner = isinstance(value, list | tuple) and any(
            isinstance(each, np.ndarray | list | tuple) or callable(each) for each in value
        )
        if inner:
            yield from arrays(value)
        else:
            yield np.asarray(value)


def kinds(arguments) -> set[str]:
    found = set()
    for array in arrays(arguments):
        numbers = array.astype(float)
        zeros = np.signbit(numbers[numbers == 0])
        facts = {
            "0": not zeros.all(),
            "negative": (numbers < 0).any(),
            "-0.0": zeros.any(),
            "integers": array.dtype.kind in "iu",
            "2-D": array.ndim >= 2,
            "float32": array.dtype == np.float32,
            "empty": array.size == 0,
            "large": array.size >= 100 or (np.abs(numbers) >= 1000).any(),
        }
        found |= {kind for kind, true in facts.items() if true}
    return found


@each_exercise(WriteFunction)
def test_inputs_that_the_stub_does_not_show_are_tried(name, exercise):
    tried = set().union(*map(kinds, exercise.cases.values()))
    reason, senseless = SENSELESS.get(exercise.key, ("", ""))
    assert set(KINDS) - tried <= set(senseless.split())
    assert bool(reason) == bool(senseless)
    assert set(senseless.split()) <= set(KINDS)


def test_the_kinds_of_input_are_told_apart():
    for case, found in (
        (0.0, {"0"}),
        (-0.0, {"-0.0"}),
        (-1.5, {"negative"}),
        (3, {"integers"}),
        (np.ones((1, 1)), {"2-D"}),
        (np.float32(0.5), {"float32"}),
        ([], {"empty"}),
        (1e6, {"large"}),
        (np.ones(100), {"large"}),
        ([np.array([0.0]), np.array([1, 2])], {"0", "integers"}),
        (len, set()),
        ("word", set()),
    ):
        assert kinds((case,)) == found, case
    corner = set().union(*map(kinds, corners(lambda z: (z,)).values()))
    assert corner == set(KINDS) - {"2-D"}
    assert "integers" not in corners(lambda z: (z,), without=["integers"])


@each_exercise()
def test_hints_words_and_bank_are_of_one_standard(name, exercise):
    bank = BANKS[name]
    assert len(exercise.hints) >= 3
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert len(exercise.right.split()) >= 8, "what to notice, not only praise"
    assert len(bank.RIGHT[exercise.name]) >= 5
    assert sum(map(len, bank.WRONG[exercise.name].values())) >= 8
    for misconception in declared(exercise):
        assert misconception.name
        assert len(misconception.explanation.split()) >= 6, misconception.name


def test_at_least_60_misconceptions_have_names():
    """Each is recognised by its name in the bank: `test_exercise_banks` holds that."""
    names = {m.name for _, exercise in EXERCISES for m in declared(exercise)}
    assert len(names) >= 60


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("train_a_network.weight_gradient", "passes at exactly 0"),  # z >= 0 for z > 0
        ("leak_a_little.leaky", "max(slope, z)"),
        ("leak_a_little.leaky", "the slope on the wrong side"),
        ("leak_a_little.leaky", "max with a slope above 1"),
        ("meet_a_neuron.neuron", "row and column mixed up"),
        ("meet_a_neuron.neuron", "mean instead of sum"),
        ("meet_a_neuron.neuron", "`if` on a whole array"),
        ("check_your_own_network.rate_left", "the last batch alone"),
        ("check_your_own_network.read_the_report", "a logit taken for a neuron"),
        ("switch_to_relu.he_deviation", "the slope left out"),
        ("watch_gradients_vanish.tanh_slope", "the output taken for z"),
        ("switch_to_relu.relu_backward", "gradient of the loss for that of the activation"),
    ],
)
def test_the_classic_ones_are_among_them(key, name):
    (exercise,) = (each for _, each in EXERCISES if each.key == key)
    assert name in {m.name for m in declared(exercise)}


@pytest.mark.parametrize("name", MODULES)
def test_each_notebook_has_three_to_five_exercises_and_one_prediction(name):
    exercises = [exercise for module, exercise in EXERCISES if module == name]
    assert 3 <= len(exercises) <= 5 or name == "spot_the_bug"  # eight bugs
    asks = PredictChoice | PredictNumber | Choose
    assert any(isinstance(exercise, asks) for exercise in exercises) or name == "spot_the_bug"


@each_exercise(WriteFunction)
def test_no_label_is_used_for_two_arguments(name, exercise):
    """A label is what the learner reads: 'Tried with ...'."""
    count = len(inspect.signature(exercise.reference).parameters)
    assert all(len(arguments) == count for arguments in exercise.cases.values())
    assert all(label == label.strip() != "" for label in exercise.cases)
