"""What `show` and the digest notice, and that every figure says what it draws."""

import io
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from helpers import plots
from helpers.plots import digest, neuron, show
from helpers.plots import style as course_style
from helpers.plots.style import apart

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def sample() -> tuple[Figure, object]:
    """Draw one of everything that a figure of the course may hold."""
    fig, ax = plots.figure()
    ax.plot([0, 1, 2], [5, 5, 8], label="cost")
    ax.bar([0, 1], [2, 3])
    ax.scatter([1, 2], [3, 4])
    ax.imshow(np.arange(6).reshape(2, 3))
    ax.fill_between([0, 1], [1, 2])
    ax.annotate("here", (1, 2))
    ax.set(title="A title", xlabel="x", ylabel="y", xlim=(0, 3), ylim=(0, 9))
    ax.legend()
    fig.suptitle("Above")
    return fig, ax


CHANGES = {
    "a point of a line": lambda ax: ax.lines[0].set_ydata([5, 5, 9]),
    "a colour": lambda ax: ax.lines[0].set_color("red"),
    "a label": lambda ax: ax.lines[0].set_label("price"),
    "a bar": lambda ax: ax.patches[0].set_height(2.5),
    "a dot": lambda ax: ax.collections[0].set_offsets([[1, 2], [3, 4]]),
    "a filled area": lambda ax: ax.collections[1].set_facecolor("red"),
    "a picture": lambda ax: ax.images[0].set_data(np.ones((2, 3))),
    "a text": lambda ax: ax.texts[0].set_text("there"),
    "where a text points": lambda ax: setattr(ax.texts[0], "xy", (2, 2)),
    "a title": lambda ax: ax.set_title("Another"),
    "an axis label": lambda ax: ax.set_xlabel("time"),
    "a limit": lambda ax: ax.set_xlim(0, 4),
    "a tick": lambda ax: ax.set_xticks([0, 1], ["no", "yes"]),
    "the legend": lambda ax: ax.legend(["price"]),
    "the title of the figure": lambda ax: ax.figure.suptitle("Below"),
    "one line more": lambda ax: ax.axhline(3),
    "one line less": lambda ax: ax.lines[0].remove(),
    "an inset": lambda ax: ax.inset_axes([0, 0, 0.2, 0.2]),
    "a missing value": lambda ax: ax.lines[0].set_ydata([5, np.nan, 8]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_digest_notices(change):
    before = digest(sample()[0])
    fig, ax = sample()
    change(ax)
    assert digest(fig) != before


def test_digest_repeats_itself_and_ignores_rounding_noise():
    noisy, clean = plots.figure(), plots.figure()
    noisy[1].plot([-1.0, 1.0], [1e-17, 2.0])
    clean[1].plot([-1.0, 1.0 + 1e-14], [-1e-17, 2.0])
    assert digest(noisy[0]) == digest(clean[0])
    assert "-0" not in digest(noisy[0]).replace("-0.", "")


def test_digest_of_nothing_finite():
    fig, ax = plots.figure()
    ax.plot([0, 1], [np.nan, np.inf])
    assert "y nothing finite" in digest(fig)


@pytest.mark.parametrize("text", ["", "   ", "two\nlines"])
def test_show_refuses_what_cannot_be_alternative_text(text):
    with pytest.raises(ValueError, match="takes one line"):
        show(sample()[0], text)


def test_show_outside_a_notebook_prints(capsys):
    show(sample()[0], "A line.")
    assert capsys.readouterr().out == "A line.\n"


def test_show_without_ipython_prints(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    show(sample()[0], "A line.")
    assert capsys.readouterr().out == "A line.\n"


@pytest.fixture
def shown(monkeypatch):
    """Pretend to be in a notebook and collect what is displayed."""
    displayed = []

    class Shell:
        kernel = object()

    def display(data, *, raw, metadata=None):
        assert raw
        displayed.append((data, metadata))

    monkeypatch.setattr("IPython.get_ipython", Shell)
    monkeypatch.setattr("IPython.display.display", display)
    return displayed


def test_show_displays_picture_sentence_and_caption(shown):
    fig, _ = sample()
    show(fig, " From 5 to 8 [sic], a*b costs $2_000. ")
    (picture, metadata), (caption, _) = shown
    sentence = "From 5 to 8 [sic], a*b costs $2_000."
    assert picture["text/plain"] == f"{sentence}\n{digest(fig)}"
    assert metadata["image/png"] == {"alt": sentence, "width": 720, "height": 360}
    assert caption["text/plain"] == sentence
    assert caption["text/markdown"] == r"*From 5 to 8 \[sic\], a\*b costs \$2\_000.*"
    assert picture["image/png"].startswith(b"\x89PNG")


def test_show_twice_gives_the_same_bytes(shown):
    show(sample()[0], "One.")
    show(sample()[0], "One.")
    assert shown[0][0]["image/png"] == shown[2][0]["image/png"]
    assert b"Matplotlib" not in shown[0][0]["image/png"]


def test_the_style_file_is_used_whatever_the_reader_has_set():
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 3, "axes.spines.top": True}):
        _, ax = plots.figure()
        assert not ax.spines["top"].get_visible()
        assert mpl.rcParams["font.size"] == 3


def test_use_style_reaches_the_readers_own_figures():
    import matplotlib as mpl

    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["axes.titlelocation"] == "left"


def test_figures_do_not_need_pyplot():
    code = "import sys, helpers.plots.neuron; print('matplotlib.pyplot' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def contrast_on_white(colour: str) -> float:
    """Contrast ratio of WCAG 2.1 between a colour and white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05)


def test_every_activation_has_a_look_of_its_own_that_can_be_read():
    from helpers.activations import names

    looks = plots.ACTIVATION_STYLES
    assert set(looks) == set(names())
    assert len(set(looks.values())) == len(looks)
    assert all(contrast_on_white(colour) >= 4.5 for colour, _ in looks.values())


def test_classes_differ_in_more_than_colour():
    (colour_a, marker_a), (colour_b, marker_b) = course_style.CLASS_STYLES
    assert marker_a != marker_b
    assert min(contrast_on_white(colour_a), contrast_on_white(colour_b)) >= 4.5


def test_contributions_say_the_sum():
    fig, text = neuron.contributions([0.75, 0.25], [2.0, -1.0], -1.0, ["dryness", "rain"])
    assert text == (
        "The parts of z, added from left to right: dryness +1.5, rain −0.25, bias −1. "
        "Together z = 0.25."
    )
    heights = [bar.get_height() for bar in fig.axes[0].patches]
    assert heights == [1.5, -0.25, -1.0, 0.25]


def test_responses_say_where_all_are_silent_only_when_they_are():
    relu = lambda z: np.maximum(z, 0)  # noqa: E731
    assert neuron.responses(relu=relu)[1].endswith("All are silent up to z = 0.")
    _, text = neuron.responses(relu=relu, tanh=np.tanh)
    assert text.endswith("0.995055 at z = 3.")


def test_decision_planes_count_what_is_right():
    both = np.ones(2)
    wanted = [[0, 0, 0, 1], [0, 1, 1, 0]]
    _, text = neuron.decision_planes([(both, -1.5), (both, -0.5)], ["AND", "XOR"], CORNERS, wanted)
    assert text == "Shaded: where the neuron fires. AND: right for 4 of 4; XOR: right for 3 of 4."


def test_decision_planes_without_labels_say_what_the_neuron_says():
    fig, text = neuron.decision_planes([(np.ones(2), -0.5)], ["OR"], CORNERS)
    assert text == "Shaded: where the neuron fires. OR: fires for 3 of 4."
    silent, firing = fig.axes[0].lines
    assert len(silent.get_xdata()) == 1
    assert len(firing.get_xdata()) == 3


def test_decision_planes_keep_their_size_when_the_line_leaves():
    neurons = [(np.array([2.0, -1.0]), bias) for bias in (0.0, -1.0, -2.0)]
    fig, _ = neuron.decision_planes(neurons, ["0", "-1", "-2"], CORNERS)
    fig.savefig(io.BytesIO())  # Matplotlib warns, and so fails, where the axes collapse
    widths = [ax.get_position().width for ax in fig.axes]
    assert min(widths) > 0.25


@pytest.mark.parametrize(("w", "b"), [([0, 0], 0), ([0, 0], 1), ([1, 1], -9), ([1, 0], -0.1)])
def test_decision_planes_draw_neurons_without_a_line_in_view(w, b):
    fig, _ = neuron.decision_planes([(w, b)], ["one"], CORNERS, [0, 0, 0, 1])
    show_bytes = io.BytesIO()
    fig.savefig(show_bytes)
    assert show_bytes.getvalue()


def test_pictures_and_weights_and_scores():
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=64), rng.random((4, 64))
    _, text = neuron.pictures(x.reshape(4, 8, 8), [0, 1, 2, 3])
    assert text == "4 pictures of 8×8 pixels: 0, 1, 2, 3."
    _, text = neuron.weights_picture(w, x[:1], ["0"])
    assert f"a 0 to {x[0] @ w:+.1f}".replace("-", "−") in text
    _, text = neuron.scores([-2.0, 3.0, -1.0], [0, 1, 1], ("a zero", "a one"))
    assert text.startswith("z of each picture: a zero from −2.0 to −2.0 and a one from −1.0 to")
    assert text.endswith("2 of 3 are on their side of 0.")


def test_pictures_are_png_that_a_browser_can_read(shown):
    show(*neuron.pictures(np.eye(8)[None], ["an eye"]))
    pixels = imread(io.BytesIO(shown[0][0]["image/png"]), format="png")
    # 1.6 by 1.15 inches, 180 dots each; an older Matplotlib rounds down.
    np.testing.assert_allclose(pixels.shape[:2], (288, 207), atol=1)
    assert pixels[..., :3].min() < 0.1  # ink
    assert shown[0][1]["image/png"]["alt"] == "1 pictures of 8×8 pixels: an eye."


def test_readings_say_what_each_reader_gets_right():
    read = {"one": np.array([3, 3]), "other": np.array([3, 8])}
    fig, text = neuron.readings(np.zeros((2, 8, 8)), [3, 8], read)
    assert text == "The pictures show 3 8. one: read as 3 3, 1 right; other: read as 3 8, 2 right."
    assert [label.get_text() for label in fig.axes[0].texts] == ["3 ✓", "3 ✗", "3 ✓", "8 ✓"]
    assert len(fig.axes[0].images) == 2


def test_labels_do_not_lie_on_each_other():
    assert apart([1.0, 0.98, 2.0], 0.3) == pytest.approx([1.28, 0.98, 2.0])
    assert apart([0.5], 0.3) == [0.5]
