"""Data -> release: `python -m training prepare | train | finetune | calibrate | evaluate | export | archive`."""
