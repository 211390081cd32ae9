"""Netscape bookmark files, as browsers, Diigo, Delicious, Shaarli, Pinboard, Raindrop and linkding write them.

`DT`, `DD` and `p` are never closed, so the file is read as a stream of events, not as a tree. Folders become parts of
the snapshot. Raindrop writes highlights as `blockquote` elements with a colour or a date, linkding writes a note
between `[linkding-notes]` and `[/linkding-notes]`. Sources: genuine exports of Diigo and Raindrop, fixtures of
wallabag/wallabag, the code of linkding.
"""

import re
from collections.abc import Mapping, Sequence

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, dated, named
from florilege.formats.detect import Format, Markup
from florilege.formats.document import Document
from florilege.formats.markup import Layout, readable
from florilege.formats.stream import End, Event, Start, events
from florilege.model import Comment, Entry, Highlight

KIND = "netscape"
FOLDER = " / "
"""Separator between the names of nested folders."""

_DEEPEST = 20
"""Most levels of nested folders in the name of a folder."""
_TITLES = frozenset({"a", "h1", "h3", "title"})
_ENDS_REMARK = frozenset({"dt", "dl", "a", "h3", "hr"})
_LINE_BREAKS = frozenset({"br", "p", "dd"})
_MARKED = frozenset({"color", "add_date"})
"""Attributes by which a `blockquote` is known to be a highlight."""


def read(document: Document) -> Snapshot:
    """The snapshot of a bookmark file."""
    reader = _Reader(Collection(document.warnings))
    for event in events(document.text):
        reader.take(event)
    reader.finish()
    return reader.collection.snapshot(KIND, title=reader.title, scope="netscape:folder")


class _Reader:
    """Collects bookmarks from the events of a file, which it takes one by one."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.title: str | None = None
        """The title of the file."""
        self._number = 0
        self._named: str | None = None
        """The name of a folder whose list has not begun yet."""
        self._folders: list[str | None] = []
        """The names of the open folders, outermost first; None for a list without a name."""
        self._link: Mapping[str, str] | None = None
        """The attributes of the bookmark being read."""
        self._words = ""
        self._inside: str | None = None
        """The tag of the link or heading whose text is being read."""
        self._name = ""
        self._remark: list[Event] | None = None

    def take(self, event: Event) -> None:
        """Process one event."""
        if isinstance(event, str):
            self._text(event)
        elif isinstance(event, Start):
            self._start(event)
        else:
            self._end(event)

    def finish(self) -> None:
        """Add the bookmark that is being read, if there is one, to the collection."""
        if self._link is None:
            return
        link, self._link = self._link, None
        if self._inside == "a":
            self._close()
        url, (remark, marks) = fields.address(link.get("href")), _without_marks(self._remark or [])
        self._remark = None
        if not is_page(url):
            return
        self._number += 1
        shared_at, date_text = dated(link.get("add_date"))
        description, notes = _noted(_prose(remark))
        entry = Entry(
            title=fields.title(self._name, is_html=False),
            url=url,
            shared_at=shared_at,
            updated_at=dated(link.get("last_modified"))[0],
            date_text=date_text,
            tags=fields.comma_tags(link.get("tags")),
            description=description,
            notes=notes,
            highlights=named(marks),
        )
        folder = FOLDER.join(name for name in self._folders[:_DEEPEST] if name)
        self.collection.add(self._number, entry, folder=folder or None)

    def _text(self, text: str) -> None:
        if self._inside:
            self._words += text
        elif self._remark is not None:
            self._remark.append(text)

    def _start(self, event: Start) -> None:
        tag = event.tag
        if self._inside in {"h1", "h3", "title"} and tag in {"dt", "dl"}:
            self._close()
        if tag in _ENDS_REMARK and not (tag == "a" and self._remark and "add_date" not in event.attributes):
            self.finish()
            self._remark = None
        elif self._remark is not None:
            self._remark.append(event)
            return
        if tag == "dl":
            self._folders.append(self._named)
            self._named = None
        elif tag == "dd":
            self._remark = []
        elif self._inside:
            self._words += " " if tag in _LINE_BREAKS else ""
        elif tag in _TITLES:
            self._inside, self._words = tag, ""
            if tag == "a":
                self._link, self._name = event.attributes, ""

    def _end(self, event: End) -> None:
        tag = event.tag
        if tag == self._inside:
            self._close()
        elif tag == "dl":
            self.finish()
            del self._folders[-1:]
        elif self._remark is not None:
            self._remark.append(event)

    def _close(self) -> None:
        """Store the text of the link or heading, at its end tag or at a tag that can't be inside it."""
        inside, self._inside = self._inside, None
        words = fields.line(" ".join(self._words.split()))
        if inside == "a":
            self._name = words or ""
        elif inside == "h3":
            self._named = words
        else:
            self.title = words or self.title


def is_page(url: str | None) -> bool:
    """Whether a bookmark leads to a page; False for a saved search of Firefox (`place:`)."""
    return not (url or "").startswith("place:")


def _without_marks(remark: Sequence[Event]) -> tuple[list[Event], list[Highlight]]:
    """A description without its highlights, and the highlights."""
    kept: list[Event] = []
    marks: list[Highlight] = []
    mark: Start | None = None
    said: list[Event] = []
    for event in remark:
        if isinstance(event, Start) and event.tag == "blockquote" and not _MARKED.isdisjoint(event.attributes):
            mark, said = event, []
        elif mark is None:
            kept.append(event)
        elif isinstance(event, End) and event.tag == "blockquote":
            given, mark = mark.attributes, None
            made_at = dated(given.get("add_date"))[0]
            marks.append(annotation(readable(said, Layout.PASSAGE), made_at=made_at, colour=given.get("color")))
        else:
            said.append(event)
    while kept and not isinstance(kept[-1], str):
        kept.pop()  # tags that introduce a highlight
    return kept, [each for each in marks if each.quote]


def _noted(description: str | None) -> tuple[str | None, tuple[Comment, ...]]:
    """A description without linkding's note, and the note."""
    before, begins, rest = (description or "").partition("[linkding-notes]")
    note, _, after = rest.partition("[/linkding-notes]")
    text = fields.prose(note)
    if not begins:
        return description, ()
    return fields.prose(before + after), (Comment(text=text, markdown=True),) if text else ()


def _prose(remark: list[Event]) -> str | None:
    """The text of a description: laid out as HTML if it has elements, otherwise with its own line breaks."""
    if any(isinstance(event, Start) and event.tag not in _LINE_BREAKS for event in remark):
        return fields.prose(readable(remark))
    text = "".join(event if isinstance(event, str) else "\n" for event in remark)
    return fields.without_source_breaks(fields.prose(text) or "") or None


_DOCTYPE = re.compile(r"<!DOCTYPE\s+NETSCAPE-Bookmark-file", re.IGNORECASE)
_BODY = re.compile(r"<DT>\s*<A\s[^<>]*\bHREF", re.IGNORECASE)


def _is_bookmarks(markup: Markup) -> bool:
    """Whether a page has the doctype of a bookmark file, or looks like one."""
    return bool(_DOCTYPE.search(markup.beginning) or _BODY.search(markup.beginning))


FORMATS = (Format("a Netscape bookmark file", read, is_markup=_is_bookmarks),)
