"""Asks the service for the verdict on the sample photo: `python -m config.gateway.probe` exits 0 when it gets one.

For start-up probes: it goes a client's way, through the queue, the detector and the network. Standard library only.
"""

import argparse
import json
import sys
import urllib.request
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "sample" / "astronaut.jpg"


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m config.gateway.probe", description=__doc__.splitlines()[0])
    cli.add_argument(
        "--url", default="http://127.0.0.1:8080/predictions/face", help="TorchServe's, not the gateway's: no key is sent"
    )
    cli.add_argument("--timeout", type=float, default=10, help="seconds")
    arguments = cli.parse_args()
    try:
        print(verdict(arguments.url, arguments.timeout))
    except (OSError, ValueError, KeyError) as error:  # not there yet; an error status; no answer of ours
        print(f"no verdict: {error!r}", file=sys.stderr)
        return 1
    return 0


def verdict(url: str, timeout: float) -> str:
    """The verdict on the sample photo.

    Raises:
        OSError: no connection, no answer in time, or an error status.
        ValueError, KeyError: an answer that is not one of this service.
    """
    request = urllib.request.Request(url, data=SAMPLE.read_bytes(), headers={"Content-Type": "image/jpeg"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)["verdict"]


if __name__ == "__main__":
    sys.exit(main())
