"""Bookmarks as browsers keep them: the file `Bookmarks` of Chrome and its kin, and the backup of Firefox.

Both are trees of JSON, and folders are parts. Chrome counts microseconds since 1601; Firefox counts them since 1970,
and keeps tags as words of a bookmark, in older backups as folders under `tagsFolder`. Searches (`place:`) are none.
Sources: files of Chrome and of Firefox; chromium's `bookmark_codec.cc`; Firefox's `PlacesBackups`.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.netscape import FOLDER, is_page
from florilege.formats.recognise import Format, Object
from florilege.model import Entry

KIND_CHROME = "chrome"
KIND_FIREFOX = "firefox"

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CHROME_ROOTS = ("bookmark_bar", "other", "synced")
_SHOWN_AS = {
    "menu": "Bookmarks Menu",
    "toolbar": "Bookmarks Toolbar",
    "unfiled": "Other Bookmarks",
    "mobile": "Mobile Bookmarks",
}
"""How Firefox shows the folders that everybody has; the backup has its own names for them."""
_EARLIEST = 1970
"""A year in which no browser was."""
_MICROSECONDS = re.compile(r"\d{1,17}", re.ASCII)
_REMARK = "bookmarkProperties/description"
"""What older Firefoxes called the remark on a bookmark."""


def read_chrome(document: Document) -> Snapshot:
    """The snapshot of a file of Chrome."""
    collection = Collection(document.warnings)
    roots = document.json.get("roots") if isinstance(document.json, dict) else None
    trees = [tree for name, tree in roots.items() if name != "trash"] if isinstance(roots, dict) else []
    leaves = [leaf for tree in trees for leaf in _leaves(tree, "name")]
    for number, (folder, node) in enumerate(leaves, start=1):
        if is_page(_line(node, "url")):
            collection.add(number, _from_chrome(node), folder=folder)
    return collection.snapshot(KIND_CHROME, scope="chrome:folder")


def read_firefox(document: Document) -> Snapshot:
    """The snapshot of a backup of Firefox."""
    collection = Collection(document.warnings)
    tags: dict[str, list[str]] = {}
    leaves = [*_leaves(document.json, "title")]
    kept = [(folder, node) for folder, node in leaves if node.get("_tag") is None]
    for _, node in leaves:
        if node.get("_tag") is not None:
            tags.setdefault(_line(node, "uri") or "", []).append(node["_tag"])
    for number, (folder, node) in enumerate(kept, start=1):
        if is_page(_line(node, "uri")):
            collection.add(number, _from_firefox(node, tags.get(_line(node, "uri") or "", [])), folder=folder)
    return collection.snapshot(KIND_FIREFOX, scope="firefox:folder")


def _leaves(root: object, name: str) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """The bookmarks of a tree in its order, each with the names of the folders it is in. Deep trees are no trouble."""
    waiting: list[tuple[object, tuple[str, ...], str | None]] = [(root, (), None)]
    while waiting:
        node, folders, tag = waiting.pop()
        if not isinstance(node, dict):
            continue
        children = node.get("children")
        if not isinstance(children, list):
            if "url" in node or "uri" in node:
                yield FOLDER.join(folders) or None, node if tag is None else {**node, "_tag": tag}
            continue
        own = _line(node, name)
        if "root" in node:
            own = _SHOWN_AS.get(own or "", own)
        within = folders if own is None or node.get("root") == "placesRoot" else (*folders, own)
        for child in reversed(children):
            is_tag = node.get("root") == "tagsFolder" and isinstance(child, dict)
            waiting.append((child, within, _line(child, name) if is_tag else tag))


def _from_chrome(node: dict[str, Any]) -> Entry:
    """A bookmark of Chrome as an entry."""
    return Entry(
        native_id=_line(node, "guid"),
        title=fields.title(_line(node, "name"), is_html=False),
        url=fields.address(_line(node, "url")),
        shared_at=_since_1601(_line(node, "date_added")),
        all_highlights=False,
    )


def _from_firefox(node: dict[str, Any], tags: list[str]) -> Entry:
    """A bookmark of Firefox as an entry."""
    shared_at, date_text = dated(_number(node.get("dateAdded")))
    remarks = [
        each.get("value") for each in _list(node, "annos") if isinstance(each, dict) and each.get("name") == _REMARK
    ]
    return Entry(
        native_id=_line(node, "guid"),
        title=fields.title(_line(node, "title"), is_html=False),
        url=fields.address(_line(node, "uri")),
        shared_at=shared_at,
        updated_at=dated(_number(node.get("lastModified")))[0],
        date_text=date_text,
        tags=fields.tags([*fields.comma_tags(_line(node, "tags")), *tags]),
        description=next((fields.prose(remark) for remark in remarks if isinstance(remark, str)), None),
        all_highlights=False,
    )


def _since_1601(text: str | None) -> datetime | None:
    """The moment of a number of microseconds since 1601, as Windows counts."""
    if text is None or not _MICROSECONDS.fullmatch(text):
        return None
    moment = _EPOCH + timedelta(microseconds=int(text))
    return moment if moment.year > _EARLIEST else None


def _line(node: object, key: str) -> str | None:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else None


def _list(node: dict[str, Any], key: str) -> list[Any]:
    found = node.get(key)
    return found if isinstance(found, list) else []


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_chrome(value: Object) -> bool:
    roots = value.get("roots")
    return isinstance(roots, dict) and any(root in roots for root in _CHROME_ROOTS)


def _is_firefox(value: Object) -> bool:
    return value.get("type") == "text/x-moz-place-container" or value.get("root") == "placesRoot"


FORMATS = (
    Format("the bookmarks of Chrome", read_chrome, is_object=_is_chrome),
    Format("a backup of Firefox's bookmarks", read_firefox, is_object=_is_firefox),
)
