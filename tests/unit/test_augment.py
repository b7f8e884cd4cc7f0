from pathlib import Path

import numpy as np
import yaml

from training.augment import Augmentation

RECIPE = yaml.safe_load((Path(__file__).parents[2] / "config" / "training" / "face-1.0.yaml").read_text())
NONE = {
    "patch": 32,
    "rescale_probability": 0,
    "min_side": 32,
    "jpeg_probability": 0,
    "jpeg_quality": (50, 98),
    "blur_probability": 0,
    "blur_radius": 1,
    "colour": 0,
    "grey_probability": 0,
}


def noise(size: int = 64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)


def test_a_patch_is_cut_without_resampling():
    crop = noise()
    patch = Augmentation(**NONE)(crop, np.random.default_rng(5))
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([crop, crop[:, ::-1]], 1), (32, 32, 3))[:, :, 0]
    assert (windows == patch).all(axis=(2, 3, 4)).any()


def test_the_same_seed_gives_the_same_view_and_another_one_another():
    augment = Augmentation(**RECIPE["augmentation"])
    views = [augment(noise(224), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert views[0].shape == (128, 128, 3)
    assert views[0].dtype == np.uint8
    assert (views[0] == views[1]).all()
    assert (views[0] != views[2]).any()


def test_grey_drops_the_colours():
    patch = Augmentation(**NONE | {"grey_probability": 1})(noise(), np.random.default_rng(0))
    assert (patch == patch[..., :1]).all()


def test_rescaling_and_compression_take_detail_away():
    crop = noise()
    blur, jpeg = {"blur_probability": 1, "blur_radius": 3}, {"jpeg_probability": 1, "jpeg_quality": (50, 50)}
    for change in ({"rescale_probability": 1}, blur, jpeg):
        patch = Augmentation(**NONE | {"patch": 64} | change)(crop, np.random.default_rng(3))
        assert np.abs(np.diff(patch.astype(int), axis=0)).mean() < np.abs(np.diff(crop.astype(int), axis=0)).mean()
