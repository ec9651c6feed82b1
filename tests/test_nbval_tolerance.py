"""The plug-in by parts, in a real run of nbval, and against every number the course has stored."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

from tests import nbval_tolerance as plugin
from tests.nbval_tolerance import Tolerance, ToleranceError, split, within

pytestmark = pytest.mark.no_cover  # of `helpers` it runs nothing in this process

ROOT = Path(__file__).resolve().parents[1]
PYTEST = Path(sys.executable).with_name("pytest")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

TWO_PERCENT = Tolerance(relative=Decimal("0.02"))
INTERVAL = Tolerance(interval=True)
BOTH = Tolerance(relative=Decimal("0.02"), interval=True)


# --- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 3 and -4, +5", ["3", "-4", "+5"]),
        ("96.1 % and 50%", ["96.1", "50"]),
        ("−2.5 (−1)", ["−2.5", "−1"]),
        ("1e-05 2.5E+3 -1e5", ["1e-05", "2.5E+3", "-1e5"]),
        ("1,797 images, 12,345.6", ["1,797", "12,345.6"]),
        ("1,23 and 1, 2", ["1", "23", "1", "2"]),
        ("[1. 2.5 .5]", ["1", "2.5", ".5"]),
        ("from 3-5 to f(x)-1", ["3", "5", "1"]),
        ("w=-0.3", ["-0.3"]),
        ("It is 3.", ["3"]),
        ("x1 float64 3x3 2nd 0x7f 1_000 10² h₁", []),
        ("version 2.13.0", []),
        ("nan inf -inf", []),
        ("", []),
    ],
)
def test_numbers_are_found_and_words_are_not(text: str, expected: list[str]) -> None:
    assert [str(number) for number in split(text)[1]] == expected


def test_digits_of_html_tags_and_entities_are_not_numbers() -> None:
    html = '<td colspan="2">3.5 &#8722; 1 < 2</td>'
    assert [str(number) for number in split(html, markup=True)[1]] == ["3.5", "1", "2"]


@given(st.text(alphabet="0123456789.,+-−eE x%±[]", max_size=30))
def test_pieces_and_numbers_make_the_text_again(text: str) -> None:
    pieces, numbers = split(text)
    joined = "".join(a + str(b) for a, b in zip(pieces, [*numbers, ""], strict=True))
    assert joined == text
    for number in numbers:
        assert number.value == Decimal(number.value)


@given(
    st.decimals(-9999, 9999, places=3),
    st.sampled_from([".0f", ".2f", ",.1f", "+.1f", ".3g", ".2e", ""]),
    st.integers(-500, 500),
)
def test_a_shift_moves_by_that_much_in_the_same_format(
    value: Decimal, form: str, steps: int
) -> None:
    (number,) = split(f"{float(value):{form}}")[1]
    shifted = number.shifted(steps * number.unit)
    (again,) = split(shifted)[1]
    assert again.value == number.value + steps * number.unit
    assert again.decimals == number.decimals
    assert bool(again.exponent) == bool(number.exponent)


# --- tolerance --------------------------------------------------------------------------------


def cell_with(tolerance: object) -> NotebookNode:
    return new_code_cell(metadata={"tolerance": tolerance})


def test_tolerance_is_read_from_the_cell() -> None:
    assert Tolerance.of(new_code_cell()) == Tolerance()
    assert Tolerance.of(cell_with({"relative": 0.02})) == TWO_PERCENT
    assert Tolerance.of(cell_with({"interval": True})) == INTERVAL
    assert Tolerance.of(cell_with({"interval": True, "relative": 0.02})) == BOTH


@pytest.mark.parametrize(
    "tolerance",
    [
        {},
        [],
        None,
        True,
        0.01,
        {"relative": 0.021},
        {"relative": 0},
        {"relative": -0.01},
        {"relative": float("nan")},
        {"relative": "0.01"},
        {"relative": True},
        {"relative": None},
        {"interval": False},
        {"interval": 1},
        {"absolute": 0.1},
        {"relative": 0.01, "absolute": 0.1},
    ],
)
def test_a_malformed_tolerance_is_refused(tolerance: object) -> None:
    with pytest.raises(ToleranceError, match=r"accepted are .* 0 < r <= 0.02"):
        Tolerance.of(cell_with(tolerance))


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("accuracy 96.1 %", "accuracy 95.0 %"),
        ("9.98", "10.01"),  # one count of decimals
        ("9.98", "10.0"),  # one count of significant digits
        ("1,797", "1,799"),
        ("−2.50", "−2.51"),
        ("1.00e-05", "1.01e-05"),
        ("9.99e-05", "1.00e-04"),
        ("0.0 and 5.00", "-0.0 and 5.01"),
        ("x1 = 1.00\nx2 = 2.00", "x1 = 1.01\nx2 = 1.99"),
        ("nan 1.00", "nan 1.01"),
    ],
)
def test_numbers_within_two_percent_pass(stored: str, fresh: str) -> None:
    assert within(stored, fresh, TWO_PERCENT) == stored
    assert within(stored, fresh, Tolerance()) == fresh


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("96.1 %", "94.1 %"),  # 2.08 %
        ("0.95", "0.951"),  # another count of digits
        ("100", "100.0"),
        ("1000", "1,000"),
        ("100", "1e2"),
        ("0.50", "+0.50"),
        ("-0.50", "−0.50"),
        ("0.50", "-0.50"),
        ("0.00", "0.01"),
        ("1.00", "nan"),
        ("nan", "1.00"),
        ("inf", "-inf"),
        ("x1 = 1.00", "x2 = 1.00"),
        ("float64", "float65"),
        ("1.00 %", "1.00"),
        ("1.00 2.00", "1.00"),
        ("1.00 up", "1.00 down"),
        ("1.00  2.00", "1.00 2.00"),
    ],
)
def test_all_else_keeps_its_difference(stored: str, fresh: str) -> None:
    assert within(stored, fresh, TWO_PERCENT) == fresh


def test_only_numbers_beyond_the_tolerance_stay_in_the_difference() -> None:
    assert within("100 200 300", "101 250 299", TWO_PERCENT) == "100 250 300"


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("61.1 ± 4.8 %", "65.2 ± 3.0 %"),
        ("61.1 % ± 4.8 %", "56.3 % ± 7.2 %"),
        ("0.02 ± 0.05", "-0.03 ± 0.04"),
        ("61.1 [56.3, 65.9]", "65.9 [61.0, 70.7]"),
        ("61.1 % [56.3 %, 65.9 %]", "58.1 % [52.2 %, 66.0 %]"),
        ("gap −0.5 [−1.0, 0.0]", "gap −0.6 [−1.1, −0.1]"),
    ],
)
def test_intervals_may_move_by_their_half_width(stored: str, fresh: str) -> None:
    assert within(stored, fresh, INTERVAL) == stored
    assert within(stored, fresh, TWO_PERCENT) != stored


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("61.1 ± 4.8", "66.0 ± 4.8"),  # the mean, by more than 4.8
        ("61.1 ± 4.8", "66.0 ± 9.9"),  # the stored half-width counts, not the fresh
        ("61.1 ± 4.8", "61.1 ± 7.3"),  # the half-width, by more than half
        ("61.1 [56.3, 65.9]", "61.1 [51.4, 65.9]"),
        ("61.1 [56.3, 65.9]", "61.1 [56.3, 70.8]"),
        ("20 seeds: 61.1 ± 4.8", "21 seeds: 61.1 ± 4.8"),  # all else exactly
        ("61.1 (56.3, 65.9)", "61.2 (56.3, 65.9)"),
        ("61.1, [1, 2]", "61.2, [1, 2]"),
    ],
)
def test_intervals_may_move_no_further(stored: str, fresh: str) -> None:
    assert within(stored, fresh, INTERVAL) != stored


def test_both_tolerances_share_a_cell() -> None:
    stored, fresh = "60 ± 10 at rate 0.500", "69 ± 8 at rate 0.509"
    assert within(stored, fresh, BOTH) == stored
    assert within(stored, fresh, INTERVAL) == "60 ± 10 at rate 0.509"
    assert within(stored, "71 ± 8 at rate 0.509", BOTH) == "71 ± 10 at rate 0.500"


# --- a run of nbval ---------------------------------------------------------------------------

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ"
    "RU5ErkJggg=="
)
FIGURE = f"""from IPython.display import display
data = {{"image/png": {PIXEL!r}, "text/plain": "The line climbs.\\nline: 3 points, mean 1.5"}}
display(data, raw=True, metadata={{"image/png": {{"alt": "The line climbs."}}}})"""
MARKDOWN = FIGURE + '\ndisplay({"text/markdown": "*Figure: it climbs.*"}, raw=True)'


def text(words: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=words)


def figure(**changed: str) -> NotebookNode:
    data = {"image/png": PIXEL, "text/plain": "The line climbs.\nline: 3 points, mean 1.5"}
    data |= {"text/plain": changed["text"]} if "text" in changed else {}
    alt = changed.get("alt", "The line climbs.")
    return new_output("display_data", data, metadata={"image/png": {"alt": alt}})


def caption(words: str = "*Figure: it climbs.*") -> NotebookNode:
    return new_output("display_data", {"text/markdown": words})


def without_picture() -> NotebookNode:
    output = figure()
    del output.data["image/png"]
    return output


def beside(words: str) -> NotebookNode:
    return new_output("display_data", {"text/plain": words})


# A view of a widget alone, and one beside a text: `tools.refresh` stores what is not a view.
BESIDE = beside("It fires.")
VIEWS = f"""\
print(1)
for more in ({{}}, {{"text/plain": "It fires."}}):
    view = {{"model_id": str(id(more)), "version_major": 2, "version_minor": 0}}
    display({{{plugin.VIEW!r}: view}} | more, raw=True)"""

# For each cell: its code, what it prints, and what a stale or weakened notebook has in its place.
CASES: dict[str, tuple[str, list[NotebookNode], list[NotebookNode] | dict[str, object]]] = {
    "slope": ("slope = 0.2\nprint(-1 * slope)", [text("-0.2\n")], {"source": "print(-0.1)"}),
    "sentence": ("print('It fires.')", [text("It fires.\n")], [text("It rests.\n")]),
    "number": ("print(0.25)", [text("0.25\n")], [text("0.26\n")]),
    "digest": (
        FIGURE,
        [figure()],
        [figure(text="The line climbs.\nline: 3 points, mean 1.6")],
    ),
    "alt": (FIGURE, [figure()], [figure(alt="A line.")]),
    "no-alt": (FIGURE, [figure()], [figure(alt="")]),
    "no-picture": (FIGURE, [figure()], [without_picture()]),
    "new-picture": (
        FIGURE.replace(f'"image/png": {PIXEL!r}, ', ""),
        [without_picture()],
        [figure()],
    ),
    "caption": (MARKDOWN, [figure(), caption()], [figure(), caption("*Figure: it falls.*")]),
    "order": (MARKDOWN, [figure(), caption()], [caption(), figure()]),
    "removed": (MARKDOWN, [figure(), caption()], [figure()]),
    "added": ("print(1)\nprint(2)", [text("1\n2\n")], [text("1\n")]),
    "gone": ("pass", [], [text("2\n")]),
    "stderr": (
        "import sys\nprint('a', file=sys.stderr)",
        [text("a\n", "stderr")],
        [],
    ),
    "all-removed": ("print(1)", [text("1\n")], []),
    "unrun": ("pass", [], {"execution_count": None}),
    "stripped": ("print(1)", [text("1\n")], {"execution_count": None, "outputs": []}),
    "skip-tag": ("print(1)", [text("1\n")], {"metadata": {"tags": ["nbval-skip"]}}),
    "ignore-tag": ("print(1)", [text("1\n")], {"metadata": {"tags": ["nbval-ignore-output"]}}),
    "ignore-comment": ("print(1)", [text("1\n")], {"source": "# NBVAL_IGNORE_OUTPUT\nprint(1)"}),
    "bad-tolerance": ("print(1)", [text("1\n")], {"metadata": {"tolerance": {"relative": 0.5}}}),
    "view": (VIEWS, [text("1\n"), BESIDE], [text("1\n"), beside("It rests.")]),
    "interval": (
        "print('60.0 ± 4.0')",
        [text("60.0 ± 4.0\n")],
        {"metadata": {"tolerance": {"interval": True}}, "outputs": [text("66.0 ± 4.0\n")]},
    ),
}
# Cells that must pass though their stored outputs are not what they print.
TOLERATED = {
    "relative-passes": ("print(100.5)", [text("99.5\n")], {"relative": 0.02}),
    "interval-passes": ("print('60.0 ± 4.0')", [text("63.0 ± 4.0\n")], {"interval": True}),
}


def code(name: str, source: str, outputs: list[NotebookNode], number: int) -> NotebookNode:
    return new_code_cell(
        source, id=name, outputs=copy.deepcopy(outputs), execution_count=number, metadata={}
    )


def pristine() -> NotebookNode:
    cells = [code(n, source, outs, i) for i, (n, (source, outs, _)) in enumerate(CASES.items(), 1)]
    for name, (source, outputs, tolerance) in TOLERATED.items():
        cells.append(code(name, source, outputs, len(cells) + 1))
        cells[-1].metadata["tolerance"] = tolerance
    return new_notebook(cells=cells)


def altered() -> NotebookNode:
    notebook = pristine()
    for cell in notebook.cells:
        if cell.id in CASES:
            change = copy.deepcopy(CASES[cell.id][2])
            cell.update(change if isinstance(change, dict) else {"outputs": change})
    return notebook


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.nbval_tolerance", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )


def test_a_real_run_notices_each_change_and_nothing_else(tmp_path: Path) -> None:
    nbformat.write(pristine(), tmp_path / "pristine.ipynb")
    nbformat.write(altered(), tmp_path / "altered.ipynb")
    strict = ("--nbval", "--nbval-current-env", "-n", "2", "--dist", "loadscope")
    done = run_pytest(tmp_path, *strict, "--color=no", "--junitxml=report.xml")
    report = ET.parse(tmp_path / "report.xml")
    names = [cell.id for cell in pristine().cells]
    failed: dict[str, set[str]] = {"pristine.ipynb": set(), "altered.ipynb": set()}
    passed = copy.deepcopy(failed)
    for case in report.iter("testcase"):
        file = next(file for file in failed if file.split(".")[0] in case.attrib["classname"])
        name = names[int(case.attrib["name"].removeprefix("Cell "))]
        (failed if len(case) else passed)[file].add(name)
    assert failed["pristine.ipynb"] == set(), done.stdout
    assert passed["altered.ipynb"] == set(TOLERATED), done.stdout
    assert failed["altered.ipynb"] == set(CASES)
    for words in (
        "never run",
        "Marker not in MARKERS_ALLOWED: nbval-skip",
        "Marker not in MARKERS_ALLOWED: NBVAL_IGNORE_OUTPUT",
        "accepted are",
        "image/png: alt text",
        "+ line: 3 points, mean 1.6",  # nbval's own display of a difference
    ):
        assert words in done.stdout


def test_files_that_mask_outputs_are_refused(tmp_path: Path) -> None:
    nbformat.write(new_notebook(), tmp_path / "empty.ipynb")
    (tmp_path / "mask.cfg").write_text("[numbers]\nregex: [0-9]+\nreplace: N\n")
    done = run_pytest(tmp_path, "--nbval", "--nbval-sanitize-with", "mask.cfg")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "a masked number is not compared" in done.stderr


@pytest.mark.parametrize(
    "options",
    [{}, {"nbval": False, "nbval_lax": False}, {"nbval": True, "nbval_lax": True}],
    ids=["no nbval", "off", "lax"],
)
def test_outside_strict_mode_the_plugin_keeps_still(options: dict[str, bool]) -> None:
    config = SimpleNamespace(
        option=SimpleNamespace(**options),
        getoption=lambda name, default: options.get(name, default),
        pluginmanager=None,  # so that registering would fail
    )
    plugin.pytest_configure(config)


def test_one_notebook_alone_loads_the_plugin() -> None:
    done = subprocess.run(
        [PYTEST, "--nbval", NOTEBOOKS[0].name, "--collect-only", "--trace-config"],
        cwd=NOTEBOOKS[0].parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "course-strict-nbval" in done.stdout


def test_a_listed_cell_may_carry_its_marker(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [new_code_cell("1", id="one", metadata={"tags": ["nbval-skip"]})]
    nbformat.write(new_notebook(cells=cells), tmp_path / "x.ipynb")
    (item,) = collected(request, tmp_path / "x.ipynb")
    assert plugin.forbidden_markers(item) == ["nbval-skip"]
    assert not item.options["skip"]
    monkeypatch.setattr(plugin, "MARKERS_ALLOWED", {"x.ipynb": {"one": "because"}})
    (item,) = collected(request, tmp_path / "x.ipynb")
    assert plugin.forbidden_markers(item) == []
    assert item.options["skip"]


# --- the numbers that the course has stored ---------------------------------------------------


def collected(request: pytest.FixtureRequest, path: Path) -> list[IPyNbCell]:
    """Return the items of a notebook as nbval collects them, with the plug-in attached."""
    items = list(IPyNbFile.from_parent(request.session, path=path).collect())
    for item in items:
        plugin.attach(item)
        # The display of a difference takes most of the time and is not what is tested here.
        item.format_output_compare = lambda key, left, right: None
    return items


def stored_outputs(item: IPyNbCell) -> list[NotebookNode]:
    return coalesce_streams(copy.deepcopy(item.cell.outputs))


def places(outputs: list[NotebookNode]) -> Iterator[tuple[str, str, Callable[[str], None]]]:
    """Yield each compared text: its kind, its words, and a way to change it."""
    for output in outputs:
        if output.output_type == "stream":
            yield output.name, output.text, lambda new, o=output: o.update(text=new)
        for kind, value in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield kind, value, lambda new, o=output, k=kind: o.data.update({k: new})
            elif kind in plugin.PICTURES:
                alt = output.metadata[kind]["alt"]
                yield "alt", alt, lambda new, o=output, k=kind: o.metadata[k].update(alt=new)


def unnoticed_shifts(item: IPyNbCell) -> tuple[int, list[str]]:
    """Shift each stored number of a cell both ways; return their count and which ones passed."""
    stored, fresh = stored_outputs(item), stored_outputs(item)
    assert item.compare_outputs(fresh, stored), f"cell {item.cell.id}: unchanged, yet it fails"
    tolerance = Tolerance.of(item.cell)
    count, passed = 0, []
    for kind, words, change in places(fresh):
        pieces, numbers = split(words, markup=kind == "text/html")
        bounds = tolerance.bounds(pieces, numbers)
        for number, bound in zip(numbers, bounds, strict=True):
            count += 1
            # A shift by less than one unit of the last digit would not show.
            amount = max(3 * (bound or Decimal(0)), number.unit)
            # An exact comparison knows no direction; one within a tolerance might.
            for signed in (amount, -amount) if tolerance != Tolerance() else (amount,):
                new = number.shifted(signed)
                end = number.start + len(str(number))
                change(words[: number.start] + new + words[end:])
                if item.compare_outputs(fresh, stored):
                    passed.append(f"cell {item.cell.id}, {kind}: {number} -> {new}")
        change(words)
    return count, passed


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS, "no notebook in notebooks/: nothing would be tested"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_stored_number_is_held(path: Path, request: pytest.FixtureRequest) -> None:
    count, passed = 0, []
    for item in collected(request, path):
        found, missed = unnoticed_shifts(item)
        count += found
        passed += missed
    assert not passed, "\n".join(passed)
    assert count, f"{path.name} has no stored number: stripped?"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_stored_output_is_held(path: Path, request: pytest.FixtureRequest) -> None:
    """Losing any output, any picture or any last character of a text must be noticed."""
    for item in collected(request, path):
        stored = stored_outputs(item)
        for i, output in enumerate(stored):
            assert not item.compare_outputs(stored[:i] + stored[i + 1 :], stored)
            for kind in plugin.PICTURES:
                fresh = stored_outputs(item)
                if fresh[i].get("data", {}).pop(kind, None) is not None:
                    assert not item.compare_outputs(fresh, stored)
            assert not item.compare_outputs([*stored, output], stored)
        fresh = stored_outputs(item)
        for kind, words, change in places(fresh):
            change(words[:-1])
            assert not item.compare_outputs(fresh, stored), f"cell {item.cell.id}, {kind}"
            change(words)
        extra = new_output("stream", name="stderr", text="Warning\n")
        assert not item.compare_outputs([*stored, extra], stored)


@pytest.mark.parametrize("tolerance", [None, {"relative": 0.02}, {"interval": True}])
def test_the_shift_test_can_fail(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tolerance: dict[str, object] | None,
) -> None:
    """With a comparison that lets numbers pass, each shift is reported."""
    words = "60.0 ± 4.0\n0 -0.5 1e-05 1,797 x1\n"
    cell = code("a", "pass", [text(words), figure(alt="3 lines climb.")], 1)
    if tolerance:
        cell.metadata["tolerance"] = tolerance
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "x.ipynb")
    (item,) = collected(request, tmp_path / "x.ipynb")
    assert unnoticed_shifts(item) == (9, [])
    monkeypatch.setattr(plugin, "accepts", lambda stored, fresh, bound: True)
    count, passed = unnoticed_shifts(item)
    # Without a tolerance the plug-in does not touch the text at all.
    assert len(passed) == (2 * count if tolerance else 0)
