"""What a roll-out remembers, and when it still holds."""

from dataclasses import replace

import pytest

from client.journal import Journal, Kept, Record
from client.site import Impossible
from client.traffic import Window

RECORD = Record(
    version="1.2",
    archive="face-1.2.mar",
    former=Kept("1.1", "face-1.1.mar"),
    workers=4,
    adopted=False,
    step="watch",
    before=Window(10, 0, 12.5),
    earlier=Kept("1.0", "face-1.0.mar"),
)


@pytest.fixture
def journal(tmp_path, monkeypatch) -> Journal:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Journal("http://127.0.0.1:8081")


@pytest.mark.parametrize("record", [RECORD, replace(RECORD, before=None, earlier=None)])
def test_a_record_comes_back_as_it_was(journal, record):
    with journal.held():
        journal.write(record)
    assert journal.read() == record
    journal.write(None)
    assert journal.read() is None


def test_each_server_has_its_own(journal):
    with journal.held():
        journal.write(RECORD)
    assert Journal("http://127.0.0.1:9081").read() is None


def test_it_is_held_by_one(journal):
    with journal.held(), pytest.raises(Impossible, match="Another"), Journal("http://127.0.0.1:8081").held():
        pass
    with journal.held():
        pass


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 1}'])
def test_a_damaged_file_is_not_guessed_at(journal, text):
    with journal.held():
        journal.path.write_text(text)
    with pytest.raises(Impossible, match="cannot be read"):
        journal.read()


CONCERNS = {
    ("trial", "1.1"): True,
    ("watch", "1.1"): True,  # it was written down before the switch
    ("watch", "1.2"): True,
    ("retire", "1.1"): False,  # somebody went back by hand
    ("done", "1.2"): True,
    ("undo", "1.2"): True,
    ("undo", "1.1"): True,
    ("done", "2.0"): False,
    ("trial", "2.0"): False,
}


@pytest.mark.parametrize(("case", "expected"), CONCERNS.items())
def test_a_record_concerns_the_server_as_it_is(case, expected):
    step, default = case
    assert replace(RECORD, step=step).concerns(default) is expected


def test_what_is_left_when_it_is_taken_back():
    left = RECORD.without()
    assert (left.version, left.former, left.step, left.earlier) == ("1.1", RECORD.earlier, "done", None)
    assert replace(RECORD, earlier=None).without() is None


def test_roles():
    assert [RECORD.role(version) for version in ("1.2", "1.1", "1.0", "0.9")] == ["watched", "former", "former", None]
