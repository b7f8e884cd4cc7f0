"""What TorchServe must not do: listen beyond the loopback, fetch what it is told to, keep or tell what was sent to it."""

import base64
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import requests
from PIL import ExifTags, Image

from tests.folders import Folder
from tests.gateway.running import KEYS, Gateway
from tests.pictures import SAMPLE
from tests.ports import free_port

NAME = "Erika-Mustermann"  # of nobody: Germany's specimen
LOOPBACK = "127.0.0.1"


class Visits(ThreadingHTTPServer):
    """A web server that gives every visitor an archive, and tells how many came."""

    def __init__(self, archive: bytes):
        super().__init__((LOOPBACK, free_port()), Host)
        self.archive, self.paths = archive, []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Host(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.archive)))
        self.end_headers()
        self.wfile.write(self.server.archive)

    do_HEAD = do_GET

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def visits(server) -> Iterator[Visits]:
    host = Visits((server.log.parent / "face-1.0.mar").read_bytes())
    yield host
    host.shutdown()
    host.server_close()


def listening(pid: int) -> dict[int, str]:
    """Address by port of what a process listens on."""
    open_ones = psutil.Process(pid).net_connections("inet")
    found = {one.laddr.port: one.laddr.ip for one in open_ones if one.status == psutil.CONN_LISTEN}
    return {port: address.removeprefix("::ffff:") for port, address in found.items()}


def test_nothing_of_torchserve_listens_beyond_the_loopback(server):
    """Management, metrics and gRPC (CVE-2024-35199) as well as inference."""
    first = int(server.inference.rpartition(":")[2])
    assert listening(server.process.pid) == dict.fromkeys(range(first, first + 5), LOOPBACK)
    assert not any(listening(worker["pid"]) for worker in server.workers())  # they talk by Unix sockets


@pytest.mark.parametrize("api", ["models", "workflows"])
@pytest.mark.parametrize(
    "form", ["{web}/x.mar", "{web}/../x.mar", "{web}/a/..%2fx.mar", "file://{store}/face-1.0.mar", "../{name}/face-1.0.mar"]
)
def test_no_archive_is_taken_from_a_url_or_a_path(server, visits, api, form):
    """CVE-2023-43654 and CVE-2024-35198: neither fetched nor kept, whatever the answer."""
    store = server.log.parent
    before = sorted(path.name for path in store.iterdir())
    url = form.format(web=f"http://{LOOPBACK}:{visits.server_port}", store=store, name=store.name)
    options = {"url": url, "model_name": "taken", "workflow_name": "taken"}
    answer = requests.post(f"{server.management}/{api}", params=options, timeout=60)
    assert answer.status_code >= 400
    assert not visits.paths
    assert sorted(path.name for path in store.iterdir()) == before
    listed = requests.get(f"{server.management}/models", timeout=10).json()["models"]
    assert {model["modelName"] for model in listed} == {"face"}


def test_nothing_is_registered_through_the_inference_port(server):
    for path in ("/models?url=face-2.0.mar", "/workflows?url=x.war"):
        assert requests.post(f"{server.inference}{path}", timeout=10).status_code in (404, 405)


@pytest.fixture
def gateway(nginx, server) -> Iterator[tuple[Gateway, Path]]:
    with Folder() as folder:
        running = Gateway(folder, int(server.inference.rpartition(":")[2]))
        try:
            yield running, folder
        finally:
            running.stop()


def signed_photo(size: int) -> bytes:
    """The sample portrait with a name in its EXIF data, and so many bytes after its end."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = NAME
    file = io.BytesIO()
    Image.open(SAMPLE).save(file, "JPEG", exif=exif)
    return file.getvalue() + NAME.encode() + bytes(size)


@pytest.mark.parametrize("size", [0, 2_000_000], ids=["small", "waits-on-disk"])
def test_nothing_of_a_request_is_kept_or_told(server, gateway, size):
    """Names in headers, file names, queries and EXIF data, and the photo itself: in no log, metric or file."""
    running, folder = gateway
    photo = signed_photo(size)
    headers = {"X-Api-Key": KEYS["alice"], "User-Agent": NAME, "Cookie": NAME, "X-Forwarded-For": NAME, "Referer": NAME}
    url = f"{running.url}/predictions/face?name={NAME}"
    assert requests.post(url, data=photo, headers=headers, timeout=60).ok
    form = {"image": (f"{NAME}.jpg", photo)}
    assert requests.post(url, files=form, headers=headers, timeout=60).ok
    broken = {"image": (f"{NAME}.jpg", NAME.encode())}
    assert requests.post(url, files=broken, headers=headers, timeout=60).status_code == 415
    assert requests.post(url, json={"image": NAME}, headers=headers, timeout=60).status_code == 400
    running.logged(4)

    metrics = requests.get(f"{server.metrics}/metrics", timeout=10).content
    written = {path: path.read_bytes() for path in (server.log, *folder.rglob("*")) if path.is_file()}
    assert b'"event":"request"' in written[running.log]  # the right file was read
    middle = photo[20_000:20_060]
    for told in (NAME.encode(), middle, base64.b64encode(middle), KEYS["alice"].encode()):
        assert told not in metrics
        assert not [path for path, text in written.items() if told in text and path.name != running.keys.name]
    assert b"127.0.0.1" not in written[running.log]  # the network, not the computer
