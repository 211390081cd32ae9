"""The Atom and RSS streams of Hypothes.is: one entry an annotation, folded into one item a document.

A feed does not tell the annotated address, so annotations are folded by the document's title, and the link of an item
is unknown; the annotation's own page is where it is talked about. Tags and group are not told either.
Source: the code of hypothesis/h.
"""

import re

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.group_by_page import Annotation, group_by_page
from florilege.formats.hypothesis import member, words
from florilege.model import Entry
from florilege.text import fold as folded

KIND = "hypothesis-feed"

_ID = re.compile(r"tag:hypothes\.is,[\d-]+:(.+)")
_PARTS = re.compile(r"\s*<blockquote>(.*?)</blockquote>(.*)", re.DOTALL)
"""Quote and words. The service escapes them once together with the tags, so neither is HTML: `<` and `&` are meant.
A quote that holds the end tag itself can't be told from one that does not."""
_HOST = "hypothes.is"


def is_hypothesis(snapshot: Snapshot) -> bool:
    """Whether a feed was made by Hypothes.is: its identifiers say so."""
    return any(entry.native_id and _ID.fullmatch(entry.native_id) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a stream, folded by document."""
    annotations = [_annotation(entry, number) for number, entry in enumerate(snapshot.entries)]
    return msgspec.structs.replace(snapshot, kind=KIND, entries=group_by_page(annotations))


def _annotation(entry: Entry, number: int) -> Annotation:
    """An entry as an annotation. A document without title is one of its own."""
    known = _ID.fullmatch(entry.native_id or "")
    parts = _PARTS.fullmatch(entry.body or "")
    name = entry.sharer.label if entry.sharer else ""
    author = member(f"acct:{name}@{_HOST}", name) if name else None
    page = f"hypothesis:title:{folded(entry.title)}" if entry.title else entry.native_id or f"hypothesis:{number}"
    return Annotation(
        page=page,
        id=known[1] if known else entry.native_id,
        title=entry.title,
        site=entry.url,
        author=author,
        made_at=entry.shared_at,
        updated_at=entry.updated_at,
        date_text=entry.date_text,
        quote=fields.prose(parts[1]) if parts else None,
        words=words(parts[2] if parts else entry.body, author, entry.shared_at),
    )
