"""`face` as a user runs it: a process of its own, against a real service."""

import csv
import functools
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from tests.client.bodies import encoded, prediction
from tests.client.stub import Reply
from tests.pictures import no_face, portrait

ROOT = Path(__file__).parents[2]
FACE = [sys.executable, "-m", "client"]


@pytest.fixture
def environment(server) -> dict[str, str]:
    # wide, so that no table wraps
    own = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "COLUMNS": "250", "PYTHONPATH": str(ROOT)}
    return os.environ | own


@pytest.fixture
def face(environment, tmp_path):
    """Runs `face` in an empty folder and returns the finished process."""

    def face(*arguments: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess:
        options = {"env": environment | changed, "cwd": tmp_path, "timeout": 120, "check": False}
        done = subprocess.run([*FACE, *arguments], input=stdin, capture_output=True, **options)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return face


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(portrait())
    (folder / "room.png").write_bytes(no_face())
    (folder / "sub" / "a.webp").write_bytes(portrait("WEBP"))
    return folder


def lines(done: subprocess.CompletedProcess) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_file_is_answered_in_the_services_words(face, photos):
    done = face("predict", "photos/a.jpg")
    assert (done.returncode, done.stderr) == (0, b"")
    (line,) = lines(done)
    assert line["source"] == "photos/a.jpg"
    assert line["verdict"] in ("ai", "real", "uncertain")
    assert sum(entry["score"] for entry in line["scores"]) == pytest.approx(1)
    assert line["model"]["version"] == "1.0"


def test_a_folder_a_pattern_and_the_standard_input(face, photos):
    done = face("predict", "photos", "photos/**/*.webp", "-", stdin=portrait())
    assert done.returncode == 0
    assert [(line["source"], line["verdict"] == "no_face") for line in lines(done)] == [
        ("photos/a.jpg", False),
        ("photos/room.png", True),
        ("photos/sub/a.webp", False),
        ("photos/sub/a.webp", False),
        ("stdin", False),
    ]


def test_what_is_refused_or_cannot_be_read_does_not_stop_the_others(face, photos):
    (photos / "cut.jpg").write_bytes(portrait()[:5000])
    (photos / "text.jpg").write_text("no image")
    done = face("predict", "photos", "nowhere.jpg")
    assert done.returncode == 1
    by_name = {Path(line["source"]).name: line for line in lines(done)}
    assert by_name["a.jpg"]["verdict"]
    assert (by_name["cut.jpg"]["error"]["code"], by_name["cut.jpg"]["error"]["status"]) == ("bad_image", 400)
    assert by_name["text.jpg"]["error"]["code"] == "unsupported_format"
    assert by_name["text.jpg"]["error"]["request_id"]
    assert by_name["nowhere.jpg"]["error"]["code"] == "unreadable"
    assert done.stderr.decode().strip() == "3 answered, 3 refused or failed"


def test_csv_and_table(face, photos):
    (photos / "text.jpg").write_text("no image")
    rows = list(csv.DictReader(io.StringIO(face("predict", "photos", "--format", "csv").stdout.decode())))
    assert [(row["source"], row["error"]) for row in rows] == [
        ("photos/a.jpg", ""),
        ("photos/room.png", ""),
        ("photos/text.jpg", "unsupported_format"),
        ("photos/sub/a.webp", ""),
    ]
    table = face("predict", "photos", "--format", "table").stdout.decode()
    assert re.search(r"photos/a\.jpg +(ai|real|uncertain) +0\.\d{3} +88 x 104 px", table)
    assert re.search(r"photos/text\.jpg +unsupported_format +The body is not an image", table)


@pytest.fixture
def web(photos) -> Iterator[str]:
    """A web server with the photos."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(photos)))
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_urls_are_fetched_by_the_client(face, web):
    done = face("predict", f"{web}/a.jpg", f"{web}/none.jpg")
    assert done.returncode == 1
    found, missing = lines(done)
    assert (found["source"], found["image"]["format"]) == (f"{web}/a.jpg", "JPEG")
    assert missing["error"]["code"] == "unreadable"
    assert "404" in missing["error"]["message"]


def test_the_key_goes_to_the_service_and_nowhere_else(face, stub):
    stub.answer = lambda request: Reply(body=encoded(prediction()))
    assert face("predict", f"{stub.url}/photo.jpg", "--url", stub.url, FACE_API_KEY="secret").returncode == 0
    fetched, asked = stub.requests
    assert (fetched.method, "x-api-key" in fetched.headers) == ("GET", False)
    assert (asked.method, asked.headers["x-api-key"]) == ("POST", "secret")


def test_heat_maps_are_written_beside_the_images(face, photos):
    done = face("explain", "photos")
    assert done.returncode == 0
    jpeg, room, webp = lines(done)
    assert jpeg["heat_map"] == "photos/a.jpg.face.png"
    assert (room["verdict"], room["heat_map"], room["explanation"]) == ("no_face", None, None)
    for name in ("a.jpg.face.png", "sub/a.webp.face.png"):
        with Image.open(photos / name) as picture:
            assert (picture.format, picture.size) == ("PNG", (512, 512))
    assert len(jpeg["explanation"]["grid"]) == 3
    again = face("explain", "photos")  # which does not take the maps for photos
    assert [line["source"] for line in lines(again)] == [line["source"] for line in (jpeg, room, webp)]


def test_or_below_a_folder(face, photos, tmp_path):
    assert face("explain", "photos", "--heatmaps", "maps").returncode == 0
    assert sorted(str(path.relative_to(tmp_path / "maps")) for path in (tmp_path / "maps").rglob("*.png")) == [
        "a.jpg.face.png",
        "sub/a.webp.face.png",
    ]
    assert not list(photos.rglob("*.face.png"))


def test_a_map_that_cannot_be_written_is_a_failure(face, photos, tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "sub").touch()
    done = face("explain", "photos", "--heatmaps", "maps")
    assert done.returncode == 1
    assert [line.get("error", {}).get("code") for line in lines(done)] == [None, None, "unwritable"]


def test_only_the_numbers_and_for_which_label(face, photos):
    ai, real = (lines(face("explain", "photos/a.jpg", "--no-draw", "--target", label))[0] for label in ("ai", "real"))
    assert (ai["explanation"]["target"], real["explanation"]["target"]) == ("ai", "real")
    assert ai["explanation"]["grid"] == [[-cell for cell in row] for row in real["explanation"]["grid"]]
    assert not list(photos.glob("*.face.png"))


def test_a_version_can_be_asked_for(face, photos):
    (line,) = lines(face("predict", "photos/a.jpg", "--version", "2.0"))
    assert line["model"]["version"] == "2.0"
    done = face("predict", "photos/a.jpg", "--version", "9.9")
    assert done.returncode == 1
    assert lines(done)[0]["error"]["code"] == "ModelVersionNotFoundException"


def test_models_lists_versions_and_their_workers(face):
    done = face("models")
    assert done.returncode == 0
    first, second = sorted(lines(done), key=lambda line: line["version"])
    assert (first["version"], first["default"], first["status"]) == ("1.0", True, "READY")
    assert (second["version"], second["default"]) == ("2.0", False)
    assert first["pid"] > 0
    assert re.search(r"1\.0 +yes +face-1\.0\.mar .* READY ", face("models", "--format", "table").stdout.decode())


def test_status_tells_the_release(face, server):
    done = face("status")
    assert (done.returncode, done.stderr) == (0, b"")
    (line,) = lines(done)
    assert (line["url"], line["healthy"], line["ready_workers"]) == (server.inference, True, 1)
    assert line["model"]["version"] == "1.0"
    assert line["calibration"] == {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4}
    assert line["runtime"]
    assert re.search(r"calibration\.ai_at_least +0\.700", face("status", "--format", "table").stdout.decode())


def test_status_without_the_management_api_says_so_and_no_more(face):
    done = face("status", FACE_MANAGEMENT_URL=nobody())
    assert done.returncode == 0
    assert lines(done)[0].keys() == {"url", "healthy", "ready_workers"}
    assert b"Workers and release unknown" in done.stderr


def test_status_fails_where_no_worker_can_answer(face, stub):
    none = Reply(404, encoded({"code": 404, "type": "ModelNotFoundException", "message": "Model not found: face"}))
    hangs = Reply(delay=30)
    for management, ready in ((none, 0), (hangs, None)):
        health = Reply(body=encoded({"status": "Healthy"}))
        stub.answer = lambda request, management=management, health=health: health if request.path == "/ping" else management
        done = face("status", "--timeout", "1", FACE_URL=stub.url, FACE_MANAGEMENT_URL=stub.url)
        assert done.returncode == 1
        assert lines(done)[0]["ready_workers"] == ready


def nobody() -> str:
    """The URL of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"


ASKING = [
    ["predict", "photos"],
    ["explain", "photos"],
    ["status"],
    ["models"],
    ["rollback"],
    ["compare", "1.0", "2.0"],
    ["watch"],
]


@pytest.mark.parametrize("arguments", ASKING, ids=lambda arguments: arguments[0])
def test_a_service_that_is_not_there_has_its_own_exit_code(face, photos, arguments, tmp_path):
    url = nobody()
    done = face(*arguments, FACE_URL=url, FACE_MANAGEMENT_URL=url, FACE_METRICS_URL=url, XDG_STATE_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, b"")
    assert f"{url} cannot be reached".encode() in done.stderr


WRONG = {
    "no path": ["predict"],
    "no such command": ["guess", "a.jpg"],
    "no such format": ["predict", "a.jpg", "--format", "xml"],
    "no such target": ["explain", "a.jpg", "--target", "both"],
    "no http URL": ["predict", "a.jpg", "--url", "ftp://host"],
    "no port": ["predict", "a.jpg", "--url", "http://host:port"],
    "no requests at all": ["predict", "a.jpg", "--concurrency", "0"],
    "the standard input twice": ["predict", "-", "-"],
    "no archive": ["rollout", "nowhere.mar"],
    "one version": ["compare", "1.0"],
    "where to draw what is not to be drawn": ["explain", "a.jpg", "--no-draw", "--heatmaps", "maps"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_has_its_own_exit_code(face, arguments):
    done = face(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage: face" in done.stderr


COMMANDS = [[], *([name] for name in ("predict", "explain", "models", "status", "rollout", "rollback", "compare", "watch"))]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_help_shows_examples_and_exit_codes(face, arguments):
    text = face(*arguments, "--help").stdout.decode()
    assert "Exit codes: 0 all answered" in text
    assert f"$ face {' '.join(arguments)}" in text or not arguments


def test_completion_knows_the_commands(face):
    done = face(_FACE_COMPLETE="complete_bash", COMP_WORDS="face pre", COMP_CWORD="1")
    assert done.stdout.decode().split() == ["predict"]


def start(environment, *arguments: str) -> subprocess.Popen:
    """Runs `face` in the background, with Ctrl-C at work even where this process was started to ignore it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen([*FACE, *arguments], env=environment, preexec_fn=heed, **pipes)


def test_ctrl_c_ends_it_at_once_and_quietly(environment, stub, photos):
    """With requests that would take a minute in flight."""
    stub.answer = lambda request: Reply(delay=60)
    process = start(environment, "predict", str(photos), "--url", stub.url)
    try:
        deadline = time.monotonic() + 30
        while not stub.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert time.monotonic() - started < 10
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_a_reader_that_leaves_ends_it_quietly(environment, stub, photos):
    stub.answer = lambda request: Reply(body=encoded(prediction()), delay=0.05)
    process = start(environment, "predict", *[str(photos / "a.jpg")] * 300, "--url", stub.url)
    try:
        assert json.loads(process.stdout.readline())
        process.stdout.close()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert errors == b""
    assert process.returncode == 1
    assert len(stub.requests) < 300


def test_many_files_are_asked_about_at_the_same_time_in_their_order(face, stub, photos):
    stub.answer = lambda request: Reply(body=encoded(prediction()), delay=0.02)
    names = []
    for number in range(60):
        names.append(f"photos/{number:02}.jpg")
        (photos / f"{number:02}.jpg").write_bytes(b"image")
    done = face("predict", *names, "--url", stub.url, "--concurrency", "6")
    assert [line["source"] for line in lines(done)] == names
    assert 1 < stub.most_at_once <= 6


def test_it_knows_nothing_of_the_service_but_http():
    """So that it can be copied to a machine that has neither torch nor this repo."""
    code = "import sys, client.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "client" in loaded
    assert not loaded & {"handler", "training", "config", "torch", "ts", "numpy", "PIL"}
