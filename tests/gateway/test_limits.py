"""How much one client, and all of them, may ask; and what they get above it."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.running import KEYS

MEGABYTE = 1_000_000
IN_FLIGHT, LARGE, BURST = 64, 8, 200  # predict.conf
RATE = 100  # a second, limits.conf


def chunks():
    for _ in range(20):
        yield bytes(MEGABYTE)


@pytest.mark.parametrize("body", [bytes(20 * MEGABYTE), chunks()], ids=["declared", "chunked"])
def test_20_megabytes_are_refused_unseen(gateway, upstream, body):
    answer = gateway.predict(body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert not upstream.seen


def test_16_megabytes_pass(gateway, upstream):
    assert gateway.predict(bytes(16 * MEGABYTE)).status_code == 200
    assert upstream.seen[0]["length"] == 16 * MEGABYTE


@pytest.mark.parametrize("status", [400, 413, 415, 422, 429, 500, 503])
def test_torchserves_own_errors_pass_unchanged(gateway, upstream, status):
    upstream.status = status
    answer = gateway.predict()
    assert answer.status_code == status
    assert answer.json()["path"] == "/predictions/face"
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


def many(gateway, count: int, key: str, at_once: int = 100, body: bytes = b"image") -> list:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: gateway.predict(body, key=key), range(count)))


def test_more_in_flight_than_can_be_answered_soon_are_sent_away(gateway, upstream):
    upstream.delay = 3
    answers = many(gateway, IN_FLIGHT + 20, KEYS["alice"])
    assert Counter(answer.status_code for answer in answers) == {200: IN_FLIGHT, 503: 20}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["code"] == "unavailable"
    assert int(refused.headers["Retry-After"]) > 0
    upstream.delay = 0
    assert gateway.predict().status_code == 200


@pytest.mark.parametrize("size", [4, 10, 16])
def test_large_bodies_are_sent_away_sooner_and_small_ones_pass_beside_them(gateway, upstream, size):
    upstream.delay = 3
    with ThreadPoolExecutor(1) as pool:
        large = pool.submit(many, gateway, LARGE + 4, KEYS["alice"], body=bytes(size * MEGABYTE))
        time.sleep(1)
        small = many(gateway, 10, KEYS["alice"], body=bytes(3 * MEGABYTE))
    assert Counter(answer.status_code for answer in large.result()) == {200: LARGE, 503: 4}
    assert {answer.status_code for answer in small} == {200}


def test_a_client_that_asks_too_fast_harms_itself_only(gateway):
    """What passes in `seconds` is the burst and what has flowed off since; the rest is refused."""
    started = time.monotonic()
    answers = many(gateway, 1000, KEYS["alice"], at_once=20)
    seconds = time.monotonic() - started
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) > 0
    assert len(refused) >= 1000 - BURST - 1 - RATE * seconds
    assert refused[0].json()["code"] == "too_many_requests"
    assert int(refused[0].headers["Retry-After"]) > 0
    assert gateway.predict(key=KEYS["bob"]).status_code == 200


def test_without_torchserve_the_answer_is_to_try_again(gateway, upstream):
    upstream.shutdown()
    upstream.server_close()
    answer = gateway.predict()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
