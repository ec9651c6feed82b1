"""The figure of `ex.progress()`: what is done across the course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.plots.style import GREEN, GREY, INK, VERMILION, Picture, figure, styled

# Each state has a shape of its own, and a fill of its own; the colour only repeats it.
LOOKS: dict[str, dict[str, object]] = {
    "right": {"marker": "o", "color": GREEN},
    "not right yet": {"marker": "X", "color": VERMILION},
    "not tried yet": {"marker": "s", "color": GREY, "fillstyle": "none"},
}


@styled
def overview(states: Mapping[str, Sequence[str]]) -> Picture:
    """Draw a mark for each exercise, a row for each notebook, and how many are right.

    Parameters
    ----------
    states : mapping of str to sequence of str
        Under the title of each notebook the state of each exercise: "right", "not right yet" or
        "not tried yet".

    Returns
    -------
    Picture
        The figure and its sentence.

    Raises
    ------
    ValueError
        If a state is none of the three.

    Examples
    --------
    >>> overview({"01 meet a neuron": ["right", "not tried yet"]})[1]
    '1 of 2 exercises are right, 0 not right yet, 1 not tried yet. All right: no notebook yet.'
    """
    counts = dict.fromkeys(LOOKS, 0)
    fig, ax = figure(width=9.0, height=0.36 * max(len(states), 4) + 1.0)
    most = max(map(len, states.values()), default=1)

    def beside(x: float, y: float, text: str, color: str) -> None:
        """Write at a distance from a mark that does not depend on how many there are in a row."""
        at = {"xytext": (14, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(text, (x, y), color=color, annotation_clip=False, **at)

    for row, given in enumerate(states.values()):
        for place, state in enumerate(given, start=1):
            if state not in LOOKS:
                raise ValueError(f"the state {state!r} is none of {', '.join(LOOKS)}")
            counts[state] += 1
            ax.plot([place], [row], **LOOKS[state], markersize=11, markeredgewidth=2, label=state)
        right = sum(state == "right" for state in given)
        beside(most, row, f"{right} of {len(given)}", INK)
    # What the marks mean, above them.
    for place, (state, look) in enumerate(LOOKS.items()):
        x = 1 + place * (most + 0.6) / 3
        ax.plot([x], [-1.3], **look, markersize=11, markeredgewidth=2, clip_on=False)
        beside(x, -1.3, state, look["color"])
    ax.set(xlim=(0.5, most + 2.0), ylim=(len(states) - 0.4, -1.9))
    ax.set_yticks(range(len(states)), list(states))
    ax.set_xticks([])
    for side in ("bottom", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    done = [title for title, given in states.items() if set(given) <= {"right"}]
    return fig, (
        f"{counts['right']} of {sum(counts.values())} exercises are right, "
        f"{counts['not right yet']} not right yet, {counts['not tried yet']} not tried yet. "
        f"All right: {', '.join(done) or 'no notebook yet'}."
    )
