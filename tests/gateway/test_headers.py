"""Which headers arrive at TorchServe, and which come back."""

from tests.gateway.running import KEYS, UPSTREAM_ID

HOSTILE = {
    "describe": "True",
    "explain": "True",
    "Explain": "True",
    "X-Request-Id": "mine",
    "Cookie": "a=b",
    "X-Forwarded-For": "10.0.0.1",
    "Accept-Encoding": "gzip",
}
KNOWN = {"Content-Type": "image/jpeg", "Accept": "image/png", "X-Explain-Target": "ai", "X-Explain-Overlay": "false"}


def test_only_known_headers_arrive(gateway, upstream):
    assert gateway.predict(headers={"X-Api-Key": KEYS["alice"], "User-Agent": "test"} | HOSTILE | KNOWN).status_code == 200
    arrived = dict(upstream.seen[0]["headers"])
    assert {name: arrived.pop(name) for name in KNOWN} == KNOWN
    assert sorted(arrived) == ["Connection", "Content-Length", "Host"]


def test_absent_headers_stay_absent(gateway, upstream):
    gateway.predict(headers={"X-Api-Key": KEYS["alice"], "Accept": None})
    assert not {"Content-Type", "Accept", "X-Explain-Target"} & dict(upstream.seen[0]["headers"]).keys()


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
