"""The init container that fetches an archive: whole and checked, or not at all."""

import hashlib
import importlib.util
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.k8s.rendering import K8S

SCRIPT = K8S / "components" / "model-from-storage" / "fetch.py"
ARCHIVE = b"archive" * 1000
SHA256 = hashlib.sha256(ARCHIVE).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        self.server.headers_seen.append(dict(self.headers.items()))


@pytest.fixture
def storage(tmp_path):
    """A web server over a folder with the archive at `bucket/face 1.mar`."""
    folder = tmp_path / "storage"
    (folder / "bucket").mkdir(parents=True)
    (folder / "bucket" / "face 1.mar").write_bytes(ARCHIVE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    server.folder, server.headers_seen = folder, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(out, url: str, sha256: str = SHA256, **environment: str) -> subprocess.CompletedProcess:
    """As in the init container: another process, with nothing but its settings in the environment."""
    settings = {"MODEL_URL": url, "MODEL_SHA256": sha256} | environment
    return subprocess.run([sys.executable, SCRIPT, out], env=settings, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("scheme", ["http", "file", "s3"])
def test_the_archive_arrives(storage, tmp_path, scheme):
    address = f"http://127.0.0.1:{storage.server_port}"
    url = {
        "http": f"{address}/bucket/face%201.mar",
        "file": (storage.folder / "bucket" / "face 1.mar").as_uri(),
        "s3": "s3://bucket/face 1.mar",
    }[scheme]
    told = fetch(tmp_path / "face.mar", url, SHA256.upper(), AWS_ENDPOINT_URL=address)
    assert (told.returncode, told.stderr) == (0, "")
    assert (tmp_path / "face.mar").read_bytes() == ARCHIVE


@pytest.mark.parametrize("url, sha256", [("bucket/face%201.mar", "0" * 64), ("bucket/other.mar", SHA256), ("", "")])
def test_another_archive_or_none_is_not_kept(storage, tmp_path, url, sha256):
    told = fetch(tmp_path / "face.mar", f"http://127.0.0.1:{storage.server_port}/{url}", sha256)
    assert told.returncode == 1
    assert told.stderr.startswith("no archive: ")
    assert not list(tmp_path.glob("face*"))


def test_unknown_schemes_are_refused(tmp_path):
    assert "neither https, s3 nor file" in fetch(tmp_path / "face.mar", "gs://bucket/face.mar").stderr


def test_requests_to_s3_are_signed_when_there_are_keys(storage, tmp_path):
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    endpoint = f"http://127.0.0.1:{storage.server_port}"
    assert fetch(tmp_path / "face.mar", "s3://bucket/face 1.mar", AWS_ENDPOINT_URL=endpoint, **keys).returncode == 0
    (seen,) = storage.headers_seen
    seen = {name.lower(): value for name, value in seen.items()}
    assert seen["authorization"].startswith("AWS4-HMAC-SHA256 Credential=id/")
    assert "host;x-amz-content-sha256;x-amz-date;x-amz-security-token" in seen["authorization"]
    assert seen["host"] == f"127.0.0.1:{storage.server_port}"  # what was signed is what is sent
    assert "secret" not in str(seen)


@pytest.mark.parametrize(
    "token, signature",
    [
        ({}, "9e8e729881e356d92ce32dc2abcd6b845f7fab6ba722a00303a047d5d33b38a6"),
        ({"AWS_SESSION_TOKEN": "token"}, "0438c5f3dcdd01f48793a29af1bc9463dce4f8d8540b6af63bc601fcbc616b9d"),
    ],
)
def test_the_signature_is_the_one_that_botocore_makes(token, signature):
    """The reference: botocore 1.35.99, `S3SigV4Auth`, for the same request, time, and (Amazon's example) keys."""
    spec = importlib.util.spec_from_file_location("fetch", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    request = module.request("s3://models/face 1.mar", keys | token | {"AWS_REGION": "eu-central-1"}, now)
    assert request.full_url == "https://s3.eu-central-1.amazonaws.com/models/face%201.mar"
    assert request.headers["Authorization"].endswith(f"Signature={signature}")
