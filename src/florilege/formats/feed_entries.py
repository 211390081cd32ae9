"""Converts feedparser's dictionaries for elements of a feed to entries; reads a feed's refresh interval and paging.

Depends on the form of these dictionaries, but not on feedparser itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from florilege.formats import fields
from florilege.formats.dates import read_date
from florilege.formats.markup import Start, events, looks_like_html
from florilege.model import BodyKind, Entry, Sharer
from florilege.urls import scheme_of

_BLOGGER_KIND = "http://schemas.google.com/g/2005#kind"
_OTHER_VOCABULARIES = ("http://search.yahoo.com/mrss", "http://www.itunes.com/", _BLOGGER_KIND)
"""Prefixes of schemes of categories that feedparser adds to the tags although nobody chose them as tags."""
_COMMUNITY_AUTHOR = re.compile(r"[\w.-]+\.\w+ (?:by|via) (\S+)")
"""`example.org by ann`, the form of authors in feeds of Lobsters."""
_REL_TAG = re.compile(r"""\brel\s*+=\s*+["']?[^"'<>]{0,100}?\btag\b""", re.IGNORECASE)

Fields = Mapping[str, Any]
"""feedparser's dictionary for a feed or an element, or for a part of one."""


def is_shared(element: Fields) -> bool:
    """Whether an element is a published post or page.

    Exports of WordPress and Blogger also contain drafts, attachments, menus, settings and comments.
    """
    kinds = {str(tag.get("term")) for tag in element.get("tags") or () if tag.get("scheme") == _BLOGGER_KIND}
    return (
        all(kind.endswith("#post") for kind in kinds)
        and (_word(element, "wp_post_type") or "post") in {"post", "page"}
        and (_word(element, "wp_status") or "publish") in {"publish", "inherit"}
        and (_word(element, "blogger_type") or "POST") == "POST"
        and (_word(element, "blogger_status") or "LIVE") == "LIVE"
        and element.get("app_draft") != "yes"
    )


def _word(element: Fields, key: str) -> str | None:
    """A field unknown to feedparser, if it is text: with attributes in the document it is an object."""
    value: object = element.get(key)
    return value if isinstance(value, str) else None


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an entry depends on besides its element."""

    kind: str
    """`rss`, `atom` or `rdf`."""
    base: str | None
    """Base for relative addresses, if the feed gives one."""
    default: Sharer | None
    """The sharer of entries that name none, nor does their `source`: the author of the feed, in Atom."""
    of_bookmarks: bool
    """Whether the feed comes from a bookmark service: then a single category may contain several tags, and the
    description is by the sharer."""
    namespaces: dict[str, str]
    """The declared namespaces by prefix."""


def entry_of(element: Fields, context: Context) -> Entry:
    """Convert an element of a feed to an entry."""
    url = fields.address(_link(element), context.base)
    body, body_kind, description = _texts(element)
    if context.of_bookmarks and description is None:
        body, description = None, fields.description(body)
    published, updated = read_date(element.get("published")), read_date(element.get("updated"))
    written = element.get("published") or element.get("updated")
    if published is None and not element.get("published") and context.kind != "atom":
        # RSS 1.0 has no other date than dc:date, which feedparser takes for the date of an update.
        published, updated = updated, None
    discussion = fields.address(_discussion(element), context.base)
    return Entry(
        native_id=fields.line(element.get("id")),
        title=title_of(element, context.kind),
        url=url,
        discussion_url=discussion if discussion != url else None,
        sharer=sharer_of(element) or sharer_of(element.get("source") or {}) or context.default,
        shared_at=published,
        updated_at=updated,
        date_text=None if published or updated else fields.line(written),
        tags=_tags(element, packed=context.of_bookmarks) or _tags_in(body if body_kind is BodyKind.HTML else None),
        description=description,
        all_highlights=False,
        body=body,
        body_kind=body_kind,
    )


def title_of(element: Fields, kind: str) -> str:
    """The title as a line of text. RSS does not declare its type, and feedparser too rarely takes it as HTML."""
    title: str = element.get("title") or ""
    is_html = (element.get("title_detail") or {}).get("type") != "text/plain"
    return fields.title(title, is_html=is_html or (kind != "atom" and looks_like_html(title)))


def _link(element: Fields) -> str | None:
    """The address of the shared page, rather than of FeedBurner's redirect; else of a file, such as an episode.

    The file may also be the content of an entry. A guid is used only if it is a web address.
    """
    original = _word(element, "feedburner_origlink")
    if original and scheme_of(original) in {"http", "https"}:
        return original
    link: str | None = element.get("link")
    if element.get("guidislink") and link == element.get("id") and scheme_of(link or "") not in {"http", "https"}:
        link = None
    sources = (each.get("src") for each in element.get("content") or ())
    return link or next(linked(element, "alternate", "enclosure"), None) or next(filter(None, sources), None)


def linked(element: Fields, *relations: str) -> Iterator[str]:
    """Yield the addresses of links with one of these relations, in the order of the relations."""
    for relation in relations:
        for link in element.get("links") or ():
            if link.get("rel") == relation and (address := fields.line(link.get("href"))):
                yield address


def _discussion(element: Fields) -> str | None:
    """The address of the item's discussion: from the `comments` element, or Atom's `replies`, best a page."""
    comments: str | None = element.get("comments")
    replies: list[Fields] = [link for link in element.get("links") or () if link.get("rel") == "replies"]
    return comments or min(replies, key=lambda link: "atom" in str(link.get("type")), default={}).get("href")


def _texts(element: Fields) -> tuple[str | None, BodyKind, str | None]:
    """The body, its kind, and a description: the summary, if it differs from the body."""
    contents: list[Fields] = [each for each in element.get("content") or [] if each.get("value")]
    summary: Fields = element.get("summary_detail") or {}
    chosen = next(filter(_is_html, contents), next(iter(contents), summary))
    value = chosen.get("value")
    if not value:
        caption = fields.prose(_word(element, "media_caption"))
        is_text = caption and "</" not in caption and not looks_like_html(caption)
        return caption, BodyKind.TEXT if is_text else BodyKind.HTML, None
    remark = _plain(summary) if contents and summary.get("value") != value else None
    if remark and remark == _plain(chosen):
        remark = None
    return fields.prose(value), BodyKind.HTML if _is_html(chosen) else BodyKind.TEXT, remark


def _is_html(detail: Fields) -> bool:
    """Whether feedparser declares a text as HTML."""
    return detail.get("type") in {"text/html", "application/xhtml+xml"}


def _plain(detail: Fields) -> str | None:
    """A text without its markup."""
    return (fields.page_text if _is_html(detail) else fields.prose)(detail.get("value"))


def sharer_of(element: Fields) -> Sharer | None:
    """The sharer: the first author with a name, else the email address of the first author."""
    authors: list[Fields] = [each for each in element.get("authors") or [] if each]
    name = next((found for each in authors if (found := fields.line(each.get("name")))), None)
    if name and looks_like_html(name):
        name = fields.title(name, is_html=True)
    if name and (community := _COMMUNITY_AUTHOR.fullmatch(name)):
        name = community[1]
    return fields.sharer(name or next((each.get("email") for each in authors), None))


def _tags(element: Fields, *, packed: bool) -> tuple[str, ...]:
    """The tags of an element, one per category; not split, since tags may contain spaces and commas.

    Only RSS 1.0 of bookmark services, which declare the taxonomy module, has all tags in one `dc:subject` (`packed`).
    """
    tags: list[Fields] = element.get("tags") or []
    words = [
        tag.get("label") or tag.get("term")
        for tag in tags
        if not str(tag.get("scheme") or "").startswith(_OTHER_VOCABULARIES)
    ]
    if packed and len(words) == 1 and words[0]:
        words = words[0].split()
    return fields.tags(words)


def _tags_in(markup: str | None) -> tuple[str, ...]:
    """The texts of links with `rel="tag"` in a body. Source: microformats.org/wiki/rel-tag."""
    if not markup or ("rel=" not in markup and "REL" not in markup) or not _REL_TAG.search(markup):
        return ()
    words: list[str] = []
    is_tag = False
    for event in events(markup):
        if isinstance(event, str):
            if is_tag:
                words[-1] += event
        elif event.tag == "a":
            is_tag = isinstance(event, Start) and "tag" in event.attributes.get("rel", "").lower().split()
            words.extend([""] * is_tag)
    return fields.tags(word.strip().removeprefix("#") for word in words)


_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""Values of `sy:updatePeriod` in seconds. Source: the syndication module of RSS 1.0."""
_LONGEST = 31_536_000
"""Maximum refresh interval in seconds; longer ones are mistakes."""


def refresh_after(feed: Mapping[str, Any]) -> int | None:
    """The longest refresh interval that a feed asks for, in seconds; None if it asks for none.

    `ttl` is in minutes; `sy:updatePeriod` is divided by `sy:updateFrequency`, which defaults to 1.
    """
    said = []
    if minutes := _whole(feed, "ttl"):
        said.append(minutes * 60)
    if period := _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower()):
        said.append(period // (_whole(feed, "sy_updatefrequency") or 1))
    return min(max(said), _LONGEST) if said else None


def _whole(feed: Mapping[str, Any], name: str) -> int:
    """A field as an integer; 0 if it is missing or not one of up to nine digits."""
    text = str(feed.get(name) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
