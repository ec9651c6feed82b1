"""Write every figure of the notebooks as SVG and PNG: `make figures`, in dist/figures.

    python -m tools.figures 01 06      the notebooks whose names begin so; none: all
    python -m tools.figures --fresh    also those that have not changed since

A notebook stores its figures as PNG alone. So each is run once more, with a cell in front that has
`plots.show` draw an SVG too; nothing in `helpers` knows of it, and nothing is stored in the
notebook. Each file carries its caption and its credit line, and index.html and index.json list all.
Figures of cells that are not shown on slides (exercises, progress) are left out.

A notebook whose figures are there, and which has not changed since, nor have `helpers` and `data`,
is not run again. So a run that was interrupted goes on with the notebook that it had begun.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from tqdm import tqdm

from tools.notebooks import that_begin
from tools.refresh import RefusedError, execute
from tools.refresh import write as write_whole

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "dist" / "figures"
COURSE = "From one neuron to the dying-ReLU problem"
LICENCE_PAGE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE = f"CC BY 4.0, {LICENCE_PAGE}"
SVG = "image/svg+xml"
MADE = ".made.json"  # in the target: for each notebook its figures, and a digest of their sources
# In front of a notebook: every figure then has an SVG beside its PNG. Letters are drawn as paths,
# so that a figure looks the same wherever it is pasted; ids do not change from run to run.
RECORDER = f"""\
import importlib, io
import matplotlib
_module = importlib.import_module("helpers.plots.show")
def _as_output(fig, text, _plain=_module.as_output):
    data, metadata = _plain(fig, text)
    buffer = io.StringIO()
    with matplotlib.rc_context({{"svg.fonttype": "path", "svg.hashsalt": "relu-course"}}):
        fig.savefig(buffer, format="svg", metadata={{"Date": None, "Creator": None}})
    return data | {{{SVG!r}: buffer.getvalue()}}, metadata
_module.as_output = _as_output
del _module, _as_output
"""


@dataclass(frozen=True)
class Figure:
    """One figure, with what belongs to it wherever it goes; its size is in CSS pixels."""

    name: str
    notebook: str
    section: str
    alt: str
    credit: str
    width: int
    height: int


def run(path: Path) -> dict[str, Any]:
    """Run a notebook with the recorder in front; return it with its outputs, without that cell.

    Raises
    ------
    tools.refresh.RefusedError
        If a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(RECORDER))
    try:
        execute(notebook, path.parent)
    except AssertionError as error:  # nbclient ends the kernel at Ctrl-C, then misses it
        if isinstance(error.__context__, DeadKernelError):
            raise KeyboardInterrupt from error
        raise
    del notebook.cells[0]
    return json.loads(nbformat.writes(notebook))


def figures_of(notebook: dict[str, Any], name: str) -> Iterator[tuple[Figure, bytes, str]]:
    """Give each figure of a notebook that was run: what belongs to it, its PNG and its SVG."""
    section, count = "", 0
    title = name.partition("_")[2].replace("_", " ")
    for cell in notebook["cells"]:
        heading = re.match(r"#+ (.*)", "".join(cell["source"]))
        if cell["cell_type"] == "markdown" and heading:
            section = re.sub(r"[*`$]", "", heading[1])
        if _is_skipped(cell):
            continue
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" not in data:
                continue
            count += 1
            credit = f"{COURSE}, notebook {name[:2]} ({title}). {LICENCE}"
            about = output["metadata"]["image/png"]
            size = about["width"], about["height"]
            figure = Figure(f"{name}-{count:02}", name, section, about["alt"], credit, *size)
            png = base64.b64decode("".join(data["image/png"]))
            yield figure, with_words_png(png, figure), with_words_svg("".join(data[SVG]), figure)


def with_words_png(png: bytes, figure: Figure) -> bytes:
    """Put caption and credit line into a PNG; its picture stays as it is."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    image = Image.open(io.BytesIO(png))
    words = PngInfo()
    for key, text in (("Title", figure.section), ("Description", figure.alt)):
        words.add_itxt(key, text)
    words.add_itxt("Copyright", figure.credit)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=words, dpi=image.info.get("dpi"), optimize=True)
    return buffer.getvalue()


def with_words_svg(svg: str, figure: Figure) -> str:
    """Give an SVG its caption as the title that readers of a screen hear, and its credit line."""
    place = svg.index(">", svg.index("<svg")) + 1
    start = svg[:place].replace("<svg", '<svg role="img"', 1)
    words = f"<title>{html.escape(figure.alt)}</title>\n<desc>{html.escape(figure.credit)}</desc>"
    return f"{start}\n{words}{svg[place:]}"


def index(figures: Sequence[Figure]) -> str:
    """Write the page that shows all figures, each with what to copy."""
    notebooks = dict.fromkeys(figure.notebook for figure in figures)
    lines = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Figures: {COURSE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>Figures</h1>\n<p>{COURSE}. Free to use in your slides and texts "
        f'(<a href="{LICENCE_PAGE}">CC BY 4.0</a>): keep the credit line. Each file carries its '
        "caption and its credit, too. SVG is sharp at any size.</p>",
        '<nav aria-label="Notebooks">\n<ul>',
        *(f'<li><a href="#{name}">{_spoken(name)}</a></li>' for name in notebooks),
        "</ul>\n</nav>",
    ]
    last = ""
    for figure in figures:
        if figure.notebook != last:
            last = figure.notebook
            lines.append(f'<h2 id="{last}">{_spoken(last)}</h2>')
        alt, credit = html.escape(figure.alt), html.escape(figure.credit)
        lines.append(
            f'<figure id="{figure.name}"><h3>{html.escape(figure.section)}</h3>'
            f'<img src="{figure.name}.png" alt="{alt}" loading="lazy" '
            f'width="{figure.width}" height="{figure.height}">'
            f"<figcaption>{alt}</figcaption><p class='credit'>{credit}</p>"
            f'<p><a href="{figure.name}.svg" aria-label="{figure.name} as SVG">SVG</a> '
            f'<a href="{figure.name}.png" aria-label="{figure.name} as PNG">PNG</a></p></figure>'
        )
    return "\n".join([*lines, "</main>\n</body>\n</html>\n"])


def _spoken(notebook: str) -> str:
    return html.escape(notebook.replace("_", " "))


STYLE = """
body { margin: 0; color: #1a1a1a; background: #fff; font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
figure { margin: 0 0 3rem; }
figcaption, .credit { overflow-wrap: anywhere; }
img { display: block; max-width: 100%; height: auto; border: 1px solid #d9d9d9; }
h3 { margin: 0 0 .5rem; }
.credit { margin: .3rem 0; color: #595959; font-size: .85rem; }
a { color: #005a8d; }
figure a { margin-right: 1rem; }
nav ul { columns: 15rem; padding: 0; list-style: none; }
nav li { padding: .15rem 0; }
"""


def _is_skipped(cell: dict[str, Any]) -> bool:
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "skip"


def made_of(path: Path, shared: bytes) -> str:
    """Return a digest of all that the figures of a notebook depend on, packages apart."""
    return hashlib.sha256(path.read_bytes() + shared).hexdigest()


def _shared() -> bytes:
    """Return a digest of what all notebooks draw with."""
    parts = [Path(__file__)]
    for folder in ("helpers", "data"):
        files = (ROOT / folder).rglob("*")
        parts += sorted(one for one in files if one.is_file() and one.suffix != ".pyc")
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part.name}\n".encode() + hashlib.sha256(part.read_bytes()).digest())
    return digest.digest()


def _stored(file: Path, otherwise: Any) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else otherwise


def _store(file: Path, content: Any) -> None:
    write_whole(file, json.dumps(content, indent=1, ensure_ascii=False).encode())


def _is_done(path: Path, digest: str, target: Path, known: Sequence[Figure]) -> bool:
    """Tell whether the figures of a notebook are there and are what it would draw now."""
    names = [figure.name for figure in known if figure.notebook == path.stem]
    there = all((target / f"{name}.{ending}").exists() for name in names for ending in ENDINGS)
    made = {"of": digest, "figures": names}
    return there and _stored(target / MADE, {}).get(path.stem) == made


ENDINGS = ("png", "svg")


def write(paths: Sequence[Path], target: Path, *, fresh: bool = False) -> list[Figure]:
    """Run notebooks and write their figures; the index has those of earlier calls, too.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks.
    target : Path
        The folder, which is made if it is not there.
    fresh : bool
        Run those too that have not changed since.

    Returns
    -------
    list of Figure
        All figures in the folder, by name.

    Raises
    ------
    tools.refresh.RefusedError
        If notebooks could not be run; the others are done, and what was there stays.
    """
    target.mkdir(parents=True, exist_ok=True)
    wanted = {field.name for field in fields(Figure)}  # what an older version left is made anew
    listed = _stored(target / "index.json", [])
    known = [Figure(**told) for told in listed if set(told) == wanted]
    failed, unchanged, shared = [], 0, _shared()
    with tqdm(paths, unit="notebook", disable=len(paths) < 2) as bar:
        for path in bar:
            bar.set_postfix_str(path.stem)
            digest = made_of(path, shared)
            if not fresh and _is_done(path, digest, target, known):
                unchanged += 1
                continue
            try:
                made = list(figures_of(run(path), path.stem))
            except RefusedError as error:
                failed.append(f"{path.stem} cannot be run: {error}")
                continue
            known = _write_one(path.stem, digest, made, known, target)
            bar.write(f"{path.stem}: {len(made)} figures")
    if unchanged:
        print(f"notebooks that have not changed: {unchanged} (--fresh runs them all the same)")
    size = sum(file.stat().st_size for file in target.iterdir())
    print(f"{len(known)} figures, {size / 1e6:.0f} MB: {target / 'index.html'}", flush=True)
    if failed:
        raise RefusedError("\n".join(failed))
    return known


def _write_one(
    notebook: str,
    digest: str,
    made: Sequence[tuple[Figure, bytes, str]],
    known: Sequence[Figure],
    target: Path,
) -> list[Figure]:
    """Write the figures of one notebook, then the index, last that they are done."""
    for figure, png, svg in made:
        write_whole(target / f"{figure.name}.png", png)
        write_whole(target / f"{figure.name}.svg", svg.encode())
    now = [figure for figure, *_ in made]
    for old in target.glob(f"{notebook}-*"):
        if old.stem not in {figure.name for figure in now}:
            old.unlink()
    others = [figure for figure in known if figure.notebook != notebook]
    figures = sorted([*others, *now], key=lambda figure: figure.name)
    _store(target / "index.json", [asdict(figure) for figure in figures])
    write_whole(target / "index.html", index(figures).encode())
    done = {"of": digest, "figures": [figure.name for figure in now]}
    _store(target / MADE, _stored(target / MADE, {}) | {notebook: done})
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the figures of the notebooks asked for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.figures",
        description="Write every figure of the notebooks as SVG and PNG, with an index page.",
    )
    parser.add_argument("notebooks", nargs="*", help="how their names begin; none: all")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument(
        "--fresh", action="store_true", help="run notebooks again that have not changed since"
    )
    asked = parser.parse_args(arguments)
    paths = that_begin(asked.notebooks, ROOT)
    if not paths:
        named = " or ".join(asked.notebooks)
        print(f"There is no notebook that begins with {named}.", file=sys.stderr)
        return 1
    try:
        write(paths, asked.target, fresh=asked.fresh)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Interrupted. Called again, without --fresh, it goes on where it was.", file=sys.stderr
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
