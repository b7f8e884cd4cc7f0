"""Faults, load beyond capacity and attacks, done to the real service: `python -m tests.chaos`, `python -m tests.chaos.soak`."""
