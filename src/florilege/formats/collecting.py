"""Collects the entries read from one document, their highlights, and warnings about them. Pure.

Independent of any format. Readers of lists pass every bookmark to a `Collection`, which warns about each bad one at
most once.
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
"""Maximum number of characters of a title or date in a warning."""


class Collection:
    """The entries of one document.

    Args:
        warnings: The warnings so far; more are appended to this list.
        noun: What warnings call an entry: `Bookmark`, `Row`.
    """

    def __init__(self, warnings: list[str], noun: str = "Bookmark") -> None:
        self.warnings = warnings
        self.entries: list[Entry] = []
        self.folders: list[str | None] = []
        """The folder of each entry, parallel to `entries`; None for those in no folder."""
        self._noun = noun
        self._left_out: list[str] = []
        """What was left out and why, as sentence fragments."""
        self._ids: set[tuple[str | None, str]] = set()

    def add(self, number: int, entry: Entry, lost: Sequence[str] = (), folder: str | None = None) -> None:
        """Keep an entry, with a warning if something about it is odd.

        Args:
            number: Its position in the document, counted as the user would count.
            entry: The entry; left out if it has no title, no address and no text.
            lost: The names of the fields that could not be read.
            folder: The folder it was filed in.
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
        """Warn that an element was left out.

        Args:
            number: Its position in the document.
            why: The reason, as a predicate: `is no object`.
        """
        self._left_out.append(f"{self._noun} {number} {why}")
        self.warnings.append(f"{self._left_out[-1]} and was left out.")

    def is_continued(self, how: object) -> bool:
        """Whether the list continues on another page; if so, a warning is added.

        Args:
            how: The service's reference to the next page; falsy if there is none.
        """
        if how:
            self.warnings.append("This is one page of several: the list goes on with its next page.")
        return bool(how)

    def is_part_of(self, total: object, here: int | None = None) -> bool:
        """Whether the service has more than this document contains; if so, a warning is added.

        Args:
            total: The service's own count.
            here: The number of elements in this document; by default the number of entries. Zero on a page past the
                end, for which the result is False.
        """
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
        """The collected entries as a snapshot.

        Args:
            kind: The name of the format.
            title: The group's own title.
            site: The group's page.
            identity: The stable name of the group or owner.
            older: Whether there are older pages that the document does not contain.
            scope: Prefix of the folders' identities; without it, folders do not become parts.

        Raises:
            SourceError: Every element of the document was left out.
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
        """A snapshot for each folder, in order of first appearance."""
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


# Cached because dates repeat: of creation and of change, and those of items that were imported together.
@lru_cache(maxsize=1024, typed=True)
def dated(
    value: float | str | None, read: Callable[[str], datetime | None] = read_date
) -> tuple[datetime | None, str | None]:
    """A date, and its text if it can't be read. Numbers, also as text of nine or more digits, are seconds since 1970.

    Empty values and zero mean that no date is known; they give no text.
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
    """The single value that all of `values` have; None if they differ or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def annotation(
    quote: str | None,
    note: str | None = None,
    *,
    name: float | str | None = None,
    author: str | None = None,
    made_at: datetime | None = None,
    colour: str | None = None,
    tags: tuple[str, ...] = (),
    location: str | None = None,
) -> Highlight:
    """A highlighted passage with a member's comment. Without a passage it is a note on the page: see `parted`."""
    words = fields.prose(note)
    return Highlight(
        id=fields.identifier(name) or "",
        quote=fields.without_source_breaks(fields.prose(quote) or ""),
        author=author,
        made_at=made_at,
        colour=fields.line(colour),
        tags=tags,
        location=location,
        comments=(Comment(text=words, author=author),) if words else (),
    )


def parted(annotations: Iterable[Highlight]) -> tuple[tuple[Highlight, ...], tuple[Comment, ...]]:
    """Separate annotations into highlights, each with a unique id, and notes on the page (without a passage)."""
    given = tuple(annotations)
    marked = [each for each in given if each.quote]
    notes = [] if len(marked) == len(given) else [said for each in given if not each.quote for said in each.comments]
    return named(marked) if marked else (), tuple(notes)


def named(highlights: Iterable[Highlight]) -> tuple[Highlight, ...]:
    """The highlights of one entry, each with a unique id.

    Ids given by the service are kept. An empty or repeated id is replaced with a hash of the normalised quote and its
    ordinal among equal quotes, so that the same document always gives the same ids.
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
