"""Bookmarks in the browsers' own formats: Netscape bookmark files, Chrome's `Bookmarks`, and backups of Firefox.

- Netscape files are also written by Diigo, Delicious, Shaarli, Pinboard, Raindrop and linkding. `DT`, `DD` and `p` are
  never closed, so a file is read as a stream of events, not as a tree. Raindrop writes highlights as `blockquote`
  elements with a colour or a date, linkding writes a note between `[linkding-notes]` and `[/linkding-notes]`. Sources:
  genuine exports of Diigo and Raindrop, fixtures of wallabag/wallabag, the code of linkding.
- The others are trees of JSON. Chrome counts microseconds from 1601, Firefox from 1970.
  Opera has more folders under `custom_root`, Vivaldi a description in `meta_info`. Firefox keeps tags as text in a
  bookmark, in older backups as folders under `tagsFolder`; its saved searches (`place:`) are skipped. Sources: files of
  Chrome and of Firefox; chromium's `bookmark_codec.cc`; Firefox's `PlacesBackups`.

Folders become parts of the snapshot.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object
from florilege.formats.document import Document
from florilege.formats.markup import End, Event, Layout, Start, events, readable
from florilege.formats.records import Bookmark, bookmark_of, items_of, mark_of, reader, take_objects
from florilege.model import Comment, Entry

_FOLDER = " / "
"""Separator between the names of nested folders."""
_DEEPEST = 20
"""Most levels of nested folders in the name of a folder."""
_LINK = bookmark_of(
    mark_of(quote="quote", time="add_date", colour="color"), marks="marks", title="words", url="href", time="add_date",
    changed="last_modified", tags="tags", description="remark", folder="folder",
)  # fmt: skip
_TITLES = frozenset({"a", "h1", "h3", "title"})
_ENDS_REMARK = frozenset({"dt", "dl", "a", "h3", "hr"})
_LINE_BREAKS = frozenset({"br", "p", "dd"})
_MARKED = frozenset({"color", "add_date"})
"""Attributes by which a `blockquote` is known to be a highlight."""


def read_netscape(document: Document) -> Snapshot:
    """The snapshot of a Netscape bookmark file."""
    page = _Page()
    for event in events(document.text):
        page.take(event)
    page.end_remark()
    collection = Collection(document.warnings)
    found = (_described(link) for link in page.links if _is_page(link.get("href")))
    take_objects(found, _LINK, collection, _noted)
    return collection.snapshot("netscape", title=page.title, scope="netscape:folder")


class _Page:
    """Collects links from the events of a bookmark file, which it takes one by one."""

    def __init__(self) -> None:
        self.title: str | None = None
        """The title of the file."""
        self.links: list[dict[str, Any]] = []
        """The attributes of each link, with its text as `words`, its `folder`, and the events of its `remark`."""
        self._named: str | None = None
        """The name of a folder whose list has not begun yet."""
        self._folders: list[str] = [""]
        """The names of the open folders, each after the names of those around it; an empty one outside of any."""
        self._link: dict[str, Any] | None = None
        """The link that a remark would be about."""
        self._inside: str | None = None
        """The tag of the link or heading whose text is being read."""
        self._words = ""
        self._remark: list[Event] | None = None

    def take(self, event: Event) -> None:
        """Process one event."""
        if isinstance(event, Start):
            self._start(event)
        elif isinstance(event, str) and self._inside:
            self._words += event
        elif isinstance(event, End) and event.tag == self._inside:
            self._close()
        elif isinstance(event, End) and event.tag == "dl":
            self.end_remark()
            del self._folders[max(1, len(self._folders) - 1) :]
        elif self._remark is not None:
            self._remark.append(event)

    def _start(self, event: Start) -> None:
        tag = event.tag
        if self._inside not in {None, "a"} and tag in {"dt", "dl"}:
            self._close()
        if tag in _ENDS_REMARK and not (tag == "a" and self._remark and "add_date" not in event.attributes):
            self.end_remark()
        elif self._remark is not None:
            self._remark.append(event)
            return
        if tag == "dl":
            name = self._named if len(self._folders) <= _DEEPEST else None
            self._folders.append(_FOLDER.join(filter(None, (self._folders[-1], name))))
            self._named = None
        elif tag == "dd":
            self._remark = []
            if self._link is not None:
                self._remark = self._link["remark"] = self._link["remark"] or []
        elif self._inside:
            self._words += " " if tag in _LINE_BREAKS else ""
        elif tag in _TITLES:
            self._inside, self._words = tag, ""
            if tag == "a":
                self._link = {**event.attributes, "words": "", "remark": None, "marks": []}
                self._link["folder"] = self._folders[-1]
                self.links.append(self._link)

    def end_remark(self) -> None:
        """End the remark and whatever else belongs to the link before it."""
        if self._inside == "a":
            self._close()
        self._link = self._remark = None

    def _close(self) -> None:
        """Store the text of the link or heading, at its end tag or at a tag that can't be inside it."""
        inside, self._inside = self._inside, None
        words = fields.line(" ".join(self._words.split()))
        if inside == "a" and self._link is not None:
            self._link["words"] = words
        elif inside == "h3":
            self._named = words
        elif inside:
            self.title = words or self.title


def _described(link: dict[str, Any]) -> dict[str, Any]:
    """A link with its remark as text, and the highlights in that.

    The text is laid out as HTML if it has elements, otherwise with its own line breaks.
    """
    if not (remark := link["remark"]):
        return {**link, "remark": None}
    kept: list[Event] = []
    marks: list[Mapping[str, str]] = []
    mark: Start | None = None
    said: list[Event] = []
    for event in remark:
        if isinstance(event, Start) and event.tag == "blockquote" and not _MARKED.isdisjoint(event.attributes):
            mark, said = event, []
        elif mark is None:
            kept.append(event)
        elif event == End("blockquote"):
            marks.append({**mark.attributes, "quote": readable(said, Layout.PASSAGE)})
            mark = None
        else:
            said.append(event)
    while kept and not isinstance(kept[-1], str):
        kept.pop()  # tags that introduce a highlight
    if any(isinstance(event, Start) and event.tag not in _LINE_BREAKS for event in kept):
        return {**link, "remark": readable(kept), "marks": marks}
    text = "".join(event if isinstance(event, str) else "\n" for event in kept)
    return {**link, "remark": fields.quote(text), "marks": marks}


_ARCHIVED = "linkding:bookmarks.archived"
"""What linkding writes among the tags of an archived bookmark."""


def _noted(link: Bookmark) -> Entry:
    """A link as an entry, with linkding's note taken out of its description, and the state out of its tags."""
    entry = link.entry()
    if _ARCHIVED in entry.tags:
        entry = replace(entry, tags=tuple(tag for tag in entry.tags if tag != _ARCHIVED))
    if entry.description is None or "[linkding-notes]" not in entry.description:
        return entry
    before, _, rest = entry.description.partition("[linkding-notes]")
    note, _, after = rest.partition("[/linkding-notes]")
    text = fields.prose(note)
    notes = (Comment(text=text, markdown=True),) if text else ()
    return replace(entry, description=fields.prose(before + after), notes=notes)


def _is_page(url: str | None) -> bool:
    """Whether a bookmark leads to a page; False for a saved search of Firefox (`place:`)."""
    return not (url or "").startswith("place:")


_CHROME_ROOTS = ("bookmark_bar", "other", "synced")
_SHOWN_AS = {
    "menu": "Bookmarks Menu",
    "toolbar": "Bookmarks Toolbar",
    "unfiled": "Other Bookmarks",
    "mobile": "Mobile Bookmarks",
}
"""Displayed names of Firefox's built-in folders, by their names in a backup."""
_SINCE_1601 = 11_644_473_600_000_000
"""Microseconds from 1601, the Windows epoch, to 1970."""
_MICROSECONDS = re.compile(r"\d{1,17}", re.ASCII)
_REMARK = "bookmarkProperties/description"
"""The annotation in which older versions of Firefox kept a bookmark's description."""

_Node = dict[str, Any]


def _in_chrome(document: Document) -> Iterator[_Node]:
    """The bookmarks in Chrome's file `Bookmarks`."""
    roots = document.json.get("roots") if isinstance(document.json, dict) else None
    opera = roots.get("custom_root") if isinstance(roots, dict) else None
    trees = {**roots, **(opera if isinstance(opera, dict) else {})} if isinstance(roots, dict) else {}
    for name, tree in trees.items():
        for leaf in _leaves(tree, "name") if name != "trash" else ():
            added = _line(leaf, "date_added") or ""
            leaf["time"] = max(0, int(added) - _SINCE_1601) if _MICROSECONDS.fullmatch(added) else None
            if _is_page(_line(leaf, "url")):
                yield leaf


def _in_firefox(document: Document) -> list[_Node]:
    """The bookmarks in a backup of Firefox."""
    tags: dict[str | None, list[str]] = {}
    found: list[_Node] = []
    for leaf in _leaves(document.json, "title"):
        if "tag" in leaf:
            tags.setdefault(_line(leaf, "uri"), []).append(leaf["tag"])
        elif _is_page(_line(leaf, "uri")):
            notes = (each for each in items_of(leaf, "annos") if isinstance(each, dict))
            remarks = (each.get("value") for each in notes if each.get("name") == _REMARK)
            found.append({**leaf, "remark": next(remarks, None)})
    for leaf in found:
        if more := tags.get(_line(leaf, "uri")):
            leaf["tags"] = [*(_line(leaf, "tags") or "").split(","), *more]
    return found


def _leaves(root: object, name: str) -> Iterator[_Node]:
    """The bookmarks of a tree in order, each with its `folder` added, and a `tag` if it is in the folder of a tag."""
    waiting: list[tuple[object, tuple[str, ...], _Node]] = [(root, (), {})]
    while waiting:
        node, folders, tag = waiting.pop()
        if not isinstance(node, dict):
            continue
        children = node.get("children")
        if not isinstance(children, list):
            if "url" in node or "uri" in node:
                yield {**node, "folder": _FOLDER.join(folders), **tag}
            continue
        own = _line(node, name)
        if "root" in node:
            own = _SHOWN_AS.get(own or "", own)
        within = folders if own is None or node.get("root") == "placesRoot" else (*folders, own)
        for child in reversed(children):
            is_tag = node.get("root") == "tagsFolder" and _line(child, name)
            waiting.append((child, within, {"tag": child[name]} if is_tag and isinstance(child, dict) else tag))


def _line(node: object, key: str) -> str | None:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else None


_NETSCAPE = re.compile(r"<!DOCTYPE\s+NETSCAPE-Bookmark-file|<DT>\s*<A\s[^<>]*\bHREF", re.IGNORECASE)
"""The doctype of a bookmark file, or what one looks like."""


def _is_chrome(value: Object) -> bool:
    roots = value.get("roots")
    return isinstance(roots, dict) and any(root in roots for root in _CHROME_ROOTS)


FORMATS = (
    Format(
        "the bookmarks of Chrome",
        reader("chrome", bookmark_of(
            id="guid", title="name", url="url", time="time", folder="folder", description="meta_info.Description",
        ), _in_chrome, scope="chrome:folder"),
        is_object=_is_chrome,
    ),
    Format(
        "a backup of Firefox's bookmarks",
        reader("firefox", bookmark_of(
            id="guid", title="title", url="uri", time="dateAdded", changed="lastModified", tags="tags",
            description="remark", folder="folder",
        ), _in_firefox, scope="firefox:folder"),
        is_object=lambda value: value.get("type") == "text/x-moz-place-container" or value.get("root") == "placesRoot",
    ),
    Format("a Netscape bookmark file", read_netscape, is_markup=lambda page: bool(_NETSCAPE.search(page.beginning))),
)  # fmt: skip
