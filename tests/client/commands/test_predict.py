"""`face predict` on files, folders, patterns, URLs and the standard input."""

import csv
import functools
import io
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.client.bodies import encoded, prediction
from tests.client.commands.process import lines
from tests.client.stub import Reply
from tests.pictures import portrait


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


def test_a_version_can_be_asked_for(face, photos):
    (line,) = lines(face("predict", "photos/a.jpg", "--version", "2.0"))
    assert line["model"]["version"] == "2.0"
    done = face("predict", "photos/a.jpg", "--version", "9.9")
    assert done.returncode == 1
    assert lines(done)[0]["error"]["code"] == "ModelVersionNotFoundException"


def test_many_files_are_asked_about_at_the_same_time_in_their_order(face, stub, photos):
    stub.answer = lambda request: Reply(body=encoded(prediction()), delay=0.02)
    names = []
    for number in range(60):
        names.append(f"photos/{number:02}.jpg")
        (photos / f"{number:02}.jpg").write_bytes(b"image")
    done = face("predict", *names, "--url", stub.url, "--concurrency", "6")
    assert [line["source"] for line in lines(done)] == names
    assert 1 < stub.most_at_once <= 6
