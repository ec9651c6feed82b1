"""Labs: figures to take hold of. Each runs in the browser and keeps its state in Python too.

>>> from helpers import labs
>>> lab = labs.ActivationExplorer(["relu"], z=1.0)
>>> lab.z
1.0
"""

from helpers.labs.activation_explorer import ActivationExplorer
from helpers.labs.born_dead import BornDead
from helpers.labs.dying_relu import DyingRelu
from helpers.labs.hinges import Hinges
from helpers.labs.lab import MIME, Lab
from helpers.labs.neuron import Neuron

__all__ = ["MIME", "ActivationExplorer", "BornDead", "DyingRelu", "Hinges", "Lab", "Neuron"]
