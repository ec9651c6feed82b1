import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools import numeric

ROOT = Path(__file__).resolve().parents[1]

PRODUCT = """
import hashlib, sys
import numpy as np
a, b = np.random.default_rng(0).standard_normal((2, 64, 64), dtype=np.float32)
if sys.argv[1] == "numpy":
    product = a @ b
else:
    import torch
    a, b = torch.from_numpy(a), torch.from_numpy(b)
    if sys.argv[1] == "torch":
        product = a @ b
    else:
        a, b = a.expand(32, 1, 64, 64), b.ravel().view(32, 1, 128)[..., :9].reshape(32, 1, 3, 3)
        product = torch.nn.functional.conv2d(a, b)
    product = product.numpy()
print(hashlib.sha256(np.ascontiguousarray(product).tobytes()).hexdigest())
"""
SHOW = "import os; print(os.environ.get('MKL_CBWR'), os.environ['OMP_NUM_THREADS'])"


def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.numeric", *arguments],
        cwd=ROOT,
        env=os.environ | extra,
        capture_output=True,
        encoding="utf-8",
    )


@pytest.mark.skipif(
    not numeric.is_x86() or sys.platform == "darwin",
    reason="elsewhere the second environment is only threads, or the library is Apple's",
)
@pytest.mark.parametrize("library", ["numpy", "torch", "convolution"])
def test_second_changes_the_bits_of_a_float32_product(library: str) -> None:
    if library != "numpy":
        pytest.importorskip("torch")
    if np.lib.NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("an older NumPy has other names for the instructions that are turned off")
    hashes = {}
    for name in numeric.environments():
        done = run(name, "--", sys.executable, "-W", "error", "-c", PRODUCT, library)
        assert done.returncode == 0, done.stderr
        hashes[name] = done.stdout
    assert hashes["default"] != hashes["second"]


def test_default_inside_second_is_default_again() -> None:
    second = numeric.environ("second", 2, {"HOME": "/home/me"})
    assert numeric.environ("default", 1, second) == {
        "HOME": "/home/me",
        **dict.fromkeys(numeric.THREAD_VARIABLES, "1"),
        **numeric.WAITING,
    }


def test_elsewhere_second_is_only_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numeric.platform, "machine", lambda: "arm64")
    assert numeric.variables("second", 2) == numeric.variables("default", 2)
    assert "arm64 is not x86-64" in numeric.describe("second", 2)


def test_x86_second_sets_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numeric.platform, "machine", lambda: "AMD64")
    assert numeric.variables("second", 1).items() >= numeric.X86_ONLY.items()


def test_four_environments_are_listed() -> None:
    done = run("--list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == len(set(lines)) == len(numeric.every()) == 4


def test_command_sees_the_variables_and_its_code_passes_through() -> None:
    done = run("second", "--threads", "2", "--", sys.executable, "-c", SHOW + "; exit(3)")
    assert done.returncode == 3
    assert done.stdout.split() == ["COMPATIBLE" if numeric.is_x86() else "None", "2"]


def test_one_thread_unless_said() -> None:
    done = run("default", "--", sys.executable, "-c", SHOW, MKL_CBWR="AUTO")
    assert done.stdout.split() == ["None", "1"]


def test_all_runs_all_and_fails_if_one_fails() -> None:
    fails_in_one = "import os; exit(os.environ['OMP_NUM_THREADS'] == '2')"
    done = run("--all", "--", sys.executable, "-c", fails_in_one)
    assert done.returncode == 1
    assert [line[:3] for line in done.stdout.splitlines()] == ["==="] * 4
    assert done.stderr.count("failed in") == 2
    assert run("--all", "--", sys.executable, "-c", "").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "no command"),
        (["second"], 2, "no command"),
        (["--", "true"], 2, "no environment: name one of default, second"),
        (["third", "--", "true"], 2, "third"),
        (["second", "--threads", "3", "--", "true"], 2, "--threads"),
        (["second", "--all", "--", "true"], 2, "leave out the name"),
        (["--all", "--threads", "1", "--", "true"], 2, "leave out the name"),
        (["default", "--", "no-such-command"], 127, "cannot run 'no-such-command'"),
        (["--all", "--", "no-such-command"], 1, "exit code 127"),
    ],
)
def test_errors_say_what_to_do(arguments: list[str], code: int, says: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert says in done.stderr


@pytest.mark.parametrize(("name", "threads"), [("third", 1), ("second", 0)])
def test_a_wrong_environment_is_refused(name: str, threads: int) -> None:
    with pytest.raises(ValueError, match="take"):
        numeric.environ(name, threads)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_signal_becomes_128_plus_n() -> None:
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    assert numeric.run_in("default", 1, [sys.executable, "-c", kill]) == 128 + 15
