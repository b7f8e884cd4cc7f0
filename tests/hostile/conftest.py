"""The gateway's fixtures, for the tests of its door."""

from tests.gateway.conftest import folder, gateway, upstream

__all__ = ["folder", "gateway", "upstream"]
