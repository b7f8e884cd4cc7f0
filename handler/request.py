"""One HTTP request as TorchServe hands it over -> the encoded images in it and what is asked of them."""

import base64
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handler.errors import CodedError
from handler.form import read_field
from handler.image_input import declared_pixels, sniff

TARGETS = ("predicted", "ai", "real")
TARGET_HEADER = "x-explain-target"
OVERLAY_HEADER = "x-explain-overlay"
FORM_HEADER = "x-form-type"  # the gateway's: the type of a form that TorchServe was not to read (config/gateway/predict.conf)
NO_FIELD = "The form has no field `image`."
MAX_VALUES = 1_000  # of a JSON body; a list of sixteen images has 50. 20 MB of `{},{},{}` would become half a gigabyte
MAX_LIST_PIXELS = 100_000_000  # that the images of one list declare together: what bounds the time that a request takes


@dataclass(frozen=True)
class FaceRequest:
    """A request whose form is understood; its images are not decoded yet.

    Attributes:
        images: encoded image files; an entry of a KServe list that holds none is its error.
        is_list: whether to answer in KServe's `{"predictions": [...]}` form.
        explain: whether a heat map is asked for.
        target: what the map's positive evidence speaks for: `ai`, `real`, or the `predicted` one.
        overlay: whether its picture is asked for; painting and packing it costs more than the verdict.
        png: whether the picture itself is to be the answer.
    """

    images: list[bytes | CodedError]
    is_list: bool = False
    explain: bool = False
    target: str = "predicted"
    overlay: bool = False
    png: bool = False


def parse(row: Mapping[str, Any], headers: Mapping[str, Any], *, max_instances: int) -> FaceRequest:
    """Reads one request.

    Args:
        row: parts of the body by name: `body` for a raw one, the fields' names for a form that TorchServe has read.
        headers: as the client spelled them.
        max_instances: how long a KServe list may be.

    Raises:
        CodedError: `empty_body`, `bad_request`, `bad_option`.
    """
    explain = headers.get("explain") == "True"  # TorchServe's own, by the path; a client's `Explain` arrives beside it
    headers = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    row = unpacked(row, headers.get(FORM_HEADER, ""))
    images, is_list = read_images(row, headers.get("content-type", ""), max_instances)
    if not explain:
        return FaceRequest(images, is_list)
    png = not is_list and prefers_png(headers.get("accept", ""))
    target = read_option(headers, TARGET_HEADER, TARGETS)
    overlay = png or read_option(headers, OVERLAY_HEADER, ("false", "true")) == "true"
    return FaceRequest(images, is_list, explain=True, target=target, overlay=overlay, png=png)


def unpacked(row: Mapping[str, Any], form_type: str) -> Mapping[str, Any]:
    """The row as TorchServe hands over a form, where the body is still one; the type of another body changes nothing."""
    body = row.get("body")
    if "image" in row or not isinstance(body, (bytes, bytearray)) or not form_type.lower().startswith("multipart/"):
        return row
    image = read_field(body, form_type, "image") if body else None
    if image is None:
        raise CodedError("bad_request", NO_FIELD)
    return {"image": image}


def read_images(row: Mapping[str, Any], content_type: str, max_instances: int) -> tuple[list[bytes | CodedError], bool]:
    """The images of a body in any of its forms, and whether it is a KServe list."""
    body = row.get("image", row.get("body"))
    if body is None:
        if row or content_type.startswith("multipart/"):
            raise CodedError("bad_request", NO_FIELD)
        raise CodedError("empty_body", "The request has no image in its body.")
    body = body.encode() if isinstance(body, str) else body
    if not isinstance(body, (bytes, bytearray)):  # a server set to decode JSON by itself has done so
        return read_json(body, max_instances)
    if "image" not in row and looks_like_json(body, content_type):
        if sum(map(body.count, (b"{", b"[", b","))) > MAX_VALUES:
            raise CodedError("bad_request", f"The JSON has more than {MAX_VALUES:,} values.")
        try:
            return read_json(json.loads(body), max_instances)
        except (ValueError, RecursionError):
            raise CodedError("bad_request", "The body is not valid JSON.") from None
    return [bytes(body)], False


def looks_like_json(body: bytes | bytearray, content_type: str) -> bool:
    """By its content type or its first character; an image file is an image, whatever its type says."""
    if not body or sniff(body):
        return False
    return content_type.partition(";")[0].strip().lower() == "application/json" or body.lstrip()[:1] == b"{"


def read_json(body: Any, max_instances: int) -> tuple[list[bytes | CodedError], bool]:
    """`{"image": "<base64>"}` or KServe's `{"instances": [{"image": {"b64": "<base64>"}}, ...]}`."""
    if isinstance(body, Mapping) and "image" in body:
        return [read_base64(body["image"])], False
    instances = body.get("instances") if isinstance(body, Mapping) else None
    if not isinstance(instances, list):
        raise CodedError("bad_request", 'The JSON has neither "image" nor a list of "instances".')
    if not 1 <= len(instances) <= max_instances:
        raise CodedError("bad_request", f'"instances" must hold 1 to {max_instances} images, not {len(instances)}.')
    return within_pixels([read_instance(instance) for instance in instances]), True


def read_instance(instance: Any) -> bytes | CodedError:
    """One KServe instance; its error is an answer of its own, so that the others still get theirs."""
    try:
        return read_base64(instance["image"]["b64"])
    except (TypeError, KeyError, IndexError):
        return CodedError("bad_request", 'An instance must be {"image": {"b64": "<base64>"}}.')
    except CodedError as error:
        return error


def within_pixels(images: list[bytes | CodedError]) -> list[bytes | CodedError]:
    """The images of a list, without those that make it more pixels than one request may ask for."""
    total, kept = 0, []
    for image in images:
        pixels = 0 if isinstance(image, CodedError) else declared_pixels(image)
        if total + pixels > MAX_LIST_PIXELS:
            image = CodedError("image_too_large", f"The images of a list may have {MAX_LIST_PIXELS:,} pixels together.")
        else:
            total += pixels
        kept.append(image)
    return kept


def read_base64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise CodedError("bad_request", "The image must be a base64 string.")
    try:
        lines = text.encode("ascii").translate(None, string.whitespace.encode())  # base64 tools wrap their lines
        return base64.b64decode(lines, validate=True)
    except ValueError:
        raise CodedError("bad_request", "The image is not valid base64.") from None


def read_option(headers: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The value of a header, in any case; the first choice where it was not sent."""
    value = headers.get(name, choices[0]).strip().lower()
    if value not in choices:
        raise CodedError("bad_option", f"{name.title()} must be one of {', '.join(choices)}.")
    return value


def prefers_png(accept: str) -> bool:
    """Whether an Accept header names image/png before application/json; a plain `*/*` gets JSON."""
    types = [entry.partition(";")[0].strip().lower() for entry in accept.split(",")]
    named = [name for name in types if name in ("image/png", "application/json")]
    return named[:1] == ["image/png"]
