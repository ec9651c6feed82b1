"""What was seen while a fleet was trained."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

__all__ = ["MEASURES", "STATES", "FleetHistory", "arms_and_seeds"]

# What a history may hold, beside parameters: rows by network, and states of each unit.
MEASURES = ("loss", "accuracy", "test_loss", "test_accuracy", "gradient_norm")
STATES = ("always_off", "dead", "always_negative", "stuck")


@dataclass
class FleetHistory:
    """What `Fleet.fit` saw. Row 0 of every array is the fleet before the first step.

    Attributes
    ----------
    steps : ndarray of int, shape (rows,)
        Steps that each network had made when the row was measured.
    loss, accuracy : ndarray, shape (rows, arms, seeds)
        On all training examples; the accuracy is a share from 0 to 1. Empty where not recorded, or
        where the targets are no classes. nan for a network whose outputs are not finite.
    test_loss, test_accuracy : ndarray, shape (rows, arms, seeds)
        The same on the test examples.
    always_off, dead, always_negative, stuck : list of ndarray of bool, (rows, arms, seeds, units)
        State of every unit on the probe, by `helpers.units`, one array a hidden layer; the last
        only with gradients recorded.
    gradient_norm : ndarray, shape (rows, arms, seeds, layers)
        Root of the summed squares of the gradient of each layer's weights, over the probe; only
        with gradients recorded.
    parameters : list of ndarray, shapes (rows, arms, seeds, ...)
        Weights and biases, in the order of `Fleet.parameters`; only where recorded.
    diverged_at : ndarray of int, shape (arms, seeds)
        The step whose batch gave a loss of nan or infinity, from 1; 0 if none did. The network was
        frozen then, as it was before that step.
    probe_size : int
        Examples in the probe.
    """

    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    gradient_norm: np.ndarray
    diverged_at: np.ndarray
    probe_size: int
    always_off: list[np.ndarray] = field(default_factory=list)
    dead: list[np.ndarray] = field(default_factory=list)
    always_negative: list[np.ndarray] = field(default_factory=list)
    stuck: list[np.ndarray] = field(default_factory=list)
    parameters: list[np.ndarray] = field(default_factory=list)

    @property
    def diverged(self) -> np.ndarray:
        """Which networks diverged: ndarray of bool, shape (arms, seeds)."""
        return self.diverged_at > 0

    def share(self, state: str = "dead") -> np.ndarray:
        """Give the share of each hidden layer's units in a state.

        Parameters
        ----------
        state : str
            "always_off", "dead", "always_negative" or "stuck".

        Returns
        -------
        ndarray, shape (rows, arms, seeds, hidden layers)
            Shares from 0 to 1.

        Raises
        ------
        ValueError
            If there is no such state, or it was not recorded.
        """
        return np.stack([units.mean(axis=-1) for units in self._states(state)], axis=-1)

    def first(self, state: str = "dead") -> np.ndarray:
        """Find when the first unit of each hidden layer was seen in a state.

        Parameters
        ----------
        state : str
            As for `share`.

        Returns
        -------
        ndarray of int, shape (arms, seeds, hidden layers)
            Steps, as exact as rows were recorded: 0 is before training, -1 is never.
        """
        any_unit = np.stack([units.any(axis=-1) for units in self._states(state)], axis=-1)
        return np.where(any_unit.any(axis=0), self.steps[any_unit.argmax(axis=0)], -1)

    def revivals(self, state: str = "dead") -> np.ndarray:
        """Count how often units of each hidden layer left a state, from one row to the next.

        Parameters
        ----------
        state : str
            As for `share`.

        Returns
        -------
        ndarray of int, shape (arms, seeds, hidden layers)
            A unit that leaves twice counts twice.
        """
        left = [(units[:-1] & ~units[1:]).sum(axis=(0, -1)) for units in self._states(state)]
        return np.stack(left, axis=-1)

    def _states(self, state: str) -> list[np.ndarray]:
        if state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}; got {state!r}")
        if not (found := getattr(self, state)):
            needed = '"gradients"' if state == "stuck" else '"units"'
            raise ValueError(
                f"{state} was not recorded: pass record=(..., {needed}) to fit, and see that "
                "there is a hidden layer"
            )
        return found

    def __repr__(self) -> str:
        """Tell sizes, and where the arms ended."""
        rows = "row" if len(self.steps) == 1 else "rows"
        parts = [f"{len(self.steps)} {rows} to step {self.steps[-1]:,}"]
        for name in ("accuracy", "test_accuracy"):
            if len(values := getattr(self, name)):
                means = ", ".join(f"{100 * value:.1f}" for value in values[-1].mean(axis=1))
                parts.append(f"{name.replace('_', ' ')} {means} %")
        if not len(self.accuracy) and len(self.loss):
            means = ", ".join(f"{value:.3g}" for value in self.loss[-1].mean(axis=1))
            parts.append(f"loss {means}")
        if self.diverged.any():
            parts.append(f"{self.diverged.sum()} diverged")
        return f"FleetHistory of {arms_and_seeds(self.diverged_at.shape)}: {', '.join(parts)}"


def arms_and_seeds(shape: tuple[int, int]) -> str:
    """Write the size of a fleet, such as "2 arms x 1 seed"."""
    arms, seeds = shape
    return f"{arms} {'arm' if arms == 1 else 'arms'} x {seeds} {'seed' if seeds == 1 else 'seeds'}"
