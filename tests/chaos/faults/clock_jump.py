"""The clock jumps: an hour ahead, then two hours back, and a worker is killed after it."""

import os
import signal
import time
from pathlib import Path

from config.java import find_java
from tests.chaos.fault import Fault
from tests.chaos.service import Service

LIBRARY = "libfaketimeMT.so.1"
FOLDERS = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib"))
APART = 1  # seconds between the jumps
# Runs Java, and nothing that Java starts, with a clock that follows a file. Python could not sleep with it
JAVA = """#!/bin/sh
[ ! -f config.properties ] || echo blacklist_env_vars=LD_PRELOAD >> config.properties
export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={clock} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
exec {java} "$@"
"""


class ClockJump(Fault):
    """For TorchServe, by libfaketime: the machine's own clock is not touched. The workers wait by the monotonic clock alone."""

    title = "the clock jumps by hours, and a worker is killed"

    def missing(self) -> str | None:
        return None if library() else "libfaketime is not installed (Debian: apt-get install libfaketime)"

    def service(self, folder: Path) -> Service:
        self.clock = folder / "clock"
        self.clock.write_text("+0")
        java = folder / "java" / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(JAVA.format(library=library(), clock=self.clock, java=find_java()))
        java.chmod(0o755)
        return Service(folder, environment={"JAVA_HOME": str(folder / "java")})

    def inject(self, service: Service) -> None:
        for offset in ("+1h", "-1h"):
            self.clock.write_text(offset)
            time.sleep(APART)
        os.kill(service.workers()[0], signal.SIGKILL)

    def notes(self, service: Service) -> list[str]:
        hour = time.strftime('"time":"%Y-%m-%dT%H', time.gmtime(time.time() - 3600))
        assert hour in service.log.read_text(errors="replace"), "the clock did not jump"  # what is said of the new worker
        return []


def library() -> Path | None:
    return next((path for folder in FOLDERS for path in folder.glob(f"**/{LIBRARY}")), None)
