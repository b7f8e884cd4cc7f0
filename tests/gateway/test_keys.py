"""Who may ask: several keys, in two headers, which change while the gateway runs."""

import pytest

from tests.gateway.running import KEYS
from tests.waiting import wait_until

NEW = "c3" * 16


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Api-Key": ""},
        {"X-Api-Key": "a1" * 15},
        {"X-Api-Key": KEYS["alice"] + "0"},
        {"X-Api-Key": "alice"},
        {"X-Api-Key": f"wrong, {KEYS['alice']}"},
        {"Authorization": KEYS["alice"]},
        {"Authorization": f"Basic {KEYS['alice']}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {KEYS['alice']}", "X-Api-Key": "wrong"},
    ],
)
def test_without_a_valid_key_nothing_passes(gateway, upstream, headers):
    answer = gateway.predict(headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert not upstream.seen


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("header, form", [("X-Api-Key", "{}"), ("Authorization", "Bearer {}"), ("authorization", "bearer {}")])
def test_each_key_passes_in_either_header_and_goes_no_further(gateway, upstream, name, header, form):
    assert gateway.predict(headers={header: form.format(KEYS[name])}).status_code == 200
    assert KEYS[name] not in str(upstream.seen)


def test_keys_change_without_a_restart(gateway):
    gateway.write_keys({"bob": KEYS["bob"], "carol": NEW})
    wait_until(lambda: gateway.predict(key=NEW).status_code == 200, 20)
    # a worker process of before may answer its last requests by the old keys
    wait_until(lambda: gateway.predict(key=KEYS["alice"]).status_code == 401, 20)
    assert gateway.predict(key=KEYS["bob"]).status_code == 200


def test_broken_keys_leave_the_old_ones_in_force(gateway):
    gateway.keys.write_text("this is no map\n")
    wait_until(lambda: "[emerg]" in gateway.log.read_text(), 20)
    assert gateway.predict().status_code == 200
