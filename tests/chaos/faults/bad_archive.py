"""An archive is registered that is none, is cut short, or holds other weights than its settings were written for."""

import time
import zipfile
from pathlib import Path

import requests

from config.server import MODEL
from tests.chaos.fault import Fault
from tests.chaos.service import Service

NAME = "spare"  # so that nothing but its content speaks against it


class BadArchive(Fault):
    title = "bad archives are registered"

    def inject(self, service: Service) -> None:
        good = service.mar.read_bytes()
        (service.store / "none.mar").write_bytes(b"PK\x03\x04 this is no archive")
        (service.store / "cut.mar").write_bytes(good[: len(good) // 2])
        with_other_weights(service.mar, service.store / "other.mar")
        self.told = []
        for name in ("none.mar", "cut.mar", "other.mar"):
            started = time.monotonic()
            options = {"url": name, "model_name": NAME, "initial_workers": 1, "synchronous": "true"}
            answer = requests.post(f"{service.server.management}/models", params=options, timeout=60)
            self.told.append(f"{name[:-4]}: {answer.status_code} after {time.monotonic() - started:.1f} s")
            assert answer.status_code >= 400, f"{name} was registered"

    def notes(self, service: Service) -> list[str]:
        models = requests.get(f"{service.server.management}/models", timeout=10).json()["models"]
        assert [model["modelName"] for model in models] == [MODEL], f"a bad archive stayed registered: {models}"
        assert "is not the file that serving.json was written for" in service.log.read_text(errors="replace")
        return self.told


def with_other_weights(mar: Path, out: Path) -> None:
    """A copy of an archive in which one bit of the weights is another."""
    with zipfile.ZipFile(mar) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = bytearray(source.read(name))
            if name.endswith(".safetensors"):
                data[-1] ^= 1
            target.writestr(name, bytes(data))
