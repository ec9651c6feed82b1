r"""Copy the notebooks to my-course/, where they are the learner's own, and open JupyterLab there.

Run by the environment's Python: `make course` does it, and so does, where there is no make,
`.venv/bin/python tools/open_course.py` (on Windows `.venv\Scripts\python tools\open_course.py`).
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "notebooks"
# MY_COURSE_DIR names another place for the learner's notebooks.
MINE = Path(os.environ.get("MY_COURSE_DIR") or ROOT / "my-course").absolute()
# Opened is the first of these that there is.
FIRST = ("01_meet_a_neuron.ipynb",)
LOOPBACK = "127.0.0.1"
PORTS = range(8888, 8938)
# The settings of ours that are given by short names too.
SHORT = {
    "--ip": "--ServerApp.ip",
    "--port": "--ServerApp.port",
    "--port-retries": "--ServerApp.port_retries",
    "--notebook-dir": "--ServerApp.root_dir",
    "--debug": "--Application.log_level",
}


class CourseError(Exception):
    """What keeps the course from opening, in words that say what to do."""


def without_outputs(notebook: dict) -> dict:
    """Return a notebook whose cells have not been run yet.

    The course asks the reader to predict first: a stored answer would give it away.
    """
    cells = [
        cell | {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    metadata = {key: value for key, value in notebook["metadata"].items() if key != "widgets"}
    return notebook | {"cells": cells, "metadata": metadata}


def copy_missing(source: Path, target: Path) -> list[str]:
    """Copy the notebooks that `target` lacks, without outputs; return their names.

    What is there is never touched. Plain JSON: importing nbformat takes two seconds.
    """
    target.mkdir(exist_ok=True)
    new = []
    for path in sorted(source.glob("*.ipynb")):
        place = target / path.name
        if os.path.lexists(place):
            continue
        notebook = without_outputs(json.loads(path.read_text(encoding="utf-8")))
        # Written beside its place and then moved, so that no half of a notebook is ever kept.
        handle, name = tempfile.mkstemp(dir=target, prefix=".", suffix=".part")
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as file:
                json.dump(notebook, file, indent=1, ensure_ascii=False)
                file.write("\n")
            os.chmod(name, 0o644)  # mkstemp's own 0o600 would hide it from a group
            os.replace(name, place)
        except BaseException:
            os.unlink(name)
            raise
        new.append(path.name)
    return new


def is_free(port: int) -> bool:
    """Whether a server can listen on this port of this computer."""
    with socket.socket() as probe:
        if os.name != "nt":  # as the server does: a port closed a minute ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def settings(arguments: Sequence[str]) -> dict[str, str]:
    """Return what the learner set on the command line, by long name."""
    found = {}
    for position, argument in enumerate(arguments):
        name, has_value, value = argument.partition("=")
        if name.startswith("--"):
            following = arguments[position + 1 : position + 2]
            found[SHORT.get(name, name)] = value if has_value else "".join(following)
    return found


def choose_port(asked: str | None) -> int:
    """Return the port to listen on: the one asked for, or the first free one from 8888."""
    if asked is not None:
        try:
            port = int(asked)
        except ValueError:
            raise CourseError(f"--port {asked}: a port is a number, as in --port 9000.") from None
        if not 0 <= port < 65536:
            raise CourseError(f"--port {port}: a port is a number from 1024 to 65535.")
        if not is_free(port):
            raise CourseError(
                f"Port {port} is taken, or not yours to use. Close what uses it, or name another:\n"
                f'make course ARGS="--port {port + 1 if port < 65535 else 9000}"'
            )
        return port
    for port in PORTS:
        if is_free(port):
            if port != PORTS[0]:
                say(f"Port {PORTS[0]} is taken, by another JupyterLab perhaps: using {port}.")
            return port
    raise CourseError(
        f"The ports {PORTS[0]} to {PORTS[-1]} are all taken. Close the JupyterLabs that you no\n"
        'longer need, or name a port: make course ARGS="--port 9000"'
    )


def has_display() -> bool:
    """Whether a browser can open a window; else Python might start one in the terminal."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def our_settings(address: str, port: int, token: str) -> dict[str, str]:
    """Return what JupyterLab is told where the learner says nothing else."""
    return {
        "--ServerApp.root_dir": str(MINE),
        "--ServerApp.ip": LOOPBACK,
        "--ServerApp.port": str(port),
        "--ServerApp.port_retries": "0",
        "--IdentityProvider.token": token,
        "--LabApp.default_url": f"/{address}",
        # Nothing of these leaves the computer: no news, no look for a newer version, no
        # catalogue of extensions. The course works without a network.
        "--LabApp.news_url": "None",
        "--LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager": "readonly",
        # Without it every kernel warns that others on this computer could listen.
        "--KernelManager.transport_encryption": "auto",
        # Its warnings speak of its own settings, and would alarm a learner for nothing.
        "--Application.log_level": "ERROR",
    }


def server_arguments(
    ours: dict[str, str], flags: Sequence[str], theirs: Sequence[str]
) -> list[str]:
    """Return JupyterLab's command line; what is set twice is an error there, so ours gives way."""
    given = settings(theirs)
    line = [f"{name}={value}" for name, value in ours.items() if name not in given]
    return [*line, *(flag for flag in flags if flag not in given), *theirs]


def without_news(_handler: object, page_config: dict) -> dict:
    """Keep JupyterLab from asking each learner whether it may fetch news: it has none to fetch."""
    ask = "@jupyterlab/apputils-extension:announcements"
    return page_config | {"disabledExtensions": [*page_config["disabledExtensions"], ask]}


def serve(arguments: list[str], address: str, token: str) -> None:
    """Run JupyterLab in this process until it is stopped, and say where it is."""
    # jsonschema builds a grammar for a kind of address that Jupyter never checks, which takes
    # longer than all the rest of the start; without the module it does without the check.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import zmq
    from jupyterlab.labapp import LabApp

    if not zmq.has("curve"):  # a ZeroMQ without encryption refuses to be asked for it
        arguments = [each for each in arguments if "transport_encryption" not in each]
    server = LabApp.initialize_server(argv=arguments)
    server.web_app.settings["page_config_hook"] = without_news
    where = f"{server.connection_url}{address}"
    if server.identity_provider.token == token:
        where += f"?token={token}"
    # Runs once the server listens.
    server.io_loop.add_callback(
        say, f"\nThe course is at {where}\nTo stop it, press Ctrl-C here twice."
    )
    server.start()


def say(sentence: str) -> None:
    """Tell the reader at once."""
    print(sentence, flush=True)


def open_course(arguments: Sequence[str]) -> None:
    """Copy what is missing and serve it."""
    if not {"-h", "--help", "--help-all", "--version"}.isdisjoint(arguments):
        from jupyterlab.labapp import LabApp

        LabApp.launch_instance(arguments)
        return
    new = copy_missing(COURSE, MINE)
    if new:
        say(f"Copied to my-course/, where they are yours to change: {', '.join(new)}")
    os.environ.setdefault("COURSE_PROGRESS_DIR", str(MINE / "progress"))
    # Without it each kernel warns about a debugger that nobody started.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    # torch's threads spin only briefly when they wait: they take the processor from the browser.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    given = settings(arguments)
    port = choose_port(given.get("--ServerApp.port"))
    address = next((f"lab/tree/{name}" for name in FIRST if (MINE / name).exists()), "lab")
    token = secrets.token_hex(24)
    flags = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say("You are root, as in a container: JupyterLab is told that this is meant.")
        flags.append("--allow-root")
    if not has_display() and "--no-browser" not in given:
        say("No screen here: JupyterLab opens no browser.")
        flags.append("--no-browser")
    ours = our_settings(address, port, token)
    serve(server_arguments(ours, flags, arguments), address, token)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the course; return the exit code."""
    try:
        open_course(sys.argv[1:] if arguments is None else arguments)
    except CourseError as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        todo = "Make room and run make again."
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            todo = "Copy the course to a folder of your own and run make there."
        print(f"my-course/ cannot be written: {error}. {todo}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
