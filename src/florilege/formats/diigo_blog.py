"""Blog posts that Diigo makes of a day's bookmarks: one entry of a feed holds many, as nested lists.

Remembered, and never seen genuine: everything is found by its class, and a post in which nothing is found stays as it
is. Knows HTML through `markup`; no feedparser.
"""

import re
from dataclasses import dataclass, field

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.identity import named
from florilege.formats.markup import Layout, readable
from florilege.formats.stream import End, Event, Start, events
from florilege.model import Comment, Entry, Highlight

KIND = "diigo-blog"

_LABEL = re.compile(r"^\s*tags\s*:?\s*", re.IGNORECASE)
_PARTS = frozenset({"diigo-link", "diigo-description", "diigo-tags", "diigo-annotations", "diigo-ps"})
"""Classes of the parts of a bookmark; the last one is what Diigo writes under the post."""


@dataclass(slots=True)
class _Found:
    """A bookmark in a post."""

    title: list[Event] = field(default_factory=list)
    url: str | None = None
    description: list[Event] = field(default_factory=list)
    tag_links: list[str] = field(default_factory=list)
    tag_text: str = ""
    in_tag: bool = False
    passages: list[tuple[int, list[Event]]] = field(default_factory=list)
    """Annotations, each with how many lists it is in: one that is deeper is a comment on the one before."""


def is_blog(snapshot: Snapshot) -> bool:
    """Whether an entry of a feed holds a list of bookmarks made by Diigo."""
    return any(_bookmarks(entry.body) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a blog, each post made by Diigo exploded into its bookmarks; other posts stay as they are."""
    entries: list[Entry] = []
    for post in snapshot.entries:
        entries.extend([_entry(each, post) for each in _bookmarks(post.body)] or [post])
    return msgspec.structs.replace(snapshot, kind=KIND, entries=tuple(entries))


def _bookmarks(markup: str | None) -> list[_Found]:
    """The bookmarks of a post."""
    found: list[_Found] = []
    if not markup or "diigo-link" not in markup:
        return found
    part = ""
    lists = 0
    for event in events(markup):
        if isinstance(event, Start):
            named_part = next((word for word in event.classes if word in _PARTS), None)
            if named_part:
                part, lists = named_part, 0
                if part == "diigo-link":
                    found.append(_Found())
        if part == "diigo-annotations" and not isinstance(event, str) and event.tag in {"ul", "ol"}:
            lists += 1 if isinstance(event, Start) else -1
            part = part if lists > 0 else ""
        elif found and part:
            _take(found[-1], part, event, lists)
    return found


def _take(bookmark: _Found, part: str, event: Event, lists: int) -> None:
    """Put an event into the part of a bookmark that is being read."""
    if part == "diigo-link":
        bookmark.title.append(event)
        if isinstance(event, Start) and event.tag == "a":
            bookmark.url = bookmark.url or fields.address(event.attributes.get("href"))
    elif part == "diigo-description":
        bookmark.description.append(event)
    elif part == "diigo-tags":
        if not isinstance(event, str) and event.tag == "a":
            bookmark.in_tag = isinstance(event, Start)
            bookmark.tag_links.extend([""] * bookmark.in_tag)
        elif isinstance(event, str) and bookmark.in_tag:
            bookmark.tag_links[-1] += event
        elif isinstance(event, str):
            bookmark.tag_text += event
    elif part == "diigo-annotations":
        if isinstance(event, Start) and event.tag == "li":
            bookmark.passages.append((lists, []))
        elif bookmark.passages and not (isinstance(event, End) and event.tag == "li"):
            bookmark.passages[-1][1].append(event)


def _entry(bookmark: _Found, post: Entry) -> Entry:
    """A bookmark as an entry, shared by the writer of the post when the post was written."""
    highlights: list[Highlight] = []
    for depth, stream in bookmark.passages:
        words = fields.prose(readable(stream, Layout.PASSAGE))
        if words and depth > 1 and highlights:
            last = highlights[-1]
            highlights[-1] = msgspec.structs.replace(last, comments=(*last.comments, Comment(text=words)))
        elif words:
            highlights.append(Highlight(id="", quote=words))
    texts = bookmark.tag_links or fields.comma_list(_LABEL.sub("", bookmark.tag_text))
    return Entry(
        title=fields.line(readable(bookmark.title, Layout.PASSAGE)) or "",
        url=bookmark.url,
        discussion_url=post.url,
        sharer=post.sharer,
        shared_at=post.shared_at,
        updated_at=post.updated_at,
        date_text=post.date_text,
        tags=fields.tags(texts),
        description=fields.prose(readable(bookmark.description)),
        highlights=named(highlights),
        incomplete=post.incomplete,
        all_highlights=not post.incomplete,
    )
