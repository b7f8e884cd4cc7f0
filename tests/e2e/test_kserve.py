"""KServe's v1 protocol: a list of instances in, a list of predictions out, errors in their places."""

import base64

import pytest
import requests

from tests.pictures import no_face, portrait

URL = "{}/v1/models/face:{}"


def instance(data: bytes) -> dict:
    return {"image": {"b64": base64.b64encode(data).decode()}}


@pytest.fixture
def call(server):
    def call(verb: str, body: dict | list | None, **options):
        return requests.post(URL.format(server.inference, verb), json=body, timeout=60, **options)

    return call


def test_each_instance_gets_its_answer_or_its_error_in_place(call, predict):
    bodies = [instance(portrait()), instance(b"text"), instance(no_face()), {"image": 1}]
    answer = call("predict", {"instances": bodies})
    assert answer.status_code == 200
    first, second, third, fourth = answer.json()["predictions"]
    assert first["scores"] == predict(portrait()).json()["scores"]
    assert second["code"] == "unsupported_format"
    assert third["verdict"] == "no_face"
    assert fourth["code"] == "bad_request"


def test_explain_adds_the_map(call):
    answer = call("explain", {"instances": [instance(portrait()), instance(b"")]})
    first, second = answer.json()["predictions"]
    assert first["explanation"]["target"] == first["scores"][0]["label"]
    assert second["code"] == "empty_body"


def test_a_list_stays_json_whatever_is_accepted(call):
    answer = call("explain", {"instances": [instance(portrait())]}, headers={"Accept": "image/png"})
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [{"instances": []}, {"instances": "x"}, {}, [1], {"instances": [{}] * 5}])
def test_what_is_no_list_of_allowed_length_is_refused(call, body):
    answer = call("predict", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
