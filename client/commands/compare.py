"""`face compare`: what would change with another version?"""

from dataclasses import asdict
from typing import Annotated

import typer

from client import comparison, options
from client.golden import SAMPLE, golden_set
from client.output import Row, print_one
from client.service import FaceClient

First = Annotated[str, typer.Argument(metavar="A", help="A registered version, the measure.", show_default=False)]
Second = Annotated[str, typer.Argument(metavar="B", help="The one that is measured.", show_default=False)]


def compare(
    first: First,
    second: Second,
    golden: options.Golden = SAMPLE,
    output_format: options.Format = None,
    url: options.Url = options.URL,
    api_key: options.ApiKey = None,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """Compare two registered versions on the same images.

    Flip rate: share of the images with another verdict. Score shift: mean
    change of the score for ai. Heat-map overlap: share of the evidence in the
    same place, 0 to 1. Latency ratio: median time of B by that of A, taking
    turns. Error rate: share of the images that B alone fails on.

    Examples:

    $ face compare 1.0 1.1 --golden faces/

    $ face compare 1.0 1.1 --golden faces/ --format jsonl | jq '.flips[]'
    """
    images = golden_set(golden)
    with FaceClient(url, api_key=api_key, timeout=timeout) as service:
        sides = (comparison.Side(version, service, version) for version in (first, second))
        compared = comparison.compare(*sides, images)
    told = asdict(compared)
    print_one(output_format, Row(told, told | {"flips": " ".join(compared.flips), "errors": " ".join(compared.errors)}))
