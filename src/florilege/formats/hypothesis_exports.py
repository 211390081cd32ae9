"""What the client of Hypothes.is exports besides JSON: a table, a text, or a page, all of the annotations on one page.

None of them says what a reply answers, so replies are comments on the page; not all tell them from notes. Dates of the
table and the text name no zone. In the text no quote is `"null"`. Older clients name fewer of the facts: the date comes
first, and the member before the quote. Source: versions of `annotations-exporter.tsx` in hypothesis/client.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.dates import read_date
from florilege.formats.document import Document
from florilege.formats.group_by_page import Annotation, group_by_page
from florilege.formats.hypothesis import member, words
from florilege.formats.recognise import Format, Markup, has
from florilege.formats.stream import End, Start, events
from florilege.formats.table import read_rows
from florilege.text import clean
from florilege.urls import canonical

KIND_CSV = "hypothesis-csv"
KIND_TEXT = "hypothesis-text"
KIND_PAGE = "hypothesis-page"

_REPLY = ("",)
"""The parents of a reply: which annotation it answers is not told."""
_LABELS = frozenset({"Created at", "Author", "Page", "Type", "Quote", "Comment", "Tags"})
_WORDY = frozenset({"Quote", "Comment"})
"""Facts of several lines, in which a line that looks like another fact may be one of theirs."""
_BEGINS = re.compile(r"^Annotation \d+:[ \t\r]*$", re.MULTILINE)
_SHOWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\n[^\n]*\n[^\n]+\nGroup: ")


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a table of annotations."""
    found = []
    group = None
    for row in read_rows(document.text, document.warnings):
        cell = row.cells
        group = group or fields.line(cell.get("group"))
        facts = {
            "Type": cell.get("annotation/reply type") or cell.get("type") or "",
            "Created at": cell.get("created at") or cell.get("creation date") or "",
            "Author": cell.get("author") or cell.get("user") or "",
            "Comment": cell.get("comment") or cell.get("body") or "",
            "Quote": cell.get("quote", ""),
            "Tags": cell.get("tags", ""),
            "Page": cell.get("page", ""),
        }
        found.append(_annotation(cell.get("url", ""), "", facts))
    return _snapshot(KIND_CSV, group, found, document.warnings)


def read_text(document: Document) -> Snapshot:
    """The snapshot of a text."""
    summary, *blocks = _BEGINS.split(document.text.replace("\r\n", "\n"))
    lines = [*summary.strip().split("\n"), "", "", ""]
    group = next((line.removeprefix("Group: ") for line in lines if line.startswith("Group: ")), None)
    found = []
    for block in blocks:
        facts = _facts(block.strip("\n").split("\n"))
        quote = facts.get("Quote", "").removeprefix('"').removesuffix('"')
        found.append(_annotation(lines[2], lines[1], {**facts, "Quote": quote if quote != "null" else ""}))
    return _snapshot(KIND_TEXT, fields.line(group), found, document.warnings)


def read_page(document: Document) -> Snapshot:
    """The snapshot of a page."""
    summary, *articles = _articles(document.text)
    address = next((text for tag, text in summary if tag == "a"), "")
    title = next((text for tag, text in summary if tag == "strong"), "")
    cells = [text for tag, text in summary if tag == "td"]
    group = next((after for name, after in pairwise(cells) if name == "Group:"), None)
    found = [
        _annotation(address, title, _facts(_lines([text for tag, text in parts if tag != "h2"]))) for parts in articles
    ]
    return _snapshot(KIND_PAGE, fields.line(group), found, document.warnings)


def _annotation(address: str, title: str, facts: Mapping[str, str]) -> Annotation:
    """An annotation by its facts."""
    is_reply = facts.get("Type", "").strip().lower() == "reply"
    author, made_at = member(None, facts.get("Author")), read_date(facts.get("Created at"))
    url = fields.address(address)
    return Annotation(
        page=canonical(url) if url else "",
        url=url,
        title=fields.line(title),
        author=author,
        made_at=made_at,
        date_text=None if made_at else fields.line(facts.get("Created at")),
        quote=None if is_reply else fields.prose(facts.get("Quote")),
        words=words(facts.get("Comment"), author, made_at),
        tags=fields.comma_tags(facts.get("Tags")),
        location=fields.page(facts.get("Page")),
        parents=_REPLY if is_reply else (),
    )


def _facts(lines: Sequence[str]) -> dict[str, str]:
    """The facts in the lines of an annotation, by their labels; those without label are those of older clients."""
    found: dict[str, list[str]] = {}
    current = "Created at"
    for place, line in enumerate(lines):
        label = _label(line)
        is_last = place >= len(lines) - 2
        if label and label not in found and (current not in _WORDY or label in _WORDY or is_last):
            current = label
            found[current] = [line.removeprefix(f"{label}:").strip()]
        else:
            found.setdefault(current, []).append(line)
    said = found.get("Comment", [])
    if "Author" not in found and len(said) > 1:
        found["Author"] = [said[-1]]
        found["Comment"] = said[:-1]
    return {label: "\n".join(said) for label, said in found.items()}


def _lines(texts: Sequence[str]) -> list[str]:
    """The texts of a page as lines: a label that stands alone goes before what follows it."""
    found: list[str] = []
    for text in texts:
        if found and found[-1] == f"{_label(found[-1])}:" and not _label(text):
            found[-1] = f"{found[-1]} {text}"
        else:
            found.append(text)
    return found


def _label(line: str) -> str | None:
    name, colon, _ = line.partition(":")
    return name if colon and name in _LABELS else None


def _articles(text: str) -> Iterator[list[tuple[str, str]]]:
    """The summary, then each annotation, as pieces of text with the element they stand in; of a time its attribute."""
    pieces: list[tuple[str, str]] = []
    tag, said, moment = "", "", ""
    for event in [*events(text), Start("article", {})]:
        if isinstance(event, str):
            said += event
            continue
        if said.strip():
            pieces.append((tag, moment or " ".join(said.split()) if tag != "blockquote" else said.strip()))
        said, moment = "", ""
        if isinstance(event, End):
            tag = "p"
        elif event.tag == "article":
            yield pieces
            pieces = []
        else:
            tag, moment = event.tag, event.attributes.get("datetime", "")


def _snapshot(kind: str, group: str | None, found: list[Annotation], warnings: list[str]) -> Snapshot:
    """The annotations as a snapshot. The group is known by no more than its name, which others may have, too.

    Raises:
        SourceError: There are no annotations.
    """
    if not found:
        raise SourceError("This is an export of Hypothes.is, but no annotations are in it: export it again, as JSON.")
    return Snapshot(kind=kind, title=group, entries=group_by_page(found), warnings=tuple(map(clean, warnings)))


def _is_text(text: str) -> bool:
    return bool(_SHOWN.match(text[:5_000].replace("\r\n", "\n")) and _BEGINS.search(text))


def _is_page(markup: Markup) -> bool:
    return "<title>Annotations on" in markup.beginning and "<article>" in markup.text


def _is_table(names: Collection[str]) -> bool:
    return has("url", "group", "quote", "tags")(names) and (
        "annotation/reply type" in names or has("type", "author", "created at")(names)
    )


FORMATS = (
    Format("a CSV export of Hypothes.is", read_csv, is_table=_is_table),
    Format("a text export of Hypothes.is", read_text, is_text=_is_text),
    Format("an HTML export of Hypothes.is", read_page, is_markup=_is_page),
)
