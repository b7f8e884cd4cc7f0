"""nginx, without which there is no gateway to do anything to."""

import shutil

import pytest

from config.gateway.run import PATHS


@pytest.fixture(scope="session")
def nginx() -> None:
    if not shutil.which("nginx", path=PATHS):
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
