"""TorchServe's own `image_classifier` around a plain ResNet-18, under the same server settings as the service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import torch

from config.server import MODEL
from tests.bench import peers
from tests.bench.contestants.face import TorchServe
from tests.bench.peers.stock_model import StockResNet18
from tests.bench.plan import STOCK
from training.archive import MODEL_CONFIG

PEERS = Path(peers.__file__).parent


class StockServer(TorchServe):
    name = STOCK
    description = (
        "TorchServe's image_classifier (top 2 of 2), torch eager ResNet-18 fp32 with random weights; server settings, batches "
        "and delay as the service's, a worker a core, 1 thread each; explanations are its integrated gradients"
    )
    packages = ("captum",)  # its handler needs it, and does not say so

    def options(self) -> list[str]:
        return ["--workers", str(self.workers), "--threads", "1"]

    def prepare(self) -> None:
        """Packs an archive in the place of the service's; it bears the same model name, by which the server is asked of it."""
        work = self.folder / "archive"
        work.mkdir()
        torch.save(StockResNet18().state_dict(), work / "weights.pt")
        shutil.copy(MODEL_CONFIG, work / "model-config.yaml")
        command = [Path(sys.executable).with_name("torch-model-archiver"), "--model-name", MODEL, "--version", "1.0"]
        command += ["--handler", PEERS / "stock_handler.py", "--model-file", PEERS / "stock_model.py"]
        command += [
            "--serialized-file",
            work / "weights.pt",
            "--config-file",
            work / "model-config.yaml",
            "--export-path",
            work,
        ]
        # it works in <temporary folder>/<model name>, which it deletes: it gets a temporary folder of its own
        temporary = work / "tmp"
        temporary.mkdir()
        subprocess.run(command, check=True, env=os.environ | {"TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL)
        self.archive = work / f"{MODEL}.mar"
