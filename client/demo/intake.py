"""How photos come in: dropped or chosen, pasted, from the camera; or the sample, to see how it works."""

from pathlib import Path

import streamlit as st
from starlette.formparsers import MultiPartParser

from client.demo.photo import Photo
from client.golden import SAMPLE
from client.service import MAX_BYTES
from client.sources import SUFFIXES, of_folder

PASTE = st.components.v2.component("paste", js=Path(__file__).with_name("paste.js").read_text())
SAMPLE_CHOSEN = "sample chosen"
# The server under Streamlit would pass uploads above 1 MB through a temporary file; photos stay in memory
MultiPartParser.spool_max_size = MAX_BYTES


def photos_in_hand() -> list[Photo]:
    """All photos that the visitor has given and not taken back, in their order; the sample where there are none."""
    given = st.file_uploader(
        "Photos: drop, choose or paste them",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 2**20,
    )
    PASTE(key="paste")
    files = [Photo(file.name, file.getvalue()) for file in given]
    with st.container(horizontal=True, vertical_alignment="center"):
        camera = st.toggle("Use the camera")
        sample = sample_photo()
        if sample and not files and not camera:
            st.button("Try a sample photo", on_click=choose_sample)
    if camera and (shot := st.camera_input("Take a photo")):
        files.append(Photo("camera", shot.getvalue()))
    if files:
        st.session_state.pop(SAMPLE_CHOSEN, None)
    elif st.session_state.get(SAMPLE_CHOSEN) and sample and not camera:
        return [sample]
    return files


def choose_sample() -> None:
    st.session_state[SAMPLE_CHOSEN] = True


def sample_photo() -> Photo | None:
    """The portrait that comes with the project, where it does."""
    source = next(of_folder(str(SAMPLE)), None) if SAMPLE.is_dir() else None
    return Photo(source.relative.name, source.read()) if source else None
