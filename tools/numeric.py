"""The numeric environments: the same code, other instructions, other last bits.

A number that comes out of floating-point sums differs between processors. The course stores its
outputs under `default` and validates them under `second`, which makes one machine compute as an
old one would, so that what hangs on the last bits is seen before a learner sees it::

    python -m tools.numeric --list
    python -m tools.numeric second --threads 1 -- python -m pytest --nbval notebooks
    python -m tools.numeric --all -- python -m pytest --nbval notebooks

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence

THREADS = (1, 2)

# Each of these is read by one of the libraries below NumPy and torch; all are read at import.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# Threads with nothing to do soon sleep. Left to themselves those of GNU's OpenMP, which torch has
# on Linux, spin 30 times as long, and two trainings side by side, on two threads each, were seen
# to take ten times as long. (Sleeping at once makes a single one twice as slow.)
WAITING = {"GOMP_SPINCOUNT": "10000"}

# Matrix products: OpenBLAS (NumPy) and MKL (torch) take the path of a processor of 2004; so does
# oneDNN (torch's convolutions), of one of 2008. The rest of NumPy: no loops above its baseline.
# NumPy passes over names that this processor lacks (tried: no message), and warns only about names
# that its build does not know; naming a feature of its *baseline* makes `import numpy` fail, so the
# list must not grow beyond what it dispatches.
X86_ONLY = {
    "OPENBLAS_CORETYPE": "Prescott",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3,X86_V4",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}


def is_x86() -> bool:
    """Whether this machine has the instructions that `second` turns off."""
    return platform.machine().lower() in {"x86_64", "amd64"}


def environments() -> dict[str, dict[str, str]]:
    """Return the variables of each environment by name, without those for threads."""
    return {"default": {}, "second": dict(X86_ONLY) if is_x86() else {}}


def variables(name: str, threads: int) -> dict[str, str]:
    """Return every variable that the environment `name` sets on `threads` threads."""
    known = environments()
    if name not in known:
        raise ValueError(f"no numeric environment {name!r}: take one of {', '.join(known)}")
    if threads < 1:
        raise ValueError(f"threads is {threads}: take 1 or more")
    return known[name] | dict.fromkeys(THREAD_VARIABLES, str(threads)) | WAITING


def environ(name: str, threads: int, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return `base` (by default this process's environment) changed to the environment `name`.

    What another environment sets is removed first: `default` started from within `second` is
    `default` all the same.
    """
    kept = dict(os.environ if base is None else base)
    for variable in (*X86_ONLY, *THREAD_VARIABLES):
        kept.pop(variable, None)
    return kept | variables(name, threads)


def describe(name: str, threads: int) -> str:
    """Return one line: the environment's name, its threads and what it sets."""
    settings = " ".join(f"{key}={value}" for key, value in environments()[name].items())
    if name == "second" and not settings:
        settings = f"(as default: {platform.machine()} is not x86-64)"
    return f"{name}, {threads} thread{'s' if threads > 1 else ''} {settings}".rstrip()


def every() -> list[tuple[str, int]]:
    """Return the environments in which `make test-numeric` runs, as (name, threads)."""
    return [(name, threads) for name in environments() for threads in THREADS]


def run_in(name: str, threads: int, command: Sequence[str]) -> int:
    """Run `command` in an environment and return its exit code (128 + n if signal n ended it)."""
    try:
        code = subprocess.call(command, env=environ(name, threads))
    except OSError as error:
        return cannot_run(command, error)
    return code if code >= 0 else 128 - code


def become(name: str, threads: int, command: Sequence[str]) -> int:
    """Replace this process by `command` in an environment; return only if it cannot start."""
    if os.name == "nt":  # there exec returns to the shell before the command has ended
        return run_in(name, threads, command)
    sys.stdout.flush()
    try:
        os.execvpe(command[0], list(command), environ(name, threads))
    except OSError as error:
        return cannot_run(command, error)


def cannot_run(command: Sequence[str], error: OSError) -> int:
    """Say why `command` did not start and return the code that shells return for it."""
    print(f"tools.numeric: cannot run {command[0]!r}: {error.strerror}", file=sys.stderr)
    return 127 if isinstance(error, FileNotFoundError) else 126


def run_every(command: Sequence[str]) -> int:
    """Run `command` in each environment in turn; return 1 if it failed in any, else 0."""
    failed = []
    for name, threads in every():
        heading = describe(name, threads)
        print(f"=== {heading}: {shlex.join(command)}", flush=True)
        if code := run_in(name, threads, command):
            failed.append(f"{heading} (exit code {code})")
    for line in failed:
        print(f"tools.numeric: failed in {line}", file=sys.stderr)
    return 1 if failed else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, up to the `--` before the command."""
    made = argparse.ArgumentParser(
        prog="python -m tools.numeric",
        usage="%(prog)s (NAME [--threads N] | --all) -- COMMAND ...\n       %(prog)s --list",
        description="Run a command in one of the numeric environments, or in all of them.",
    )
    made.add_argument("name", nargs="?", choices=list(environments()), metavar="NAME")
    made.add_argument("--threads", type=int, choices=THREADS, help="1 (the default) or 2")
    made.add_argument("--all", action="store_true", help="every environment, one after the other")
    made.add_argument("--list", action="store_true", help="name the environments and stop")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    cut = given.index("--") if "--" in given else len(given)
    options, command = given[:cut], given[cut + 1 :]
    cli = parser()
    chosen = cli.parse_args(options)
    if chosen.list:
        print("\n".join(describe(name, threads) for name, threads in every()))
        return 0
    if not command:
        cli.error("no command: write it after --, as in `second -- python -m pytest`")
    if chosen.all:
        if chosen.name or chosen.threads:
            cli.error("--all runs every environment: leave out the name and --threads")
        return run_every(command)
    if not chosen.name:
        cli.error(f"no environment: name one of {', '.join(environments())}, or say --all")
    return become(chosen.name, chosen.threads or 1, command)


if __name__ == "__main__":
    sys.exit(main())
