"""What the site needs of Sphinx beyond its extensions: live labs, and words for every picture.

- An output of the kind `helpers.labs.lab.MIME`, and the directive ``lab``, become the placeholder
  of `helpers.labs.web`, with the picture and the sentence in it for those without JavaScript. Each
  page with labs gets one script that holds the programs of its labs, and no others.
- A figure takes its alternative text from its own metadata. myst-nb would put its file name there.
- The directive ``constants`` describes what a module has beside functions and classes.
- The menu of a page is made of the titles of all pages, and of nothing else of them.
- A notebook's set-up cell is folded, and below its title are links to the file itself and, where
  the site has them (``course_slides``), to its slides.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import nbformat
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.docutils import SphinxDirective

from helpers import labs
from helpers.activations import Activation
from helpers.labs.lab import CAPTION, MIME
from helpers.labs.web import placeholder, script

MARK = "\0"  # where the fallback of a placeholder goes
FOLDED = {"setup": "hide-input"}  # tags of ours, and what myst-nb knows them by
KINDS = (MIME, "text/html", "text/markdown", "image/png", "text/plain")  # the first one is shown
DOWNLOAD = """\
<p class="download">These are stored outputs. To run it yourself:
<a href="{name}" download>download {name}</a>, which comes without them, so that you can predict
before you run. <a href="../index.html#run-it-yourself">What it needs.</a>{slides}</p>"""
SLIDES = ' For a room: <a href="../slides/{name}.html">the same as slides</a>.'


def read_notebook(text: str) -> nbformat.NotebookNode:
    """Read a notebook for the site.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    nbformat.NotebookNode
        With set-up cells folded, and of each output only the kind that is shown.
    """
    notebook = nbformat.v4.reads_json(text)  # without validation, which tests have done
    for cell in notebook.cells:
        cell.metadata = {"tags": [FOLDED.get(tag, tag) for tag in cell.metadata.get("tags", [])]}
        outputs = cell.get("outputs", [])
        if any(MIME in output.get("data", {}) for output in outputs):
            # Below a lab's picture JupyterLab needs its sentence; here it is in the placeholder.
            cell.outputs = [output for output in outputs if not _is_caption(output)]
        for output in cell.get("outputs", []):
            if "data" not in output:
                continue
            kind = next(kind for kind in KINDS if kind in output.data)
            if kind == MIME:  # the picture goes along, for those without JavaScript
                output.data[MIME]["picture"] = output.data["image/png"]
            output.data = {kind: output.data[kind]}
    return notebook


def _is_caption(output: nbformat.NotebookNode) -> bool:
    return CAPTION in output.get("data", {}).get("text/html", "")


class Renderer(NbElementRenderer):
    """Render outputs as myst-nb does, but for pictures and labs."""

    def render_image(self, data: MimeData) -> list[nodes.Element]:
        """Render a picture with the alternative text that its output carries."""
        alt = data.output_metadata.get(data.mime_type, {}).get("alt", "").strip()
        if not alt:
            self.logger.warning("a picture has no alternative text", line=data.line)
        (image,) = super().render_image(data)
        image["alt"] = alt
        return [image]

    def render_mime_type(self, data: MimeData) -> list[nodes.Element]:
        """Render a lab as its placeholder, everything else as usual."""
        if data.mime_type != MIME:
            return super().render_mime_type(data)
        lab = data.content
        picture = dataclasses.replace(data, mime_type="image/png", content=lab["picture"])
        return lab_nodes(lab["lab"], lab["state"], *self.render_image(picture))


def lab_nodes(name: str, state: dict[str, Any], image: nodes.image) -> list[nodes.Element]:
    """Put a picture and its sentence between the two halves of a lab's placeholder.

    Parameters
    ----------
    name, state
        As for `helpers.labs.web.placeholder`.
    image : nodes.image
        The picture; its alternative text is the sentence.
    """
    opening, closing = placeholder(name, state, MARK).split(MARK)
    first = nodes.raw("", opening, format="html")
    first["lab"] = name  # `add_script` looks for it
    sentence = nodes.paragraph("", image["alt"])
    return [first, image, sentence, nodes.raw("", closing, format="html")]


class LabDirective(SphinxDirective):
    """Show a lab: its class, and below it the state to begin with, as JSON."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Draw the lab once, as it will begin."""
        lab = getattr(labs, self.arguments[0])(**json.loads("\n".join(self.content) or "{}"))
        data, metadata = lab._repr_mimebundle_()
        folder = Path(self.env.app.doctreedir).parent / "pictures"
        folder.mkdir(exist_ok=True)
        file = folder / f"{hashlib.sha256(data['image/png']).hexdigest()[:16]}.png"
        file.write_bytes(data["image/png"])
        uri = "/" + Path(os.path.relpath(file, self.env.srcdir)).as_posix()
        facts = metadata["image/png"]
        size = {side: str(facts[side]) for side in ("width", "height")}
        return lab_nodes(lab.name, lab.state(), nodes.image(uri=uri, alt=facts["alt"], **size))


class Builder(StandaloneHTMLBuilder):
    """Write pages as Sphinx does, and their menus in less time.

    The menu has every page's title. Sphinx copies all headings and names of all pages for it, once
    for each page, and then takes the titles; here it is given the titles.
    """

    def _get_local_toctree(self, docname: str, collapse: bool = True, **asked: Any) -> str:
        whole = self.env.tocs
        if asked.get("titles_only"):
            self.env.tocs = self._titles
        try:
            return super()._get_local_toctree(docname, collapse, **asked)
        finally:
            self.env.tocs = whole

    @functools.cached_property
    def _titles(self) -> dict[str, nodes.bullet_list]:
        """The contents of each page, without what is below a title but other pages."""
        return {page: _titles_of(contents) for page, contents in self.env.tocs.items()}


def _titles_of(contents: nodes.bullet_list) -> nodes.bullet_list:
    titles = contents.deepcopy()
    for item in titles:
        pages = list(item.findall(toctree))
        del item[1:]
        if pages:
            item += nodes.bullet_list("", *pages)
    return titles


class Constants(SphinxDirective):
    """Describe the public objects of a module that have no docstring to describe them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Load the module, as autodoc has done before."""
        module = importlib.import_module(self.arguments[0])
        return self.parse_text_to_nodes("\n".join(described(module)))


def described(module: Any) -> Iterator[str]:
    """Write, as reStructuredText, what the constants of a module are."""
    for name in getattr(module, "__all__", ()):
        match getattr(module, name):
            case Activation() as made:
                facts = f"Range {made.range[0]:g} to {made.range[1]:g}."
                about = [made.reading, f":math:`{made.formula}`", facts, made.source + "."]
            case Mapping() as words if all(isinstance(word, str) for word in words.values()):
                about = [f"- *{word}*: {meaning}" for word, meaning in words.items()]
            case tuple(words) if words and all(isinstance(word, str) for word in words):
                about = [", ".join(f"*{word}*" for word in words)]
            case _:
                continue
        yield from (f".. py:data:: {name}", f"   :module: {module.__name__}", "")
        for paragraph in about:
            yield from (f"   {paragraph}", "")


def add_script(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give a page with labs the script that makes them."""
    found = doctree.findall(nodes.raw) if doctree is not None else ()
    names = sorted({node["lab"] for node in found if "lab" in node})
    if not names:
        return
    file = f"labs/{'-'.join(names)}.js"
    place = Path(app.outdir) / "_static" / file
    place.parent.mkdir(parents=True, exist_ok=True)
    # Pages are written by several processes: none may read half of what another writes.
    part = place.with_suffix(f".{os.getpid()}")
    part.write_text(script(names), encoding="utf-8", newline="\n")
    os.replace(part, place)
    app.add_js_file(file, loading_method="defer")


def add_download(app: Sphinx, doctree: nodes.document) -> None:
    """Put the link to the notebook's file below its title."""
    folder, _, name = app.env.docname.rpartition("/")
    if folder == "notebooks":
        link = links_of(name, slides=app.config.course_slides)
        title = next(doctree.findall(nodes.title))
        title.parent.insert(1, nodes.raw("", link, format="html"))


def links_of(name: str, *, slides: bool) -> str:
    """Write the links below the title of a notebook's page: to its file, and to its slides."""
    deck = SLIDES.format(name=name) if slides else ""
    return DOWNLOAD.format(name=f"{name}.ipynb", slides=deck)


def load_helpers(_app: Sphinx) -> None:
    """Load what takes long once, and not again in each of the processes that read pages."""
    import helpers.health
    import helpers.models.detector  # noqa: F401


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx what there is."""
    # An entry point, which is how myst-nb wants to be told, would have to be installed.
    myst_nb.sphinx_.load_renderer = lambda _name: Renderer
    app.add_builder(Builder, override=True)  # by its name, which furo and myst-nb look at
    app.add_directive("lab", LabDirective)
    app.add_directive("constants", Constants)
    app.add_config_value("course_slides", False, "env", types=(bool,))
    app.connect("builder-inited", load_helpers)
    app.connect("html-page-context", add_script)
    app.connect("doctree-read", add_download)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
