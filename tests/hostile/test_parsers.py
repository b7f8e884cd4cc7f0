"""Random requests and files at the parsers, in this process: an image, or a coded error, and never anything else."""

import json
import tracemalloc
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.errors import CodedError
from handler.orientation import orientation
from tests.hostile import corpus
from tests.hostile.files import PNG_START, SOI, sound
from tests.hostile.parsing import decoded, parsed

quick = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
STARTS = (SOI + b"\xff", PNG_START, b"RIFF\0\0\0\0WEBP", b"")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(("image", "instances", "b64", "x")), inner, max_size=4)
    ),
    max_leaves=20,
)
header_names = st.sampled_from(
    ("Content-Type", "content-type", "Accept", "X-Explain-Target", "X-Explain-Overlay", "explain", "Explain")
)
header_values = (
    st.text(max_size=30) | st.sampled_from(("application/json", "image/png", "True", "ai", "multipart/form-data")) | st.none()
)
headers = st.dictionaries(header_names, header_values, max_size=6)
bodies = st.binary(max_size=200) | st.text(max_size=100) | trees | trees.map(lambda tree: json.dumps(tree).encode())
rows = st.dictionaries(st.sampled_from(("body", "image", "data", "file", "")), bodies, max_size=3)


@quick
@given(row=rows, headers=headers)
def test_any_request_is_understood_or_refused(row, headers):
    request = parsed(row, headers)
    if request:
        assert all(isinstance(image, (bytes, CodedError)) for image in request.images)


@quick
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
def test_any_bytes_are_an_image_or_refused(start, rest):
    decoded(start + rest)


@quick
@given(
    file=st.sampled_from(sorted(sound(64).values())),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=6),
)
def test_any_damage_is_survived(file, cuts):
    for place, inserted, dropped in cuts:
        at = int(place * len(file))
        file = file[:at] + inserted + file[at + dropped :]
    decoded(file)


@quick
@given(
    exif=st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"MM\0*\0\0\0\x08" + rest),
    xmp=st.binary(max_size=80),
)
def test_an_orientation_is_one_of_eight(exif, xmp):
    assert 1 <= orientation(exif, xmp) <= 8


@pytest.mark.parametrize("family", ["damaged", "animations", "metadata", "disguised"])
def test_what_is_drawn_for_the_service_meets_the_parsers_too(family):
    """A few of each family without the service, so that a defect has a traceback here."""
    for number in range(60):
        case = corpus.FAMILIES[family][0](Random(f"parsers/{number}"))
        decoded(case.steps[0].partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "body", [b'{"instances":[' + b"{}," * 500_000 + b"{}]}", b"[" * 2_000_000, b'{"image":"' + b"A \\n" * 400_000 + b'"}']
)
def test_a_body_takes_a_few_times_its_size(body):
    tracemalloc.start()
    try:
        parsed({"body": body}, {"Content-Type": "application/json"})
        assert tracemalloc.get_traced_memory()[1] < 6 * len(body)
    finally:
        tracemalloc.stop()
