import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from tools import open_course
from tools.open_course import CourseError, choose_port, copy_missing, server_arguments, settings

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Über ReLU"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"slideshow": {"slide_type": "slide"}},
            "execution_count": 3,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["the answer\n"]}],
            "source": ["print('the answer')"],
        },
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "x"}, "widgets": {"y": 1}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    source = tmp_path / "notebooks"
    source.mkdir()
    for name in ("01_meet_a_neuron.ipynb", "02_build.ipynb"):
        (source / name).write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    return source, tmp_path / "my-course"


def test_copies_hold_everything_but_the_answers(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    before = {path: path.read_bytes() for path in source.iterdir()}
    assert copy_missing(source, mine) == ["01_meet_a_neuron.ipynb", "02_build.ipynb"]
    copy = json.loads((mine / "02_build.ipynb").read_text(encoding="utf-8"))
    expected = json.loads(json.dumps(NOTEBOOK))
    expected["cells"][1] |= {"outputs": [], "execution_count": None}
    del expected["metadata"]["widgets"]
    assert copy == expected
    assert "Über" in (mine / "02_build.ipynb").read_text(encoding="utf-8")
    assert before == {path: path.read_bytes() for path in source.iterdir()}


def test_what_the_learner_has_is_never_touched(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    copy_missing(source, mine)
    (mine / "01_meet_a_neuron.ipynb").write_text("mine, broken")
    (mine / "02_build.ipynb").unlink()
    (mine / "notes.md").write_text("also mine")
    (source / "03_train.ipynb").write_text(json.dumps(NOTEBOOK))
    assert copy_missing(source, mine) == ["02_build.ipynb", "03_train.ipynb"]
    assert (mine / "01_meet_a_neuron.ipynb").read_text() == "mine, broken"
    assert (mine / "notes.md").read_text() == "also mine"


def test_a_copy_cut_off_leaves_no_half(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", cut_off)
        with pytest.raises(KeyboardInterrupt):
            copy_missing(*folders)
    assert not list(folders[1].iterdir())


@pytest.mark.parametrize("line", [["--port", "9000"], ["--port=9000"], ["--ServerApp.port=9000"]])
def test_the_port_asked_for_is_read_in_every_spelling(line: list[str]) -> None:
    assert settings(["--no-browser", *line])["--ServerApp.port"] == "9000"


def test_a_taken_port() -> None:
    with socket.create_server((open_course.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CourseError, match=f"Port {port} is taken"):
            choose_port(str(port))


def test_another_port_is_taken_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(open_course, "is_free", lambda port: port > 8889)
    assert choose_port(None) == 8890
    assert "Port 8888 is taken" in capsys.readouterr().out
    monkeypatch.setattr(open_course, "is_free", lambda port: False)
    with pytest.raises(CourseError, match="name a port"):
        choose_port(None)


@pytest.mark.parametrize("port", ["x", "", "-1", "65536"])
def test_what_is_no_port_is_explained(port: str) -> None:
    with pytest.raises(CourseError, match="a port is a number"):
        choose_port(port)


def test_the_server_listens_at_home_and_keeps_its_token() -> None:
    ours = open_course.our_settings("lab/tree/01.ipynb", 8890, "secret")
    line = server_arguments(ours, ["--no-browser"], [])
    assert "--ServerApp.ip=127.0.0.1" in line
    assert "--IdentityProvider.token=secret" in line
    assert "--LabApp.default_url=/lab/tree/01.ipynb" in line
    assert "--LabApp.news_url=None" in line
    assert "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate" in line


def test_what_the_learner_sets_is_set_once() -> None:
    ours = open_course.our_settings("lab", 8890, "secret")
    line = server_arguments(ours, ["--no-browser"], ["--port", "9000", "--no-browser"])
    assert not any("8890" in argument for argument in line)
    assert line.count("--no-browser") == 1
    assert line[-3:] == ["--port", "9000", "--no-browser"]


def test_a_folder_that_cannot_be_written_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "my-course")

    monkeypatch.setattr(open_course, "copy_missing", denied)
    assert open_course.main([]) == 1
    assert "a folder of your own" in capsys.readouterr().err


def status(base: str, token: str = "") -> int:
    """Return the HTTP status that the server gives to an API request."""
    request = urllib.request.Request(f"{base}/api/status")
    if token:
        request.add_header("Authorization", f"token {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.skipif(os.name == "nt", reason="SIGINT reaches one process only on POSIX")
def test_a_real_start(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "open_course.py", tmp_path / "tools")
    environ = os.environ | {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "run")}
    server = subprocess.Popen(
        [sys.executable, tmp_path / "tools" / "open_course.py", "--no-browser"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
        # What a shell has in the background ignores interrupts, and so do its children: these
        # tests, perhaps, but not the course that they start.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        said = "".join(lines)
        url = re.search(
            r"(http://127\.0\.0\.1:\d+)/lab/tree/01_meet_a_neuron\.ipynb\?token=(\w{48})", said
        )
        assert url, said
        assert status(url[1]) == 403
        assert status(url[1], url[2]) == 200
        with urllib.request.urlopen(f"{url[1]}/lab?token={url[2]}", timeout=30) as page:
            disabled = re.search(r'"disabledExtensions": (\[[^]]*\])', page.read().decode())
        assert "@jupyterlab/apputils-extension:announcements" in json.loads(disabled[1])
        assert (folders[1] / "01_meet_a_neuron.ipynb").exists()
        server.send_signal(signal.SIGINT)
        rest = server.communicate(timeout=30)[0]
        assert server.returncode == 0
        # Nothing alarming: no warnings, no errors, no tracebacks, of the start or of the end.
        assert not re.search(r"Traceback|\[[WEC] |[Ww]arning|[Ee]rror", said + rest), said + rest
    finally:
        server.kill()
        server.communicate()  # which closes the pipe


def test_what_lies_in_my_course_is_not_checked(tmp_path: Path) -> None:
    """A broken notebook, bad code, a failing test of the learner's: no tool looks at them."""
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    mine = tmp_path / "my-course"
    mine.mkdir()
    (mine / "01_meet_a_neuron.ipynb").write_text("{ not json")
    (mine / "test_mine.py").write_text("import   os ;def(")
    for folder in ("tests", "helpers"):
        (tmp_path / folder).mkdir()
    good = '"""One test."""\n\n\ndef test_one() -> None:\n    """Pass."""\n'
    (tmp_path / "tests" / "test_one.py").write_text(good)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        environ = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
        )

    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        answer = run(*command)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    answer = run("pytest", "--collect-only", "-q", "--nbval", ".")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "tests/test_one.py::test_one" in answer.stdout
    assert "my-course" not in answer.stdout


def test_the_real_copy_is_out_of_gits_sight() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git clone")
    command = ["git", "check-ignore", "--no-index", "my-course/x.ipynb", ".venv/x"]
    ignored = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ignored.stdout.split() == ["my-course/x.ipynb", ".venv/x"]
