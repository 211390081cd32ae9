"""Readers for services that keep pages to read later, some of them closed: exports and API responses.

None of them says who shared a page: an author is not a sharer. Flags of a service (archived, public, read) are not
imported, except those of Instapaper.

- Instapaper: items in the folders `Starred` and `Archive` are starred or marked read when they first arrive; in its
  HTML page, headings are folder names. The text selected when the page was saved is a highlight; later highlights are
  not exported. Source: genuine exports.
- Omnivore: its ZIP export, or one of the JSON lists of articles in it. Highlights are only in the ZIP, in a Markdown
  file per article that is named after its slug; their labels also become tags of the item. Source: the code of
  omnivore-app/omnivore.
- Pocket: its ZIP export, one of the files in it, an answer of its API, or the HTML page that it exported earlier.
  Highlights are joined to articles by address. No genuine HTML page was available; its shape is the one on which
  independent readers rely: `li` and `a` with `time_added` (seconds) and `tags` (comma-separated), under the headings
  `Unread` and `Read Archive`, which are states of an article and not folders. Sources: fixtures of wallabag/wallabag
  for the CSV; other importers for the highlights; the importer of ArchiveBox for the page.
- Readwise: its JSON export of highlights, in which discarded ones are left out; Reader's API responses, in which a
  highlight is a document whose parent is the page, and a note is a document whose parent is a highlight; and Reader's
  CSV, which holds no highlights. Sources: readwise.io/api_deets, readwise.io/reader_api.
- Starred items as Google Reader exported them, and Inoreader and FreshRSS still do: labels and the feed's categories
  become tags, states (`com.google/starred`) do not. Inoreader's annotations have the passage (`text`) and a `note`;
  Google's only a comment (`content`). Sources: importers of `starred.json`; files of both.
- wallabag: an annotation's `quote` is the passage, its `text` is the member's note. Article texts are copies of the
  pages and are not imported. Source: the entities of wallabag and the fixtures of its importers, version 1 included.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, named, parted
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.markup import links
from florilege.formats.records import (
    Bookmark,
    bookmark_of,
    items_of,
    mark_of,
    reader,
    table_reader,
    take,
    take_objects,
)
from florilege.formats.table import read_rows
from florilege.model import Comment, Entry, Highlight
from florilege.urls import canonical

_OMNIVORE = bookmark_of(
    id="id", title="title", url="url", description="description", tags="labels", time="savedAt", changed="updatedAt",
    file="slug",
)  # fmt: skip
_POCKET = bookmark_of(title="title", url="url", time="time_added", tags="tags", separator=r"\|")
_POCKET_PAGE = bookmark_of(mark_of(quote="quote", time="created_at"), marks="highlights", title="title", url="url")


def _instapaper(saved: Bookmark) -> Entry:
    """A saved page as an entry, with the text selected on it, and its state, which is given as a folder."""
    state = str(saved.folder or "").lower()
    highlights, _ = parted([Highlight(id="", quote=fields.quote(saved.extra))])
    return replace(saved.entry(), highlights=highlights, was_starred=state == "starred", was_read=state == "archive")


def _links(document: Document) -> Iterator[object]:
    return links(document.text)


_OMNIVORE_FILES = r"metadata_\d+_to_\d+\.json|.+\.md"
_LABELS = re.compile(r"#\S+(\s+#\S+)*")
_BLOCKS = re.compile(r"\n[ \t]*\n+")


def read_omnivore(document: Document) -> Snapshot:
    """The snapshot of an export of Omnivore: the whole archive, or a single list of articles."""
    collection = Collection(document.warnings)
    files = list(document.members(_OMNIVORE_FILES)) if document.data.startswith(b"PK") else [("", document)]
    marked = {name.removesuffix(".md"): inner.text for name, inner in files if name.endswith(".md")}

    def entry(article: Bookmark) -> Entry:
        found = article.entry()
        annotations = _annotations(marked.get(article.file or "", ""))
        highlights, notes = parted(annotations)
        tags = fields.tags([*found.tags, *(tag for each in annotations for tag in each.tags)])
        return replace(found, tags=tags, notes=notes, highlights=highlights, all_highlights=bool(marked))

    for name, inner in files:
        if not name.endswith(".md") and not take(inner, _OMNIVORE, collection, build=entry):
            document.warnings.append("A list of articles in the archive holds none that can be read.")
    return collection.snapshot("omnivore")


def _annotations(markdown: str) -> list[Highlight]:
    """The highlights in a Markdown file: each a quoted block, followed perhaps by a line of labels and a note.

    Those before the first one are about the page.
    """
    highlights: list[Highlight] = []
    for block in _BLOCKS.split(markdown.replace("\r\n", "\n").strip()):
        words = block.strip()
        if words.startswith(">"):
            lines = (re.sub(r"^\s*> ?", "", line).rstrip() for line in words.split("\n"))
            if quote := fields.quote("\n".join(lines)):
                highlights.append(Highlight(id="", quote=quote))
            continue
        last = highlights.pop() if highlights else Highlight(id="", quote="")
        if _LABELS.fullmatch(words):
            last = replace(last, tags=fields.tags([*last.tags, *(word[1:] for word in words.split())]))
        elif note := fields.prose(words):
            last = replace(last, comments=(*last.comments, Comment(text=note)))
        highlights.append(last)
    return highlights


POCKET_FILES = r"part_\d+\.(csv|json)"
_TIMED = re.compile(r"<a\s[^<>]*\btime_added\s*=", re.IGNORECASE)


def read_pocket(document: Document) -> Snapshot:
    """The snapshot of an export of Pocket: the whole archive, only a list of articles, or only a file of highlights.

    Highlights on pages that are not among the articles come last.
    """
    articles, pages = Collection(document.warnings, "Row"), Collection(document.warnings, "Page")
    files = document.members(POCKET_FILES) if document.data.startswith(b"PK") else [("", document)]
    for name, inner in files:
        if name.endswith(".json") or inner.text.startswith("["):
            if not take(inner, _POCKET_PAGE, pages, build=_titled):
                pages.warnings.append("A file of highlights in the archive can't be read.")
        else:
            take_objects(read_rows(inner), _POCKET, articles, _titled)
    by_address: defaultdict[str, list[Entry]] = defaultdict(list)
    for page in pages.entries:
        by_address[canonical(page.url or "")].append(page)
    joined = Collection(document.warnings)
    for article in articles.entries:
        found = by_address.pop(canonical(article.url or ""), [])
        highlights = named(highlight for page in found for highlight in page.highlights)
        joined.entries.append(replace(article, highlights=highlights, all_highlights=bool(found)))
    joined.entries += [page for rest in by_address.values() for page in rest]
    return joined.snapshot("pocket")


def _by_number(value: object) -> list[object]:
    """The articles in an answer of Pocket's API, an object by their numbers."""
    articles = value.get("list") if isinstance(value, dict) else None
    return [*articles.values()] if isinstance(articles, dict) else []


def _titled(given: Bookmark) -> Entry:
    """An article as an entry. Pocket writes the address as the title of an untitled article: that is dropped."""
    entry = given.entry()
    return replace(entry, title="") if entry.title == entry.url else entry


def _reader_pages(document: Document) -> Iterator[object]:
    """The pages in a response of Reader's API. Highlights whose page is not in it hang on an entry without title."""
    pages: list[object] = []
    parts: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    items = items_of(document.json, "results")
    for item in items:
        if isinstance(item, dict) and item.get("parent_id") and item.get("category") in ("highlight", "note"):
            parts[str(item["parent_id"])].append(item)
        else:
            pages.append(item)
    here = {str(item.get("id")) for item in items if isinstance(item, dict)}
    pages += [{"id": parent} for parent in parts if parent not in here]

    def part(item: dict[str, object]) -> dict[str, object]:
        notes = [{"text": note["content"]} for note in parts.get(str(item.get("id")), ()) if note.get("content")]
        words = {"content": None, "notes": item.get("content")} if item["category"] == "note" else {}
        return {**item, **words, "comments": notes}

    for page in pages:
        if isinstance(page, dict):
            yield {**page, "parts": [*map(part, parts.get(str(page.get("id")), ()))]}
        else:
            yield page


_OWNED = re.compile(r"user/(?:[^/]*/label/(.*)|.*)")


def _starred(given: Bookmark) -> Entry:
    """A starred item as an entry: labels are reduced to their names, and states are dropped from its tags."""
    entry = given.entry()
    found = [(tag, _OWNED.fullmatch(tag)) for tag in entry.tags]
    return replace(entry, tags=fields.tags(owned[1] if owned else tag for tag, owned in found))


def _is_starred(value: Object) -> bool:
    return "crawlTimeMsec" in value or ("origin" in value and ("alternate" in value or "canonical" in value))


def _are_starred(value: Object) -> bool:
    is_stream = "/state/com.google/" in str(value.get("id", ""))
    return "items" in value and (is_stream or _is_starred(first_of(value, "items")))


def _articles(document: Document) -> list[object]:
    """The articles of wallabag: the list that the document is, or one page of an API response."""
    whole = document.json
    return items_of(whole.get("_embedded") if isinstance(whole, dict) else whole, "items")


def _is_article(value: Object) -> bool:
    """Whether an object is an article of wallabag. Similar services (linkding, Readeck) have other field names."""
    is_newer = "is_archived" in value and not {"is_starred", "given_url", "created_at"}.isdisjoint(value)
    return "url" in value and (is_newer or ("is_fav" in value and "is_read" in value))


def _are_articles(value: Object) -> bool:
    return any(_is_article(each) for each in items_of(value.get("_embedded"), "items")[:5] if isinstance(each, dict))


_is_part = has("category", "parent_id")
_STATES = frozenset({"unread", "archive", "starred"})
"""Folders of Instapaper that are states of a page."""

FORMATS = (
    Format(
        "an answer of Readwise Reader",
        reader("readwise-reader", bookmark_of(
            mark_of(
                id="id", quote="content", note="notes", time=("saved_at", "created_at"), tags="tags",
                comments="comments",
            ),
            marks="parts", all_marks=False, id="id", title="title", url=("source_url", "url"), description="summary",
            note="notes", tags="tags", time=("saved_at", "created_at"), changed="updated_at",
        ), _reader_pages, noun="Document", cursor="nextPageCursor", page="pageCursor"),
        is_object=lambda value: _is_part(first_of(value, "results")), is_element=_is_part,
    ),
    Format(
        "a Readwise export",
        reader("readwise", bookmark_of(
            mark_of(
                id="id", quote="text", note="note", time=("highlighted_at", "created_at"),
                changed=("updated_at", "created_at"), colour="color", tags="tags", place="location",
                place_kind="location_type", skip=("is_discard", "is_deleted"),
            ),
            marks="highlights", all_marks=True, id="user_book_id", title=("readable_title", "title"),
            url=("source_url", "unique_url"), description="summary", note="document_note", tags="book_tags",
        ), "results", noun="Book", cursor="nextPageCursor", page="pageCursor"),
        is_object=lambda value: "nextPageCursor" in value or "user_book_id" in first_of(value, "results"),
        is_element=has("user_book_id"),
    ),
    Format(
        "a Readwise Reader CSV export",
        table_reader("readwise-csv", bookmark_of(
            id="id", title="title", url="url", time="saved date", tags="document tags",
        )),
        is_table=has("title", "url", "document tags", "saved date"),
    ),
    Format(
        "starred items of Google Reader's kind",
        reader("google-reader", bookmark_of(
            mark_of(id="id", quote="text", note=("note", "content"), author="author", time="added_on"),
            marks="annotations", id="id", title="title", is_html=True, url=("canonical.href", "alternate.href"),
            tags="categories", time="published", changed="updated", body=("content.content", "summary.content"),
        ), "items", noun="Item", cursor="continuation", build=_starred),
        is_object=_are_starred, is_element=_is_starred,
    ),
    Format(
        "a wallabag export",
        reader("wallabag", bookmark_of(
            mark_of(id="id", quote="quote", note="text", time="created_at"), marks="annotations", is_html=True,
            id="id", title="title", url=("given_url", "url"), time="created_at", changed="updated_at", tags="tags",
        ), _articles, noun="Article", total="total"),
        is_object=_are_articles, is_element=_is_article,
    ),
    Format(
        "an Instapaper export",
        table_reader("instapaper", bookmark_of(
            title="title", url="url", time="timestamp", tags="tags", folder="folder", unfiled=_STATES,
            extra="selection",
        ), scope="instapaper:folder", build=_instapaper),
        is_table=has("url", "title", "selection", "folder"),
    ),
    Format(
        "an Instapaper export as a page",
        reader("instapaper-page", bookmark_of(
            title="words", url="href", folder="heading", unfiled=_STATES,
        ), _links, noun="Link", scope="instapaper:folder", build=_instapaper),
        is_markup=lambda markup: "<title>Instapaper" in markup.beginning,
    ),
    Format("an Omnivore export", read_omnivore, is_element=has("slug", "savedAt"), member=r"metadata_\d+_to_\d+\.json"),
    Format(
        "a Pocket export", read_pocket, is_element=lambda value: "quote" in first_of(value, "highlights"),
        is_table=has("title", "url", "time_added"), member=r"part_\d+\.csv",
    ),
    Format(
        "an answer of Pocket's API",
        reader("pocket", bookmark_of(
            mark_of(id="annotation_id", quote="quote", time="created_at"), marks="annotations", id="item_id",
            title=("resolved_title", "given_title"), url=("resolved_url", "given_url"), description="excerpt",
            time="time_added", changed="time_updated", tags="tags",
        ), lambda document: _by_number(document.json), build=_titled),
        is_object=lambda value: any("resolved_url" in each for each in _by_number(value)[:5] if isinstance(each, dict)),
    ),
    Format(
        "a Pocket export as a page",
        reader("pocket", bookmark_of(
            title="words", url="href", time="time_added", tags="tags",
        ), _links, build=_titled),
        is_markup=lambda markup: bool(_TIMED.search(markup.beginning)) and "NETSCAPE" not in markup.beginning,
    ),
)  # fmt: skip
