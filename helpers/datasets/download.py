"""Files from the network: fetched once, resumed where they broke off, believed only by checksum.

For data too large to ship. No notebook needs any; nothing here runs on import.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["FOLDER_VARIABLE", "Remote", "cache_folder", "fetched"]

FOLDER_VARIABLE = "RELU_COURSE_DATA"
TIMEOUT = 20.0  # seconds without a byte
TRIES = 4  # at one mirror in a row, each going on from where the last broke off
PAUSE = 0.5  # seconds between them
PIECE = 1 << 16
# Nobody compresses badly enough to add more than this to what is inside.
SLACK = 1 << 16


@dataclass(frozen=True)
class Remote:
    """A file at mirrors, each of which may compress it as it likes.

    Attributes
    ----------
    name : str
        Without ``.gz``.
    sha256 : str
        Of the content, once it is decompressed.
    size : int
        Bytes of the content.
    """

    name: str
    sha256: str
    size: int


class _FailedError(Exception):
    """A mirror did not deliver; the message says how."""


def cache_folder() -> Path:
    """Tell where downloads are kept: ``RELU_COURSE_DATA``, or else the user's cache folder.

    Examples
    --------
    >>> from unittest import mock
    >>> with mock.patch.dict(os.environ, RELU_COURSE_DATA="pictures"):
    ...     print(cache_folder())
    pictures
    """
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "relu-course"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "relu-course"
    # The standard of freedesktop.org has it that a relative path counts as none.
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "relu-course"


def fetched(
    remote: Remote, mirrors: Sequence[str], folder: str | os.PathLike, progress: bool = True
) -> bytes:
    """Return the content of a file: from a folder if it is there, else from the first good mirror.

    Parameters
    ----------
    remote : Remote
        What is wanted.
    mirrors : sequence of str
        Addresses of folders that hold ``<name>.gz``, tried in this order. Proxies are found as
        `urllib.request` finds them, in ``https_proxy`` and the like.
    folder : path
        Where ``<name>.gz`` is kept, and looked for first; a decompressed ``<name>`` will do. What
        arrives grows in ``<name>.gz.part``, from which a later call goes on, and is renamed once
        its checksum is right. Of several processes one downloads, and the others wait for it.
    progress : bool
        Show a progress bar if it takes more than two seconds.

    Returns
    -------
    bytes
        The content, decompressed. Its SHA-256 has been compared, wherever it came from.

    Raises
    ------
    ConnectionError
        If no mirror delivered. The message has what each of them did, and where to put the file.
    OSError
        If the folder cannot be written.
    """
    folder = Path(folder)
    content, _ = _held(remote, folder)
    if content is not None:
        return content
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".lock"):
        content, damaged = _held(remote, folder)  # another process may have been faster
        if content is not None:
            return content
        target = folder / f"{remote.name}.gz"
        part = folder / f"{remote.name}.gz.part"
        failures = []
        for mirror in mirrors:
            address = f"{mirror.rstrip('/')}/{target.name}"
            try:
                content = _from_mirror(remote, address, part, progress)
            except _FailedError as failure:
                failures.append(f"  {mirror}: {failure}")
            else:
                part.replace(target)
                return content
    told = "\n".join([*failures, *(f"  {one}" for one in damaged)])
    raise ConnectionError(
        f"{target.name} could not be downloaded:\n{told}\n"
        f"Without a network, put {target.name}, or {remote.name}, from wherever you have it, into "
        f"{folder.absolute()}; it is recognised by its content. No notebook of the course needs it."
    )


def _held(remote: Remote, folder: Path) -> tuple[bytes | None, list[str]]:
    """Look for a file in a folder; return its content, or what is wrong with those that are there.

    Content that is not what it should be is left where it is, until a right one replaces it.
    """
    damaged = []
    for path in (folder / f"{remote.name}.gz", folder / remote.name):
        try:
            return _content(remote, path), []
        except FileNotFoundError:
            continue
        except _FailedError as failure:
            damaged.append(f"{path}: {failure}")
    return None, damaged


def _content(remote: Remote, path: Path) -> bytes:
    """Read and, if need be, decompress a file; return what is inside if it is what it should be."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            # One byte more than there should be: enough to see that there is too much.
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(remote.size + 1)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise _FailedError("cannot be decompressed") from None
    if len(content) != remote.size:
        more = "more" if len(content) > remote.size else f"{len(content):,}"
        raise _FailedError(f"holds {more} bytes, where there should be {remote.size:,}")
    found = hashlib.sha256(content).hexdigest()
    if found != remote.sha256:
        raise _FailedError(f"its SHA-256 begins {found[:12]}, not {remote.sha256[:12]}")
    return content


def _from_mirror(remote: Remote, address: str, part: Path, progress: bool) -> bytes:
    """Download from one mirror, as often as that gets further; return the content."""
    left = TRIES
    while True:
        left -= 1
        before = _size(part)
        try:
            start = _download(address, part, remote.size + SLACK, progress)
        except _FailedError:
            if not left or _size(part) <= before:
                raise
            time.sleep(PAUSE)
            continue
        try:
            return _content(remote, part)
        except _FailedError:
            part.unlink()  # there is nothing to go on from
            # Only what was joined from two downloads gets another chance: they may have been of
            # two files, compressed each in its own way.
            if not left or not start:
                raise


def _size(part: Path) -> int:
    """Count the bytes that are there."""
    return part.stat().st_size if part.exists() else 0


def _download(address: str, part: Path, most: int, progress: bool) -> int:
    """Append what is missing to a file; return the byte from which the mirror sent it."""
    response, start = _opened(address, _size(part))
    if response is None:
        return start
    with response:
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        with part.open("ab" if start else "wb") as file, _bar(part, start, total, progress) as bar:
            for piece in _pieces(response):
                if file.tell() + len(piece) > most:
                    file.truncate(0)
                    raise _FailedError(f"sends more than {most:,} bytes: that is another file")
                file.write(piece)
                bar.update(len(piece))
            size = file.tell()
    if total is not None and size < total:
        raise _FailedError(f"broke off after {size:,} of {total:,} bytes")
    return start


def _opened(address: str, start: int) -> tuple[HTTPResponse | None, int]:
    """Ask for a file from a byte on; return the answer and the byte from which it really begins.

    None where the file has no byte from there on: all of it may have come before.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    headers = {"User-Agent": "relu-course"}  # some servers turn Python's own away
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response = urlopen(Request(address, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416 and start:
            return None, start
        raise _FailedError(f"answers {error.code} {error.reason}") from None
    except (OSError, HTTPException) as error:
        raise _FailedError(_reason(error)) from None
    sent = response.headers.get("Content-Range", "") if response.status == 206 else ""
    # A server may ignore Range, and send all of it.
    return response, start if sent.startswith(f"bytes {start}-") else 0


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    """Yield what arrives."""
    from http.client import HTTPException

    while True:
        try:
            piece = response.read1(PIECE)  # what there is, without waiting for more
        except (OSError, HTTPException) as error:
            raise _FailedError(_reason(error)) from None
        if not piece:
            return
        yield piece


def _reason(error: Exception) -> str:
    """Say in a few words why the network failed."""
    reason = getattr(error, "reason", error)  # URLError wraps what went wrong
    if isinstance(reason, TimeoutError):
        return f"sends nothing for {TIMEOUT:g} seconds"
    return str(reason) or type(reason).__name__


def _bar(part: Path, start: int, total: int | None, progress: bool) -> Any:
    """Make the progress bar."""
    from tqdm.auto import tqdm

    return tqdm(
        desc=part.stem,
        initial=start,
        total=total,
        unit="B",
        unit_scale=True,
        delay=2,
        leave=False,
        disable=not progress,
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in here. The system frees the lock of one that was killed."""
    with path.open("ab") as file:
        waiting = False
        while not _locked(file):
            if not waiting:
                print(f"another process is downloading to {path.parent}: waiting for it")
                waiting = True
            time.sleep(0.1)
        yield


def _locked(file: IO[bytes]) -> bool:
    """Try to lock a file until it is closed; return False while another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # as one system and the other call it
        return False
    except OSError:  # a file system without locks: two downloads at once cost time, no more
        pass
    return True
