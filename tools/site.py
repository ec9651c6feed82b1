"""Build the web site in dist/site, from the notebooks as they are stored: `make site`.

    python -m tools.site            then open dist/site/index.html; no server is needed
    python -m tools.site --slides   with the decks, each a link on its notebook's page

Sphinx wants one folder to read from, and the sources lie where they belong in a clone. So they are
gathered in build/site first: docs/site, the notebooks, CLAIMS.md, README.md, the lecturer's guide
and the polls, and a page for each module of `helpers`. Nothing is executed and nothing is fetched.
A warning is an error.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx.cmd.build import main as sphinx

from helpers.labs.lab import style
from tools import polls
from tools.handout import without_notes
from tools.open_course import without_outputs

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "dist" / "site"
WORK = ROOT / "build" / "site"

# How the electives are numbered; all other notebooks are the course.
ELECTIVES = ("12", "13", "14", "15", "16")

# The modules of `helpers` that have a page, in the order of its layers. Modules that one imports by
# their own name stand on the page of their package.
MODULES: dict[str, tuple[str, ...]] = {
    "activations": (),
    "initializers": (),
    "units": (),
    "stats": (),
    "datasets": (),
    "network": (),
    "training": (),
    "plots": (),
    "fleet": (),
    "born_dead": (),
    "sweep": (),
    "health": (),
    "remedies": (),
    "claims": (),
    "models": ("boxes", "detector", "images", "recurrent", "regressors", "start", "training"),
    "exercises": ("functions", "values", "predictions", "choices", "lines", "engine"),
    "labs": ("web",),
}


def gather(source: Path, root: Path = ROOT) -> None:
    """Gather what Sphinx reads in one folder, and leave alone what has not changed there.

    Parameters
    ----------
    source : Path
        The folder. What does not belong there is deleted.
    root : Path
        The clone.
    """
    keep = {
        _copy(path, source / path.relative_to(root / "docs" / "site"))
        for path in sorted((root / "docs" / "site").rglob("*"))
        if path.is_file() and path.name != "index.md" and "__pycache__" not in path.parts
    }
    for path in sorted((root / "docs" / "vendor").rglob("*")):
        if path.is_file():
            keep.add(_copy(path, source / "static" / "vendor" / path.relative_to(path.parents[1])))
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    for path in notebooks:
        keep.add(_copy(path, source / "notebooks" / path.name))
        bare = json.dumps(
            without_notes(without_outputs(json.loads(path.read_text(encoding="utf-8")))),
            indent=1,
            ensure_ascii=False,
        )
        keep.add(_write(source / "extra" / "notebooks" / path.name, bare + "\n"))
    for path in (root / "CLAIMS.md", root / "docs" / "lecturers-guide.md"):
        text = without_file_links(path.read_text(encoding="utf-8"))
        keep.add(_write(source / path.name, text))
    keep.add(_write(source / "polls.md", polls.as_markdown(notebooks)))
    keep.add(_write(source / "README.md", (root / "README.md").read_text(encoding="utf-8")))
    home = (root / "docs" / "site" / "index.md").read_text(encoding="utf-8")
    keep.add(_write(source / "index.md", with_contents(home, notebooks)))
    keep.add(_write(source / "static" / "labs.css", style()))
    keep.add(_write(source / "reference" / "index.md", reference_index()))
    for name, parts in MODULES.items():
        keep.add(_write(source / "reference" / f"{name}.rst", reference(name, parts)))
    for path in source.rglob("*"):
        if path.is_file() and path not in keep:
            path.unlink()


def without_file_links(text: str) -> str:
    """Turn links to files of the clone that are no page of the site into their names, as code.

    Examples
    --------
    >>> without_file_links("in [helpers/a.py](helpers/a.py); cell [02](notebooks/02_x.ipynb)")
    'in `helpers/a.py`; cell [02](notebooks/02_x.ipynb)'
    """
    return re.sub(r"\[([^\]]+)\]\((?!https?:|notebooks/|#)[^)]+\)", r"`\1`", text)


def with_contents(home: str, notebooks: Sequence[Path]) -> str:
    """Fill the notebooks into the home page's tables of contents, with number and title.

    Parameters
    ----------
    home : str
        The source of the page, with the lines ``TOCTREE core`` and ``TOCTREE electives``.
    notebooks : list of Path
        In the order in which they are read.
    """
    lines: dict[str, list[str]] = {"core": [], "electives": []}
    for path in notebooks:
        number = path.stem.partition("_")[0]
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        title = "".join(first).partition("\n")[0].lstrip("# ")
        part = "electives" if number in ELECTIVES else "core"
        lines[part].append(f"{number} {title} <notebooks/{path.stem}>")
    for part, entries in lines.items():
        home = home.replace(f"TOCTREE {part}", "\n".join(entries))
    return home


def reference_index() -> str:
    """Write the page that lists the modules, each with the first line of its docstring."""
    rows, pages = [], []
    for name in MODULES:
        path = ROOT / "helpers" / name
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        about = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        first = " ".join(about.partition("\n\n")[0].split())
        rows.append(f"| [`helpers.{name}`]({name}.rst) | {first} |")
        pages.append(f"helpers.{name} <{name}>")
    return "\n".join(
        [
            "# Reference of helpers",
            "",
            "What each module is for, from the lowest to the highest: none imports one below it.",
            "Every example on these pages is run by the course's tests. The {ref}`index <genindex>`"
            " has every name.",
            "",
            "| Module | |",
            "|---|---|",
            *rows,
            "",
            "```{toctree}",
            ":hidden:",
            "",
            *pages,
            "```",
            "",
        ]
    )


def reference(name: str, parts: tuple[str, ...]) -> str:
    """Write the source of a module's page.

    Parameters
    ----------
    name : str
        The module, such as ``"fleet"``.
    parts : tuple of str
        Modules of the package that stand on the same page.
    """
    title = f"helpers.{name}"
    lines = [title, "=" * len(title), "", f".. automodule:: {title}", ""]
    lines += [f".. constants:: {title}", ""]
    if name == "plots":
        lines += figures(ROOT / "helpers" / "plots")
    for part in parts:
        inner = f"{title}.{part}"
        lines += [inner, "-" * len(inner), "", f".. automodule:: {inner}", ""]
    return "\n".join(lines)


def figures(folder: Path) -> Iterator[str]:
    """List the functions that draw, topic by topic, each with the first line of its docstring."""
    yield from ("The figures of the notebooks", "-" * 28, "")
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        drawn = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(mark, ast.Name) and mark.id == "styled" for mark in _marks(node))
        ]
        if drawn:
            yield from (f"``helpers.plots.{path.stem}``", "")
        for node in drawn:
            first = (ast.get_docstring(node) or "").partition("\n")[0].replace("\\", "\\\\")
            yield f"- ``{node.name}``: {first}"
        yield ""


def _marks(node: ast.FunctionDef) -> list[ast.expr]:
    return [mark.func if isinstance(mark, ast.Call) else mark for mark in node.decorator_list]


def build(
    target: Path = TARGET, work: Path = WORK, *, jobs: int | None = None, slides: bool = False
) -> None:
    """Build the site.

    Parameters
    ----------
    target : Path
        The folder of the site.
    work : Path
        Where sources and what Sphinx keeps between builds lie.
    jobs : int, optional
        How many processes read and write pages; two for each core, if it is left out: pages are
        handed out many at once, and with fewer processes one core waits for the other at the end.
    slides : bool
        Whether the decks are on the site, too: 50 MB more.

    Raises
    ------
    RuntimeError
        If Sphinx warned of something, or failed: it has said of what.
    """
    gather(work / "source")
    asked = ["-b", "html", "-W", "--keep-going", "-j", str(jobs or 2 * (os.cpu_count() or 1))]
    asked += ["-d", str(work / "doctrees"), "-D", f"course_slides={int(slides)}"]
    asked += [] if sys.stdout.isatty() else ["-q"]  # where nobody looks on, only what went wrong
    # Pages are trees of a million small objects that all stay. To look through them for garbage
    # again and again takes a fifth of the time, and finds next to nothing.
    gc.disable()
    try:  # in this process, which has loaded half of what Sphinx will need
        failed = sphinx([*asked, str(work / "source"), str(target)])
    finally:
        gc.enable()
    if failed:
        raise RuntimeError("the site is not built: Sphinx has said why")
    # Pages whose source is gone, and what only a next build needs.
    known = {"search", "genindex"}
    if slides:
        from tools.slides import exporter  # loads much that the site alone does not need

        for path in sorted(ROOT.glob("notebooks/*.ipynb")):
            exporter.write(path, target / "slides" / f"{path.stem}.html")
            known.add(f"slides/{path.stem}")
    for suffix in (".md", ".rst", ".ipynb"):
        for path in (work / "source").rglob(f"*{suffix}"):
            known.add(path.relative_to(work / "source").with_suffix("").as_posix())
    for path in target.rglob("*.html"):
        if path.relative_to(target).with_suffix("").as_posix() not in known:
            path.unlink()
    for name in (".buildinfo", "objects.inv"):
        (target / name).unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site and say where it is; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fresh", action="store_true", help="keep nothing of earlier builds")
    parser.add_argument("--slides", action="store_true", help="with the decks: 50 MB more")
    asked = parser.parse_args(arguments)
    if asked.fresh:
        shutil.rmtree(WORK, ignore_errors=True)
        shutil.rmtree(TARGET, ignore_errors=True)
    start = time.perf_counter()
    try:
        build(slides=asked.slides)
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 1
    pages = list(TARGET.rglob("*.html"))
    size = sum(path.stat().st_size for path in TARGET.rglob("*") if path.is_file()) / 1e6
    seconds = time.perf_counter() - start
    print(f"dist/site/index.html: {len(pages)} pages, {size:.0f} MB, built in {seconds:.0f} s")
    return 0


def _copy(path: Path, place: Path) -> Path:
    """Copy a file where it has changed, its time included, by which Sphinx sees what is new."""
    here = place.stat() if place.exists() else None
    there = path.stat()
    if not here or (here.st_mtime_ns, here.st_size) != (there.st_mtime_ns, there.st_size):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    return place


def _write(place: Path, text: str) -> Path:
    if not place.exists() or place.read_text(encoding="utf-8") != text:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
    return place


if __name__ == "__main__":
    sys.exit(main())
