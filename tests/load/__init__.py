"""Load on a service that runs: `make load`. Locust imports what lies in this folder, and nothing else of the repository."""
