"""The service, for as long as a test or a measurement needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.server import Server
from tests.folders import Folder
from tests.ports import free_port


@contextmanager
def serving(
    store: Path, *archives: str, workers: int = 1, options: tuple[str, ...] = (), log: Path | None = None
) -> Iterator[Server]:
    """TorchServe on archives of a folder, READY, and stopped at the end.

    Args:
        workers: of each archive; a thread each, so that tests that run side by side leave one another a core.
        options: further arguments of `config/start.py`.
        log: file of its output; by default in the folder of the archives.
    """
    with Folder() as run_dir:
        server = Server(
            port=free_port(),
            models=list(archives),
            model_store=store,
            run_dir=run_dir,
            log=log or store / "server.log",
            options=["--workers", str(workers), "--threads", "1", *options],
        )
        try:
            server.wait_until_ready(180)
            yield server
        finally:
            server.stop()
