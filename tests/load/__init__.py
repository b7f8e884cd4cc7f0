"""Load on a service that runs. What locust imports needs nothing else of the repository; rollout.py and saturation.py do."""
