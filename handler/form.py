"""multipart/form-data (RFC 7578) -> the bytes of one of its fields.

The gateway hands forms on as they came, because TorchServe's front end blames itself for those that it cannot read. Of a sound
form, this reader takes what that one takes; it copies the field that is asked for, and nothing else.
"""

import re

from handler.errors import CodedError

MAX_PARTS = 100
MAX_HEAD = 8_192  # bytes of a part's header lines
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")  # RFC 2046, 5.1.1
# One parameter after a semicolon. Matched from left to right, each where the last one ended: never twice over the same bytes
PARAMETER = re.compile(r'\s*;\s*(?:([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^;"]*)))?', re.DOTALL)


def read_field(body: bytes | bytearray, content_type: str, name: str) -> bytes | None:
    """The content of a field, of the last one where there are several; None where the form has none of this name.

    Args:
        content_type: of the whole form, with its boundary.

    Raises:
        CodedError: `bad_request`: no boundary, a form that is cut short or broken, or one beyond the limits.
    """
    delimiter = b"--" + read_boundary(content_type)
    separator = b"\r\n" + delimiter
    # what stands before the first delimiter is no part
    at = 0 if body.startswith(delimiter) else found(body, separator, 0, len(body)) + 2
    field: tuple[int, int] | None = None
    for _ in range(MAX_PARTS + 1):
        at += len(delimiter)
        if body.startswith(b"--", at):
            return None if field is None else bytes(memoryview(body)[slice(*field)])
        if not body.startswith(b"\r\n", at):
            raise CodedError("bad_request", "The form has a boundary with something behind it in its line.")
        head = found(body, b"\r\n\r\n", at, at + MAX_HEAD)
        start = head + 4
        end = found(body, separator, start, len(body))
        if field_name(bytes(body[at:head])) == name:
            field = start, end
        at = end + 2
    raise CodedError("bad_request", f"The form has more than {MAX_PARTS} parts.")


def read_boundary(content_type: str) -> bytes:
    """What separates the parts, by the type of the form."""
    boundary = parameters(content_type).get("boundary", "")
    if not BOUNDARY.fullmatch(boundary):
        raise CodedError("bad_request", "The form's type declares no boundary of 1 to 70 characters that may be one.")
    return boundary.encode("ascii")


def found(body: bytes | bytearray, what: bytes, start: int, end: int) -> int:
    """Where it is in the body, between two places."""
    position = body.find(what, start, end)
    if position < 0:
        raise CodedError("bad_request", "The form is cut short or is none: a boundary or the end of a part's head is missing.")
    return position


def field_name(head: bytes) -> str | None:
    """The name in a part's header lines; None where it has none."""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition" and value.partition(";")[0].strip().lower() == "form-data":
            return parameters(value).get("name")
    return None


def parameters(value: str) -> dict[str, str]:
    """Those of a header's value, by their names in lower case: `form-data; name="image"`; up to the first that is none."""
    named, at = {}, value.find(";")
    while 0 <= at < len(value) and (match := PARAMETER.match(value, at)):
        name, quoted, plain = match.groups()
        if name:
            named.setdefault(name.lower(), plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
    return named
