"""Objects of JSON as msgspec structs, as far as they can be read. Pure; knows no format.

A whole object is converted at once. Only one that does not fit is taken apart field by field, so that a wrong type
costs its field, in a list its element, and never the object.
"""

from collections.abc import Callable, Iterable
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from florilege.model import Entry
from florilege.sources.collecting import Collection

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def collect(
    items: Iterable[object], kind: type[_Kind], build: Callable[[_Kind], Entry], collection: Collection
) -> None:
    """Read objects one after the other into a collection; what is no object is left out with a warning."""
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            collection.leave_out(number, "is no object")
            continue
        record, lost = converted(item, kind)
        collection.add(number, build(record), lost)


def converted(item: dict[str, Any], kind: type[_Kind]) -> tuple[_Kind, list[str]]:
    """An object as a struct whose fields all have defaults, and the names of the fields that could not be read."""
    try:
        return msgspec.convert(item, kind), []
    except msgspec.ValidationError:
        lost: dict[str, None] = {}
        return _salvaged(item, kind, lost), list(lost)


def items_of(value: object, key: str) -> list[object]:
    """The list under a key of an object; empty when there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _salvaged(item: dict[str, Any], kind: type[_Kind], lost: dict[str, None]) -> _Kind:
    """As much of an object as can be read; the names of the fields that could not go to `lost`."""
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in item:
            continue
        value = item[field.encode_name]
        try:
            kept[field.name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            rest = _salvaged_value(value, field.type, lost, field.encode_name)
            if rest is None:
                lost[field.encode_name] = None
            else:
                kept[field.name] = rest
    return kind(**kept)


def _salvaged_value(value: object, wanted: Any, lost: dict[str, None], name: str) -> Any:
    """What can be had of an object or a list whose type allows it; None when nothing can."""
    struct, element = _shape(wanted)
    if struct is not None and isinstance(value, dict):
        return _salvaged(value, struct, lost)
    if element is None or not isinstance(value, list):
        return None
    kept: list[Any] = []
    whole = True
    for each in value:
        try:
            kept.append(msgspec.convert(each, element))
        except msgspec.ValidationError:
            rest = _salvaged_value(each, element, lost, name)
            whole = whole and rest is not None
            if rest is not None:
                kept.append(rest)
    if not whole:
        lost[name] = None
    return kept


@cache
def _shape(wanted: Any) -> tuple[type[msgspec.Struct] | None, Any]:
    """The struct a type allows, and the element type of the list it allows; None for what it does not allow."""
    options = get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)
    structs = (each for each in options if isinstance(each, type) and issubclass(each, msgspec.Struct))
    lists = (get_args(each)[0] for each in options if get_origin(each) is list)
    return next(structs, None), next((each for each in lists if each is not NoneType), None)
