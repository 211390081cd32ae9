"""Readers for exports and API responses of services that differ in little more than their field names.

- Pinboard: its export, its JSON feeds, and the XML of its API, which Delicious invented. `description` is the title.
  `hash` identifies the page, not the bookmark, so it is not used as an id. Sources: fixtures of wallabag;
  pinboard.in/api.
- Delicious: dates are seconds since 1970, written as text. Source: the API of Delicious.
- Karakeep, Linkwarden, Toby: lists and collections become parts; a bookmark in several lists goes to the first one.
  Responses of Karakeep's API say more about the page. Sources: Karakeep's code; what importers of Toby rely on.
- wallabag: an annotation's `quote` is the passage, its `text` is the member's note. Article texts are copies of the
  pages and are not imported. Source: the entities of wallabag and the fixtures of its importers, version 1 included.
- Starred items as Google Reader exported them, and Inoreader and FreshRSS still do: labels and the feed's categories
  become tags, states (`com.google/starred`) do not. Inoreader's annotations have the passage (`text`) and a `note`;
  Google's only a comment (`content`). An item's author wrote it and is not its sharer. Sources: importers of
  `starred.json`; files of both.
- Instapaper: items in the folders `Starred` and `Archive` are starred or marked read when they first arrive; in its
  HTML page, headings are folder names. The text selected when the page was saved is a highlight; later highlights are
  not exported. Source: genuine exports.
- Evernote: a note with a source address was clipped from that page, so its text is the entry's body; the text of a note
  without one is the description, written by the member. Pictures and files are not imported, nor is `author`, which
  may be the author of the page. Source: its DTD of exports.

Other flags of a service (archived, public, to be read) are not imported.
"""

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.markup import readable
from florilege.formats.objects import items_of
from florilege.formats.records import Bookmark, bookmark_of, json_reader, mark_of, take_objects, take_rows
from florilege.formats.stream import End, Event, Start, events, links
from florilege.model import BodyKind, Entry

_PINBOARD = bookmark_of(title="description", url="href", html="extended", time="time", tags="tags", separator=r"\s")
_PINBOARD_FEED = bookmark_of(title="d", url="u", html="n", time="dt", handle="a", tags="t")
_DELICIOUS = bookmark_of(title="title", url="url", html="description", tags="tags", time="created", handle="owner")
_KARAKEEP = bookmark_of(
    id="id", title=("title", "content.title"), url=("content.url", "content.sourceUrl"), description="content.text",
    html="content.description", tags="tags", folder="list", note="note", time="createdAt",
)  # fmt: skip
_LINKWARDEN = bookmark_of(
    title="name", url="url", description="description", tags="tags", time="createdAt", folder="in"
)
_TOBY = bookmark_of(
    title=("customTitle", "title"), url="url", description=("customDescription", "description"), folder="in"
)
_WALLABAG = bookmark_of(
    mark_of(id="id", quote="quote", note="text", time="created_at"), marks="annotations", is_html=True,
    id="id", title="title", url=("given_url", "url"), time="created_at", changed="updated_at", tags="tags",
)  # fmt: skip
_STARRED = bookmark_of(
    mark_of(id="id", quote="text", note=("note", "content"), author="author", time="added_on"), marks="annotations",
    id="id", title="title", is_html=True, url=("canonical.href", "alternate.href"), tags="categories",
    time="published", changed="updated", body=("content.content", "summary.content"),
)  # fmt: skip
_INSTAPAPER = bookmark_of(title="title", url="url", time="timestamp", tags="tags", folder="folder", quote="selection")
_NOTE = bookmark_of(
    title="title", url="source-url", time="created", changed="updated", tags="tags", description="words"
)


def read_posts(document: Document) -> Snapshot:
    """The snapshot of a member's posts as XML, by Delicious or Pinboard: the document does not say which."""
    posts: list[dict[str, str]] = []
    owner: str | None = None
    for event in events(document.text, of_html=False):
        if isinstance(event, Start) and event.tag == "posts":
            owner = fields.line(event.attributes.get("user"))
        elif isinstance(event, Start) and event.tag == "post":
            posts.append({**event.attributes, "tags": event.attributes.get("tag", "")})
    collection = Collection(document.warnings)
    sharer = fields.sharer(None, owner)
    take_objects(posts, _PINBOARD, collection, lambda post: replace(post.entry(), sharer=sharer))
    return collection.snapshot("posts-xml")


def read_notes(document: Document) -> Snapshot:
    """The snapshot of an Evernote export."""
    notes: list[dict[str, Any]] = []
    name = ""
    content: list[Event] | None = None
    for event in events(document.text, of_html=False):
        if content is not None and event != End("content"):
            content.append(event)
        elif isinstance(event, Start):
            name = event.tag
            if name == "note":
                notes.append({"tags": []})
            content = [] if name == "content" else None
        elif isinstance(event, End):
            if content is not None and notes:
                notes[-1]["words"] = readable(content)
            name, content = "", None
        elif notes and name == "tag":
            notes[-1]["tags"].append(event)
        elif notes and name:
            notes[-1][name] = notes[-1].get(name, "") + event
    collection = Collection(document.warnings, "Note")
    take_objects(notes, _NOTE, collection, _noted)
    return collection.snapshot("evernote")


def _noted(note: Bookmark) -> Entry:
    """A note as an entry: its text is the body if it was clipped from a page, otherwise the description."""
    entry = note.entry()
    return replace(entry, description=None, body=entry.description, body_kind=BodyKind.TEXT) if entry.url else entry


def read_karakeep(document: Document) -> Snapshot:
    """The snapshot of a Karakeep export, or of a response of its API."""
    whole = document.json if isinstance(document.json, dict) else {}
    names = {str(each.get("id")): each.get("name") for each in items_of(whole, "lists") if isinstance(each, dict)}
    items = [
        {**item, "list": next((names[str(each)] for each in items_of(item, "lists") if str(each) in names), None)}
        if isinstance(item, dict)
        else item
        for item in items_of(whole, "bookmarks")
    ]
    collection = Collection(document.warnings)
    take_objects(items, _KARAKEEP, collection)
    older = collection.is_continued(whole.get("nextCursor"))
    return collection.snapshot("karakeep", older=older, scope="karakeep:list")


def read_linkwarden(document: Document) -> Snapshot:
    """The snapshot of a Linkwarden export."""
    collection = Collection(document.warnings, "Link")
    take_objects([*_inside(document, "collections", "name", "links")], _LINKWARDEN, collection)
    return collection.snapshot("linkwarden", scope="linkwarden:collection")


def read_toby(document: Document) -> Snapshot:
    """The snapshot of a Toby export."""
    collection = Collection(document.warnings, "Card")
    take_objects([*_inside(document, "lists", "title", "cards")], _TOBY, collection)
    return collection.snapshot("toby", scope="toby:list")


def _inside(document: Document, folders: str, name: str, content: str) -> Iterator[object]:
    """The items in all folders, each with the name of its folder added under the key `in`.

    Args:
        document: A JSON object that holds a list of folders.
        folders: The key of that list.
        name: The key of a folder's name.
        content: The key of a folder's list of items.
    """
    for folder in items_of(document.json, folders):
        if isinstance(folder, dict):
            for item in items_of(folder, content):
                yield {**item, "in": folder.get(name)} if isinstance(item, dict) else item


def read_wallabag(document: Document) -> Snapshot:
    """The snapshot of a wallabag export, or of one page of an API response."""
    whole = document.json if isinstance(document.json, dict) else {}
    items = items_of(whole.get("_embedded"), "items") if whole else items_of(document.json, "")
    collection = Collection(document.warnings, "Article")
    take_objects(items, _WALLABAG, collection)
    return collection.snapshot("wallabag", older=collection.is_part_of(whole.get("total")))


def _starred(given: Bookmark) -> Entry:
    """A starred item as an entry: labels are reduced to their names, and states are dropped from its tags."""
    entry = given.entry()
    found = [(tag, _OWNED.fullmatch(tag)) for tag in entry.tags]
    return replace(entry, tags=fields.tags(owned[1] if owned else tag for tag, owned in found))


_OWNED = re.compile(r"user/(?:[^/]*/label/(.*)|.*)")
_STATES = frozenset({"unread", "archive", "starred"})
"""Folders of Instapaper, in lower case, that are states of an article and not places it was filed in."""


def read_instapaper(document: Document) -> Snapshot:
    """The snapshot of an Instapaper export, as CSV or as an HTML page."""
    is_page = document.text.startswith("<")
    collection = Collection(document.warnings, "Link" if is_page else "Row")
    if is_page:
        found = [(link.attributes["href"], link.words, link.heading) for link in links(document.text)]
        take_objects(
            [dict(zip(("url", "title", "folder"), each, strict=True)) for each in found], _INSTAPAPER, collection
        )
    else:
        take_rows(document, _INSTAPAPER, collection)
    for place, folder in enumerate(collection.folders):
        if (state := (folder or "").lower()) in _STATES:
            collection.folders[place] = None
            collection.entries[place] = replace(
                collection.entries[place], was_starred=state == "starred", was_read=state == "archive"
            )
    return collection.snapshot("instapaper-page" if is_page else "instapaper", scope="instapaper:folder")


def _is_article(value: Object) -> bool:
    """Whether an object is an article of wallabag. Similar services (linkding, Readeck) have other field names."""
    is_newer = "is_archived" in value and not {"is_starred", "given_url", "created_at"}.isdisjoint(value)
    return "url" in value and (is_newer or ("is_fav" in value and "is_read" in value))


def _are_articles(value: Object) -> bool:
    return any(_is_article(each) for each in items_of(value.get("_embedded"), "items")[:5] if isinstance(each, dict))


def _is_starred(value: Object) -> bool:
    return "crawlTimeMsec" in value or ("origin" in value and ("alternate" in value or "canonical" in value))


def _are_starred(value: Object) -> bool:
    is_stream = "/state/com.google/" in str(value.get("id", ""))
    return "items" in value and (is_stream or _is_starred(first_of(value, "items")))


def _is_karakeep(value: Object) -> bool:
    return value.get("bookmarks") == [] or has("createdAt", "content")(first_of(value, "bookmarks"))


FORMATS = (
    Format(
        "starred items of Google Reader's kind",
        json_reader("google-reader", _STARRED, "items", noun="Item", cursor="continuation", build=_starred),
        is_object=_are_starred,
        is_element=_is_starred,
    ),
    Format("a Karakeep export", read_karakeep, is_object=_is_karakeep),
    Format(
        "a Linkwarden export",
        read_linkwarden,
        is_object=lambda value: value.get("collections") == [] or "links" in first_of(value, "collections"),
    ),
    Format(
        "a Toby export", read_toby, is_object=lambda value: "version" in value and "cards" in first_of(value, "lists")
    ),
    Format(
        "a wallabag export",
        read_wallabag,
        is_object=_are_articles,
        is_element=_is_article,
    ),
    Format(
        "a Pinboard export",
        json_reader("pinboard", _PINBOARD),
        is_element=has("href", "description", "extended", "time"),
    ),
    Format(
        "a Pinboard feed as JSON",
        json_reader("pinboard-feed", _PINBOARD_FEED, service="pinboard"),
        is_element=has("u", "d", "dt"),
    ),
    Format(
        "a Delicious export",
        json_reader("delicious", _DELICIOUS, service="delicious"),
        is_element=has("url", "created", "owner"),
    ),
    Format("posts of Delicious or Pinboard as XML", read_posts, roots=frozenset({"posts"})),
    Format("notes of Evernote", read_notes, roots=frozenset({"en-export"})),
    Format("an Instapaper export", read_instapaper, is_table=has("url", "title", "selection", "folder")),
    Format(
        "an Instapaper export as a page",
        read_instapaper,
        is_markup=lambda markup: "<title>Instapaper" in markup.beginning,
    ),
)
