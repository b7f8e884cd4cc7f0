import numpy as np
from PIL import Image

from handler.gradcam import margin_map, overlay, reduced, scaled, towards


def test_the_map_by_hand():
    features = np.array([[[1.0, 2.0], [0.0, 1.0]], [[0.0, 1.0], [3.0, 0.0]]])
    head = np.array([[1.0, 2.0], [3.0, 1.0]])  # rows real, ai: their difference is (2, -1)
    assert margin_map(features, head).tolist() == [[2.0, 3.0], [-3.0, 2.0]]
    assert towards("real", margin_map(features, head)).tolist() == [[-2.0, -3.0], [3.0, -2.0]]


def painted(evidence, full_scale=1.0):
    grey = Image.new("RGB", (100, 100), (128, 128, 128))
    picture = overlay(grey, (20, 20, 60, 60), np.array(evidence, np.float32), full_scale=full_scale)
    return np.asarray(picture).astype(int)


def test_red_speaks_for_ai_and_blue_for_real_inside_the_box_alone():
    pixels = painted([[1, -1], [1, -1]])
    assert pixels[50, 30, 0] > 150 > pixels[50, 30, 2]
    assert pixels[50, 70, 2] > 150 > pixels[50, 70, 0]
    assert (pixels[:20] == 128).all()
    assert (pixels[:, 80:] == 128).all()


def test_one_scale_holds_for_all_images():
    weak, strong, beyond = (painted([[value, value], [value, value]])[50, 50, 0] for value in (0.1, 1, 5))
    assert 128 < weak < strong == beyond


def test_no_evidence_paints_nothing():
    assert (painted([[0, 0], [0, 0]])[30:70, 30:70] == 128).all()


def test_a_picture_is_reduced_and_never_enlarged():
    assert reduced(Image.new("RGB", (400, 100)), 200).size == (200, 50)
    assert reduced(Image.new("RGB", (40, 10)), 200).size == (40, 10)


def test_a_box_follows_the_picture():
    assert scaled((100, 50, 200, 200), 0.5) == (50, 25, 100, 100)
    assert scaled((100, 50, 2, 2), 0.1) == (10, 5, 1, 1)
