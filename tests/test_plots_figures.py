"""What holds for each figure of `helpers.plots`, whatever its topic.

A module `test_plots_<topic>.py` beside this file lists its figures in a dictionary `FIGURES`: under
the name of each, a function that draws it as its notebook does, and one that draws it with other
data. The name is the function's, with a comma and a word where it has several. What the sentences
say is tested there; test_figure_contrast.py paints them all.
"""

from importlib import import_module
from pathlib import Path

import pytest

from helpers.plots import digest

HERE = Path(__file__)
TOPICS = {
    path.stem.removeprefix("test_plots_"): import_module(path.stem)
    for path in sorted(HERE.parent.glob("test_plots_*.py"))
    if path != HERE
}
PAIRS = [
    pytest.param(*pair, id=f"{topic}-{name}")
    for topic, module in TOPICS.items()
    for name, pair in getattr(module, "FIGURES", {}).items()
]


@pytest.mark.parametrize(("draw", "draw_other"), PAIRS)
def test_a_figure_has_a_sentence_and_its_digest_notices_other_data(draw, draw_other):
    (fig, text), (other, _) = draw(), draw_other()
    assert text.endswith(".")
    assert "\n" not in text
    assert "-" not in text  # real minus signs
    assert digest(fig) == digest(draw()[0])
    assert digest(fig) != digest(other)
