import io

import numpy as np
from PIL import Image

from training.duplicates import duplicate_groups, perceptual_hash


def picture(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    return Image.fromarray(coarse).resize((224, 224), Image.Resampling.BICUBIC)


def reencoded(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def test_a_re_encoded_and_reduced_copy_is_found_and_another_picture_is_not():
    pictures = [picture(1), picture(2), reencoded(picture(1), 60), picture(3), picture(1).resize((180, 180)).resize((224, 224))]
    hashes = [perceptual_hash(np.asarray(image)) for image in pictures]
    assert [sorted(group) for group in duplicate_groups(hashes)] == [[0, 2, 4]]


def test_three_bits_are_near_and_four_are_not():
    # the differing bits lie in different bands, the hardest case for the banding
    assert duplicate_groups([0, 1 | 1 << 16 | 1 << 32]) == [[0, 1]]
    assert duplicate_groups([0, 1 | 1 << 16 | 1 << 32 | 1 << 48]) == []


def test_groups_are_transitive():
    assert duplicate_groups([0b0, 0b111, 0b111111]) == [[0, 1, 2]]
