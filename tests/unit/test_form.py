"""The one field of a form: where it may stand, what a form may be, and that no form takes long."""

import time

import pytest

from handler.errors import CodedError
from handler.form import MAX_HEAD, MAX_PARTS, read_field

PHOTO = b"\xff\xd8\xff-a-photo\r\n--not-the-boundary\r\n\r\n"
TYPE = "multipart/form-data; boundary=B"
END = b"--B--\r\n"


def part(head: bytes, content: bytes = b"x") -> bytes:
    return b"--B\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def field(name: str = "image", content: bytes = PHOTO, more: str = "") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"{more}'.encode(), content)


def refusal(body: bytes, content_type: str = TYPE) -> str:
    with pytest.raises(CodedError) as caught:
        read_field(body, content_type, "image")
    assert caught.value.code == "bad_request"
    return caught.value.message


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: form-data; name="image"',
        b"Content-Disposition: form-data; name=image",
        b'content-disposition:form-data;filename="a;name=b.jpg" ; NAME = "image"',
        b'Content-Disposition: form-data; name="image"; filename="a\\"b; name=\\"c.jpg"',
        b'Content-Type: image/jpeg\r\nContent-Disposition: Form-Data; name="image"; filename="\xc3\xbc\xff.jpg"',
        b"Content-Disposition: form-data; name=\"image\"; filename*=utf-8''%C3%BC.jpg",
        b'Content-Disposition: form-data; name="im\\age"',
    ],
)
def test_a_part_is_named_in_every_spelling(head):
    assert read_field(part(head, PHOTO) + END, TYPE, "image") == PHOTO


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"X: y",
        b"Content-Disposition: form-data",
        b'Content-Disposition: attachment; name="image"',
        b'Content-Disposition: form-data; filename="image"',
        b'Content-Disposition: form-data; filename="; name=image',
        b'Content-Disposition: form-data; x y; name="image"',
        b'Content-Disposition: form-data; name="Image"',
        b'Content-Disposition: form-data; name="image\xff"',
    ],
)
def test_another_part_is_not_taken(head):
    assert read_field(part(head) + END, TYPE, "image") is None


@pytest.mark.parametrize(
    "content_type",
    [
        TYPE,
        'multipart/form-data; boundary="B"',
        "MULTIPART/FORM-DATA;charset=utf-8 ; Boundary=B",
        "multipart/form-data; boundary=B; boundary=C",
    ],
)
def test_a_boundary_is_declared_in_every_spelling(content_type):
    assert read_field(field() + END, content_type, "image") == PHOTO


@pytest.mark.parametrize("text", ["", '""', '"B', "B" * 71, "ü", "B\\", '"B "', "\xff"], ids=lambda text: ascii(text)[:12])
def test_what_is_no_boundary_is_none(text):
    assert "boundary" in refusal(field() + END, f"multipart/form-data; boundary={text}" if text else "multipart/form-data")


def test_a_boundary_has_up_to_70_characters():
    boundary = "0'()+_,-./:=? " + "z" * 56
    body = (field() + END).replace(b"--B", b"--" + boundary.encode())
    assert read_field(body, f'multipart/form-data; boundary="{boundary}"', "image") == PHOTO


def test_a_field_may_be_empty_and_anywhere_and_the_last_one_counts():
    """As TorchServe has it, whose row is a dictionary."""
    assert read_field(field("a") + field() + field("b") + END, TYPE, "image") == PHOTO
    assert read_field(field(content=b"first") + field(content=b"last") + END, TYPE, "image") == b"last"
    assert read_field(field(content=b"") + END, TYPE, "image") == b""
    assert read_field(b"words before\r\n" + field() + b"--B--", TYPE, "image") == PHOTO
    assert read_field(bytearray(field() + END + b"words after"), TYPE, "image") == PHOTO


def test_the_bytes_of_a_field_are_its_own_copy():
    body = bytearray(field() + END)
    taken = read_field(body, TYPE, "image")
    body.clear()  # nothing holds on to it
    assert taken == PHOTO


@pytest.mark.parametrize("cut", range(0, len(field() + b"--B--"), 7))
def test_a_form_that_is_cut_short_is_refused(cut):
    assert refusal((field() + b"--B--")[:cut])


@pytest.mark.parametrize(
    "body",
    [
        b"not a form",
        (field() + END).replace(b"\r\n", b"\n"),
        (field() + END).replace(b"--B", b"--C"),
        (field() + END).replace(b"--B\r\n", b"--Bb\r\n"),
    ],
    ids=["text", "lone feeds", "another boundary", "a longer boundary"],
)
def test_what_is_no_form_is_refused(body):
    assert refusal(body)


def test_parts_and_their_heads_are_bounded():
    others = field("a") * (MAX_PARTS - 1)
    assert read_field(others + field() + END, TYPE, "image") == PHOTO
    assert "100 parts" in refusal(others + field() + field("b") + END)
    start = b'Content-Disposition: form-data; name="image"\r\nX: '
    longest = MAX_HEAD - len(b"\r\n" + start + b"\r\n\r\n")
    assert read_field(part(start + b"y" * longest, PHOTO) + END, TYPE, "image") == PHOTO
    assert refusal(part(start + b"y" * (longest + 1), PHOTO) + END)


ALMOST = b"\r\n--" + b"b" * 69
QUOTES = b"Content-Disposition: form-data" + b';a="\\' * 1_600


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (field(content=b"\r\n--" * 4_000_000) + END, TYPE),
        (b"\r\n--" * 4_000_000, TYPE),
        (b"--" + b"b" * 70 + b"\r\n\r\n\r\n" + ALMOST * 220_000, f"multipart/form-data; boundary={'b' * 70}"),
        (part(QUOTES[: MAX_HEAD - 10]) * MAX_PARTS + END, TYPE),
        (part(b"Content-Disposition: form-data;" + b" " * 8_000 + b"x") * MAX_PARTS + END, TYPE),
        (part(b"Content-Disposition: form-data; " + b"x" * 8_000) * MAX_PARTS + END, TYPE),
        (part(b"x\r\n" * 2_500) * MAX_PARTS + END, TYPE),
        (field() + END, "multipart/form-data" + ';a="' * 100_000),
    ],
    ids=["starts of boundaries", "no boundary", "almost boundaries", "quotes", "spaces", "a long name", "lines", "a long type"],
)
def test_no_form_takes_long(body, content_type):
    start = time.process_time()
    try:
        read_field(body, content_type, "image")
    except CodedError as error:
        assert error.code == "bad_request"
    assert time.process_time() - start < 1  # 16 MB, as much as the gateway lets through
