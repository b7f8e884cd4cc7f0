"""The workers' start-up hook, in a Python of its own."""

import subprocess
import sys
from pathlib import Path

HOOK = Path(__file__).parents[2] / "config" / "worker"


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(HOOK)}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_torch_is_loaded_when_it_is_used_and_not_before():
    assert run(
        "import sys, torch; print('torch._C' in sys.modules, torch.ones(2).sum().item(), 'torch._C' in sys.modules)"
    ) == ("False 2.0 True")


def test_every_way_to_import_from_it_works():
    assert (
        run("import torch; from torch import nn; import torch.nn.functional as f; print(nn.ReLU.__name__, f.relu)")[:4]
        == "ReLU"
    )


def test_everything_else_is_imported_as_ever():
    assert (
        run("import json, sys; print(any('LazyTorch' in str(finder) for finder in sys.meta_path), json.dumps(1))") == "True 1"
    )
