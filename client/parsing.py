"""JSON -> a frozen dataclass, by its annotations. Strict in what is needed, blind to what a later service may add."""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


class Mismatch(ValueError):
    """A value that is missing or of another kind; the message says where."""

    def __init__(self, problem: str, where: str = ""):
        super().__init__(problem)
        self.problem, self.where = problem, where

    def within(self, where: str) -> "Mismatch":
        """The same, seen from the object or list that holds the value."""
        return Mismatch(self.problem, where + self.where)

    def __str__(self) -> str:
        return f"{self.where} {self.problem}"


def parse(kind: type[T], value: Any, where: str = "answer") -> T:
    """Builds `kind` from decoded JSON.

    Args:
        kind: a dataclass, `str`, `int`, `float`, `bool`, `bytes` (base64 in JSON), `dict`, a `Literal`, a tuple of these,
            or one of these or None.
        where: the name of the value, for messages.

    Raises:
        Mismatch: a key is missing or a value is not of its kind. Keys that the dataclass does not know are passed over.
    """
    try:
        return reader(kind)(value)
    except Mismatch as error:
        raise error.within(where) from None


@cache
def reader(kind: Any) -> Reader:
    """Reads values of one kind. Made once: to look at the annotations took longer than to read a value."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        (some,) = (argument for argument in arguments if argument is not NoneType)
        return partial(read_optional, reader(some))
    if origin is Literal:
        return partial(read_literal, arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return partial(read_list, reader(arguments[0]))
    if origin is tuple:
        return partial(read_tuple, tuple(map(reader, arguments)))
    if is_dataclass(kind):
        return partial(read_object, kind, {name: reader(hint) for name, hint in get_type_hints(kind).items()})
    return READERS.get(kind) or partial(read_plain, kind)


def read_optional(read: Reader, value: Any) -> Any:
    return None if value is None else read(value)


def read_literal(allowed: tuple, value: Any) -> Any:
    return value if value in allowed else refuse(value, f"one of {', '.join(allowed)}")


def read_object(kind: type[T], readers: dict[str, Reader], value: Any) -> T:
    if not isinstance(value, dict):
        refuse(value, "an object")
    fields = {}
    for name, read in readers.items():
        if name not in value:
            raise Mismatch(f"has no {name!r}")
        try:
            fields[name] = read(value[name])
        except Mismatch as error:
            raise error.within(f".{name}") from None
    return kind(**fields)


def read_list(read: Reader, value: Any) -> tuple:
    return read_items([read] * len(value), value) if isinstance(value, list) else refuse(value, "a list")


def read_tuple(readers: tuple[Reader, ...], value: Any) -> tuple:
    if not isinstance(value, list) or len(value) != len(readers):
        refuse(value, f"a list of {len(readers)}")
    return read_items(readers, value)


def read_items(readers: Iterable[Reader], value: list) -> tuple:
    items = []
    for read, item in zip(readers, value, strict=True):
        try:
            items.append(read(item))
        except Mismatch as error:
            raise error.within(f"[{len(items)}]") from None
    return tuple(items)


def read_plain(kind: type, value: Any) -> Any:
    # JSON's true is no number, though Python's is
    matches = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return value if matches else refuse(value, f"of type {kind.__name__}")


def read_number(value: Any) -> float:
    matches = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if matches else refuse(value, "a number")


def read_base64(value: Any) -> bytes:
    if not isinstance(value, str):
        refuse(value, "a base64 string")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Mismatch("is not valid base64") from None


def refuse(value: Any, wanted: str) -> NoReturn:
    raise Mismatch(f"is {str(value)[:40]!r}, not {wanted}")


READERS: dict[type, Reader] = {float: read_number, bytes: read_base64}
