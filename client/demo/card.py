"""A judgement as HTML: the verdict, its scale, what it means, and the details. Whatever came from outside is escaped."""

from collections.abc import Mapping
from html import escape

from client.answers import Prediction
from client.demo.judgement import Judgement
from client.demo.messages import message_of
from client.demo.verdict import caution, headline, hundredths, meaning, of_100, undecidable
from client.errors import FaceError, Refused
from client.versions import Description

MARKS = {"ai": "▲", "real": "●", "uncertain": "◆", "no_face": "○"}  # a shape each, for those who see no colour


def verdict_card(answer: Prediction, description: Description | None, title: str) -> str:
    """The verdict in words, the score on its scale, what it means and how far.

    Args:
        title: a small heading above, such as the name of the photo.
    """
    reasons = [reason.message for reason in answer.reasons] if answer.verdict != "no_face" else []  # the headline says it
    parts = [
        f'<section class="card {answer.verdict}" role="status">',
        f'<p class="over">{escape(title)}</p>',
        f'<h2><span class="mark" aria-hidden="true">{MARKS[answer.verdict]}</span> {headline(answer)}</h2>',
        scale(answer),
        f'<p class="meaning">{escape(meaning(answer))}</p>',
        *(f"<p>{escape(reason)}</p>" for reason in reasons),
        f'<p class="caution">{escape(caution(answer, description))}</p>',
        "</section>",
    ]
    return "".join(part for part in parts if part)


def scale(answer: Prediction) -> str:
    """The score between `real` and `ai`, with the zones of the verdicts; nothing where the score means nothing."""
    if answer.score_ai is None or undecidable(answer):
        return ""
    score, calibration = answer.score_ai, answer.calibration
    real, ai = hundredths(calibration.real_at_most), hundredths(calibration.ai_at_least)
    words = f"Score for AI: {of_100(score)} of 100. Up to {real} the verdict is real, from {ai} on AI, in between uncertain."
    return (
        f'<div class="scale" role="img" aria-label="{words}">'
        f'<div class="bar"><span class="zone real" style="width:{100 * calibration.real_at_most:.1f}%"></span>'
        f'<span class="zone ai" style="width:{100 * (1 - calibration.ai_at_least):.1f}%"></span>'
        f'<span class="marker" style="left:{100 * score:.1f}%"></span></div>'
        f'<div class="ends"><span>photograph</span><strong>score for AI: {of_100(score)} of 100</strong>'
        "<span>AI</span></div></div>"
    )


def details(judgement: Judgement) -> str:
    """The plain facts of an answer, as a list of terms."""
    answer = judgement.answer
    face, image = answer.face, answer.image
    facts = {
        "Face": f"{face.box[2]} × {face.box[3]} px{others(face.count)}" if face else "none",
        "Photo": f"{image.width} × {image.height} px, {escape(image.format)}",
        "Model": f"{escape(answer.model.name)} {escape(answer.model.version)}",
        "Answered in": f"{judgement.ms:.0f} ms",
        "Weights": f"SHA-256 <code>{escape(answer.model.sha256[:16])}</code> …",
        "Request": f"<code>{escape(answer.request_id)}</code>",
    }
    return "<h3>Details</h3>" + terms(facts)


def others(count: int) -> str:
    return f"; the largest of {count}" if count > 1 else ""


def terms(facts: Mapping[str, str]) -> str:
    """A list of terms; the values are HTML."""
    return (
        '<dl class="facts">' + "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts.items()) + "</dl>"
    )


def failure_card(error: FaceError, title: str) -> str:
    """Why there is no answer: in our words, and in the service's own."""
    message = message_of(error)
    request_id = error.refusal.request_id if isinstance(error, Refused) else None
    request = f"<p class='caution'>Request <code>{escape(request_id)}</code></p>" if request_id else ""
    return (
        f'<section class="card failed" role="alert"><p class="over">{escape(title)}</p><h2>{message.title}</h2>'
        f"<p>{message.advice}</p><p class='caution'>{escape(error.message)}</p>{request}</section>"
    )
