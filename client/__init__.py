"""The client of the face service: `FaceClient` for programs, `face` for the command line. It speaks HTTP and nothing else."""

from client.answers import Explanation, Prediction, Refusal
from client.errors import BadAnswer, FaceError, Refused, TimedOut, Unreachable, Unreadable
from client.service import FaceClient, Outcome

__all__ = [
    "BadAnswer",
    "Explanation",
    "FaceClient",
    "FaceError",
    "Outcome",
    "Prediction",
    "Refusal",
    "Refused",
    "TimedOut",
    "Unreachable",
    "Unreadable",
]
