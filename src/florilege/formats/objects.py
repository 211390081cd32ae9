"""Objects of JSON as msgspec structs, as far as they can be read. Pure; knows no format.

A whole object is converted at once. Only one that does not fit is taken apart field by field, so that a wrong type
costs its field, in a list its element, and never the object.
"""

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def unknown_parts(record: msgspec.Struct) -> list[str]:
    """The lists in which an object says nothing that is known: perhaps it is another service's, and was lost whole."""
    return [
        encoded
        for name, encoded, empty in _lists_of_objects(type(record))
        if (found := getattr(record, name)) and isinstance(found, list) and any(part in found for part in empty)
    ]


@cache
def _lists_of_objects(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, tuple[msgspec.Struct, ...]], ...]:
    """The fields of a struct that hold lists of structs: name, name in JSON, and how those look that say nothing."""
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
    """An object as a struct whose fields all have defaults, and the names of the fields that could not be read."""
    found, lost = convert_lenient(item, kind)
    return found if found is not None else kind(), lost


def items_of(value: object, key: str) -> list[object]:
    """The list under a key of an object, or the list a value is (as lines of JSON are); empty when there is none."""
    found = value.get(key) if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


NOTHING = object()
"""What comes of a value of which nothing can be read."""


def convert_lenient(value: dict[str, Any], kind: type[_Kind]) -> tuple[_Kind | None, list[str]]:
    """An object as a struct, and the names of the fields of which something could not be read.

    Missing fields and unknown ones are normal. In lists, what can't be read is left out.

    Args:
        value: A JSON object. A dictionary may also be wanted where the struct has one.
        kind: What is wanted; it says with its types what can be read.

    Returns:
        None for the struct when it lacks a field it can't be without.
    """
    try:
        return msgspec.convert(value, kind), []
    except msgspec.ValidationError:
        lost: dict[str, None] = {}
        found = _object(value, kind, lost)
        return (found if isinstance(found, kind) else None), list(lost)


def _object(value: dict[str, Any], kind: type[msgspec.Struct], lost: dict[str, None]) -> object:
    """An object as a struct, field by field; `NOTHING` when a field it needs is lost."""
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
    """A value as the type wanted, or what can be had of it; `NOTHING` when that is nothing."""
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
    """The types of a union but None; the type itself when it is none."""
    if get_origin(wanted) in {Union, UnionType}:
        yield from (kind for kind in get_args(wanted) if kind is not NoneType)
    else:
        yield wanted
