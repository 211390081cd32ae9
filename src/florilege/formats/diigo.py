"""Feeds made by Diigo: those of groups and members, and blogs to which it posts a day's bookmarks. No feedparser.

No genuine Diigo feed was available: the shapes are those on which independent readers rely. So everything is
recognised by label and class, never by position, and every part is optional. The format of blog posts was written from
memory, without a sample: a post holds many bookmarks as nested lists, and one without any is left unchanged.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import named, with_remarks
from florilege.formats.diigo_markup import Description, fold_of, linked, parts_by_class
from florilege.formats.markup import Event, Layout, Start, events, readable
from florilege.model import BodyKind, Comment, Entry, Highlight, Sharer
from florilege.text import clean_line, search_key

_HOSTS = re.compile(r"https?://(www\.|groups\.|secure\.)?diigo\.com(/|$)", re.IGNORECASE)
_PROFILE = re.compile(r"^https?://(?:[\w-]+\.)*diigo\.com/(?:profile|user)/([^/?#]+)", re.IGNORECASE)
_GROUP = re.compile(r"^https?://groups\.diigo\.com/group/([^/?#]+)", re.IGNORECASE)
_PASSAGE_CLASS = "annInner"
_LABEL = re.compile(r"<(?:strong|b)>([^<]{0,80})</(?:strong|b)>", re.IGNORECASE)
_SHARER_LABEL = re.compile(r"(^|\s)by$", re.IGNORECASE)
_CONTENT_LABEL = re.compile(r"^(tags|comments|highlights.*)$", re.IGNORECASE)

_TAGS_LABEL = re.compile(r"^\s*tags\s*:?\s*", re.IGNORECASE)
_POST_PARTS = frozenset({"diigo-link", "diigo-description", "diigo-tags", "diigo-annotations", "diigo-ps"})
"""Classes of the parts of a bookmark in a blog post; `diigo-ps` is what Diigo writes below the post."""


def is_diigo(snapshot: Snapshot) -> bool:
    """Whether Diigo made a feed: by its site, or by the class or labels that Diigo writes into descriptions."""
    return is_at_diigo(snapshot) or any(
        _is_diigo_markup(entry.body) for entry in snapshot.entries if entry.body and entry.body_kind is BodyKind.HTML
    )


def is_at_diigo(snapshot: Snapshot) -> bool:
    """Whether the site of a feed is at Diigo: then Diigo made the feed, whatever its entries look like."""
    return bool(_HOSTS.match(snapshot.site or ""))


def from_feed(snapshot: Snapshot, *, shows_highlights: bool = False) -> Snapshot:
    """The snapshot of a feed made by Diigo, with highlights, comments and tags extracted from its descriptions.

    Args:
        snapshot: The feed as read by the generic feed reader.
        shows_highlights: Whether entries of the feed that are not in the snapshot have highlights.
    """
    owner = handle_of(snapshot.site)
    group = _GROUP.match(snapshot.site or "")
    default = fields.sharer(None, owner) if owner else None
    entries = tuple(_entry(entry, default) for entry in snapshot.entries)
    if not shows_highlights and not any(entry.highlights for entry in entries):
        # Older user feeds carry no highlights at all, so a missing one was not necessarily deleted.
        entries = tuple(msgspec.structs.replace(entry, all_highlights=False) for entry in entries)
    identity = group_identity(unquote(group[1])) if group else f"diigo:user:{owner}" if owner else None
    return msgspec.structs.replace(snapshot, kind="diigo-rss", entries=entries, identity=identity)


def group_identity(name: str) -> str:
    """The stable identity of a group, from its title or its name in addresses, where spaces are `-` or `_`."""
    words = re.findall(r"[^\W_]+", search_key(clean_line(name)))
    return f"diigo:group:{'_'.join(words)}"


def handle_of(address: str | None) -> str | None:
    """The account name in the address of a Diigo profile; None for any other address."""
    match = _PROFILE.match(address or "")
    return fields.line(unquote(match[1])) if match else None


def is_diigo_address(address: str) -> bool:
    """Whether an address is on diigo.com."""
    return bool(_HOSTS.match(address))


def _is_diigo_markup(markup: str) -> bool:
    """Whether a description has the class of Diigo's passages, or the label of the sharer and another known label."""
    if _PASSAGE_CLASS in markup and any(
        isinstance(event, Start) and _PASSAGE_CLASS in event.classes for event in events(markup)
    ):
        return True
    labels = [label.strip().removesuffix(":").rstrip() for label in _LABEL.findall(markup)]
    return any(map(_SHARER_LABEL.search, labels)) and any(map(_CONTENT_LABEL.search, labels))


def _entry(entry: Entry, owner: Sharer | None) -> Entry:
    """An entry with its description split into its parts; what the description lacks is taken from the feed elements.

    Args:
        entry: The entry as read by the generic feed reader.
        owner: The member whose feed it is; None for the feed of a group.
    """
    parts = Description(entry.body or "")
    highlights: list[Highlight] = []
    notes: list[Comment] = []
    description, folds = _without_folds(fields.prose(readable(parts.description)))
    folded, announced = sum(folds), sum(folds)
    for passage in parts.passages:
        quote = fields.prose(readable(passage.events, Layout.PASSAGE))
        if quote and (hidden := fold_of(quote)) is not None:
            folded, announced = folded + hidden, len(highlights) + hidden
        elif quote:
            comments = tuple(passage.comments)
            highlights.append(Highlight(id="", quote=quote, colour=fields.line(passage.colour), comments=comments))
        else:
            notes.extend(passage.comments)
    links, text = linked(parts.sharer)
    names = [*(link for link in links if link[1]), (text, ""), *links]
    name, address = next(filter(any, names), ("", ""))
    return msgspec.structs.replace(
        entry,
        sharer=fields.sharer(name, handle_of(address)) or entry.sharer or owner,
        tags=fields.tags([*_tags(parts.tags), *entry.tags]),
        description=description or entry.description,
        highlights=named(highlights),
        notes=tuple(notes),
        comments=tuple(parts.comments),
        folded=folded or None,
        incomplete=entry.incomplete or len(highlights) < announced,
        all_highlights=not (entry.incomplete or folded),
        body_kind=BodyKind.TAKEN_APART if entry.body else entry.body_kind,
    )


def _tags(stream: list[Event]) -> list[str]:
    """The tags: the texts of the links, or without links a comma-separated list."""
    links, text = linked(stream)
    return [words for words, _ in links] or fields.comma_list(_TAGS_LABEL.sub("", text))


def _without_folds(text: str | None) -> tuple[str | None, list[int]]:
    """A description without its fold lines, and the number of folded highlights in each of them."""
    if not text or "more" not in text:
        return text, []
    lines = [(line, fold_of(line)) for line in text.split("\n")]
    kept = "\n".join(line for line, folded in lines if folded is None)
    return fields.prose(kept), [folded for _, folded in lines if folded is not None]


def is_blog(snapshot: Snapshot) -> bool:
    """Whether any entry of a feed is a list of bookmarks posted by Diigo."""
    return any(_bookmarks_in(entry.body) for entry in snapshot.entries)


def from_blog(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a blog, in which each post by Diigo is replaced by its bookmarks; other posts are unchanged."""
    entries: list[Entry] = []
    for post in snapshot.entries:
        entries.extend([_from_post(each, post) for each in _bookmarks_in(post.body)] or [post])
    return msgspec.structs.replace(snapshot, kind="diigo-blog", entries=tuple(entries))


def _bookmarks_in(markup: str | None) -> list[list[tuple[str, list[Event]]]]:
    """The bookmarks of a post, each as its parts."""
    return parts_by_class(markup, "diigo-link", _POST_PARTS) if markup and "diigo-link" in markup else []


def _from_post(parts: list[tuple[str, list[Event]]], post: Entry) -> Entry:
    """A bookmark as an entry; sharer and dates are those of the post."""
    of: defaultdict[str, list[Event]] = defaultdict(list)
    for name, stream in parts:
        of[name] += [*stream, Start("br", {})]
    said: list[tuple[bool, str]] = []
    for depth, stream in _list_items(of["diigo-annotations"]):
        if words := fields.prose(readable(stream, Layout.PASSAGE)):
            said.append((depth == 0 or not said, words))
    addresses = (fields.address(address) for _, address in linked(of["diigo-link"])[0])
    return Entry(
        title=fields.line(readable(of["diigo-link"], Layout.PASSAGE)) or "",
        url=next(filter(None, addresses), None),
        discussion_url=post.url,
        sharer=post.sharer,
        shared_at=post.shared_at,
        updated_at=post.updated_at,
        date_text=post.date_text,
        tags=fields.tags(_tags(of["diigo-tags"])),
        description=fields.prose(readable(of["diigo-description"])),
        highlights=named(with_remarks(said)),
        incomplete=post.incomplete,
        all_highlights=not post.incomplete,
    )


def _list_items(stream: Iterable[Event]) -> list[tuple[int, list[Event]]]:
    """The items of a list and those inside it, each with its depth: 0 for an annotation, more for a comment on it."""
    found: list[tuple[int, list[Event]]] = []
    depth = 0
    for event in stream:
        if isinstance(event, str) or event.tag not in {"ul", "ol", "li"}:
            if found:
                found[-1][1].append(event)
        elif event.tag != "li":
            depth += 1 if isinstance(event, Start) else -1
        elif isinstance(event, Start):
            found.append((depth, []))
    return found
