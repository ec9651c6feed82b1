"""The same network in NumPy, torch, Keras and ONNX: equal, or refused with a word on why."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.activations import elu, get, leaky_relu, prelu
from helpers.datasets import digits, split
from helpers.fleet import Fleet
from helpers.health import diagnose
from helpers.models import frameworks
from helpers.models.frameworks import Layer
from helpers.models.frameworks.layers import PARAMETERS
from helpers.network import Dense, Network
from helpers.training import Adam, accuracy, softmax_cross_entropy

# What Keras itself does when a test calls it; what `helpers` calls is quiet by itself.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROOT = Path(__file__).parents[1]
SIZES = [5, 4, 4, 3]
ACTIVATIONS = {
    "relu": get("relu"),
    "leaky_relu": leaky_relu(slope=0.3),
    "prelu": prelu(slope=0.1),
    "elu": elu(alpha=0.7),
    "tanh": get("tanh"),
    "sigmoid": get("sigmoid"),
}
FORMS = {
    "numpy": frameworks.to_numpy,
    "torch": frameworks.to_torch,
    "keras": frameworks.to_keras,
    "layers": frameworks.layers_of,
}
keras = frameworks.load_keras()


def network(activation="leaky_relu", seed=0, sizes=SIZES, dtype=np.float64):
    made = Network(sizes, ACTIVATIONS.get(activation, activation), seed=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    for layer in made.layers:
        layer.b[:] = rng.normal(size=layer.b.shape)
    return made


def examples(n=7, inputs=5, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, inputs)), rng.integers(0, 3, n)


def same_layers(one, other, least=0.0):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a.activation == b.activation
        for x, y in ((a.w, b.w), (a.b, b.b), (a.parameter, b.parameter)):
            assert x.shape == y.shape
            np.testing.assert_allclose(x, y, rtol=least, atol=least)


# --- from each to each ----------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("start", FORMS)
@pytest.mark.parametrize("end", FORMS)
def test_a_network_is_the_same_wherever_it_comes_from_and_goes(start, end, activation):
    given_ = frameworks.layers_of(network(activation))
    found = frameworks.layers_of(FORMS[end](FORMS[start](given_)))
    same_layers(found, given_, 1e-6 if "keras" in (start, end) else 0.0)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    slope=st.floats(0.0, 3.0),
    seed=st.integers(0, 1000),
)
def test_any_slope_and_shape_travels_through_torch_and_a_file(sizes, slope, seed):
    ours = Network(sizes, leaky_relu(slope=slope), seed=seed)
    file = io.BytesIO()
    frameworks.save(file, frameworks.to_torch(ours))
    file.seek(0)
    same_layers(
        frameworks.layers_of(frameworks.to_numpy(frameworks.load(file))), frameworks.layers_of(ours)
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_and_gradients_are_those_of_our_network(activation):
    ours, (x, labels) = network(activation), examples()
    ours.backward(softmax_cross_entropy(ours.forward(x), labels)[1])
    for form, least in (("numpy", 1e-12), ("torch", 1e-12), ("keras", 1e-6)):
        model = FORMS[form](ours)
        before = frameworks.layers_of(model)
        assert frameworks.largest_difference(frameworks.outputs(model, x), ours.forward(x)) < least
        found = frameworks.gradients(model, x, labels)
        assert frameworks.largest_difference(found, ours.gradients) < least
        same_layers(frameworks.layers_of(model), before)  # it stays as it was


def test_the_layout_of_torch_is_turned_also_where_it_would_fit():
    weight = np.arange(9.0).reshape(3, 3)
    linear = frameworks.to_torch([Layer(weight, np.zeros(3))])[0]
    np.testing.assert_array_equal(linear.weight.detach(), weight.T)
    np.testing.assert_array_equal(frameworks.layers_of(nn.Sequential(linear))[0].w, weight)


def test_slopes_of_a_prelu_unit_by_unit():
    slopes = np.array([0.0, 0.1, -0.2, 0.5])
    layers = [Layer(np.ones((2, 4)), np.zeros(4), "prelu", slopes)]
    x = np.array([[-1.0, -2.0]])
    for build in (frameworks.to_torch, frameworks.to_keras):
        model = build(layers)
        np.testing.assert_allclose(frameworks.outputs(model, x), [-3 * slopes], atol=1e-6)
        np.testing.assert_allclose(frameworks.layers_of(model)[0].parameter, slopes, atol=1e-7)
    with pytest.raises(ValueError, match=r"4 slopes, from -0\.2 to 0\.5"):
        frameworks.to_numpy(layers)
    equal = layers[0]._replace(parameter=np.full(4, 0.25))
    assert frameworks.to_numpy([equal]).layers[0].activation == prelu(slope=0.25)


def test_types():
    small = network(dtype=np.float32)
    assert frameworks.to_torch(small)[0].weight.dtype == torch.float32
    assert frameworks.to_torch(small, torch.float64)[0].weight.dtype == torch.float64
    assert frameworks.to_numpy(frameworks.to_torch(small)).layers[0].w.dtype == np.float32
    assert frameworks.outputs(frameworks.to_torch(small), examples()[0]).dtype == np.float32
    asked = frameworks.to_keras(small, "float64")
    assert {layer.dtype for layer in asked.layers} == {"float64"}


def test_torch_keeps_its_random_state_and_its_modes():
    state = torch.random.get_rng_state()
    model = nn.Sequential(frameworks.to_torch(network()), nn.Dropout(0.9))
    assert torch.equal(torch.random.get_rng_state(), state)
    model[0].eval()
    x, _ = examples()
    frameworks.outputs(model, x)
    assert model.training
    assert model[1].training
    assert not model[0].training  # as it was, whatever the whole was in


# --- reading what others have built ---------------------------------------------------------------


def test_what_torch_can_look_like():
    inner = nn.Sequential(nn.Linear(5, 4, bias=False), nn.Identity(), nn.Dropout(), nn.ReLU())
    model = nn.Sequential(inner, nn.Linear(4, 4), nn.PReLU(4), nn.Linear(4, 3))
    first, second, last = frameworks.layers_of(model)
    assert (first.activation, second.activation, last.activation) == ("relu", "prelu", "identity")
    np.testing.assert_array_equal(first.b, np.zeros(4))
    np.testing.assert_array_equal(second.parameter, [0.25] * 4)
    x, _ = examples()
    found = frameworks.outputs(frameworks.to_keras(model), x)
    assert frameworks.largest_difference(found, frameworks.outputs(model, x)) < 1e-6


def test_what_keras_can_look_like():
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(4, activation="leaky_relu", use_bias=False),
            keras.layers.Dropout(0.5),
            keras.Sequential([keras.layers.Dense(4), keras.layers.ReLU(negative_slope=0.1)]),
            keras.layers.Dense(4, activation="elu"),
            keras.layers.Dense(4),
            keras.layers.Activation("relu"),
            keras.layers.Dense(3),
        ]
    )
    told = [(one.activation, float(one.parameter)) for one in frameworks.layers_of(model)]
    assert told[:3] == [("leaky_relu", 0.2), ("leaky_relu", 0.1), ("elu", 1.0)]
    assert [name for name, _ in told[3:]] == ["relu", "identity"]
    x, _ = examples()
    for build in (frameworks.to_torch, frameworks.to_numpy, frameworks.to_keras):
        found = frameworks.outputs(build(model), x)
        assert frameworks.largest_difference(found, frameworks.outputs(model, x)) < 1e-6


class Own(nn.Module):
    """A module that is no row of layers."""


class Twisted(nn.Sequential):
    """A row whose forward pass is another."""

    def forward(self, x):
        return -super().forward(x)


def joined():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.Dense(2)(x) + keras.layers.Dense(2)(x))


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Own(), TypeError, "got Own; a model that can travel"),
        (lambda: Twisted(nn.Linear(2, 2)), TypeError, "got Twisted"),
        (joined, TypeError, "only those of a keras.Sequential"),
        (lambda: [1, 2], TypeError, "got list"),
        (lambda: [], ValueError, "no dense layer"),
        (lambda: nn.Sequential(), ValueError, "no dense layer"),
        (lambda: nn.Sequential(nn.Conv2d(1, 2, 3)), TypeError, "part 0 is Conv2d"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.GELU()), TypeError, "part 1 is GELU"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Linear(2, 2)), ValueError, "before the activation"),
        (
            lambda: nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Tanh()),
            ValueError,
            "tanh follows relu",
        ),
        (lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 3)), ValueError, "gives 3 numbers"),
        (lambda: Network([2, 3, 1], "gelu"), TypeError, "gelu cannot travel"),
        (lambda: [Layer(np.ones((2, 3)), np.ones(2))], ValueError, r"\(fan_in, fan_out\)"),
        (lambda: [Layer(np.ones(3), np.ones(3))], ValueError, "layer 0 has w"),
        (
            lambda: [Layer(np.ones((2, 3)), np.ones(3), "leaky_relu", np.ones(3))],
            ValueError,
            r"a parameter of shape \(3,\)",
        ),
        (
            lambda: [Layer(np.ones((2, 3)), np.ones(3), "leaky_relu")],
            ValueError,
            "leaky_relu needs its slope",
        ),
        (
            lambda: keras.Sequential([keras.Input((2,)), keras.layers.LayerNormalization()]),
            TypeError,
            "is a LayerNormalization",
        ),
        (
            lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "gelu")]),
            TypeError,
            "has the activation gelu",
        ),
        (
            lambda: keras.Sequential(
                [keras.Input((2,)), keras.layers.Dense(2), keras.layers.ReLU(max_value=6)]
            ),
            TypeError,
            "is a ReLU",
        ),
        (lambda: keras.Sequential([keras.layers.Dense(2)]), ValueError, "has no weights yet"),
    ],
)
def test_what_cannot_travel_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        frameworks.layers_of(make())


def test_keras_refuses_a_negative_slope():
    layers = [Layer(np.ones((2, 3)), np.ones(3), "leaky_relu", np.array(-0.1))]
    with pytest.raises(ValueError, match="negative"):
        frameworks.to_keras(layers)


def test_outputs_of_something_else():
    with pytest.raises(TypeError, match="got list"):
        frameworks.outputs([1.0], np.ones((1, 2)))
    with pytest.raises(TypeError, match="can travel"):
        frameworks.gradients(Own(), np.ones((1, 2)), [0])


def test_any_module_of_torch_has_outputs():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    model = Doubled(2, 1)
    x = np.ones((3, 2))
    expected = 2 * (model.weight.detach().numpy().sum() + model.bias.item())
    np.testing.assert_allclose(frameworks.outputs(model, x), np.full((3, 1), expected), rtol=1e-6)


def test_largest_difference():
    assert frameworks.largest_difference(3.0, 1.0) == 2.0
    assert frameworks.largest_difference([[1.0, 2.0]], [[1.0, -2.0]]) == 4.0
    assert np.isnan(frameworks.largest_difference([1.0, np.nan], [1.0, 2.0]))
    with pytest.raises(ValueError, match="cannot be compared"):
        frameworks.largest_difference(np.zeros((2, 1)), np.zeros(2))
    with pytest.raises(ValueError, match=r"shorter|longer"):
        frameworks.largest_difference([np.zeros(2)], [np.zeros(2), np.zeros(2)])


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_file_holds_plain_arrays_and_the_slope(form, tmp_path):
    frameworks.save(tmp_path / "net.npz", FORMS[form](network()))
    with np.load(tmp_path / "net.npz", allow_pickle=False) as arrays:
        assert arrays["0.w"].shape == (5, 4)
        assert arrays["2.b"].shape == (3,)
        assert str(arrays["1.activation"]) == "leaky_relu"
        assert float(arrays["1.parameter"]) == pytest.approx(0.3, abs=1e-7)
        assert np.isnan(arrays["2.parameter"])
    loaded = frameworks.load(tmp_path / "net.npz")
    same_layers(loaded, frameworks.layers_of(network()), 1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda arrays: arrays.pop("format"), "no file that save"),
        (lambda arrays: arrays.update(format=np.array("2")), "no file that save"),
        (lambda arrays: arrays.pop("1.b"), "lacks an array.*1.b"),
        (lambda arrays: arrays.update({"1.w": np.ones((3, 4))}), "gives 4 numbers"),
        (lambda arrays: arrays.update({"0.parameter": np.array(np.nan)}), "needs its slope"),
        (
            lambda arrays: [arrays.pop(name) for name in list(arrays) if name != "format"],
            "no layer",
        ),
    ],
)
def test_a_file_that_was_changed_is_refused(change, says):
    file = io.BytesIO()
    frameworks.save(file, network())
    file.seek(0)
    with np.load(file) as loaded:
        arrays = dict(loaded)
    change(arrays)
    other = io.BytesIO()
    np.savez(other, **arrays)
    other.seek(0)
    with pytest.raises(ValueError, match=says):
        frameworks.load(other)


def test_the_file_of_keras_keeps_the_slope(tmp_path):
    model = frameworks.to_keras(network())
    model.save(tmp_path / "net.keras")
    same_layers(
        frameworks.layers_of(keras.models.load_model(tmp_path / "net.keras")),
        frameworks.layers_of(model),
    )


# --- defaults -------------------------------------------------------------------------------------


def test_the_default_slopes_are_those_of_the_installed_packages():
    z = np.array([-1.0], dtype="float32")
    found = {
        "torch.nn.LeakyReLU": nn.LeakyReLU().negative_slope,
        "keras.layers.LeakyReLU": keras.layers.LeakyReLU().negative_slope,
        "keras.activations.leaky_relu": -float(
            keras.ops.convert_to_numpy(keras.activations.leaky_relu(keras.ops.array(z)))[0]
        ),
    }
    assert found == pytest.approx(frameworks.DEFAULT_SLOPES)


@pytest.mark.parametrize(("name", "factor"), [("torch", 1 / 3), ("Keras", 1.0), ("He", 2.0)])
def test_the_starts_are_those_of_the_frameworks(name, factor):
    n = 512
    w, _ = frameworks.STARTS[name](n, n, np.random.default_rng(0))
    assert w.var() * n == pytest.approx(factor, rel=0.02)
    if name == "torch":
        theirs = nn.Linear(n, n).weight.detach().numpy()
    elif name == "Keras":
        layer = keras.layers.Dense(n)
        layer.build((None, n))
        theirs = keras.ops.convert_to_numpy(layer.kernel)
    else:
        return
    assert theirs.var() * n == pytest.approx(factor, rel=0.02)
    assert np.abs(theirs).max() == pytest.approx(np.abs(w).max(), rel=0.01)


# --- ports ----------------------------------------------------------------------------------------


def test_port_is_what_single_networks_do():
    right = frameworks.port([3], layers=2, slopes=[0.01, 0.3], epochs=2)
    data = digits()
    x, y, x_test, y_test = split(data.pixels, data.labels)
    options = {"initializer": frameworks.STARTS["He"], "dtype": "float64", "slope": [0.01, 0.3]}
    fleet = Fleet([64, 32, 32, 10], seeds=[3], **options)
    fleet.fit(x, y, optimizer=Adam(0.003), epochs=2, progress=False)
    for trained in range(2):
        one = fleet.network(trained, 0)
        for place, slope in enumerate((0.01, 0.3)):
            for layer in one.layers[:-1]:
                layer.activation = leaky_relu(slope=slope)
            assert right[trained, place, 0] == 100 * accuracy(one, x_test, y_test)


def test_port_repeats_itself_and_its_seeds_do_not_hang_on_each_other():
    small = {"layers": 1, "slopes": [0.01, 0.2], "epochs": 1}
    both = frameworks.port([0, 5], **small)
    np.testing.assert_array_equal(both, frameworks.port([0, 5], **small))
    np.testing.assert_allclose(both[..., 1:], frameworks.port([5], **small), atol=0.5)
    assert not np.array_equal(both, frameworks.port([0, 5], start="torch", **small))


def test_port_refuses():
    with pytest.raises(ValueError, match="there are He, torch, Keras"):
        frameworks.port([0], layers=1, start="glorot")
    with pytest.raises(ValueError, match="layers"):
        frameworks.port([0], layers=0)


def test_read_with_leaves_the_original_alone():
    ours = network("relu")
    other = frameworks.read_with(ours, 0.3)
    assert [layer.activation for layer in other.layers[:-1]] == [leaky_relu(slope=0.3)] * 2
    other.layers[0].w[:] = 0
    assert ours.layers[0].w.any()
    assert ours.layers[0].activation == get("relu")


# --- ONNX -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "prelu", "elu"])
def test_onnx_gives_the_same_outputs_and_keeps_the_slope(activation, capfd):
    pytest.importorskip("onnxscript")
    reference = pytest.importorskip("onnx.reference")
    model = frameworks.to_torch(network(activation)).train()
    made = frameworks.to_onnx(model, examples(2)[0])
    x, _ = examples(9)  # another number of examples
    (found,) = reference.ReferenceEvaluator(made).run(None, {"x": x})
    assert frameworks.largest_difference(found, frameworks.outputs(model, x)) < 1e-6
    assert model.training
    if activation == "leaky_relu":
        nodes = [node for node in made.graph.node if node.op_type == "LeakyRelu"]
        assert [node.attribute[0].name for node in nodes] == ["alpha", "alpha"]
        assert nodes[0].attribute[0].f == pytest.approx(0.3)
    said = capfd.readouterr()
    assert said.out + said.err == ""


def test_onnx_wants_two_examples():
    with pytest.raises(ValueError, match="two examples at least"):
        frameworks.to_onnx(frameworks.to_torch(network()), np.ones((1, 5)))
    with pytest.raises(ValueError, match="two examples at least"):
        frameworks.to_onnx(frameworks.to_torch(network()), np.ones(5))


# --- what may be missing --------------------------------------------------------------------------


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ImportError, match=r'pip install -e "\.\[keras\]"'):
        frameworks.to_keras(network())
    frameworks.layers_of(network())  # goes without
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'pip install -e "\.\[onnx\]"'):
        frameworks.to_onnx(frameworks.to_torch(network()), np.ones((2, 5)))


def test_what_a_package_misses_itself_is_not_hidden(monkeypatch, tmp_path):
    (tmp_path / "half_installed.py").write_text("import no_such_module_at_all")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        frameworks.optional.need("half_installed", "keras", "to count")


@pytest.mark.parametrize(
    ("backend", "error", "says"),
    [("theano", ValueError, "this course knows"), ("jax", ImportError, "asks for jax")],
)
def test_a_back_end_that_cannot_be_is_named(backend, error, says, monkeypatch):
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(error, match=says):
        frameworks.load_keras()


def python(code, **env):
    """Run code in a fresh Python that has no settings of Keras, but those given."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KERAS_")}
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_the_models_need_no_keras_and_no_onnx():
    code = (
        "import sys\n"
        "sys.modules.update(keras=None, onnx=None, onnxscript=None)\n"
        "import helpers.models\n"
        "from helpers.models import frameworks\n"
        "from helpers.network import Network\n"
        "print(frameworks.to_numpy(frameworks.to_torch(Network([2, 3, 1]))))"
    )
    assert python(code).strip() == "Network 2-3-1, relu, 13 parameters"


def test_keras_leaves_nothing_in_the_home_folder(tmp_path):
    code = (
        "import os\n"
        "from helpers.models import frameworks\n"
        "keras = frameworks.load_keras()\n"
        "print(keras.backend.backend(), os.environ['KERAS_HOME'])"
    )
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    backend, folder = python(code, **home).split()
    assert backend == "torch"
    assert not (tmp_path / ".keras").exists()
    assert not Path(folder).exists()  # gone with the process
    kept = tmp_path / "settings"
    python(code, KERAS_HOME=str(kept), **home)
    assert (kept / "keras.json").exists()  # where the user wants it


BACK_AND_FORTH = """
import numpy as np
from helpers.activations import leaky_relu
from helpers.models import frameworks
from helpers.network import Network
keras = frameworks.load_keras()
network = Network([5, 4, 4, 3], leaky_relu(slope=0.3), seed=0)
x, labels = np.random.default_rng(0).normal(size=(7, 5)), np.arange(7) % 3
model = frameworks.to_keras(network)
back = frameworks.to_torch(model)
for one in (model, back):
    assert frameworks.largest_difference(frameworks.outputs(one, x), network.forward(x)) < 1e-6
    ours = frameworks.gradients(network, x, labels)
    assert frameworks.largest_difference(frameworks.gradients(one, x, labels), ours) < 1e-6
prelu = frameworks.to_keras([frameworks.Layer(np.ones((5, 2)), np.zeros(2), "prelu", [0.1, 0.2])])
assert np.allclose(frameworks.layers_of(prelu)[0].parameter, [0.1, 0.2])
print(keras.backend.backend())
"""


@pytest.mark.parametrize("backend", ["torch", "tensorflow", "jax"])
def test_it_hangs_on_no_back_end(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    told = python(BACK_AND_FORTH, KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")
    assert told.split()[-1] == backend


# --- diagnose -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_diagnose_sees_the_layers_of_keras(activation, dtype):
    """In float64 Keras multiplies copies of its weights, brought to float32 at each use."""
    ours = network(activation)
    ours.layers[0].b[1] = -50
    x = torch.from_numpy(examples(200)[0])
    expected = diagnose(frameworks.to_torch(ours), x)
    model = frameworks.to_keras(ours, dtype)
    found = diagnose(model, x.to(getattr(torch, dtype)))
    assert len(found.sites) == 2
    for one, other in zip(found.sites, expected.sites, strict=True):
        assert list(one.states) == list(other.states)
    assert found.sites[0].name.endswith(f"dense/kernel -> {activation}") or "dense_" in (
        found.sites[0].name
    )
    assert "?" not in str(found)
    assert "kernel" in str(found.coverage)
    assert "not covered" not in str(found.coverage)


def test_diagnose_follows_a_weight_through_a_change_of_type():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(5, 6, dtype=torch.float64))
            self.out = nn.Linear(6, 2)

        def forward(self, x):
            return self.out(torch.relu(x @ self.w.float()))

    torch.manual_seed(0)
    model, x = Mixed(), torch.randn(50, 5)
    with torch.no_grad():
        model.w[:, 2] = -model.w[:, 2].abs()
    report = diagnose(model, x.abs())
    z = x.abs() @ model.w.detach().float()
    assert report.sites[0].name.startswith("w -> relu")
    np.testing.assert_array_equal(report.sites[0].dead, ~(z > 0).any(dim=0).numpy())


def test_the_activations_that_can_travel_are_known_to_helpers():
    for name, parameter in PARAMETERS.items():
        made = get(name)
        assert (parameter in made.parameters) == bool(parameter)
    assert Dense(np.eye(2), np.zeros(2), "relu").activation.name in PARAMETERS


@pytest.mark.filterwarnings("error")
def test_what_helpers_call_of_keras_is_quiet():
    model, (x, labels) = frameworks.to_keras(network()), examples()
    frameworks.layers_of(model)
    frameworks.outputs(model, x)
    frameworks.gradients(model, x, labels)
