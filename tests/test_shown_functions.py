"""Show first, import later: what a notebook defines equals what `helpers` has by that name."""

import ast
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from helpers import activations, datasets, initializers, stats, training, units
from helpers.models import boxes
from helpers.models.detector import loss_parts, targets
from helpers.models.images import Convnet
from helpers.models.recurrent import Reader, start_
from helpers.models.start import he_
from helpers.network import Dense, Network

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ACTIVATION_CASES = (
    (np.linspace(-5, 5, 101),),
    (np.array([-0.0, 0.0, 5e-324, -5e-324]),),
    (np.array([-np.inf, np.inf]),),
    (np.zeros((0, 3)),),
    (np.arange(-6.0, 6.0).reshape(3, 4),),
)
# The slope where it is not said, and others.
LEAKY_CASES = tuple((*case, *slope) for case in ACTIVATION_CASES for slope in ((), (0.3,), (1.5,)))


@dataclass(frozen=True)
class Taught:
    """A function or a class that a notebook defines, and what it must agree with.

    Parameters
    ----------
    notebook, name : str
        Where it is defined, and by which name.
    ours : callable
        The function or the class in `helpers`.
    cases : tuple
        What to try: tuples of arguments, or functions that take `ours` or the notebook's and give
        what to compare, as a class needs.
    also : tuple of str
        Other functions and classes of the notebook that it needs.
    tolerance : float
        Relative; by default everything is exactly equal.
    given : mapping of str to object
        What the notebook has imported for it, besides NumPy.
    """

    notebook: str
    name: str
    ours: Callable[..., Any]
    cases: tuple[tuple[Any, ...] | Callable[[Any], Any], ...] = ACTIVATION_CASES
    also: tuple[str, ...] = ()
    tolerance: float = 0.0
    given: Mapping[str, Any] = field(default_factory=dict)


def layers_of(network: Network) -> list[tuple[Any, ...]]:
    """Return a network as notebook 02 writes it: (w, b, activation) for each layer."""
    return [(layer.w, layer.b, layer.activation) for layer in network.layers]


def drawing(fan_in: int, fan_out: int) -> Callable[[Any], Any]:
    """Make a case of an initialiser: what it draws from a fresh generator."""
    return lambda draw: draw(fan_in, fan_out, np.random.default_rng(4))


def logits_of(size: int, slope: float, normalize: bool) -> Callable[[Any], Any]:
    """Make a case of a convolutional network: what it makes of random pictures."""
    x = torch.rand(6, 1, size, size, generator=torch.manual_seed(4), dtype=torch.float64)

    def case(network: Callable[..., nn.Module]) -> Any:
        model = he_(network(size, slope, normalize).double(), slope, seed=4)
        return model(x).detach().numpy(), model.eval()(x).detach().numpy()

    return case


def scores_of(name: str) -> Callable[[Any], Any]:
    """Make a case of a recurrent network: how it scores a name."""
    return lambda read: read(name, start_(Reader("relu"), seed=4)).detach().numpy()


def sizes_of_a_network(gradient_sizes: Callable[..., Any]) -> Any:
    """Measure the gradients of a small network."""
    rng = np.random.default_rng(4)
    network = Network([3, 5, 4, 2], "tanh", seed=4)
    return gradient_sizes(network, rng.normal(size=(6, 3)), rng.integers(0, 2, 6))


def both_ways(dense: Callable[..., Any]) -> list[Any]:
    """Return all that a layer computes on its way there and back, for a few activations."""
    rng, found = np.random.default_rng(0), []
    for activation in (activations.relu, activations.identity, activations.tanh):
        layer = dense(rng.normal(size=(4, 3)), rng.normal(size=3), activation)
        found += [layer.forward(rng.normal(size=(6, 4))), layer.backward(rng.normal(size=(6, 3)))]
        found += [layer.w, layer.b, layer.x, layer.z, layer.grad_w, layer.grad_b]
    return found


# Rows with a clear winner, a tie, scores whose powers fit into no number, and equal scores.
LOGITS = np.array([[2.0, 1.0, 0.0], [-3.0, 0.5, 0.5], [1000.0, -1000.0, 999.0], [0.0, 0.0, 0.0]])

# A column a unit: one that fires, two that never do, one at 0 throughout, one that always fires.
OFF = np.array([[2.0, -1.0, -3.0, 0.0, 0.5], [-1.0, 0.0, -0.5, 0.0, 7.0]])

# Inside, beside, touching, apart both ways, and the same.
OTHER_BOXES = ([1.0, 1, 3, 3], [2.0, 1, 6, 5], [4.0, 0, 6, 4], [6.0, 6, 8, 8], [0.0, 0, 4, 4])


def heap_of_boxes(threshold: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw boxes, many of which overlap, with scores, some of them equal."""
    rng = np.random.default_rng(4)
    corner, size = rng.uniform(0, 20, (30, 2)), rng.uniform(3, 15, (30, 2))
    return np.concatenate([corner, corner + size], axis=1), rng.random(30).round(1), threshold


HEAPS = tuple(heap_of_boxes(threshold) for threshold in (0.0, 0.3, 0.5, 1.0))


def loss_of_answers(seed: int) -> Callable[[Any], Any]:
    """Make a case of a detector's loss: of random answers to two scenes."""
    answers = torch.randn(2, 6, 6, 15, generator=torch.manual_seed(seed))
    wanted = targets(datasets.scenes(2, seed=seed))
    return lambda parts: parts(answers, wanted).numpy()


TAUGHT = [
    Taught("00_warm_up", "bend", activations.relu),
    Taught(
        "00_warm_up",
        "slope_at",
        training.slope_at,
        (
            lambda slope_at: [slope_at(np.sin, x) for x in (-2.0, 0.0, 0.3)],
            lambda slope_at: slope_at(abs, 0.0, h=0.5),
        ),
    ),
    Taught("01_meet_a_neuron", "step", activations.step),
    Taught("01_meet_a_neuron", "relu", activations.relu),
    Taught(
        "02_build_a_network",
        "forward",
        lambda x, layers: Network.of(Dense(*layer) for layer in layers).forward(x),
        (
            (np.array([[0.5, -1.0], [2.0, 0.0]]), layers_of(Network([2, 3, 1], "relu", seed=0))),
            (np.eye(4), layers_of(Network([4, 5, 5, 2], "relu", bias=-0.5, seed=1))),
            (np.zeros((0, 3)), layers_of(Network([3, 2], seed=2))),
            (np.ones((7, 1)), layers_of(Network([1, 6, 6, 6, 1], "identity", seed=3))),
        ),
    ),
    Taught("03_train_a_network", "Dense", Dense, (both_ways,)),
    Taught(
        "03_train_a_network",
        "mean_squared_error",
        training.mean_squared_error,
        ((LOGITS, np.ones((4, 3))), (np.array([[3.0]]), np.array([[1.0]]))),
    ),
    Taught("03_train_a_network", "softmax", training.softmax, ((LOGITS,), (LOGITS[2],))),
    Taught(
        "03_train_a_network",
        "softmax_cross_entropy",
        training.softmax_cross_entropy,
        ((LOGITS, np.array([1, 0, 1, 2])), (LOGITS[:1], np.array([0]))),
    ),
    Taught(
        "04_watch_gradients_vanish",
        "sigmoid",
        activations.sigmoid,
        ((np.linspace(-30, 30, 101),), (np.array([0.0, -0.0]),), (np.zeros((0, 3)),)),
        tolerance=1e-12,
    ),
    Taught(
        "04_watch_gradients_vanish",
        "sigmoid_slope",
        activations.sigmoid.derivative,
        ((np.linspace(-5, 5, 101),), (np.array([0.0, -0.0]),), (np.zeros((0, 3)),)),
        ("sigmoid",),
        tolerance=1e-12,
    ),
    *(
        Taught(
            "04_watch_gradients_vanish",
            draw.__name__,
            draw,
            tuple(drawing(*sizes) for sizes in ((3, 2), (64, 32), (1, 1))),
        )
        for draw in (initializers.glorot, initializers.he, initializers.torch_default)
    ),
    Taught(
        "04_watch_gradients_vanish",
        "gradient_sizes",
        training.gradient_sizes,
        (sizes_of_a_network,),
        given={"softmax_cross_entropy": training.softmax_cross_entropy},
    ),
    Taught("05_switch_to_relu", "relu", activations.relu),
    Taught("05_switch_to_relu", "relu_derivative", activations.relu.derivative),
    Taught(
        "05_switch_to_relu",
        "he",
        initializers.he,
        (
            lambda he: he(64, 32, np.random.default_rng(0)),
            lambda he: he(1, 3, np.random.default_rng(1)),
        ),
    ),
    Taught("06_watch_relu_die", "always_off", units.always_off, ((OFF,), (OFF[:1],), (-OFF,))),
    Taught(
        "06_watch_relu_die",
        "dead",
        units.dead,
        tuple(
            (z, activation.derivative(z))
            for z in (OFF, OFF[:1], -OFF)
            for activation in (activations.relu, activations.leaky_relu(0.1), activations.relu6)
        ),
        ("always_off",),
    ),
    Taught(
        "06_watch_relu_die", "stuck", units.stuck, ((OFF,), (np.maximum(OFF, 0.0),), (0.0 * OFF,))
    ),
    Taught(
        "07_leak_a_little",
        "leaky_relu",
        lambda z, slope=0.01: activations.leaky_relu(slope)(z),
        LEAKY_CASES,
    ),
    Taught(
        "07_leak_a_little",
        "leaky_relu_derivative",
        lambda z, slope=0.01: activations.leaky_relu(slope).derivative(z),
        LEAKY_CASES,
    ),
    Taught("09_meet_the_family", "elu", activations.elu()),
    Taught("09_meet_the_family", "elu_derivative", activations.elu().derivative),
    Taught(
        "15_predict_numbers",
        "spoil",
        datasets.spoil,
        ((np.linspace(9, 47, 40)[:, np.newaxis],), (np.arange(12.0), 0.5, 3), ([[1.0]], 0.0)),
    ),
    Taught(
        "11_test_every_claim",
        "holm",
        stats.holm,
        (([0.01, 0.04, 0.03],), ([0.2],), ([1, 0, 0.9],), ([0.5, 0.5, 0.001, 0.001],)),
    ),
    Taught(
        "12_classify_images",
        "Convnet",
        Convnet,
        (logits_of(8, 0.0, False), logits_of(12, 0.1, True), logits_of(12, 0.0, False)),
        given={"nn": nn, "F": F},
    ),
    Taught(
        "14_read_text",
        "read_name",
        lambda name, reader: reader(torch.from_numpy(datasets.spell([name])))[0],
        (scores_of("Oman"), scores_of("Saint-Pierre-et-Miquelon")),
        tolerance=1e-4,
        given={"torch": torch, "F": F, "spell": datasets.spell},
    ),
    Taught(
        "13_detect_objects",
        "iou",
        lambda a, b: boxes.iou([a], [b])[0, 0],
        tuple((np.array([0.0, 0, 4, 4]), np.array(b)) for b in OTHER_BOXES),
    ),
    Taught("13_detect_objects", "suppress", boxes.suppress, HEAPS, ("iou",)),
    Taught(
        "13_detect_objects",
        "loss_parts",
        loss_parts,
        (loss_of_answers(0), loss_of_answers(1)),
        given={"torch": torch, "F": F},
    ),
]


def shown(
    notebook: str, name: str, also: tuple[str, ...] = (), given: Mapping[str, Any] | None = None
):
    """Return the function or class that a notebook defines, as its reader would have it."""
    wanted = [name, *also]
    namespace: dict[str, Any] = {"np": np, **(given or {})}
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            for node in ast.parse("".join(cell["source"])).body:
                defines = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted
                if defines and node.name not in namespace:  # the first definition is what is taught
                    exec(compile(ast.Module([node], []), notebook, "exec"), namespace)
    for each in wanted:
        if each not in namespace:
            raise LookupError(f"notebook {notebook} defines no function or class {each}")
    return namespace[name]


def outputs(thing, case):
    return case(thing) if callable(case) else thing(*copy.deepcopy(case))


def assert_same(theirs, ours, tolerance):
    """Compare tuples and lists entry by entry, all else as arrays of the same shape and dtype."""
    for kind in (tuple, list):
        assert isinstance(theirs, kind) == isinstance(ours, kind)
    if isinstance(ours, tuple | list):
        assert len(theirs) == len(ours)
        for one, other in zip(theirs, ours, strict=True):
            assert_same(one, other, tolerance)
    elif tolerance:
        theirs, ours = np.asarray(theirs), np.asarray(ours)
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, strict=True)
    else:
        np.testing.assert_array_equal(np.asarray(theirs), np.asarray(ours), strict=True)


def assert_agrees(taught: Taught):
    theirs = shown(taught.notebook, taught.name, taught.also, taught.given)
    assert taught.cases
    for case in taught.cases:
        assert_same(outputs(theirs, case), outputs(taught.ours, case), taught.tolerance)


@pytest.mark.parametrize("taught", TAUGHT, ids=lambda t: f"{t.notebook}-{t.name}")
def test_what_is_shown_is_what_is_imported_later(taught):
    assert_agrees(taught)


# --- the comparison itself -------------------------------------------------------------------

DEMO = """\
def double(z):
    return 2 * z


def with_slope(z):
    return double(z), np.full(z.shape, 2.0)


class Layer:
    def forward(self, x):
        self.x = x
        return double(x)

    def backward(self, g):
        return g * self.x
"""


class Layer:
    def forward(self, x):
        self.x = x
        return x + x

    def backward(self, g):
        return self.x * g


class ForgetfulLayer(Layer):
    def backward(self, g):
        return g


def there_and_back(layer_class):
    layer = layer_class()
    return layer.forward(np.full(3, 0.5)), layer.backward(np.arange(3.0))


ONE_CASE = ((np.array([0.1, 3.0]),),)


def demo(name, ours, cases=ONE_CASE, tolerance=0.0):
    return Taught("demo", name, ours, cases, ("double",), tolerance)


@pytest.fixture
def _demo(tmp_path, monkeypatch):
    stub = "def double(z):\n    return ..."  # an exercise's, later on
    cells = [{"cell_type": "code", "source": source} for source in (DEMO, stub)]
    (tmp_path / "demo.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setitem(globals(), "NOTEBOOKS", tmp_path)


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize(
    "taught",
    [
        pytest.param(demo("double", lambda z: z + z), id="function"),
        pytest.param(demo("double", lambda z: z * (2 + 1e-9), tolerance=1e-8), id="tolerance"),
        pytest.param(demo("with_slope", lambda z: (z + z, 0 * z + 2)), id="tuple"),
        pytest.param(demo("Layer", Layer, (there_and_back,)), id="class"),
    ],
)
def test_equal_ones_agree(taught):
    assert_agrees(taught)


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize(
    "taught",
    [
        pytest.param(demo("double", lambda z: z * (2 + 1e-9)), id="value"),
        pytest.param(demo("double", lambda z: z * (2 + 1e-7), tolerance=1e-8), id="tolerance"),
        pytest.param(demo("double", lambda z: 2 * z, cases=()), id="no case"),
        pytest.param(
            demo("double", lambda z: 2.0 * z.astype(float), ((np.ones(2, np.float32),),)),
            id="dtype",
        ),
        pytest.param(demo("double", lambda z: 2.0, ((np.ones(2),),)), id="shape"),
        pytest.param(demo("double", lambda z: (2 * z,)), id="no tuple"),
        pytest.param(demo("double", lambda z: list(2 * z)), id="list of numbers"),
        pytest.param(demo("with_slope", lambda z: [2 * z, 0 * z + 2]), id="list"),
        pytest.param(demo("with_slope", lambda z: (2 * z,)), id="length"),
        pytest.param(demo("with_slope", lambda z: (2 * z, 0 * z + 3)), id="entry"),
        pytest.param(demo("Layer", ForgetfulLayer, (there_and_back,)), id="class"),
    ],
)
def test_a_difference_is_noticed(taught):
    with pytest.raises(AssertionError):
        assert_agrees(taught)


def test_a_function_that_is_not_there_is_noticed():
    with pytest.raises(LookupError, match="defines no function or class sigmoid"):
        shown("01_meet_a_neuron", "sigmoid")
    with pytest.raises(LookupError, match="defines no function or class softplus"):
        shown("01_meet_a_neuron", "step", also=("softplus",))
