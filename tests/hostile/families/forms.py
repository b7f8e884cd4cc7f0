"""Multipart forms: of many parts, without an end, in each other, and with names that mean something to a server."""

from random import Random

from tests.hostile.case import BAD_REQUEST, EMPTY, EXPLAIN, FRONT, IMAGE, OK, PREDICT, UNSUPPORTED, Case, case
from tests.hostile.files import sound

NAMES = (
    "file",
    "body",
    "data",
    "",
    "image[]",
    "IMAGE",
    "../image",
    "image\\",
    "i" * 500,
    "describe",
    "explain",
    "__proto__",
    "%00image",
)
BOUNDARIES = ("B", "-", "--", "b" * 70, "b" * 3_000, '"B"', "B; boundary=C", "=", "", "B ", "ü", "B\\")


def make(chance: Random) -> Case:
    draw = chance.choice(KINDS)
    body, content_type, *allowed = draw(chance)
    return case(
        draw.__name__.replace("_", " "),
        body,
        *allowed,
        path=chance.choice((PREDICT, EXPLAIN)),
        headers={"Content-Type": content_type},
    )


def typed(boundary: str = "B") -> str:
    return f"multipart/form-data; boundary={boundary}"


def part(name: str, content: bytes, *, head: bytes = b"", boundary: bytes = b"B", filename: str | None = "a.jpg") -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    return (
        b"--"
        + boundary
        + f'\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'.encode("latin-1")
        + head
        + b"\r\n"
        + content
        + b"\r\n"
    )


def photo(chance: Random) -> bytes:
    return chance.choice(sorted(sound(64).items()))[1]


def many(chance: Random) -> tuple:
    """More parts than the handler's own reader takes; TorchServe's takes any number."""
    count = chance.choice((100, 1_000, 10_000))
    parts = b"".join(part(f"field{number}", b"x", filename=None) for number in range(count))
    return parts + part("image", photo(chance)) + b"--B--\r\n", typed(), OK, BAD_REQUEST


def same_name(chance: Random) -> tuple:
    return part("image", photo(chance)) * chance.randrange(2, 50) + b"--B--\r\n", typed(), OK


def other_name(chance: Random) -> tuple:
    name = chance.choice(NAMES)
    return part(name, photo(chance)) + b"--B--\r\n", typed(), BAD_REQUEST, *((OK,) if name == "body" else ())


def nested(chance: Random) -> tuple:
    """A form in a part of a form, several times; the innermost holds a photo."""
    body = photo(chance)
    for depth in range(chance.randrange(1, 30)):
        name = f"N{depth}".encode()
        head = b"" if depth == 0 else b"Content-Type: multipart/mixed; boundary=N%d\r\n" % (depth - 1)
        body = part("image", body, head=head, boundary=name) + b"--" + name + b"--\r\n"
    return body, typed(name.decode()), OK, UNSUPPORTED, BAD_REQUEST


def boundary(chance: Random) -> tuple:
    text = chance.choice(BOUNDARIES)
    name = text.encode("latin-1")
    return part("image", photo(chance), boundary=name) + b"--" + name + b"--\r\n", typed(text), OK, BAD_REQUEST, EMPTY


def no_boundary(chance: Random) -> tuple:
    return part("image", photo(chance)) + b"--B--\r\n", "multipart/form-data", BAD_REQUEST, UNSUPPORTED, EMPTY


def no_end(chance: Random) -> tuple:
    whole = part("image", photo(chance))
    return whole[: chance.randrange(len(whole))], typed(), OK, BAD_REQUEST, EMPTY, *IMAGE


def only_ends(chance: Random) -> tuple:
    return b"--B--\r\n" * chance.choice((1, 2, 10_000)), typed(), BAD_REQUEST, EMPTY


def head_flood(chance: Random) -> tuple:
    head = b"X-A: b\r\n" * chance.choice((100, 10_000))
    return part("image", photo(chance), head=head) + b"--B--\r\n", typed(), OK, BAD_REQUEST


def transfer(chance: Random) -> tuple:
    encoding = chance.choice((b"base64", b"quoted-printable", b"7bit", b"8bit", b"binary", b"gzip", b"x" * 100))
    head = b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    return part("image", photo(chance), head=head) + b"--B--\r\n", typed(), OK, BAD_REQUEST, *IMAGE


def no_file(chance: Random) -> tuple:
    """A photo as a field of text, which it is not."""
    return part("image", photo(chance), filename=None) + b"--B--\r\n", typed(), *IMAGE


def file_name(chance: Random) -> tuple:
    name = chance.choice(("../../../etc/passwd", "a" * 5_000, "", "a.jpg\0.php", "C:\\a", ".", "|id", "é"))
    return part("image", photo(chance), filename=name) + b"--B--\r\n", typed(), OK, BAD_REQUEST


def charset(chance: Random) -> tuple:
    name = chance.choice((b"utf-8", b"utf-16", b"nothing", b"", b"\xff"))
    head = b"Content-Type: text/plain; charset=" + name + b"\r\n"
    return part("image", photo(chance), head=head) + b"--B--\r\n", typed(), OK, BAD_REQUEST, *FRONT, *IMAGE


def lone_feeds(chance: Random) -> tuple:
    """Lines that end as on Unix."""
    return (part("image", photo(chance)) + b"--B--\r\n").replace(b"\r\n", b"\n"), typed(), OK, BAD_REQUEST, EMPTY, *IMAGE


def noise(chance: Random) -> tuple:
    pieces = (
        b"--B\r\n",
        b"--B--",
        b"\r\n\r\n",
        b"Content-Disposition: form-data; ",
        b'name="image"',
        b"\r\n",
        b"--",
        b"\xff\xd8\xff",
        b"x",
    )
    body = b"".join(chance.choice(pieces) for _ in range(chance.randrange(1, 200)))
    return body, typed(), OK, BAD_REQUEST, EMPTY, *IMAGE


def whole(chance: Random) -> tuple:
    return part("image", photo(chance)) + b"--B--\r\n", typed(), OK


KINDS = (
    *(many, same_name, other_name, nested, boundary, no_boundary, no_end, only_ends, head_flood, transfer),
    *(no_file, file_name, charset, lone_feeds, noise, whole),
)
