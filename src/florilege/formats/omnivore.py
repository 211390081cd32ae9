"""Omnivore's ZIP export, or one of the JSON lists of articles in it. Source: the code of omnivore-app/omnivore.

Highlights are only in the ZIP, in a Markdown file per article that is named after its slug. An author is not a sharer,
so the sharer is unknown. Labels of highlights also become tags of the item.
"""

import re

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.archive import members
from florilege.formats.collecting import Collection, annotation, parted
from florilege.formats.detect import Format, has
from florilege.formats.document import Document
from florilege.formats.records import Bookmark, bookmark_of, take
from florilege.model import Comment, Entry, Highlight

_FILES = re.compile(r"metadata_\d+_to_\d+\.json|.+\.md")
_LABELS = re.compile(r"#\S+(\s+#\S+)*")
_BLOCKS = re.compile(r"\n[ \t]*\n+")
_ARTICLE = bookmark_of(
    id="id", title="title", url="url", description="description", tags="labels", time="savedAt", changed="updatedAt",
    file="slug",
)  # fmt: skip


def read(document: Document) -> Snapshot:
    """The snapshot of an export: the whole archive, or a single list of articles."""
    collection = Collection(document.warnings)
    files = list(members(document, _FILES)) if document.data.startswith(b"PK") else [("", document)]
    marked = {name.removesuffix(".md"): inner.text for name, inner in files if name.endswith(".md")}

    def entry(article: Bookmark) -> Entry:
        found = article.entry()
        annotations = _annotations(marked.get(article.file or "", ""))
        highlights, notes = parted(annotations)
        tags = fields.tags([*found.tags, *(tag for each in annotations for tag in each.tags)])
        return replace(found, tags=tags, notes=notes, highlights=highlights, all_highlights=bool(marked))

    for name, inner in files:
        if not name.endswith(".md") and not take(inner, _ARTICLE, collection, build=entry):
            document.warnings.append("A list of articles in the archive holds none that can be read.")
    return collection.snapshot("omnivore")


def _annotations(markdown: str) -> list[Highlight]:
    """The highlights in a Markdown file: each a quoted block, followed perhaps by a line of labels and a note."""
    highlights: list[Highlight] = []
    for block in _BLOCKS.split(markdown.replace("\r\n", "\n").strip()):
        words = block.strip()
        if words.startswith(">"):
            lines = (re.sub(r"^\s*> ?", "", line).rstrip() for line in words.split("\n"))
            if quote := fields.prose("\n".join(lines)):
                highlights.append(annotation(quote))
            continue
        last = highlights.pop() if highlights else annotation("")  # before the first quote: a note on the page
        if _LABELS.fullmatch(words):
            last = replace(last, tags=fields.tags([*last.tags, *(word[1:] for word in words.split())]))
        elif note := fields.prose(words):
            last = replace(last, comments=(*last.comments, Comment(text=note)))
        highlights.append(last)
    return highlights


FORMATS = (Format("an Omnivore export", read, is_element=has("slug", "savedAt"), member=r"metadata_\d+_to_\d+\.json"),)
