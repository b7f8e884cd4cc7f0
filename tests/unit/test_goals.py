import pytest

from training import goals
from training.goals import Checked


def one(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


@pytest.mark.parametrize(
    ("value", "band", "met", "wanted"),
    [
        (0.85, (0.85, None), True, "at least 0.85"),
        (0.84, (0.85, None), False, "at least 0.85"),
        (0.03, (None, 0.03), True, "at most 0.03"),
        (0.04, (None, 0.03), False, "at most 0.03"),
        (0.56, (0.45, 0.55), False, "0.45 to 0.55"),
        (0.45, (0.45, 0.55), True, "0.45 to 0.55"),
    ],
)
def test_a_band_holds_its_ends(value, band, met, wanted):
    checked = Checked("it", "it", one(value), band)
    assert (checked.met, checked.wanted) == (met, wanted)


@pytest.fixture
def evaluation():
    split = {"pooled": {"auc": one(0.7), "ece": one(0.02)}}
    sources = {"ai": {"a": {"figures": {"auc": one(0.9)}}, "b": {"figures": {"auc": one(0.6)}}}}
    return {
        "splits": {"test": split, "ood": split | {"sources": sources}},
        "abstention": {"splits": {name: {"selective": {"ratio": one(0.4)}} for name in ("test", "ood")}},
        "robustness": {"worst": {"balanced_accuracy": one(0.9)}},
        "explanations": {
            "insertion_deletion": {"above_random": one(0.2)},
            "pointing": {"hits": one(0.5)},
            "randomised": one(0.0),
        },
        "inputs": {"refused": {"share": one(0.01)}, "without_face": {"share": one(0.99)}},
        "controls": {"chance": {"crops": one(0.6)}, "swapped": {"ai_as_jpeg": one(0.0)}},
    }


def test_every_goal_is_found_and_the_missed_ones_are_told(evaluation):
    found = goals.goals(evaluation)
    assert [goal.name for goal in found] == [name for name, *_ in goals.GOALS]
    assert {goal.name for goal in found if not goal.met} == {"held_out_auc", "weakest_source", "pointing"}
    assert next(goal for goal in found if goal.name == "weakest_source").figure == one(0.6)


def test_what_was_not_measured_is_no_goal(evaluation):
    del evaluation["splits"]["ood"], evaluation["abstention"]["splits"]["ood"]
    evaluation |= {"robustness": None, "explanations": None, "inputs": {"refused": None, "without_face": None}}
    assert [goal.name for goal in goals.goals(evaluation)] == ["held_in_ece", "held_in_selective"]


def test_controls_have_bands_of_their_kind(evaluation):
    found = {control.name: control for control in goals.controls(evaluation)}
    assert not found["crops"].met and found["crops"].band == goals.CHANCE
    assert found["ai_as_jpeg"].met and found["ai_as_jpeg"].band == goals.UNMOVED
