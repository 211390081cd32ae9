"""Our own export: the shape that is written and read, and nothing of how it is stored. Pure: no clock, no files.

Both sides use these structs, so what is written is what is read: items with all they hold, ids, and the reader's own
state. Fields are added, never renamed; a change that older versions can't live with raises `VERSION`.
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from florilege.formats import Snapshot, SourceError
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.objects import convert_lenient
from florilege.model import Entry, Item, ReadingState
from florilege.text import clean, counted

KIND = "florilege"
MARK = "library"
"""What stands under the key `florilege` of such a document."""
VERSION = 1
"""The version written. Later ones are refused with a sentence; earlier ones are read."""
_WITHOUT_ESCAPES = re.compile(r'(?:[^\\]++|\\["\\/n])*+')
"""JSON without escapes by which a character may come in that has to go."""
_EDGE = re.compile(r"(0001-01-01|9999-12-31)[T ][\d:.+Zz-]{1,40}")
"""A moment that another zone may lie beyond time; which day it was makes no difference."""
LARGEST = 2 << 30
"""Bytes of an export at most, unpacked: a whole library may be larger than any feed. Ours takes 1 to 2 kB an item."""

_TELLING = ("title", "url", "highlights", "notes", "comments", "description", "body")
"""The fields of which an item has at least one."""


class OwnSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a group comes from, as far as an export may tell."""

    address: str
    """Whole, or with its secrets taken out: see `redacted`."""
    kind: str | None = None
    part: str | None = None
    """Of a document of several groups, the identity of the one this is."""
    redacted: bool = False
    """Whether something secret was taken out, so that it can't be followed."""


class OwnGroup(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A group with its items and what the reader did with them."""

    id: str
    title: str
    tags: tuple[str, ...] = ()
    site: str | None = None
    added_at: datetime | None = None
    sources: tuple[OwnSource, ...] = ()
    items: tuple[Item, ...] = ()
    states: tuple[ReadingState, ...] = ()
    """Of items that have one; none at all when the export leaves the reader's state out."""


class OwnLibrary(msgspec.Struct, frozen=True, tag_field="florilege", tag=MARK, kw_only=True):
    """An export. Encoded as `{"florilege": "library", "version": 1, ...}`."""

    version: int = VERSION
    exported_at: datetime | None = None
    groups: tuple[OwnGroup, ...] = ()


def decode(data: bytes) -> OwnLibrary:
    """An export, whole and exact, for those who restore it.

    Args:
        data: The bytes of a file, compressed with gzip or not.

    Raises:
        SourceError: It is no export of ours, is of a later version, or something in it can't be read; the text says
            where. Use `read` for as much as can be had.
    """
    value = _checked(Document(data, LARGEST))
    try:
        return msgspec.convert(value, OwnLibrary)
    except msgspec.ValidationError as error:
        raise SourceError(
            f"This export of florilege is damaged ({error}), and nothing was changed: export it again."
        ) from error


def read(document: Document) -> Snapshot:
    """The items of an export as entries, each group a part. Ids and the reader's state are for `decode`.

    Raises:
        SourceError: It is of a later version.
    """
    value = _checked(document)
    warnings = list(document.warnings)
    groups = value.get("groups")
    if not isinstance(groups, list):
        warnings.append("The export holds no groups.")
        groups = []
    parts = [part for number, group in enumerate(groups, 1) if (part := _part(group, number, warnings)) is not None]
    if not any(part.entries for part in parts) and not warnings:
        warnings.append("The export holds no items.")
    whole = parts[0] if len(parts) == 1 else Snapshot(kind=KIND, parts=tuple(parts))
    entries = tuple(entry for part in parts for entry in part.entries)
    return msgspec.structs.replace(whole, entries=entries, warnings=tuple(map(clean, warnings)))


def _part(group: object, number: int, warnings: list[str]) -> Snapshot | None:
    """A group as a snapshot of its own; None when it is none."""
    if not isinstance(group, dict):
        warnings.append(f"Group {number} of the export is no object and was left out.")
        return None
    facts, lost = convert_lenient({key: each for key, each in group.items() if key != "items"}, _Facts)
    facts = facts or _Facts()
    name = f"Group {number}" + (f" “{facts.title[:60]}”" if facts.title else "")
    if lost:
        warnings.append(f"{name}: {counted(len(lost), 'field')} could not be read ({', '.join(lost)}).")
    items = group.get("items", [])
    if not isinstance(items, list):
        warnings.append(f"{name}: its items could not be read.")
        items = []
    entries = [entry for place, item in enumerate(items, 1) if (entry := _entry(item, name, place, warnings))]
    identity = f"{KIND}:group:{facts.id}" if facts.id else None
    return Snapshot(kind=KIND, title=facts.title, site=facts.site, entries=tuple(entries), identity=identity)


def _entry(item: object, group: str, place: int, warnings: list[str]) -> Entry | None:
    """An item as an entry; None when nothing in it can be read."""
    if not isinstance(item, dict):
        warnings.append(f"{group}: item {place} is no object and was left out.")
        return None
    entry, lost = convert_lenient(item, Entry)
    if entry is None or not any(getattr(entry, name) for name in _TELLING):
        warnings.append(f"{group}: item {place} holds nothing that can be read and was left out.")
        return None
    if lost:
        warnings.append(f"{group}: item {place}: {counted(len(lost), 'field')} could not be read ({', '.join(lost)}).")
        entry = msgspec.structs.replace(entry, incomplete=True)
    # What an export lacks may have come since: nothing goes on its word.
    return msgspec.structs.replace(entry_of(entry), all_highlights=False)


class _Facts(msgspec.Struct):
    """What is read of a group apart from its items."""

    id: str | None = None
    title: str | None = None
    site: str | None = None


def entry_of(item: Entry) -> Entry:
    """What an item says, without its identity in a library; its highlights are new to no one."""
    facts = {name: getattr(item, name) for name in Entry.__struct_fields__}
    facts["digest"] = None
    facts["highlights"] = tuple(msgspec.structs.replace(one, revision=0) for one in item.highlights)
    return Entry(**facts)


def cleaned(value: Any) -> Any:
    """A value of builtins with every text in it cleaned: a file may have passed through other hands."""
    if isinstance(value, str):
        if edge := _EDGE.fullmatch(value):
            return "0001-01-02T00:00:00Z" if edge[1].startswith("0") else "9999-12-30T00:00:00Z"
        return clean(value)
    if isinstance(value, dict):
        return {key: cleaned(each) for key, each in value.items()}
    return [cleaned(each) for each in value] if isinstance(value, list) else value


def _checked(document: Document) -> dict[str, Any]:
    """The object a document holds, its version looked at."""
    value = document.json if document.text.startswith("{") else None
    if not isinstance(value, dict) or value.get("florilege") != MARK:
        raise SourceError("This is no export of florilege: other formats can be added with `florilege add`.")
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SourceError("This export of florilege does not say its version, so it may be damaged: export it again.")
    if version > VERSION:
        raise SourceError(
            f"This export was written by a later version of florilege (version {version} of the format, and this one "
            f"reads up to {VERSION}): update florilege to read it."
        )
    result: dict[str, Any] = value if _is_clean(document.text) else cleaned(value)
    return result


def _is_clean(text: str) -> bool:
    """Whether no text in a JSON document needs cleaning, as in each that we wrote: then none is looked at."""
    return not _EDGE.search(text) and _WITHOUT_ESCAPES.fullmatch(text) is not None and clean(text) == text


FORMATS = (Format("an export of florilege", read, is_object=lambda value: value.get("florilege") == MARK),)
