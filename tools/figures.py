"""Write every figure of the notebooks as SVG and PNG: `make figures`, in dist/figures.

A notebook stores its figures as PNG alone. So each is run once more, with a cell in front that has
`plots.show` draw an SVG too; nothing in `helpers` knows of it, and nothing is stored in the
notebook. Each file carries its caption and its credit line, and index.html and index.json list all.
Figures of cells that are not shown on slides (exercises, progress) are left out.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "dist" / "figures"
COURSE = "From one neuron to the dying-ReLU problem"
LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
SVG = "image/svg+xml"
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
    """One figure, with what belongs to it wherever it goes."""

    name: str
    notebook: str
    section: str
    alt: str
    credit: str


def run(path: Path) -> dict[str, Any]:
    """Run a notebook with the recorder in front; return it with its outputs, without that cell.

    Raises
    ------
    tools.refresh.RefusedError
        If a cell fails.
    """
    import nbformat

    from tools.refresh import execute

    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(RECORDER))
    execute(notebook, path.parent)
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
            alt = output["metadata"]["image/png"]["alt"]
            figure = Figure(f"{name}-{count:02}", name, section, alt, credit)
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
    lines = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Figures: {COURSE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>Figures</h1>\n<p>{COURSE}. Free to use in your slides and texts ({LICENCE}): keep "
        "the credit line. Each file carries its caption and its credit, too.</p>",
    ]
    last = ""
    for figure in figures:
        if figure.notebook != last:
            last = figure.notebook
            lines.append(f"<h2>{last.replace('_', ' ')}</h2>")
        alt, credit = html.escape(figure.alt), html.escape(figure.credit)
        lines.append(
            f'<figure id="{figure.name}"><h3>{html.escape(figure.section)}</h3>'
            f'<img src="{figure.name}.png" alt="{alt}" loading="lazy">'
            f"<figcaption>{alt}</figcaption><p class='credit'>{credit}</p>"
            f'<p><a href="{figure.name}.svg" aria-label="{figure.name} as SVG">SVG</a> '
            f'<a href="{figure.name}.png" aria-label="{figure.name} as PNG">PNG</a></p></figure>'
        )
    return "\n".join([*lines, "</main>\n</body>\n</html>\n"])


STYLE = """
body { margin: 0; color: #1a1a1a; background: #fff; font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
figure { margin: 0 0 3rem; }
img { display: block; max-width: 100%; height: auto; border: 1px solid #d9d9d9; }
h3 { margin: 0 0 .5rem; }
.credit { margin: .3rem 0; color: #595959; font-size: .85rem; }
a { color: #005a8d; margin-right: 1rem; }
"""


def _is_skipped(cell: dict[str, Any]) -> bool:
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "skip"


def write(paths: Sequence[Path], target: Path) -> list[Figure]:
    """Run notebooks and write their figures; the index has those of earlier calls, too."""
    target.mkdir(parents=True, exist_ok=True)
    listed = target / "index.json"
    known = (
        [Figure(**told) for told in json.loads(listed.read_text(encoding="utf-8"))]
        if listed.exists()
        else []
    )
    known = [figure for figure in known if figure.notebook not in {path.stem for path in paths}]
    for path in paths:
        start = time.perf_counter()
        made = list(figures_of(run(path), path.stem))
        for old in target.glob(f"{path.stem}-*"):
            old.unlink()
        for figure, png, svg in made:
            (target / f"{figure.name}.png").write_bytes(png)
            (target / f"{figure.name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        known = sorted([*known, *(figure for figure, *_ in made)], key=lambda f: f.name)
        listed.write_text(
            json.dumps([asdict(f) for f in known], indent=1, ensure_ascii=False), encoding="utf-8"
        )
        (target / "index.html").write_text(index(known), encoding="utf-8", newline="\n")
        print(f"{path.stem}: {len(made)} figures ({time.perf_counter() - start:.0f} s)", flush=True)
    return known


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the figures of the notebooks asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.figures", description=__doc__)
    parser.add_argument("notebooks", nargs="*", help="how their names begin; none: all")
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args(arguments)
    begins = tuple(asked.notebooks) or ("",)
    paths = [
        path for path in sorted(ROOT.glob("notebooks/*.ipynb")) if path.name.startswith(begins)
    ]
    if not paths:
        print(f"There is no notebook that begins with {' or '.join(begins)}.", file=sys.stderr)
        return 1
    write(paths, asked.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
