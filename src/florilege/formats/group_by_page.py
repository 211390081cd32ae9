"""Groups annotations, which services list one by one, into one item per page. Pure, format-independent.

The items have these properties, whatever arrives later:

- An item is identified by its page: `native_id` is its canonical address, or whatever else the format groups by.
- It was shared by the first member who annotated the page, at that time; replies count only if there is nothing else.
- Its title is the first title of any annotation, oldest first; its tags are those of all annotations.
- A document contains only some of a page's annotations, so those missing from it have not been deleted
  (`all_highlights` is False), and later ones are added to the item (`is_aggregate`).
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
"""Maximum depth of nested replies; deeper ones are not nested. It also ends cyclic threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation. Its texts are cleaned, except for `prefix` and `suffix`."""

    page: str
    """The key that it is grouped by: equal for all annotations of a page."""
    id: str | None = None
    url: str | None = None
    """The annotated page; None if the format does not give it."""
    title: str | None = None
    """The title of the page."""
    site: str | None = None
    """The web page of the annotation itself."""
    author: Sharer | None = None
    made_at: datetime | None = None
    updated_at: datetime | None = None
    date_text: str | None = None
    """The date as written, if it could not be parsed."""
    quote: str | None = None
    prefix: str | None = None
    """The words before the passage as received, including the spaces between them and the passage."""
    suffix: str | None = None
    place: int | None = None
    """Where the passage begins: its offset in characters from the beginning of the page."""
    words: tuple[Comment, ...] = ()
    """The comments on it, the member's own first."""
    colour: str | None = None
    location: str | None = None
    """The position of the passage as it is cited: see `Highlight.location`."""
    tags: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    """The ids of the annotations it replies to, outermost first; empty if it is not a reply."""


def group_by_page(annotations: Iterable[Annotation]) -> tuple[Entry, ...]:
    """The annotations as entries, one per page, in order of the pages' first appearance."""
    pages: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        pages.setdefault(annotation.page, []).append(annotation)
    return tuple(_Page(page, found).entry() for page, found in pages.items())


def oddities(annotation: Annotation, number: int, lost: Sequence[str] = ()) -> Iterator[str]:
    """Yield a warning if something about an annotation is odd.

    Args:
        annotation: The annotation.
        number: Its position in the document, counted as the user would count.
        lost: The names of the fields that could not be read.
    """
    if lost:
        yield f"Annotation {number}: {counted(len(lost), 'field')} could not be read ({', '.join(lost)})."
    elif annotation.date_text:
        yield f"Annotation {number}: its date “{annotation.date_text[:60]}” can't be read."
    elif not (annotation.quote or annotation.words or annotation.tags):
        yield f"Annotation {number} holds no passage, words or tags that florilege knows."


class _Page:
    """The annotations of one page, with their replies."""

    def __init__(self, page: str, annotations: Sequence[Annotation]) -> None:
        self._page = page
        # Oldest first; those without a date follow in document order, as sorting is stable.
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
        """Assign each reply to its nearest parent in the document; without one, or if too deep, it is an orphan."""
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
        """The annotation of a passage as a highlight, with its comments and replies."""
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
        """The comments of an annotation, with the replies nested under the first; only the replies if it has none."""
        answers = self._answers.get(annotation.id, ()) if annotation.id else ()
        replies = tuple(comment for answer in answers for comment in self._said(answer))
        if not annotation.words:
            return replies
        first, *others = annotation.words
        return (replace(first, replies=(*first.replies, *replies)), *others)


def _nearest_parent(annotation: Annotation, by_id: Mapping[str, Annotation]) -> Annotation | None:
    """The innermost annotation in the document that this one replies to, if any."""
    return next((by_id[name] for name in reversed(annotation.parents) if name in by_id and name != annotation.id), None)
