"""What the service says of a photo, and how long that took; asked once, and remembered while the photo is in hand."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from client.answers import Prediction, Target
from client.demo.messages import message_of
from client.demo.photo import Photo
from client.errors import FaceError, Unreachable
from client.service import CONCURRENCY, FaceClient
from client.stream import stream


@dataclass(frozen=True)
class Judgement:
    """An answer, or why there is none.

    Attributes:
        ms: from the page to the service and back.
    """

    answer: Prediction | None
    error: FaceError | None
    ms: float

    @property
    def lasting(self) -> bool:
        """Whether the same photo would meet the same again."""
        return self.error is None or not message_of(self.error).passing


class Memory:
    """What a visit has made of its photos, by photo and question; in memory, and no longer than the photo is there."""

    def __init__(self):
        self.kept: dict[str, dict[Any, Any]] = {}

    def recall(
        self, photo: Photo, question: Any, make: Callable[[], Any], lasting: Callable[[Any], bool] = lambda _: True
    ) -> Any:
        """The value for this photo and question: the remembered one, or else what `make` returns."""
        known = self.kept.setdefault(photo.digest, {})
        if question in known:
            return known[question]
        value = make()
        if lasting(value):
            known[question] = value
        return value

    def keep_only(self, photos: Iterable[Photo]) -> None:
        """Forgets all others."""
        digests = {photo.digest for photo in photos}
        self.kept = {digest: known for digest, known in self.kept.items() if digest in digests}


class Judge:
    """Asks the service, and remembers.

    Args:
        version: of the model; None for the default one.
    """

    def __init__(self, face: FaceClient, memory: Memory, version: str | None = None):
        self.face = face
        self.memory = memory
        self.version = version

    def explain(self, photo: Photo, target: Target) -> Judgement:
        """The prediction with its heat map."""

        def ask() -> Judgement:
            return timed(lambda: self.face.explain(photo.data, target=target, version=self.version))

        return self.memory.recall(photo, ("explain", target, self.version), ask, lambda judgement: judgement.lasting)

    def predict_all(self, photos: list[Photo], progress: Callable[[int], None]) -> list[Judgement]:
        """Predictions for all photos, in their order; once the service is out of reach, it is not asked again.

        Args:
            progress: is told how many are done.
        """
        down: list[Judgement] = []

        def ask(photo: Photo) -> Judgement:
            if down:
                return down[0]
            judgement = self.memory.recall(
                photo,
                ("predict", self.version),
                lambda: timed(lambda: self.face.predict(photo.data, version=self.version)),
                lambda judgement: judgement.lasting,
            )
            if isinstance(judgement.error, Unreachable):
                down.append(judgement)
            return judgement

        judgements = []
        for judgement in stream(ask, photos, concurrency=CONCURRENCY):
            judgements.append(judgement)
            progress(len(judgements))
        return judgements


def timed(ask: Callable[[], Prediction]) -> Judgement:
    started = time.perf_counter()
    try:
        answer, error = ask(), None
    except FaceError as failure:
        answer, error = None, failure
    return Judgement(answer, error, 1000 * (time.perf_counter() - started))
