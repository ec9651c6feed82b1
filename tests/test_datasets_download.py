"""Downloads: resumed, believed only by checksum, and clear about what failed. All on loopback."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import importlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from helpers import datasets
from helpers.datasets import download
from helpers.datasets.download import Remote, cache_folder, fetched
from helpers.datasets.files import folder as data_folder
from helpers.datasets.mnist import read_idx

mnist_module = importlib.import_module("helpers.datasets.mnist")

# Bytes that do not compress, so that the body is long enough to break off in the middle.
CONTENT = np.random.default_rng(0).bytes(300_000)
PACKED = gzip.compress(CONTENT, mtime=0)
FILE = Remote("thing", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
HALF = len(PACKED) // 2


class Mirror:
    """A server on loopback that behaves as it is told to.

    Attributes
    ----------
    files : dict of str to bytes
        What it serves, by path.
    ranges : bool
        Whether it heeds Range.
    cut : list of int or None
        For each answer to come, after how many bytes to break off; afterwards it does not.
    pause : float
        Seconds between pieces.
    asked : list of tuple
        Path and Range of every request.
    """

    def __init__(self, files: dict[str, bytes] | None = None):
        self.files = {"/thing.gz": PACKED} if files is None else files
        self.ranges, self.cut, self.pause, self.status = True, [], 0.0, None
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.said_length = True
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.answer(self)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        body = self.files.get(request.path)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.status or body is None:
            request.send_error(self.status or 404)
            return
        if start and self.ranges and start >= len(body):
            request.send_error(416)
            return
        start = start if self.ranges else 0
        request.send_response(206 if start else 200)
        if start:
            sent = self.headers.get("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            request.send_header("Content-Range", sent)
        if self.said_length:
            request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        end = self.cut.pop(0) if self.cut else None
        body = body[start : len(body) if end is None else end]
        try:
            for at in range(0, len(body), 20_000):
                request.wfile.write(body[at : at + 20_000])
                time.sleep(self.pause)
        except ConnectionError:
            pass  # the one who asked has gone


@pytest.fixture
def mirror():
    """Give a server, and end it."""
    mirrors = []

    def make(files=None):
        mirrors.append(Mirror(files))
        return mirrors[-1]

    yield make
    for one in mirrors:
        one.server.shutdown()
        one.server.server_close()


@pytest.fixture(autouse=True)
def quick_and_direct(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("RELU_COURSE_DATA", raising=False)


@pytest.fixture
def nowhere() -> str:
    """Give an address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- what arrives ---


def test_a_file_is_downloaded_once(mirror, tmp_path):
    one, folder = mirror(), tmp_path / "new" / "folder"
    assert fetched(FILE, [one.url + "/"], folder) == CONTENT
    assert names(folder) == {"thing.gz", ".lock"}
    assert (folder / "thing.gz").read_bytes() == PACKED
    assert fetched(FILE, [one.url], folder) == CONTENT
    assert fetched(FILE, [], folder) == CONTENT
    assert one.asked == [("/thing.gz", None)]


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(CONTENT, 1, mtime=0), gzip.compress(CONTENT, 9, mtime=0), CONTENT],
    ids=["packed fast", "packed small", "not packed"],
)
def test_a_mirror_may_compress_as_it_likes(mirror, tmp_path, packed):
    assert fetched(FILE, [mirror({"/thing.gz": packed}).url], tmp_path) == CONTENT


def test_a_mirror_need_not_say_how_long_the_file_is(mirror, tmp_path):
    one = mirror()
    one.said_length = False
    assert fetched(FILE, [one.url], tmp_path) == CONTENT


@pytest.mark.parametrize("name", ["thing.gz", "thing"])
def test_a_file_put_there_by_hand_will_do(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED if name.endswith("gz") else CONTENT)
    assert fetched(FILE, [], tmp_path) == CONTENT
    assert names(tmp_path) == {name}


def test_the_next_mirror_is_tried(mirror, tmp_path, nowhere):
    gone, good = mirror({}), mirror()
    assert fetched(FILE, [nowhere, gone.url, good.url], tmp_path) == CONTENT
    assert len(gone.asked) == len(good.asked) == 1


# --- what breaks off ---


def test_a_download_that_breaks_off_goes_on_from_there(mirror, tmp_path):
    one = mirror()
    one.cut = [HALF, HALF + 1000]
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    begins = [None, f"bytes={HALF}-", f"bytes={HALF + 1000}-"]
    assert [asked for _, asked in one.asked] == begins


def test_another_mirror_goes_on_from_there(mirror, tmp_path):
    one, other = mirror(), mirror()
    one.cut = [HALF, HALF]  # the second try gets no further
    assert fetched(FILE, [one.url, other.url], tmp_path) == CONTENT
    assert other.asked == [("/thing.gz", f"bytes={HALF}-")]


def test_one_that_compresses_otherwise_is_asked_for_all_of_it(mirror, tmp_path):
    one, other = mirror(), mirror({"/thing.gz": gzip.compress(CONTENT, 1, mtime=7)})
    one.cut = [HALF, HALF]
    assert fetched(FILE, [one.url, other.url], tmp_path) == CONTENT
    assert [asked for _, asked in other.asked] == [f"bytes={HALF}-", None]


def test_a_later_call_goes_on(mirror, tmp_path):
    one = mirror()
    one.cut = [HALF, HALF]
    with pytest.raises(ConnectionError, match=f"broke off after {HALF:,} of {len(PACKED):,} bytes"):
        fetched(FILE, [one.url], tmp_path)
    assert names(tmp_path) == {"thing.gz.part", ".lock"}
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert one.asked[-1] == ("/thing.gz", f"bytes={HALF}-")
    assert names(tmp_path) == {"thing.gz", ".lock"}


def test_a_server_that_ignores_range_is_believed_from_the_start(mirror, tmp_path):
    one = mirror()
    one.ranges, one.cut = False, [HALF]
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert len(one.asked) == 2


@pytest.mark.parametrize("sent", ["bytes 0-9/10", "", "nonsense"])
def test_a_part_that_was_not_asked_for_is_not_appended(mirror, tmp_path, sent):
    one, other = mirror(), mirror()
    one.cut, one.headers = [HALF], {"Content-Range": sent}
    assert fetched(FILE, [one.url, other.url], tmp_path) == CONTENT


def test_what_was_complete_but_not_renamed_is_taken(mirror, tmp_path):
    one = mirror()
    (tmp_path / "thing.gz.part").write_bytes(PACKED)
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert one.asked == [("/thing.gz", f"bytes={len(PACKED)}-")]
    assert names(tmp_path) == {"thing.gz", ".lock"}


@pytest.mark.parametrize("junk", [b"junk", b"x" * len(PACKED), b"x" * (len(PACKED) + 7)])
def test_a_part_that_is_junk_is_thrown_away(mirror, tmp_path, junk):
    (tmp_path / "thing.gz.part").write_bytes(junk)
    one = mirror()
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert one.asked[-1] == ("/thing.gz", None)


def test_a_mirror_that_always_breaks_off_is_given_up(mirror, tmp_path):
    one = mirror()
    one.cut = [1000 * (n + 1) for n in range(20)]
    with pytest.raises(ConnectionError, match="broke off after 4,000"):
        fetched(FILE, [one.url], tmp_path)
    assert len(one.asked) == download.TRIES


def test_a_mirror_that_falls_silent_is_left(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 1.0)
    monkeypatch.setattr(download, "TRIES", 1)
    one, other = mirror(), mirror()
    one.pause = 60.0
    with pytest.raises(ConnectionError, match="sends nothing for 1 seconds"):
        fetched(FILE, [one.url], tmp_path)
    assert fetched(FILE, [one.url, other.url], tmp_path) == CONTENT
    assert other.asked == [("/thing.gz", "bytes=40000-")]


def test_an_interrupted_download_keeps_what_it_has(mirror, tmp_path, monkeypatch):
    one = mirror()
    real = download._pieces

    def interrupted(response):
        for number, piece in enumerate(real(response)):
            if number == 2:
                raise KeyboardInterrupt
            yield piece

    monkeypatch.setattr(download, "_pieces", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetched(FILE, [one.url], tmp_path)
    kept = (tmp_path / "thing.gz.part").stat().st_size
    assert 0 < kept < len(PACKED)
    monkeypatch.setattr(download, "_pieces", real)
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert one.asked[-1] == ("/thing.gz", f"bytes={kept}-")


# --- what is not what it should be ---


def test_a_wrong_file_is_never_kept(mirror, tmp_path):
    other = bytes(CONTENT[:-1] + b"!")
    wrong = [
        {"/thing.gz": gzip.compress(other)},
        {"/thing.gz": gzip.compress(CONTENT + b"more")},
        {"/thing.gz": gzip.compress(CONTENT[:-5])},
        {"/thing.gz": PACKED[:-9]},
        {"/thing.gz": b"<html>Please log in to this network</html>"},
        {"/thing.gz": b""},
        {"/thing.gz": bytes(len(CONTENT) + download.SLACK + 1)},
        {"/thing.gz": gzip.compress(bytes(50_000_000))},
    ]
    urls = [mirror(files).url for files in wrong]
    with pytest.raises(ConnectionError) as caught:
        fetched(FILE, urls, tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "thing.gz could not be downloaded:"
    for line, url in zip(lines[1:], urls, strict=False):
        assert line.startswith(f"  {url}: ")
    begins = hashlib.sha256(other).hexdigest()[:12]
    for line, says in zip(
        lines[1:],
        [
            f"its SHA-256 begins {begins}, not {FILE.sha256[:12]}",
            "holds more bytes, where there should be 300,000",
            "holds 299,995 bytes, where",
            "cannot be decompressed",
            "holds 42 bytes",
            "holds 0 bytes",
            "sends more than 365,536 bytes: that is another file",
            "holds more bytes",
        ],
        strict=False,
    ):
        assert says in line
    assert not {"thing", "thing.gz"} & names(tmp_path)
    good = mirror()
    assert fetched(FILE, [good.url], tmp_path) == CONTENT


@pytest.mark.parametrize("name", ["thing.gz", "thing"])
@pytest.mark.parametrize(
    "damage",
    [b"", b"junk", PACKED[:HALF], gzip.compress(b"another", mtime=0)],
    ids=["empty", "junk", "half", "another file"],
)
def test_a_damaged_cache_is_replaced(mirror, tmp_path, name, damage):
    (tmp_path / name).write_bytes(damage)
    one = mirror()
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert fetched(FILE, [], tmp_path) == CONTENT
    assert len(one.asked) == 1


def test_a_damaged_cache_is_named_when_there_is_no_network(tmp_path, nowhere):
    (tmp_path / "thing").write_bytes(b"junk")
    with pytest.raises(ConnectionError) as caught:
        fetched(FILE, [nowhere], tmp_path)
    assert f"{tmp_path / 'thing'}: holds 4 bytes, where there should be 300,000" in str(
        caught.value
    )
    assert (tmp_path / "thing").read_bytes() == b"junk"


def test_with_all_mirrors_down_it_says_what_to_do(mirror, tmp_path, nowhere):
    down = mirror()
    down.status = 503
    invalid = "http://mirror.invalid"
    with pytest.raises(ConnectionError) as caught:
        fetched(FILE, [nowhere, down.url, invalid], tmp_path / "cache")
    first, *lines, last = str(caught.value).splitlines()
    assert first == "thing.gz could not be downloaded:"
    assert lines[0].startswith(f"  {nowhere}: ")
    assert "refused" in lines[0]
    assert lines[1] == f"  {down.url}: answers 503 Service Unavailable"
    assert lines[2].startswith(f"  {invalid}: ")
    assert last == (
        f"Without a network, put thing.gz, or thing, from wherever you have it, into {tmp_path}"
        f"{os.sep}cache; it is recognised by its content. No notebook of the course needs it."
    )


def test_a_server_that_speaks_no_http_is_passed_over(mirror, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            other, _ = server.accept()
            with other:
                other.recv(1000)
                other.sendall(b"220 this is another protocol\r\n")

        threading.Thread(target=answer, daemon=True).start()
        odd = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert fetched(FILE, [odd, mirror().url], tmp_path) == CONTENT


def test_a_folder_that_cannot_be_written_is_named(mirror, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        fetched(FILE, [mirror().url], tmp_path / "file" / "folder")


def test_a_proxy_is_used_as_urllib_does(mirror, tmp_path, monkeypatch):
    proxy = mirror({"http://mirror.invalid/thing.gz": PACKED})
    monkeypatch.setattr(urllib.request, "_opener", None)  # it looks for proxies once
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", proxy.url)
    assert fetched(FILE, ["http://mirror.invalid"], tmp_path) == CONTENT


# --- several processes ---

CALL = """
import sys
from helpers.datasets.download import Remote, fetched
url, folder, name, sha256, size = sys.argv[1:]
print(len(fetched(Remote(name, sha256, int(size)), [url], folder, progress=False)))
"""


def process(url: str, folder: Path) -> subprocess.Popen:
    told = [url, str(folder), FILE.name, FILE.sha256, str(FILE.size)]
    return subprocess.Popen(
        [sys.executable, "-c", CALL, *told],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )


def test_of_two_processes_one_downloads_and_both_have_it(mirror, tmp_path):
    one = mirror()
    one.pause = 0.1
    both = [process(one.url, tmp_path) for _ in range(2)]
    told = [each.communicate(timeout=60)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert all(text.splitlines()[-1] == str(len(CONTENT)) for text in told)
    assert one.asked == [("/thing.gz", None)]


def test_who_waits_says_so(mirror, tmp_path, capsys, monkeypatch):
    one = mirror()
    locked = iter([False, False, True])
    monkeypatch.setattr(download, "_locked", lambda file: next(locked))
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    out = capsys.readouterr().out
    assert out == f"another process is downloading to {tmp_path}: waiting for it\n"


def test_a_file_system_without_locks_is_no_obstacle(mirror, tmp_path, monkeypatch):
    module = importlib.import_module("msvcrt" if os.name == "nt" else "fcntl")

    def refuse(*args):
        raise OSError("no locks here")

    monkeypatch.setattr(module, "locking" if os.name == "nt" else "flock", refuse)
    assert fetched(FILE, [mirror().url], tmp_path) == CONTENT


def test_a_process_that_was_killed_frees_the_lock_and_leaves_its_part(mirror, tmp_path):
    one = mirror()
    one.pause = 30.0
    part = tmp_path / "thing.gz.part"
    first = process(one.url, tmp_path)
    try:
        deadline = time.monotonic() + 60
        while not one.asked and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        first.kill()
        first.communicate()
    part.write_bytes(PACKED[:HALF])  # what it had is still in its buffer or not: either will do
    one.pause = 0.0
    assert fetched(FILE, [one.url], tmp_path) == CONTENT
    assert one.asked[-1] == ("/thing.gz", f"bytes={HALF}-")


# --- where it is kept ---


def test_the_folder_is_that_of_the_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("RELU_COURSE_DATA", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("RELU_COURSE_DATA", "~/pictures")
    assert cache_folder() == Path.home() / "pictures"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "~/.cache/relu-course"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "~/.cache/relu-course"),
        ("linux", {"XDG_CACHE_HOME": str(Path("/var/x").absolute())}, "/var/x/relu-course"),
        ("linux", {"RELU_COURSE_DATA": ""}, "~/.cache/relu-course"),
        ("darwin", {}, "~/Library/Caches/relu-course"),
        ("win32", {}, "~/AppData/Local/relu-course"),
        ("win32", {"LOCALAPPDATA": str(Path("/x").absolute())}, "/x/relu-course"),
    ],
)
def test_by_default_it_is_the_cache_folder_of_the_platform(
    monkeypatch, platform, variables, expected
):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path(expected).expanduser().absolute()


# --- the two data sets ---


def idx(array: np.ndarray) -> bytes:
    """Write the idx format."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def small(mirror, monkeypatch):
    """Serve a set of 6 and 4 pictures in place of the real ones."""
    rng = np.random.default_rng(1)
    served, arrays = {}, {}
    for part, n in (("train", 6), ("t10k", 4)):
        arrays[f"{part}-images-idx3-ubyte"] = rng.integers(256, size=(n, 28, 28))
        arrays[f"{part}-labels-idx1-ubyte"] = rng.integers(10, size=n)
    remotes = []
    for name, array in arrays.items():
        content = idx(array)
        served[f"/{name}.gz"] = gzip.compress(content)
        remotes.append(Remote(name, hashlib.sha256(content).hexdigest(), len(content)))
    one = mirror(served)
    for name in ("MNIST", "FASHION"):
        monkeypatch.setattr(mnist_module, f"{name}_FILES", tuple(remotes))
        monkeypatch.setattr(mnist_module, f"{name}_MIRRORS", (one.url,))
    return one, list(arrays.values())


@pytest.mark.parametrize("load", [datasets.mnist, datasets.fashion_mnist])
def test_both_sets_come_as_four_arrays(small, tmp_path, load, monkeypatch):
    one, arrays = small
    parts = load(tmp_path)
    for part, array in zip(parts, arrays, strict=True):
        assert np.array_equal(part, array)
    assert parts.x_train.dtype == parts.x_test.dtype == np.uint8
    assert parts.y_train.dtype == parts.y_test.dtype == np.int64
    parts.x_train[:] = 0
    parts.y_train[:] = 0
    asked = len(one.asked)
    assert np.array_equal(load(str(tmp_path)).x_train, arrays[0])
    assert len(one.asked) == asked == 4
    assert names(tmp_path) == {load.__name__}
    monkeypatch.setenv("RELU_COURSE_DATA", str(tmp_path / "elsewhere"))
    load()
    assert (tmp_path / "elsewhere" / load.__name__ / "t10k-labels-idx1-ubyte.gz").exists()


def test_no_bar_and_no_word_when_it_is_quick(small, tmp_path, capfd):
    datasets.mnist(tmp_path)
    told = capfd.readouterr()
    assert told.out == told.err == ""


def test_the_real_sets_are_described_in_full():
    for files in (mnist_module.MNIST_FILES, mnist_module.FASHION_FILES):
        assert [one.name for one in files] == [
            f"{part}-{what}-ubyte"
            for part in ("train", "t10k")
            for what in ("images-idx3", "labels-idx1")
        ]
        # Header and pixels; header and labels.
        sizes = [16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000]
        assert [one.size for one in files] == sizes
        assert all(len(bytes.fromhex(one.sha256)) == 32 for one in files)
    sums = {one.sha256 for one in (*mnist_module.MNIST_FILES, *mnist_module.FASHION_FILES)}
    assert len(sums) == 8
    for mirrors in (mnist_module.MNIST_MIRRORS, mnist_module.FASHION_MIRRORS):
        assert len(mirrors) == len(set(mirrors)) == 3
        assert all(address.startswith("http") for address in mirrors)
    assert len(datasets.FASHION_CLASSES) == 10


def test_licences_of_what_is_downloaded_are_told():
    told = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert "## Downloaded on request" in told
    for word in (".mnist()`", "`fashion_mnist()`", "LeCun", "Cortes", "MIT", "Zalando"):
        assert word in told
    assert "RELU_COURSE_DATA" in told


def test_importing_loads_nothing_of_the_network():
    code = (
        "import sys; before = set(sys.modules); import helpers.datasets; "
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "helpers.datasets.download" in loaded
    assert not loaded & {"urllib.request", "http.client", "ssl", "tqdm", "torch"}


# --- the idx format ---


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 28, 28), (0, 28, 28), (), (1, 2, 3, 4)])
def test_idx_is_read_as_it_was_written(shape):
    array = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    read = read_idx(idx(array))
    assert read.dtype == np.uint8
    assert read.shape == shape
    assert np.array_equal(read, array)
    read[...] = 0  # the reader's own


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not in the idx format.*begins and ends with nothing"),
        (b"\0\0\x08", "not in the idx format.*00 00 08"),
        (b"\x1f\x8b\x08\0rest", "not in the idx format.*begins 1f 8b 08 00"),
        (b"\0\0\x0d\x01" + bytes(4), "numbers of type 13: only 8, unsigned bytes"),
        (b"\0\0\x08\x03" + bytes(11), "within its header of 16 bytes, after 15"),
        (idx(np.zeros((2, 3)))[:-1], r"has 5 values.*shape \(2, 3\): 6"),
        (idx(np.zeros((2, 3))) + b"!", r"has 7 values.*shape \(2, 3\): 6"),
    ],
)
def test_what_is_not_idx_is_refused(content, says):
    with pytest.raises(ValueError, match=f"^thing.*{says}"):
        read_idx(content, "thing")
