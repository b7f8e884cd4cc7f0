"""Load as users make it: predictions, explanations as JSON and as a picture, and now and then what is no photo.

    locust -f tests/load/locustfile.py --host http://127.0.0.1:8080                      web page on port 8089
    locust ... --headless --shape ramp --peak 60 --seconds 120 --html load.html --csv load
    locust ... --headless --master --expect-workers 2   and twice   locust -f ... --worker

A user asks once a second, so that --peak is the number of requests a second, as long as the answers take less than one. The
exit code is 1 when a gate (--max-...) is not kept. Without --headless, the page shows the same options.
"""

import base64
import itertools
import json
import logging
import random
import signal
from pathlib import Path

import gates
import gevent
import photos
import shapes
from locust import FastHttpUser, LoadTestShape, constant_throughput, events, task
from locust.runners import WorkerRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

PREDICT, EXPLAIN = "/predictions/face", "/explanations/face"
VERDICTS = {"ai", "real", "uncertain", "no_face"}
PATIENCE = 60  # seconds for an answer
PNG = b"\x89PNG"
BAD = [  # path, body, headers, status and code of the answer
    (PREDICT, b"no photo", {}, 415, "unsupported_format"),
    (PREDICT, b"\xff\xd8\xff cut short", {}, 400, "bad_image"),
    (PREDICT, b'{"image": 5}', {"Content-Type": "application/json"}, 400, "bad_request"),
    (EXPLAIN, None, {"X-Explain-Target": "cat"}, 422, "bad_option"),
]
log = logging.getLogger(__name__)


@events.init_command_line_parser.add_listener
def add_options(parser) -> None:
    parser.add_argument("--shape", choices=list(shapes.SHAPES), default="steady", help="of the number of users over time")
    parser.add_argument("--peak", type=int, default=30, help="users at most, each of whom asks once a second")
    parser.add_argument("--seconds", type=float, default=60, help="length of the test")
    parser.add_argument(
        "--photos", default="", help="folder of photos to send as they are; default: the sample in several sizes"
    )
    parser.add_argument(
        "--api-key-file", default="", env_var="FACE_API_KEY_FILE", include_in_web_ui=False, help="file of the gateway's key"
    )
    parser.add_argument("--max-p95", type=float, default=1000, help="gate: milliseconds")
    parser.add_argument("--max-errors", type=float, default=0, help="gate: share of wrong answers, 0..1")
    parser.add_argument("--max-lost", type=int, default=0, help="gate: requests without an answer")


@events.init.add_listener
def wait_for_the_last_answers(environment, **_) -> None:
    """A request that is cut off when the test ends would be neither answered nor lost."""
    environment.stop_timeout = environment.stop_timeout or PATIENCE


class Shape(LoadTestShape):
    """The users of --shape, until its time is over or SIGTERM ends it."""

    def __init__(self):
        super().__init__()
        self.ended = False
        gevent.signal_handler(signal.SIGTERM, self.end)  # else locust would die of it, and judge nothing

    def end(self) -> None:
        self.ended = True

    def tick(self) -> tuple[int, float] | None:
        options = self.runner.environment.parsed_options
        users = shapes.users(options.shape, options.peak, options.seconds, self.get_run_time())
        return None if self.ended or users is None else (users, options.peak)


class Visitor(FastHttpUser):
    """Somebody who asks once a second, and expects the right answer to everything."""

    wait_time = constant_throughput(1)
    insecure = False
    network_timeout = connection_timeout = PATIENCE

    def on_start(self) -> None:
        options = self.environment.parsed_options
        self.photos = photos.photos(Path(options.photos) if options.photos else None)
        self.bad = itertools.cycle(random.sample(BAD, len(BAD)))
        key = options.api_key_file
        self.key = {"X-Api-Key": Path(key).read_text().strip()} if key else {}

    @task(28)
    def predict(self) -> None:
        data, content_type = random.choice(self.photos)
        self.ask("predict", PREDICT, data, {"Content-Type": content_type})

    @task(2)
    def predict_json(self) -> None:
        data, _ = random.choice(self.photos)
        body = json.dumps({"image": base64.b64encode(data).decode()}).encode()
        self.ask("predict, base64", PREDICT, body, {"Content-Type": "application/json"})

    @task(6)
    def explain(self) -> None:
        data, content_type = random.choice(self.photos)
        self.ask("explain", EXPLAIN, data, {"Content-Type": content_type})

    @task(2)
    def explain_png(self) -> None:
        data, content_type = random.choice(self.photos)
        self.ask("explain, picture", EXPLAIN, data, {"Content-Type": content_type, "Accept": "image/png"})

    @task(2)
    def send_what_is_no_photo(self) -> None:
        path, body, headers, status, code = next(self.bad)
        body = random.choice(self.photos)[0] if body is None else body
        headers = {"Content-Type": "application/octet-stream"} | headers
        self.ask("bad input", path, body, headers, status=status, code=code)

    def ask(self, name: str, path: str, body: bytes, headers: dict, *, status: int = 200, code: str | None = None) -> None:
        """Sends a request; anything but the answer that is due is a failure."""
        headers = headers | self.key
        with self.client.post(path, data=body, headers=headers, name=name, catch_response=True) as answer:
            if answer.status_code == 0:
                answer.failure(f"{gates.LOST}: {type(answer.error).__name__}")
            elif answer.status_code != status:
                answer.failure(f"{answer.status_code} in place of {status}")
            elif headers.get("Accept") == "image/png":
                answer.success() if answer.content.startswith(PNG) else answer.failure("no picture")
            elif not is_due(answer.content, code):
                answer.failure("another answer than is due")
            else:
                answer.success()


def is_due(content: bytes, code: str | None) -> bool:
    """Whether a body is a verdict, or the error with this code."""
    try:
        body = json.loads(content)
    except ValueError:
        return False
    return body.get("code") == code if code else body.get("verdict") in VERDICTS


@events.quitting.add_listener
def judge(environment, **_) -> None:
    """Prints the gates and sets the exit code; of a distributed test, the master alone has all figures."""
    if isinstance(environment.runner, WorkerRunner):
        return
    options = environment.parsed_options
    limits = gates.Gates(p95_ms=options.max_p95, errors=options.max_errors, lost=options.max_lost)
    kept = True
    for passed, figures in limits.verdicts(environment.stats):
        kept &= passed
        print(f"{'pass' if passed else 'FAIL'}  {figures}")
    environment.process_exit_code = 0 if kept else 1
    if options.csv_prefix:  # locust writes its tables now and then, and not at the end
        gevent.sleep(1.5 * CSV_STATS_INTERVAL_SEC)
