"""A trained network in int8, and how well it agrees with its weights.

Post-training quantisation by NNCF: scales are set on crops of the calibration split; agreement is measured on the test split,
which the scales never saw. It is the service's own runtime that is measured, as far as a processor without VNNI can.
"""

import os
from pathlib import Path

import numpy as np
import openvino as ov
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

from handler.calibration import Calibration
from handler.openvino_network import OpenVinoNetwork, read_int8, resnet18
from handler.release import file_sha256
from handler.runtime import Runtime
from training.dataset import low_discrepancy_draw, source_weights
from training.manifest import read_crop, read_manifest
from training.photos import DataError
from training.scorer import Scorer
from training.trained import Trained

FILES = ("int8.xml", "int8.bin")
CALIBRATION_CROPS = 300  # NNCF's own default; half real, half ai, every source alike


def quantise(trained: Trained, data: Path, folder: Path, *, seed: int = 0) -> dict[str, str]:
    """Writes the int8 network into `folder` and returns the SHA-256 of its files by name."""
    os.environ["NNCF_CI"] = "1"  # its own switch for not reporting each use to its makers
    import nncf  # takes seconds

    rows = read_manifest(data, "calibration")
    drawn = low_discrepancy_draw(source_weights(rows, 0, {}), CALIBRATION_CROPS, np.random.default_rng(seed))
    crops = nncf.Dataset([rows[index] for index in drawn], lambda row: read_crop(data, row)[None])
    model = resnet18(load_file(trained.weights), mean=trained.mean, std=trained.std)
    size = trained.preparation["crop"]["size"]
    model.reshape(ov.PartialShape([-1, size, size, 3]))
    # mixed: activations after ReLU use all of 0..255; scales symmetric elsewhere
    network = nncf.quantize(model, crops, preset=nncf.QuantizationPreset.MIXED, subset_size=len(drawn))
    ov.save_model(network, folder / FILES[0], compress_to_fp16=False)
    return {name: file_sha256(folder / name) for name in FILES}


def agreement(trained: Trained, network: Path, data: Path, calibration: Calibration) -> dict[str, dict[str, float]]:
    """How far int8, and fp32 on OpenVINO, are from the weights on torch, on the test split.

    Returns:
        For `int8` and `fp32`: `label_flips`, the share of faces on the other side of a half; `score_change_p99`, the 99th
        percentile of |change of the calibrated score of ai|; `auc_drop`, the AUC of torch minus the other's.
    """
    rows = read_manifest(data, "test")
    weights, size = load_file(trained.weights), trained.preparation["crop"]["size"]
    fp32 = resnet18(weights, mean=trained.mean, std=trained.std)
    runtimes = {
        name: Runtime(name, OpenVinoNetwork(model, size), weights)
        for name, model in (("int8", read_int8(network)), ("fp32", fp32))
    }
    targets = [row.target for row in rows]
    exact = calibration.score_ai(Scorer(trained).score_rows(data, rows, "torch fp32").logits)
    found = {}
    for name, runtime in runtimes.items():
        scores = calibration.score_ai(Scorer(trained, runtime=runtime).score_rows(data, rows, f"OpenVINO {name}").logits)
        found[name] = compare(np.array(targets), exact, scores)
    return found


def compare(targets: np.ndarray, exact: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """See `agreement`; all `[n]`."""
    return {
        "label_flips": float(np.mean((exact >= 0.5) != (scores >= 0.5))),
        "score_change_p99": float(np.quantile(np.abs(exact - scores), 0.99)),
        "auc_drop": float(roc_auc_score(targets, exact) - roc_auc_score(targets, scores)),
    }


def refuse_beyond(bounds: dict[str, float], found: dict[str, float]) -> None:
    """Raises a `DataError` that names each figure that is larger than its bound.

    Raises:
        DataError: a figure is out of bounds, or has none.
    """
    if bounds.keys() != found.keys():
        raise DataError(f"int8 needs bounds for {', '.join(found)}, and has them for {', '.join(bounds)}")
    if beyond := [f"{name} {found[name]:.4f} > {bound}" for name, bound in bounds.items() if found[name] > bound]:
        raise DataError(f"int8 is too far from the weights: {', '.join(beyond)}; --int8 null exports without it")
