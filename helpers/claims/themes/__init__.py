"""The experiments, by theme; each module ends with its claims."""
