"""The log of the running service: a JSON object a line for each image, and never an image."""

import base64
import json
import time

import pytest
import requests

from config.server import MODEL
from tests.pictures import portrait

STARTED = "Model server started."  # up to here Java and TorchServe print plain lines past their loggers
LONGEST = 2000  # characters of a line; the portrait in base64 has tens of thousands
PIECE = 24  # characters of an encoded image that no line may hold


def ways_in() -> dict[str, dict]:
    """The forms that a picture comes in, as arguments of `requests.post`."""
    text = base64.b64encode(portrait()).decode()
    typed = {"Content-Type": "application/json"}
    return {
        "raw": {"data": portrait()},
        "form": {"files": {"image": ("private-name.jpg", portrait())}},
        "json": {"data": json.dumps({"image": text}), "headers": typed},
        "damaged": {"data": portrait()[:5000]},
        "broken json": {"data": '{"image": "' + text[:5000], "headers": typed},
        "broken base64": {"data": json.dumps({"image": text[:5000] + "!"}), "headers": typed},
        "text": {"data": b"a private text"},
        "bad option": {"data": portrait(), "headers": {"X-Explain-Target": "a private word"}},
    }


@pytest.fixture(scope="module")
def asked(server) -> dict[str, requests.Response]:
    """Answers to explanations with pictures, by way in."""
    overlay = {"X-Explain-Overlay": "true"}
    url = f"{server.inference}/explanations/{MODEL}"
    return {
        way: requests.post(url, timeout=60, **(arguments | {"headers": overlay | arguments.get("headers", {})}))
        for way, arguments in ways_in().items()
    }


@pytest.fixture(scope="module")
def lines(server, asked) -> list[str]:
    time.sleep(1)  # the server reads the worker's lines after the answers have gone
    return server.log.read_text(errors="strict").partition(STARTED)[2].strip().splitlines()


def test_each_image_has_one_line_with_its_verdict_or_code(asked, lines):
    logged = [json.loads(line) for line in lines]
    for way, answer in asked.items():
        (line,) = (line for line in logged if line.get("request_id") == answer.headers["x-request-id"])
        assert (line["event"], line["model"], line["version"]) == ("explanation", "face", "1.0") or not answer.ok, way
        assert all(milliseconds >= 0 for milliseconds in line["stage_ms"].values())
        told = answer.json()
        if answer.ok:
            assert (line["verdict"], line["score_ai"]) == (told["verdict"], told["scores"] and score(told)), way
            assert line["stage_ms"].keys() >= {"receive", "decode", "detect", "crop", "infer", "calibrate", "explain"}
        else:
            assert line["error"] == told["code"], way
    assert {"bad_image", "bad_request", "unsupported_format", "bad_option"} <= {line.get("error") for line in logged}


def score(told: dict) -> float:
    return next(entry["score"] for entry in told["scores"] if entry["label"] == "ai")


def test_no_line_holds_an_image_or_what_a_client_wrote(asked, lines):
    assert max(map(len, lines)) < LONGEST
    text = "\n".join(lines)
    sent = base64.b64encode(portrait()).decode()
    overlay = asked["raw"].json()["explanation"]["overlay"]
    for encoded in (sent, overlay):
        pieces = {encoded[start : start + PIECE] for start in range(0, len(encoded) - PIECE, PIECE)}
        assert not [piece for piece in pieces if piece in text]
    assert portrait()[1000:1024].hex() not in text
    assert "private" not in text
