"""Watching the service: what Prometheus scrapes, records and alerts on, and the dashboard of it."""
