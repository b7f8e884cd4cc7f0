"""The handler's parsers as fuzzers call them: they give a result, or raise a `CodedError` that is the client's fault."""

from collections.abc import Mapping
from typing import Any

from handler.errors import CodedError
from handler.image_input import Photo, declared_pixels, decode
from handler.request import FaceRequest, parse

MAX_PIXELS = 1_000_000
MAX_INSTANCES = 16


def decoded(data: bytes) -> Photo | None:
    """The photo, decoded small and whole; None where it was refused."""
    assert declared_pixels(data) >= 0
    try:
        photo = decode(data, max_pixels=MAX_PIXELS, long_side=100)
        assert photo.decoded(max(photo.width, photo.height)).mode == "RGB"
    except CodedError as error:
        assert error.status < 500
        return None
    assert photo.pixels.size == (photo.width, photo.height)
    return photo


def parsed(row: Mapping[str, Any], headers: Mapping[str, Any]) -> FaceRequest | None:
    """The request; None where it was refused."""
    try:
        return parse(row, headers, max_instances=MAX_INSTANCES)
    except CodedError as error:
        assert error.status < 500
        return None
