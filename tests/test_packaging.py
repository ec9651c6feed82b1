import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("torch", "course", "dev")
# What conda-forge calls otherwise.
CONDA_NAMES = {"pytorch-cpu": "torch"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


PYPROJECT = tomllib.loads(read("pyproject.toml"))
PROJECT = PYPROJECT["project"]
CONSTRAINTS = read("constraints.txt").split("\n")


def requirements(*extras: str) -> dict[str, Requirement]:
    """Return what pyproject.toml asks for, by name."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(asked.name): asked for asked in map(Requirement, lines)}


ASKED = requirements(*PROJECT["optional-dependencies"])


def pinned() -> dict[str, Version]:
    """Return the version that constraints.txt pins, by name."""
    pins = {}
    for line in filter(None, CONSTRAINTS):
        pin = Requirement(line)
        (exact,) = pin.specifier
        assert exact.operator == "==", line
        pins[canonicalize_name(pin.name)] = Version(exact.version)
    return pins


PINS = pinned()


def test_the_extras_are_these() -> None:
    assert set(PROJECT["optional-dependencies"]) == {
        *EXTRAS,
        *("sweep", "cluster", "docs", "bench", "browser", "keras", "onnx"),
    }
    assert set(requirements()) == {"numpy", "scipy", "matplotlib", "tqdm"}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_is_pinned_within_its_range(name: str) -> None:
    assert PINS[name] in ASKED[name].specifier


def test_constraints_name_nothing_but_versions() -> None:
    """No path, address, index or local version (`+cpu`) of the machine they were compiled on."""
    for line in CONSTRAINTS[:-1]:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [\w .'()<>=!]+)?", line), line
    assert CONSTRAINTS[-1] == ""
    assert not [name for name, version in PINS.items() if version.local]
    names = [line.split("==")[0] for line in CONSTRAINTS[:-1]]
    assert names == sorted(set(names)), "one line a package, in order"


def test_torch_is_the_version_that_the_course_was_measured_with() -> None:
    assert PINS["torch"] == Version("2.13.0")


def closure(extras: tuple[str, ...]) -> set[str]:
    """Return what `relu-course[extras]` needs here, needs of needs included."""
    needed: set[str] = set()
    todo = [("relu-course", extra) for extra in extras]
    seen = set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        needed.add(name)
        for line in metadata.requires(name) or ():
            asked = Requirement(line)
            if asked.marker is None or asked.marker.evaluate({"extra": extra}):
                todo += [(canonicalize_name(asked.name), each) for each in ("", *asked.extras)]
    return needed - {"relu-course"}


def test_what_is_installed_is_what_is_pinned() -> None:
    for name in sorted(closure(EXTRAS)):
        installed = Version(metadata.version(name))
        assert name in PINS, f"{name} is needed and not pinned: run make lock"
        assert installed.public == PINS[name].public, f"{name}: run make environment"


def conda() -> tuple[dict[str, SpecifierSet], list[str]]:
    """Return the ranges of environment.yml by the names of PyPI, and its lines for pip."""
    *lines, pip = yaml.safe_load(read("environment.yml"))["dependencies"]
    parts = [re.fullmatch(r"([a-z-]+)(.*)", line).groups() for line in lines]
    return {CONDA_NAMES.get(name, name): SpecifierSet(text) for name, text in parts}, pip["pip"]


def test_the_conda_route_has_the_same_ranges() -> None:
    ranges, pip = conda()
    assert pip == ["-e ."]
    assert ranges.pop("pip") == SpecifierSet()
    # The metapackage of conda-forge; its number says nothing of the packages that we need.
    assert ranges.pop("jupyter") == SpecifierSet()
    assert set(ranges) == {"python", "nbval", *requirements("torch", "course", "sweep")}
    for name, span in ranges.items():
        if name != "python":
            assert span == ASKED[name].specifier, name


def test_the_conda_route_is_found_by_binder() -> None:
    environment = yaml.safe_load(read("environment.yml"))
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"][0] == "conda-forge"


def test_the_pythons_agree_everywhere() -> None:
    limits = PYPROJECT["tool"]["relu-course"]
    oldest, newest = limits["oldest-python"], limits["newest-python"]
    beyond = f"3.{int(newest.split('.')[1]) + 1}"
    assert PROJECT["requires-python"] == f">={oldest}"
    assert conda()[0]["python"] == SpecifierSet(f">={oldest},<{beyond}")
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert f"--python-version {oldest}" in read("Makefile")
    matrix = WORKFLOW["jobs"]["lax"]["strategy"]["matrix"]["include"]
    tried = {job["python"] for job in matrix}
    assert {oldest, newest} <= tried
    assert tried <= {f"3.{minor}" for minor in range(int(oldest[2:]), int(newest[2:]) + 1)}
    (python,) = [
        step["with"]["python-version"]
        for step in WORKFLOW["jobs"]["strict"]["steps"]
        if "setup-python" in step.get("uses", "")
    ]
    assert python == oldest


def test_the_extras_installed_are_the_same_everywhere() -> None:
    from tools.environment import ALL_EXTRAS

    assert ALL_EXTRAS == EXTRAS
    assert f"EXTRAS := {','.join(EXTRAS)}" in read("Makefile")
    assert f'-e ".[{",".join(EXTRAS)}]"' in read(".github/workflows/ci.yml")


# YAML reads the key `on` as True.
WORKFLOW = yaml.safe_load(read(".github/workflows/ci.yml"))


def test_the_workflow_may_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not [name for name, job in WORKFLOW["jobs"].items() if "permissions" in job]
    for job in WORKFLOW["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 60
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True


def test_actions_are_pinned() -> None:
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    uses = [step for step in steps if "uses" in step]
    assert uses
    for step in uses:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        if "checkout" in step["uses"]:
            assert step["with"]["persist-credentials"] is False


def test_ci_runs_make_test() -> None:
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == set(WORKFLOW[True])
    runs = [step["run"] for step in WORKFLOW["jobs"]["strict"]["steps"] if "run" in step]
    assert runs == ["make test"]
    lines = [line for line in read(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert lines[-2:] == ["make test", "make test-browser"]
    assert os.name == "nt" or os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("name", ["cluster", "browser"])
def test_what_needs_more_has_a_job_of_its_own(name: str) -> None:
    runs = [step["run"] for step in WORKFLOW["jobs"][name]["steps"] if "run" in step]
    assert runs == [f"make test-{name}"]
    assert f"test-{name}: EXTRAS := {','.join(EXTRAS)},{name}" in read("Makefile")


def test_the_lax_job_runs_where_the_strict_one_does_not() -> None:
    lax = WORKFLOW["jobs"]["lax"]
    systems = {job["os"].split("-")[0] for job in lax["strategy"]["matrix"]["include"]}
    assert systems == {"ubuntu", "macos", "windows"}
    runs = " ".join(step.get("run", "") for step in lax["steps"])
    assert "--nbval-lax" in runs
    (left_out,) = re.findall(r"--deselect (\S+)::(\w+)", runs)
    assert left_out[0] == "tests/test_packaging.py"
    assert left_out[1] in globals()


def test_the_hooks_are_the_environments_own_tools() -> None:
    (repository,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")


def test_make_help_names_every_target() -> None:
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, re.MULTILINE)) - {"test lint"}
    explained = set(re.findall(r"^([a-z-]+):[^=#]*## ", makefile, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)", makefile, re.MULTILINE)
    assert targets == explained == set(phony.replace("\\\n", " ").split())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a wheel is built from, so that workers do not meet and the clone stays clean."""
    source = tmp_path_factory.mktemp("source") / "clone"
    source.mkdir()
    for name in ("helpers", "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, source)
    # What must stay out.
    for name in ("tests", "notebooks", "tools", "benchmarks", "my-course"):
        (source / name).mkdir()
        (source / name / "x.py").touch()
    return source


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, with the tools of this environment."""
    target = tmp_path_factory.mktemp("dist")
    command = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        target,
        source,
    ]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True, cwd=target)
    (built,) = target.glob("relu_course-*-py3-none-any.whl")
    return built


def listed(*folders: str) -> list[str]:
    """Return the files of the clone under `folders` that git does not ignore."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *folders]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        names = answer.stdout.split()
    except (OSError, subprocess.CalledProcessError):  # not a git clone
        paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
        names = [path.relative_to(ROOT).as_posix() for path in paths if path.is_file()]
    return [name for name in names if "__pycache__" not in name and (ROOT / name).is_file()]


def test_the_wheel_holds_the_package_and_its_files(wheel: Path) -> None:
    inside = {
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if not name.split("/")[0].endswith("-info")
    }
    expected = {f"helpers/{name}" for name in listed("data")} | set(listed("helpers"))
    assert any(name.startswith("helpers/data/") for name in expected)
    assert inside == expected


def test_an_editable_install_copies_nothing(source: Path, tmp_path: Path) -> None:
    """A copy of data/ would go stale unseen; and it needs no tool beyond the pinned ones."""
    code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True)
    (built,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(built).namelist()
    assert [name for name in names if ".dist-info/" not in name] == ["_relu_course.pth"]


def test_the_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Installed into an empty environment, away from the clone, it finds its data."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = ["--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True)
    own, theirs = (
        subprocess.run(
            [interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for interpreter in (python, sys.executable)
    )
    # NumPy and the others, lent by this environment. Its own .pth files are not read there, so its
    # editable `helpers` does not come along.
    (Path(own) / "lent.pth").write_text(theirs, encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = (
        "import helpers, json\n"
        "from helpers.datasets import digits\n"
        "print(json.dumps([helpers.__file__, digits().images.shape]))"
    )
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    answer = subprocess.run(
        [python, "-c", code], cwd=elsewhere, env=environ, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    file, shape = json.loads(answer.stdout)
    assert Path(file).is_relative_to(venv)
    assert shape == [1797, 8, 8]


def test_importing_helpers_loads_nothing_heavy() -> None:
    code = "import helpers, sys; print(*sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in answer.stdout.split()}
    assert "helpers" in loaded
    assert loaded.isdisjoint({"torch", "matplotlib", "scipy", "numpy"})


def test_the_version_is_one() -> None:
    import helpers

    assert helpers.__version__ == PROJECT["version"]
    assert PROJECT["name"] == helpers.COURSE
