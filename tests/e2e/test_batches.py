"""Requests of different kinds that the server puts into one batch: each gets its own answer."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.pictures import no_face, portrait

pytestmark = pytest.mark.usefixtures("worker_lives")


@pytest.fixture
def send(server):
    """Sends requests at the same time to version 2.0, which waits half a second for a batch of eight."""

    def one(kind: str, body: bytes, headers: dict | None = None) -> requests.Response:
        return requests.post(f"{server.inference}/{kind}/face/2.0", data=body, headers=headers, timeout=60)

    def send(calls: list[tuple]) -> list[requests.Response]:
        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(lambda call: one(*call), calls))

    return send


def test_good_bad_predict_and_explain_in_one_batch(send, server):
    photo = portrait()
    answers = send(
        [
            ("predictions", photo),
            ("explanations", photo),
            ("predictions", photo[:5000]),
            ("explanations", b""),
            ("explanations", photo, {"Accept": "image/png"}),
            ("explanations", photo, {"X-Explain-Target": "nobody"}),
            ("predictions", no_face()),
            ("predictions", portrait("PNG")),
        ]
    )
    assert [answer.status_code for answer in answers] == [200, 200, 400, 400, 200, 422, 200, 200]
    kinds = [answer.headers["Content-Type"] for answer in answers]
    assert kinds == ["image/png" if number == 4 else "application/json" for number in range(8)]
    plain, explained, bad, empty, picture, option, nobody, png = answers
    assert "explanation" not in plain.json()
    assert explained.json()["explanation"]["grid"]
    assert [answer.json()["code"] for answer in (bad, empty, option)] == ["bad_image", "empty_body", "bad_option"]
    assert picture.content.startswith(b"\x89PNG")
    assert nobody.json()["verdict"] == "no_face"
    assert plain.json()["scores"] == explained.json()["scores"]
    assert png.json()["image"]["format"] == "PNG"
    assert len({answer.headers["x-request-id"] for answer in answers}) == 8
    assert was_one_batch(server, [plain, explained, picture, png])


def test_the_score_does_not_depend_on_the_company(send):
    alone = send([("predictions", portrait())])[0].json()["scores"][0]
    together = [answer.json()["scores"][0] for answer in send([("predictions", portrait())] * 8)]
    for score in together:
        # other batch sizes sum floats in another order
        assert score == {"label": alone["label"], "score": pytest.approx(alone["score"], abs=1e-4)}


def was_one_batch(server, answers: list[requests.Response]) -> bool:
    """Whether these were stacked: the time of one pass of the network is shared equally among its images."""
    ids = {answer.headers["x-request-id"] for answer in answers}
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if '"stage_ms"' in line]
    shares = {line["stage_ms"]["infer"] for line in lines if line["request_id"] in ids}
    return len(shares) == 1
