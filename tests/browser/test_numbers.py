"""helpers/labs/numbers.js against `helpers`: activations, random numbers, networks, training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hold import running
from playwright.sync_api import Browser

from helpers import activations, initializers
from helpers.labs.lab import FOLDER
from helpers.network import Network
from helpers.training import SGD, Adam, mean_squared_error, softmax_cross_entropy
from helpers.units import always_off, dead

NUMBERS = (FOLDER / "numbers.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(chromium: Browser) -> Iterator[Callable[..., Any]]:
    """Run JavaScript with all of numbers.js in reach; what it returns comes back as JSON."""
    with running(chromium, NUMBERS) as run_:
        yield run_


Z = np.concatenate([np.linspace(-12, 12, 481), [-40, 40, -1e-9, 1e-9, 0, 1, -1, 6]])


WITH_PARAMETER = ("leaky_relu", "prelu", "elu", "celu")
MADE = [(name, None) for name in activations.names()]
MADE += [(name, parameter) for name in WITH_PARAMETER for parameter in (0.3, 1.7)]


@pytest.mark.parametrize(("name", "parameter"), MADE)
def test_activations(run: Callable[..., Any], name: str, parameter: float | None) -> None:
    f = activations.get(name)
    if parameter is not None:
        f = activations.get(name, **{next(iter(f.parameters)): parameter})
    body = """
    const f = activation(name, parameter ?? undefined);
    return z.map((z) => [f.value(z), f.derivative(z)]);
    """
    value, derivative = np.array(run(body, name=name, parameter=parameter, z=Z.tolist())).T
    np.testing.assert_allclose(value, f(Z), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(derivative, f.derivative(Z), rtol=1e-12, atol=1e-13)


def test_every_activation_is_there(run: Callable[..., Any]) -> None:
    assert run("return Object.keys(ACTIVATIONS);") == list(activations.names())


@pytest.mark.parametrize("seed", [0, 3, 123_456_789, 2**40 + 7, [3, 0], [1, 2, 3, 4, 5]])
def test_random_numbers_are_those_of_numpy(run: Callable[..., Any], seed: Any) -> None:
    body = """
    const random = numpy_random(seed);
    return [
      Array.from({ length: 9 }, random.random),
      Array.from(random.normals(50000, 2)),
      Array.from(random.uniforms(9, 0.7)),
      random.uniform(2, 5),
      random.normal(1, 3),
    ];
    """
    flat, normal, uniform, one, other = run(body, seed=seed)
    rng = np.random.default_rng(seed)
    assert flat == rng.random(9).tolist()
    # Widths of the ziggurat's strips are computed here, NumPy has them in a table.
    np.testing.assert_allclose(normal, rng.normal(0, 2, 50_000), rtol=0, atol=1e-13)
    np.testing.assert_allclose(uniform, rng.uniform(-0.7, 0.7, 9), rtol=0, atol=1e-15)
    np.testing.assert_allclose(one, rng.uniform(2, 5), rtol=1e-15)
    np.testing.assert_allclose(other, rng.normal(1, 3), rtol=1e-13)


@pytest.mark.parametrize("name", ["he", "glorot", "torch_default"])
def test_initializers(run: Callable[..., Any], name: str) -> None:
    body = """
    const random = numpy_random(5);
    const { w, b } = INITIALIZERS[name](3, 4, random);
    return [Array.from(w), Array.from(b)];
    """
    w, b = run(body, name=name)
    expected = getattr(initializers, name)(3, 4, np.random.default_rng(5))
    np.testing.assert_allclose(w, expected[0].ravel(), atol=1e-14)
    np.testing.assert_allclose(b, expected[1], atol=1e-14)


HIDDEN = (["relu", None], ["leaky_relu", 0.2], ["tanh", None], ["gelu", None])
TRAINED = """
const hidden = names.map(([name, parameter]) => activation(name, parameter ?? undefined));
const network = make_network(sizes, hidden, { seed: 4, bias });
const inputs = Float64Array.from(x.flat());
const targets = loss === "mean_squared_error" ? Float64Array.from(y.flat()) : y;
const measure = { mean_squared_error, softmax_cross_entropy }[loss];
const step = { sgd, adam }[optimizer](rate);
const losses = [];
for (let k = 0; k < steps; k++) {
  const { loss, gradient } = measure(forward(network, inputs, x.length), targets);
  losses.push(loss);
  backward(network, gradient, x.length);
  step.step(network);
}
forward(network, inputs, x.length);
const judged = network.slice(0, -1).map((layer) => judge_units(layer, x.length));
return [losses, parameters(network).map((array) => Array.from(array)), judged];
"""


@pytest.mark.parametrize("names", HIDDEN, ids=lambda pair: pair[0])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("loss", ["mean_squared_error", "softmax_cross_entropy"])
def test_training_step_by_step(
    run: Callable[..., Any], names: list[Any], optimizer: str, loss: str
) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 2))
    y = np.abs(x[:, :1]) if loss == "mean_squared_error" else (x[:, 0] > x[:, 1]).astype(int)
    hidden = [activations.get(names[0], **({"slope": names[1]} if names[1] else {}))] * 2
    network = Network([2, 9, 7, 1 if y.ndim == 2 else 2], hidden, seed=4, bias=-0.4)
    measure = {"mean_squared_error": mean_squared_error}.get(loss, softmax_cross_entropy)
    step = SGD(0.05) if optimizer == "sgd" else Adam(0.01)
    losses = []
    for _ in range(200):
        value, gradient = measure(network.forward(x), y)
        losses.append(value)
        network.backward(gradient)
        step.step(network.parameters, network.gradients)
    given = {
        "names": [names, names],
        "sizes": network.sizes,
        "bias": -0.4,
        "x": x.tolist(),
        "y": y.tolist(),
        "loss": loss,
        "optimizer": optimizer,
        "rate": step.learning_rate,
        "steps": 200,
    }
    their_losses, their_parameters, judged = run(TRAINED, **given)
    np.testing.assert_allclose(their_losses, losses, atol=1e-9)
    for theirs, ours in zip(their_parameters, network.parameters, strict=True):
        np.testing.assert_allclose(theirs, ours.ravel(), atol=1e-8)
    z = network.pre_activations(x)
    for theirs, layer, f in zip(judged, z, hidden, strict=True):
        assert theirs["always_off"] == always_off(layer).tolist()
        assert theirs["dead"] == dead(layer, f.derivative(layer)).tolist()
