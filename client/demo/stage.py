"""The photo with what was found on it: the face in its frame, and the heat map under an opacity slider."""

from pathlib import Path
from typing import Any

import streamlit as st

from client.answers import Explanation, Target
from client.demo.heat_map import AI_COLOUR, REAL_COLOUR, in_words, picture
from client.demo.photo import Box, Photo, data_url

HERE = Path(__file__).parent
STAGE = st.components.v2.component(
    "stage", **{suffix: HERE.joinpath(f"stage.{suffix}").read_text() for suffix in ("html", "css", "js")}
)
NOTE = (
    "The white frame is the judged face. Colours mean the same on every picture. They do not show where a picture was altered."
)


def show(photo: Photo, copy: str, part: Box, answer: Explanation, shown: Target, key: str) -> None:
    """Draws the stage.

    Args:
        copy: the shown part of the photo, upright, as a `data:` URL.
        part: which part that is.
        shown: which evidence: for `ai`, for `real`, or for both (`predicted`).
    """
    STAGE(key=key, data=stage_data(photo, copy, part, answer, shown))


def stage_data(photo: Photo, copy: str, part: Box, answer: Explanation, shown: Target) -> dict[str, Any]:
    """What stage.js draws; its boxes are left, top, width, height in per cent of the shown part."""
    face, heat_map = answer.face, answer.explanation
    whole = part == (0, 0, answer.image.width, answer.image.height)
    alt = photo.name if whole else f"The face in {photo.name}"
    return {
        "proportions": part[2] / part[3],
        "photo": {"url": copy, "alt": f"{alt}, with a frame around the judged face" if face else alt},
        "map": heat_map
        and {
            "url": data_url(picture(heat_map, shown), "image/png"),
            "alt": f"Heat map. {in_words(heat_map)}",
            "box": per_cent(heat_map.box, part),
        },
        "face": face and per_cent(face.box, part),
        "colours": [css_colour(REAL_COLOUR, 1), css_colour(REAL_COLOUR, 0), css_colour(AI_COLOUR, 0), css_colour(AI_COLOUR, 1)],
        "note": f"{in_words(heat_map)} {NOTE}" if heat_map else "",
    }


def per_cent(box: Box, part: Box) -> list[float]:
    x, y, width, height = box
    left, top, part_width, part_height = part
    return [100 * (x - left) / part_width, 100 * (y - top) / part_height, 100 * width / part_width, 100 * height / part_height]


def css_colour(colour: tuple[int, int, int], opacity: float) -> str:
    return f"rgb({' '.join(map(str, colour))} / {opacity:g})"
