"""Which units of a PyTorch model are dead, and why: for any model, in a few lines.

    report = diagnose(model, data)
    print(report)

Three parts: capture (`calls`, `layout`, `wiring`, `capture`: what fired), judge (`judge`: what it
is, by `helpers.units`; `causes`: why), and report. `watch` does the same while a model is trained.
"""

from helpers.health.causes import CAUSES
from helpers.health.examine import diagnose
from helpers.health.judge import STATES, Site
from helpers.health.monitor import Death, Monitor, watch
from helpers.health.report import Coverage, Report, Unit

__all__ = [
    "CAUSES",
    "STATES",
    "Coverage",
    "Death",
    "Monitor",
    "Report",
    "Site",
    "Unit",
    "diagnose",
    "watch",
]
