"""florilege's own export format, independent of how the library is stored. Pure: no clock, no files.

Export and import share these structs, so all that is written is read back: whole items, ids, and the reader's own
state. Fields may be added but never renamed; a change that older versions can't read raises `VERSION`.
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from florilege.formats import Snapshot, SourceError
from florilege.formats.detect import Format
from florilege.formats.document import Document
from florilege.formats.records import converted
from florilege.model import Entry, Item, ReadingState
from florilege.text import clean, counted

KIND = "florilege"
MARK = "library"
"""The value of the key `florilege` in an export."""
VERSION = 1
"""The version written. Later versions are refused with a message; earlier ones are read."""
_WITHOUT_ESCAPES = re.compile(r'(?:[^\\]++|\\["\\/n])*+')
"""JSON without any escape that could stand for a character to be cleaned away."""
_EDGE = re.compile(r"(0001-01-01|9999-12-31)[T ][\d:.+Zz-]{1,40}")
"""A time on the first or last day of Python's range, which may fall outside it in another zone."""
_TIMES = ("_at", "changed")
"""The ends of the names of all fields that hold a time; any other text is left as it was written."""
LARGEST = 2 << 30
"""Most bytes of an export, unpacked: a whole library may be larger than any feed. An item takes 1 to 2 kB."""

_TELLING = ("title", "url", "highlights", "notes", "comments", "description", "body")
"""The fields of which an item must have at least one."""


class OwnSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source of a group, as far as an export may disclose it."""

    address: str
    """Complete, or without its secrets: see `redacted`."""
    kind: str | None = None
    part: str | None = None
    """The identity of the group within a document of several groups."""
    redacted: bool = False
    """Whether secrets were removed from the address, so that it can't be fetched."""


class OwnGroup(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A group with its items and the reader's state of them."""

    id: str
    title: str
    tags: tuple[str, ...] = ()
    site: str | None = None
    added_at: datetime | None = None
    sources: tuple[OwnSource, ...] = ()
    items: tuple[Item, ...] = ()
    states: tuple[ReadingState, ...] = ()
    """The states of those items that have one; empty when the export leaves them out."""


class OwnLibrary(msgspec.Struct, frozen=True, tag_field="florilege", tag=MARK, kw_only=True):
    """A whole export. Encoded as `{"florilege": "library", "version": 1, ...}`."""

    version: int = VERSION
    exported_at: datetime | None = None
    groups: tuple[OwnGroup, ...] = ()


def decode(data: bytes) -> OwnLibrary:
    """Decode an export strictly, to restore a library from it. `read` is lenient.

    Args:
        data: The bytes of the file, perhaps compressed with gzip.

    Raises:
        SourceError: It is not an export of florilege, is of a later version, or has a field that can't be read; the
            text says where.
    """
    value = _checked(Document(data, LARGEST))
    try:
        return msgspec.convert(value, OwnLibrary)
    except msgspec.ValidationError as error:
        raise SourceError(
            f"This export of florilege is damaged ({error}), and nothing was changed: export it again."
        ) from error


def read(document: Document) -> Snapshot:
    """The items of an export as entries, with groups as parts. Leaves out ids and the reader's state: see `decode`.

    Raises:
        SourceError: It is not an export of florilege, does not state its version, or is of a later one.
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
    """A group as a snapshot of its own; None when it is not an object."""
    if not isinstance(group, dict):
        warnings.append(f"Group {number} of the export is no object and was left out.")
        return None
    facts, lost = converted({key: each for key, each in group.items() if key != "items"}, _Facts)
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
    """An item as an entry; None, with a warning, when nothing in it can be read."""
    if not isinstance(item, dict):
        warnings.append(f"{group}: item {place} is no object and was left out.")
        return None
    entry, lost = converted(item, Entry)
    if not any(getattr(entry, name) for name in _TELLING):
        warnings.append(f"{group}: item {place} holds nothing that can be read and was left out.")
        return None
    if lost:
        warnings.append(f"{group}: item {place}: {counted(len(lost), 'field')} could not be read ({', '.join(lost)}).")
        entry = msgspec.structs.replace(entry, incomplete=True)
    # A highlight missing from the export may be newer than it, so none is to be removed.
    return msgspec.structs.replace(entry_of(entry), all_highlights=False)


class _Facts(msgspec.Struct):
    """The fields of a group that are read, apart from its items."""

    id: str | None = None
    title: str | None = None
    site: str | None = None


def entry_of(item: Entry) -> Entry:
    """An item without the fields that only have meaning in its library, and with no highlight marked as new."""
    facts = {name: getattr(item, name) for name in Entry.__struct_fields__}
    facts["digest"] = None
    facts["highlights"] = tuple(msgspec.structs.replace(one, revision=0) for one in item.highlights)
    return Entry(**facts)


def cleaned(value: Any) -> Any:
    """Decoded JSON with every string cleaned, as others may have edited the file, and times moved inside the range."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _inside(each) if key.endswith(_TIMES) else cleaned(each) for key, each in value.items()}
    return [cleaned(each) for each in value] if isinstance(value, list) else value


def _inside(value: Any) -> Any:
    """A time, moved inside the range if it lies at its edge."""
    edge = _EDGE.fullmatch(value) if isinstance(value, str) else None
    if edge is None:
        return cleaned(value)
    return "0001-01-02T00:00:00Z" if edge[1].startswith("0") else "9999-12-30T00:00:00Z"


def _checked(document: Document) -> dict[str, Any]:
    """The object a document holds, cleaned.

    Raises:
        SourceError: It is not an export of florilege, does not state its version, or is of a later one.
    """
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
    text = document.text
    is_clean = not _EDGE.search(text) and _WITHOUT_ESCAPES.fullmatch(text) and clean(text) == text
    result: dict[str, Any] = value if is_clean else cleaned(value)  # every export we wrote is clean
    return result


FORMATS = (Format("an export of florilege", read, is_object=lambda value: value.get("florilege") == MARK),)
