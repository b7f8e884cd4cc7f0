"""The files to keep: what the command line would have written."""

import csv
import io
import json

import pytest

from client.answers import Refusal
from client.demo.export import as_csv, as_json, rows_of
from client.demo.judgement import Judgement
from client.demo.photo import Photo
from client.errors import Refused
from tests.client.demo.made import answer


@pytest.fixture
def rows():
    photos = [Photo('a, "b".jpg', b"a"), Photo("broken.jpg", b"b")]
    failed = Judgement(None, Refused(Refusal("bad_image", "It is truncated.", 400, "r9")), 1.0)
    return rows_of(photos, [Judgement(answer("ai", 0.97), None, 1.0), failed])


def test_the_csv_has_a_line_a_photo(rows):
    first, second = csv.DictReader(io.StringIO(as_csv(rows)))
    assert (first["source"], first["verdict"], first["score_ai"]) == ('a, "b".jpg', "ai", "0.97")
    assert (second["source"], second["verdict"], second["error"]) == ("broken.jpg", "", "bad_image")


def test_the_json_has_the_answers_as_they_came(rows):
    first, second = json.loads(as_json(rows))
    assert first["scores"][0] == {"label": "ai", "score": 0.97}
    assert second["error"]["request_id"] == "r9"
