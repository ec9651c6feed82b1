"""The capstone of notebook 10: a network that dies of four things, and what counts as cured.

`BringBack` measures the network that it is given. How it was brought back is not looked at.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .answers import is_blank
from .engine import Exercise, Misconception
from .feedback import Feedback, describe_error

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["HIDDEN", "BringBack", "Examination", "patient"]

HIDDEN = (64, 64, 64, 64)  # units of its hidden layers
SPOILT = 48  # of them, in each
WANTED = 0.9  # of new pictures


def patient() -> "nn.Sequential":
    """Make a reader of digits whose four hidden layers each die of something else.

    Returns
    -------
    nn.Sequential
        For pixels from 0 to 1, shape (N, 64); ten scores. The same at every call, in torch's
        default type. In each hidden layer 48 of 64 units were killed: by their biases, by weights
        that are all below 0 behind a ReLU, by the shift of a normalisation, and by weights of 0.
        A few more die of what that leaves.

    Examples
    --------
    >>> from helpers.health import diagnose
    >>> from helpers.exercises.capstone import read
    >>> x_train, *_ = read(patient())
    >>> diagnose(patient(), x_train).dead >= 4 * 48
    True
    """
    import torch
    from torch import nn

    from helpers.models.start import he_

    with torch.random.fork_rng(devices=[]):  # layers draw weights, which are written over below
        model = nn.Sequential(
            *(nn.Linear(64, 64), nn.ReLU()),
            *(nn.Linear(64, 64), nn.ReLU()),
            *(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU()),
            *(nn.Linear(64, 64), nn.ReLU()),
            nn.Linear(64, 10),
        )
    he_(model, seed=10)
    with torch.no_grad():
        model[0].bias[:SPOILT] = -20.0
        model[2].weight[:SPOILT] = -model[2].weight[:SPOILT].abs()
        model[5].bias[:SPOILT] = -20.0
        model[7].weight[:SPOILT] = 0.0
        model[7].bias[:SPOILT] = -1.0
    return model


def read(model: "nn.Module") -> "tuple[Tensor, Tensor, Tensor, Tensor]":
    """Load the pictures of notebook 10, divided as there, in the type of a model.

    Parameters
    ----------
    model : nn.Module
        One with parameters.

    Returns
    -------
    x_train, y_train, x_test, y_test : Tensor
        1,348 and 449 pictures, shape (N, 64), and their digits.
    """
    import torch

    from helpers.datasets import digits, split

    data = digits()
    x_train, y_train, x_test, y_test = map(torch.from_numpy, split(data.pixels, data.labels))
    like = next(model.parameters())
    return (
        x_train.to(like),
        y_train.to(like.device),
        x_test.to(like),
        y_test.to(like.device),
    )


class Examination(NamedTuple):
    """What was measured on a network.

    Attributes
    ----------
    accuracy : float
        Share of the new pictures that it reads correctly.
    units : int
        Units that were judged.
    dead, stuck : int
        How many of them are dead, and how many get no gradient, on all training pictures.
    sites : mapping of str to int
        Where the dead and stuck ones are.
    finite : bool
        Whether all its scores are.
    """

    accuracy: float
    units: int
    dead: int
    stuck: int
    sites: Counter
    finite: bool


def examine(model: "nn.Module") -> Examination:
    """Measure a network as the capstone does, in evaluation mode; it is left as it was.

    Parameters
    ----------
    model : nn.Module
        Takes pixels of shape (N, 64), and gives ten scores each.

    Returns
    -------
    Examination
    """
    import torch
    from torch.nn import functional as F  # noqa: N812

    from helpers.health import diagnose

    x_train, y_train, x_test, y_test = read(model)
    training = model.training
    try:
        with torch.no_grad():
            scores = model.eval()(x_test)
    finally:
        model.train(training)
    if tuple(scores.shape) != (len(x_test), 10):
        raise ValueError(f"scores of shape {tuple(scores.shape)} for {len(x_test)} pictures")
    if not scores.isfinite().all():
        return Examination(0.0, 0, 0, 0, Counter(), finite=False)
    accuracy = float((scores.argmax(dim=1) == y_test).double().mean())
    report = diagnose(model, (x_train, y_train), loss=F.cross_entropy, progress=False)
    dead = [unit for unit in report.units if unit.state == "dead"]
    stuck = [unit for unit in report.units if unit.state in ("dead", "stuck", "blocked")]
    sites = Counter(unit.site for unit in stuck)
    return Examination(accuracy, len(report.units), len(dead), len(stuck), sites, finite=True)


@dataclass(kw_only=True, repr=False, eq=False)
class BringBack(Exercise):
    """A network to be brought back to life: read digits again, without a unit that is stuck.

    Parameters
    ----------
    misconceptions : sequence of Misconception
        Each with `when`, a predicate of the `Examination`.
    """

    misconceptions: Sequence[Misconception] = ()

    @property
    def takes(self) -> tuple[str, ...]:
        """The network."""
        return ("model",)

    def _judge(self, model: object) -> Feedback:
        from torch import nn

        if is_blank(model):
            return self._not_tried("Bring the network back, then hand it over here.")
        if not isinstance(model, nn.Module) or not list(model.parameters()):
            message = "Hand over the network itself: a torch module with weights."
            return Feedback("not right yet", message)
        if _is_as_it_was(model):
            return self._not_tried("This is the patient as it came in.")
        try:
            found = examine(model)
        except Exception as error:  # whatever a learner's forward raises
            message = (
                "It must take pixels of shape (N, 64) and give ten scores for each picture; looking"
                f" at it raised `{describe_error(error)}`."
            )
            return Feedback("not right yet", message)
        details = (
            ("New pictures read correctly", f"{found.accuracy:.1%}"),
            ("Hidden units", f"{found.units}"),
            ("Dead", f"{found.dead}"),
            ("Stuck, dead ones included", f"{found.stuck}"),
            *((f"  at {site}", f"{count}") for site, count in found.sites.items()),
        )
        known = next((one for one in self.misconceptions if one.when(found)), None)
        if known is not None:
            return Feedback("not right yet", known.explanation, known.name, details)
        return Feedback("right", self.right, details=details)


def _is_as_it_was(model: "nn.Module") -> bool:
    """Tell whether it has the weights that `patient` gives."""
    import torch

    before, after = patient().state_dict(), model.state_dict()
    return before.keys() == after.keys() and all(
        before[name].shape == after[name].shape
        and torch.allclose(before[name].double(), after[name].double().cpu())
        for name in before
        if before[name].is_floating_point()
    )
