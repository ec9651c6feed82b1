"""Exercises that answer back: one module a notebook.

A notebook imports its own module and hands its answers over by name:

>>> from helpers.exercises import meet_a_neuron as ex
>>> ex.neuron
Exercise meet_a_neuron.neuron: ex.neuron.check(neuron), ex.neuron.hint(), ex.neuron.solution()

The engine, lower modules first: `feedback` (what is shown), `guard` (running a learner's code
safely), `answers` (reading numbers from whatever was given), `progress` (what is kept on disk),
`engine` (what all exercises share). Then the kinds: `functions` (write or mend a function),
`values` (give numbers), `predictions` (predict, then measure), `choices` (choose and justify),
`lines` (find the line at fault). `course` has `ex.progress()`: what is done in all notebooks.
"""
