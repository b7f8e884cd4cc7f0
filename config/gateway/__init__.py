"""The gateway in front of TorchServe: nginx with API keys, limits and header hygiene, and what starts and probes it."""
