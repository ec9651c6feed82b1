"""What would help: bring dead units back in place, and try fixes on copies of a model.

`reinit_` draws the incoming weights of dead units anew. `what_if` trains copies, each with one fix,
beside a copy with none, and reports the loss and not only how many units came back: a unit that
fires again need not be of use.
"""

from helpers.remedies.fixes import (
    ClipGradients,
    Fix,
    LeakySlope,
    LearningRate,
    Reinit,
    ResetBias,
    StandardizeInputs,
    Trial,
)
from helpers.remedies.reinit import Reinitialised, reinit_
from helpers.remedies.trials import Outcome, WhatIf, what_if

__all__ = [
    "ClipGradients",
    "Fix",
    "LeakySlope",
    "LearningRate",
    "Outcome",
    "Reinit",
    "Reinitialised",
    "ResetBias",
    "StandardizeInputs",
    "Trial",
    "WhatIf",
    "reinit_",
    "what_if",
]
