"""An answer in words, which say no more than the calibration supports."""

from client.answers import Prediction
from client.versions import Description

# By verdict: from which score of its own label on it is called what. Never `very likely real`: a new generator may pass as that
HEADLINES = {
    "ai": ((0.95, "Very likely AI-generated"), (0.8, "Probably AI-generated"), (0.0, "More likely AI-generated than not")),
    "real": ((0.8, "Probably a real photograph"), (0.0, "More likely a real photograph than not")),
}
OTHERS = {"uncertain": "Uncertain", "no_face": "No face found"}
MANY = {"ai": "AI-generated", "real": "real photographs"}
ELSEWHERE = "Where a picture comes from elsewhere, the score is not calibrated"
HARMLESS = {"between_thresholds", "several_faces"}  # codes of reasons that leave the score its meaning


def headline(answer: Prediction) -> str:
    """The verdict in a few words, such as `Probably AI-generated`."""
    if answer.verdict in OTHERS:
        return OTHERS[answer.verdict]
    score = score_of(answer, answer.verdict)
    return next(words for least, words in HEADLINES[answer.verdict] if score >= least)


def meaning(answer: Prediction) -> str:
    """What the score means: a frequency among faces like those that it was calibrated on."""
    if answer.verdict == "no_face":
        return "The model judges faces only. It may miss one that is very small, turned away or covered."
    if undecidable(answer):
        return "The picture shows too little of the face. Its score would mean little, so none is given."
    label = answer.verdict if answer.verdict in MANY else answer.scores[0].label
    number = of_100(score_of(answer, label))
    share = f"about {number} of 100" if number.isdigit() else f"{number} of 100"
    sentence = f"Among faces like those it was calibrated on, {share} with this score are {MANY[label]}"
    return f"{sentence}: too close to call." if answer.verdict == "uncertain" else f"{sentence}."


def caution(answer: Prediction, description: Description | None) -> str:
    """How far the meaning holds: measured on faces of unknown sources where the release tells, else in general."""
    if answer.verdict == "no_face":
        return ""
    found, mistaken = (rate(description, name) for name in ("ai_called_ai", "real_called_ai"))
    if found is None or mistaken is None:
        return f"{ELSEWHERE}: the model may be wrong far more often than it says."
    return (
        f"{ELSEWHERE}. In a test on sources that the model had never seen, it recognised {hundredths(found)} of 100 "
        f"AI-generated faces, and took {hundredths(mistaken)} of 100 real ones for AI."
    )


def undecidable(answer: Prediction) -> bool:
    """Whether the picture, and not the score, is why there is no verdict: the score is then passed over in silence."""
    return answer.verdict == "uncertain" and any(reason.code not in HARMLESS for reason in answer.reasons)


def score_of(answer: Prediction, label: str) -> float:
    """The calibrated probability of a label; only where there is a face."""
    return next(entry.score for entry in answer.scores if entry.label == label)


def of_100(share: float) -> str:
    """A probability as a number of a hundred; never as a certainty."""
    if share > 0.99:
        return "over 99"
    return "under 1" if share < 0.01 else str(hundredths(share))


def hundredths(share: float) -> int:
    return round(100 * share)


def rate(description: Description | None, name: str) -> float | None:
    """A figure of the evaluation on unknown sources, where the release has it."""
    entry = description.metrics.get("ood") if description else None
    figure = entry.get(name) if isinstance(entry, dict) else None
    return figure.get("value") if isinstance(figure, dict) else None
