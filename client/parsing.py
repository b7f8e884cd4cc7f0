"""JSON -> a frozen dataclass, by its annotations. Strict in what is needed, blind to what a later service may add."""

import base64
import binascii
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
hints_of = cache(get_type_hints)


class Mismatch(ValueError):
    """A value that is missing or of another kind; the message says where."""


def parse(kind: type[T], value: Any, where: str = "answer") -> T:
    """Builds `kind` from decoded JSON.

    Args:
        kind: a dataclass, `str`, `int`, `float`, `bool`, `bytes` (base64 in JSON), `dict`, a `Literal`, a tuple of these,
            or one of these or None.
        where: the path of the value, for messages.

    Raises:
        Mismatch: a key is missing or a value is not of its kind. Keys that the dataclass does not know are passed over.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        (some,) = (argument for argument in arguments if argument is not NoneType)
        return None if value is None else parse(some, value, where)
    if origin is Literal:
        return expect(value in arguments, value, where, f"one of {', '.join(arguments)}")
    if origin is tuple:
        return parse_tuple(arguments, value, where)
    if is_dataclass(kind):
        return parse_object(kind, value, where)
    if kind is bytes:
        return parse_base64(value, where)
    if kind is float:
        return float(expect(isinstance(value, (int, float)) and not isinstance(value, bool), value, where, "a number"))
    matches = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return expect(matches, value, where, f"of type {kind.__name__}")


def parse_object(kind: type[T], value: Any, where: str) -> T:
    expect(isinstance(value, dict), value, where, "an object")
    hints = hints_of(kind)
    for name in hints:
        if name not in value:
            raise Mismatch(f"{where} has no {name!r}")
    return kind(**{name: parse(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def parse_tuple(arguments: tuple, value: Any, where: str) -> tuple:
    expect(isinstance(value, list), value, where, "a list")
    if arguments[-1] is Ellipsis:
        arguments = arguments[:1] * len(value)
    expect(len(value) == len(arguments), value, where, f"a list of {len(arguments)}")
    return tuple(
        parse(kind, item, f"{where}[{number}]") for number, (kind, item) in enumerate(zip(arguments, value, strict=True))
    )


def parse_base64(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(expect(isinstance(value, str), value, where, "a base64 string"), validate=True)
    except (binascii.Error, ValueError):
        raise Mismatch(f"{where} is not valid base64") from None


def expect(condition: bool, value: Any, where: str, what: str) -> Any:
    """The value, if the condition holds."""
    if not condition:
        raise Mismatch(f"{where} is {str(value)[:40]!r}, not {what}")
    return value
