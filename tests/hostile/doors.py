"""`python -m tests.hostile.doors`: what TorchServe and the gateway before it do with clients that are slow, lie, or flood.

Behind TorchServe's own door, a client that never finishes its request holds a connection for as long as it likes, but no
worker. The gateway closes it, and hands on requests that are complete, and one at a time.
"""

import argparse
import asyncio
import signal
import sys

from config.server import ROOT
from tests.folders import Folder
from tests.gateway.running import KEYS, Gateway
from tests.hostile.case import Case, post
from tests.hostile.client import exchange
from tests.hostile.families.wire import FLOODS, MALFORMED, SMUGGLED, START, UNFINISHED
from tests.hostile.files import sound
from tests.hostile.service import started

REPORT = ROOT / "build" / "hostile" / "doors.md"
PATIENCE = 25.0  # seconds: more than the gateway gives a client (limits.conf)


def attacks() -> dict[str, Case]:
    """Every kind, with the key that the gateway asks for and TorchServe does not know."""
    whole = post(sound(64)["jpeg"])
    slow = {
        "head, a byte a second": trickle(whole[:60], 1, 1.0),
        "head without an end": (START,),
        "body, ten bytes a second": (whole[:200], *trickle(whole[200:900], 10, 1.0)),
        "body without an end": (whole[:500],),
        "body in pieces, within 5 s": trickle(whole, len(whole) // 5 + 1, 1.0),
        "nothing at all": (0.1,),
    }
    found = {f"slow: {name}": keyed(name, steps) for name, steps in slow.items()}
    for group, requests, answers in (
        ("smuggled", SMUGGLED, 2),
        ("malformed", MALFORMED, 1),
        ("unfinished", UNFINISHED, 1),
        ("flood", FLOODS, 1),
    ):
        found |= {f"{group}: {name}": keyed(name, (request,), answers) for name, request in requests.items()}
    return found


def trickle(data: bytes, size: int, pause: float) -> tuple[bytes | float, ...]:
    """The data in pieces, with a pause in seconds after each."""
    return tuple(step for start in range(0, len(data), size) for step in (data[start : start + size], pause))


def keyed(kind: str, steps: tuple[bytes | float, ...], answers: int = 1) -> Case:
    """A request with a key, whole or in pieces."""
    return Case(kind, steps, frozenset(), answers=answers).for_gateway(KEYS["alice"])


async def ask_all(host: str, port: int) -> dict[str, str]:
    """What came back of each attack, all of them at once, and after how many seconds."""
    cases = attacks()
    came = await asyncio.gather(*(exchange(case, host, port, PATIENCE) for case in cases.values()))
    return {
        name: f"{', '.join(one.outcomes)}{f' after {one.seconds:.0f} s' if one.seconds > 3 else ''}"
        for name, one in zip(cases, came, strict=True)
    }


def table(torchserve: dict[str, str], gateway: dict[str, str]) -> str:
    lines = [
        f"`silent`: the connection was still open after {PATIENCE:g} s.\n",
        "| client | TorchServe | gateway |",
        "|---|---|---|",
    ]
    return "\n".join(lines + [f"| {name} | {torchserve[name]} | {gateway[name]} |" for name in torchserve]) + "\n"


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.hostile.doors", description=__doc__).parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server is stopped then, too
    with started(workers=1) as service, Folder() as folder:
        gateway = Gateway(folder, service.port)
        try:
            before = service.pids()
            found = table(asyncio.run(ask_all(service.host, service.port)), asyncio.run(ask_all("127.0.0.1", gateway.port)))
            lives = service.pids() == before
        finally:
            gateway.stop()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(found)
    print(found)
    return 0 if lives else 1


if __name__ == "__main__":
    sys.exit(main())
