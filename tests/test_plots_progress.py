"""The figure of progress: a mark for each exercise, whose shape says its state."""

import pytest

from helpers.plots import digest
from helpers.plots import progress as plots
from helpers.plots.style import GREEN

STATES = {
    "00 warm up": ["right", "right"],
    "01 meet a neuron": ["right", "not right yet", "not tried yet"],
}
FIGURES = {
    "overview": (
        lambda: plots.overview(STATES),
        lambda: plots.overview(STATES | {"00 warm up": ["right", "not right yet"]}),
    )
}


def test_the_sentence_counts():
    _, text = plots.overview(STATES)
    assert text == (
        "3 of 5 exercises are right, 1 not right yet, 1 not tried yet. All right: 00 warm up."
    )
    assert "All right: no notebook yet." in plots.overview({"01": ["not tried yet"]})[1]


def test_each_state_differs_by_more_than_its_colour():
    shapes = {(look["marker"], look.get("fillstyle")) for look in plots.LOOKS.values()}
    assert len(shapes) == 3
    fig, _ = plots.overview(STATES)
    assert digest(fig).count(f"line 'right' {GREEN.lower()}") == 3
    assert "text '1 of 3'" in digest(fig)


def test_nothing_at_all_can_be_drawn():
    assert plots.overview({})[1].startswith("0 of 0 exercises are right")


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="'perfect' is none of right"):
        plots.overview({"01": ["perfect"]})
