"""The service's handler in plain processes: answers the tasks that come over a pipe from the bench."""

import argparse
import itertools
import multiprocessing
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import yaml

from tests.bench.load import OK, Load


@dataclass(frozen=True)
class Task:
    """What to do, and for how long.

    Attributes:
        headers: of every request, as TorchServe hands them over.
        batch: images handed to the handler at a time.
        warm_up, seconds: batches that end in the last `seconds` count; one batch is done at least.
    """

    headers: dict[str, str]
    photos: list[bytes]
    processes: int
    batch: int
    warm_up: float
    seconds: float


class NoMetrics:
    """In the place of the server's metrics: takes them and does nothing, because they are the server's cost."""

    def get_metric(self, *_) -> "NoMetrics":
        return self

    add_metric_to_cache = get_metric

    def add_or_update(self, *_) -> None:
        pass


class Worker:
    """The archive's handler, initialised as a worker of TorchServe does it.

    Args:
        model_dir: the unpacked archive.
    """

    def __init__(self, model_dir: str):
        sys.path.insert(0, model_dir)  # before the repository: the code is the archive's, as in the server
        import ts
        from face_handler import FaceHandler
        from ts.context import Context, RequestProcessor

        self.processor = RequestProcessor
        settings = yaml.safe_load((Path(model_dir) / "model-config.yaml").read_text())
        self.context = Context(
            model_name="face",
            model_dir=model_dir,
            manifest={},
            batch_size=settings["batchSize"],
            gpu=None,
            mms_version=ts.__version__,
            metrics=NoMetrics(),
            model_yaml_config=settings,
        )
        self.handler = FaceHandler()
        self.handler.initialize(self.context)

    def run(self, task: Task, first: int) -> Load:
        """Does a task, beginning with photo number `first`."""
        load = Load(task.seconds)
        photos = itertools.cycle(task.photos[first:] + task.photos[:first])
        start = time.monotonic() + task.warm_up
        end = start + task.seconds
        while True:
            began = time.monotonic()
            refused = self.handle(list(itertools.islice(photos, task.batch)), task.headers)
            now = time.monotonic()
            load.errors.update(refused)
            load.answered += task.batch - len(refused)
            if start <= now < end:
                load.latencies += [now - began] * (task.batch - len(refused))
            if now >= end:
                return load

    def handle(self, photos: list[bytes], headers: dict[str, str]) -> list[str]:
        """One batch; the statuses that are not 200."""
        self.context.request_ids = {number: str(number) for number in range(len(photos))}
        self.context.request_processor = [self.processor(dict(headers)) for _ in photos]
        self.handler.handle([{"body": bytearray(photo)} for photo in photos], self.context)
        statuses = [self.context.get_response_status(number)[0] for number in range(len(photos))]
        return [str(status) for status in statuses if status != OK]


def serve(model_dir: str, number: int, channel: Connection) -> None:
    """A worker process: says that it is ready, then does tasks until the other end closes."""
    worker = Worker(model_dir)
    channel.send("ready")
    while True:
        try:
            task = channel.recv()
        except EOFError:
            return
        channel.send(worker.run(task, first=number * len(task.photos) // 2 % len(task.photos)))


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--model-dir", required=True, help="the unpacked archive")
    cli.add_argument("--workers", type=int, required=True)
    cli.add_argument("--channel", type=int, required=True, help="file descriptor of the pipe to the bench")
    arguments = cli.parse_args()
    channel = Connection(arguments.channel)
    spawn = multiprocessing.get_context("spawn")
    workers: list[Connection] = []
    for number in range(arguments.workers):
        ours, theirs = spawn.Pipe()
        spawn.Process(target=serve, args=(arguments.model_dir, number, theirs), daemon=True).start()
        theirs.close()
        workers.append(ours)
    for ready in ready_in_turn(workers):
        channel.send(ready.recv())
    while True:
        try:
            task = channel.recv()
        except EOFError:
            return
        chosen = workers[: task.processes]
        for worker in chosen:
            worker.send(task)
        channel.send(merged([worker.recv() for worker in chosen], task.seconds))


def ready_in_turn(workers: list[Connection]):
    """The workers in the order in which they become ready."""
    left = list(workers)
    while left:
        for worker in multiprocessing.connection.wait(left):
            left.remove(worker)
            yield worker


def merged(loads: list[Load], seconds: float) -> Load:
    whole = Load(seconds)
    for load in loads:
        whole.latencies += load.latencies
        whole.errors.update(load.errors)
        whole.answered += load.answered
    return whole


if __name__ == "__main__":
    main()
