"""The shared package of the course "From one neuron to the dying-ReLU problem".

The notebooks import what they need from its modules, lower ones first:

>>> from helpers.activations import relu
>>> relu(-3.0)
0.0

Importing ``helpers`` itself loads neither NumPy, torch nor matplotlib.
"""

__version__ = "0.1.0"

# The name of the distribution. The set-up cell of every notebook asks for it, because other
# packages are called `helpers` too.
COURSE = "relu-course"
