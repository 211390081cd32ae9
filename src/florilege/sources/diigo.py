"""Descriptions of Diigo's group and user feeds, taken apart. Knows HTML through `markup`; no feedparser, no JSON.

No genuine Diigo feed was at hand: the shapes are those on which independent readers rely. So everything is
recognised by label and class, never by position, and every part is optional. Source: FORMATS 1.3 and 1.4.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import unquote

import msgspec

from florilege.model import BodyKind, Comment, Entry, Highlight, Sharer
from florilege.sources import Snapshot, fields
from florilege.sources.dates import read_date
from florilege.sources.diigo_markup import take_apart
from florilege.sources.diigo_parts import Remark
from florilege.sources.identity import named
from florilege.sources.markup import Layout, readable

KIND = "diigo-rss"

_HOSTS = re.compile(r"https?://(www\.|groups\.|secure\.)?diigo\.com(/|$)", re.IGNORECASE)
_PROFILE = re.compile(r"^https?://(?:[\w-]+\.)*diigo\.com/(?:profile|user)/([^/?#]+)", re.IGNORECASE)
_PASSAGE_CLASS = re.compile(r"""class=["']?[^"'>]*\bannInner\b""")
_LABEL = re.compile(r"<(?:strong|b)>\s*([^<]{0,40}?)\s*:?\s*</(?:strong|b)>", re.IGNORECASE)
_SHARER_LABEL = re.compile(r"(^|\s)by$", re.IGNORECASE)
_CONTENT_LABEL = re.compile(r"^(tags|comments|highlights.*)$", re.IGNORECASE)


def is_diigo(snapshot: Snapshot) -> bool:
    """Whether a feed was made by Diigo: its site is, or a description has the class or the labels that Diigo writes."""
    return bool(_HOSTS.match(snapshot.site or "")) or any(
        _is_diigo_markup(entry.body) for entry in snapshot.entries if entry.body and entry.body_kind is BodyKind.HTML
    )


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a feed made by Diigo, its descriptions taken apart."""
    owner = _PROFILE.match(snapshot.site or "")
    default = fields.sharer(None, unquote(owner[1])) if owner else None
    entries = tuple(_entry(entry, default) for entry in snapshot.entries)
    if not any(entry.highlights for entry in entries):
        # Older user feeds carry none at all: then a missing highlight has not gone.
        entries = tuple(msgspec.structs.replace(entry, all_highlights=False) for entry in entries)
    return msgspec.structs.replace(snapshot, kind=KIND, entries=entries)


def _is_diigo_markup(markup: str) -> bool:
    """Whether a description has the class of Diigo's passages, or a label of the sharer and another one."""
    if _PASSAGE_CLASS.search(markup):
        return True
    labels = _LABEL.findall(markup)
    return any(map(_SHARER_LABEL.search, labels)) and any(map(_CONTENT_LABEL.search, labels))


def _entry(entry: Entry, owner: Sharer | None) -> Entry:
    """One entry with its description taken apart. What the feed says in elements of its own fills the gaps.

    Args:
        entry: The entry as any feed.
        owner: Whose bookmarks these are, when the feed is that of a member.
    """
    parts = take_apart(entry.body or "")
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    for passage in parts.passages:
        comments = _comments(passage.remarks)
        quote = fields.prose(readable(passage.events, Layout.PASSAGE))
        if quote:
            highlights.append(Highlight(id="", quote=quote, colour=fields.line(passage.colour), comments=comments))
        else:
            notes.extend(comments)
    name, handle = _sharer(parts.sharer_text, parts.sharer_link)
    known = entry.sharer or owner
    if not name and not handle and known:
        name, handle = known.name, known.handle
    return msgspec.structs.replace(
        entry,
        sharer=fields.sharer(name, handle),
        tags=fields.tags([*(parts.tag_links or fields.comma_list(parts.tag_text.strip(" :\n"))), *entry.tags]),
        description=fields.prose(readable(parts.description)) or entry.description,
        highlights=named(highlights),
        notes=tuple(notes),
        comments=_comments(parts.remarks),
        all_highlights=not entry.incomplete,
        body_kind=BodyKind.TAKEN_APART if entry.body else entry.body_kind,
    )


def _sharer(text: str, link: str) -> tuple[str | None, str | None]:
    """Name and handle of the sharer."""
    match = _PROFILE.match(link)
    return text if link else text.strip(" :\n\xa0"), unquote(match[1]) if match else None


def _comments(remarks: Iterable[Remark]) -> tuple[Comment, ...]:
    """Comments, those without text left out."""
    return tuple(comment for comment in map(_comment, remarks) if comment.text)


def _comment(remark: Remark) -> Comment:
    """A list item as a comment: `TEXT - NAME on DATE`, where the part after the last dash was in small print."""
    text = fields.prose(readable(remark.events, Layout.PASSAGE)) or ""
    if not remark.tail:
        return Comment(text=text)
    author, made_at = _signature(fields.line(readable(remark.tail, Layout.PASSAGE)) or "")
    return Comment(text=re.sub(r"\s*-$", "", text), author=author, made_at=made_at)


def _signature(tail: str) -> tuple[str | None, datetime | None]:
    """Who and when, from `NAME on DATE`. Without a date that can be read it is all name."""
    name, _, date = tail.rpartition(" on ")
    made_at = read_date(date)
    if made_at is None:
        return tail.removeprefix("by ") or None, None
    return name.strip().removeprefix("by ") or None, made_at
