"""Many photos: a table with small pictures, sorted by its headings, from which one is opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from client.demo.judgement import Judgement
from client.demo.messages import message_of
from client.demo.photo import Photo
from client.demo.verdict import headline, of_100, undecidable

HERE = Path(__file__).parent
GALLERY = st.components.v2.component(
    "gallery", **{suffix: HERE.joinpath(f"gallery.{suffix}").read_text() for suffix in ("html", "css", "js")}
)
KEY = "gallery"


def chosen(photos: Sequence[Photo]) -> int | None:
    """The number of the photo that the visitor opened last, if it is still there."""
    state = st.session_state.get(KEY)
    wanted = state.get("chosen") if state else None
    return next((number for number, photo in enumerate(photos) if row_id(number, photo) == wanted), None)


def show(
    photos: Sequence[Photo], judgements: Sequence[Judgement], thumbnails: Sequence[str | None], opened: int | None
) -> None:
    """Draws the table.

    Args:
        thumbnails: `data:` URLs; None where the photo cannot be shown.
        opened: the number of the photo that is shown below.
    """
    rows = [
        {"id": row_id(number, photo), "thumbnail": thumbnail, "open": number == opened, **told(photo, judgement)}
        for number, (photo, judgement, thumbnail) in enumerate(zip(photos, judgements, thumbnails, strict=True))
    ]
    data = {"rows": rows, "caption": f"{len(rows)} photos. A heading sorts; a photo opens its heat map below."}
    GALLERY(key=KEY, data=data, on_chosen_change=lambda: None)


def told(photo: Photo, judgement: Judgement) -> dict[str, Any]:
    """The cells of one photo."""
    answer = judgement.answer
    if answer is None:
        return {
            "name": photo.name,
            "verdict": message_of(judgement.error).title,
            "score": None,
            "note": judgement.error.message,
        }
    score = None if undecidable(answer) else answer.score_ai
    return {
        "name": photo.name,
        "verdict": headline(answer),
        "score": score,
        "shown": "–" if score is None else of_100(score),
        "note": " ".join(reason.message for reason in answer.reasons),
    }


def row_id(number: int, photo: Photo) -> str:
    """Distinct also for two uploads of one file."""
    return f"{number}-{photo.digest[:16]}"
