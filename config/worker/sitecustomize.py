"""What the Python of every TorchServe worker runs first: `import torch` waits until torch is used.

TorchServe's own protocol module imports torch to know a tensor when it meets one as an answer. Ours are text and bytes, so a
worker that serves with OpenVINO never needs it, and saves the seconds and the half gigabyte that the import costs.
`config/start.py` puts this folder, and nothing else, on the workers' PYTHONPATH.
"""

import importlib.util
import sys


class LazyTorch:
    """Finds torch as a module that loads when an attribute of it is first read; anything else is none of its business."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(LazyTorch)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, LazyTorch)
