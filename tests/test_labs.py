"""What all labs share on the side of Python; tests/browser has the other side."""

from __future__ import annotations

import html
import importlib
import json
import math
import re
import subprocess
import sys

import pytest
from traitlets import TraitError

from helpers import labs
from helpers.labs import web
from helpers.labs.lab import FOLDER, MIME, Lab, module_of, style
from helpers.plots import style as figures

KINDS = [kind for kind in vars(labs).values() if isinstance(kind, type) and kind is not Lab]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_every_javascript_file_of_a_lab_has_its_class() -> None:
    shared = {"numbers", "kit", "web"}
    assert {kind.name for kind in KINDS} == {f.stem for f in FOLDER.glob("*.js")} - shared


@each_kind
def test_it_is_written_as_it_would_be_made(kind: type[Lab]) -> None:
    lab = kind()
    again = eval(repr(lab), {kind.__name__: kind})
    assert again.state() == lab.state()
    assert repr(again) == repr(lab)
    assert kind(**lab.state()).state() == lab.state()


@each_kind
def test_its_state_is_plain_json(kind: type[Lab]) -> None:
    state = kind().state()
    assert json.loads(json.dumps(state, allow_nan=False)) == state


@each_kind
def test_what_a_notebook_keeps_of_it(kind: type[Lab]) -> None:
    lab = kind()
    data, metadata = lab._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == lab.sentence()
    assert data["text/plain"].splitlines()[0] == lab.sentence()
    assert repr(lab) in data["text/plain"]
    assert data[MIME] == {"lab": kind.name, "state": lab.state()}
    assert kind()._repr_mimebundle_()[0] == data, "the same state, the same output"


@each_kind
def test_the_live_lab_is_an_output_of_its_own(
    kind: type[Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved notebook keeps the picture and the sentence, and not the widget."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    lab = kind()
    lab._ipython_display_()
    picture, caption, view = shown
    assert set(picture) == {"image/png", "text/plain", MIME}
    assert caption["text/plain"] == lab.sentence()
    assert html.escape(lab.sentence()) in caption["text/html"]
    assert view["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.model_id


@each_kind
def test_another_state_is_another_output(kind: type[Lab]) -> None:
    """Strict validation notices when a lab's state changes: in the text too."""
    lab = kind()
    before = lab._repr_mimebundle_()[0]["text/plain"]
    numbers = {key: value for key, value in lab.state().items() if type(value) in (int, float)}
    key, value = next(iter(numbers.items()))
    setattr(lab, key, value + 1 if type(value) is int else value / 2 + 0.01)
    assert lab._repr_mimebundle_()[0]["text/plain"] != before


@each_kind
def test_its_sentence_is_one_line(kind: type[Lab]) -> None:
    assert re.fullmatch(r"\S.*[.?!]", kind().sentence())


@each_kind
def test_what_is_no_trait_is_refused(kind: type[Lab]) -> None:
    with pytest.raises((TraitError, TypeError)):
        kind(**{next(iter(kind().state())): object()})


@each_kind
def test_nan_is_no_number(kind: type[Lab]) -> None:
    for key, value in kind().state().items():
        if type(value) is float:
            with pytest.raises(TraitError):
                kind(**{key: math.nan})


def test_a_lab_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        module_of("no_such_lab")
    with pytest.raises(NotImplementedError):
        Lab().sentence()
    with pytest.raises(NotImplementedError):
        Lab().picture()


WITHOUT = """
import sys
sys.modules["anywidget"] = None
from helpers.labs import ActivationExplorer
lab = ActivationExplorer(["relu"], z=1.0)
data, _ = lab._repr_mimebundle_()
print(sorted(data), lab)
"""


def test_without_widgets_there_is_the_picture() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=120
    )
    expected = "['application/vnd.relu-course.lab+json', 'image/png', 'text/plain'] "
    expected += "ActivationExplorer(activations=['relu'], slope=0.1, z=1.0)"
    assert done.stdout.strip() == expected


# --- the shared JavaScript and CSS ------------------------------------------------------------


def test_colours_and_dashes_are_those_of_the_figures() -> None:
    kit = (FOLDER / "kit.js").read_text(encoding="utf-8")
    inks = dict(re.findall(r'^  (\w+): \["(#\w+)", "#\w+"\],$', kit, re.MULTILINE))
    styles = re.findall(r'^  (\w+): \["(\w+)", "([-:]+)"\],$', kit, re.MULTILINE)
    found = {name: (inks[ink], dashes) for name, ink, dashes in styles}
    assert found == figures.ACTIVATION_STYLES
    light, dark = re.findall(r"\{([^}]*--lab-ink:[^}]*)\}", style())
    both = re.findall(r'^  (\w+): \["(#\w+)", "(#\w+)"\],$', kit, re.MULTILINE)
    assert len(both) == 7
    for name, on_light, on_dark in both:
        assert f"--lab-{name}: {on_light.lower()};" in light
        assert f"--lab-{name}: {on_dark.lower()};" in dark


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_ink_can_be_read_on_its_ground() -> None:
    for block in re.findall(r"\{([^}]*--lab-ink:[^}]*)\}", style()):
        colours = dict(re.findall(r"--lab-([\w-]+): (#\w{6});", block))
        ground = luminance(colours["ground"])
        for name in ("ink", "grey", "blue", "vermilion", "green", "purple", "ochre"):
            low, high = sorted([ground, luminance(colours[name])])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, colours[name])


# --- pages without a kernel -------------------------------------------------------------------


@each_kind
def test_a_page_holds_all_it_needs(kind: type[Lab]) -> None:
    lab = kind()
    text = web.page(lab, title="A & B")
    assert "<title>A &amp; B</title>" in text
    assert "export default" not in text
    assert not re.findall(r'(?:src|href)="(?!data:)', text), "something would be fetched"
    assert text.count("</script>") == 1
    assert text.count(f'data-relu-lab="{kind.name}"') == 1


def test_labs_are_packed_once_however_often_they_stand_on_a_page() -> None:
    kind = labs.ActivationExplorer
    text = web.page(kind(), kind(z=1.0))
    assert text.count("data-relu-lab=") == 2
    assert text.count('"activation_explorer": (() =>') == 1


def test_a_module_that_cannot_be_packed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "module_of", lambda name: "export const a = 1;")
    with pytest.raises(ValueError, match="one export"):
        web.script(["activation_explorer"])


def test_the_module_of_a_lab_is_what_the_widget_gets() -> None:
    module = importlib.import_module("helpers.labs.activation_explorer")
    assert module_of("activation_explorer") == module.ActivationExplorer._esm
    assert style() == module.ActivationExplorer._css
