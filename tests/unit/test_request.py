import base64
import json

import pytest

from handler.errors import CodedError
from handler.request import NO_FIELD, parse
from tests.pictures import png_that_declares

PHOTO = b"\xff\xd8\xff-a-photo"
TEXT = base64.b64encode(PHOTO).decode()


def asked(row, max_instances=3, **headers):
    return parse(row, {name.replace("_", "-"): value for name, value in headers.items()}, max_instances=max_instances)


def code(row, **headers):
    with pytest.raises(CodedError) as caught:
        asked(row, **headers)
    return caught.value.code


@pytest.mark.parametrize(
    "row",
    [
        {"body": bytearray(PHOTO)},
        {"image": bytearray(PHOTO)},
        {"body": {"image": TEXT}},
        {"body": bytearray(json.dumps({"image": TEXT}).encode())},
        {"body": bytearray(json.dumps({"image": TEXT[:8] + "\n" + TEXT[8:]}).encode())},
    ],
)
def test_an_image_comes_in_every_form(row):
    request = asked(row)
    assert (request.images, request.is_list, request.explain) == ([PHOTO], False, False)


def test_an_image_is_an_image_whatever_its_type_says():
    assert asked({"body": bytearray(PHOTO)}, Content_Type="application/json").images == [PHOTO]


def test_a_list_keeps_the_place_of_what_is_wrong():
    request = asked({"body": {"instances": [{"image": {"b64": TEXT}}, {"image": {"b64": "%"}}, 7]}})
    assert request.is_list
    assert request.images[0] == PHOTO
    assert [error.code for error in request.images[1:]] == ["bad_request", "bad_request"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "empty_body"),
        ({"body": b"{"}, "bad_request"),
        ({"body": b"[" * 100_000}, "bad_request"),
        ({"body": [1, 2]}, "bad_request"),
        ({"body": {"instances": []}}, "bad_request"),
        ({"body": {"instances": [1, 2, 3, 4]}}, "bad_request"),
        ({"body": {"image": 5}}, "bad_request"),
        ({"file": b"x"}, "bad_request"),
    ],
)
def test_what_is_not_understood_has_its_code(row, expected):
    assert code(row, Content_Type="application/json") == expected


def test_an_empty_form_is_no_empty_body():
    assert code({}, Content_Type="multipart/form-data; boundary=x") == "bad_request"


FORM = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n' + PHOTO + b"\r\n--x--\r\n"
FORM_TYPE = "multipart/form-data; boundary=x"


def test_a_form_that_torchserve_was_not_to_read_is_read_here():
    row = {"body": bytearray(FORM % b"image")}
    assert asked(row, X_Form_Type=FORM_TYPE, Content_Type="application/octet-stream").images == [PHOTO]
    assert asked(row, x_form_type="Multipart/Form-Data;Boundary=x").images == [PHOTO]


@pytest.mark.parametrize("body", [FORM % b"file", FORM[:-5] % b"image", b"", PHOTO])
def test_a_form_without_the_field_is_a_bad_request(body):
    assert code({"body": bytearray(body)}, X_Form_Type=FORM_TYPE) == "bad_request"


def test_the_message_for_a_missing_field_is_the_same_whoever_read_the_form():
    for row, form_type in (({"file": PHOTO}, ""), ({"body": FORM % b"file"}, FORM_TYPE)):
        with pytest.raises(CodedError, match=NO_FIELD):
            asked(row, X_Form_Type=form_type)


def test_a_form_type_changes_nothing_else():
    """Of url-encoded forms, which `curl --data-binary` says every file to be; and of what TorchServe did read."""
    declared = {"X_Form_Type": "application/x-www-form-urlencoded", "Content_Type": "application/octet-stream"}
    assert asked({"body": bytearray(PHOTO)}, **declared).images == [PHOTO]
    assert asked({"body": json.dumps({"image": TEXT}).encode()}, **declared).images == [PHOTO]
    assert code({}, **declared) == "empty_body"
    assert asked({"image": bytearray(PHOTO)}, X_Form_Type=FORM_TYPE).images == [PHOTO]
    assert asked({"body": {"image": TEXT}}, X_Form_Type=FORM_TYPE).images == [PHOTO]


@pytest.mark.parametrize(
    ("accept", "wants"),
    [("image/png", True), ("*/*", False), ("application/json, image/png", False), ("image/png;q=0.9, application/json", True)],
)
def test_png_is_answered_when_it_is_named_first(accept, wants):
    assert asked({"body": PHOTO}, explain="True", Accept=accept).png is wants


def test_a_prediction_ignores_the_options_of_explanations():
    assert not asked({"body": PHOTO}, explain="False", Accept="image/png", X_Explain_Target="nobody").overlay


def test_targets():
    assert asked({"body": PHOTO}, explain="True", X_EXPLAIN_TARGET=" AI ").target == "ai"
    assert code({"body": PHOTO}, explain="True", X_Explain_Target="nobody") == "bad_option"


@pytest.mark.parametrize(
    ("sent", "overlay"), [({}, False), ({"X_Explain_Overlay": "True"}, True), ({"Accept": "image/png"}, True)]
)
def test_a_picture_is_made_only_on_request(sent, overlay):
    assert asked({"body": PHOTO}, explain="True", **sent).overlay is overlay


def test_an_unknown_option_is_refused():
    with pytest.raises(CodedError, match="X-Explain-Overlay must be one of false, true"):
        asked({"body": PHOTO}, explain="True", X_Explain_Overlay="please")


def test_json_of_many_values_is_not_read():
    body = b'{"instances":[' + b"{}," * 500 + b"{}]}"
    assert code({"body": body}) == "bad_request"
    with pytest.raises(CodedError, match="1,000 values"):
        asked({"body": body})


def listed(*sizes: tuple[int, int]) -> list:
    """What a list of PNGs of these sizes becomes: the bytes, or the code of the error."""
    entries = [{"image": {"b64": base64.b64encode(png_that_declares(*size)).decode()}} for size in sizes]
    images = asked({"body": {"instances": entries}}, max_instances=16).images
    return [image.code if isinstance(image, CodedError) else "read" for image in images]


def test_a_list_has_its_pixels_together():
    """100 megapixels; what is beyond them is refused, and takes nothing from what comes after it."""
    half = (8_000, 6_250)
    assert listed(half, half) == ["read", "read"]
    assert listed(half, half, (1, 1), half) == ["read", "read", "image_too_large", "image_too_large"]
    assert listed((30_000, 30_000), half, (8_000, 6_251), (8_000, 6_000)) == [
        "image_too_large",
        "read",
        "image_too_large",
        "read",
    ]
