"""Every notebook keeps every rule of tests/anatomy.py, and every rule can fail."""

from __future__ import annotations

import base64
import copy
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import anatomy, nbval_tolerance
from tests.anatomy import RULES, SLOW_RULES, Notebook
from tools import refresh

pytestmark = pytest.mark.no_cover  # of `helpers` it runs next to nothing in this process

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ALL_RULES = RULES | SLOW_RULES


# --- the notebooks of the course --------------------------------------------------------------


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS, "no notebook in notebooks/: nothing would be tested"


@pytest.mark.parametrize("name", ALL_RULES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rule(path: Path, name: str) -> None:
    complaints = list(ALL_RULES[name](Notebook.read(path)))
    assert not complaints, "\n".join([f"{path.name}: {name}", *complaints])


def test_exceptions_name_notebooks_and_cells_that_exist() -> None:
    ids = {path.name: {cell.id for cell in Notebook.read(path).cells} for path in NOTEBOOKS}
    for file, cells in nbval_tolerance.MARKERS_ALLOWED.items():
        assert cells.keys() <= ids[file], f"MARKERS_ALLOWED names cells that {file} lacks"
        assert all(cells.values()), f"MARKERS_ALLOWED gives no reason for a cell of {file}"
    assert anatomy.NUMBERS_ALLOWED.keys() <= {path.stem for path in NOTEBOOKS}
    for reasons in anatomy.NUMBERS_ALLOWED.values():
        assert all(reasons.values()), "NUMBERS_ALLOWED gives no reason for a number"


def test_no_settings_mask_outputs() -> None:
    settings = ["pyproject.toml", "Makefile", "conftest.py", ".ci/run", "pytest.ini", "tox.ini"]
    settings += [str(path.relative_to(ROOT)) for path in ROOT.glob(".github/**/*.y*ml")]
    there = [ROOT / name for name in settings if (ROOT / name).exists()]
    assert there
    for path in there:
        assert "sanitize-with" not in path.read_text(encoding="utf-8"), path


# --- a good notebook --------------------------------------------------------------------------

PNG = base64.b64encode(b"the bytes of a picture").decode()
SENTENCE = "The output jumps from 0 to 1 where the sum crosses 0.5."


def md(name: str, source: str, slide: str = "-") -> NotebookNode:
    return new_markdown_cell(source, id=name, metadata={"slideshow": {"slide_type": slide}})


def code(name: str, source: str, *outputs: NotebookNode, **extra: object) -> NotebookNode:
    about = {"slideshow": {"slide_type": "-"}, **extra}
    return new_code_cell(source, id=name, outputs=list(outputs), metadata=about)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def figure() -> list[NotebookNode]:
    data = {"image/png": PNG, "text/plain": f"{SENTENCE}\nline: 2 points, y 0 to 1 mean 0.5"}
    caption = {"text/markdown": f"*{SENTENCE}*", "text/plain": SENTENCE}
    return [
        new_output("display_data", data, metadata={"image/png": {"alt": SENTENCE}}),
        new_output("display_data", caption),
    ]


PLACE = 'getattr(helpers, "__file__", None) or list(helpers.__path__)'
SETUP = f"""\
import helpers

place = {PLACE}
if getattr(helpers, "COURSE", None) != "relu-course":
    raise ImportError(f"another package is named helpers: {{place}}")
import numpy as np"""


@functools.cache
def _good() -> NotebookNode:
    cells = [
        md(
            "title",
            "# Meet a neuron\n\nA neuron adds what it hears and fires when the sum is large "
            "enough. Here you build one with your own hands.\n\n"
            "**You will**\n\n- weigh two inputs\n- add them up\n- see where the neuron fires\n\n"
            "**You need**: nothing but Python.\n\n"
            "**Time**: 40 minutes of study; its cells run in 12 seconds.",
            "slide",
        ),
        md("install", "No clone? Run `pip install` with the wheel of this course.", "skip"),
        code("setup", SETUP, tags=["setup"]),
        md("sum", "## One sum\n\nEach input $x_1$ has a weight: 0.3 and -2 (Lu, 1943).", "slide"),
        md("ask-sum", "**Predict** Is the sum 7 or 9?", "fragment"),
        code("add", "w = np.array([0.3, -2.0])\nprint(w.sum())", stream("-1.7\n")),
        md("say-sum", "The sum is -1.7, so the *negative* weight wins: 1.7 below zero.\n\n$$z$$"),
        md("ask-fire", "**Predict** Does it fire?", "subslide"),
        code("fire", "z = -1.7\nz > 0", new_output("execute_result", {"text/plain": "False"})),
        md("ask-plot", "**Predict** Where does the curve jump?", "subslide"),
        code("plot", "draw()", *figure(), picture="docs/jump.png"),
        md("say-plot", "It jumps at 0.5, which is 50 % of the largest weight that you tried."),
        md("tasks", "## Exercises\n\n### Exercise 1: weigh", "slide"),
        code("task-1", "weight = None\nex.weigh.check(weight)", stream("Not tried yet.\n")),
        md("task-2", "### Exercise 2: add\n\nAdd them.\n\n<details>\n<summary>Hint</summary>\n\n"
            "Use `sum`.\n\n</details>"),
        code("task-2-code", "total = None\nex.add.check(total)", stream("Not tried yet.\n")),
        md("task-3", "### Exercise 3: change\n\nPredict first what a bias of 9 does."),
        code("task-3-code", "bias = 9\nprint(bias)", stream("9\n")),
        md("claims", "## What you can now say\n\nA neuron fires above 0.5.", "slide"),
        md("read", "## Read on\n\n[Lu 2020](https://arxiv.org/abs/1903.06733), and the course's "
            "[README](../README.md). Next: **Build a network**.", "slide"),
    ]  # fmt: skip
    count = 0
    for cell in cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    notebook = new_notebook(cells=cells)
    notebook.metadata = NotebookNode(kernelspec=refresh.KERNELSPEC, language_info=refresh.LANGUAGE)
    return notebook


def good() -> NotebookNode:
    """Return the smallest notebook that keeps every rule; each test gets its own."""
    return copy.deepcopy(_good())


# --- ways to break it -------------------------------------------------------------------------

Break = Callable[[NotebookNode], object]


def find(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def edit(name: str, old: str, new: str) -> Break:
    """Replace words in the source of a cell."""

    def apply(notebook: NotebookNode) -> None:
        cell = find(notebook, name)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return apply


def append(name: str, text: str) -> Break:
    """Add to the source of a cell."""
    return lambda notebook: find(notebook, name).update(
        source=find(notebook, name).source + "\n\n" + text
    )


def drop(*names: str) -> Break:
    """Delete cells."""

    def apply(notebook: NotebookNode) -> None:
        assert set(names) <= {cell.id for cell in notebook.cells}
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return apply


def move(name: str, place: int) -> Break:
    """Put a cell somewhere else."""

    def apply(notebook: NotebookNode) -> None:
        cell = find(notebook, name)
        notebook.cells.remove(cell)
        notebook.cells.insert(place, cell)

    return apply


def put(name: str, **values: object) -> Break:
    """Set fields of a cell."""
    return lambda notebook: find(notebook, name).update(copy.deepcopy(values))


def mark(name: str, **values: object) -> Break:
    """Set metadata of a cell."""
    return lambda notebook: find(notebook, name).metadata.update(copy.deepcopy(values))


def output(name: str, place: int, change: Callable[[NotebookNode], object]) -> Break:
    """Change an output of a cell."""
    return lambda notebook: change(find(notebook, name).outputs[place])


def add_output(name: str, added: NotebookNode) -> Break:
    """Add an output to a cell."""
    return lambda notebook: find(notebook, name).outputs.append(added)


def alt(text: str) -> Break:
    """Set the alternative text of the figure, and what has to be equal to it."""

    def apply(notebook: NotebookNode) -> None:
        shown, caption = find(notebook, "plot").outputs
        shown.metadata["image/png"]["alt"] = text
        shown.data["text/plain"] = f"{text}\ndigest"
        caption.data["text/plain"] = text

    return apply


def all_code(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "\n".join(f"x = {i}" for i in range(6))


def strip(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []


ERROR = new_output("error", ename="ValueError", evalue="no", traceback=[])
WIDGET = new_output("display_data", {refresh.RANDOM: {"model_id": "1"}})
SVG = new_output("display_data", {"image/svg+xml": "<svg/>"})

# For each rule, ways to break it and what it then says.
BROKEN: dict[str, list[tuple[Break, str]]] = {
    "form": [
        (edit("add", "w = np", "w=np"), "first in line"),
        (edit("add", "w = np", "w = = np"), "ruff cannot format"),
        (mark("add", scrolled=True), "not as"),
        (mark("add", execution={"iopub.execute_input": "2026-01-01"}), "not as"),
        (lambda nb: nb.metadata.language_info.update(version="3.11.7"), "not as"),
        (lambda nb: nb.update(nbformat_minor=4), "not as"),
    ],
    "size": [(append("sum", "long " * 500_000), "over 2,000,000 bytes")],
    "metadata": [
        (lambda nb: nb.metadata.update(kernelspec={"name": "ir", "display_name": "R"}), "python3"),
        (lambda nb: nb.metadata.pop("kernelspec"), "python3"),
        (lambda nb: nb.metadata.update(widgets={}), "widgets"),
    ],
    "ids": [
        (put("add", id="fire"), "two cells have the id fire"),
        (put("add", id=""), "has no id"),
        (lambda nb: find(nb, "add").pop("id"), "has no id"),
    ],
    "counts": [
        (put("add", execution_count=None), "has count None, not 2"),
        (put("add", execution_count=3), "has count 3, not 2"),
        (drop("add"), "has count 3, not 2"),
        (put("add", source=" \n"), "is empty"),
    ],
    "outputs": [
        (strip, "no output is stored"),
        (add_output("add", ERROR), "has stored an error: ValueError"),
        (add_output("add", stream("Warning", "stderr")), "went to stderr"),
        (add_output("add", stream("<object at 0x7f2041fa6e10>")), "address"),
        (add_output("add", WIDGET), "__repr__"),
    ],
    "figures": [
        (alt(""), "is no sentence"),
        (alt("The file is jump.png here"), "is no sentence"),
        (alt("<Figure size 640x480 with 1 Axes>"), "is no sentence"),
        (alt("A curve"), "is no sentence"),
        (output("plot", 0, lambda o: o.update(metadata={})), "is no sentence"),
        (output("plot", 0, lambda o: o.metadata["image/png"].update(alt="It is very flat.")),
            "does not begin with its alt text"),
        (output("plot", 0, lambda o: o.data.pop("text/plain")), "does not begin with its alt"),
        (output("plot", 0, lambda o: o.data.update({"text/plain": SENTENCE})), "no digest"),
        (output("plot", 1, lambda o: o.data.update({"text/plain": "It falls."})), "no caption"),
        (output("plot", 1, lambda o: o.data.pop("text/markdown")), "no caption"),
        (lambda nb: find(nb, "plot").outputs.pop(), "no caption"),
        (lambda nb: find(nb, "plot").outputs.reverse(), "no caption"),
        (add_output("add", stream("<Figure size 640x480>")), "leaves a figure to IPython"),
        (add_output("add", SVG), "not image/png"),
    ],
    "picture_files": [
        (mark("plot", picture="docs/other.png"), "docs/other.png is not the picture"),
        (mark("add", picture="docs/jump.png"), "is not the picture"),
        (output("plot", 0, lambda o: o.data.update({"image/png": "AAAA"})), "is not the picture"),
    ],
    "marks": [
        (mark("add", tags=["nbval-skip"]), "carries nbval-skip"),
        (mark("add", tags=["raises-exception"]), "carries raises-exception"),
        (mark("add", tags=["nbval-ignore-output"]), "carries nbval-ignore-output"),
        (append("add", "# NBVAL_IGNORE_OUTPUT"), "carries NBVAL_IGNORE_OUTPUT"),
    ],
    "tolerances": [
        (mark("add", tolerance={"relative": 0.1}), "accepted are"),
        (mark("sum", tolerance={"relative": 0.01}), "is no code cell"),
        (mark("fire", tolerance={"relative": 0.01}), "prints no number"),
        (mark("add", tolerance={"interval": True}), "prints no interval"),
    ],
    "title": [
        (edit("title", "# Meet a", "# The"), "does not begin with a verb"),
        (edit("title", "# Meet", "## Meet"), "does not begin with `# `"),
        (edit("title", "# Meet", "Hello\n\n# Meet"), "does not begin with `# `"),
        (append("sum", "# Meet another"), "2 headings of level 1"),
    ],
    "opening": [
        (edit("title", "**You will**", "You will"), "the opening has no **You will**"),
        (edit("title", "**You need**", "You need"), "the opening has no **You need**"),
        (edit("title", "**Time**", "Time"), "the opening has no **Time**"),
        (edit("title", "**You need**: nothing but Python.\n\n**Time**", "**Time**: 1\n\n"
            "**You need**: nothing.\n\nTime"), "another order"),
        (edit("title", "A neuron adds what it hears", "It adds.\n\n- A neuron"), "says why"),
        (edit("title", "- add them up\n", ""), "has 2 points"),
        (edit("title", "- add them up\n", "- add\n" * 4), "has 6 points"),
        (edit("title", "40 minutes of", "Some"), "does not give the minutes"),
        (edit("title", "12 seconds", "no time"), "does not give the minutes"),
    ],
    "setup": [
        (mark("setup", tags=[]), "0 cells have the tag setup"),
        (mark("add", tags=["setup"]), "2 cells have the tag setup"),
        (move("add", 1), "is not the first code cell"),
    ],
    "install": [
        (drop("install"), "no Markdown cell says"),
        (edit("install", "wheel", "files"), "no Markdown cell says"),
        (edit("install", "`pip install`", "it"), "no Markdown cell says"),
        (append("install", "See http://example.org"), "names an address"),
    ],
    "headings": [
        (append("sum", "#### Deep"), "is of level 4 after one of level 2"),
        (append("say-sum", "## Late"), "'Late' does not begin its cell"),
        (edit("sum", "## One sum", "## One sum\n\n## Again"), "'Again' does not begin"),
    ],
    "sections": [
        (edit("tasks", "## Exercises", "## Tasks"), "not these sections"),
        (edit("claims", "## What you can now say", "## Claims"), "not these sections"),
        (edit("read", "## Read on", "## More"), "not these sections"),
        (move("claims", 3), "not these sections"),
        (edit("say-sum", "The sum", "## Read on\n\nThe sum"), "not these sections"),
        (edit("read", "https", "ftp"), "has no link"),
    ],
    "exercises": [
        (drop("task-3", "task-3-code"), "there are 2 exercises"),
        (append("task-3", "### Exercise 4: a\n### Exercise 5: b\n### Exercise 6: c"),
            "there are 6 exercises"),
        (edit("task-2", "Exercise 2", "Exercise 3"), "is not `### Exercise 2: ...`"),
        (edit("task-2", "Exercise 2: add", "Exercise 2"), "is not `### Exercise 2: ...`"),
        (edit("task-2-code", ".check(", ".look("), "is neither checked"),
        (edit("task-3", "Predict first", "Say"), "no exercise asks for a prediction"),
    ],
    "following": [
        (edit("read", "Build a network", "More"), "does not name the next notebook"),
        (move("setup", 99), "does not name the next notebook"),
    ],
    "predictions": [
        (drop("ask-sum"), "2 cells begin with **Predict**"),
        (edit("ask-sum", "**Predict**", "Predict"), "2 cells begin with **Predict**"),
        (edit("ask-sum", "Is the sum 7 or 9?", "Think."), "asks nothing"),
        (move("ask-sum", 3), "is not followed by the code cell"),
        (move("ask-sum", 99), "is not followed by the code cell"),
    ],
    "slides": [
        (mark("add", slideshow={}), "has the slide type None"),
        (mark("add", slideshow={"slide_type": "page"}), "has the slide type 'page'"),
        (lambda nb: find(nb, "add").metadata.pop("slideshow"), "has the slide type None"),
        (mark("title", slideshow={"slide_type": "-"}), "does not begin a slide"),
    ],
    "words": [
        (append("sum", "word " * 131), "words before cell add"),
        (append("ask-sum", "word " * 131), "words before cell add"),
        (lambda nb: [append(n, "word " * 66)(nb) for n in ("sum", "ask-sum")], "before cell add"),
        (append("tasks", "word " * 131), "words before cell task-1"),
        # Also where a heading stands between.
        (lambda nb: [append(n, "word " * 66)(nb) for n in ("say-plot", "tasks")], "cell task-1"),
    ],
    "plain_markdown": [
        (append("sum", "a<br>b"), "has the HTML <br>"),
        (append("sum", '<img src="x.png">'), "has the HTML <img"),
        (append("sum", "<!-- note -->"), "has the HTML <!--"),
        (append("sum", "<details open>\n</details>"), "has the HTML <details open>"),
        (append("sum", "</div>"), "has the HTML </div>"),
        (edit("task-2", "</details>", ""), "does not close"),
        (edit("task-2", "</summary>\n\n", "</summary>\n"), "needs an empty line"),
        (append("sum", "::: note"), "has a directive"),
        (append("sum", ":::{note}\n:::"), "has a directive"),
        (append("sum", "See {ref}`there`."), "has a directive"),
    ],
    "links": [
        (append("sum", "[x](missing.md)"), "missing.md leads to no file"),
        (append("sum", "![A curve](missing.png)"), "missing.png leads to no file"),
        (append("sum", "[x](02_build_a_network.ipynb)"), "leads to no file"),
        (append("sum", "[x](/README.md)"), "leads to no file"),
        (append("sum", "[x](#one-sum)"), "is no file"),
        (append("sum", "[x](http://arxiv.org)"), "is not https with a host"),
        (append("sum", "[x](https://localhost/a)"), "is not https with a host"),
        (append("sum", "[x](ftp://a.org)"), "is not https with a host"),
        (append("sum", "<http://arxiv.org/abs/1>"), "is not https with a host"),
        (append("sum", "see http://arxiv.org."), "is not https with a host"),
        (append("sum", "[x][a]\n\n[a]: http://arxiv.org"), "is not https with a host"),
        (append("sum", "![](../README.md)"), "has no words"),
        (append("sum", "[ ](../README.md)"), "has no words"),
    ],
    "no_intervals": [
        (append("sum", "It is 3 ± 1."), "has '±'"),
        (append("sum", r"It is $3 \pm 1$."), "intervals come"),
        (append("add", "print('3 +/- 1')"), "has '+/-'"),
        (add_output("add", stream("3 ± 1")), "has '±'"),
        (append("sum", "A confidence interval."), "has 'confidence interval'"),
    ],
    "numbers": [
        (append("sum", "It is 0.7."), "says 0.7:"),
        (append("sum", "It is 61 %."), "says 61:"),
        (append("sum", "It is `0.7`."), "says 0.7:"),
        (append("sum", "It is $0.7$."), "says 0.7:"),
        (append("sum", "It is **1,797** images."), "says 1,797:"),
        (append("sum", "| a | 0.7 |\n|---|---|"), "says 0.7:"),
        (append("sum", "It is 2 + 6."), "says 6:"),
        (append("sum", "It is -0.3."), "says -0.3:"),
        (append("title", "It fires at 0.5."), "says 0.5:"),  # only a later section prints it
        (append("sum", "After 9 steps."), "says 9:"),  # only a later section holds it
        (append("ask-sum", "It is 7."), "says 7:"),
        (edit("say-sum", "-1.7", "-1.8"), "says -1.8:"),
        (edit("claims", "0.5", "0.6"), "says 0.6:"),
        (lambda nb: (edit("fire", "-1.7", "0")(nb), find(nb, "add").outputs.clear()), "says -1.7:"),
    ],
    "cell_sizes": [
        (append("add", "x = 1\n" * 14), "has 16 lines"),
        (all_code, "the median code cell has 6 lines"),
    ],
    "habits": [
        (append("add", "w;"), "semicolon"),
        (append("add", "w;  # hidden"), "semicolon"),
        (append("add", "%timeit w"), "measures time"),
        (append("add", "%%time\nw"), "measures time"),
        (append("add", "interact(f)"), "uses interact"),
        (append("add", "clear_output()"), "uses clear_output"),
        (append("add", "out = widgets.Output()"), "uses Output()"),
        (append("add", "warnings.filterwarnings('ignore')"), "hides warnings"),
    ],
    "light_imports": [
        (append("add", "import torch"), "imports torch"),
        (append("add", "from torch.nn import ReLU"), "imports torch"),
        (append("add", "def f():\n    import scipy.stats as s"), "imports scipy"),
    ],
    "light_modules": [
        (append("add", "import helpers, scipy"), "load scipy"),
        (append("add", "import no_such_module"), "the imports fail"),
    ],
    "setup_refuses": [
        (put("setup", source="import helpers\n\nimport numpy as np"), "takes a package"),
        (edit("setup", PLACE, "0"), "without saying where"),
        (edit("setup", PLACE, "helpers.__file__"),
            "a folder without __init__.py named helpers without saying where"),
    ],
}  # fmt: skip

# What a rule must let pass, though it is near to what it forbids.
FINE: dict[str, list[Break]] = {
    "words": [
        append("title", "word " * 200),
        append("claims", "word " * 200),
        append("sum", "$$" + "word " * 200 + "$$"),
        append("sum", "<details>\n<summary>Hint</summary>\n\n" + "word " * 200 + "\n\n</details>"),
        append("sum", "| word |\n" * 200),
        append("sum", "```text\n" + "word " * 200 + "\n```"),
    ],
    "plain_markdown": [
        append("sum", "If a < b and b > c, `<br>` or <https://arxiv.org>."),
        append("sum", "```html\n<br>\n```"),
    ],
    "headings": [append("sum", "```python\n#### not a heading\n```")],
    "links": [
        append("sum", "`[x](missing.md)` and <https://arxiv.org/abs/1> and https://a.org/b."),
        append("sum", "[x](https://en.wikipedia.org/wiki/Perceptron_(book))"),
        append("sum", "[x](../README.md#map)"),
    ],
    "habits": [append("add", "print('a; b')"), append("add", "interact_manual(f)")],
    "numbers": [
        append("sum", "In 2015, see [page 77](https://a.org/88), step 6, notebooks 06 to 08."),
        append("sum", "By 07 you know. Exercises 1, 2 and 3. Python 3.11. arXiv 1903.06733."),
        append("sum", "6. a list\n\n$w_6 + h^{7}$, x6, float64."),
        append("say-sum", "On 21 November 2026, or 2026-11-21."),
        append("say-plot", "It is 30 % of it, and −2, and 2.0, and 0.30."),
    ],
    "tolerances": [mark("add", tolerance={"relative": 0.02})],
    "counts": [append("sum", "x")],
}  # fmt: skip

FILE_NAMES = [
    "meet_a_neuron",
    "1_meet_a_neuron",
    "01_meet",
    "01_a_neuron",
    "01-meet-it",
    "01_Meet_A",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the root of a repository for the good notebook."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/jump.png").write_bytes(base64.b64decode(PNG))
    (tmp_path / "README.md").write_text("# The course\n")
    return tmp_path


def stored(folder: Path, node: NotebookNode, name: str = "01_meet_a_neuron") -> Notebook:
    # Not by nbformat, which would mend what is broken.
    text = json.dumps(nbformat.v4.rwbase.split_lines(copy.deepcopy(node)), indent=1, sort_keys=True)
    plain = json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False)
    return Notebook(folder / f"notebooks/{name}.ipynb", plain + "\n")


@pytest.mark.parametrize("name", ALL_RULES)
def test_the_good_notebook_keeps_the_rule(folder: Path, name: str) -> None:
    assert list(ALL_RULES[name](stored(folder, good()))) == []


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        pytest.param(name, change, says, id=f"{name}-{number}")
        for name, cases in BROKEN.items()
        for number, (change, says) in enumerate(cases)
    ],
)
def test_a_broken_notebook_is_noticed(folder: Path, name: str, change: Break, says: str) -> None:
    node = good()
    change(node)
    complaints = "\n".join(ALL_RULES[name](stored(folder, node)))
    assert says in complaints, complaints or "no complaint"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param(name, change, id=f"{name}-{number}")
        for name, changes in FINE.items()
        for number, change in enumerate(changes)
    ],
)
def test_what_is_only_near_to_broken_passes(folder: Path, name: str, change: Break) -> None:
    node = good()
    change(node)
    assert list(RULES[name](stored(folder, node))) == []


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_wrong_file_name_is_noticed(folder: Path, name: str) -> None:
    assert list(RULES["file_name"](stored(folder, good(), name)))


def test_every_rule_has_a_notebook_that_breaks_it() -> None:
    assert BROKEN.keys() | {"file_name"} == ALL_RULES.keys()


@pytest.mark.parametrize(
    ("name", "rule", "change", "complains"),
    [
        ("05_switch_to_relu", "light_imports", append("add", "import torch"), True),
        ("06_watch_relu_die", "light_imports", append("add", "import torch, scipy"), False),
        ("04_watch_gradients_vanish", "light_imports", append("add", "import scipy"), False),
        ("04_watch_gradients_vanish", "no_intervals", append("sum", "3 ± 1"), False),
        ("16_change_framework", "following", edit("read", "Build a", "Spot the bug, a"), False),
        ("17_spot_the_bug", "following", edit("read", "Build a network", "End"), False),
    ],
)
def test_rules_that_depend_on_the_notebook(
    folder: Path, name: str, rule: str, change: Break, complains: bool
) -> None:
    node = good()
    change(node)
    assert bool(list(RULES[rule](stored(folder, node, name)))) == complains


def test_exceptions_are_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = good()
    append("sum", "86 billion neurons")(node)
    notebook = stored(folder, node)
    assert list(RULES["numbers"](notebook))
    allowed = {"86": "Azevedo 2009"}
    monkeypatch.setattr(anatomy, "NUMBERS_ALLOWED", {notebook.path.stem: allowed})
    assert not list(RULES["numbers"](notebook))
    allowed["99"] = "not in the notebook"
    assert "99, which needs no exception" in "".join(RULES["numbers"](notebook))
    mark("add", tags=["nbval-skip"])(node)
    listed = {"01_meet_a_neuron.ipynb": {"add": "because"}}
    monkeypatch.setattr(nbval_tolerance, "MARKERS_ALLOWED", listed)
    assert not list(RULES["marks"](stored(folder, node)))


def test_complaints_name_the_cell(folder: Path) -> None:
    node = good()
    append("add", "w;")(node)
    (complaint,) = RULES["habits"](stored(folder, node))
    assert re.match(r"cell add \(w = np", complaint)
