"""A real Chromium for these tests. Run by `make test-browser`, which installs what is missing.

Every page is watched: a request that leaves this machine, a message of an error on the console or
an uncaught error makes the test fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright", reason="not installed: run make test-browser")

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools import browser as tool

# The last three keep Chromium from calling home at its start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = {"", "127.0.0.1", "localhost"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one Chromium for all tests of this process."""
    path = tool.find()
    if path is None:
        pytest.fail("there is no Chromium here: run make test-browser, which installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Watch:
    """What happened in a context that must not happen."""

    def __init__(self, context: BrowserContext, errors_meant: bool) -> None:
        self.complaints: list[str] = []
        context.route("**/*", self._route)
        if not errors_meant:
            context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))

    def _route(self, route: Any) -> None:
        where = urlsplit(route.request.url)
        if where.scheme in {"http", "https", "ws", "wss"} and where.hostname not in HERE:
            self.complaints.append(f"a request left this machine: {route.request.url}")
            route.abort()
        else:
            route.continue_()

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make watched contexts: ``new_context(width=360, height=800, color_scheme="dark")``."""
    made: list[tuple[BrowserContext, Watch]] = []

    def make(
        width: int = 800, height: int = 900, *, errors_meant: bool = False, **options: Any
    ) -> BrowserContext:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        made.append((context, Watch(context, errors_meant)))
        return context

    yield make
    complaints = [line for _, watch in made for line in watch.complaints]
    for context, _ in made:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], tmp_path: Path) -> Callable[..., Page]:
    """Open HTML as a file, as somebody offline would: ``open_page(html, width=360)``."""

    def open_(html: str, **options: Any) -> Page:
        file = tmp_path / f"page{len(list(tmp_path.iterdir()))}.html"
        file.write_text(html, encoding="utf-8")
        page = new_context(**options).new_page()
        page.goto(file.as_uri())
        page.wait_for_timeout(50)  # labs draw in the next frame
        return page

    return open_
