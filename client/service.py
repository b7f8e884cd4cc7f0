"""The inference API: predictions and explanations, of one image or of many."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from client.answers import Explanation, Prediction, Target
from client.backoff import Backoff
from client.errors import BadAnswer, FaceError, Refused, Unreadable
from client.parsing import Mismatch, parse
from client.stream import stream
from client.transport import Transport, json_of

MODEL = "face"
CONCURRENCY = 16  # more than two workers have in hand, so that a full batch waits for them while answers are taken in here
MAX_BYTES = 20 * 1024 * 1024  # what the server takes; a larger file is not even sent

Image = bytes | str | os.PathLike
Item = TypeVar("Item")
Answer = TypeVar("Answer", bound=Prediction)


@dataclass(frozen=True)
class Outcome(Generic[Item, Answer]):
    """One image of many: its answer, or why there is none."""

    item: Item
    answer: Answer | None = None
    error: FaceError | None = None


class FaceClient:
    """The service at one address. May be used from several threads, and as a context manager.

    Args:
        url: of the inference API or of the gateway in front of it.
        api_key: for the gateway.
        timeout: seconds that one answer may take.
        backoff: how often, and after which pauses, failed connections and 503 are tried again.

    Raises:
        ValueError: the URL is not http or https.
    """

    def __init__(self, url: str, *, api_key: str | None = None, timeout: float = 60.0, backoff: Backoff | None = None):
        self.transport = Transport(url, api_key=api_key, timeout=timeout, backoff=backoff)

    def __enter__(self) -> "FaceClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self.transport.close()

    def healthy(self) -> bool:
        """What the server says of itself. It says so with no model loaded, too: `ManagementClient.ready` tells more.

        Raises:
            TimedOut, Unreachable: it says nothing.
        """
        try:
            body = json_of(self.transport.request("GET", "/ping"))
        except Refused:
            return False
        return isinstance(body, dict) and body.get("status") == "Healthy"

    def predict(self, image: Image, *, version: str | None = None) -> Prediction:
        """Whether the face is a photograph or generated.

        Args:
            image: an encoded JPEG, PNG or WebP, or the path of one.
            version: of the model; None for the default one.

        Raises:
            Refused: the service will not judge the image; `refusal` says why.
            BadAnswer, TimedOut, Unreachable: it gave no answer.
            Unreadable: the file cannot be read, or is larger than the service accepts.
        """
        return self.ask(Prediction, "predictions", read_image(image), version)

    def explain(
        self, image: Image, *, target: Target = "predicted", overlay: bool = False, version: str | None = None
    ) -> Explanation:
        """The prediction with its heat map; arguments and errors as of `predict`.

        Args:
            target: what the map's positive evidence speaks for.
            overlay: whether the map is also to be drawn on the image. Its PNG costs the service more than all the rest.

        Raises:
            BadAnswer: also where the picture was asked for and is missing: a proxy in between drops the header.
        """
        headers = {"X-Explain-Target": target} | ({"X-Explain-Overlay": "true"} if overlay else {})
        answer = self.ask(Explanation, "explanations", read_image(image), version, headers)
        if overlay and answer.explanation and answer.explanation.overlay is None:
            raise BadAnswer(f"{self.transport.url} drew no heat map: something in between drops X-Explain-Overlay.")
        return answer

    def predict_many(
        self,
        images: Iterable[Item],
        *,
        version: str | None = None,
        read: Callable[[Item], Image] | None = None,
        concurrency: int = CONCURRENCY,
        ordered: bool = True,
    ) -> Iterator[Outcome[Item, Prediction]]:
        """Predictions for an iterable of any length; memory does not grow with it.

        Args:
            images: images, or anything that `read` makes an image of, in the thread that sends it.
            concurrency: requests at the same time.
            ordered: whether outcomes come in the order of the images, or as they are ready.

        Yields:
            An outcome for each image. What `predict` would raise is its `error`; the others go on.
        """
        return self.ask_many(partial(self.predict, version=version), images, read, concurrency, ordered)

    def explain_many(
        self,
        images: Iterable[Item],
        *,
        target: Target = "predicted",
        overlay: bool = False,
        version: str | None = None,
        read: Callable[[Item], Image] | None = None,
        concurrency: int = CONCURRENCY,
        ordered: bool = True,
    ) -> Iterator[Outcome[Item, Explanation]]:
        """Explanations, otherwise as `predict_many`."""
        explain = partial(self.explain, target=target, overlay=overlay, version=version)
        return self.ask_many(explain, images, read, concurrency, ordered)

    def ask(
        self, kind: type[Answer], verb: str, image: bytes, version: str | None, headers: dict[str, str] | None = None
    ) -> Answer:
        path = f"/{verb}/{MODEL}" + (f"/{version}" if version else "")
        headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"} | (headers or {})
        response = self.transport.request("POST", path, data=image, headers=headers)
        try:
            return parse(kind, json_of(response))
        except Mismatch as error:
            raise BadAnswer(f"{response.url} does not answer as the face service does: {error}.") from None

    def ask_many(
        self, call: Callable[[Any], Answer], images: Iterable[Item], read: Callable | None, concurrency: int, ordered: bool
    ) -> Iterator[Outcome[Item, Answer]]:
        def outcome(item: Item) -> Outcome[Item, Answer]:
            try:
                return Outcome(item, answer=call(read(item) if read else item))
            except FaceError as error:
                return Outcome(item, error=error)

        return stream(outcome, images, concurrency=concurrency, ordered=ordered)


def read_image(image: Image) -> bytes:
    """The bytes of an image or of the file that it names.

    Raises:
        Unreadable: it cannot be read, or is larger than `MAX_BYTES`.
    """
    if isinstance(image, (bytes, bytearray, memoryview)):
        return limited(bytes(image))
    try:
        with Path(image).open("rb") as file:
            return limited(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise Unreadable(f"{error.strerror or error}.") from None


def limited(data: bytes) -> bytes:
    """The data, if the service takes as much."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is larger than the {MAX_BYTES // 2**20} MiB that the service takes.")
    return data
