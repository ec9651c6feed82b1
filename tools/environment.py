"""Build .venv from the pins in constraints.txt, or see at once that nothing has to be done.

Started by tools/find_python.py, so that a too old Python is answered there; standard library only.

What .venv is worth stands in one file inside it, replaced atomically. It says "not ready" from
before the first package is installed until after the last, so that an installation cut off at any
moment is never trusted later.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: two builds at once are not kept apart there
    fcntl = None

ROOT = Path(__file__).resolve().parents[1]
RECORD = "relu-course.json"
ALL_EXTRAS = ("torch", "course", "dev")
GB = 10**9

# Measured on two cores, Linux, torch for CPUs: 1.5 GB lie in .venv at the end, and pip unpacks
# torch (0.2 GB) beside it.
NEEDED = 2 * GB


class SetupError(Exception):
    """What keeps the environment from being built, in words that say what to do."""


class Action(Enum):
    """What to do about .venv."""

    START = "start"  # it is complete
    BUILD = "build"  # there is none
    REBUILD = "rebuild"  # it cannot be trusted: empty it and build
    UPDATE = "update"  # it is sound, its packages are not the ones asked for
    REFUSE = "refuse"  # it is not ours to change


@dataclass(frozen=True)
class Wanted:
    """The environment that the clone asks for."""

    pins: str
    clone: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What lies in .venv."""

    exists: bool = False
    is_venv: bool = False
    record: dict | None = None
    python: str | None = None
    installed: frozenset[str] = frozenset()


def decide(found: Found, wanted: Wanted, suitable: Sequence[str]) -> tuple[Action, str]:
    """Return what to do about .venv and the sentence that says why."""
    if not found.exists:
        return Action.BUILD, ""
    record = found.record
    if record is None:
        delete = "Delete .venv (rm -r .venv) and run make again."
        if not found.is_venv:
            return Action.REFUSE, f".venv is not a Python environment. {delete}"
        if found.python is None:
            return Action.REFUSE, f"The Python in .venv does not run. {delete}"
        if found.python not in suitable:
            span = f"{suitable[0]} to {suitable[-1]}"
            return Action.REFUSE, f".venv has Python {found.python}, not {span}. {delete}"
        return Action.UPDATE, ".venv was made by hand: installing the course's packages into it."
    if not record.get("ready"):
        return Action.REBUILD, "The last installation did not finish: starting over."
    if record["clone"] != wanted.clone:
        return Action.REBUILD, "The course was moved or copied, which breaks .venv: building anew."
    if found.python != record["python"] or found.python not in suitable:
        return Action.REBUILD, "The Python that .venv was made with is gone: building anew."
    if record["pins"] != wanted.pins:
        return Action.UPDATE, "pyproject.toml or constraints.txt changed: updating .venv."
    if not set(wanted.extras) <= set(record["extras"]):
        return Action.UPDATE, f"Adding to .venv: {', '.join(wanted.extras)}."
    if gone := sorted(set(record["installed"]) - found.installed):
        return Action.UPDATE, f"No longer in .venv: {', '.join(gone)}. Putting it right."
    return Action.START, ""


def digest(paths: Iterable[Path]) -> str:
    """Return one SHA-256 over the contents of `paths`."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def suitable_pythons(pyproject: str) -> list[str]:
    """Return the Pythons that pyproject.toml allows, oldest first: ["3.11", "3.12", ...]."""
    limits = dict(re.findall(r'^(oldest|newest)-python = "3\.(\d+)"', pyproject, re.MULTILINE))
    return [f"3.{minor}" for minor in range(int(limits["oldest"]), int(limits["newest"]) + 1)]


def write_atomically(path: Path, text: str) -> None:
    """Write `path` so that a reader finds the old text or the new one, never a part."""
    new = path.with_suffix(".new")
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def diagnose(log: str, free: int = NEEDED) -> str:
    """Return what to do about a pip that failed, from its log and the bytes free afterwards."""

    def says(*patterns: str) -> bool:
        return any(re.search(pattern, log, re.IGNORECASE) for pattern in patterns)

    if free < GB / 20 or says(r"No space left on device", r"Disk quota exceeded", r"Errno 28\b"):
        return (
            "The disk is full. The course needs about 2 GB (with PyPI's torch for NVIDIA cards\n"
            "about 8 GB), in this folder, in the temporary folder and in pip's cache:\n"
            f"{free_space()}\nMake room, or name a roomier temporary folder with TMPDIR=..., and\n"
            "run make again."
        )
    if says(r"CERTIFICATE_VERIFY_FAILED", r"certificate verify failed"):
        return (
            "pip could not trust the server's certificate: often a firewall that reads along.\n"
            "Ask for its certificate, set PIP_CERT=/path/to/it.pem, and run make again."
        )
    if says(
        r"Failed to establish a new connection",
        r"NewConnectionError",
        r"(Connect|Read)TimeoutError",
        r"Read timed out",
        r"NameResolutionError",
        r"Temporary failure in name resolution",
        r"Network is unreachable",
        r"Connection (aborted|broken|refused|reset)",
        r"Cannot connect to proxy",
        r"Max retries exceeded",
        r"incomplete-download",
    ):
        return (
            "No network: pip could not fetch the packages. Connect to the Internet (behind a\n"
            "proxy: set HTTPS_PROXY=http://...) and run make again. What came whole is kept."
        )
    if says(r"Read-only file system", r"Permission denied", r"Errno 13\b"):
        return (
            "pip was not allowed to write. Copy the course to a folder of your own and run make\n"
            "there; pip's last lines above name the place."
        )
    if missing := re.search(r"No matching distribution found for (\S+)", log):
        package = missing.group(1)
        without = (
            "Notebooks 00 to 05 need no torch. For these, run: make course EXTRAS=course\n"
            "The others run under conda (see README) or on a hosted Jupyter."
            if package.startswith("torch")
            else "Try the conda route in README, or another Python: make course PYTHON=python3.12"
        )
        return f"{package} is not to be had for this computer and this Python.\n{without}"
    return "pip could not install the packages; its last lines above say why."


def free_space() -> str:
    """Return the places that pip writes to, a line each, with the room left there."""
    places = {"this folder": ROOT, "the temporary folder": Path(tempfile.gettempdir())}
    places["the home folder"] = Path.home()
    return "\n".join(
        f"  {what}, {path}: {shutil.disk_usage(path).free / GB:.1f} GB free"
        for what, path in places.items()
        if path.exists()
    )


def installed_nothing(log: str) -> bool:
    """Whether pip failed before it touched the environment, as it does without network."""
    return "Installing collected packages" not in log


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[tuple[int, ...]]:
    """Keep a second build of the same clone waiting; yield the descriptors children inherit.

    The lock lies on the folder itself, so that no file is left behind. Children inherit it: where
    this process is killed, its pip goes on alone for a while, and the next build waits for that.
    """
    if fcntl is None:
        yield ()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is building .venv: waiting for it to end.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield (descriptor,)
    finally:
        os.close(descriptor)


def say(sentence: str) -> None:
    """Tell the reader at once, in order with what pip prints."""
    print(sentence, flush=True)


def run(command: Sequence[str | Path], inherit: tuple[int, ...] = ()) -> int:
    """Run `command` in the clone, its output shown; on Ctrl-C let it tidy up, then pass it on."""
    environ = os.environ | {"PIP_USER": "0"}
    environ.pop("PYTHONHOME", None)
    process = subprocess.Popen(command, cwd=ROOT, env=environ, pass_fds=inherit)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has interrupted it too. pip removes gigabytes of temporary files now.
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        raise


class Environment:
    """The .venv of one clone."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.path = root / ".venv"
        self.record = self.path / RECORD
        self.log = self.path / "pip.log"
        self.python = self.path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def look(self) -> Found:
        """Return what lies in .venv, without changing it."""
        try:
            exists = any(self.path.iterdir())
        except FileNotFoundError:
            return Found(exists=self.path.is_symlink())
        except NotADirectoryError:
            return Found(exists=True)
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            record = None
        except ValueError:  # damaged, by a power cut for example
            record = {}
        return Found(
            exists,
            is_venv=(self.path / "pyvenv.cfg").is_file(),
            record=record,
            python=self.version(),
            installed=self.installed(),
        )

    def version(self) -> str | None:
        """Return the version of the environment's Python, or None where it does not run."""
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            # -I -S: nothing of the environment is loaded, which keeps this at 10 ms.
            answer = subprocess.run(
                [self.python, "-I", "-S", "-c", ask], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return answer.stdout.strip()

    def installed(self) -> frozenset[str]:
        """Return name and version of what is installed, pip itself aside: {"numpy-2.4.6", ...}."""
        folders = self.path.glob("Lib/site-packages" if os.name == "nt" else "lib/*/site-packages")
        names = (path.stem for folder in folders for path in folder.glob("*.dist-info"))
        return frozenset(name for name in names if not name.startswith("pip-"))

    def wanted(self, extras: Sequence[str]) -> Wanted:
        """Return what the clone asks for."""
        pins = digest([self.root / "pyproject.toml", self.root / "constraints.txt"])
        return Wanted(pins, str(self.root), tuple(extras))

    def prepare(self, extras: Sequence[str] = (), torch_index: str = "") -> None:
        """Make .venv complete, or raise SetupError with what to do.

        Without `extras`, an environment keeps those it has, and a new one gets all.
        """
        wanted = self.wanted(extras)
        suitable = suitable_pythons((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        if decide(self.look(), wanted, suitable)[0] is Action.START:
            return
        with one_at_a_time(self.root) as inherit:
            found = self.look()  # once more: another build may have ended meanwhile
            action, why = decide(found, wanted, suitable)
            if action is Action.START:
                return
            if action is Action.REFUSE:
                raise SetupError(why)
            if why:
                say(why)
            before = found.record if action is Action.UPDATE else None
            names = list(extras or (before or {}).get("extras") or ALL_EXTRAS)
            started = time.monotonic()
            self.write({"ready": False})
            if action is not Action.UPDATE:
                self.clear()
                self.create(torch_index, "torch" in names, inherit)
            self.install(names, torch_index, inherit, before)
            self.write(
                {
                    "ready": True,
                    "clone": wanted.clone,
                    "python": self.version(),
                    "pins": wanted.pins,
                    "extras": sorted({*names, *(before or {}).get("extras", [])}),
                    "installed": sorted(self.installed()),
                }
            )
            self.log.unlink(missing_ok=True)
            minutes, seconds = divmod(round(time.monotonic() - started), 60)
            say(f"The environment is ready, after {minutes} min {seconds} s.")

    def write(self, record: dict) -> None:
        """Replace the record of what .venv is worth."""
        self.path.mkdir(exist_ok=True)
        write_atomically(self.record, json.dumps(record, indent=1))

    def clear(self) -> None:
        """Empty .venv, all but its record; the folder itself may be a link to a roomier disk."""
        for path in self.path.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != self.record:
                path.unlink()

    def create(self, torch_index: str, with_torch: bool, inherit: tuple[int, ...]) -> None:
        """Make .venv a fresh Python environment."""
        free = shutil.disk_usage(self.path).free
        if free < NEEDED:
            raise SetupError(
                f"The disk is too full: {self.path} needs 2 GB, and {free / GB:.1f} GB are free.\n"
                "Make room, or move the course to a roomier disk, and run make again."
            )
        version = ".".join(map(str, sys.version_info[:3]))
        say(
            f"Building the course's environment in .venv with Python {version}: 1.5 GB, about two\n"
            "minutes on a fast line. This happens once; pip shows its progress."
        )
        if sys.platform == "linux" and with_torch and not torch_index:
            say(
                "On Linux, PyPI's torch is the one for NVIDIA cards: 2.7 GB to fetch, twice that\n"
                f"on disk ({free / GB:.0f} GB are free). The course needs no such card. For the\n"
                "small torch, press Ctrl-C and run:\n"
                "  make course TORCH_INDEX=https://download.pytorch.org/whl/cpu"
            )
        # Run from within an environment, this one perhaps, a new one is made with the Python below.
        base = getattr(sys, "_base_executable", None) or sys.executable
        made = subprocess.run(
            [base, "-m", "venv", self.path],
            capture_output=True,
            text=True,
            errors="replace",
            pass_fds=inherit,
        )
        if made.returncode:
            raise SetupError(explain_venv(made.stdout + made.stderr, sys.version_info[:2]))

    def install(
        self, extras: Sequence[str], torch_index: str, inherit: tuple[int, ...], before: dict | None
    ) -> None:
        """Install the course's packages, each in its pinned version, and `helpers` editable."""
        self.log.unlink(missing_ok=True)
        # Only wheels: where one is missing, pip says so at once instead of compiling for an hour.
        # The constraints' path is relative to the clone: pip splits some at blanks.
        # Not compiled, which takes as long as all the rest: Python does it for what it imports.
        pip = [self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
        pip += ["--log", self.log, "--only-binary", ":all:", "-c", "constraints.txt"]
        if torch_index:
            pip += ["--extra-index-url", torch_index]
        # First the tool that builds `helpers`, so that it is the pinned one, and no network is
        # needed later, when only pyproject.toml has changed.
        steps = (["hatchling"], ["--no-build-isolation", "-e", f".[{','.join(extras)}]"])
        for step in steps:
            if run([*pip, *step], inherit):
                try:
                    log = self.log.read_text(encoding="utf-8", errors="replace")
                except OSError:
                    log = ""
                sentence = diagnose(log, shutil.disk_usage(self.path).free)
                if before and installed_nothing(log):
                    self.write(before)
                raise SetupError(f"{sentence}\n(pip's whole story: {self.log})")


def explain_venv(output: str, version: tuple[int, int]) -> str:
    """Return what to do about a `python -m venv` that failed."""
    if "ensurepip" in output or "No module named venv" in output:
        return (
            f"Python {version[0]}.{version[1]} comes without its venv module here. On Debian and\n"
            f"Ubuntu: sudo apt install python{version[0]}.{version[1]}-venv. Then run make again."
        )
    if "No space left on device" in output:
        return diagnose(output)
    return f"python -m venv failed:\n{output.strip()}"


def explain(error: OSError) -> str:
    """Return what to do about an error of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return diagnose("No space left on device")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{error.filename or ROOT} cannot be written ({error.strerror}). Copy the course to a\n"
            "folder of your own and run make there."
        )
    return f"{error}. Delete .venv (rm -r .venv) and run make again."


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare .venv and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extras", default="", help="of pyproject.toml, with commas")
    parser.add_argument("--torch-index", default="", help="an extra index for pip")
    options = parser.parse_args(arguments)
    extras = [name.strip() for name in options.extras.split(",") if name.strip()]
    try:
        Environment().prepare(extras, options.torch_index)
    except SetupError as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{explain(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run make again to start over.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
