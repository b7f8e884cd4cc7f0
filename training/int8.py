"""A trained network in int8, and how well it agrees with its weights.

Post-training quantisation by NNCF: scales are set on crops of the calibration split; agreement is measured on the test split,
which the scales never saw. It is the service's own runtime that is measured, as far as a processor without VNNI can.
"""

import os
import re
from pathlib import Path

import numpy as np
import openvino as ov
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

from handler.calibration import Calibration
from handler.openvino_network import OpenVinoNetwork, folded, read_int8, resnet18
from handler.release import file_sha256
from handler.runtime import Runtime
from training.dataset import low_discrepancy_draw, source_weights
from training.equalise import equalised
from training.manifest import read_crop, read_manifest
from training.photos import DataError
from training.rounding import rounded
from training.scorer import Scorer
from training.trained import Trained

FILES = ("int8.xml", "int8.bin")
CALIBRATION_CROPS = 320  # half real, half ai, every source alike
# the stem and the first block, as ImageNet made them, cost 1 ms a crop, and half of the error
FLOAT_CONVOLUTIONS = ["conv1", "layer1.0.conv1", "layer1.0.conv2"]
# and residual sums, which cost little and whose errors add up
FLOAT = [rf"^{re.escape(name)}$" for name in FLOAT_CONVOLUTIONS] + [r".*\.sum"]
FLOAT_COLUMNS = [r".*\.column.*"]  # what hypercolumns make of the sums, where there are any: for the same reason


def quantise(trained: Trained, data: Path, folder: Path, *, seed: int = 0) -> dict[str, str]:
    """Writes the int8 network into `folder` and returns the SHA-256 of its files by name.

    Ranges and kernels are made fit for int8 first (see `equalise.py` and `rounding.py`); NNCF then finds the kernels on its
    grid already, and sets the scales of what flows between them.
    """
    os.environ["NNCF_CI"] = "1"  # its own switch for not reporting each use to its makers
    import nncf  # takes seconds
    from nncf.quantization import advanced_parameters, range_estimator

    rows = read_manifest(data, "calibration")
    drawn = low_discrepancy_draw(source_weights(rows, 0, {}), CALIBRATION_CROPS, np.random.default_rng(seed))
    crops = np.stack([read_crop(data, rows[index]) for index in drawn])
    scales = {"mean": trained.mean, "std": trained.std}
    network = equalised(folded(load_file(trained.weights)), crops, **scales)
    model = resnet18(rounded(network, crops, in_float=FLOAT_CONVOLUTIONS, **scales), **scales)
    model.reshape(ov.PartialShape([-1, *crops.shape[1:]]))
    quantised = nncf.quantize(
        model,
        nncf.Dataset(list(crops[:, None])),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(crops),
        ignored_scope=nncf.IgnoredScope(patterns=FLOAT + (FLOAT_COLUMNS if network.columns else [])),
        advanced_parameters=advanced_parameters.AdvancedQuantizationParameters(
            overflow_fix=advanced_parameters.OverflowFix.DISABLE,  # halves the kernels' range, for processors without VNNI
            disable_bias_correction=True,  # it would undo the rounding's own, and doubles the error
            activations_range_estimator_params=range_estimator.RangeEstimatorParametersSet.MINMAX,  # clipping costs more
        ),
    )
    ov.save_model(quantised, folder / FILES[0], compress_to_fp16=False)
    return {name: file_sha256(folder / name) for name in FILES}


def agreement(trained: Trained, network: Path, data: Path, calibration: Calibration) -> dict[str, dict[str, float]]:
    """How far int8, and fp32 on OpenVINO, are from the weights on torch, on the test split.

    Returns:
        For `int8` and `fp32`: `label_flips`, the share of faces on the other side of a half; `score_change_p99`, the 99th
        percentile of |change of the calibrated score of ai|; `auc_drop`, the AUC of torch minus the other's.
    """
    rows = read_manifest(data, "test")
    weights, size = load_file(trained.weights), trained.preparation["crop"]["size"]
    fp32 = resnet18(folded(weights), mean=trained.mean, std=trained.std)
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
