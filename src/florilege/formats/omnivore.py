"""Omnivore: the ZIP of its export, or one of the lists of articles in it. Source: the code of omnivore-app/omnivore.

Highlights are only in Markdown files beside the lists, joined by the article's slug. The author wrote the page and
shared nothing, so the sharer is unknown. Labels of highlights are put on their item.
"""

import re
from collections.abc import Mapping

import msgspec

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.archive import members
from florilege.formats.collecting import Collection, annotation, dated, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect
from florilege.formats.recognise import Format, has
from florilege.model import Comment, Entry, Highlight

KIND = "omnivore"

_FILES = re.compile(r"metadata_\d+_to_\d+\.json|.+\.md")
_LABELS = re.compile(r"#\S+(\s+#\S+)*")
_BLOCKS = re.compile(r"\n[ \t]*\n+")


class _Article(msgspec.Struct):
    id: str | None = None
    slug: str | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None
    labels: list[str | None] | None = None
    saved_at: str | None = msgspec.field(default=None, name="savedAt")
    updated_at: str | None = msgspec.field(default=None, name="updatedAt")


def read(document: Document) -> Snapshot:
    """The snapshot of an export: the whole archive, or one list of articles."""
    collection = Collection(document.warnings)
    lists, marked = [document], None
    if document.data.startswith(b"PK"):
        files = list(members(document, _FILES))
        lists = [inner for name, inner in files if name.endswith(".json")]
        marked = {name.removesuffix(".md"): inner.text for name, inner in files if name.endswith(".md")}
    for each in lists:
        items = each.json if isinstance(each.json, list) else []
        if not items:
            document.warnings.append("A list of articles in the archive holds none that can be read.")
        collect(items, _Article, lambda article: _entry(article, marked), collection)
    return collection.snapshot(KIND)


def _entry(article: _Article, marked: Mapping[str, str] | None) -> Entry:
    """An article as an entry.

    Args:
        article: The article.
        marked: The Markdown of highlights by slug; None when there is only the list.
    """
    shared_at, date_text = dated(article.saved_at)
    annotations = _annotations((marked or {}).get(article.slug or "", ""))
    highlights, notes = parted(annotations)
    return Entry(
        native_id=fields.line(article.id),
        title=fields.title(article.title, is_html=False),
        url=fields.address(article.url),
        shared_at=shared_at,
        updated_at=dated(article.updated_at)[0],
        date_text=date_text,
        tags=fields.tags([*(article.labels or ()), *(tag for each in annotations for tag in each.tags)]),
        description=fields.prose(article.description),
        notes=notes,
        highlights=highlights,
        all_highlights=marked is not None,
    )


def _annotations(markdown: str) -> list[Highlight]:
    """The highlights of a file: a quoted block, perhaps a line of labels, perhaps a note."""
    highlights: list[Highlight] = []
    for block in _BLOCKS.split(markdown.replace("\r\n", "\n").strip()):
        words = block.strip()
        if words.startswith(">"):
            lines = (re.sub(r"^\s*> ?", "", line).rstrip() for line in words.split("\n"))
            if quote := fields.prose("\n".join(lines)):
                highlights.append(annotation(quote))
            continue
        last = highlights.pop() if highlights else annotation("")  # before the first quote it is on the page
        if _LABELS.fullmatch(words):
            last = msgspec.structs.replace(last, tags=fields.tags([*last.tags, *(word[1:] for word in words.split())]))
        elif note := fields.prose(words):
            last = msgspec.structs.replace(last, comments=(*last.comments, Comment(text=note)))
        highlights.append(last)
    return highlights


def refuse(_: Document) -> Snapshot:
    """Highlights by themselves do not say of which page they are.

    Raises:
        SourceError: Always.
    """
    raise SourceError(
        "This looks like the highlights of one article in an Omnivore export, which do not say of which page: add the "
        "ZIP of the whole export."
    )


FORMATS = (
    Format("an Omnivore export", read, is_element=has("slug", "savedAt"), member=r"metadata_\d+_to_\d+\.json"),
    Format("highlights of Omnivore", refuse, is_text=lambda text: text.startswith("> ")),
)
