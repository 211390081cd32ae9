"""Bookmarks in the browsers' own formats: the file `Bookmarks` of Chromium-based browsers, and backups of Firefox.

Both are trees of JSON, whose folders become parts. Chrome counts microseconds from 1601, Firefox from 1970. Firefox
keeps tags as text in a bookmark, in older backups as folders under `tagsFolder`; its saved searches (`place:`) are
skipped. Sources: files of Chrome and of Firefox; chromium's `bookmark_codec.cc`; Firefox's `PlacesBackups`.
"""

import re
from collections.abc import Iterator
from typing import Any

from florilege.formats import Snapshot
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object
from florilege.formats.document import Document
from florilege.formats.netscape import FOLDER, is_page
from florilege.formats.objects import items_of
from florilege.formats.records import bookmark_of, take_objects

_CHROME = bookmark_of(id="guid", title="name", url="url", time="time", folder="folder")
_FIREFOX = bookmark_of(
    id="guid", title="title", url="uri", time="dateAdded", changed="lastModified", tags="tags", description="remark",
    folder="folder",
)  # fmt: skip
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


def read_chrome(document: Document) -> Snapshot:
    """The snapshot of Chrome's file `Bookmarks`."""
    roots = document.json.get("roots") if isinstance(document.json, dict) else None
    trees = [tree for name, tree in roots.items() if name != "trash"] if isinstance(roots, dict) else []
    found = [leaf for tree in trees for leaf in _leaves(tree, "name") if is_page(_line(leaf, "url"))]
    for leaf in found:
        added = _line(leaf, "date_added") or ""
        leaf["time"] = max(0, int(added) - _SINCE_1601) if _MICROSECONDS.fullmatch(added) else None
    collection = Collection(document.warnings)
    take_objects(found, _CHROME, collection)
    return collection.snapshot("chrome", scope="chrome:folder")


def read_firefox(document: Document) -> Snapshot:
    """The snapshot of a Firefox backup."""
    tags: dict[str | None, list[str]] = {}
    found: list[_Node] = []
    for leaf in _leaves(document.json, "title"):
        if "tag" in leaf:
            tags.setdefault(_line(leaf, "uri"), []).append(leaf["tag"])
        elif is_page(_line(leaf, "uri")):
            notes = (each for each in items_of(leaf, "annos") if isinstance(each, dict))
            remarks = (each.get("value") for each in notes if each.get("name") == _REMARK)
            found.append({**leaf, "remark": next(remarks, None)})
    for leaf in found:
        if more := tags.get(_line(leaf, "uri")):
            leaf["tags"] = [*(_line(leaf, "tags") or "").split(","), *more]
    collection = Collection(document.warnings)
    take_objects(found, _FIREFOX, collection)
    return collection.snapshot("firefox", scope="firefox:folder")


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
                yield {**node, "folder": FOLDER.join(folders), **tag}
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


def _is_chrome(value: Object) -> bool:
    roots = value.get("roots")
    return isinstance(roots, dict) and any(root in roots for root in _CHROME_ROOTS)


def _is_firefox(value: Object) -> bool:
    return value.get("type") == "text/x-moz-place-container" or value.get("root") == "placesRoot"


FORMATS = (
    Format("the bookmarks of Chrome", read_chrome, is_object=_is_chrome),
    Format("a backup of Firefox's bookmarks", read_firefox, is_object=_is_firefox),
)
