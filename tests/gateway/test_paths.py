"""What the world reaches of TorchServe: predictions, explanations, /ping. Whatever else it has, stays behind."""

import http.client
import json

import pytest

from tests.gateway.running import KEYS

KEY = {"X-Api-Key": KEYS["alice"]}


def ask(gateway, path: str, method: str = "POST") -> http.client.HTTPResponse:
    """One request with the path as it is: `requests` would normalise it."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request(method, path, headers=KEY)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    "path, passed_on",
    [
        ("/predictions/face", None),
        ("/predictions/face/1.0", None),
        ("/explanations/face", None),
        ("/explanations/face/2", None),
        ("/v1/models/face:predict", None),
        ("/v1/models/face:explain", None),
        ("//predictions/./x/../face", "/predictions/face"),
        ("/predictions/%66ace", "/predictions/face"),
        ("/predictions/face?customized=true", "/predictions/face"),
    ],
)
def test_public_paths_arrive_normalised_and_without_query(gateway, upstream, path, passed_on):
    assert ask(gateway, path).status == 200
    assert [seen["path"] for seen in upstream.seen] == [passed_on or path]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/models",
        "/models/face",
        "/models?url=http://127.0.0.1/x.mar",
        "/predictions",
        "/predictions/other",
        "/predictions/face/",
        "/predictions/face/1.0/models",
        "/predictions/face/..%2f..%2fmodels",
        "/predictions/face/../../models",
        "/predictions/face%0d%0aX:y",
        "/v1/models",
        "/v1/models/face",
        "/v2/health/ready",
        "/workflows",
        "/wfpredict/x",
        "/api-description",
        "/metrics",
        "/ready",
        "/live",
        "/gateway",
    ],
)
def test_nothing_else_is_passed_on(gateway, upstream, path, method):
    assert ask(gateway, path, method).status == 404
    assert not upstream.seen


def test_predictions_are_posted_or_put(gateway, upstream):
    assert {method: ask(gateway, "/predictions/face", method).status for method in ("POST", "PUT", "GET", "DELETE")} == {
        "POST": 200,
        "PUT": 200,
        "GET": 405,
        "DELETE": 405,
    }
    assert len(upstream.seen) == 2


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_another_method_gets_its_code(gateway, method):
    """Also those that nginx refuses before it looks for a location."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request(method, "/predictions/face", headers=KEY)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (405, "method_not_allowed")
    connection.close()
