"""One hostile input: what goes over the wire, and what may come back."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

HOST = b"Host: face\r\n"  # in the head of every request that is to have an answer
PREDICT, EXPLAIN = "/predictions/face", "/explanations/face"
KSERVE = "/v1/models/face:predict"

OK, CLOSED, SILENT = "200", "closed", "silent"
BAD_REQUEST, BAD_IMAGE, EMPTY = "400 bad_request", "400 bad_image", "400 empty_body"
TOO_LARGE, UNSUPPORTED, BAD_OPTION = "413 image_too_large", "415 unsupported_format", "422 bad_option"
# TorchServe's own refusals, by the class of its exception
FRONT = frozenset(
    (
        "400 BadRequestException",
        "403 IllegalCharsetNameException",
        "404 ResourceNotFoundException",
        "404 ModelNotFoundException",
        "404 ModelVersionNotFoundException",
        "405 MethodNotAllowedException",
        "413",
        "417",
    )
)
# Defects of TorchServe's front end (0.12): what it cannot read it blames on itself. No worker is asked
FRONT_DEFECTS = frozenset(
    ("500 ErrorDataDecoderException", "500 ArrayIndexOutOfBoundsException", "500 StringIndexOutOfBoundsException")
)
# What the gateway refuses by itself where TorchServe would have done so; to HEAD without the words
GATEWAY = frozenset(("400 bad_request", "404 not_found", "405 method_not_allowed", "405", "413 body_too_large"))
IMAGE = frozenset((OK, BAD_IMAGE, TOO_LARGE, UNSUPPORTED))  # what a file may get of which nobody knows what is left of it


@dataclass(frozen=True)
class Case:
    """An input and its expectations.

    Attributes:
        kind: which input of its family; inputs of one kind cost alike.
        steps: what is sent, in this order; a number is a pause in seconds.
        allowed: the outcomes that any of its answers may have: a status, and the code of the error where it has one; or
            `closed`, where the server ends the connection without an answer.
        answers: how many answers there are to wait for; a closed connection ends the waiting.
        leaves: whether the client hangs up after the last step, without waiting.
    """

    kind: str
    steps: tuple[bytes | float, ...]
    allowed: frozenset[str]
    answers: int = 1
    leaves: bool = False

    def for_gateway(self, key: str) -> "Case":
        """The same with a key, wherever the steps cut its head; and what a server may refuse, the gateway may."""
        whole = b"".join(step for step in self.steps if isinstance(step, bytes))
        places = [match.end() for match in re.finditer(re.escape(HOST), whole)]
        steps, start = [], 0
        for step in self.steps:
            if isinstance(step, bytes):
                end = start + len(step)
                cuts = [start, *(place for place in places if start < place <= end), end]
                step = f"X-Api-Key: {key}\r\n".encode().join(whole[a:b] for a, b in pairwise(cuts))
                start = end
            steps.append(step)
        return replace(self, steps=tuple(steps), allowed=self.allowed | GATEWAY if self.allowed & FRONT else self.allowed)


def post(body: bytes, path: str = PREDICT, headers: dict[str, str] | None = None, *, length: int | None = None) -> bytes:
    """A POST request as it goes over the wire.

    Args:
        length: what it declares, where that is not the body's.
    """
    lines = [f"POST {path} HTTP/1.1", "Host: face", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def case(kind: str, body: bytes, *allowed: str, path: str = PREDICT, headers: dict[str, str] | None = None) -> Case:
    """A plain request with this body."""
    return Case(kind, (post(body, path, headers),), frozenset(allowed))
