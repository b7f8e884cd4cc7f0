import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from handler import response
from handler.calibration import Calibration
from handler.face_crop import Crop, Face
from handler.image_input import decode
from handler.job import Job
from handler.judgement import judge
from tests.pictures import SAMPLE
from tests.releases import make_release

BOX = (160, 40, 128, 128)
GATE = {"min_face_px": 40, "min_sharpness": 3.0, "max_jpeg_step": 60.0}
AI, BETWEEN = np.array([0.0, 9.0]), np.array([0.0, 0.0])  # logits


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    root = tmp_path_factory.mktemp("releases")
    return {"gated": make_release(root / "gated", quality=GATE), "old": make_release(root / "old")}


def judged(release, *, logits=AI, blur=0.0, quality=90, faces=1) -> Job:
    """A portrait that has come as far as the network."""
    file = io.BytesIO()
    Image.open(SAMPLE).convert("RGB").filter(ImageFilter.GaussianBlur(blur)).save(file, "JPEG", quality=quality)
    photo = decode(file.getvalue(), max_pixels=10_000_000)
    left, top, side, _ = BOX
    pixels = np.asarray(photo.decoded(512).crop((left, top, left + side, top + side)))
    job = Job(0, "one", photo=photo, face=Face(BOX, 0.9, faces), crop=Crop(pixels, BOX), logits=logits)
    judge(job, Calibration(**vars(release.calibration)), release)
    return job


def codes(job: Job) -> list[str]:
    return [reason["code"] for reason in job.reasons]


@pytest.mark.parametrize(
    ("photo", "verdict", "expected"),
    [
        ({}, "ai", []),
        ({"blur": 5.0}, "uncertain", ["blurred"]),
        ({"quality": 20}, "uncertain", ["compressed"]),
        ({"faces": 3}, "ai", ["several_faces"]),
        ({"logits": BETWEEN}, "uncertain", ["between_thresholds"]),
        ({"logits": BETWEEN, "blur": 5.0, "faces": 2}, "uncertain", ["blurred", "between_thresholds", "several_faces"]),
    ],
)
def test_a_picture_that_cannot_be_decided_is_uncertain_and_several_faces_are_not(releases, photo, verdict, expected):
    job = judged(releases["gated"], **photo)
    assert (job.verdict, codes(job)) == (verdict, expected)


@pytest.mark.parametrize("photo", [{"blur": 5.0}, {"quality": 20}])
def test_a_release_without_a_gate_judges_as_before(releases, photo):
    job = judged(releases["old"], **photo)
    assert (job.verdict, codes(job)) == ("ai", [])


def test_without_a_face_there_is_no_score(releases):
    job = Job(0, "one")
    judge(job, Calibration(**vars(releases["gated"].calibration)), releases["gated"])
    assert (job.verdict, job.score_ai, codes(job)) == ("no_face", None, ["no_face"])


def test_answers_tell_a_bias_only_where_there_is_one(tmp_path, releases):
    assert response.calibration(releases["old"]) == {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4}
    biased = make_release(tmp_path / "biased", calibration={"bias": -1.0})
    assert response.calibration(biased)["bias"] == -1.0
    assert judged(biased).score_ai < judged(releases["old"]).score_ai
