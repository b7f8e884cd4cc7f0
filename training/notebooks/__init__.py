"""Notebooks that look at data, heat maps and calibration by the code that trains and serves, and their figures."""
