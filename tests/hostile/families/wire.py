"""What breaks the rules of HTTP itself: lengths that lie, requests in requests, floods, and clients that leave."""

from random import Random

from tests.hostile.case import CLOSED, FRONT, OK, Case, post
from tests.hostile.files import sound

START = b"POST /predictions/face HTTP/1.1\r\nHost: face\r\n"
REST = b"\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: hidden\r\nConnection: close\r\n\r\n"  # so that no server waits for more
INNER = b"GET /models/face HTTP/1.1\r\nHost: hidden\r\n\r\n"  # a request that hides in another's body


def make(chance: Random) -> Case:
    kind = chance.choice(sorted(KINDS))
    steps, answers, allowed, *leaves = KINDS[kind](chance)
    return Case(kind, steps, frozenset(allowed), answers=answers, leaves=bool(leaves))


def photo(chance: Random) -> bytes:
    return chance.choice(sorted(sound(64).items()))[1]


def pipelined(chance: Random) -> tuple:
    count = chance.randrange(2, 12)
    return (b"".join(post(photo(chance)) for _ in range(count)),), count, {OK}


def chunked(chance: Random) -> tuple:
    body, pieces = photo(chance), []
    while body:
        size = chance.randrange(1, 2_000)
        pieces.append(b"%x\r\n%s\r\n" % (len(body[:size]), body[:size]))
        body = body[size:]
    return (START + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(pieces) + b"0\r\n\r\n",), 1, {OK}


def left_early(chance: Random) -> tuple:
    whole = post(sound()["jpeg"])
    return (whole[: chance.randrange(1, len(whole))],), 0, {CLOSED}, True


def left_before_the_answer(chance: Random) -> tuple:
    return (post(sound()["jpeg"]),), 0, {CLOSED}, True


def unfinished(chance: Random) -> tuple:
    return (chance.choice(sorted(UNFINISHED.values())), 0.05), 0, {CLOSED}, True


def in_pieces(chance: Random) -> tuple:
    """A request that trickles in."""
    whole, steps = post(photo(chance)), []
    for _ in range(8):
        size = chance.randrange(1, 300)
        steps += [whole[:size], 0.01]
        whole = whole[size:]
    return (*steps, whole), 1, {OK}


def one_of(requests: dict[str, bytes], answers: int = 1, last: bytes = b""):
    """Draws one of these, and another one after it; the connection may be closed, but nothing may fail."""

    def draw(chance: Random) -> tuple:
        return (chance.choice(sorted(requests.values())) + last,), answers, ANY

    return draw


def both_lengths(length: bytes, encoding: bytes) -> bytes:
    """A request that ends at one place by its length and at another by its chunks; what is between is a request of its own."""
    return START + b"Content-Length: " + length + b"\r\nTransfer-Encoding: " + encoding + REST + b"0\r\n\r\n" + INNER


ANY = {OK, CLOSED, *FRONT, "400 empty_body", "400 bad_request", "415 unsupported_format"}
SMUGGLED = {
    "both": both_lengths(b"%d" % (5 + len(INNER)), b"chunked"),
    "both, short": both_lengths(b"5", b"chunked"),
    "obscured": both_lengths(b"5", b"xchunked"),
    "twice": both_lengths(b"5", b"chunked\r\nTransfer-Encoding: identity"),
    "tab": both_lengths(b"5", b"\tchunked"),
    "vertical tab": both_lengths(b"5", b"\x0bchunked"),
    "two lengths": START + b"Content-Length: 0\r\nContent-Length: %d" % len(INNER) + REST + INNER,
    "list of lengths": START + b"Content-Length: 0, %d" % len(INNER) + REST + INNER,
    "signed length": START + b"Content-Length: +%d" % len(INNER) + REST + INNER,
    "space before the colon": START + b"Content-Length : %d" % len(INNER) + REST + INNER,
    "folded": START + b"X: a\r\n Content-Length: %d" % len(INNER) + REST + INNER,
    "bare feed": START + b"X: a\nContent-Length: %d" % len(INNER) + REST + INNER,
    "bare return": START + b"X: a\rContent-Length: 3" + REST + INNER,
}
MALFORMED = {
    "negative length": START + b"Content-Length: -1" + REST,
    "huge length": START + b"Content-Length: 99999999999999999999" + REST,
    "length in words": START + b"Content-Length: ten" + REST,
    "chunk of 2^64": START + b"Transfer-Encoding: chunked" + REST + b"ffffffffffffffff\r\nx",
    "chunk without a number": START + b"Transfer-Encoding: chunked" + REST + b"zz\r\nx\r\n",
    "null in a name": START + b"X\0Y: a" + REST,
    "no name": START + b": a" + REST,
    "old version": b"POST /predictions/face\r\n\r\n",
    "unknown version": b"POST /predictions/face HTTP/9.9\r\nHost: face\r\n\r\n",
    "noise": bytes(range(256)) * 8 + REST,
    "http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
}
# TorchServe waits for more of these, without end
UNFINISHED = {
    "no request": b"\r\n" * 1_000,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512),
    "half a head": START,
}
FLOODS = {
    "10,000 headers": START + b"".join(b"X-%d: a\r\n" % number for number in range(10_000)) + b"Content-Length: 0" + REST,
    "a header of 1 MB": START + b"X: " + b"a" * 1_000_000 + b"\r\nContent-Length: 0" + REST,
    "a name of 100 kB": START + b"X" * 100_000 + b": a\r\nContent-Length: 0" + REST,
    "a path of 100 kB": b"POST /" + b"p" * 100_000 + b" HTTP/1.1\r\nHost: face\r\nContent-Length: 0" + REST,
    "the same header 5,000 times": START + b"Accept: image/png\r\n" * 5_000 + b"Content-Length: 0" + REST,
}
KINDS = {
    function.__name__.replace("_", " "): function
    for function in (pipelined, chunked, left_early, left_before_the_answer, unfinished, in_pieces)
} | {"smuggled": one_of(SMUGGLED, answers=3, last=LAST), "malformed": one_of(MALFORMED), "header flood": one_of(FLOODS)}
