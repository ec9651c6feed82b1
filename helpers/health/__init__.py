"""Which units of a PyTorch model are dead, and why: for any model, in a few lines.

    report = diagnose(model, data)
    print(report)

Three parts: capture (`calls`, `layout`, `tally`, `wiring`, `record`, `capture`: what fired), judge
(`judge`: what it is, by `helpers.units`; `causes`: why; `coverage`: what was not seen), and report.
`diagnose` (`examine`) does it over data, `watch` (`monitor`) while a model is trained.
"""

from helpers.health.causes import CAUSES
from helpers.health.examine import diagnose
from helpers.health.history import Death
from helpers.health.judge import STATES, Site
from helpers.health.monitor import Monitor, watch
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
