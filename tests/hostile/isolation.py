"""`python -m tests.hostile.isolation`: mixed requests of many clients; each gets the answer that it gets alone."""

import argparse
import asyncio
import base64
import hashlib
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from random import Random

from config.server import ROOT
from tests.hostile.case import EXPLAIN, KSERVE, PREDICT, Case, post
from tests.hostile.client import Exchange
from tests.hostile.files import portrait, sound
from tests.hostile.service import Service, add_arguments, asked_for, write_report
from tests.pictures import encoded, no_face, small_portrait

REPORT = ROOT / "build" / "hostile" / "isolation.json"
CLIENTS = 16
JSON = {"Content-Type": "application/json"}
OWN = "request_id"  # what differs between two answers to the same request
TWICE = 2  # times that each request is asked alone: what does not even then agree cannot be compared


@dataclass
class Found:
    """What a run brought.

    Attributes:
        kinds: different requests.
        sent: requests under load.
        differing: answers that were not those of the same request alone, by kind.
        ids: different request ids among the answers.
    """

    kinds: int
    sent: int
    differing: Counter
    ids: int
    seconds: float


def requests() -> dict[str, Case]:
    """Good and bad ones of every form that the service takes; different photos, so that an answer that strays is seen."""
    photos = sound(256) | {f"crop {left}": turned(left) for left in range(0, 60, 10)} | {"no face": no_face()}
    photos |= {"small face": small_portrait(60), "cut": sound()["jpeg"][:3_000], "text": b"not an image", "nothing": b""}
    found = {}
    for name, data in photos.items():
        text = base64.b64encode(data).decode()
        for path in (PREDICT, EXPLAIN):
            found[f"{path} {name}"] = post(data, path)
        found[f"form {name}"] = post(form(data), PREDICT, {"Content-Type": "multipart/form-data; boundary=B"})
        found[f"json {name}"] = post(json.dumps({"image": text}).encode(), PREDICT, JSON)
        found[f"kserve {name}"] = post(
            json.dumps({"instances": [{"image": {"b64": text}}, {"image": 1}]}).encode(), KSERVE, JSON
        )
    for target in ("ai", "real", "both"):
        found[f"target {target}"] = post(sound()["jpeg"], EXPLAIN, {"X-Explain-Target": target})
    found["picture"] = post(sound()["jpeg"], EXPLAIN, {"Accept": "image/png"})
    found["picture of another"] = post(turned(50), EXPLAIN, {"Accept": "image/png"})
    found["overlay"] = post(turned(30), EXPLAIN, {"X-Explain-Overlay": "true"})
    found["broken json"] = post(b'{"image": "', PREDICT, JSON)
    return {name: Case(name, (request,), frozenset()) for name, request in found.items()}


def turned(left: int) -> bytes:
    return encoded(portrait(320).crop((left, 0, 320, 320 - left)), "JPEG", quality=88)


def form(data: bytes) -> bytes:
    head = b'--B\r\nContent-Disposition: form-data; name="image"; filename="a"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head + data + b"\r\n--B--\r\n"


def essence(came: Exchange) -> str:
    """What must not differ: status, kind of content, every score and every pixel; without the request's own id."""
    reply = came.replies[0] if came.replies else None
    if reply is None:
        return str(came.ending)
    body = reply.body
    if reply.headers.get("content-type") == "application/json":
        body = json.dumps(without_id(json.loads(body))).encode()
    told = {name: value for name, value in reply.headers.items() if name.startswith(("x-face", "content-type"))}
    return f"{reply.status} {told} {hashlib.sha256(body).hexdigest()}"


def without_id(value):
    if isinstance(value, dict):
        return {name: without_id(entry) for name, entry in value.items() if name != OWN}
    return [without_id(entry) for entry in value] if isinstance(value, list) else value


async def compare(service: Service, count: int, seed: int, say=print) -> Found:
    """Asks each request alone, and then `count` of them in random order by `CLIENTS` at once.

    Raises:
        ValueError: a request is not answered alike even alone.
    """
    cases, start = {name: service.fitted(case) for name, case in requests().items()}, time.monotonic()
    alone = {}
    for name, case in cases.items():
        answers = {essence(await service.ask(case)) for _ in range(TWICE)}
        if len(answers) != 1:
            raise ValueError(f"{name!r} is not answered alike when asked twice: {answers}")
        alone[name] = answers.pop()
    say(f"  {len(cases)} requests asked alone")
    order, found, ids = iter(Random(seed).choices(sorted(cases), k=count)), Found(len(cases), 0, Counter(), 0, 0.0), set()

    async def client() -> None:
        for name in order:
            came = await service.ask(cases[name])
            found.sent += 1
            found.differing[name] += essence(came) != alone[name]
            ids.update(reply.request_id for reply in came.replies)
            if found.sent % 1_000 == 0:
                say(f"  {found.sent} sent, {found.differing.total()} differ")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CLIENTS):
            tasks.create_task(client())
    found.ids, found.seconds = len(ids), time.monotonic() - start
    return found


def page(found: Found, service: Service) -> str:
    release = service.description()
    differing, took = found.differing.total(), f"in {found.seconds:.0f} s"
    served = f"release {release.get('model', {}).get('version', 'unknown')} on {release.get('runtime', 'an unknown run-time')}"
    lines = [
        f"{found.sent:,} requests of {found.kinds} kinds in random order by {CLIENTS} clients, {took}, {served}.\n",
        "| promise | measured | |",
        "|---|---|---|",
        f"| answers unlike those to the same request alone: 0 | {differing} | {'**broken**' if differing else 'kept'} |",
        f"| request ids given twice: 0 | {found.sent - found.ids} | {'kept' if found.ids == found.sent else '**broken**'} |",
    ]
    return "\n".join(lines + [f"- {count} x {name}" for name, count in found.differing.items() if count]) + "\n"


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m tests.hostile.isolation", description=__doc__.splitlines()[0])
    cli.add_argument("--count", type=int, default=10_000, help="requests")
    cli.add_argument("--seed", type=int, default=0, help="of their order")
    add_arguments(cli, REPORT)
    arguments = cli.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server is stopped then, too
    with asked_for(arguments) as service:
        found = asyncio.run(compare(service, arguments.count, arguments.seed))
        table = page(found, service)
    figures = {"sent": found.sent, "kinds": found.kinds, "differing": dict(+found.differing), "ids": found.ids}
    write_report(arguments.report, figures | {"clients": CLIENTS, "seconds": round(found.seconds, 1)}, table)
    print(table)
    return 1 if found.differing.total() or found.ids != found.sent else 0


if __name__ == "__main__":
    sys.exit(main())
