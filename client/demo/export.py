"""What the service said of many photos, as files to keep: the same columns and objects as those of `face predict`."""

import io
from collections.abc import Sequence

from client.demo.judgement import Judgement
from client.demo.photo import Photo
from client.output import Csv, Row, dumps
from client.rows import PREDICTION_COLUMNS, error_row, prediction_row


def rows_of(photos: Sequence[Photo], judgements: Sequence[Judgement]) -> list[Row]:
    return [
        prediction_row(photo.name, judgement.answer) if judgement.answer else error_row(photo.name, judgement.error)
        for photo, judgement in zip(photos, judgements, strict=True)
    ]


def as_csv(rows: Sequence[Row]) -> str:
    """A header, and a line a photo."""
    text = io.StringIO()
    with Csv(PREDICTION_COLUMNS, (), text) as output:
        for row in rows:
            output.add(row)
    return text.getvalue()


def as_json(rows: Sequence[Row]) -> str:
    """A list of the service's answers and errors, each with the name of its photo as `source`."""
    return dumps([row.details for row in rows], indent=2, ensure_ascii=False)
