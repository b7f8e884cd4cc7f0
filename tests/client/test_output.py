"""Rows as table, JSON lines and CSV."""

import csv
import io
import json

import pytest

from client.answers import Explanation, Prediction, Refusal
from client.errors import Refused, TimedOut
from client.output import KINDS
from client.parsing import parse
from client.rows import EXPLANATION_COLUMNS, PREDICTION_COLUMNS, SHOWN, error_row, explanation_row, prediction_row
from tests.client.bodies import PNG, explanation, no_face, prediction

REFUSED = Refused(Refusal("bad_image", "It is damaged.", 400, "r9"))


@pytest.fixture
def rows():
    return [
        prediction_row("a.jpg", parse(Prediction, prediction())),
        prediction_row("room.jpg", parse(Prediction, no_face())),
        error_row("bad.jpg", REFUSED),
        error_row("slow.jpg", TimedOut("Nothing within 60 s.")),
    ]


def printed(kind: str, rows, columns=PREDICTION_COLUMNS, shown=SHOWN) -> str:
    stream = io.StringIO()
    with KINDS[kind](columns, shown, stream) as output:
        for row in rows:
            output.add(row)
    return stream.getvalue()


def test_json_lines_are_the_services_own_words(rows):
    face, room, bad, slow = (json.loads(line) for line in printed("jsonl", rows).splitlines())
    assert face == {"source": "a.jpg"} | prediction()
    assert room == {"source": "room.jpg"} | no_face()
    told = {"code": "bad_image", "message": "It is damaged.", "status": 400, "request_id": "r9"}
    assert bad == {"source": "bad.jpg", "error": told}
    assert slow["error"] == {"code": "timed_out", "message": "Nothing within 60 s.", "status": None, "request_id": None}


def test_a_row_of_an_explanation_has_the_grid_and_the_file_but_not_the_picture(tmp_path):
    answer = parse(Explanation, explanation(PNG))
    row = explanation_row("a.jpg", answer, tmp_path / "map.png")
    (line,) = printed("jsonl", [row]).splitlines()
    assert json.loads(line) == {"source": "a.jpg", "heat_map": str(tmp_path / "map.png")} | explanation()
    (cells,) = csv.DictReader(io.StringIO(printed("csv", [row], EXPLANATION_COLUMNS)))
    assert (cells["target"], cells["heat_map"]) == ("real", str(tmp_path / "map.png"))


def test_csv_has_one_column_a_fact(rows):
    face, room, bad, slow = csv.DictReader(io.StringIO(printed("csv", rows)))
    assert tuple(face) == PREDICTION_COLUMNS
    assert (face["source"], face["verdict"], face["score_ai"], face["face_width"], face["error"]) == (
        "a.jpg",
        "real",
        "0.25",
        "88",
        "",
    )
    assert (room["verdict"], room["score_ai"], room["reasons"], room["faces"]) == ("no_face", "", "no_face", "0")
    assert (bad["verdict"], bad["error"], bad["message"], bad["request_id"]) == ("", "bad_image", "It is damaged.", "r9")
    assert slow["error"] == "timed_out"


def test_the_table_has_every_row(rows):
    lines = printed("table", rows).splitlines()
    assert lines[0].split() == ["source", "result", "score", "ai", "face", "note"]
    assert lines[1].split() == ["a.jpg", "real", "0.250", "88", "x", "104", "px"]
    assert lines[2].startswith("room.jpg")
    assert "bad_image" in lines[3]
    assert printed("table", []) == ""


@pytest.mark.parametrize("kind", ["table", "csv"])
def test_names_can_neither_steer_the_terminal_nor_be_read_as_markup(kind):
    row = error_row("\x1b[31m[red]\x07\udcff\n.jpg", REFUSED)
    text = printed(kind, [row])
    text.encode()  # a name that is no UTF-8 can be printed
    assert not set(text) & set("\x1b\x07")
    assert "[red]" in text


def test_names_survive_json_lines():
    name = "\x1b[31m \udcff ü\n.jpg"
    (line,) = printed("jsonl", [error_row(name, REFUSED)]).splitlines()
    assert line.isascii()
    assert json.loads(line)["source"] == name
