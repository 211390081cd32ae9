"""What the client of Hypothes.is exports besides JSON: a table, a text, or a page, all of the annotations on one page.

None of them says what a reply answers, so replies are comments on the page; only the table tells them from notes. Dates
of the table and the text name no zone. In the text no quote is `"null"`. Source: `annotations-exporter.tsx` of
hypothesis/client.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from florilege.formats import Snapshot, fields
from florilege.formats.dates import read_date
from florilege.formats.document import Document
from florilege.formats.folding import Annotation, fold
from florilege.formats.formats import Format, has
from florilege.formats.hypothesis import member, words
from florilege.formats.roots import Markup
from florilege.formats.stream import End, Start, events
from florilege.formats.table import read_rows
from florilege.text import clean
from florilege.urls import canonical

KIND_CSV = "hypothesis-csv"
KIND_TEXT = "hypothesis-text"
KIND_PAGE = "hypothesis-page"

_REPLY = ("",)
"""The parents of a reply: which annotation it answers is not told."""
_BEGINS = re.compile(r"^Annotation \d+:[ \t\r]*$", re.MULTILINE)
_SHOWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\n[^\n]*\n[^\n]+\nGroup: ")


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a table of annotations."""
    found = []
    group = None
    for row in read_rows(document.text, document.warnings):
        cell = row.cells
        author, made_at = member(None, cell.get("user")), read_date(cell.get("creation date"))
        url = fields.address(cell.get("url"))
        group = group or fields.line(cell.get("group"))
        is_reply = cell.get("annotation/reply type", "").strip().lower() == "reply"
        found.append(
            Annotation(
                page=canonical(url) if url else "",
                url=url,
                author=author,
                made_at=made_at,
                date_text=None if made_at else fields.line(cell.get("creation date")),
                quote=None if is_reply else fields.prose(cell.get("quote")),
                words=words(cell.get("body"), author, made_at),
                tags=fields.comma_tags(cell.get("tags")),
                location=fields.page(cell.get("page")),
                parents=_REPLY if is_reply else (),
            )
        )
    return _snapshot(KIND_CSV, group, found, document.warnings)


def read_text(document: Document) -> Snapshot:
    """The snapshot of a text."""
    summary, *blocks = _BEGINS.split(document.text.replace("\r\n", "\n"))
    lines = [*summary.strip().split("\n"), "", "", ""]
    group = next((line.removeprefix("Group: ") for line in lines if line.startswith("Group: ")), None)
    found = []
    for block in blocks:
        when, *rest = block.strip("\n").split("\n")
        quote, others = _quoted(rest)
        found.append(_annotation(lines[2], lines[1], when, others, quote))
    return _snapshot(KIND_TEXT, fields.line(group), found, document.warnings)


def read_page(document: Document) -> Snapshot:
    """The snapshot of a page."""
    summary, *articles = _articles(document.text)
    address = next((text for tag, text in summary if tag == "a"), "")
    title = next((text for tag, text in summary if tag == "strong"), "")
    cells = [text for tag, text in summary if tag == "td"]
    group = next((after for name, after in pairwise(cells) if name == "Group:"), None)
    found = []
    for parts in articles:
        when = next((text for tag, text in parts if tag == "time"), "")
        quote = "\n".join(text for tag, text in parts if tag == "blockquote")
        lines = [text for tag, text in parts if tag not in {"time", "blockquote", "h2"}]
        found.append(_annotation(address, title, when, lines, quote))
    return _snapshot(KIND_PAGE, fields.line(group), found, document.warnings)


def _annotation(address: str, title: str, when: str, lines: Sequence[str], quote: str) -> Annotation:
    """An annotation by its lines: what was said, who said it, `Quote:`, tags, the page."""
    place = next((place for place, line in enumerate(lines) if line.startswith("Quote:")), len(lines))
    said, user = lines[: max(place - 1, 1)], lines[place - 1] if place > 1 else None
    after = lines[place + 1 :]
    author, made_at = member(None, user), read_date(when)
    url = fields.address(address)
    return Annotation(
        page=canonical(url) if url else "",
        url=url,
        title=fields.line(title),
        author=author,
        made_at=made_at,
        date_text=None if made_at else fields.line(when),
        quote=fields.prose(quote),
        words=words("\n".join(said).removeprefix("Comment:").strip(), author, made_at),
        tags=fields.comma_tags(_after(after, "Tags:")),
        location=fields.page(_after(after, "Page:")),
    )


def _quoted(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The quote among the lines of an annotation, and the lines with no more of it than where it stands.

    Source of the marks around it: the exporter. It writes `null` for none.
    """
    begins = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].startswith('Quote: "')), len(lines))
    ends = next((at for at in range(len(lines) - 1, begins - 1, -1) if lines[at].endswith('"')), begins)
    quote = "\n".join(lines[begins : ends + 1]).removeprefix('Quote: "').removesuffix('"')
    return quote if quote != "null" else "", [*lines[:begins], "Quote:", *lines[ends + 1 :]]


def _after(lines: Iterable[str], label: str) -> str | None:
    return next((line.removeprefix(label) for line in lines if line.startswith(label)), None)


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
    """The annotations as a snapshot. The group is known by no more than its name, which others may have, too."""
    return Snapshot(kind=kind, title=group, entries=fold(found), warnings=tuple(map(clean, warnings)))


def _is_text(text: str) -> bool:
    return bool(_SHOWN.match(text[:5_000].replace("\r\n", "\n")) and _BEGINS.search(text))


def _is_page(markup: Markup) -> bool:
    return markup.is_html and "<title>Annotations on" in markup.beginning and "<article>" in markup.text


FORMATS = (
    Format("a CSV export of Hypothes.is", read_csv, is_table=has("annotation/reply type", "quote", "body", "url")),
    Format("a text export of Hypothes.is", read_text, is_text=_is_text),
    Format("an HTML export of Hypothes.is", read_page, is_markup=_is_page),
)
