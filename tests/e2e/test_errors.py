"""What clients get wrong or send on purpose: a coded answer for them, and nothing for anybody else."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.pictures import gif, png_that_declares, portrait

JSON = {"Content-Type": "application/json"}
PHOTO = portrait()
pytestmark = pytest.mark.usefixtures("worker_lives")

REFUSED = {
    "nothing": (400, "empty_body", b"", {}),
    "nothing, as JSON": (400, "empty_body", b"", JSON),
    "malformed JSON": (400, "bad_request", b'{"image": "', JSON),
    "JSON of another shape": (400, "bad_request", b"[1, 2]", JSON),
    "JSON nested too deep": (400, "bad_request", b"[" * 100_000, JSON),
    "JSON that is no UTF-8": (400, "bad_request", b'{"image": "\xff"}', JSON),
    "wrong base64": (400, "bad_request", b'{"image": "?!"}', JSON),
    "a number for an image": (400, "bad_request", b'{"image": 7}', JSON),
    "a truncated JPEG": (400, "bad_image", PHOTO[: len(PHOTO) // 2], {}),
    "a JPEG's first bytes": (400, "bad_image", PHOTO[:3], {}),
    "a damaged PNG": (400, "bad_image", png_that_declares(64, 64), {}),
    "a decompression bomb": (413, "image_too_large", png_that_declares(30_000, 30_000), {}),
    "a text": (415, "unsupported_format", b"not an image", {"Content-Type": "text/plain"}),
    "a GIF": (415, "unsupported_format", gif(), {"Content-Type": "image/gif"}),
}


@pytest.mark.parametrize("status, code, body, headers", REFUSED.values(), ids=REFUSED)
def test_a_bad_body_gets_its_code(predict, status, code, body, headers):
    answer = predict(body, headers=headers)
    assert answer.status_code == status
    error = answer.json()
    assert error.keys() == {"code", "message", "request_id"}
    assert error["code"] == code
    assert error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]


def test_an_unknown_target_is_a_bad_option(explain):
    answer = explain(PHOTO, headers={"X-Explain-Target": "both"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_option")


def test_a_form_needs_the_field_image(predict):
    answer = predict(files={"file": ("portrait.jpg", PHOTO)})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_body_above_the_servers_limit_is_refused(predict):
    assert predict(bytes(20 * 1024 * 1024 + 1)).status_code == 413


def test_an_unknown_model_is_not_found(server, predict):
    assert predict(PHOTO).ok
    with raw_connection(server) as connection:
        connection.sendall(b"POST /predictions/nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert status_of(connection) == 404


def part(name: bytes = b"image", content_type: bytes = b"image/jpeg") -> bytes:
    head = b'Content-Disposition: form-data; name="%s"; filename="a"\r\nContent-Type: %s' % (name, content_type)
    return b"--B\r\n%s\r\n\r\n%s\r\n--B--\r\n" % (head, PHOTO)


FORM = b"Content-Type: multipart/form-data; boundary=B"
NOT_UTF8 = {
    "a latin-1 header": (200, b"X-Comment: caf\xe9 \xff", PHOTO),
    "a content type": (200, b"Content-Type: image/\xff\xe9", PHOTO),
    "an option": (200, b"X-Explain-Target: \xff", PHOTO),  # which predictions do not read
    "a header's name": (400, b"X-Caf\xe9: yes", PHOTO),
    "the name of a part": (400, FORM, part(name=b"im\xffage")),
    "the type of a part": (200, FORM, part(content_type=b"image/\xff")),
    "a form cut short": (400, FORM, b"--B\r\ngarbage"),
}


@pytest.mark.parametrize("status, header, body", NOT_UTF8.values(), ids=NOT_UTF8)
def test_bytes_that_are_no_utf8_do_no_harm(server, predict, status, header, body):
    """Sent over a bare socket, because HTTP clients refuse to."""
    with raw_connection(server) as connection:
        head = b"POST /predictions/face HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n" % (header, len(body))
        connection.sendall(head + body)
        assert status_of(connection) == status
    assert predict(PHOTO).ok


def test_a_client_that_leaves_early_costs_nobody_anything(server, predict):
    for _ in range(5):
        with raw_connection(server) as connection:
            connection.sendall(b"POST /predictions/face HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + PHOTO[:5000])
    assert predict(PHOTO).ok


def raw_connection(server) -> socket.socket:
    address = urlsplit(server.inference)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def status_of(connection: socket.socket) -> int:
    received = b""
    while b"\r\n" not in received:
        data = connection.recv(65_536)
        assert data, "the server closed the connection without an answer"
        received += data
    return int(received.split(b" ", 2)[1])
