"""Headers and paths that ask for what there is not, or for what is not theirs to ask."""

from random import Random

from tests.hostile.case import BAD_OPTION, CLOSED, EMPTY, EXPLAIN, FRONT, OK, PREDICT, Case, post
from tests.hostile.files import sound

HEADERS = (
    *("X-Explain-Target", "X-Explain-Overlay", "Accept", "Content-Type", "explain", "describe", "Explain", "Describe"),
    *("X-Request-Id", "Content-Encoding", "Expect", "Range", "Authorization", "X-Forwarded-For", "Cookie", "Upgrade", "X"),
)
VALUES = (
    *("", "ai", "AI", " real ", "both", "true", "True", "FALSE", "1", "gzip", "100-continue", "bytes=0-", "h2c", "a" * 4_000),
    *("image/png", "image/png;q=0", "*/*", "application/json, image/png"),
    *("%s%n", "../../x", "${jndi:ldap://x}", "\xff\xfe", "é", "'; drop--"),
)
PATHS = (
    *("/predictions/face/9.9", "/predictions/nobody", "/predictions/", "/predictions/face/1.0/x", "/x", "//predictions/face"),
    *("/predictions/face%2f..%2f", "/predictions/../models", "/predictions/face\\..\\", "/%00", "/predictions/face/1.0%00"),
    *("/models", "/models?url=http://127.0.0.1/x.mar", "/workflows", "/metrics", "/api-description", "/v2/models/face/infer"),
    *("/v1/models/face:explode", "/v1/models/nobody:predict", "/predictions/face?explain=True", "/" + "p" * 3_000, "*"),
    "http://127.0.0.1:8081/models",
)
METHODS = ("GET", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "POSTT", "post", "P" * 500)
ANY = FRONT | {OK, CLOSED, EMPTY}


def make(chance: Random) -> Case:
    return chance.choice((headers, headers, paths, methods))(chance)


def headers(chance: Random) -> Case:
    """A good photo with odd headers: it is answered, unless an option is none."""
    sent = {chance.choice(HEADERS): chance.choice(VALUES) for _ in range(chance.randrange(1, 8))}
    body = chance.choice(sorted(sound().items()))[1]
    allowed = frozenset((OK, BAD_OPTION, *FRONT))
    return Case("odd headers", (post(body, chance.choice((PREDICT, EXPLAIN)), sent),), allowed)


def paths(chance: Random) -> Case:
    path = chance.choice(PATHS)
    body = chance.choice((b"", sound()["jpeg"]))
    return Case(f"path {path[:40]}", (post(body, path),), ANY)


def methods(chance: Random) -> Case:
    method = chance.choice(METHODS)
    body = sound()["jpeg"]
    return Case(f"method {method[:10]}", (method.encode() + post(body)[4:],), ANY)
