"""The web site as files: complete, without a dead link, and in need of no other machine."""

from __future__ import annotations

import ast
import hashlib
import html
import importlib
import inspect
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from helpers.activations import Activation
from helpers.claims import CLAIMS
from helpers.labs.lab import CAPTION, MIME
from tests.site_pages import Page, built, read
from tests.test_layers import ORDER
from tools import site as tool
from tools import site_extension as extension
from tools.slides.polls import read as read_polls

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MATHJAX, AXE = "docs/vendor/mathjax-3.2.2", "tests/browser/vendor/axe-core-4.14.1"
# As published by npm: mathjax@3.2.2, es5/tex-svg.js; axe-core@4.14.1, axe.min.js.
VENDORED = {
    f"{MATHJAX}/tex-svg.js": ("d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882"),
    f"{AXE}/axe.min.js": ("29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: read(path) for path in sorted(site.rglob("*.html"))}


def outputs_of(notebook: Path) -> list[dict]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_every_notebook_has_a_page(site: Path, pages: dict[Path, Page]) -> None:
    for path in NOTEBOOKS:
        page = pages[site / "notebooks" / f"{path.stem}.html"]
        assert f"{path.name}" in page.links, "no download"
        assert f"notebooks/{path.stem}.html" in pages[site / "index.html"].links


def test_a_downloaded_notebook_gives_nothing_away(site: Path) -> None:
    for path in NOTEBOOKS:
        cells = json.loads((site / "notebooks" / path.name).read_text(encoding="utf-8"))["cells"]
        assert not [cell for cell in cells if cell.get("outputs") or "notes" in cell["metadata"]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_and_labs_are_there_and_said(
    path: Path, site: Path, pages: dict[Path, Page]
) -> None:
    """Each with the words from its own metadata, in order; each lab as one that runs."""
    page = pages[site / "notebooks" / f"{path.stem}.html"]
    outputs = [output for output in outputs_of(path) if "image/png" in output.get("data", {})]
    said = [" ".join(output["metadata"]["image/png"]["alt"].split()) for output in outputs]
    assert [" ".join(picture["alt"].split()) for picture in page.pictures] == said
    assert page.labs == [
        output["data"][MIME]["lab"] for output in outputs if MIME in output["data"]
    ]


def test_a_sentence_stands_once_below_a_lab(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert CAPTION not in page.text, path.name


def test_lecturers_find_guide_and_polls(site: Path, pages: dict[Path, Page]) -> None:
    home, guide = pages[site / "index.html"], pages[site / "lecturers-guide.html"]
    assert {"lecturers-guide.html", "polls.html"} <= set(home.links)
    assert {"four-sessions", "where-it-usually-goes-wrong"} <= guide.anchors
    text = pages[site / "polls.html"].text
    asked = sum(len(read_polls(path.stem)) for path in NOTEBOOKS)
    assert text.count("<p>Right: ") == text.count("<p>Expect: ") == asked


def test_the_way_to_the_slides_is_there_if_they_are() -> None:
    for slides in (False, True):
        link = extension.links_of("01_x", slides=slides)
        assert ('href="../slides/01_x.html"' in link) == slides
        assert 'href="01_x.ipynb" download' in link


def test_alternative_text_says_something(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for picture in page.pictures:
            alt = picture["alt"]
            assert len(alt.split()) >= 4, (path.name, alt)
            assert not re.search(r"\.(png|svg|jpe?g|gif)\b|[0-9a-f]{16}", alt), (path.name, alt)


def test_a_page_with_labs_has_one_script_for_them(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        scripts = [file for file in page.loaded if "/labs/" in file]
        assert len(scripts) == bool(page.labs), path.name
        if page.labs:
            file = path.parent / urlsplit(scripts[0]).path
            assert file.stem.split("-") == sorted(set(page.labs))
    assert pages[site / "index.html"].labs == ["dying_relu"]


def test_notes_and_setup_do_not_show(site: Path, pages: dict[Path, Page]) -> None:
    for path in NOTEBOOKS:
        text = html.unescape(pages[site / "notebooks" / f"{path.stem}.html"].text)
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        notes = [cell["metadata"]["notes"] for cell in cells if "notes" in cell["metadata"]]
        assert not [note for note in notes if note in text]
        assert "slide_type" not in text
        assert re.search(r"<details[^>]*>\s*<summary>(?:(?!</details>).)*getattr", text, re.DOTALL)
    everything = "".join(page.text for page in pages.values())
    assert "&lt;details" not in everything
    assert "TOCTREE" not in everything


def test_links_lead_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in {*page.links, *page.loaded}:
            parts = urlsplit(link)
            if parts.scheme in {"http", "https", "mailto", "data"}:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            lost = anchor and target in pages and anchor not in pages[target].anchors
            if lost or not target.is_file():
                dead.append(f"{path.name}: {link}")
    assert not dead


def test_the_menu_has_each_page_once_and_nothing_below_it(
    site: Path, pages: dict[Path, Page]
) -> None:
    """It is made of the titles alone, by `site_extension.Builder`."""
    listed = set(pages) - {site / f"{name}.html" for name in ("index", "search", "genindex")}
    for path, page in pages.items():
        menu = page.text.partition('<div class="sidebar-tree">')[2].partition("</div>")[0]
        targets = [
            (path.parent / link).resolve() if link != "#" else path
            for link in re.findall(r'<a [^>]*href="([^"]+)"', menu)
        ]
        assert sorted(targets) == sorted(listed), path.name
        here = re.findall(r"current-page[^>]*><a[^>]*>([^<]+)<", menu)
        assert len(here) == (path in listed), path.name


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    elsewhere = re.compile(r"^(https?:)?//")
    for path, page in pages.items():
        assert not [file for file in page.loaded if elsewhere.match(file)], path.name
        assert not page.tags & {"iframe", "object", "embed"}
        assert 'type="module"' not in page.text, "not loaded from file://"
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), path.name


def test_the_claims_are_all_there(site: Path, pages: dict[Path, Page]) -> None:
    anchors = pages[site / "CLAIMS.html"].anchors
    assert {claim.id.lower() for claim in CLAIMS.values()} <= anchors


def test_the_glossary_has_the_words_of_the_code(site: Path, pages: dict[Path, Page]) -> None:
    from helpers import units

    anchors = pages[site / "glossary.html"].anchors
    functions = [name for name in units.__all__ if callable(getattr(units, name))]
    words = {"always_off", "dead", "always_negative", "stuck", "near_dead", "saturated", "sparsity"}
    assert words <= set(functions)
    for word in words:
        assert f"term-{word.replace('_', '-')}" in anchors


def test_the_reference_has_every_public_name(site: Path, pages: dict[Path, Page]) -> None:
    assert tuple(tool.MODULES) == tuple(name for name in ORDER if name != "arguments")
    for name, parts in tool.MODULES.items():
        anchors = pages[site / "reference" / f"{name}.html"].anchors
        for full in (f"helpers.{name}", *(f"helpers.{name}.{part}" for part in parts)):
            module = importlib.import_module(full)
            public = [
                member
                for member in getattr(module, "__all__", ())
                if inspect.isroutine(getattr(module, member))
                or inspect.isclass(getattr(module, member))
                or isinstance(getattr(module, member), Activation)
                or member in {"CAUSES", "STATES"}
            ]
            assert {f"{full}.{member}" for member in public} <= anchors, full


def test_the_reference_lists_the_figures(site: Path, pages: dict[Path, Page]) -> None:
    text = pages[site / "reference" / "plots.html"].text
    for module in ("death", "leak", "health"):
        assert f"helpers.plots.{module}" in text
    assert "Draw the share of dead units against the learning rate" in text


def test_the_reference_shows_no_solution(pages: dict[Path, Page]) -> None:
    shown = {anchor for page in pages.values() for anchor in page.anchors}
    assert not [anchor for anchor in shown if ".solutions" in anchor]


def test_the_search_knows_the_words(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    for word in ("perceptron", "dormant", "rosenblatt"):
        assert f'"{word}"' in index or f"{word}:" in index, word


def test_links_to_files_of_the_clone_become_code() -> None:
    text = "in [helpers/a.py](helpers/a.py); cell [02](notebooks/02_x.ipynb), [A1](#a1)"
    expected = "in `helpers/a.py`; cell [02](notebooks/02_x.ipynb), [A1](#a1)"
    assert tool.without_file_links(text) == expected


def test_what_left_the_sources_leaves_the_site(tmp_path: Path) -> None:
    tool.gather(tmp_path)
    (tmp_path / "notebooks" / "99_gone.ipynb").write_text("{}", encoding="utf-8")
    before = (tmp_path / "index.md").stat().st_mtime_ns
    tool.gather(tmp_path)
    assert not (tmp_path / "notebooks" / "99_gone.ipynb").exists()
    assert (tmp_path / "index.md").stat().st_mtime_ns == before, "written again without need"


@pytest.mark.parametrize("name", VENDORED)
def test_what_others_made_is_as_they_published_it(name: str) -> None:
    data = (ROOT / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == VENDORED[name]
    assert (ROOT / name).with_name("LICENSE").stat().st_size > 1000


def test_what_others_made_is_named() -> None:
    about = (ROOT / "docs" / "site" / "about.md").read_text(encoding="utf-8")
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for folder in (ROOT / "docs" / "vendor").iterdir():
        name, _, version = folder.name.rpartition("-")
        assert version in about
        assert name in licence.casefold()
    config = ast.parse((ROOT / "docs" / "site" / "conf.py").read_text(encoding="utf-8"))
    assert "vendor/mathjax-3.2.2/tex-svg.js" in ast.unparse(config)
