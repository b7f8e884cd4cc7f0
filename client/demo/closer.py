"""One photo in full: verdict, heat map and details, by one version of the model or by two side by side."""

from collections.abc import Sequence

import streamlit as st

from client.answers import Target
from client.demo import card, comparison, stage
from client.demo.connection import Served, face_client
from client.demo.judgement import Judge, Judgement, Memory
from client.demo.photo import SHOWN_SIDE, Photo, around, upright_copy

ALL: Target = "predicted"
TARGETS: dict[Target, str] = {ALL: "all", "ai": "for AI", "real": "for a photograph"}
PARTS = ("the face", "all of it")
WHOLE = PARTS[1]


def show(photo: Photo, memory: Memory, versions: Sequence[Served | None]) -> None:
    """Asks about the photo and draws what comes back: the verdict, what the picture is to show, the picture, the details.

    Args:
        versions: one or two to ask; None for the default one.
    """
    target = st.session_state.get("target", ALL)  # of the control below, which only a heat map needs
    with st.spinner("Asking the service …"):
        judges = [Judge(face_client(), memory, version and version.version) for version in versions]
        judgements = [judge.explain(photo, target) for judge in judges]
    if len(judgements) == 1:
        show_one(photo, memory, judgements[0], versions[0])
    else:
        show_two(photo, memory, judgements, versions)
    if not all(judgement.lasting for judgement in judgements):
        st.button("Try again")  # any rerun asks anew


def show_one(photo: Photo, memory: Memory, judgement: Judgement, version: Served | None) -> None:
    """The details stand beside the picture where there is room."""
    st.html(verdict(photo, judgement, version))
    if judgement.answer:
        part = choose_what_to_show([judgement])
        left, right = st.columns([3, 2], gap="large")
        with left:
            picture(photo, memory, judgement, part)
        right.html(card.details(judgement))


def show_two(photo: Photo, memory: Memory, judgements: Sequence[Judgement], versions: Sequence[Served]) -> None:
    """What they have in common, and a column each."""
    answers = [judgement.answer for judgement in judgements]
    if all(answers):
        st.markdown(comparison.in_words(*answers))
    part = choose_what_to_show(judgements)
    for column, judgement, version in zip(st.columns(2, gap="large"), judgements, versions, strict=True):
        with column:
            st.html(verdict(photo, judgement, version))
            if judgement.answer:
                picture(photo, memory, judgement, part)
                st.html(card.details(judgement))


def choose_what_to_show(judgements: Sequence[Judgement]) -> str:
    """The controls of the pictures, where there is a heat map; returns one of `PARTS`."""
    if not any(judgement.answer and judgement.answer.explanation for judgement in judgements):
        return WHOLE
    with st.container(horizontal=True, gap="medium"):
        st.segmented_control("Evidence shown", list(TARGETS), format_func=TARGETS.get, default=ALL, required=True, key="target")
        return st.segmented_control("Part of the photo", PARTS, default=PARTS[0], required=True, key="part")


def verdict(photo: Photo, judgement: Judgement, version: Served | None) -> str:
    title = f"{photo.name}, by version {version.version}" if version else photo.name
    if judgement.error:
        return card.failure_card(judgement.error, title)
    return card.verdict_card(judgement.answer, version and version.description, title)


def picture(photo: Photo, memory: Memory, judgement: Judgement, part: str) -> None:
    answer = judgement.answer
    size = answer.image.width, answer.image.height
    box = (0, 0, *size) if part == WHOLE or not answer.explanation else around(answer.explanation.box, size)
    copy = memory.recall(photo, ("copy", box), lambda: upright_copy(photo.data, SHOWN_SIDE, box))
    target = st.session_state.get("target", ALL)
    stage.show(photo, copy, box, answer, target, key=f"stage {answer.model.version}")
