"""Entries and their highlights as they are read from one document, and a sentence for what was odd about one. Pure.

Knows no format. Readers of lists hand every bookmark to a `Collection`; one bad bookmark costs one warning at most.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.dates import read_date, read_seconds
from florilege.model import Comment, Entry, Highlight
from florilege.text import clean, counted, digest, search_key

_SHOWN = 60
"""Characters of a title or date shown in a warning."""


class Collection:
    """The entries of one document.

    Args:
        warnings: What was odd before; more is added here.
        noun: What one entry is called in a warning: `Bookmark`, `Row`.
    """

    def __init__(self, warnings: list[str], noun: str = "Bookmark") -> None:
        self.warnings = warnings
        self.entries: list[Entry] = []
        self.folders: list[str | None] = []
        """The folder of each entry, in the same order; None for those in no folder."""
        self._noun = noun
        self._left_out: list[str] = []
        """Why something was left out, a piece of a sentence each."""
        self._ids: set[tuple[str | None, str]] = set()

    def add(self, number: int, entry: Entry, lost: Sequence[str] = (), folder: str | None = None) -> None:
        """Keep an entry, and say what is odd about it.

        Args:
            number: Its place in the document, as a reader would count.
            entry: What was read; one without title, address or words is left out.
            lost: The names of what could not be read of it.
            folder: Where it was filed.
        """
        if not (entry.title or entry.url or entry.highlights or entry.notes or entry.description or entry.body):
            self.leave_out(number, "holds neither title nor address")
            return
        if lost:
            text = f"{counted(len(lost), 'field')} could not be read ({', '.join(lost)})"
            self._warn(number, entry, f": {text}.")
            entry = msgspec.structs.replace(entry, incomplete=True, all_highlights=False)
        elif entry.date_text:
            self._warn(number, entry, f": its date “{entry.date_text[:_SHOWN]}” can't be read.")
        elif entry.native_id and (folder, entry.native_id) in self._ids:
            self._warn(number, entry, " has the id of an earlier one.")
        if entry.native_id:
            self._ids.add((folder, entry.native_id))
        self.entries.append(entry)
        self.folders.append(fields.line(folder))

    def leave_out(self, number: int, why: str) -> None:
        """Say that something was left out, and why: a piece of a sentence with its verb."""
        self._left_out.append(f"{self._noun} {number} {why}")
        self.warnings.append(f"{self._left_out[-1]} and was left out.")

    def is_continued(self, how: object) -> bool:
        """Whether a list goes on with another page, as what the service says of it tells; then it is said."""
        if how:
            self.warnings.append("This is one page of several: the list goes on with its next page.")
        return bool(how)

    def is_part_of(self, total: object, here: int | None = None) -> bool:
        """Whether a service has more than is here, by its own count, which is zero past the end; then it is said."""
        here = len(self.entries) if here is None else here
        is_part = isinstance(total, int) and total > here > 0
        if is_part:
            what = f"{self._noun.lower()}s"
            self.warnings.append(f"These are {here} of {total} {what}: the others are on other pages.")
        return is_part

    def snapshot(
        self, kind: str, *, title: str | None = None, site: str | None = None,
        identity: str | None = None, older: bool = False, scope: str | None = None,
    ) -> Snapshot:  # fmt: skip
        """Everything as a snapshot.

        Args:
            kind: The name of the format.
            title: The group's own title.
            site: The group's page.
            identity: The stable name of the group or owner.
            older: Whether there are pages that the document does not hold.
            scope: What the identities of folders begin with; without it folders make no parts.

        Raises:
            SourceError: There was something, and nothing of it could be read.
        """
        if self._left_out and not self.entries:
            what = f"{counted(len(self._left_out), self._noun.lower())}; {self._left_out[0]}"
            raise SourceError(
                f"Nothing in this document could be read ({what}), so it may be of another kind: export it again."
            )
        if not self.entries and not self.warnings:
            self.warnings.append("The document holds no items.")
        return Snapshot(
            kind=kind,
            title=title,
            site=site,
            entries=tuple(self.entries),
            warnings=tuple(map(clean, self.warnings)),
            identity=identity,
            older=older,
            parts=self._parts(kind, scope) if scope else (),
        )

    def _parts(self, kind: str, scope: str) -> tuple[Snapshot, ...]:
        """A snapshot for each folder, in the order in which they come."""
        split: dict[str, list[Entry]] = {}
        for entry, folder in zip(self.entries, self.folders, strict=True):
            if folder is not None:
                split.setdefault(folder, []).append(entry)
        return tuple(
            Snapshot(kind=kind, title=folder, entries=tuple(entries), identity=f"{scope}:{search_key(folder)}")
            for folder, entries in split.items()
        )

    def _warn(self, number: int, entry: Entry, what: str) -> None:
        name = f" “{entry.title[:_SHOWN]}”" if entry.title else ""
        self.warnings.append(f"{self._noun} {number}{name}{what}")


# What was shared and changed at one time, or imported at once, says the same again.
@lru_cache(maxsize=1024, typed=True)
def dated(
    value: float | str | None, read: Callable[[str], datetime | None] = read_date
) -> tuple[datetime | None, str | None]:
    """A date, and its text when it can't be read. Numbers, also written as text, are seconds since 1970.

    Nothing and zero mean that no date is known, and leave no text.
    """
    if value is None:
        return None, None
    if isinstance(value, str):
        text = value.strip()
        if not text.strip("0"):
            return None, None
        moment = (read_seconds(text) if text.isdigit() and len(text) > 8 else None) or read(text)
        return moment, None if moment else fields.line(text)
    moment = read_seconds(value)
    return moment, None if moment or not value else fields.line(str(value))


def only(values: Iterable[str | None]) -> str | None:
    """The value that all have, or None when they differ, when one has none, or when there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def annotation(
    quote: str | None,
    note: str | None = None,
    *,
    name: float | str | None = None,
    made_at: datetime | None = None,
    colour: str | None = None,
    tags: tuple[str, ...] = (),
    location: str | None = None,
) -> Highlight:
    """A passage, and what the member wrote beside it. Without a passage it is a note on the page: see `parted`."""
    words = fields.prose(note)
    return Highlight(
        id=fields.identifier(name) or "",
        quote=fields.without_source_breaks(fields.prose(quote) or ""),
        made_at=made_at,
        colour=fields.line(colour),
        tags=tags,
        location=location,
        comments=(Comment(text=words),) if words else (),
    )


def parted(annotations: Iterable[Highlight]) -> tuple[tuple[Highlight, ...], tuple[Comment, ...]]:
    """The highlights among annotations, each with a name, and the notes on the page: what was written on no passage."""
    given = tuple(annotations)
    marked = [each for each in given if each.quote]
    notes = [] if len(marked) == len(given) else [said for each in given if not each.quote for said in each.comments]
    return named(marked) if marked else (), tuple(notes)


def named(highlights: Iterable[Highlight]) -> tuple[Highlight, ...]:
    """The highlights of one entry, each with an id of its own.

    An id the service gave stays. One that is empty, or that an earlier highlight of the entry has, becomes a hash of
    the normalised quote and its ordinal among equals, so that the same document gives the same ids each time.
    """
    taken: set[str] = set()
    equals: dict[str, int] = {}
    result: list[Highlight] = []
    for highlight in highlights:
        name = highlight.id
        while not name or name in taken:
            key = search_key(highlight.quote).strip()
            ordinal = equals.get(key, 0)
            equals[key] = ordinal + 1
            name = digest(key, str(ordinal))
        taken.add(name)
        result.append(highlight if name == highlight.id else msgspec.structs.replace(highlight, id=name))
    return tuple(result)
