"""Why there is no answer: one exception a reason, each with a stable `code`."""

from client.answers import Refusal


class FaceError(Exception):
    """What the client can report of one image; `code` is stable, `message` is for a person."""

    code = "failed"

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class Refused(FaceError):
    """The service answered that it will not judge this image, or cannot now."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.message)
        self.refusal = refusal
        self.code = refusal.code


class Unreachable(FaceError):
    """No connection, also not after all retries."""

    code = "unreachable"


class TimedOut(FaceError):
    """Connected, but no answer within the timeout."""

    code = "timed_out"


class BadAnswer(FaceError):
    """An answer that is not what the API promises: another server, or another version of it."""

    code = "bad_answer"


class Unreadable(FaceError):
    """The image could not be read where it lies, so it was never sent."""

    code = "unreadable"
