"""Small torch models of notebooks 12 to 16, each to be read in one sitting, and how they train.

`images` classifies pictures, `detector` finds objects, `recurrent` reads text; `training.train` is
the loop that they share, and `start.he_` the initial weights. Needs torch.
"""
