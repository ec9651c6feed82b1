"""Smallest differences that would matter, the same for all claims about the same thing.

They were set before any run, by what would make somebody who builds networks choose otherwise.
"""

__all__ = ["HALF", "POINT", "R2", "SHARE", "TENTH"]

POINT = 0.01  # of accuracy: one example in a hundred
R2 = 0.02  # of the variance explained
SHARE = 0.05  # of units, of outputs, of runs: one in twenty
TENTH = 1.1  # a ratio, of steps or of noise: a tenth more
HALF = 1.5  # a ratio, of gradients: half as large again
