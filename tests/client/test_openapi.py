"""config/openapi.yaml against the real service: answers that it does not describe are errors, of one or the other."""

import json
from http import HTTPStatus

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_schema_validator import OAS31Validator
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from config.server import ROOT
from handler.errors import STATUS
from handler.response import REASONS
from tests.pictures import no_face, png_that_declares, portrait, small_portrait

FILE = ROOT / "config" / "openapi.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text())
JSON = "application/json"
EXAMPLES = 20  # an operation, in each of the phases

CONFIG = {
    "seed": 1,
    "generation": {"deterministic": True},
    "phases": {"coverage": {"unexpected-methods": []}},  # the management API has some that change the server
    "parameters": {"path.version": "1.0"},
}
api = schemathesis.openapi.from_path(FILE, config=SchemathesisConfig.from_dict(CONFIG))

# TorchServe routes by path alone, and bytes that a schema allows are seldom an image
NOT_PROMISED = [checks.unsupported_method, checks.allow_header_conformance, checks.positive_data_acceptance]


@api.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_the_answer_is_as_described(case, server):
    management = case.path.startswith("/models")
    response = case.call(base_url=server.management if management else server.inference)
    excluded = list(NOT_PROMISED)
    if management or case.path.startswith("/v1"):  # the one is lenient, the other reports a bad instance in its place
        excluded.append(checks.negative_data_rejection)
    if is_form_error(response):
        excluded.append(not_a_server_error)
    case.validate_response(response, excluded_checks=excluded)


def is_form_error(response) -> bool:
    """TorchServe's own answer to a form that it cannot read, before the handler sees it."""
    return response.status_code == 500 and response.json().get("type") == "ErrorDataDecoderException"


def test_the_document_is_valid():
    api.validate()


def schema(pointer: dict) -> dict:
    """A schema of the document with all that it refers to."""
    return pointer | {"components": DOCUMENT["components"]}


def errors_of(body, where: dict) -> list[str]:
    return [error.message for error in OAS31Validator(schema(where)).iter_errors(body)]


def answer_schema(path: str, response: requests.Response) -> dict:
    """What the document says of an answer of this status and content type."""
    operation = next(iter(method for name, method in DOCUMENT["paths"][path].items() if name in ("get", "post")))
    answers = operation["responses"]
    assert str(response.status_code) in answers, f"{response.status_code} is not described"
    answer = answers[str(response.status_code)]
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"][response.headers["Content-Type"]]["schema"]


PREDICT, EXPLAIN = "/predictions/{model}", "/explanations/{model}"
OVERLAY = {"X-Explain-Overlay": "true"}
CALLS = {
    "a portrait": (200, PREDICT, portrait(), {}),
    "a portrait in PNG": (200, PREDICT, portrait("PNG"), {"Content-Type": "image/png"}),
    "a portrait, explained": (200, EXPLAIN, portrait(), {"X-Explain-Target": "ai"}),
    "a portrait, explained with its picture": (200, EXPLAIN, portrait("WEBP"), OVERLAY),
    "no face": (200, PREDICT, no_face(), {}),
    "no face, explained": (200, EXPLAIN, no_face(), OVERLAY),
    "a small face": (200, PREDICT, small_portrait(170), {}),
    "nothing": (400, PREDICT, b"", {}),
    "a damaged image": (400, PREDICT, portrait()[:5000], {}),
    "a bomb": (413, PREDICT, png_that_declares(30_000, 30_000), {}),
    "a text": (415, PREDICT, b"text", {}),
    "a wrong option": (422, EXPLAIN, portrait(), {"X-Explain-Target": "both"}),
}


@pytest.mark.parametrize("status, path, body, headers", CALLS.values(), ids=CALLS)
def test_true_images_are_answered_as_described(server, status, path, body, headers):
    response = requests.post(server.inference + path.format(model="face"), data=body, headers=headers, timeout=60)
    assert response.status_code == status
    where = answer_schema(path, response)
    assert errors_of(response.json(), where) == []
    for broken in wrong(response.json()):  # the schema is strict enough to tell
        assert errors_of(broken, where), broken


def wrong(body: dict) -> list[dict]:
    """The same answer with each key left out, with each value of another kind, and with one more key."""
    without = [{name: value for name, value in body.items() if name != key} for key in body]
    return [*without, *(body | {key: 1.5} for key in body), body | {"more": 1}]


def test_a_picture_is_described_with_its_headers(server):
    response = requests.post(
        f"{server.inference}/explanations/face", data=portrait(), headers={"Accept": "image/png"}, timeout=60
    )
    assert answer_schema(EXPLAIN, response)["format"] == "binary"
    described = DOCUMENT["components"]["responses"]["Explanation"]["headers"]
    assert {name for name in response.headers if name.lower().startswith("x-")} == set(described)
    assert errors_of(response.headers["X-Face-Verdict"], described_schema(described["X-Face-Verdict"])) == []
    assert errors_of(float(response.headers["X-Face-Score-Ai"]), described_schema(described["X-Face-Score-Ai"])) == []


def described_schema(reference: dict) -> dict:
    return DOCUMENT["components"]["headers"][reference["$ref"].rpartition("/")[2]]["schema"]


def test_a_release_describes_itself_as_described(server):
    response = requests.get(f"{server.management}/models/face", params={"customized": "true"}, timeout=30)
    where = answer_schema("/models/{model}", response)
    assert errors_of(response.json(), where) == []
    described = response.json()[0]["customizedMetadata"]
    assert errors_of([response.json()[0] | {"customizedMetadata": described | {"model": None}}], where)


def examples() -> list[tuple[str, dict, object]]:
    """Every example of an answer or of a request, with its schema."""
    found = []
    for kind in ("responses", "requestBodies"):
        for name, part in DOCUMENT["components"][kind].items():
            content = part["content"].get(JSON, {})
            found += [(name, content["schema"], content["example"])] if "example" in content else []
            for reference in content.get("examples", {}).values():
                value = DOCUMENT["components"]["examples"][reference["$ref"].rpartition("/")[2]]["value"]
                found.append((name, content["schema"], value))
    return found


@pytest.mark.parametrize("name, where, value", examples(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_example_fits_its_schema(name, where, value):
    assert errors_of(value, where) == []


def test_the_examples_of_requests_are_answered_as_the_examples_say(server):
    bodies = DOCUMENT["components"]["requestBodies"]
    pixel = bodies["Image"]["content"][JSON]["example"]
    told = DOCUMENT["components"]["examples"]["NoFace"]["value"]
    answer = requests.post(f"{server.inference}/predictions/face", json=pixel, timeout=60).json()
    assert answer.keys() == told.keys()
    for name in ("verdict", "scores", "reasons", "face", "image"):
        assert answer[name] == told[name]
    instances = bodies["Instances"]["content"][JSON]["example"]
    first, second = requests.post(f"{server.inference}/v1/models/face:predict", json=instances, timeout=60).json()[
        "predictions"
    ]
    assert (first["verdict"], second["code"]) == ("no_face", "unsupported_format")


def test_every_code_of_the_service_is_described_under_its_status():
    by_status = {}
    for part in DOCUMENT["paths"][EXPLAIN]["post"]["responses"].items():
        status, reference = part
        by_status[int(status)] = json.dumps(DOCUMENT["components"]["responses"][reference["$ref"].rpartition("/")[2]])
    for code, status in STATUS.items():
        assert f'"{code}"' in by_status[status], f"{code} is not described under {status} {HTTPStatus(status).phrase}"
    reasons = DOCUMENT["components"]["schemas"]["Judged"]["properties"]["reasons"]["items"]["properties"]["code"]["enum"]
    assert sorted(reasons) == sorted(REASONS)
