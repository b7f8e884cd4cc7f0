"""Inputs that mean harm, or are merely broken, and what the service makes of them."""
