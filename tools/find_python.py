"""Find a Python that the course's pins are for, and run tools/environment.py with it.

Somebody's `python3` may be any Python, 2.7 included. An old one must get as far as the sentence
that says what to do, so nothing newer than Python 2.7 is written here: no f-strings, no types.
"""
# ruff: noqa: UP031, RUF005

import os
import platform
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROBE = "import platform, sys; print(platform.python_implementation(), sys.version_info[:2])"


def allowed(text):
    """Return the oldest and the newest Python that pyproject.toml names: ((3, 11), (3, 14))."""
    found = dict(re.findall(r'^(oldest|newest)-python = "([0-9.]+)"', text, re.MULTILINE))
    return tuple(tuple(map(int, found[name].split("."))) for name in ("oldest", "newest"))


def is_suitable(implementation, version, limits):
    """Whether every pin has a wheel for this Python."""
    return implementation == "CPython" and limits[0] <= version <= limits[1]


def asked(command):
    """Return the implementation and version of the Python called `command`, or None."""
    try:
        process = subprocess.Popen(
            [command, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError:
        return None
    answer = process.communicate()[0].decode("ascii", "replace")
    # Python 2 prints the two as a tuple.
    found = re.match(r"\W*(\w+)'?,? \((\d+), (\d+)\)", answer)
    return found and (found.group(1), (int(found.group(2)), int(found.group(3))))


def candidates(limits):
    """Return the commands to try, the course's own environment first, then the newest."""
    own = [os.path.join(ROOT, ".venv", folder, "python") for folder in ("bin", "Scripts")]
    versions = range(limits[1][1], limits[0][1] - 1, -1)
    return own + ["python3.%d" % minor for minor in versions] + ["python3", "python"]


def name(version):
    """Return (3, 11) as "3.11"."""
    return "%d.%d" % version


def main():
    """Run tools/environment.py with a suitable Python; return the exit code."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        limits = allowed(file.read().decode("utf-8"))
    implementation, version = platform.python_implementation(), sys.version_info[:2]
    if is_suitable(implementation, version, limits):
        # In this process: a second one would cost a twentieth of a second at every start.
        import environment

        return environment.main()

    wrong = "is not CPython" if implementation != "CPython" else "is too old"
    if version > limits[1]:
        wrong = "is too new"
    here = "%s (Python %s) %s for the course" % (sys.executable, name(version), wrong)
    span = "Python %s to %s" % (name(limits[0]), name(limits[1]))
    for command in candidates(limits):
        found = asked(command)
        if found and is_suitable(found[0], found[1], limits):
            sys.stderr.write("%s; using %s (Python %s).\n" % (here, command, name(found[1])))
            script = os.path.join(HERE, "environment.py")
            return subprocess.call([command, script] + sys.argv[1:])
    sys.stderr.write(
        "%s, which needs %s, and none was found.\n"
        "Install one from https://www.python.org/downloads/ and run make again. If you have one\n"
        "already, name it: make course PYTHON=/path/to/python%s\n" % (here, span, name(limits[1]))
    )
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # The child has said what there is to say.
        sys.exit(130)
