"""Two versions compared, with a stub that answers as each of them would."""

import json

import pytest

from client.comparison import TIMED, Side, compare
from client.errors import Refused
from client.golden import golden_set
from client.site import Impossible
from tests.client.bodies import encoded, error, explanation, no_face
from tests.client.stub import Reply, Request

UNKNOWN = Reply(404, encoded({"code": 404, "type": "ModelVersionNotFoundException", "message": "no version 9.9"}))


def body(verdict: str, score: float) -> bytes:
    scores = [{"label": "ai", "score": score}, {"label": "real", "score": 1 - score}]
    return encoded(explanation(verdict=verdict, scores=scores))


ANSWERS = {  # by the content of the image, and the version
    "same": (Reply(body=body("real", 0.25)), Reply(body=body("real", 0.25))),
    "flip": (Reply(body=body("real", 0.25)), Reply(body=body("ai", 0.75))),
    "room": (Reply(body=encoded(no_face() | {"explanation": None})),) * 2,
    "damaged": (Reply(400, encoded(error())),) * 2,
    "defect": (Reply(body=body("real", 0.25)), Reply(500, encoded(error("internal")))),
}


@pytest.fixture
def versions(stub):
    def answer(request: Request) -> Reply:
        version = request.path.rpartition("/")[2]
        if version == "9.9":
            return UNKNOWN
        return ANSWERS[request.body.decode()][version == "1.1"]

    stub.answer = answer


def golden(folder, *names: str):
    for number, name in enumerate(names):
        (folder / f"{number}.jpg").write_text(name)
    return golden_set(folder)


def sides(face, *versions: str):
    return (Side(version, face, version) for version in versions)


def test_figures(face, versions, tmp_path):
    compared = compare(*sides(face, "1.0", "1.1"), golden(tmp_path, *ANSWERS))
    assert compared.images == 5
    assert compared.flip_rate == pytest.approx(1 / 3)  # of those that both answered
    assert [name.rpartition("/")[2] for name in compared.flips] == ["1.jpg"]
    assert compared.score_shift == pytest.approx(0.25)  # 0 and 0.5; a room has none
    assert compared.heat_map_overlap == pytest.approx(1)
    assert compared.error_rate == pytest.approx(1 / 5)  # the damaged one is refused by both
    assert [name.rpartition("/")[2] for name in compared.errors] == ["4.jpg"]


def test_a_version_that_takes_longer(face, stub, tmp_path):
    stub.answer = lambda request: Reply(body=body("real", 0.25), delay=0.1 if request.path.endswith("1.1") else 0.0)
    folder = golden(tmp_path, "same")
    assert compare(*sides(face, "1.0", "1.1"), folder).latency_ratio > 1.5
    assert compare(*sides(face, "1.1", "1.0"), folder).latency_ratio < 0.7


def test_the_maps_are_of_one_label_and_the_times_of_both_versions(face, stub, versions, tmp_path):
    compare(*sides(face, "1.0", "1.1"), golden(tmp_path, "same"))
    explained = [request for request in stub.requests if "explanations" in request.path]
    assert [request.headers["x-explain-target"] for request in explained] == ["ai", "ai"]
    timed = [request.path.rpartition("/")[2] for request in stub.requests if "predictions" in request.path]
    assert (timed.count("1.0"), timed.count("1.1")) == (TIMED, TIMED)


def test_a_golden_set_that_says_nothing(face, versions, tmp_path):
    with pytest.raises(Impossible, match="none of the 1 golden images"):
        compare(*sides(face, "1.0", "1.1"), golden(tmp_path, "damaged"))


def test_an_unknown_version(face, versions, tmp_path):
    with pytest.raises(Refused, match=r"no version 9\.9"):
        compare(*sides(face, "1.0", "9.9"), golden(tmp_path, "same"))


def test_figures_can_be_written_down(face, versions, tmp_path):
    compared = compare(*sides(face, "1.0", "1.1"), golden(tmp_path, "room"))
    assert json.loads(json.dumps(vars(compared)))["score_shift"] is None
