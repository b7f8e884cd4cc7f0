"""Which headers arrive at TorchServe, and which come back."""

import pytest

from tests.gateway.running import KEYS, UPSTREAM_ID

HOSTILE = {
    "describe": "True",
    "explain": "True",
    "Explain": "True",
    "X-Request-Id": "mine",
    "Cookie": "a=b",
    "X-Forwarded-For": "10.0.0.1",
    "Accept-Encoding": "gzip",
    "X-Form-Type": "multipart/form-data; boundary=B",
}
KNOWN = {"Content-Type": "image/jpeg", "Accept": "image/png", "X-Explain-Target": "ai", "X-Explain-Overlay": "false"}


def test_only_known_headers_arrive(gateway, upstream):
    assert gateway.predict(headers={"X-Api-Key": KEYS["alice"], "User-Agent": "test"} | HOSTILE | KNOWN).status_code == 200
    arrived = dict(upstream.seen[0]["headers"])
    assert {name: arrived.pop(name) for name in KNOWN} == KNOWN
    assert sorted(arrived) == ["Connection", "Content-Length", "Host"]


@pytest.mark.parametrize(
    "form_type",
    [
        'multipart/form-data; boundary="a b"',
        "MultiPart/Form-Data",
        "multipart/form-datax",
        "application/x-www-form-urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED;charset=nothing",
    ],
)
def test_a_form_arrives_as_bytes_with_its_type_beside_it(gateway, upstream, form_type):
    """TorchServe's front end reads what has one of these types, by its first letters."""
    gateway.predict(headers={"X-Api-Key": KEYS["alice"], "Content-Type": form_type, "X-Form-Type": "mine"})
    arrived = dict(upstream.seen[0]["headers"])
    assert (arrived["Content-Type"], arrived["X-Form-Type"]) == ("application/octet-stream", form_type)


@pytest.mark.parametrize("content_type", ["application/json", "multipart/mixed; boundary=B", "x; multipart/form-data"])
def test_another_type_arrives_as_it_is(gateway, upstream, content_type):
    gateway.predict(headers={"X-Api-Key": KEYS["alice"], "Content-Type": content_type, "X-Form-Type": "mine"})
    arrived = dict(upstream.seen[0]["headers"])
    assert arrived["Content-Type"] == content_type
    assert "X-Form-Type" not in arrived


def test_absent_headers_stay_absent(gateway, upstream):
    gateway.predict(headers={"X-Api-Key": KEYS["alice"], "Accept": None})
    assert not {"Content-Type", "Accept", "X-Explain-Target", "X-Form-Type"} & dict(upstream.seen[0]["headers"]).keys()


def test_the_answer_carries_torchserves_request_id_once(gateway):
    answer = gateway.predict(headers={"X-Api-Key": KEYS["alice"], "X-Request-Id": "mine"})
    assert answer.headers["X-Request-Id"] == UPSTREAM_ID  # requests would join two by a comma
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "nginx"  # without its version


def test_each_request_is_a_json_line(gateway):
    gateway.predict(headers={"X-Api-Key": KEYS["bob"], "X-Request-Id": 'mine"}\\'})
    gateway.predict(key=None)
    passed, refused = gateway.logged(2)
    assert (passed["status"], passed["client"], passed["request_id"]) == (200, "bob", UPSTREAM_ID)
    assert passed["client_request_id"] == 'mine"}\\'
    assert isinstance(passed["seconds"], float) and isinstance(passed["upstream_seconds"], float)
    assert (refused["status"], refused["client"], refused["upstream_seconds"]) == (401, "", None)
    assert KEYS["bob"] not in gateway.log.read_text()
