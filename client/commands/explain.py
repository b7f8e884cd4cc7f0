"""`face explain`: where is the evidence?"""

from operator import methodcaller
from pathlib import Path
from typing import Annotated

import typer

from client import options
from client.answers import Explanation
from client.heat_maps import HeatMaps
from client.output import Row, make_output
from client.rows import EXPLANATION_COLUMNS, SHOWN, explanation_row
from client.run import Batch
from client.service import CONCURRENCY, FaceClient
from client.sources import Source

Folder = Annotated[
    Path | None,
    typer.Option("--heatmaps", metavar="DIR", file_okay=False, help="Where heat maps go. Default: beside each image."),
]
Draw = Annotated[bool, typer.Option("--draw/--no-draw", help="Write heat maps, or only the numbers: much faster.")]


def explain(
    paths: options.Paths,
    heat_maps: Folder = None,
    draw: Draw = True,
    target: options.Target = "predicted",
    output_format: options.Format = None,
    version: options.Version = None,
    url: options.Url = options.URL,
    api_key: options.ApiKey = None,
    timeout: options.Timeout = options.SECONDS,
    concurrency: options.Concurrency = CONCURRENCY,
) -> None:
    """Show where in each image the evidence lies, and write it as a heat map.

    The heat map of photo.jpg is photo.jpg.face.png. Red speaks for AI, blue
    for a photograph. JSON lines hold the map as numbers.

    Examples:

    $ face explain photo.jpg

    $ face explain holiday/ --heatmaps maps/

    $ face explain holiday/ --no-draw --target ai --format jsonl | jq -c '[.source, .explanation.grid]'
    """
    if heat_maps and not draw:
        raise typer.BadParameter("--heatmaps says where to draw, --no-draw says not to.")
    batch = Batch(paths, seconds=timeout)
    maps = HeatMaps(heat_maps)

    def row(source: Source, answer: Explanation) -> Row:
        overlay = answer.explanation.overlay if draw and answer.explanation else None
        return explanation_row(source.name, answer, maps.write(source, overlay) if overlay else None)

    with FaceClient(url, api_key=api_key, timeout=timeout) as service:
        outcomes = service.explain_many(
            batch, target=target, overlay=draw, version=version, read=methodcaller("read"), concurrency=concurrency
        )
        columns = (*SHOWN, "heat_map") if draw else SHOWN
        raise typer.Exit(batch.run(outcomes, row, make_output(output_format, EXPLANATION_COLUMNS, columns)))
