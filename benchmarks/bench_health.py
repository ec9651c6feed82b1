"""What it costs to know which units are dead: `diagnose` and `watch`, on one thread.

- Evaluation: `diagnose` against the same loop without it (eval mode, no gradients). What a batch
  costs more is told apart from what one call costs, however many batches there are. No unit of
  these networks needs an explanation; where some do, a second pass looks for the causes. A
  transformer encoder in eval mode runs as one fused call, in which nothing can be seen; whoever
  looks pays for leaving it, so it is held against both loops.
- Memory: the largest memory in use while 8,192 pictures are looked at, above that of the loop.
- Training: a loop with `watch` against the same loop without it.

Beside them dead-relu-viz (counts pixels and logits as neurons) and fastai's ActivationStats (mean,
spread and share near 0 of each layer), if they are installed: `pip install dead-relu-viz fastai`.

    python benchmarks/bench_health.py
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"

import contextlib
import importlib.util
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from interleave import Spread, interleaved, ratio, spread
from torch import Tensor, nn

from helpers.health import diagnose, watch

ROOT = Path(__file__).resolve().parents[1]
TURNS = 9
# What rivals do, and how to get them.
RIVALS = {"dead-relu-viz": "dead_relu_viz", "fastai": "fastai"}


def installed(rival: str) -> bool:
    return importlib.util.find_spec(RIVALS[rival]) is not None


# --- networks, each with a batch ---


def conv_net() -> tuple[nn.Module, Tensor]:
    layers = [nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU()]
    layers += [nn.MaxPool2d(2), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU()]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers), torch.randn(64, 3, 16, 16)


def mlp(width: int, inputs: int, batch: int) -> tuple[nn.Module, Tensor]:
    layers = [nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 10)), torch.randn(batch, inputs)


def encoder(activation: str) -> tuple[nn.Module, Tensor]:
    layer = nn.TransformerEncoderLayer(128, 4, 512, activation=activation, batch_first=True)
    return nn.TransformerEncoder(layer, 2), torch.randn(32, 32, 128)


# With how many batches, and the goals: what evaluation and training may take.
CASES: dict[str, tuple[Callable[[], tuple[nn.Module, Tensor]], int, float]] = {
    "conv net, 3 layers, 64 pictures of 16x16": (conv_net, 8, 1.15),
    "MLP 1024-1024-1024-10, 256 examples": (lambda: mlp(1024, 1024, 256), 10, 1.15),
    "encoder, 2 layers of 128, ReLU, 32x32 tokens": (lambda: encoder("relu"), 8, 1.3),
    "encoder, 2 layers of 128, GELU, 32x32 tokens": (lambda: encoder("gelu"), 8, 1.3),
    "MLP 64-256-256-10, 64 examples": (lambda: mlp(256, 64, 64), 200, 2.2),
}
GOALS_OF_WATCH = {1: 1.10, 10: 1.03}


def healthy(make: Callable[[], tuple[nn.Module, Tensor]]) -> tuple[nn.Module, Tensor]:
    """Make a network of which no unit is a suspect: none is far from 0 in the mean."""
    torch.manual_seed(0)
    model, x = make()
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                rows = layer.weight.flatten(1)
                rows -= rows.mean(1, keepdim=True)
                layer.bias.zero_()
    model.eval()
    suspects = sum(len(site.suspects) for site in diagnose(model, x).sites)
    if suspects:
        raise RuntimeError(f"{suspects} units need an explanation, which would be measured too")
    return model, x


# --- evaluation ---


def plain(model: nn.Module, batches: list[Tensor], fused: bool = True) -> None:
    usual = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(fused)
    with torch.no_grad():
        for batch in batches:
            model(batch)
    torch.backends.mha.set_fastpath_enabled(usual)


def with_dead_relu_viz(model: nn.Module, batches: list[Tensor]) -> None:
    from dead_relu_viz import visualization

    with contextlib.redirect_stdout(io.StringIO()):
        visualization(model, [(batch, None) for batch in batches], with_activation=True)


def evaluation() -> None:
    print("Evaluation: time of a batch over that of the plain loop; median [quartiles]\n")
    print(f"{'':46}{'ms a batch':22}{'times that':22}{'goal':14}ms a call beyond its batches")
    for name, (make, count, goal) in CASES.items():
        model, x = healthy(make)
        few, many = [x] * 2, [x] * (2 + count)
        runs: dict[str, Callable[[list[Tensor]], object]] = {
            "the loop": lambda batches: plain(model, batches),  # noqa: B023
            "diagnose": lambda batches: diagnose(model, batches),  # noqa: B023
        }
        if isinstance(model, nn.TransformerEncoder):
            runs["the loop, not fused"] = lambda batches: plain(model, batches, fused=False)  # noqa: B023
        elif installed("dead-relu-viz"):
            runs["dead-relu-viz"] = lambda batches: with_dead_relu_viz(model, batches)  # noqa: B023
        times = interleaved(
            {
                f"{run} {size}": lambda run=run, batches=batches: runs[run](batches)  # noqa: B023
                for run in runs
                for size, batches in (("few", few), ("many", many))
            },
            TURNS,
            progress=name,
        )
        each = {run: (times[f"{run} many"] - times[f"{run} few"]) / count for run in runs}
        print(name)
        for run, taken in each.items():
            told, share = f"  {run:44}{spread(taken * 1e3)!s:22}", ratio(taken, each["the loop"])
            if run != "the loop":
                told += f"{share!s:22}{verdict(share, goal if run == 'diagnose' else None):14}"
            if run in ("diagnose", "dead-relu-viz"):
                told += f"{spread((times[f'{run} few'] - 2 * taken) * 1e3).median:.1f}"
            print(told)
        if "the loop, not fused" in each:
            share = ratio(each["diagnose"], each["the loop, not fused"])
            print(f"  {'diagnose over the loop, not fused':66}{share!s:22}{verdict(share, goal)}")


def verdict(share: Spread, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"{goal:.2f} {'met' if share.median <= goal else 'MISSED'}"


def second_pass() -> None:
    """Tell what it costs to look for causes."""
    model, x = healthy(conv_net)
    with torch.no_grad():
        model[0].bias[0] = -100.0
    batches = [x] * 8
    times = interleaved(
        {"loop": lambda: plain(model, batches), "diagnose": lambda: diagnose(model, batches)},
        TURNS,
        progress="causes",
    )
    share = ratio(times["diagnose"], times["loop"])
    print(f"\nWith one dead unit in the conv net, whose cause takes a second pass: {share}")


# --- memory ---

# Each in a process of its own, which prints the largest memory it had, in MB.
START = """
import os, resource, sys
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, "benchmarks")
import torch
from bench_health import conv_net, healthy, plain
from helpers.health import diagnose
torch.set_num_threads(1)
model, _ = healthy(conv_net)
x = torch.randn(8192, 3, 16, 16)
"""
PLAIN = "plain(model, x.split(256))"
KEEP = """
kept = []
for layer in model:
    if isinstance(layer, torch.nn.ReLU):
        layer.register_forward_hook(lambda layer, args, output: kept.append(output))
"""
RIVAL = """
import contextlib, io
from dead_relu_viz import visualization
batches = [(batch, None) for batch in x.split(256)]
with contextlib.redirect_stdout(io.StringIO()):
    visualization(model, batches, with_activation=True)
"""
END = """
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
"""


def megabytes(code: str) -> float:
    """Run code in a new interpreter, and give the largest memory it had."""
    done = subprocess.run(
        [sys.executable, "-c", START + code + END],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return float(done.stdout.split()[-1])


def memory() -> None:
    if importlib.util.find_spec("resource") is None:
        print("\nMemory is not measured on this system, which has no `resource`")
        return
    dead = "with torch.no_grad(): model[0].bias[0] = -100.0\n"
    codes = {
        "the loop": PLAIN,
        "diagnose": "diagnose(model, x)",
        "diagnose, with a dead unit": dead + "diagnose(model, x)",
        "keeping the activations": KEEP + PLAIN,
    }
    if installed("dead-relu-viz"):
        codes["dead-relu-viz"] = RIVAL
    found = {name: [] for name in codes}
    for _ in range(3):  # how memory is handed out differs a little from run to run
        for name, code in codes.items():
            found[name].append(megabytes(code))
    print("\nMemory: 8,192 pictures of 16x16 through the conv net, 256 at a time; median of 3")
    print(f"\n{'':46}{'MB at most':14}above the loop")
    for name, values in found.items():
        above = np.median(values) - np.median(found["the loop"])
        goal = "   goal: at most 10" if name.startswith("diagnose") else ""
        print(f"{name:46}{np.median(values):<14.0f}{above:.0f}{goal}")


# --- training ---


def trainer(make: Callable[[], tuple[nn.Module, Tensor]], steps: int) -> Callable[[int], object]:
    """Give a function that trains a network, watched at each so-many-th step; never for 0."""
    model, x = healthy(make)
    model.train()
    y = torch.randint(0, 10, (len(x),))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)  # so that it stays as it is

    def run(every: int) -> None:
        with watch(model, every=every) if every else contextlib.nullcontext():
            for _ in range(steps):
                optimizer.zero_grad()
                output = model(x)
                output = output.mean(1) if output.ndim == 3 else output
                nn.functional.cross_entropy(output, y).backward()
                optimizer.step()

    return run


def learner(make: Callable[[], tuple[nn.Module, Tensor]], steps: int) -> Callable[..., object]:
    """Give a function that trains a network by fastai, with or without ActivationStats."""
    from fastai.basics import SGD, Callback, DataLoaders, Learner
    from fastai.callback.hook import ActivationStats

    model, x = healthy(make)
    y = torch.randint(0, 10, (len(x),))
    batches = [(x, y)] * steps

    def run(every: int | None) -> None:
        watched: list[Callback] = [] if every is None else [ActivationStats(every=every)]
        one = Learner(
            DataLoaders(batches, []),
            model,
            loss_func=nn.CrossEntropyLoss(),
            opt_func=SGD,
            lr=1e-6,
            train_bn=False,
        )
        with one.no_logging():
            one.fit(1, cbs=watched)

    return run


def training() -> None:
    print("\nTraining: time of a loop over that of the plain loop; median [quartiles]\n")
    print(f"{'':46}{'every=1':22}{'goal':14}{'every=10':22}goal")
    for name, (make, count, _) in CASES.items():
        steps = 10 * -(-count // 10)
        contestants = {"watch": (trainer(make, steps), 0)}
        if installed("fastai") and not name.startswith("encoder"):
            contestants["ActivationStats"] = (learner(make, steps), None)
        for contestant, (run, never) in contestants.items():
            times = interleaved(
                {str(every): lambda every=every, run=run: run(every) for every in (never, 1, 10)},
                TURNS,
                progress=name,
            )
            told = {every: ratio(times[str(every)], times[str(never)]) for every in (1, 10)}
            label = name if contestant == "watch" else f"  fastai, {contestant} over none"
            print(f"{label:46}", end="")
            for every, share in told.items():
                goal = GOALS_OF_WATCH[every] if contestant == "watch" else None
                print(f"{share!s:22}{verdict(share, goal):14}", end="")
            print()


def main() -> None:
    torch.set_num_threads(1)
    # Once a large tensor has come and gone, as in any real program, memory for smaller ones is kept
    # at hand; before, all of these loops wait for it, the plain one of the conv net half its time.
    torch.ones(8_000_000)
    evaluation()
    second_pass()
    memory()
    training()
    missing = [rival for rival in RIVALS if not installed(rival)]
    if missing:
        print(f"\nNot installed, so not measured: pip install {' '.join(missing)}")


if __name__ == "__main__":
    main()
