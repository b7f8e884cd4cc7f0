"""Fetches an archive and checks it: `python fetch.py /models/face.mar`. Standard library only.

MODEL_URL is https://..., s3://bucket/key, or file:///... of a mounted volume; MODEL_SHA256 is the checksum of its bytes. An
archive is code: one with another checksum is not kept. S3 requests are signed (Signature Version 4) when AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY are set, with AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL as elsewhere.
"""

import hashlib
import hmac
import os
import sys
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

CHUNK = 1 << 20  # bytes


class FetchError(Exception):
    """The archive is not to be had, or is another one."""


def main() -> int:
    out = Path(sys.argv[1])
    try:
        size = fetch(os.environ["MODEL_URL"], os.environ["MODEL_SHA256"], out, os.environ)
    except (FetchError, OSError) as error:
        print(f"no archive: {error}", file=sys.stderr)
        return 1
    print(f"{out}: {size / 1e6:.1f} MB")
    return 0


def fetch(url: str, sha256: str, out: Path, environment) -> int:
    """Writes the archive, whole and checked or not at all, and returns its size in bytes.

    Raises:
        FetchError: its checksum is another one, or the URL is of no known kind.
        OSError: it cannot be read or written.
    """
    part = out.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    with urllib.request.urlopen(request(url, environment), timeout=60) as source, open(part, "wb") as file:
        while chunk := source.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    if digest.hexdigest() != sha256.lower():
        part.unlink()
        raise FetchError(f"{url} has SHA-256 {digest.hexdigest()}, not {sha256}")
    part.replace(out)
    return size


def request(url: str, environment, now: datetime | None = None) -> urllib.request.Request:
    """The request for a URL; for S3, path-style and signed."""
    scheme, _, rest = url.partition("://")
    if scheme in ("http", "https", "file"):
        return urllib.request.Request(url)
    if scheme != "s3":
        raise FetchError(f"{url}: neither https, s3 nor file")
    region = environment.get("AWS_REGION", "us-east-1")
    endpoint = environment.get("AWS_ENDPOINT_URL", f"https://s3.{region}.amazonaws.com").rstrip("/")
    path = "/" + urllib.parse.quote(rest)
    headers = {}
    if "AWS_ACCESS_KEY_ID" in environment:
        host = urllib.parse.urlsplit(endpoint).netloc
        headers = signature(host, path, region, environment, now or datetime.now(UTC))
    return urllib.request.Request(endpoint + path, headers=headers)


def signature(host: str, path: str, region: str, environment, now: datetime) -> dict[str, str]:
    """The headers that sign a GET without query: AWS Signature Version 4, of an empty body."""
    time, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    empty = hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": time}
    if token := environment.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    scope = f"{day}/{region}/s3/aws4_request"
    canonical = hashlib.sha256(f"GET\n{path}\n\n{lines}\n{names}\n{empty}".encode()).hexdigest()
    key = f"AWS4{environment['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signed = hmac.new(key, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}".encode(), hashlib.sha256).hexdigest()
    credential = f"{environment['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signed}"
    return headers


if __name__ == "__main__":
    sys.exit(main())
