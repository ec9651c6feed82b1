"""Lab 3 without a browser: its state, its runs, its sentence, its picture, its program."""

from __future__ import annotations

import contextlib
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from helpers import activations, datasets, initializers, units
from helpers.labs import DyingRelu
from helpers.network import Network
from helpers.training import SGD, mean_squared_error

SMALL = {"width": 5, "step": 12}
OTHER = ("step", "past", "speed")


def rescued(**settings: Any) -> DyingRelu:
    lab = DyingRelu(**{"step": 30} | settings)
    lab.change(activations=["leaky_relu"], slope=0.2)
    lab.change(optimizer="sgd", learning_rate=0.05)
    lab.step += 20
    lab.change(activations=["leaky_relu", "tanh"])
    lab.step += 5
    return lab


STATES = [
    DyingRelu(),
    DyingRelu(step=0),
    DyingRelu(task="sine", activations=["relu", "elu", "gelu"], **SMALL),
    DyingRelu(task="absolute", bias=-3.0, depth=1, **SMALL),
    DyingRelu(task="moons", initializer="torch_default", depth=6, **SMALL),
    DyingRelu(task="spirals", initializer="glorot", optimizer="sgd", **SMALL),
    DyingRelu(task="sine", optimizer="sgd", learning_rate=5.0, step=200),
    rescued(),
    rescued(task="sine", width=3, depth=2, learning_rate=0.00012),
]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"task": "mnist"}, "task"),
        ({"depth": 0}, "depth"),
        ({"depth": 7}, "depth"),
        ({"width": 25}, "width"),
        ({"bias": math.inf}, "bias"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"activations": []}, "activations"),
        ({"activations": ["step"]}, "activations"),
        ({"slope": -0.1}, "slope"),
        ({"step": 5001}, "step"),
        ({"seed": -1}, "seed"),
        ({"past": [[3, {"slope": 0.1}]]}, "past must be"),
        ({"past": ["x"]}, "past must be"),
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(traitlets.TraitError, match=said):
        DyingRelu(**wrong)


def test_nonsense_in_the_past_is_refused() -> None:
    lab = rescued()
    (step, settings), *_ = lab.past
    with pytest.raises(traitlets.TraitError, match="rate"):
        DyingRelu(past=[[step, settings | {"learning_rate": "high"}]])
    with pytest.raises(traitlets.TraitError, match="do not fall"):
        DyingRelu(past=[[step, settings], [step - 1, settings]])


def test_what_starts_a_run_cannot_change_in_mid_training() -> None:
    with pytest.raises(TypeError, match="width cannot change in mid-training"):
        DyingRelu().change(width=3)


@pytest.mark.parametrize("lab", STATES, ids=range(len(STATES)))
def test_the_state_is_plain_json_and_makes_the_same_lab_again(lab: DyingRelu) -> None:
    again = DyingRelu(**json.loads(json.dumps(lab.state())))
    assert again.state() == lab.state()
    assert eval(repr(lab)).state() == lab.state()
    assert again.sentence() == lab.sentence()


@pytest.mark.parametrize("lab", STATES, ids=range(len(STATES)))
def test_picture_and_sentence(lab: DyingRelu) -> None:
    fig, text = lab.picture()
    assert text == lab.sentence()
    assert len(fig.axes) == 4
    assert "\n" not in text


def test_the_start_state_shows_death_and_the_leak_brings_back() -> None:
    lab = DyingRelu()
    assert sum(DyingRelu(step=0).dead) == 0
    assert sum(lab.dead) == sum(lab.died) == 29
    assert lab.loss == pytest.approx(math.log(2), abs=1e-3)
    assert "Dead: 29 of 36 units" in lab.sentence()
    assert "All of layer 3" in lab.sentence()
    lab.change(activations=["leaky_relu"])
    assert sum(lab.dead) == 0
    assert "Of 29 dead at the swap (step 150)" in lab.sentence()
    lab.step += 60
    assert lab.came_back == [6, 11, 12]
    assert lab.loss < 0.01


def test_death_does_not_hang_on_one_seed() -> None:
    found = []
    for seed in range(8):
        lab = DyingRelu(seed=seed, step=100)
        before = sum(lab.dead) - sum(DyingRelu(seed=seed, step=0).dead)
        lab.change(activations=["leaky_relu"])
        lab.step += 150
        found.append((before, sum(lab.came_back)))
    killed, back = np.array(found).sum(axis=0)
    assert killed > 8 * 36 / 3
    assert back > killed / 2


def test_a_run_is_what_helpers_train() -> None:
    lab = DyingRelu(task="sine", depth=2, width=6, bias=-0.5, optimizer="sgd", learning_rate=0.1)
    lab.step = 20
    lab.change(activations=["leaky_relu"], slope=0.3, learning_rate=0.02)
    lab.step = 35
    x, y = datasets.sine(100, seed=0)
    network = Network([1, 6, 6, 1], "relu", initializer=initializers.he, bias=-0.5, seed=2)
    optimizer = SGD(0.1)
    for step in range(35):
        if step == 20:
            network.forward(x)
            dead = [units.dead(a.z, a.activation.derivative(a.z)) for a in network.layers[:-1]]
            for layer in network.layers[:-1]:
                layer.activation = activations.leaky_relu(slope=0.3)
            optimizer.learning_rate = 0.02
        _, gradient = mean_squared_error(network.forward(x), y)
        network.backward(gradient)
        optimizer.step(network.parameters, network.gradients)
    loss, _ = mean_squared_error(network.forward(x), y)
    assert lab.loss == pytest.approx(loss, rel=1e-12)
    back = [
        int((was & ~units.always_off(layer.z)).sum())
        for was, layer in zip(dead, network.layers, strict=False)
    ]
    assert lab.came_back == back
    assert lab.run().swapped == 20


def test_changes_at_one_step_count_as_one() -> None:
    lab = DyingRelu(step=30)
    for name in ("tanh", "leaky_relu", "relu"):
        lab.change(activations=[name])
    assert len(lab.past) == 1
    assert lab.run().swapped is None  # it is what it was
    lab.step = 40
    assert lab.loss == DyingRelu(step=40).loss


def test_a_change_at_step_0_has_no_past() -> None:
    lab = DyingRelu(step=0)
    lab.change(learning_rate=0.01)
    assert lab.past == []


def test_a_loss_that_ran_away_stops_the_run() -> None:
    lab = DyingRelu(task="sine", optimizer="sgd", learning_rate=5.0, step=200)
    assert lab.run().step < 200
    assert math.isnan(lab.loss)
    assert "ran away" in lab.sentence()


def test_what_the_browser_shows_comes_first() -> None:
    lab = DyingRelu(step=5)
    settings = {key: value for key, value in lab.state().items() if key not in OTHER}
    counts = {"dead": [1], "died": [1], "came_back": [0]}
    lab.seen = {"step": 5, "loss": 0.25, **counts, "settings": settings}
    assert (lab.loss, lab.dead, lab.died, lab.came_back) == (0.25, [1], [1], [0])
    for change in ({"step": 6}, {"step": 5, "seed": 3}):  # nobody has seen that
        for key, value in change.items():
            setattr(lab, key, value)
        assert len(lab.dead) == 3
    assert "seen" not in lab.state()


@pytest.mark.parametrize("lab", STATES, ids=range(len(STATES)))
def test_the_program_repeats_the_run(lab: DyingRelu) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(lab.code(), {})
    loss, *layers = printed.getvalue().splitlines()
    if math.isfinite(lab.loss):
        assert loss == f"loss {lab.loss:.6f}"
        wanted = [f"layer {k}: {n} of {lab.width}" for k, n in enumerate(lab.dead, 1)]
        assert [line.removesuffix(" units dead") for line in layers] == wanted
    else:
        assert not float(loss.split()[1]) <= 1e12


def test_the_program_is_in_good_style(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(rescued().code(), encoding="utf-8")
    options = ["--isolated", "--line-length=100", "--select=E,F,I", str(file)]
    command = [sys.executable, "-m", "ruff", "check", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_mime_bundle_has_the_picture_and_the_state() -> None:
    data, metadata = DyingRelu(**SMALL)._repr_mimebundle_()
    bundle = data["application/vnd.relu-course.lab+json"]
    assert bundle["lab"] == "dying_relu"
    assert bundle["state"]["width"] == 5
    assert metadata["image/png"]["alt"].startswith("Step 12")
