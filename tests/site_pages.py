"""The built site, for the tests of its files and for those in a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tools import site

PATIENCE = 300  # seconds until the worker that builds must be done


def built(factory: pytest.TempPathFactory) -> Path:
    """Build the site once for all processes of a run of tests; return its folder."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _build()
        return site.TARGET
    shared = factory.getbasetemp().parent
    done = shared / "site-built"
    try:
        (shared / "site-building").mkdir()
    except FileExistsError:
        end = time.monotonic() + PATIENCE
        while not done.exists():
            assert time.monotonic() < end, "the other process has not built the site"
            time.sleep(0.2)
        assert not done.read_text(encoding="utf-8"), "see the process that built the site"
        return site.TARGET
    said = "failed"
    try:
        _build()
        said = ""
    finally:
        done.write_text(said, encoding="utf-8")
    return site.TARGET


def _build() -> None:
    # By itself: Sphinx forks, which a process whose threads have calculated had better not.
    command = [sys.executable, "-m", "tools.site"]
    done = subprocess.run(command, cwd=site.ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Page:
    """What a page has: its anchors, links, pictures, and everything that it loads."""

    text: str
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    pictures: list[dict[str, str]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    labs: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.page.tags.add(tag)
        if "id" in given:
            self.page.anchors.add(given["id"])
        if "data-relu-lab" in given:
            self.page.labs.append(given["data-relu-lab"])
        if tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        if tag == "img":
            self.page.pictures.append(given)
        if tag in {"img", "script", "iframe", "source", "video", "object"} and "src" in given:
            self.page.loaded.append(given["src"])
        if tag == "link" and given.get("rel") in {"stylesheet", "shortcut icon", "preload"}:
            self.page.loaded.append(given["href"])


def read(path: Path) -> Page:
    """Read a page."""
    page = Page(path.read_text(encoding="utf-8"))
    _Reader(page).feed(page.text)
    return page
