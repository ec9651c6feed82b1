"""Run experiments and store what they find: all of them, or those named.

python -m experiments            # all, in some hours; what was cut off goes on from there
python -m experiments race       # one of them
"""

import argparse
import importlib
import pkgutil
from collections.abc import Sequence

import experiments

SHARED = {"__main__", "fair", "results"}  # not experiments themselves


def names() -> list[str]:
    """List the experiments: the modules of this package, its tools aside."""
    found = {module.name for module in pkgutil.iter_modules(experiments.__path__)}
    return sorted(found - SHARED)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(names())}; by default all")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(names())):
        parser.error(f"there is no experiment {', '.join(unknown)}, but {', '.join(names())}")
    asked = given.names or names()
    for number, name in enumerate(asked, start=1):
        print(f"== {name} ({number} of {len(asked)})", flush=True)
        importlib.import_module(f"experiments.{name}").main(["--store"])


if __name__ == "__main__":
    main()
