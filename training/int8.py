"""A trained network in int8, and how well it agrees with its weights.

Post-training quantisation by NNCF: scales are set on crops of the calibration split; the validation split tells whether two of
the first convolutions have to stay in float; agreement is measured on the test split, which neither saw. Measured is the
runtime of the service, as far as a processor without VNNI can.
"""

import logging
import os
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np
import openvino as ov
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

from handler.openvino_network import Folded, OpenVinoNetwork, folded, read_int8, resnet18
from handler.release import file_sha256
from handler.runtime import Runtime
from training.dataset import low_discrepancy_draw, source_weights
from training.equalise import equalised
from training.manifest import read_crop, read_manifest
from training.photos import DataError
from training.rounding import rounded
from training.scorer import Scorer
from training.trained import Trained

log = logging.getLogger(__name__)
FILES = ("int8.xml", "int8.bin")
CALIBRATION_CROPS = 320  # half real, half ai, every source alike
FLOAT_CONVOLUTIONS = ("conv1", "layer1.0.conv1")  # halve the error and cost half a millisecond a crop; one alone spares little
MARGIN = 0.8  # of the bounds, on the validation split, so that the test split is within them too
# residual sums and what hypercolumns make of them are in float always: they cost little, and their errors add up
SUMS, COLUMNS = r".*\.sum", r".*\.column.*"


def quantise(trained: Trained, data: Path, folder: Path, *, bounds: dict[str, float], seed: int = 0) -> dict[str, str]:
    """Writes the int8 network into `folder`, with `FLOAT_CONVOLUTIONS` in float where the bounds ask for it, and returns the
    SHA-256 of its files by name. One that is beyond them even so is written all the same.

    Ranges and kernels are made fit for int8 first (see `equalise.py` and `rounding.py`); NNCF then finds the kernels on its
    grid already, and sets the scales of what flows between them.
    """
    rows = read_manifest(data, "calibration")
    drawn = low_discrepancy_draw(source_weights(rows, 0, {}), CALIBRATION_CROPS, np.random.default_rng(seed))
    crops = np.stack([read_crop(data, rows[index]) for index in drawn])
    scales = {"mean": trained.mean, "std": trained.std}
    network = equalised(folded(load_file(trained.weights)), crops, **scales)
    on_grid = rounded(network, crops, **scales)
    judge, asked = Judge(trained, data, "val"), {name: MARGIN * bound for name, bound in bounds.items()}
    for in_float in ((), FLOAT_CONVOLUTIONS):
        model = in_int8(but_for(in_float, on_grid, network), crops, in_float, **scales)
        ov.save_model(model, folder / FILES[0], compress_to_fp16=False)
        found = judge.agreement("int8", read_int8(folder / FILES[0]))
        log.info("in float: %s; on the validation split %s", ", ".join(in_float) or "nothing", told(found))
        if not beyond(asked, found):
            break
    return {name: file_sha256(folder / name) for name in FILES}


def but_for(in_float: Collection[str], on_grid: Folded, network: Folded) -> Folded:
    """The rounded network, with the kernels named as they were: float has no grid to be on."""
    exact = {name: network.convolutions[name] for name in in_float}
    return Folded(on_grid.convolutions | exact, on_grid.columns)


def in_int8(network: Folded, crops: np.ndarray, in_float: Collection[str], *, mean: list[float], std: list[float]) -> ov.Model:
    """The network in int8, but for the convolutions named and the sums."""
    os.environ["NNCF_CI"] = "1"  # its own switch for not reporting each use to its makers
    import nncf  # takes seconds
    from nncf.quantization import advanced_parameters, range_estimator

    model = resnet18(network, mean=mean, std=std)
    model.reshape(ov.PartialShape([-1, *crops.shape[1:]]))
    kept = [rf"^{re.escape(name)}$" for name in in_float] + [SUMS] + ([COLUMNS] if network.columns else [])
    return nncf.quantize(
        model,
        nncf.Dataset(list(crops[:, None])),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(crops),
        ignored_scope=nncf.IgnoredScope(patterns=kept),
        advanced_parameters=advanced_parameters.AdvancedQuantizationParameters(
            overflow_fix=advanced_parameters.OverflowFix.DISABLE,  # halves the kernels' range, for processors without VNNI
            disable_bias_correction=True,  # it would undo the rounding's own, and doubles the error
            activations_range_estimator_params=range_estimator.RangeEstimatorParametersSet.MINMAX,  # clipping costs more
        ),
    )


class Judge:
    """The weights' own calibrated scores on a split, against which another form of the network is measured."""

    def __init__(self, trained: Trained, data: Path, split: str):
        self.trained, self.data, self.calibration = trained, data, trained.calibration()
        self.rows = read_manifest(data, split)
        self.weights = load_file(trained.weights)
        self.exact = self._scores("torch fp32")

    def agreement(self, name: str, model: ov.Model) -> dict[str, float]:
        """How far the network, on OpenVINO, is from the weights on torch.

        Returns:
            `label_flips`, the share of faces on the other side of a half; `score_change_p99`, the 99th percentile of |change
            of the calibrated score of ai|; `auc_drop`, the AUC of torch minus the other's.
        """
        runtime = Runtime(name, OpenVinoNetwork(model, self.trained.preparation["crop"]["size"]), self.weights)
        scores = self._scores(f"OpenVINO {name}", runtime)
        return compare(np.array([row.target for row in self.rows]), self.exact, scores)

    def _scores(self, name: str, runtime: Runtime | None = None) -> np.ndarray:
        scorer = Scorer(self.trained, runtime=runtime)
        return self.calibration.score_ai(scorer.score_rows(self.data, self.rows, name).logits)


def agreement(trained: Trained, network: Path, data: Path) -> dict[str, dict[str, float]]:
    """What a `Judge` says of `int8`, and of `fp32` on OpenVINO, on the test split."""
    judge = Judge(trained, data, "test")
    fp32 = resnet18(folded(judge.weights), mean=trained.mean, std=trained.std)
    return {name: judge.agreement(name, model) for name, model in (("int8", read_int8(network)), ("fp32", fp32))}


def compare(targets: np.ndarray, exact: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """See `Judge.agreement`; all `[n]`."""
    return {
        "label_flips": float(np.mean((exact >= 0.5) != (scores >= 0.5))),
        "score_change_p99": float(np.quantile(np.abs(exact - scores), 0.99)),
        "auc_drop": float(roc_auc_score(targets, exact) - roc_auc_score(targets, scores)),
    }


def told(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.5f}" for name, value in found.items())


def beyond(bounds: dict[str, float], found: dict[str, float]) -> list[str]:
    """The figures that are larger than their bounds, in words.

    Raises:
        DataError: a figure has no bound, or a bound no figure.
    """
    if bounds.keys() != found.keys():
        raise DataError(f"int8 needs bounds for {', '.join(found)}, and has them for {', '.join(bounds)}")
    return [f"{name} {found[name]:.4f} > {bound}" for name, bound in bounds.items() if found[name] > bound]


def refuse_beyond(bounds: dict[str, float], found: dict[str, float]) -> None:
    """Raises a `DataError` that names each figure that is larger than its bound.

    Raises:
        DataError: a figure is out of bounds, or has none.
    """
    if words := beyond(bounds, found):
        raise DataError(f"int8 is too far from the weights: {', '.join(words)}; --int8 null exports without it")
