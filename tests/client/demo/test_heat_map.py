"""The heat map as the page draws and tells it; numbers worked out by hand."""

import io

import numpy as np
import pytest
from PIL import Image

from client.demo.heat_map import AI_COLOUR, REAL_COLOUR, in_words, picture
from tests.client.demo.made import FULL_SCALE, heat_map

HALF = FULL_SCALE / 2


def pixels(*arguments) -> np.ndarray:
    """`[rows, columns, red green blue alpha]`."""
    return np.asarray(Image.open(io.BytesIO(picture(*arguments))))


def test_evidence_for_ai_is_red_and_for_real_blue_in_proportion_to_the_fixed_scale():
    red, blue = pixels(heat_map([[HALF]]))[9, 9], pixels(heat_map([[-FULL_SCALE]]))[9, 9]
    assert tuple(red) == (*AI_COLOUR, 128)  # half of 255, rounded
    assert tuple(blue) == (*REAL_COLOUR, 255)


def test_the_scale_does_not_stretch_to_the_map():
    weak, strong = (pixels(heat_map([[strength]]))[9, 9, 3] for strength in (FULL_SCALE / 8, 3 * FULL_SCALE))
    assert weak == 32
    assert strong == 255


def test_the_target_turns_the_numbers_and_not_the_colours():
    for_ai = heat_map([[1.0, -2.0], [3.0, 0.5]], "ai")
    for_real = heat_map([[-1.0, 2.0], [-3.0, -0.5]], "real")
    assert picture(for_ai) == picture(for_real)
    assert in_words(for_ai) == in_words(for_real)


@pytest.mark.parametrize(("shown", "visible"), [("predicted", [True, True]), ("ai", [True, False]), ("real", [False, True])])
def test_one_side_alone_can_be_shown(shown, visible):
    shot = pixels(heat_map([[HALF, -HALF]]), shown)
    middle, quarter = shot.shape[0] // 2, shot.shape[1] // 8
    assert [bool(shot[middle, column, 3]) for column in (quarter, 7 * quarter)] == visible


def test_the_picture_has_the_proportions_of_its_box():
    shot = pixels(heat_map([[1.0]], "ai", (0, 0, 50, 100)))
    assert shot.shape[0] == 2 * shot.shape[1]


@pytest.mark.parametrize(
    ("row", "column", "place"),
    [
        (0, 0, "upper left"),
        (0, 2, "upper right"),
        (1, 0, "middle left"),
        (1, 1, "in the middle of the face"),
        (2, 1, "lower middle"),
    ],
)
def test_the_words_say_where_the_strongest_evidence_lies(row, column, place):
    grid = np.zeros((3, 3))
    grid[row, column] = HALF
    words = in_words(heat_map(grid.tolist()))
    assert place in words
    assert words.endswith("Evidence for a photograph: hardly any.")


def test_faint_evidence_is_called_hardly_any():
    assert in_words(heat_map([[0.05 * FULL_SCALE, -0.05 * FULL_SCALE]])).count("hardly any") == 2
