"""What was marked on a Kindle: its file `My Clippings.txt`, and the notebook of a book that its apps export as HTML.

One item a book, in any of its languages. A clipping is a line with title and author, a line that says what it is, where
and when, a blank line, and the text; in a notebook these are elements, and nothing is dated. Words differ by language,
the order of numbers does not, so the words looked for are few: for pages, and for notes. A note is a clipping of its
own: it belongs to the highlight that it stands in or at the end of. Bookmarks have no text and are no item. The title
keeps the author as the Kindle writes it; a book has no address. Dates name no zone.
Sources: files in nine languages, and notebooks, as readers of them test; no document of Amazon's describes them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, named
from florilege.formats.dates import read_date
from florilege.formats.detect import SNIFFED, Format, Markup
from florilege.formats.document import Document
from florilege.formats.stream import Start, events
from florilege.model import Comment, Entry, Highlight
from florilege.text import clean_line, counted

KIND = "kindle"
KIND_NOTEBOOK = "kindle-notebook"

_END = re.compile(r"^={10,}[ \t\r]*$", re.MULTILINE)
_BEGINS = re.compile(r"\s*+[^\n]++\n-{1,2} [^\n]{5,300}\n")
_PAGE = re.compile(
    r"(?:page|seite|página|pagina|страниц\w*|strona|stronie|sayfa|sida|side)\s+(?P<label>\d{1,9}|[ivxlcdm]+\b)(?:[-–]\d{1,9})?"
    r"|(?P<number>\d{1,9})(?:[-–]\d{1,9})?\s{0,3}(?:ページ|页|頁|페이지|sayfa)",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(\d{1,9})(?:\s{0,3}[-–]\s{0,3}(\d{1,9}))?")
_PLACED = re.compile(r"\d[-–]\d|\b(?:lo[ck]|pos|empl|мест|поз|miejsc|konum)|[位위]", re.IGNORECASE)
"""In a part of that line that holds locations; others have been seen to hold the name of a chapter."""
_LONGEST = 200
"""Locations in a passage; one is about 150 characters."""
_FACTS = 300
"""Characters of the line that says what a clipping is."""
_NOTE = re.compile(r"\b(?:note|notiz|nota|notitie|заметк\w*|notatka|notunuz)\b|笔记|筆記|メモ|메모", re.IGNORECASE)
_LIMIT = re.compile(r"\s?<[^<>\n]{0,100}(?:limit|límite|limite|лимит|上限|限制|한도)[^<>\n]{0,100}>$", re.IGNORECASE)
"""What stands instead of a passage, or of its end, when a publisher allows no more."""
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
_LABEL = re.compile(
    r"^\W*(?:added on|hinzugefügt am|ajouté le|añadido el|aggiunto in data|aggiunto il|adicionado(?: em)?|toegevoegd op"
    r"|добавлено|dodano|添加于|新增於|已新增於|作成日|追加日|추가됨)\s*:?\s*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Clipping:
    """One clipping."""

    number: int
    text: str
    is_note: bool
    page: str | None
    begins: int | None
    """Its first location; None when only its page is told."""
    ends: int | None
    """Its last location; None when it is not told."""
    made_at: datetime | None = None
    colour: str | None = None
    remarks: list[Comment] = field(default_factory=list)


def read(document: Document) -> Snapshot:
    """The snapshot of such a file."""
    collection = Collection(document.warnings, "Clipping")
    books: dict[str, list[_Clipping]] = {}
    over_limit = 0
    for title, clipping, is_cut in _clippings(document.text):
        over_limit += is_cut
        if clipping.text:
            books.setdefault(title, []).append(clipping)
    if over_limit:
        collection.warnings.append(
            f"{counted(over_limit, 'passage')} cut by the Kindle: publishers limit how much of a book it writes down."
        )
    for title, clippings in books.items():
        collection.add(clippings[0].number, _entry(title, clippings))
    return collection.snapshot(KIND)


def _clippings(text: str) -> Iterator[tuple[str, _Clipping, bool]]:
    """The clippings that say something, each with the title of its book, and whether the end of its text is missing."""
    for number, block in enumerate(_END.split(text), start=1):
        title, _, rest = block.strip("\ufeff \t\r\n").partition("\n")
        facts, _, body = rest.partition("\n")
        name, words = fields.line(title), fields.prose(body)
        if name is not None and words is not None:
            cut = _LIMIT.search(words)
            yield name, _clipping(number, facts.strip()[:_FACTS], words[: cut.start()] if cut else words), bool(cut)


_PARTS = frozenset({"bookTitle", "authors", "citation", "sectionHeading", "noteHeading", "noteText"})
"""The elements of a notebook by their classes. Which of them an end tag ends is not to be relied on."""
_IN_LOCATION = 100
"""Characters of a passage for each location it goes on: a notebook tells only where it begins."""


def read_notebook(document: Document) -> Snapshot:
    """The snapshot of a notebook."""
    title, authors, heading, colour = "", "", "", None
    clippings: list[_Clipping] = []
    for part, text, marked in _parts(document.text):
        if part == "bookTitle":
            title = clean_line(text)
        elif part == "authors":
            authors = clean_line(text)
        elif part == "noteHeading":
            heading, colour = text, marked
        elif part == "noteText" and (words := fields.prose(text)):
            clippings.append(_noted(len(clippings) + 1, heading, words, colour))
    collection = Collection(document.warnings, "Book")
    collection.add(1, _entry(title_of(title, authors), clippings))
    return collection.snapshot(KIND_NOTEBOOK)


def _parts(text: str) -> Iterator[tuple[str, str, str | None]]:
    """The elements of a notebook: class, text on one line but for `<br>`, and the colour that is named in it."""
    part, said, colour = "", "", None
    for event in [*events(text), Start("div", {"class": "citation"})]:
        if isinstance(event, str):
            said += event
        elif isinstance(event, Start):
            name = next((each for each in event.classes if each in _PARTS), None)
            if name is not None:
                yield part, "\n".join(" ".join(line.split()) for line in said.split("\v")).strip(), colour
                part, said, colour = name, "", None
            elif event.tag == "br":
                said += "\v"
            else:
                marks = (each.removeprefix("highlight_") for each in event.classes if each.startswith("highlight_"))
                colour = next(marks, colour)


def _noted(number: int, heading: str, text: str, colour: str | None) -> _Clipping:
    """A clipping of a notebook by its heading: `Highlight(yellow) - Chapter > Page 88 · Location 1536`."""
    kind, _, where = heading.partition(" - ")
    page, begins, _ = _where(where.rpartition(">")[2])
    place = int(begins) if begins else None
    is_note = colour is None and bool(_NOTE.search(kind))
    return _Clipping(number, text, is_note, page, place, place if is_note else None, colour=colour)


def title_of(title: str | None, authors: str | None) -> str:
    """A book as `My Clippings.txt` names it."""
    return f"{title or ''} ({authors})".strip() if authors else title or ""


def id_of(title: str) -> str:
    """What a book is known by, in whatever way it came."""
    return f"kindle:{title}"


def _clipping(number: int, facts: str, text: str) -> _Clipping:
    """A clipping by what it says of itself: `- Your Highlight on page 12 | Location 1204-1206 | Added on ...`."""
    parts = facts.lstrip("- ").replace("｜", "|").split("|")
    date = parts.pop() if _CLOCK.search(parts[-1]) else ""
    kind = next((part for part in parts if _PAGE.sub("", part).strip()), "")
    where = "|".join(part for part in parts if part is kind or _PAGE.search(part) or _PLACED.search(part))
    page, begins, ends = _where(where)
    return _Clipping(
        number,
        text,
        is_note=bool(_NOTE.search(kind)),
        page=page,
        begins=int(begins) if begins else None,
        ends=_whole(begins, ends) if begins else None,
        made_at=read_date(_LABEL.sub("", date)),
    )


def _where(text: str) -> tuple[str | None, str, str]:
    """The page that a text names, and the first and last location, empty when they are not told."""
    page = _PAGE.search(text)
    places = _PLACE.findall(text[: page.start()] + text[page.end() :] if page else text)
    begins, ends = places[-1] if places else ("", "")
    return (page["label"] or page["number"] if page else None), begins, ends


def _whole(begins: str, ends: str) -> int:
    """The end of a range; older Kindles leave out the digits that its beginning has, too: `680-82`."""
    missing = len(begins) - len(ends)
    return int(begins[:missing] + ends if ends and missing > 0 else ends or begins)


def _entry(title: str, clippings: Sequence[_Clipping]) -> Entry:
    """The clippings of a book as an entry."""
    clippings = _last_versions(clippings)
    marks = [each for each in clippings if not each.is_note]
    places = _by_place(marks)
    notes: list[Comment] = []
    for note in (each for each in clippings if each.is_note):
        mark = places.get(note.page if note.ends is None else note.ends)
        (mark.remarks if mark else notes).append(Comment(text=note.text, made_at=note.made_at))
    return Entry(
        native_id=id_of(title),
        title=title,
        updated_at=max((each.made_at for each in clippings if each.made_at), default=None),
        notes=tuple(notes),
        highlights=named(map(_highlight, marks)),
        all_highlights=False,
    )


def _last_versions(clippings: Sequence[_Clipping]) -> list[_Clipping]:
    """Clippings without those that were made longer, for a Kindle writes each version down; nor said twice."""
    found: dict[object, _Clipping] = {}
    for clipping in clippings:
        begins = (clipping.is_note, clipping.page, clipping.begins)
        known = found.get(begins)
        is_longer = known is None or known.text in clipping.text
        found[begins if is_longer else clipping.number] = clipping
    return list(found.values())


def _by_place(marks: Sequence[_Clipping]) -> dict[object, _Clipping]:
    """The passage at each location, rather one that ends there; of those that name none, by the page."""
    found: dict[object, _Clipping] = {}
    for mark in marks:
        if mark.begins is None:
            found[mark.page] = mark
        else:
            ends = mark.ends or mark.begins + len(mark.text) // _IN_LOCATION + 1
            found.update(dict.fromkeys(range(mark.begins, min(ends, mark.begins + _LONGEST) + 1), mark))
    found.update((mark.ends, mark) for mark in marks if mark.ends is not None)
    found.pop(None, None)
    return found


def _highlight(mark: _Clipping) -> Highlight:
    """A passage with the notes on it."""
    places = f"{mark.begins}-{mark.ends}" if mark.ends not in {None, mark.begins} else str(mark.begins)
    return Highlight(
        id="",
        quote=mark.text,
        made_at=mark.made_at,
        colour=mark.colour,
        location=fields.page(mark.page) or (f"loc. {places}" if mark.begins is not None else None),
        comments=tuple(mark.remarks),
    )


def _is_clippings(text: str) -> bool:
    beginning = text[:SNIFFED]
    return bool(_BEGINS.match(beginning) and _END.search(beginning))


def _is_notebook(markup: Markup) -> bool:
    return "notebookFor" in markup.text and "noteHeading" in markup.text


FORMATS = (
    Format("a Kindle's clippings", read, is_text=_is_clippings),
    Format("a Kindle's notebook", read_notebook, is_markup=_is_notebook),
)
