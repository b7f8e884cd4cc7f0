"""Two versions, side by side on the same images."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle, islice
from statistics import fmean, median

from client.answers import Explanation
from client.errors import BadAnswer, FaceError, Refused
from client.overlap import overlap
from client.service import FaceClient
from client.site import Impossible
from client.sources import Source
from client.stream import stream

TIMED = 30  # pairs of predictions whose times are compared
AT_ONCE = 2  # pairs of explanations under way: the server has other work to do


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        name: as the figures call it.
        face: where it is asked.
        version: that is asked for there; None where it is the default one.
    """

    name: str
    face: FaceClient
    version: str | None


@dataclass(frozen=True)
class Judged:
    """One image by one version: its explanation, or why there is none."""

    answer: Explanation | None = None
    error: FaceError | None = None


@dataclass(frozen=True)
class Pair:
    """One image by both."""

    name: str
    first: Judged
    second: Judged


@dataclass(frozen=True)
class Comparison:
    """How the second version differs from the first; None where no image could tell.

    Attributes:
        images: of the golden set.
        flip_rate: share of the images with another verdict, among those that both answered.
        score_shift: mean absolute difference of the scores, among those with a face for both.
        heat_map_overlap: mean of `client.overlap`, of the maps for `ai`.
        latency_ratio: median time of a prediction by the second, by that of the first. Live requests delay the first.
        error_rate: share of the images that the second alone fails on.
        flips, errors: names of those images.
    """

    first: str
    second: str
    images: int
    flip_rate: float | None
    score_shift: float | None
    heat_map_overlap: float | None
    latency_ratio: float | None
    error_rate: float
    flips: tuple[str, ...]
    errors: tuple[str, ...]


def compare(first: Side, second: Side, golden: Sequence[Source]) -> Comparison:
    """Asks both sides about every image.

    Raises:
        Impossible: the first side answers none of them.
        Refused: there is no such version.
        TimedOut, Unreachable: no answer at all: there is nothing to compare then.
    """
    pairs = list(stream(lambda source: judged_by_both(first, second, source), golden, concurrency=AT_ONCE))
    both = [pair for pair in pairs if pair.first.answer and pair.second.answer]
    errors = tuple(pair.name for pair in pairs if pair.second.error and not same_refusal(pair))
    if not any(pair.first.answer for pair in pairs):
        raise Impossible(f"{first.name} answers none of the {len(pairs)} golden images.")
    flips = tuple(pair.name for pair in both if pair.first.answer.verdict != pair.second.answer.verdict)
    answered = {pair.name for pair in both}
    return Comparison(
        first=first.name,
        second=second.name,
        images=len(pairs),
        flip_rate=len(flips) / len(both) if both else None,
        score_shift=mean(both, score_difference),
        heat_map_overlap=mean(both, map_overlap),
        latency_ratio=latency_ratio(first, second, [source for source in golden if source.name in answered]),
        error_rate=len(errors) / len(pairs),
        flips=flips,
        errors=errors,
    )


def judged_by_both(first: Side, second: Side, source: Source) -> Pair:
    image = source.read()
    return Pair(source.name, *(judged(side, image) for side in (first, second)))


def judged(side: Side, image: bytes) -> Judged:
    try:
        return Judged(answer=side.face.explain(image, target="ai", version=side.version))
    except (Refused, BadAnswer) as error:
        if isinstance(error, Refused) and error.refusal.status == HTTPStatus.NOT_FOUND:  # no such version
            raise
        return Judged(error=error)


def same_refusal(pair: Pair) -> bool:
    """Whether both refuse the image for the same reason, which is then the image's."""
    return pair.first.error is not None and pair.first.error.code == pair.second.error.code


def mean(pairs: Sequence[Pair], difference: Callable[[Explanation, Explanation], float | None]) -> float | None:
    found = [value for pair in pairs if (value := difference(pair.first.answer, pair.second.answer)) is not None]
    return fmean(found) if found else None


def score_difference(first: Explanation, second: Explanation) -> float | None:
    if first.score_ai is None or second.score_ai is None:
        return None
    return abs(first.score_ai - second.score_ai)


def map_overlap(first: Explanation, second: Explanation) -> float | None:
    if first.explanation is None or second.explanation is None:
        return None
    return overlap(first.explanation, second.explanation)


def latency_ratio(first: Side, second: Side, golden: Sequence[Source]) -> float | None:
    """The sides take turns on each image, so that whatever else goes on meets both alike; so does which is asked first."""
    seconds: dict[Side, list[float]] = {first: [], second: []}
    for number, source in enumerate(islice(cycle(golden), TIMED)):
        image = source.read()
        for side in (first, second) if number % 2 else (second, first):
            started = time.perf_counter()
            side.face.predict(image, version=side.version)
            seconds[side].append(time.perf_counter() - started)
    return median(seconds[second]) / median(seconds[first]) if golden else None
