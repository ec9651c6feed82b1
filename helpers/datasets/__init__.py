"""Data sets of the course: real ones, shipped and verified on every load, and drawn ones.

Nothing here touches the network but `mnist` and `fashion_mnist`, which no notebook needs. Where a
file comes from, and its licence, is told in ``data/README.md``. What is drawn depends on its seed
alone:

>>> x, y = moons(200, seed=0)
>>> x.shape, y.shape
((200, 2), (200,))

`split` sets examples aside for the test, and `standardize` brings inputs to size 1:

>>> x_train, y_train, x_test, y_test = split(x, y, test=0.25, seed=0)
>>> x_train, x_test = standardize(x_train, x_test)
>>> abs(x_train.mean(axis=0)).round(6).tolist(), x_train.std(axis=0).round(6).tolist()
([0.0, 0.0], [1.0, 1.0])
"""

from helpers.datasets.cars import Cars, cars, spoil
from helpers.datasets.digits import Digits, digits
from helpers.datasets.drawn import Points, absolute, circles, line, moons, sine, spirals
from helpers.datasets.files import CHECKSUMS, measured
from helpers.datasets.hard_digits import HardDigits, hard_digits
from helpers.datasets.mnist import FASHION_CLASSES, fashion_mnist, mnist
from helpers.datasets.names import LANGUAGES, Names, names, spell
from helpers.datasets.parts import Split, split, standardize
from helpers.datasets.scenes import Scenes, scenes
from helpers.datasets.tables import Table, breast_cancer, wine

__all__ = [
    "CHECKSUMS",
    "FASHION_CLASSES",
    "LANGUAGES",
    "Cars",
    "Digits",
    "HardDigits",
    "Names",
    "Points",
    "Scenes",
    "Split",
    "Table",
    "absolute",
    "breast_cancer",
    "cars",
    "circles",
    "digits",
    "fashion_mnist",
    "hard_digits",
    "line",
    "measured",
    "mnist",
    "moons",
    "names",
    "scenes",
    "sine",
    "spell",
    "spirals",
    "split",
    "spoil",
    "standardize",
    "wine",
]
