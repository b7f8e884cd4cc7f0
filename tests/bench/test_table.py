"""The page says what was measured, what failed and what is missing."""

from tests.bench.figures import Repeats
from tests.bench.plan import FACE, FASTAPI, PREDICT
from tests.bench.table import kind_table, number
from tests.bench.test_figures import line, repeat


def test_rows_have_medians_ranges_and_ratios():
    repeats = Repeats([repeat(line(FACE, 200), line(FASTAPI, 50)), repeat(line(FACE, 220), line(FASTAPI, 50))])
    table = kind_table(repeats, PREDICT).splitlines()
    assert "| 512 | face | 210 (200–220), 10.0 ms |" in table
    assert "| 512 | fastapi | 50.0, 10.0 ms, 4.20x |" in table


def test_what_failed_is_said_to_have():
    table = kind_table(Repeats([repeat(line(FACE, 200), line(FASTAPI, 0, failed=True))]), PREDICT)
    assert "| 512 | fastapi | **failed** |" in table


def test_what_was_not_measured_has_no_table():
    assert kind_table(Repeats([repeat(line(FACE, 200))]), "png") == ""


def test_numbers_have_three_digits_that_count():
    assert [number(value) for value in (1234.5, 12.34, 1.234, -0.5)] == ["1234", "12.3", "1.23", "-0.50"]
