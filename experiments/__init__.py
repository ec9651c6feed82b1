"""Trainings that a notebook draws and has no time to run: one module a file of data/results."""
