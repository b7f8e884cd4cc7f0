"""Files that are something else than they say: other formats, wrong types, and two things at once."""

import io
import pickle
import struct
import zipfile
from functools import cache
from random import Random

from PIL import Image

from tests.hostile.case import BAD_IMAGE, BAD_REQUEST, EMPTY, EXPLAIN, IMAGE, OK, PREDICT, UNSUPPORTED, Case, case
from tests.hostile.files import EOI, SOI, chunk, png_with_chunks, portrait, segment, sound, with_segments
from tests.pictures import encoded

TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/svg+xml",
    "text/html",
    "text/plain",
    "application/pdf",
    "application/zip",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "image/../../etc/passwd",
    "*/*",
    "",
    "a" * 2_000,
)
SCRIPT = b"<script>alert(1)</script>"


def make(chance: Random) -> Case:
    headers = {"Content-Type": chance.choice(TYPES)} if chance.random() < 0.8 else {}
    path = chance.choice((PREDICT, EXPLAIN))
    if chance.random() < 0.3:  # a picture under a wrong type is a picture
        name, data = chance.choice(sorted(sound().items()))
        allowed, kind = (OK,), f"{name} under another type"
    else:
        kind, (data, *allowed) = chance.choice(sorted(files().items()))
    if headers.get("Content-Type") == "application/x-www-form-urlencoded":
        allowed = (*allowed, BAD_REQUEST, EMPTY)  # the server reads it as a form
    return case(kind, data, *allowed, path=path, headers=headers)


@cache
def files() -> dict[str, tuple]:
    small = portrait(64)
    jpeg, png = sound(64)["jpeg"], sound(64)["png"]
    others = {name: encoded(small, name) for name in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PDF", "AVIF", "PCX")}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../evil.py", "raise SystemExit")
    return {name.lower(): (data, UNSUPPORTED) for name, data in others.items()} | {
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNSUPPORTED),
        "svg with an entity": (b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', UNSUPPORTED),
        "html": (b"<!doctype html>" + SCRIPT, UNSUPPORTED),
        "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file", UNSUPPORTED),
        "a program": (b"\x7fELF\2\1\1" + bytes(100), UNSUPPORTED),
        "a pickle": (pickle.dumps({"image": jpeg}), UNSUPPORTED),
        "an archive": (archive.getvalue(), UNSUPPORTED),
        "a path": (b"/etc/passwd", UNSUPPORTED),
        "a url": (b"http://127.0.0.1:8081/models", UNSUPPORTED),
        "imagemagick's own": (b"push graphic-context\nfill 'url(https://x/|id)'", UNSUPPORTED),
        "zeros": (bytes(10_000), UNSUPPORTED),
        "the start of jpeg alone": (SOI + b"\xff", BAD_IMAGE),
        "jpeg without pixels": (SOI + EOI + b"\xff\xd9", UNSUPPORTED, BAD_IMAGE),
        "the start of png alone": (png[:8], BAD_IMAGE),
        "webp of another kind": (b"RIFF\x10\0\0\0WAVEfmt " + bytes(20), UNSUPPORTED),
        "riff webp of nothing": (b"RIFF\x04\0\0\0WEBP", BAD_IMAGE),
        "jpeg under a png's start": (png[:8] + jpeg, BAD_IMAGE),
        "png under a jpeg's start": (SOI + b"\xff" + png, BAD_IMAGE),
        "gif and jpeg": (b"GIF89a" + jpeg, UNSUPPORTED),
        "jpeg and archive": (jpeg + archive.getvalue(), OK),
        "jpeg and script": (with_segments(segment(0xFE, SCRIPT)), OK),
        "png and script": (png_with_chunks(chunk(b"tEXt", b"Comment\0" + SCRIPT)), OK),
        "png with what looks like json": (png_with_chunks(after=chunk(b"tEXt", b'k\0{"image":1}')), OK),
        "jpeg of twelve bits": (with_segments(segment(0xC1, b"\x0c\0\x40\0\x40\1\1\x11\0")), BAD_IMAGE),
        "jpeg lossless": (
            SOI + segment(0xC3, b"\x08\0\x40\0\x40\1\1\x11\0") + segment(0xDA, b"\1\1\0\0\x3f\0") + EOI,
            BAD_IMAGE,
        ),
        "jpeg of five colours": (
            SOI + segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 5) + bytes(15)) + segment(0xDA, b"\5" + bytes(13)),
            BAD_IMAGE,
        ),
        "jpeg of no lines": (
            SOI + segment(0xC0, b"\x08\0\0\0\x40\1\1\x11\0") + segment(0xDA, b"\1\1\0\0\x3f\0") + EOI,
            BAD_IMAGE,
        ),
        "png of no rows": (png[:16] + bytes(8) + png[24:], BAD_IMAGE),
        "png of an unknown colour": (png[:25] + b"\x07" + png[26:], *IMAGE),
        "truncated by a null": (b"\0" + jpeg, UNSUPPORTED),
        "after white space": (b"\r\n" + jpeg, UNSUPPORTED),
        "after a byte order mark": (b"\xef\xbb\xbf" + jpeg, UNSUPPORTED),
        "as utf-16": (SCRIPT.decode().encode("utf-16"), UNSUPPORTED),
        "rotten icc": (encoded(Image.new("RGB", (16, 16)), "PNG", icc_profile=b"\xff" * 500), OK),
    }
