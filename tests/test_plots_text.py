import re

import numpy as np

from helpers.plots import text as draw

LANGUAGES = {"cs": "Czech", "de": "German", "en": "English"}


def fading(factor, networks=4, letters=60):
    rng = np.random.default_rng(0)
    return factor ** np.arange(letters) * rng.uniform(0.9, 1.1, (networks, letters))


SIZES = {
    "relu, identity × 1.1": fading(1.1),
    "relu, identity": fading(0.99),
    "tanh, usual": fading(0.5),
}


def stored():
    rng = np.random.default_rng(0)
    arms = {}
    for rank, name in enumerate(("relu, identity", "leaky_relu 1/10, identity", "gru", "n-grams")):
        tuning = 40 + 5 * rank + rng.normal(size=(4, 5)) - 3 * np.abs(np.arange(4) - 1)[:, None]
        test = 50 + 6 * rank * (rank > 1) + rng.normal(size=10)
        arms[name] = {"rate": 0.01, "tuning": tuning.tolist(), "test": test.tolist()}
    return {"rates": [0.003, 0.01, 0.03, 0.1], "arms": arms}


TABLE = [[8, 2, 0], [0, 9, 1], [5, 0, 5]]
GROWING = {"relu, identity": [[0.5, 0.6]], "tanh, identity": [[0.5, 0.55]]}


def better():
    told = stored()
    told["arms"]["gru"]["test"][0] += 5
    told["arms"]["gru"]["tuning"][0][0] += 5
    return told


FIGURES = {
    "memories": (
        lambda: draw.memories(SIZES),
        lambda: draw.memories(SIZES | {"tanh, usual": fading(0.6)}),
    ),
    "growths": (
        lambda: draw.growths([10, 50], GROWING, longest=49),
        lambda: draw.growths([10, 50], GROWING | {"tanh, identity": [[0.5, 0.7]]}, longest=49),
    ),
    "tuning": (lambda: draw.tuning(stored()), lambda: draw.tuning(better())),
    "race": (
        lambda: draw.race(stored(), "relu, identity"),
        lambda: draw.race(better(), "relu, identity"),
    ),
    "confusions": (
        lambda: draw.confusions(TABLE, LANGUAGES),
        lambda: draw.confusions(np.eye(3) + 1, LANGUAGES),
    ),
}


def test_memories_tell_what_is_left():
    _, said = draw.memories(SIZES)
    assert "59 letters back, mean of 4 networks" in said
    assert "relu, identity × 1.1 270" in said
    assert "relu, identity 0.55" in said
    assert "tanh, usual below 10⁻¹²" in said


def test_memories_end_where_they_leave_the_picture():
    fig, _ = draw.memories(SIZES)
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert len(lines["relu, identity"].get_xdata()) == 60
    assert 35 < len(lines["tanh, usual"].get_xdata()) < 45


def test_a_gradient_that_is_gone_is_drawn_too():
    sizes = {"relu, identity": np.concatenate([fading(0.9)[:, :30], np.zeros((4, 30))], axis=1)}
    fig, said = draw.memories(sizes)
    assert "below 10⁻¹²" in said
    assert len(fig.axes[0].lines[0].get_xdata()) == 30


def test_growths_count_what_bursts():
    sizes = {
        "relu, identity": [[0.5, 0.5, 9.0], [0.4, 0.5, 0.5], [0.4, 5.0, 400.0]],
        "tanh, identity": [[0.5, 0.6, 0.6], [0.5, 0.6, 0.6], [0.5, 0.6, 0.6]],
        "gru": [[0.5, 0.5, np.nan], [0.5, 0.6, 0.6], [0.5, 0.6, 0.6]],
    }
    fig, said = draw.growths([10, 50, 400], sizes, longest=49)
    assert "relu, identity 2 of 3 beyond 1000; tanh, identity 0 of 3 beyond 1000" in said
    assert "gru 1 of 3" in said
    tops = [line.get_ydata().max() for line in fig.axes[0].lines]
    assert max(tops) == draw.HIGHEST


def test_tuning_tells_the_rates():
    _, said = draw.tuning(stored())
    assert "relu, identity 0.01; leaky_relu 1/10, identity 0.01; gru 0.01; n‑grams 0.01" in said


def test_race_is_sorted_and_told():
    fig, said = draw.race(stored(), "relu, identity")
    labels = [tick.get_text() for tick in fig.axes[0].get_yticklabels()]
    assert labels[:2] == ["n‑grams", "gru"]
    assert "10 seeds" in said
    ahead = re.search(r"n‑grams [\d.]+ \[[^\]]+\], ahead by \+(\d+)", said)
    assert ahead
    assert 15 < int(ahead[1]) < 21
    assert said.count("ahead by") == 3


def test_race_fills_the_dots_of_clear_differences():
    told = stored()
    told["arms"]["gru"]["test"] = told["arms"]["relu, identity"]["test"][::-1]
    fig, _ = draw.race(told, "relu, identity")
    dots = {line.get_color(): line for line in fig.axes[1].lines if line.get_marker() == "o"}
    assert dots[draw.PURPLE].get_markerfacecolor() == "white"
    assert dots[draw.OCHRE].get_markerfacecolor() == draw.OCHRE


def test_confusions_name_the_largest():
    fig, said = draw.confusions(TABLE, LANGUAGES)
    assert "Right most often: German, 90 %; least often: English, 50 %" in said
    assert "English read as Czech 50 %; Czech read as German 20 %" in said
    written = {text.get_text() for text in fig.axes[0].texts}
    assert {"80", "90", "50", "20", "10"} <= written


def test_labels_of_one_place_keep_apart():
    sizes = {"relu, identity": fading(0.99), "tanh, identity": fading(0.9901)}
    fig, _ = draw.memories(sizes)
    heights = sorted(text.xy[1] for text in fig.axes[0].texts)
    assert heights[1] - heights[0] >= 0.07


def test_arms_of_one_colour_differ_in_dashes():
    looks = [draw._look(name, 0) for name in ("relu, identity", "relu, usual", "unknown")]
    assert looks[0][0] == looks[1][0]
    assert looks[0][1] != looks[1][1]
    assert draw._look("unknown", 1) != looks[2]
