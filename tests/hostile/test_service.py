"""A few hundred inputs and requests of the long runs (`python -m tests.hostile`, `python -m tests.hostile.isolation`)."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.folders import Folder
from tests.hostile.alone import weighed
from tests.hostile.attack import attack
from tests.hostile.case import FRONT, UNSUPPORTED, Case, post
from tests.hostile.corpus import FAMILIES, draw
from tests.hostile.families import bombs
from tests.hostile.families.forms import part
from tests.hostile.families.wire import MALFORMED
from tests.hostile.isolation import compare, page, requests
from tests.hostile.report import MB, Watch, figures, promises
from tests.hostile.report import page as attack_page
from tests.hostile.service import Service, gateway_to

INPUTS, REQUESTS, SEED = 250, 200, 11
RISE = 300 * MB  # of the bombs below; the heaviest of all are for the long run


@pytest.fixture
def service(server) -> Service:
    return Service(server.inference, server.management, server.log)


@pytest.fixture(scope="module")
def behind_gateway(server, nginx) -> Iterator[Service]:
    with Folder() as folder, gateway_to(server, folder) as service:
        yield service


def quickly(count: int):
    """The draws without the inputs that keep a worker busy for seconds."""
    return ((family, case) for family, case in draw(count, SEED) if case.kind not in bombs.MOST)


@pytest.mark.parametrize("door", ["service", "behind_gateway"])
def test_hostile_inputs_get_what_they_may_and_change_no_worker(door, request):
    service = request.getfixturevalue(door)
    before = service.pids()
    result = asyncio.run(attack(service, quickly(INPUTS), say=lambda line: None))
    watch = Watch((before, service.pids()), ([], []), ([], []), 0)
    found = promises(result, [], watch)
    assert [one for one in found if one.holds is False] == []
    assert result.families.keys() == FAMILIES.keys()
    assert figures(result, [], found, watch, {})["families"]["wire"]["sent"] > 0
    assert "| damaged |" in attack_page(result, [], [], found, "title")


def test_an_input_that_gets_what_it_must_not_is_found(service):
    """The check itself: sound photos that are said to be refused."""
    case = next(case for _, case in draw(200, SEED) if case.allowed == {"200"} and case.answers == 1)
    wrong = type(case)(case.kind, case.steps, frozenset(("415 unsupported_format",)))
    result = asyncio.run(attack(service, [("wrong", wrong)]))
    assert result.families["wrong"].unexpected == {(case.kind, "200"): 1}
    assert not promises(result, [], Watch(([], []), ([], []), ([], []), 0))[0].holds


def test_what_torchserves_front_end_fails_at_is_the_inputs_own_answer_through_the_gateway(service, behind_gateway):
    """A form that declares an unknown coding, one that is none, the path `*`, and HTTP/2."""
    form, url_encoded = ({"Content-Type": f} for f in ("multipart/form-data; boundary=B", "application/x-www-form-urlencoded"))
    coded = part("image", b"x", head=b"Content-Transfer-Encoding: x\r\n") + b"--B--\r\n"
    cases = [
        Case("form", (post(coded, headers=form),), frozenset((UNSUPPORTED,))),
        Case("url-encoded", (post(b"a=%%", headers=url_encoded),), frozenset((UNSUPPORTED,))),
        Case("path", (post(b"", "*"),), FRONT),
        Case("http/2", (MALFORMED["http/2"],), FRONT),
    ]
    inside, outside = (asyncio.run(attack(one, [("one", case) for case in cases])) for one in (service, behind_gateway))
    assert len(inside.families["one"].front) == len(cases)
    watch = Watch(([], []), ([], []), ([], []), 0)
    assert [one.holds for one in promises(outside, [], watch)[:3]] == [True] * 3
    assert not any(outcome.startswith("5") for outcome in outside.families["one"].outcomes)


@pytest.mark.parametrize(
    "kind", ["jpeg of 900 scans, 50 MP", "jpeg of 200,000 small EXIF", "png of overlapping EXIF", "png of a 100 MB profile"]
)
def test_a_bomb_costs_little(service, kind):
    cost = weighed(service, bombs.bomb(kind, "/predictions/face"))
    assert cost.peak < RISE
    assert cost.cpu < 2


@pytest.mark.parametrize("door", ["service", "behind_gateway"])
def test_mixed_requests_get_their_own_answers(door, request):
    service = request.getfixturevalue(door)
    found = asyncio.run(compare(service, REQUESTS, SEED, say=lambda line: None))
    assert found.differing.total() == 0
    assert found.ids == found.sent == REQUESTS
    assert found.kinds == len(requests())
    assert "kept" in page(found, service)
