import io

import numpy as np
import pytest
from PIL import Image

from handler.png import png
from tests.pictures import SAMPLE


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (64, 33), (512, 512)])
def test_what_is_written_is_read_back_as_it_was(size):
    image = Image.open(SAMPLE).convert("RGB").resize(size)
    with Image.open(io.BytesIO(png(image))) as found:
        assert (found.format, found.mode, found.size) == ("PNG", "RGB", size)
        assert found.tobytes() == image.tobytes()


def test_it_compresses_as_well_as_pillow_does_at_its_fastest():
    image = Image.open(SAMPLE).convert("RGB")
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    assert len(png(image)) < 1.05 * file.tell()


def test_noise_is_not_lost():
    noise = np.random.default_rng(0).integers(0, 256, (50, 40, 3), np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(png(Image.fromarray(noise))))) == noise).all()
