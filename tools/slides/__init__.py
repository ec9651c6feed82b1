"""Make slides of the notebooks: one HTML file each, which needs nothing else (`make slides`).

`deck` chooses what of a notebook is shown and lays it out on slides; `exporter` writes them with a
template of nbconvert. What is shown is less than what is written: see `deck`.
"""
