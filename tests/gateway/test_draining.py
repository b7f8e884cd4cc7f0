"""A gateway that goes away answers what it has, and sends kept connections elsewhere first."""

import threading

import requests

from tests.gateway.running import KEYS
from tests.waiting import wait_until


def ask_in_background(gateway) -> list[requests.Response]:
    answers: list[requests.Response] = []
    threading.Thread(target=lambda: answers.append(gateway.predict()), daemon=True).start()
    return answers


def test_a_stop_waits_for_requests_in_flight(gateway, upstream):
    upstream.delay = 2
    answers = ask_in_background(gateway)
    wait_until(lambda: upstream.seen, 10)
    gateway.process.terminate()
    wait_until(lambda: not gateway.answers(), 2)  # takes nothing new at once
    assert gateway.process.poll() is None
    assert gateway.process.wait(10) == 0
    wait_until(lambda: answers, 5)
    assert answers[0].status_code == 200


def test_while_draining_requests_are_answered_and_connections_closed(gateway, upstream):
    session = requests.Session()
    session.headers["X-Api-Key"] = KEYS["alice"]

    def ask():
        return session.post(f"{gateway.url}/predictions/face/1.0?x=y", data=b"body", timeout=10)

    assert "close" not in ask().headers.get("Connection", "")
    (gateway.run_dir / "tmp" / "draining").touch()  # what the preStop hook does
    answer = ask()
    assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
    assert (upstream.seen[-1]["path"], upstream.seen[-1]["length"]) == ("/predictions/face/1.0", 4)
    assert not {"x-api-key", "authorization"} & {name.lower() for name, _ in upstream.seen[-1]["headers"]}


def test_draining_keeps_keys_limits_and_error_bodies(gateway, upstream):
    (gateway.run_dir / "tmp" / "draining").touch()
    assert gateway.predict(key=None).status_code == 401
    assert gateway.predict(bytes(20_000_000)).json()["code"] == "body_too_large"
    upstream.shutdown()
    upstream.server_close()
    assert gateway.predict().json()["code"] == "unavailable"


def test_new_keys_cost_no_request_in_flight(gateway, upstream):
    upstream.delay = 8  # longer than it takes to notice the keys
    answers = ask_in_background(gateway)
    wait_until(lambda: upstream.seen, 10)
    upstream.delay = 0  # the one in flight waits all the same
    gateway.write_keys({"bob": KEYS["bob"]})
    wait_until(lambda: gateway.predict(key=KEYS["alice"]).status_code == 401, 10)
    assert not answers
    wait_until(lambda: answers, 15)
    assert answers[0].status_code == 200
