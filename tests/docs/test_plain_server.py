"""The example of another server gives TorchServe's answers, and is made of nothing of TorchServe's."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from PIL import Image

from config.server import ROOT
from tests.pictures import SAMPLE, encoded, gif, no_face, portrait, small_portrait
from tests.ports import free_port
from tests.releases import make_release

EXAMPLE = ROOT / "docs" / "examples" / "plain_server.py"


def two_faces() -> bytes:
    """The portrait beside itself."""
    with Image.open(SAMPLE) as image:
        both = Image.new("RGB", (2 * image.width, image.height))
        both.paste(image, (0, 0))
        both.paste(image, (image.width, 0))
    return encoded(both, "PNG")


PICTURES = {
    "a portrait": portrait(),
    "a PNG": portrait("PNG"),
    "two faces": two_faces(),
    "no face": no_face(),
    "a small face": small_portrait(160),
    "a GIF": gif(),
    "nothing": b"",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Iterator[str]:
    """The example on the release of the server's first version; yields its address."""
    release = make_release(tmp_path_factory.mktemp("plain") / "face-1.0").folder
    port = free_port()
    paths = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, str(EXAMPLE), str(release), str(port)], env=paths, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 300
        while not listens(url):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)
        yield url
    finally:
        process.kill()
        process.wait()


def listens(url: str) -> bool:
    try:
        return requests.post(f"{url}/predictions/face", data=b"", timeout=5).status_code == 400
    except requests.ConnectionError:
        return False


def without_id(answer: dict) -> dict:
    assert answer.pop("request_id")
    return answer


@pytest.mark.parametrize("verb", ["predictions", "explanations"])
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_the_answers_are_the_same(server, plain, picture, verb):
    """The same release, so the same weights, thresholds and numbers, to the last digit."""
    theirs, ours = (requests.post(f"{base}/{verb}/face", data=picture, timeout=60) for base in (server.inference, plain))
    assert ours.status_code == theirs.status_code
    assert without_id(ours.json()) == without_id(theirs.json())


def test_torchserve_is_not_imported(tmp_path):
    code = (
        f"import runpy, sys; runpy.run_path({str(EXAMPLE)!r}); print(*(n for n in sys.modules if n.partition('.')[0] == 'ts'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip() == ""
