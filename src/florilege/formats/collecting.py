"""Collects the entries read from one document, their highlights, and warnings about them. Pure, format-independent.

Readers of lists pass every bookmark to a `Collection`, which warns about each bad one at most once. Annotations, which
some services list one by one, are grouped into one item per page first. Such items have these properties, whatever
arrives later:

- An item is identified by its page: `native_id` is its canonical address, or whatever else the format groups by.
- It was shared by the first member who annotated the page, at that time; replies count only if there is nothing else.
- Its title is the first title of any annotation, oldest first; its tags are those of all annotations.
- A document contains only some of a page's annotations, so those missing from it have not been deleted
  (`all_highlights` is False), and later ones are added to the item (`is_aggregate`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import inf
from typing import Any

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.dates import read_date, read_seconds
from florilege.model import Comment, Entry, Highlight, Sharer, instant
from florilege.text import clean, counted, digest, search_key

_SHOWN = 60
"""Maximum number of characters of a title or date in a warning."""


_LONGEST_DATE = 100
"""Maximum length of a date in characters."""


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
            folder: The name of the folder it was filed in, cleaned.
        """
        if not (entry.title or entry.url or entry.highlights or entry.notes or entry.description or entry.body):
            self.leave_out(number, "holds neither title nor address")
            return
        is_again = entry.native_id is not None and (folder, entry.native_id) in self._ids
        if lost or entry.date_text or is_again:
            name = f"{self._noun} {number}" + (f" “{entry.title[:_SHOWN]}”" if entry.title else "")
            is_odd = bool(lost or entry.date_text)
            what = f": {_unreadable(lost, entry.date_text)}" if is_odd else " has the id of an earlier one."
            self.warnings.append(f"{name}{what}")
        if lost:
            entry = replace(entry, incomplete=True, all_highlights=False)
        if entry.native_id:
            self._ids.add((folder, entry.native_id))
        self.entries.append(entry)
        self.folders.append(folder)

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

    def snapshot(self, kind: str, *, scope: str | None = None, **facts: Any) -> Snapshot:
        """The collected entries as a snapshot.

        Args:
            kind: The name of the format.
            scope: Prefix of the folders' identities; without it, folders do not become parts.
            facts: Other fields of the snapshot.

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
        split: dict[str, list[Entry]] = {}
        for entry, folder in zip(self.entries, self.folders, strict=True) if scope else ():
            if folder is not None:
                split.setdefault(folder, []).append(entry)
        parts = tuple(
            Snapshot(kind=kind, title=folder, entries=tuple(entries), identity=f"{scope}:{search_key(folder)}")
            for folder, entries in split.items()
        )
        warnings = tuple(map(clean, self.warnings))
        return Snapshot(kind=kind, entries=tuple(self.entries), warnings=warnings, parts=parts, **facts)


def _unreadable(lost: Sequence[str], date_text: str | None) -> str:
    """What could not be read of an entry or annotation, as the end of a sentence."""
    if lost:
        return f"{counted(len(lost), 'field')} could not be read ({', '.join(lost)})."
    return f"its date “{(date_text or '')[:_SHOWN]}” can't be read."


def dated(value: float | str | None) -> tuple[datetime | None, str | None]:
    """A date, and its text if it can't be read. Numbers, also as text of nine or more digits, are seconds since 1970.

    Empty values and zero mean that no date is known; they give no text.
    """
    return (None, fields.line(value)) if isinstance(value, str) and len(value) > _LONGEST_DATE else _dated(value)


_SECONDS = re.compile(r"\d{9,}(?:\.\d{1,9})?", re.ASCII)
"""Seconds since 1970, written as text."""


# Cached because dates repeat: of creation and of change, and those of items that were imported together.
@lru_cache(maxsize=1024, typed=True)
def _dated(value: float | str | None) -> tuple[datetime | None, str | None]:
    if not value or (isinstance(value, str) and not value.strip(" 0")):
        return None, None
    is_number = not isinstance(value, str) or _SECONDS.fullmatch(value)
    moment = read_seconds(value) if is_number else read_date(str(value))
    return moment, None if moment else fields.line(str(value))


def only(values: Iterable[str | None]) -> str | None:
    """The single value that all of `values` have; None if they differ or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def with_remarks(texts: Iterable[tuple[bool, str]]) -> list[Highlight]:
    """The annotations that cleaned texts make in their order, each either a passage or a remark.

    A remark belongs to the passage before it. What is before all passages, or follows an empty one, is about the page:
    see `parted`. Empty remarks are left out.
    """
    found: list[tuple[str, list[Comment]]] = []
    for is_passage, text in texts:
        if is_passage:
            found.append((text, []))
        elif text:
            found += [] if found else [("", [])]
            found[-1][1].append(Comment(text=text))
    return [Highlight(id="", quote=quote, comments=tuple(said)) for quote, said in found]


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
        result.append(highlight if name == highlight.id else replace(highlight, id=name))
    return tuple(result)


_DEEPEST = 60
"""Maximum depth of nested replies; deeper ones are not nested. It also ends cyclic threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation. Its texts are cleaned."""

    page: str
    """The key that it is grouped by: equal for all annotations of a page."""
    mark: Highlight
    """Its id, passage and comments, the member's own first. Without an id or a passage, that is empty."""
    url: str | None = None
    """The annotated page; None if the format does not give it."""
    title: str | None = None
    """The title of the page."""
    site: str | None = None
    """The web page of the annotation itself."""
    author: Sharer | None = None
    updated_at: datetime | None = None
    date_text: str | None = None
    """The date as written, if it could not be parsed."""
    place: int | None = None
    """Where the passage begins: its offset in characters from the beginning of the page."""
    parents: tuple[str, ...] = ()
    """The ids of the annotations it replies to, outermost first; empty if it is not a reply."""


def group_by_page(annotations: Iterable[Annotation]) -> tuple[Entry, ...]:
    """The annotations as entries, one per page, in order of the pages' first appearance."""
    pages: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        pages.setdefault(annotation.page, []).append(annotation)
    return tuple(_page_entry(found) for found in pages.values())


def oddities(annotation: Annotation, number: int, lost: Sequence[str] = ()) -> Iterator[str]:
    """Yield a warning if something about an annotation is odd.

    Args:
        annotation: The annotation.
        number: Its position in the document, counted as the user would count.
        lost: The names of the fields that could not be read.
    """
    if lost or annotation.date_text:
        yield f"Annotation {number}: {_unreadable(lost, annotation.date_text)}"
    elif not (annotation.mark.quote or annotation.mark.comments or annotation.mark.tags):
        yield f"Annotation {number} holds no passage, words or tags that florilege knows."


_Answers = Mapping[str, Sequence[Annotation]]
"""The replies to annotations, by the ids of these."""


def _page_entry(annotations: Sequence[Annotation]) -> Entry:
    """The annotations of one page as an entry."""
    # Oldest first; those without a date follow in document order, as sorting is stable.
    annotations = sorted(annotations, key=lambda each: instant(each.mark.made_at) if each.mark.made_at else inf)
    roots = [annotation for annotation in annotations if not annotation.parents]
    first = (roots or annotations)[0]
    answers, orphans = _threads(annotations)
    notes, comments, marks = list[Comment](), list[Comment](), list[Annotation]()
    for root in roots:
        if root.mark.quote:
            marks.append(root)
        else:
            (notes if root.mark.comments else comments).extend(_comments_of(root, answers))
    for orphan in orphans:
        comments.extend(_comments_of(orphan, answers))
    marks.sort(key=lambda each: inf if each.place is None else each.place)
    changes = [moment for each in annotations if (moment := each.updated_at or each.mark.made_at)]
    return Entry(
        native_id=first.page,
        title=next((each.title for each in annotations if each.title), ""),
        url=next((each.url for each in annotations if each.url), None),
        discussion_url=first.site,
        sharer=first.author,
        shared_at=first.mark.made_at,
        updated_at=max(changes, key=instant, default=None),
        date_text=None if first.mark.made_at else first.date_text,
        tags=fields.tags(tag for each in annotations for tag in each.mark.tags),
        notes=tuple(notes),
        comments=tuple(comments),
        highlights=named(replace(each.mark, comments=_comments_of(each, answers)) for each in marks),
        all_highlights=False,
        is_aggregate=True,
    )


def _threads(annotations: Sequence[Annotation]) -> tuple[_Answers, list[Annotation]]:
    """Assign each reply to its nearest parent in the document; without one, or if too deep, it is an orphan.

    Returns:
        The replies, and the orphans.
    """
    by_id = {each.mark.id: each for each in annotations if each.mark.id}
    parents = {id(each): _nearest_parent(each, by_id) for each in annotations}
    answers: dict[str, list[Annotation]] = {}
    orphans: list[Annotation] = []
    for reply in annotations:
        above = parent = parents[id(reply)]
        for _ in range(_DEEPEST):
            above = parents[id(above)] if above is not None else None
        if parent is not None and above is None:
            answers.setdefault(parent.mark.id, []).append(reply)
        elif reply.parents:
            orphans.append(reply)
    return answers, orphans


def _comments_of(annotation: Annotation, answers: _Answers) -> tuple[Comment, ...]:
    """The comments of an annotation, with the replies nested under the first; only the replies if it has none."""
    replies = tuple(
        comment for answer in answers.get(annotation.mark.id, ()) for comment in _comments_of(answer, answers)
    )
    if not annotation.mark.comments:
        return replies
    first, *others = annotation.mark.comments
    return (replace(first, replies=(*first.replies, *replies)), *others)


def _nearest_parent(annotation: Annotation, by_id: Mapping[str, Annotation]) -> Annotation | None:
    """The innermost annotation in the document that this one replies to, if any."""
    return next(
        (by_id[name] for name in reversed(annotation.parents) if name in by_id and name != annotation.mark.id), None
    )
