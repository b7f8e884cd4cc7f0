"""What the service answers, as frozen dataclasses with the names and the nesting of its JSON."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ai", "real", "uncertain", "no_face"]
Label = Literal["ai", "real"]
Target = Literal["ai", "real", "predicted"]


@dataclass(frozen=True)
class Score:
    """A label and its calibrated probability."""

    label: Label
    score: float


@dataclass(frozen=True)
class Reason:
    """Why a verdict is no plain one: a stable code, and a sentence for a person."""

    code: str
    message: str


@dataclass(frozen=True)
class Face:
    """The judged face, the largest one of the image.

    Attributes:
        box: x, y, width, height in pixels of the upright image.
        confidence: of the detector, 0 to 1.
        count: faces in the image.
    """

    box: tuple[int, int, int, int]
    confidence: float
    count: int


@dataclass(frozen=True)
class Image:
    """The upright image, in pixels, and the format it came in."""

    width: int
    height: int
    format: str


@dataclass(frozen=True)
class Calibration:
    """How the score became a verdict: `ai` from `ai_at_least`, `real` up to `real_at_most`."""

    temperature: float
    ai_at_least: float
    real_at_most: float


@dataclass(frozen=True)
class Model:
    """Which weights gave the answer."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Prediction:
    """The answer for one image.

    Attributes:
        scores: the likelier label first; empty for `no_face`.
        reasons: empty where there is nothing to add.
    """

    request_id: str
    verdict: Verdict
    scores: tuple[Score, ...]
    reasons: tuple[Reason, ...]
    face: Face | None
    image: Image
    calibration: Calibration
    model: Model

    @property
    def score_ai(self) -> float | None:
        """The calibrated probability of `ai`; None where there is no face."""
        return next((entry.score for entry in self.scores if entry.label == "ai"), None)


@dataclass(frozen=True)
class HeatMap:
    """Where the evidence lies.

    Attributes:
        grid: rows of signed evidence for `target`, in logits, one number a cell of `layer`, over `box`.
        full_scale: evidence in a cell, in logits, from which on a colour is strongest; one number for all images of a version.
        box: x, y, width, height in pixels of the upright image: what the network saw.
        overlay: PNG of the map on the image; None where it was not asked for.
    """

    method: str
    layer: str
    target: Label
    grid: tuple[tuple[float, ...], ...]
    full_scale: float
    box: tuple[int, int, int, int]
    overlay: bytes | None


@dataclass(frozen=True)
class Explanation(Prediction):
    """A prediction and its heat map, which is None where there is no face."""

    explanation: HeatMap | None


@dataclass(frozen=True)
class Refusal:
    """Why the service gave no answer.

    Attributes:
        code: the service's own (`bad_image`, ...); for an error of the server in front of it the name of that, or `http_413`.
        status: of HTTP.
        request_id: None where the refusal carries none.
    """

    code: str
    message: str
    status: int
    request_id: str | None
