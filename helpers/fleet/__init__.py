"""Many networks trained as one: a network trained once proves nothing, so the course trains many.

A `Fleet` holds networks of one shape, in arms that differ in one thing and share their seeds.
`Fleet.fit` trains them all as stacked tensors, and returns a `FleetHistory`.

>>> from helpers.datasets import moons
>>> from helpers.training import Adam
>>> x, y = moons(200, noise=0.1, seed=0)
>>> fleet = Fleet([2, 8, 2], "relu", seeds=20, bias=[0, -4])
>>> fleet
Fleet of 2 arms x 20 seeds, 2-8-2, relu, bias 0, -4
>>> history = fleet.fit(x, y, optimizer=Adam(0.01), epochs=10)
>>> history.accuracy[-1].shape
(2, 20)
>>> dead = history.share("dead")[0].mean(axis=(1, 2))  # of each arm, before training
>>> bool(dead[0] < 0.2 < 0.5 < dead[1])
True

Needs torch, unlike the modules below it.
"""

from helpers.fleet.fleet import Fleet, grid
from helpers.fleet.history import FleetHistory

__all__ = ["Fleet", "FleetHistory", "grid"]
