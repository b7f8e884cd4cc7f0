"""A key reaches every request of an input, wherever it is cut, and none that hides in another's body."""

from random import Random

from tests.hostile.case import FRONT, GATEWAY, OK, Case, case, post
from tests.hostile.families.wire import SMUGGLED, pipelined

KEY = b"X-Api-Key: k\r\n"


def keyed(*steps: bytes | float) -> tuple:
    return Case("x", steps, frozenset()).for_gateway("k").steps


def test_a_key_follows_the_host():
    whole = post(b"body")
    assert keyed(whole)[0] == whole.replace(b"Host: face\r\n", b"Host: face\r\n" + KEY)
    steps, *_ = pipelined(Random(0))
    assert keyed(*steps)[0].count(KEY) == steps[0].count(b"POST ") > 1


def test_pieces_and_pauses_stay_in_their_places():
    whole = post(b"body")
    pieces = [step for number in range(0, len(whole), 7) for step in (whole[number : number + 7], 0.01)]
    found = keyed(*pieces)
    assert [step for step in found if isinstance(step, float)] == [0.01] * (len(pieces) // 2)
    assert b"".join(step for step in found if isinstance(step, bytes)) == keyed(whole)[0]


def test_a_request_in_a_body_has_no_key():
    assert [request for request in SMUGGLED.values() if keyed(request)[0].count(KEY) != 1] == []


def test_the_gateway_may_refuse_what_a_server_may():
    assert case("x", b"", OK, *FRONT).for_gateway("k").allowed == {OK, *FRONT, *GATEWAY}
    assert case("x", b"", OK).for_gateway("k").allowed == {OK}
