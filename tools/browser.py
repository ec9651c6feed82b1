"""Find a Chromium for the browser tests, and install one where there is none.

    python -m tools.browser      prints its path; installs it first where it is missing

Looked for are the program that CHROMIUM names, the usual names on the PATH, and what Playwright
has downloaded before. Where there is none, Debian's own package is installed if that is allowed,
else Playwright downloads its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DEBIAN = (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "chromium"))


class BrowserError(Exception):
    """There is no Chromium, in words that say what to do."""


def find() -> str | None:
    """Return the path of a Chromium that is there, or None.

    Raises
    ------
    BrowserError
        If CHROMIUM names a program that is not there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = shutil.which(named)
        if path is None:
            raise BrowserError(f"{VARIABLE} is {named!r}, and there is no such program.")
        return path
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return downloaded()


def downloaded() -> str | None:
    """Return the path of the Chromium that Playwright downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install a Chromium.

    Raises
    ------
    BrowserError
        If no way worked.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        if all(
            subprocess.run(line, env=quiet, stdout=sys.stderr).returncode == 0 for line in DEBIAN
        ):
            return
    line = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(line, stdout=sys.stderr).returncode:
        raise BrowserError(
            "No Chromium was found, and none could be installed. Install one with your system's "
            f"packages (on Debian: apt-get install chromium), or name yours in {VARIABLE}."
        )


def succeeds(line: tuple[str, ...]) -> bool:
    """Run a command that asks nothing, and tell whether it went well."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(line, env=environment, stdout=sys.stderr).returncode == 0


def main() -> int:
    """Print the path of a Chromium, which is there afterwards; return the exit code."""
    try:
        path = find()
        if path is None:
            print("Installing Chromium, which the browser tests need ...", file=sys.stderr)
            install()
            path = find()
        if path is None:
            raise BrowserError("Chromium was installed, and is not found.")
    except BrowserError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
