import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment, find_python
from tools.environment import Action, Environment, Found, SetupError, Wanted, decide, diagnose

ROOT = Path(__file__).resolve().parents[1]
SUITABLE = ["3.11", "3.12", "3.13"]
WANTED = Wanted(pins="a", clone="/here", extras=("torch", "dev"))
RECORD = {
    "ready": True,
    "pins": "a",
    "clone": "/here",
    "python": "3.11",
    "extras": ["course", "dev", "torch"],
    "installed": ["numpy-2.4.6"],
}


def found(**changes: object) -> Found:
    """Describe a complete .venv, with `changes` to its record or to what was seen."""
    seen = {"python": "3.11", "installed": frozenset({"numpy-2.4.6", "mine-1.0"})}
    seen |= {key: changes.pop(key) for key in ("python", "installed") if key in changes}
    return Found(exists=True, is_venv=True, record=RECORD | changes, **seen)


@pytest.mark.parametrize(
    ("there", "action", "word"),
    [
        (Found(), Action.BUILD, ""),
        (found(), Action.START, ""),
        (found(ready=False), Action.REBUILD, "did not finish"),
        (Found(exists=True, is_venv=True, record={}), Action.REBUILD, "did not finish"),
        (found(clone="/there"), Action.REBUILD, "moved"),
        (found(python=None), Action.REBUILD, "gone"),
        (found(python="3.12"), Action.REBUILD, "gone"),
        (found(pins="b"), Action.UPDATE, "changed"),
        (found(extras=["course"]), Action.UPDATE, "torch"),
        (found(installed=frozenset({"numpy-1.26.4"})), Action.UPDATE, "numpy-2.4.6"),
        (Found(exists=True), Action.REFUSE, "not a Python environment"),
        (Found(exists=True, is_venv=True), Action.REFUSE, "does not run"),
        (Found(exists=True, is_venv=True, python="3.10"), Action.REFUSE, "3.11 to 3.13"),
        (Found(exists=True, is_venv=True, python="3.13"), Action.UPDATE, "by hand"),
    ],
)
def test_what_lies_in_venv_decides(there: Found, action: Action, word: str) -> None:
    decided, why = decide(there, WANTED, SUITABLE)
    assert decided is action
    assert word in why
    assert bool(why) == (action not in {Action.START, Action.BUILD})


def test_a_python_that_the_pins_no_longer_allow_is_replaced() -> None:
    assert decide(found(), WANTED, ["3.12", "3.13"])[0] is Action.REBUILD


PIP_SAYS = {
    "disk is full": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left "
    "on device",
    "certificate": "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))",
    "No network": "Failed to establish a new connection: [Errno -3] Temporary failure in name "
    "resolution\nERROR: No matching distribution found for hatchling==1.33.0",
    "HTTPS_PROXY": "ProxyError('Cannot connect to proxy.', NewConnectionError('...'))",
    "What came whole is kept": "urllib3.exceptions.ReadTimeoutError: Read timed out.",
    "folder of your own": "ERROR: Could not install packages: [Errno 13] Permission denied: '/x'",
    "EXTRAS=course": "ERROR: Could not find a version that satisfies the requirement torch==2.13.0 "
    "(from versions: 2.2.0, 2.2.2)\nERROR: No matching distribution found for torch==2.13.0",
    "numpy==2.4.6 is not to be had": "ERROR: No matching distribution found for numpy==2.4.6",
    "last lines above": "ERROR: something that nobody has seen before",
}


@pytest.mark.parametrize("sentence", PIP_SAYS)
def test_a_failed_pip_is_explained(sentence: str) -> None:
    assert sentence in diagnose(PIP_SAYS[sentence])


def test_a_log_cut_off_by_the_full_disk_is_understood() -> None:
    assert "disk is full" in diagnose("Collecting torch", free=4096)


def test_a_missing_venv_module_is_explained() -> None:
    debian = "The virtual environment was not created because ensurepip is not available."
    assert "sudo apt install python3.12-venv" in environment.explain_venv(debian, (3, 12))
    assert "disk is full" in environment.explain_venv("[Errno 28] No space left on device", (3, 12))
    assert "unheard of" in environment.explain_venv("unheard of", (3, 12))


def test_errors_of_the_file_system_are_explained() -> None:
    assert "folder of your own" in environment.explain(PermissionError(13, "denied", "/x"))
    assert "disk is full" in environment.explain(OSError(28, "No space left on device"))
    assert "Delete .venv" in environment.explain(OSError(5, "Input/output error"))


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Return the environment of a clone in a path with a blank and an umlaut; nothing built yet."""
    root = tmp_path / "Übung eins"
    root.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root)

    def create(self: Environment, *_: object) -> None:
        """Take the place of `python -m venv`, which takes seconds."""
        self.python.parent.mkdir()
        if os.name == "nt":
            shutil.copy(sys.executable, self.python)
        else:
            self.python.symlink_to(sys.executable)

    monkeypatch.setattr(Environment, "create", create)
    return Environment(root)


class Pip:
    """Stands in for pip: keeps its calls, and fails, says or raises what a test tells it to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[list[str]] = []
        self.error: BaseException | None = None
        self.log = ""
        self.code = 0
        monkeypatch.setattr(environment, "run", self)

    def __call__(self, command: list[object], inherit: tuple[int, ...]) -> int:
        self.calls.append([str(part) for part in command])
        if self.error:
            raise self.error
        Path(self.calls[-1][self.calls[-1].index("--log") + 1]).write_text(self.log)
        return self.code


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    return Pip(monkeypatch)


def test_the_first_time_builds_and_the_second_does_nothing(clone: Environment, pip: Pip) -> None:
    clone.prepare(torch_index="https://example.org/cpu")
    tool, course = pip.calls
    assert tool[-1] == "hatchling"
    assert course[-3:] == ["--no-build-isolation", "-e", ".[torch,course,dev]"]
    for call in pip.calls:
        assert call[call.index("-c") + 1] == "constraints.txt"
        assert call[call.index("--extra-index-url") + 1] == "https://example.org/cpu"
    assert json.loads(clone.record.read_text())["ready"]
    assert not clone.log.exists()
    clone.prepare()
    assert len(pip.calls) == 2


def test_an_interrupted_install_is_built_anew(
    clone: Environment, pip: Pip, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        clone.prepare()
    assert json.loads(clone.record.read_text()) == {"ready": False}
    pip.error = None
    clone.prepare()
    assert "did not finish" in capsys.readouterr().out
    assert clone.look().record["ready"]


def test_a_failed_update_without_network_leaves_what_was_there(
    clone: Environment, pip: Pip
) -> None:
    clone.prepare()
    before = clone.record.read_text()
    (clone.root / "constraints.txt").write_text("numpy==0\n")
    pip.code, pip.log = 1, "Failed to establish a new connection"
    with pytest.raises(SetupError, match="No network"):
        clone.prepare()
    assert json.loads(clone.record.read_text()) == json.loads(before)
    pip.log = "Installing collected packages: numpy\nERROR: [Errno 28] No space left on device"
    with pytest.raises(SetupError, match="disk is full"):
        clone.prepare()
    assert not clone.look().record["ready"]


def test_extras_are_kept_and_added(clone: Environment, pip: Pip) -> None:
    clone.prepare(["course"])
    assert pip.calls[-1][-1] == ".[course]"
    clone.prepare()  # says nothing about extras: keeps them
    assert len(pip.calls) == 2
    clone.prepare(["dev"])
    assert clone.look().record["extras"] == ["course", "dev"]


def test_a_moved_clone_is_built_anew(clone: Environment, pip: Pip) -> None:
    clone.prepare()
    moved = Environment(clone.root.rename(clone.root.with_name("moved")))
    moved.prepare()
    assert len(pip.calls) == 4
    assert json.loads(moved.record.read_text())["clone"] == str(moved.root)


def test_the_record_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "record.json"
    environment.write_atomically(record, "old")

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        environment.write_atomically(record, "new")
    assert record.read_text() == "old"


def test_a_damaged_record_is_not_trusted(clone: Environment, pip: Pip) -> None:
    clone.prepare()
    clone.record.write_text('{"ready": tr')
    assert decide(clone.look(), clone.wanted(()), SUITABLE)[0] is Action.REBUILD


def test_a_full_disk_is_seen_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Environment(tmp_path)
    own.write({"ready": False})
    monkeypatch.setattr(environment, "NEEDED", 10**18)
    with pytest.raises(SetupError, match="disk is too full"):
        own.create("", True, ())


def test_a_rebuild_empties_the_folder_it_links_to(tmp_path: Path) -> None:
    """Some keep .venv on a roomier disk, behind a link."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "lib").mkdir(parents=True)
    (elsewhere / "stale").touch()
    (elsewhere / "lib64").symlink_to("lib", target_is_directory=True)
    own = Environment(tmp_path)
    own.path.symlink_to(elsewhere, target_is_directory=True)
    own.write({"ready": False})
    own.clear()
    assert [path.name for path in elsewhere.iterdir()] == [environment.RECORD]
    assert own.path.is_symlink()


@pytest.mark.skipif(environment.fcntl is None, reason="no locks on this system")
def test_a_second_build_waits(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with environment.one_at_a_time(tmp_path) as inherit:
        # The child inherits the lock, as pip does where this process is killed.
        child = subprocess.Popen(["sleep", "0.5"], pass_fds=inherit)
    with environment.one_at_a_time(tmp_path):
        assert child.poll() is not None or child.wait(timeout=0.2) == 0
    assert "waiting for it to end" in capfd.readouterr().out


def test_the_pythons_allowed_are_read_alike() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    limits = find_python.allowed(text)
    pythons = environment.suitable_pythons(text)
    assert [find_python.name(limit) for limit in limits] == [pythons[0], pythons[-1]]
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in pythons


def test_only_cpython_within_the_limits_is_suitable() -> None:
    limits = ((3, 11), (3, 14))
    assert find_python.is_suitable("CPython", (3, 11), limits)
    assert find_python.is_suitable("CPython", (3, 14), limits)
    assert not find_python.is_suitable("CPython", (3, 9), limits)
    assert not find_python.is_suitable("CPython", (3, 15), limits)
    assert not find_python.is_suitable("PyPy", (3, 11), limits)
    assert find_python.asked(sys.executable) == ("CPython", sys.version_info[:2])
    assert find_python.asked("no-such-python") is None


def old_pythons() -> list[str]:
    """Return the Pythons on this machine that are too old for the course."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    paths = [*map(str, pyenv.glob("*/bin/python"))]
    paths += [path for minor in range(6, 11) if (path := shutil.which(f"python3.{minor}"))]
    answers = {path: find_python.asked(path) for path in paths}
    return sorted(path for path, answer in answers.items() if answer and answer[1] < (3, 11))


def test_an_old_python_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "find_python.py", tmp_path / "tools")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # As Python 3.7 reads it; those below are tried where there are any.
    ast.parse((ROOT / "tools" / "find_python.py").read_text(), feature_version=(3, 7))
    for python in old_pythons():
        answer = subprocess.run(
            [python, str(tmp_path / "tools" / "find_python.py")],
            capture_output=True,
            text=True,
            env=os.environ | {"PATH": str(tmp_path)},  # where no other Python is
        )
        assert answer.returncode == 1, python
        assert "too old for the course, which needs Python 3.11 to" in answer.stderr
        assert "Traceback" not in answer.stderr
