"""A release that must not be served, at the start and later: it is refused, in words, and nothing in it is run."""

import json
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config.server import ROOT, Server
from handler.release import SETTINGS_FILE, file_sha256
from tests.chaos.faults.bad_archive import with_other_weights
from tests.chaos.test_security import LOOPBACK, Visits, listening
from tests.folders import Folder
from tests.ports import free_port
from tests.releases import WEIGHTS, make_release
from tests.serving import serving
from training.archive import archive

OUTSIDE = "127.0.0.2"  # stands for an address that the world reaches
REFUSED = f"is not the file that {SETTINGS_FILE} was written for"


class Payload:
    """What writes a file when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return (Path.write_text, (self.mark, "unpickled"))


@pytest.fixture(scope="module")
def store() -> Iterator[Path]:
    """A model store with a good release in it."""
    with Folder() as folder:
        make_release(folder / "face-1.0")
        archive(folder / "face-1.0")
        yield folder


@pytest.fixture(scope="module")
def server(store) -> Iterator[Server]:
    with serving(store, "face-1.0.mar", options=("--host", OUTSIDE)) as running:
        yield running


def register(server: Server, mar: Path, name: str) -> requests.Response:
    options = {"url": mar.name, "model_name": name, "initial_workers": 1, "synchronous": "true"}
    return requests.post(f"{server.management}/models", params=options, timeout=120)


def rewritten(mar: Path, out: Path, changes: dict[str, bytes]) -> Path:
    """A copy of an archive with other or further files."""
    with zipfile.ZipFile(mar) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, data in changes.items():
            target.writestr(name, data)
    return out


def test_a_release_with_a_wrong_checksum_is_not_started(store):
    with_other_weights(store / "face-1.0.mar", store / "changed.mar")
    command = [sys.executable, "-m", "config.start", "--models", "face-1.0.mar", "changed.mar", "--port", str(free_port())]
    command += ["--model-store", str(store), "--run-dir", str(store / "refused")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "changed.mar is not started" in done.stderr and REFUSED in done.stderr
    assert "Traceback" not in done.stderr


def test_a_release_with_a_wrong_checksum_is_not_registered(store, server):
    with_other_weights(store / "face-1.0.mar", store / "later.mar")
    assert not register(server, store / "later.mar", "later").ok
    assert REFUSED in server.log.read_text()


def test_only_inference_leaves_the_loopback(server):
    first = int(server.inference.rpartition(":")[2])
    assert listening(server.process.pid) == {first: OUTSIDE} | dict.fromkeys(range(first + 1, first + 5), LOOPBACK)


@pytest.mark.parametrize("place", ["weights", "beside"])
def test_a_pickle_is_never_unpickled(store, server, place):
    """As the weights, with a checksum that is right; and under the names that TorchServe's own handlers load."""
    mark = store / f"mark-{place}"
    payload = pickle.dumps(Payload(mark))
    pickle.loads(payload)
    assert mark.read_text() == "unpickled"  # it would
    mark.unlink()
    good = store / "face-1.0.mar"
    if place == "weights":
        with zipfile.ZipFile(good) as file:
            settings = json.loads(file.read(f"release/{SETTINGS_FILE}"))
        (store / "payload").write_bytes(payload)
        settings["weights"]["sha256"] = file_sha256(store / "payload")
        changes = {f"release/{WEIGHTS}": payload, f"release/{SETTINGS_FILE}": json.dumps(settings).encode()}
    else:
        changes = dict.fromkeys(("model.pt", "model.pth", "release/model.pkl", "release/model.bin"), payload)
    answer = register(server, rewritten(good, store / f"{place}.mar", changes), place)
    assert answer.ok == (place == "beside"), answer.text  # files that nobody reads harm nobody
    assert not mark.exists()


def test_the_settings_of_an_archive_make_no_objects(store, server):
    """CVE-2022-1471: YAML that names Java classes, here one that would fetch code from the web."""
    visits = Visits(b"")
    try:
        web = f"http://{LOOPBACK}:{visits.server_port}/"
        yaml = f'handler: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ["{web}"]]]]\n'
        mar = rewritten(store / "face-1.0.mar", store / "yaml.mar", {"model-config.yaml": yaml.encode()})
        register(server, mar, "yaml")
        assert not visits.paths
        assert requests.get(web, timeout=10).ok and visits.paths  # it would have been seen
    finally:
        visits.shutdown()
        visits.server_close()


def test_an_archive_writes_nothing_outside_its_folder(store, server):
    """CVE-2023-48299: a name in the archive that climbs out of the folder where it is unpacked."""
    name = "escaped"
    climbing = {f"{'../' * depth}{name}": b"x" for depth in (1, 2, 3, 4)}
    register(server, rewritten(store / "face-1.0.mar", store / "climbing.mar", climbing), "climbing")
    around = [*store.rglob(name), *store.parent.glob(name)]
    assert not [path for path in around if path.parent.name == "models" or "models" not in path.parts]
