"""Pages that a browser saved: a member's Diigo library, and pages of the web with Diigo's marks in them.

A library lists items by classes (`ListItem`, `titleInner`, `date`, `description`, `tags`); what is in no class known
here is not read. Marks are `em` elements of the class `diigoHighlight`; a passage over several elements has one `id_`
class. The address of such a page is where the browser that saved it says it was. Sources: a library saved with
SingleFile; pages saved with their marks.
"""

import re
from collections.abc import Iterator, Sequence

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Collection, dated, named
from florilege.formats.diigo import handle_of
from florilege.formats.document import Document
from florilege.formats.recognise import SNIFFED, Format, Markup
from florilege.formats.stream import End, Event, Start, events
from florilege.model import Comment, Entry, Highlight

KIND_LIBRARY = "diigo-library"
KIND_MARKS = "diigo-marks"

_SAVED = re.compile(r"(?:saved from url=\(\d+\)|^[ \t]*+url:[ \t]*+)(https?://[^\s<>]+)", re.MULTILINE)
"""What browsers, and SingleFile, write in a comment at the beginning of a page."""
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_QUOTES = frozenset({"annContent", "annInner", "annotationContent", "highlightContent", "diigoContentInner"})
_REMARKS = frozenset({"stickyNoteContent", "commentContent", "annComment"})
_PARTS = frozenset({"date", "description", "tags", "titleInner"}) | _QUOTES | _REMARKS


def read_library(document: Document) -> Snapshot:
    """The snapshot of a library.

    Raises:
        SourceError: No items are on it.
    """
    collection = Collection(document.warnings, "Item")
    owner = handle_of(saved_from(document.text) or "")
    for number, pieces in enumerate(filter(None, _items(events(document.text))), start=1):
        collection.add(number, _entry(pieces, owner))
    if not collection.entries:
        raise SourceError(
            "This is a page of Diigo, but no items could be read from it: save the page of your library when its items "
            "are shown, or export it as CSV."
        )
    identity = f"diigo:user:{owner}" if owner else None
    return collection.snapshot(KIND_LIBRARY, identity=identity)


def read_marks(document: Document) -> Snapshot:
    """The snapshot of a page with marks: one item."""
    collection = Collection(document.warnings, "Page")
    stream = events(document.text)
    title, canonical = "", None
    is_title = False
    for event in stream:
        if isinstance(event, str):
            title += event if is_title else ""
        else:
            is_title = isinstance(event, Start) and event.tag == "title" and not title
            if (
                isinstance(event, Start)
                and event.tag == "link"
                and "canonical" in event.attributes.get("rel", "").split()
            ):
                canonical = canonical or fields.address(event.attributes.get("href"))
    entry = Entry(
        title=fields.title(" ".join(title.split()), is_html=False),
        url=saved_from(document.text) or canonical,
        highlights=named(_marks(stream)),
        all_highlights=False,
    )
    collection.add(1, entry)
    return collection.snapshot(KIND_MARKS)


def saved_from(text: str) -> str | None:
    """Where a page was when it was saved; None when the browser did not write it down."""
    found = _SAVED.search(text[:SNIFFED])
    return fields.address(found[1]) if found else None


def _items(stream: Sequence[Event]) -> Iterator[list[tuple[str, str]]]:
    """The items of a library as pieces: a class and a text, or `href` and an address."""
    pieces: list[tuple[str, str]] | None = None
    inside: list[tuple[int, str]] = []
    depth = 0
    for event in stream:
        if isinstance(event, str):
            if inside and pieces is not None and event.strip():
                pieces.append((inside[-1][1], event))
        elif isinstance(event, End):
            while inside and inside[-1][0] >= depth:
                inside.pop()
            depth -= 1
        else:
            depth += event.tag not in _VOID
            if "ListItem" in event.classes:
                yield pieces or []
                pieces, inside = [], []
            part = next((name for name in event.classes if name in _PARTS), None)
            if part:
                inside.append((depth, part))
            if event.tag == "a" and pieces is not None and inside and inside[-1][1] == "titleInner":
                pieces.append(("href", event.attributes.get("href", "")))
            if "wrapper" in event.classes and inside and inside[-1][1] == "tags" and pieces is not None:
                pieces.append(("tag", event.attributes.get("title", "")))
    yield pieces or []


def _entry(pieces: Sequence[tuple[str, str]], owner: str | None) -> Entry:
    """The pieces of an item as an entry. A tag is told by its title, for its text may be cut."""
    shared_at, date_text = dated(_joined(pieces, {"date"}))
    marks: list[tuple[str, list[Comment]]] = []
    notes: list[Comment] = []
    for name, text in pieces:
        words = fields.passage(text)
        if name in _QUOTES and words:
            marks.append((words, []))
        elif name in _REMARKS and words:
            (marks[-1][1] if marks else notes).append(Comment(text=words))
    tags = [text for name, text in pieces if name == "tag"] or [text for name, text in pieces if name == "tags"]
    return Entry(
        title=fields.title(_joined(pieces, {"titleInner"}), is_html=False),
        url=fields.address(next((text for name, text in pieces if name == "href"), None)),
        sharer=fields.sharer(None, owner),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags(tags),
        description=fields.prose(_joined(pieces, {"description"})),
        notes=tuple(notes),
        highlights=named(Highlight(id="", quote=quote, comments=tuple(said)) for quote, said in marks),
        all_highlights=False,
    )


def _joined(pieces: Sequence[tuple[str, str]], names: set[str]) -> str:
    return " ".join(" ".join(text for name, text in pieces if name in names).split())


def _marks(stream: Sequence[Event]) -> Iterator[Highlight]:
    """The marked passages of a page, those in several elements put together."""
    found: dict[str, tuple[list[str], str | None]] = {}
    name: str | None = None
    depth = 0
    for event in stream:
        if isinstance(event, str):
            if name is not None:
                found[name][0].append(event)
        elif name is not None:
            depth += (event.tag == "em") * (1 if isinstance(event, Start) else -1)
            name = name if depth else None
        elif isinstance(event, Start) and event.tag == "em" and "diigoHighlight" in event.classes:
            name = next((each for each in event.classes if each.startswith("id_")), str(len(found)))
            colours = [each for each in event.classes if each.isalpha() and each not in {"diigoHighlight", "commented"}]
            found.setdefault(name, ([], next(iter(colours), None)))[0].append(" ")
            depth = 1
    for said, colour in found.values():
        if quote := fields.passage(" ".join("".join(said).split())):
            yield Highlight(id="", quote=quote, colour=colour)


_MARKED = re.compile(r"<em\s[^<>]{1,200}?diigoHighlight")


def _is_library(markup: Markup) -> bool:
    return all(word in markup.text for word in ("diigo", "ListItem", "titleInner"))


def _is_marked(markup: Markup) -> bool:
    return bool(_MARKED.search(markup.text))


FORMATS = (
    Format("a saved Diigo library", read_library, is_markup=_is_library),
    Format("a saved page with Diigo's marks", read_marks, is_markup=_is_marked),
)
