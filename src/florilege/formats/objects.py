"""Converts JSON objects to msgspec structs leniently. Pure, format-independent.

An object is converted at once if it fits the struct, otherwise field by field, so that a value of the wrong type loses
only that field, or the element of a list, but never the whole object.
"""

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def unknown_parts(record: msgspec.Struct) -> list[str]:
    """The JSON names of lists with an object of which no field is known, so that its content may have been lost."""
    return [
        encoded
        for name, encoded, empty in _lists_of_objects(type(record))
        if (found := getattr(record, name)) and isinstance(found, list) and any(part in found for part in empty)
    ]


@cache
def _lists_of_objects(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, tuple[msgspec.Struct, ...]], ...]:
    """The fields of a struct that are lists of structs: name, JSON name, and those structs with all defaults."""
    return tuple(
        (field.name, field.encode_name, empty)
        for field in msgspec.structs.fields(kind)
        for each in (field.type, *get_args(field.type))
        if get_origin(each) is list and (empty := tuple(part() for part in _structs_in(each)))
    )


def _structs_in(kind: object) -> list[type[msgspec.Struct]]:
    parts = get_args(kind)
    if not parts:
        return [kind] if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else []
    return [found for part in parts for found in _structs_in(part)]


def converted(item: dict[str, Any], kind: type[_Kind]) -> tuple[_Kind, list[str]]:
    """Convert an object to a struct whose fields all have defaults; also gives the names of unreadable fields."""
    found, lost = convert_lenient(item, kind)
    return found if found is not None else kind(), lost


def items_of(value: object, key: str) -> list[object]:
    """The list under `key` if the value is an object, or the value if it is a list; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


NOTHING = object()
"""Result for a value that could not be converted at all."""


def convert_lenient(value: dict[str, Any], kind: type[_Kind]) -> tuple[_Kind | None, list[str]]:
    """Convert an object to a struct as far as possible.

    Missing and unknown fields are normal. Elements of lists that can't be converted are left out.

    Args:
        value: A JSON object.
        kind: The type of the struct.

    Returns:
        The struct, or None if a required field is missing or unreadable; and the names of all fields that could not be
        read completely.
    """
    try:
        return msgspec.convert(value, kind), []
    except msgspec.ValidationError:
        lost: dict[str, None] = {}
        found = _object(value, kind, lost)
        return (found if isinstance(found, kind) else None), list(lost)


def _object(value: dict[str, Any], kind: type[msgspec.Struct], lost: dict[str, None]) -> object:
    """Convert an object field by field; `NOTHING` if a required field is missing or unreadable."""
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in value:
            if field.required:
                lost[field.encode_name] = None
                return NOTHING
            continue
        found = _value(value[field.encode_name], field.type, lost, field.encode_name)
        if found is not NOTHING:
            kept[field.name] = found
        elif field.required:
            return NOTHING
    return kind(**kept)


def _value(value: Any, wanted: Any, lost: dict[str, None], name: str) -> Any:
    """Convert a value to the wanted type as far as possible; `NOTHING` if it can't be converted at all."""
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        pass
    for kind in _alternatives(wanted):
        origin = get_origin(kind)
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found = _object(value, kind, lost)
            if found is not NOTHING:
                return found
        elif isinstance(value, list) and origin in {list, tuple}:
            lost.setdefault(name)
            parts = (_value(each, get_args(kind)[0], lost, name) for each in value)
            return origin(part for part in parts if part is not NOTHING)
    lost.setdefault(name)
    return NOTHING


def _alternatives(wanted: Any) -> Iterator[Any]:
    """The types of a union except None, or the type itself if it is not a union."""
    if get_origin(wanted) in {Union, UnionType}:
        yield from (kind for kind in get_args(wanted) if kind is not NoneType)
    else:
        yield wanted
