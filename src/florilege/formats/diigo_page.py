"""Pages of Diigo saved by a browser, and other saved web pages that contain Diigo's highlights. No feeds.

- A group page, saved or pasted as text, or saved as HTML. The text has no links, dates or tags for its items, and its
  counts are wrong. HTML is first converted to the text that browsers save; links are then looked up by their text.
  Source: one genuine page.
- A member's library marks the parts of its items with classes (`ListItem`, `titleInner`, `date`, `description`,
  `tags`); anything outside the known classes is ignored. Source: a library saved with SingleFile.
- Highlights in a web page are `em` elements of the class `diigoHighlight`; those of one passage share an `id_` class.
  The address is the one that the browser wrote into the file when saving. Source: pages saved with their highlights.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Collection, dated, named, parted, with_remarks
from florilege.formats.detect import SNIFFED, Format, Markup
from florilege.formats.diigo import group_identity, handle_of, is_diigo_address
from florilege.formats.diigo_markup import colour_of, fold_of, linked, mark_of, parts_by_class
from florilege.formats.document import Document
from florilege.formats.markup import BLOCKS, End, Event, Layout, Start, events, readable
from florilege.model import Comment, Entry, Highlight
from florilege.text import clean_line, counted
from florilege.urls import safe_to_open

_TITLE = re.compile(r"(?![\s•])(.*) - (\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+|\d{1,9}) views?\s*")
_BREADCRUMB = re.compile(r"Home/\s++(.+?)(?:/\s++(?:Group items(?:\s++tagged\s++(\S.*))?.*|[^/]*))?/?")
_BULLET = re.compile(r"\s*•(.*)")
_PAGER = re.compile(r"(?:« First|‹ Previous|\d++ - \d++ of \d++|Next ›|Last »|\s)++|Showing \d+ items per page")
_RANGE = re.compile(r"(\d{1,9}) - (\d{1,9}) of (\d{1,9})")
_FURNITURE = re.compile(r"Skip to main content|Rss Feed\b.*|Home/ .*", re.IGNORECASE)
_SHARER = 100
"""Longest name of a sharer, in characters."""
_BLANK = re.compile(r"[ \t\r\n\f]+")
_UNSHOWN = frozenset({"script", "style"})
_BREAKS = BLOCKS | {"br", "title", "head", "body"}
_HOLDERS = frozenset({"ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements that never occur in a highlight: a list item that contains one is part of the page layout."""


def _links(stream: Iterable[Event]) -> tuple[dict[str, Iterator[str]], dict[str, str]]:
    """The addresses of the pages that a group page links to, in order, and the handles of members, by their texts."""
    pages: defaultdict[str, list[str]] = defaultdict(list)
    handles: dict[str, str] = {}
    for words, href in linked(stream)[0]:
        name, address = _key(words), fields.address(href)
        if handle := handle_of(address):
            handles.setdefault(name, handle)
        elif name and safe_to_open(address) and not is_diigo_address(address or ""):
            pages[name].append(address or "")
    return {name: iter(addresses) for name, addresses in pages.items()}, handles


def page_text(stream: Iterable[Event]) -> str:
    """The text of an HTML page as browsers save it: every block on its own line, list items with a bullet."""
    pieces: list[str] = []
    items: list[int] = []
    unshown = 0
    for event in stream:
        if isinstance(event, str):
            if not unshown:
                pieces.append(_BLANK.sub(" ", event))
            continue
        begins = isinstance(event, Start)
        if event.tag in _UNSHOWN:
            unshown = max(0, unshown + (1 if begins else -1))
        elif begins and event.tag == "li":
            items.append(len(pieces))
            pieces.append("\n•")
        elif event.tag in _BREAKS:
            if begins and event.tag in _HOLDERS and items:
                pieces[items[-1]] = "\n"
            if isinstance(event, End) and event.tag == "li":
                del items[-1:]
            pieces.append("\n")
    return "\n".join(line.strip(" ") for line in "".join(pieces).split("\n"))


def _key(words: str) -> str:
    """The text of a link in the form used for comparison."""
    return _BLANK.sub(" ", clean_line(words.replace("\xa0", " "))).strip()


def read(document: Document) -> Snapshot:
    """The snapshot of a group page. If the page lists the items with one tag, every entry gets that tag."""
    text = document.text
    stream = events(text) if text.startswith("<") else []  # a page saved as text has no links
    text = page_text(stream) if stream else text
    pages, handles = _links(stream)
    lines = [line.rstrip(" \t") for line in re.split(r"\r\n|[\r\n\u2028]", text)]
    group, tag = _breadcrumb(lines)
    collection = Collection(document.warnings, "Item")
    for number, (sharer, title, block) in enumerate(_blocks(lines), start=1):
        url = next(pages.get(_key(title[1]), iter(())), None)
        who = fields.sharer(sharer, handles.get(_key(sharer or "")))
        entry = replace(_entry(title, block), url=url, sharer=who, tags=fields.tags([tag]), all_tags=False)
        collection.add(number, entry)
        if entry.incomplete:
            shown = counted(len(entry.highlights), "highlight")
            collection.warnings.append(f"Item {number} “{entry.title[:60]}”: {shown} where the page announces more.")
    older = _pager(lines, collection.warnings)
    return collection.snapshot(
        "diigo-page", title=group, identity=group_identity(group) if group else None, older=older
    )


def _breadcrumb(lines: Iterable[str]) -> tuple[str | None, str | None]:
    """The group's title and the tag by which the page is filtered; None for either if the page does not say."""
    for line in lines:
        if line.startswith("Home/") and (match := _BREADCRUMB.fullmatch(line)):
            return fields.line(match[1]), fields.line(match[2])
    return None, None


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str | None, re.Match[str], Sequence[str]]]:
    """The sharer's line, the matched title line and the following lines of each item.

    The sharer's line is the last one before the title that is not blank, if that is a name.
    """
    found: list[tuple[int | None, int, re.Match[str]]] = []
    last: int | None = None
    for place, line in enumerate(lines):
        if match := _TITLE.fullmatch(line):
            found.append((last if last is not None and _is_name(lines[last]) else None, place, match))
        last = place if line.strip() else last
    ends = [place if at is None else at for at, place, _ in found[1:]]
    for (at, place, match), end in zip(found, [*ends, len(lines)], strict=False):
        yield None if at is None else lines[at], match, lines[place + 1 : end]


def _is_name(line: str) -> bool:
    is_short = len(line) <= _SHARER and not line[0].isspace() and not _BULLET.match(line)
    return is_short and not any(each.fullmatch(line) for each in (_FURNITURE, _PAGER, _TITLE))


def _entry(title: re.Match[str], block: Iterable[str]) -> Entry:
    """One item. A fold line counts the highlights that the page hides, but the saved text contains them after it."""
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    folded: int | None = None
    announced = 0
    for bullet, text in _annotations(block):
        hidden = fold_of(bullet)
        if hidden is not None:
            folded, announced = (folded or 0) + hidden, len(highlights) + hidden
        elif quote := fields.prose("\n".join(part for part in (bullet, text) if part) if bullet else None):
            highlights.append(Highlight(id="", quote=quote))
        elif note := fields.prose(text):
            notes.append(Comment(text=note))
    incomplete = folded is not None and len(highlights) != announced
    return Entry(
        title=fields.title(title[1], is_html=False),
        notes=tuple(notes),
        highlights=named(highlights),
        views=int(re.sub(r"\D", "", title[2])),
        folded=folded,
        incomplete=incomplete,
        all_highlights=not incomplete,
    )


def _annotations(block: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The text on each bullet's own line, and the lines below it. An empty bullet introduces a note on the page."""
    bullet: str | None = None
    beneath: list[str] = []
    ended = False
    for line in block:
        match = _BULLET.fullmatch(line)
        words = (match[1] if match else line).strip()
        if words and _PAGER.fullmatch(words):
            break
        if match:
            if bullet is not None:
                yield bullet, "\n".join(beneath)
            bullet, beneath, ended = words, [], False
        elif not words:
            ended = bool(bullet)  # a blank line ends a highlight, but may be part of a note
        elif not ended:
            beneath.append(words)
    if bullet is not None:
        yield bullet, "\n".join(beneath)


def _pager(lines: Iterable[str], warnings: list[str]) -> bool:
    """Whether pages with older items follow. Adds a warning for those, and for pages with newer items."""
    pager = " ".join(line for line in lines if line.strip() and _PAGER.fullmatch(line))
    ranges = _RANGE.search(pager)
    older = "Next ›" in pager or "Last »" in pager or bool(ranges and int(ranges[2]) < int(ranges[3]))
    if older:
        warnings.append("This is one page of several: older items are on the pages after it.")
    # "First" and "Previous" are written on the first page, too, so a range of items takes precedence over them.
    if int(ranges[1]) > 1 if ranges else "Previous" in pager or "First" in pager:
        warnings.append("This is one page of several: newer items are on the pages before it.")
    return older


_PATH = re.compile(r"^Home/ [^\n]+/ Group items\b", re.MULTILINE)
_VIEWS = re.compile(r"^(?:Home/ |(?![\s•]).* - \d[\d,.\u00a0\u202f ]* views?\s*$)", re.MULTILINE)


def _is_page(text: str) -> bool:
    """Whether a text has the breadcrumb of a group page, or bullets and a title with a number of views."""
    beginning = text[:SNIFFED]
    return bool(_PATH.search(beginning)) or ("•" in text and bool(_VIEWS.search(beginning)))


def _is_saved_page(markup: Markup) -> bool:
    return "diigo" in markup.text.lower() and _is_page(page_text(events(markup.text)))


_SAVED = re.compile(r"(?:saved from url=\(\d+\)|^[ \t]*+url:[ \t]*+)(https?://[^\s<>]+)", re.MULTILINE)
"""The address that browsers and SingleFile write in a comment at the beginning of a saved page."""
_QUOTES = frozenset({"annContent", "annInner", "annotationContent", "highlightContent", "diigoContentInner"})
_REMARKS = frozenset({"stickyNoteContent", "commentContent", "annComment"})
_PARTS = frozenset({"date", "description", "tags", "titleInner"}) | _QUOTES | _REMARKS


def read_library(document: Document) -> Snapshot:
    """The snapshot of a member's library.

    Raises:
        SourceError: The page has no items.
    """
    collection = Collection(document.warnings, "Item")
    owner = handle_of(saved_from(document.text) or "")
    for number, parts in enumerate(filter(_has_words, parts_by_class(document.text, "ListItem", _PARTS)), start=1):
        collection.add(number, _from_library(parts, owner))
    if not collection.entries:
        raise SourceError(
            "This is a page of Diigo, but no items could be read from it: save the page of your library when its items "
            "are shown, or export it as CSV."
        )
    identity = f"diigo:user:{owner}" if owner else None
    return collection.snapshot("diigo-library", identity=identity)


def read_marks(document: Document) -> Snapshot:
    """The snapshot of a web page with Diigo's highlights: a single entry."""
    collection = Collection(document.warnings, "Page")
    stream = events(document.text)
    starts = [(place, event) for place, event in enumerate(stream, start=1) if isinstance(event, Start)]
    titled = next((place for place, event in starts if event.tag == "title"), len(stream))
    words = takewhile(lambda event: isinstance(event, str), stream[titled:])
    links = (event.attributes for _, event in starts if event.tag == "link")
    canonical = (fields.address(link.get("href")) for link in links if "canonical" in link.get("rel", "").split())
    entry = Entry(
        title=fields.title(" ".join("".join(map(str, words)).split()), is_html=False),
        url=saved_from(document.text) or next(filter(None, canonical), None),
        highlights=named(_marks(stream)),
        all_highlights=False,
    )
    collection.add(1, entry)
    return collection.snapshot("diigo-marks")


def saved_from(text: str) -> str | None:
    """The address a page was saved from; None when the browser did not write it into the file."""
    found = _SAVED.search(text[:SNIFFED])
    return fields.address(found[1]) if found else None


def _has_words(parts: Sequence[tuple[str, list[Event]]]) -> bool:
    """Whether an item holds anything; the page has hidden ones that do not."""
    return any(isinstance(event, str) and event.strip() for _, stream in parts for event in stream)


def _from_library(parts: Sequence[tuple[str, list[Event]]], owner: str | None) -> Entry:
    """An item of a library as an entry. Tags come from `title` attributes where there are any: texts may be truncated.

    Args:
        parts: What `parts_by_class` gives for the item.
        owner: The handle of the member whose library it is.
    """
    of: defaultdict[str, list[Event]] = defaultdict(list)
    said: list[tuple[bool, str]] = []
    for name, stream in parts:
        of[name] += [*stream, " "]
        if name in _QUOTES | _REMARKS and (words := fields.prose(readable(stream, Layout.PASSAGE))):
            said.append((name in _QUOTES, words))
    highlights, notes = parted(with_remarks(said))
    shared_at, date_text = dated(readable(of["date"], Layout.PASSAGE))
    titles = [
        each.attributes.get("title", "") for each in of["tags"] if isinstance(each, Start) and "wrapper" in each.classes
    ]
    addresses = (fields.address(address) for _, address in linked(of["titleInner"])[0])
    return Entry(
        title=fields.title(readable(of["titleInner"], Layout.PASSAGE), is_html=False),
        url=next(addresses, None),
        sharer=fields.sharer(None, owner),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags(titles or [each for each in of["tags"] if isinstance(each, str)]),
        description=fields.prose(readable(of["description"])),
        notes=notes,
        highlights=highlights,
        all_highlights=False,
    )


def _marks(stream: Sequence[Event]) -> Iterator[Highlight]:
    """The highlights of a page, each joined from its elements."""
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
        elif isinstance(event, Start) and (mark := mark_of(event)) is not None:
            name, depth = mark or str(len(found)), 1
            found.setdefault(name, ([], colour_of(event)))[0].append(" ")
    for said, colour in found.values():
        if quote := fields.passage(" ".join("".join(said).split())):
            yield Highlight(id="", quote=quote, colour=colour)


_MARKED = re.compile(r"<em\s[^<>]{1,200}?diigoHighlight")


def _is_library(markup: Markup) -> bool:
    return all(word in markup.text for word in ("diigo", "ListItem", "titleInner"))


FORMATS = (
    Format("a Diigo group page", read, is_markup=_is_saved_page, is_text=_is_page),
    Format("a saved Diigo library", read_library, is_markup=_is_library),
    Format("a saved page with Diigo's marks", read_marks, is_markup=lambda page: bool(_MARKED.search(page.text))),
)
