"""Why there is no answer, in words for a visitor: what happened, and what helps."""

from dataclasses import dataclass
from http import HTTPStatus

from client.errors import BadAnswer, FaceError, Refused, TimedOut, Unreachable, Unreadable


@dataclass(frozen=True)
class Message:
    """What to tell.

    Attributes:
        title: what happened, in a few words.
        advice: what helps, in a sentence or two.
        passing: whether the same photo may be answered on another try.
    """

    title: str
    advice: str
    passing: bool = False


BY_KIND = {
    Unreachable: Message(
        "The service does not answer", "Start it with make serve, or give its address to the page: --service URL.", passing=True
    ),
    TimedOut: Message("The answer takes too long", "The service is busy, or the photo is very large.", passing=True),
    BadAnswer: Message("Something else answers", "At the service's address there is another server, or another version of it."),
    Unreadable: Message("The file is too large", "Reduce the photo, or save it as JPEG."),
}
BY_CODE = {
    "image_too_large": Message("The photo has too many pixels", "Reduce it, or cut it down to the face and its surroundings."),
    "unsupported_format": Message("Not a picture that can be read", "Save it as JPEG, PNG or WebP."),
    "bad_image": Message("The picture is damaged", "It cannot be decoded. Take the original file, or save it anew."),
    "empty_body": Message("The file is empty", "Choose the photo once more."),
}
BY_STATUS = {
    HTTPStatus.UNAUTHORIZED: Message(
        "The key is refused", "The gateway asks for a key: start the page with --key, or with another one."
    ),
    HTTPStatus.FORBIDDEN: Message("The key is refused", "The gateway does not let this key in."),
    HTTPStatus.NOT_FOUND: Message(
        "The model is not served here", "The version may have been taken down since the page was loaded."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Message("The file is too large", "Reduce the photo, or save it as JPEG."),
    HTTPStatus.TOO_MANY_REQUESTS: Message("Too many requests", "The key asks faster than it may. Wait a moment.", passing=True),
    HTTPStatus.SERVICE_UNAVAILABLE: Message(
        "The service is busy", "It is overloaded or starting. Wait a moment.", passing=True
    ),
}
OTHER = Message("The service gave no verdict", "What it says of it stands below.", passing=True)


def message_of(error: FaceError) -> Message:
    """The message for an error; the service's own sentence, which knows the details, is `error.message`."""
    if not isinstance(error, Refused):
        return BY_KIND.get(type(error), OTHER)
    return BY_CODE.get(error.code) or BY_STATUS.get(error.refusal.status, OTHER)
