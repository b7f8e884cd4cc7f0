"""Families of hostile inputs, one a module: `make(chance)` draws a case, the same one from the same random state."""
