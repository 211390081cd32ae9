"""Annotations, one by one as services give them, folded into one item a page. Pure; knows no format.

What an item made so is, whatever else arrives later:

- it is known by its page: `native_id` is that address in its canonical form (or what the format folds by instead);
- it was shared by the first member who marked or noted something on the page, at that moment; replies do not count,
  unless there is nothing else;
- its title is the first that any annotation gives, oldest first; its tags are those of all annotations;
- a document shows a window on the page's annotations, so what is missing from it has not gone (`all_highlights`), and
  what comes later adds to the item (`is_aggregate`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from msgspec.structs import replace

from florilege.formats import fields
from florilege.formats.collecting import named
from florilege.model import Comment, Entry, Highlight, Sharer, instant
from florilege.text import clean, counted

_DEEPEST = 60
"""Replies to replies beyond which a thread is no longer nested. It also ends threads that go round in a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation, cleaned."""

    page: str
    """What it is folded by: equal for all annotations of a page."""
    id: str | None = None
    url: str | None = None
    """The annotated page; None when the format does not tell."""
    title: str | None = None
    """The page's."""
    site: str | None = None
    """The annotation's own page on the web."""
    author: Sharer | None = None
    made_at: datetime | None = None
    updated_at: datetime | None = None
    date_text: str | None = None
    """The date as it was written, when it could not be read."""
    quote: str | None = None
    prefix: str | None = None
    """The words before the passage as they came, with the spaces that part them from it."""
    suffix: str | None = None
    place: int | None = None
    """Where the passage begins, in characters of the page."""
    words: tuple[Comment, ...] = ()
    """What was said with it, the member's own words first."""
    colour: str | None = None
    location: str | None = None
    """Where the passage stands, as it is cited: see `Highlight.location`."""
    tags: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    """The ids of what it answers, the outermost first; empty when it is no reply."""


def group_by_page(annotations: Iterable[Annotation]) -> tuple[Entry, ...]:
    """The annotations as entries, one a page, in the order in which the pages first appear."""
    pages: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        pages.setdefault(annotation.page, []).append(annotation)
    return tuple(_Page(page, found).entry() for page, found in pages.items())


def oddities(annotation: Annotation, number: int, lost: Sequence[str] = ()) -> Iterator[str]:
    """What is odd about an annotation, a sentence.

    Args:
        annotation: The annotation.
        number: Its place in the document, as a reader would count.
        lost: The names of what could not be read of it.
    """
    if lost:
        yield f"Annotation {number}: {counted(len(lost), 'field')} could not be read ({', '.join(lost)})."
    elif annotation.date_text:
        yield f"Annotation {number}: its date “{annotation.date_text[:60]}” can't be read."
    elif not (annotation.quote or annotation.words or annotation.tags):
        yield f"Annotation {number} holds no passage, words or tags that florilege knows."


class _Page:
    """The annotations of one page, and who answers whom."""

    def __init__(self, page: str, annotations: Sequence[Annotation]) -> None:
        self._page = page
        # Oldest first; sorting is stable, so those without date follow in the order of the document.
        self._annotations = sorted(annotations, key=lambda each: instant(each.made_at) if each.made_at else inf)
        self._answers: dict[str, list[Annotation]] = {}
        self._orphans: list[Annotation] = []
        self._arrange()

    def entry(self) -> Entry:
        """The page as an entry."""
        roots = [annotation for annotation in self._annotations if not annotation.parents]
        first = (roots or self._annotations)[0]
        notes: list[Comment] = []
        comments: list[Comment] = []
        for note in roots:
            if not note.quote:
                (notes if note.words else comments).extend(self._said(note))
        for orphan in self._orphans:
            comments.extend(self._said(orphan))
        marks = [annotation for annotation in roots if annotation.quote]
        changes = [moment for each in self._annotations if (moment := each.updated_at or each.made_at)]
        return Entry(
            native_id=self._page,
            title=next((each.title for each in self._annotations if each.title), ""),
            url=next((each.url for each in self._annotations if each.url), None),
            discussion_url=first.site,
            sharer=first.author,
            shared_at=first.made_at,
            updated_at=max(changes, key=instant, default=None),
            date_text=None if first.made_at else first.date_text,
            tags=fields.tags(tag for each in self._annotations for tag in each.tags),
            notes=tuple(notes),
            comments=tuple(comments),
            highlights=named(
                map(self._highlight, sorted(marks, key=lambda each: inf if each.place is None else each.place))
            ),
            all_highlights=False,
            is_aggregate=True,
        )

    def _arrange(self) -> None:
        """Put every reply under the nearest of its parents that is here; without one it is an orphan."""
        by_id = {each.id: each for each in self._annotations if each.id}
        parents = {id(each): _nearest_parent(each, by_id) for each in self._annotations}
        for reply in self._annotations:
            if not reply.parents:
                continue
            above = parents[id(reply)]
            depth = 0
            while above is not None and depth < _DEEPEST:
                depth += 1
                above = parents[id(above)]
            parent = parents[id(reply)]
            if parent is None or parent.id is None or above is not None:
                self._orphans.append(reply)
            else:
                self._answers.setdefault(parent.id, []).append(reply)

    def _highlight(self, annotation: Annotation) -> Highlight:
        """A marked passage with what was said about it."""
        return Highlight(
            id=annotation.id or "",
            quote=fields.without_source_breaks(annotation.quote or ""),
            author=annotation.author.label if annotation.author else None,
            made_at=annotation.made_at,
            colour=annotation.colour,
            tags=annotation.tags,
            location=annotation.location,
            prefix=clean(annotation.prefix or "") or None,
            suffix=clean(annotation.suffix or "") or None,
            comments=self._said(annotation),
        )

    def _said(self, annotation: Annotation) -> tuple[Comment, ...]:
        """The words of an annotation with the replies to it; only the replies when it has no words."""
        answers = self._answers.get(annotation.id, ()) if annotation.id else ()
        replies = tuple(comment for answer in answers for comment in self._said(answer))
        if not annotation.words:
            return replies
        first, *others = annotation.words
        return (replace(first, replies=(*first.replies, *replies)), *others)


def _nearest_parent(annotation: Annotation, by_id: Mapping[str, Annotation]) -> Annotation | None:
    """What an annotation answers, as far as it is here."""
    return next((by_id[name] for name in reversed(annotation.parents) if name in by_id and name != annotation.id), None)
