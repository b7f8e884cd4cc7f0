import logging

from handler.errors import CodedError
from handler.job import Job


def refuse(job: Job) -> None:
    raise CodedError("bad_image", "It is torn.")


def break_down(job: Job) -> None:
    raise ZeroDivisionError("a defect of ours")


def test_stages_after_a_refusal_are_skipped():
    job, done = Job(0, "one"), []
    job.attempt("decode", refuse)
    job.attempt("detect", done.append)
    assert job.error.code == "bad_image"
    assert not done
    assert job.seconds.keys() == {"decode"}


def test_a_defect_becomes_a_coded_error_and_its_traceback_a_log_line(caplog):
    job = Job(0, "one")
    with caplog.at_level(logging.ERROR):
        job.attempt("crop", break_down)
    assert job.error.code == "internal"
    assert "a defect of ours" not in job.error.message  # the client learns nothing of the inside
    assert "a defect of ours" in caplog.text
    assert "one" in caplog.text


def test_a_stage_that_goes_well_is_timed():
    job = Job(0, "one")
    job.attempt("decode", lambda job: setattr(job, "data", b"x"))
    assert job.error is None
    assert job.data == b"x"
    assert job.seconds["decode"] >= 0
