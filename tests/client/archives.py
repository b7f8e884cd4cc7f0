"""Archives for roll-outs: good ones, and one for each way in which a release can be bad."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.releases import make_release
from training import archive as archiver

RESPONSE_TIMEOUT = 8  # seconds, and so of draining; long enough for a full batch on a busy machine
WORKS = "def detect(self, job: Job) -> None:\n"


@dataclass(frozen=True)
class Store:
    """A model store.

    Attributes:
        signal: the version `turns` fails while this file exists.
    """

    folder: Path

    @property
    def signal(self) -> Path:
        return self.folder / "signal"

    def mar(self, version: str) -> Path:
        return self.folder / f"face-{version}.mar"

    def add(self, version: str, *, seed: int = 0, code: str = "", at: str = WORKS) -> Path:
        """Packs a release.

        Args:
            seed: of the weights; versions of the same seed give the same answers.
            code: Python put in after the line `at` of the entry point.
        """
        handler = self.folder / "code" / version / "handler"
        shutil.copytree(archiver.HANDLER, handler)
        entry = handler / "face_handler.py"
        text = entry.read_text()
        assert at in text
        entry.write_text(text.replace(at, at + code, 1))
        settings = handler.with_name("model-config.yaml")
        usual = archiver.MODEL_CONFIG.read_text()
        settings.write_text(re.sub(r"(?m)^(responseTimeout:) *\d+", rf"\1 {RESPONSE_TIMEOUT}", usual))
        make_release(self.folder / f"face-{version}", version, seed=seed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archiver, "HANDLER", handler)
            return archiver.archive(self.folder / f"face-{version}", model_config=settings)


def make_store(folder: Path) -> Store:
    """A store with three equal versions, 1.0 to 1.2, and bad ones."""
    store = Store(folder)
    for version in ("1.0", "1.1", "1.2"):
        store.add(version)
    store.add("worse", seed=5)
    store.add("broken", code='        raise RuntimeError("broken")\n', at="def initialize(self, context) -> None:\n")
    store.add("failing", code='        raise RuntimeError("failing")\n')
    store.add("slow", code="        import time\n\n        time.sleep(0.2)\n")
    turned = f"        if Path({str(store.signal)!r}).exists():\n            raise RuntimeError('turned')\n"
    store.add("turning", code=turned)
    return store
