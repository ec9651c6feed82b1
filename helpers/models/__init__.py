"""Small torch models of notebooks 12 to 16, each to be read in one sitting, and how they train.

`images` classifies pictures, `detector` finds objects (`boxes` measures how well), `recurrent`
reads text, `regressors` predicts numbers with many networks at once, `frameworks` carries one
network from framework to framework. `training.train` is the loop that they share, and `start.he_`
draws initial weights. Needs torch.
"""
