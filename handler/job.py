"""One image on its way through the service: what each stage found out, or why it stopped."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from handler.errors import CodedError
from handler.face_crop import Crop, Face
from handler.image_input import Photo
from handler.request import FaceRequest

log = logging.getLogger(__name__)

VERDICTS = ("ai", "real", "uncertain", "no_face")


@dataclass
class Job:
    """One image of one request; a stage fills in its part.

    Attributes:
        number: of the request in its batch.
        request: None where the request itself was refused.
        data: the encoded image.
        error: why it is refused; the stages after it are skipped.
        seconds: by stage.
    """

    number: int
    request_id: str
    request: FaceRequest | None = None
    data: bytes | None = None
    error: CodedError | None = None
    photo: Photo | None = None
    face: Face | None = None
    crop: Crop | None = None
    features: np.ndarray | None = None
    logits: np.ndarray | None = None
    score_ai: float | None = None
    verdict: str = "no_face"
    reasons: list[dict] = field(default_factory=list)
    evidence: np.ndarray | None = None
    overlay: bytes | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def attempt(self, stage: str, work: Callable[["Job"], None]) -> None:
        """Does one stage and times it. Whatever goes wrong is this image's own error, never its neighbours'."""
        if self.error:
            return
        started = time.perf_counter()
        try:
            work(self)
        except CodedError as error:
            self.error = error.with_traceback(None)  # its frames hold the pixels
        except Exception:  # a defect of ours: the client gets a code, the log the traceback, the worker lives on
            log.error("stage %s failed for request %s: %s", stage, self.request_id, traceback.format_exc())
            self.error = CodedError("internal", f"The service failed in stage {stage}.")
        self.seconds[stage] = time.perf_counter() - started
