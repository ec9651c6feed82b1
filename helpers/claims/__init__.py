"""Every claim of the two articles, put to the test: the ledger, its experiments, its verdicts.

>>> CLAIMS["A16"]
Claim A16: A high learning rate kills units.
>>> print(run(CLAIMS["A2"], seeds=5).verdict)  # a quick run
holds
>>> ledger = judged(CLAIMS, stored(CLAIMS))  # what the full runs have found
>>> ledger["A2"]
A2: holds

Add a claim: an experiment and a `Claim` in the module of its theme, then ``make claims``.
"""

from helpers.claims.claim import Claim, Result, run
from helpers.claims.ledger import CLAIMS, SOURCES, TABLE_OF_EIGHT
from helpers.claims.quick import contradicts, quick_runs
from helpers.claims.results import Judged, StaleResultsError, judged, missing, store, stored

__all__ = [
    "CLAIMS",
    "SOURCES",
    "TABLE_OF_EIGHT",
    "Claim",
    "Judged",
    "Result",
    "StaleResultsError",
    "contradicts",
    "judged",
    "missing",
    "quick_runs",
    "run",
    "store",
    "stored",
]
