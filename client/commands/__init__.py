"""The commands of `face`, one a file: a function whose parameters are the options and whose docstring is the help."""
