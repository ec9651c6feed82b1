"""Lab 4, born dead, as Python: its state, its sentence and its picture."""

from __future__ import annotations

import numpy as np
import pytest
from traitlets import TraitError

from helpers.born_dead import bounds, layer_of_death, share
from helpers.labs import BornDead

NONSENSE = (
    {"width": 0},
    {"width": 11},
    {"width": 2.5},
    {"width": "3"},
    {"layers": 1},
    {"layers": 31},
    {"seed": -1},
    {"seed": 10_000},
    {"seed": None},
)


@pytest.mark.parametrize("state", NONSENSE)
def test_nonsense_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(TraitError, match=next(iter(state))):
        BornDead(**state)


def test_its_output_changes_with_its_state() -> None:
    lab = BornDead(width=4, layers=7, seed=3)
    assert repr(lab) == "BornDead(width=4, layers=7, seed=3)"
    before = lab._repr_mimebundle_()[0]["text/plain"]
    lab.layers = 8
    assert lab.state() == {"width": 4, "layers": 8, "seed": 3}
    assert lab._repr_mimebundle_()[0]["text/plain"] != before


@pytest.mark.parametrize(("width", "layers", "seed"), [(1, 4, 0), (3, 10, 0), (6, 20, 5)])
def test_networks_are_those_of_helpers(width: int, layers: int, seed: int) -> None:
    lab = BornDead(width=width, layers=layers, seed=seed)
    expected = layer_of_death(width, layers, 2_000, seed, progress=False)
    np.testing.assert_array_equal(lab.first(), expected)
    found = share(width, layers, 2_000, seed, progress=False)
    assert lab.count() / 2_000 == found.estimate
    lab.first()[:] = 1  # what a reader does to it stays with the reader
    np.testing.assert_array_equal(lab.first(), expected)


SENTENCES = {
    (3, 10): "1,113 are born dead: 55.7 %, interval 53.5 to 57.8; the bounds say 51.3 to 65.6 %.",
    (6, 3): "1 is born dead: 0.05 %, interval 0.01 to 0.28; the bounds say 0.07 to 1.6 %.",
    (4, 2): "0 are born dead: 0.00 %, interval 0.00 to 0.19; the bounds say 0.00 to 0.00 %.",
    (2, 30): "1,999 are born dead: 99.95 %, interval 99.72 to 99.99; "
    "the bounds say 99.96 to 99.97 %.",
}


@pytest.mark.parametrize(("width", "layers"), SENTENCES)
def test_sentence(width: int, layers: int) -> None:
    start = f"Of 2,000 networks of width {width} with {layers} layers, "
    assert BornDead(width=width, layers=layers).sentence() == start + SENTENCES[width, layers]


@pytest.mark.parametrize(("width", "layers"), [(3, 10), (1, 2), (10, 3), (2, 30)])
def test_picture_has_a_mark_for_each_network(width: int, layers: int) -> None:
    lab = BornDead(width=width, layers=layers)
    fig, text = lab.picture()
    assert text == lab.sentence()
    left, right = fig.axes
    alive, dead, fresh = (len(marks.get_offsets()) for marks in left.collections)
    assert alive + dead + fresh == 2_000
    assert dead + fresh == lab.count()
    labels = [words.get_text() for words in left.get_legend().get_texts()]
    assert labels[1] == f"{lab.count():,} born dead"
    drawn = next(line for line in right.lines if line.get_label() == "drawn")
    assert len(drawn.get_xdata()) == layers - 1
    assert drawn.get_ydata()[-1] == pytest.approx(100 * lab.count() / 2_000)
    edges = [line.get_ydata()[layers - 2] for line in right.lines[:2]]
    assert edges == pytest.approx([100 * bound for bound in bounds(width, layers)])
