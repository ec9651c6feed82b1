"""Write a deck as one HTML file with a template of nbconvert: nothing is fetched, now or later."""

from __future__ import annotations

import base64
import functools
import html
import json
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.labs.lab import style
from helpers.labs.web import placeholder, script
from tools.slides.blocks import Block, in_one_row
from tools.slides.deck import Deck, Page, deck_of
from tools.slides.polls import read

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"
COURSE = "From one neuron to the dying-ReLU problem"
CREDIT = f"{COURSE}. Text and figures CC BY 4.0, code BSD 3-Clause."
HEADINGS = re.compile(r"<(/?)h[1-6][^>]*>")


class SlidesExporter(TemplateExporter):
    """The exporter: gives the template the deck, and all that stands in the file."""

    file_extension = ".html"

    @property
    def template_paths(self) -> list[str]:
        """Where the template is: ours alone."""
        return [str(HERE / "template")]

    @property
    def template_file(self) -> str:
        """The name of the template."""
        return "deck.html.j2"

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the slides of a notebook; ``resources["polls"]`` are those of its questions."""
        self._init_resources(resources)
        return self.from_deck(deck_of(nb, (resources or {}).get("polls"))), resources or {}

    def from_deck(self, deck: Deck) -> str:
        """Write slides that are chosen already."""
        return self.environment.get_template(self.template_file).render(
            deck=deck,
            sections=[[_page(page) for page in section] for section in deck.sections],
            overview=overview(deck),
            course=COURSE,
            credit=CREDIT,
            styles=_styles(deck),
            scripts=_scripts(deck),
        )


def write(path: Path, target: Path) -> Deck:
    """Write the slides of the notebook at `path` into the file `target`."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return write_deck(deck_of(notebook, read(path.stem)), target)


def write_deck(deck: Deck, target: Path) -> Deck:
    """Write a deck into the file `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(SlidesExporter().from_deck(deck), encoding="utf-8", newline="\n")
    return deck


def overview(deck: Deck) -> str:
    """Say for the speaker how long the deck is, section by section."""
    parts = []
    for section in deck.sections:
        seconds = sum(page.seconds for page in section)
        parts.append(f"{_plain(section[0].heading)}: {max(1, round(seconds / 60))}")
    count = len(deck.pages)
    return f"{count} slides, about {deck.minutes} minutes. Minutes by section. " + "; ".join(parts)


def _page(page: Page) -> dict[str, Any]:
    blocks = [_html(block) for block in page.blocks]
    return {
        "kind": page.kind + (" deck-sparse" if page.sparse else ""),
        # A number at its beginning would make it a list.
        "heading": HEADINGS.sub("", _markdown(re.sub(r"^(\d+)\.", r"\1\.", page.heading))),
        "tag": "h1" if page.kind == "title" else "h2",
        "goes_on": page.goes_on,
        "title": page.kind == "title",
        "blocks": blocks,
        "seconds": page.seconds,
        "notes": [_markdown(note) for note in page.notes],
    }


def _html(block: Block) -> dict[str, Any]:
    facts = block.facts
    match block.kind:
        case "code":
            numbers = "inline" if facts["numbered"] else False
            inner = highlight(block.source, PythonLexer(), HtmlFormatter(linenos=numbers))
        case "output":
            breaks = ' class="breaks"' if facts["breaks"] else ""
            inner = f"<pre{breaks}>{html.escape(block.source)}</pre>"
        case "figure":
            inner = _picture(facts)
        case "lab":
            fallback = f"{_picture(facts)}<p>{html.escape(facts['alt'])}</p>"
            inner = placeholder(facts["lab"], facts["state"], fallback)
        case "predict":
            inner = _markdown(block.source)
            if poll := facts.get("poll"):
                items = "".join(f"<li>{_inline(option)}</li>" for option in poll.options)
                row = " in-a-row" if in_one_row(poll.options) else ""
                inner += f'<ol class="options{row}">{items}</ol>'
        case _:
            inner = _markdown(block.source)
    size = f"--size: {facts['size']}px" if "size" in facts else ""
    return {"kind": block.kind, "html": inner, "style": size, "appears": block.appears}


def _picture(facts: dict[str, Any]) -> str:
    alt = html.escape(facts["alt"])
    return f'<img alt="{alt}" src="data:image/png;base64,{facts["png"]}">'


def _markdown(text: str) -> str:
    return markdown2html(text).strip()


def _inline(text: str) -> str:
    return re.sub(r"^<p>|</p>$", "", _markdown(text))


def _plain(heading: str) -> str:
    return re.sub(r"[*`$]", "", heading)


def _styles(deck: Deck) -> list[str]:
    labs = [style()] if deck.labs else []
    ours = (HERE / "template" / "deck.css").read_text(encoding="utf-8")
    return [_vendored("reveal/reveal.css"), _katex_style(), *labs, ours]


def _scripts(deck: Deck) -> list[str]:
    vendored = (
        "reveal/reveal.js",
        "reveal/notes.js",
        "katex/katex.min.js",
        "katex/auto-render.min.js",
    )
    labs = [script(deck.labs)] if deck.labs else []
    ours = (HERE / "template" / "deck.js").read_text(encoding="utf-8")
    # </script> within a text would end the element that holds it.
    texts = [*map(_vendored, vendored), *labs, ours]
    return [text.replace("</script", r"<\/script").replace("<!--", r"<\!--") for text in texts]


@functools.cache
def _vendored(name: str) -> str:
    return (VENDOR / name).read_text(encoding="utf-8")


@functools.cache
def _katex_style() -> str:
    """Put the fonts into the style sheet; faces of fonts that are not here fall out."""

    def inlined(match: re.Match[str]) -> str:
        file = VENDOR / "katex" / re.search(r"url\((fonts/[^)]*\.woff2)\)", match[0])[1]
        if not file.exists():
            return ""
        source = base64.b64encode(file.read_bytes()).decode()
        face = f'src:url(data:font/woff2;base64,{source}) format("woff2")'
        return re.sub(r"src:[^}]*", face, match[0])

    return re.sub(r"@font-face\{[^}]*\}", inlined, _vendored("katex/katex.min.css"))
