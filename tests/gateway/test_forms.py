"""Forms through the gateway, where the handler reads them, get the answers of those that TorchServe reads itself."""

import json
import shutil
import subprocess

import pytest
import requests

from tests.gateway.running import KEYS
from tests.pictures import SAMPLE, portrait

PHOTO, TEXT = portrait(), b"not an image"
QUOTED = {"Content-Type": 'multipart/form-data; boundary="a b:c"'}
PLAIN = {"Content-Type": "multipart/form-data; boundary=-+'_,./=?"}


def part(boundary: bytes, head: bytes, content: bytes = PHOTO) -> bytes:
    return b"--" + boundary + b"\r\n" + head + b"\r\nContent-Type: image/jpeg\r\n\r\n" + content + b"\r\n"


def written(boundary: bytes, *parts: tuple[bytes, ...]) -> bytes:
    return b"".join(part(boundary, *one) for one in parts) + b"--" + boundary + b"--\r\n"


FILE = b'Content-Disposition: form-data; name="image"; filename="a.jpg"'
OTHER = b'Content-Disposition: form-data; name="other"; filename="b.jpg"'
FORMS = {
    "requests": {"files": {"image": ("a.jpg", PHOTO, "image/jpeg")}},
    "a file without a type": {"files": {"image": ("a", PHOTO)}},
    "a name in Unicode": {"files": {"image": ("Bär 写真.jpg", PHOTO)}},
    "a name in quotes": {"files": {"image": ('a"b; name="x".jpg', PHOTO)}},
    "text beside it": {"files": {"image": ("a.jpg", PHOTO)}, "data": {"note": "über", "b": ["1", "2"]}},
    "in second place": {"files": [("thumbnail", ("t.jpg", TEXT)), ("image", ("a.jpg", PHOTO)), ("z", ("z", b""))]},
    "twice, the photo last": {"files": [("image", ("t.jpg", TEXT)), ("image", ("a.jpg", PHOTO))]},
    "twice, the photo first": {"files": [("image", ("a.jpg", PHOTO)), ("image", ("t.jpg", TEXT))]},
    "a boundary in quotes": {"data": written(b"a b:c", (FILE,)), "headers": QUOTED},
    "a boundary of signs": {"data": written(b"-+'_,./=?", (OTHER, TEXT), (FILE,)), "headers": PLAIN},
    "an unquoted name": {"data": written(b"a b:c", (FILE.replace(b'"', b""),)), "headers": QUOTED},
    "headers in small letters": {"data": written(b"a b:c", (FILE.replace(b"Content-D", b"content-d"),)), "headers": QUOTED},
    "an empty file": {"files": {"image": ("a.jpg", b"")}},
    "no image": {"files": {"image": ("a.jpg", TEXT)}},
    "another field": {"files": {"photo": ("a.jpg", PHOTO)}},
    "another case": {"files": {"Image": ("a.jpg", PHOTO)}},
    "nothing in it": {"data": b"--a b:c--\r\n", "headers": QUOTED},
    "nothing at all": {"data": b"", "headers": QUOTED},
}
SPOILT = {
    "cut short": {"data": written(b"a b:c", (FILE,))[:-400], "headers": QUOTED},
    "no boundary": {"data": written(b"B", (FILE,)), "headers": {"Content-Type": "multipart/form-data"}},
    "no form": {"data": PHOTO, "headers": QUOTED},
}


def told(answer: requests.Response):
    """What must be the same: the status, and the error's code and words or what was seen in the photo."""
    body = answer.json()
    names = ("verdict", "scores", "reasons", "face", "image") if answer.ok else ("code", "message")
    return answer.status_code, [body[name] for name in names]


def both(service, form: dict) -> tuple:
    """The answer behind the gateway, and the one in front of it."""
    gateway, server = service
    inside = requests.post(f"{server.inference}/predictions/face", timeout=60, **form)
    headers = form.get("headers", {}) | {"X-Api-Key": KEYS["alice"]}
    return inside, requests.post(f"{gateway.url}/predictions/face", timeout=60, **form | {"headers": headers})


@pytest.mark.parametrize("name", FORMS)
def test_a_sound_form_is_answered_alike(service, name):
    inside, outside = both(service, FORMS[name])
    assert told(inside) == told(outside)


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_form_is_refused_where_torchserve_fails(service, name):
    inside, outside = both(service, SPOILT[name])
    assert outside.status_code == 400
    assert outside.json()["code"] == "bad_request"
    assert inside.status_code >= 400


CURL = {
    "-F": ["-F", f"image=@{SAMPLE}"],
    "-F with a type, and text": ["-F", "a=b", "-F", f"image=@{SAMPLE};type=image/jpeg;filename=Bär.jpg"],
    "-T": ["-T", str(SAMPLE)],
    "--data-binary": ["--data-binary", f"@{SAMPLE}"],  # which says to send a form
}


@pytest.mark.parametrize("name", CURL)
def test_curl_sends_a_photo_in_any_way(service, name):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    gateway, server = service
    command = ["curl", "-sS", "-m", "60", "-H", f"X-Api-Key: {KEYS['alice']}", *CURL[name]]
    done = subprocess.run([*command, f"{gateway.url}/predictions/face"], capture_output=True, check=True)
    raw = requests.post(f"{server.inference}/predictions/face", data=SAMPLE.read_bytes(), timeout=60).json()
    answer = json.loads(done.stdout)
    assert [answer[name] for name in ("scores", "face")] == [raw[name] for name in ("scores", "face")]
