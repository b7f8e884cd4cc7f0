"""The errors that a client can cause, each with a stable code and an HTTP status."""

STATUS = {
    "empty_body": 400,
    "bad_request": 400,
    "bad_image": 400,
    "image_too_large": 413,
    "unsupported_format": 415,
    "bad_option": 422,
    "internal": 500,
}


class CodedError(Exception):
    """A refusal that the client is told of.

    Args:
        code: a key of `STATUS`; clients match on it, so it never changes its meaning.
        message: one sentence for a person: what was wrong and, where it helps, what is accepted.
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUS[code]
