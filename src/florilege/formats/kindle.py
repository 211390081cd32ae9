"""Highlights and notes of a Kindle: its file `My Clippings.txt`, and the notebooks that its apps export as HTML.

There is one item per book. A clipping is a line with title and author, a line of metadata (kind, place and date), a
blank line, and the text; a notebook has the same in HTML elements, without dates. The metadata is in the language of
the device, but its numbers always come in the same order, so only the words for pages and notes are looked for. A note
is a clipping of its own, which belongs to the highlight that contains its location. Bookmarks have no text and are
skipped. The title keeps the author as the Kindle writes it; books have no address, and dates no time zone.
Sources: files in nine languages, and notebooks, from the tests of other readers; Amazon does not document them.
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
from florilege.formats.markup import Start, events
from florilege.model import Comment, Entry, Highlight, instant
from florilege.text import clean_line, counted

_END = re.compile(r"^={10,}[ \t\r]*$", re.MULTILINE)
_BEGINS = re.compile(r"\s*+[^\n]++\n-{1,2} [^\n]{5,300}\n")
_PAGE = re.compile(
    r"(?:page|seite|página|pagina|страниц\w*|str[oa]n\w*|sayfa|sida|side|sivu\w*)\s+(?P<label>\d{1,9}|[ivxlcdm]+\b)(?:[-–]\d{1,9})?"
    r"|(?P<number>\d{1,9})(?:[-–]\d{1,9})?\.?\s{0,3}(?:ページ|页|頁|페이지|sayfa|oldal)",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(\d{1,9})(?:\s{0,3}[-–]\s{0,3}(\d{1,9}))?")
_PLACED = re.compile(r"\d[-–]\d|\b(?:lo[ck]|pos|empl|pla[ct]|мест|поз|miejsc|poz|konum)|[位위]", re.IGNORECASE)
"""Matches in a part of the metadata line that holds locations; other parts may hold the name of a chapter."""
_LONGEST = 200
"""Most locations in a passage; a location is about 150 characters."""
_FACTS = 300
"""Characters of the metadata line that are read."""
_NOTE = re.compile(
    r"\b(?:note|notiz|nota|notitie|заметк\w*|notatka|\w{0,9}notunuz|anteckning|notat|poznámka|jegyzet\w*|muistiinpano\w*)\b"
    r"|笔记|筆記|メモ|메모",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"\s?<[^<>\n]{0,100}(?:limit|límite|limite|лимит|上限|限制|한도)[^<>\n]{0,100}>$", re.IGNORECASE)
"""The notice that replaces a passage, or its end, once the publisher's clipping limit is reached."""
_CLOCK = re.compile(r"\d{1,2}(?:[:.]| h )\d{2}")
_DATE = re.compile(r"(?:(?<=added on)|(?=\d))(.{5,100}\d(?:[:.]| h )\d\d)(.*)", re.IGNORECASE)
"""The date in its part of the metadata line, and what follows. Only in English does it begin with a word."""
_ITS_END = re.compile(r"\.|\b[ap]m\b|[+-]\d|\b(?:min|gmt)\b", re.IGNORECASE)
"""Matches in what follows if it belongs to the date: the half of the day, the zone, or the seconds."""


@dataclass(slots=True)
class _Clipping:
    """One clipping."""

    number: int
    text: str
    is_note: bool
    page: str | None
    begins: int | None
    """Its first location; None when only its page is known."""
    ends: int | None
    """Its last location; None when unknown."""
    made_at: datetime | None = None
    colour: str | None = None
    remarks: list[Comment] = field(default_factory=list)


def read(document: Document) -> Snapshot:
    """The snapshot of `My Clippings.txt`."""
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
    return collection.snapshot("kindle")


def _clippings(text: str) -> Iterator[tuple[str, _Clipping, bool]]:
    """The clippings that have text, each after the title of its book, and whether the clipping limit cut it short."""
    for number, block in enumerate(_END.split(text), start=1):
        title, _, rest = block.strip("\ufeff \t\r\n").partition("\n")
        facts, _, body = rest.partition("\n")
        name, words = fields.line(title), fields.prose(body)
        if name is not None and words is not None:
            cut = _LIMIT.search(words)
            yield name, _clipping(number, facts.strip()[:_FACTS], words[: cut.start()] if cut else words), bool(cut)


_PARTS = frozenset({"bookTitle", "authors", "citation", "sectionHeading", "noteHeading", "noteText"})
"""Classes of the elements of a notebook. Their end tags are unreliable, so an element lasts until the next one."""
_IN_LOCATION = 100
"""Characters per location, to estimate where a passage ends: a notebook says only where it begins."""


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
    return collection.snapshot("kindle-notebook")


def _parts(text: str) -> Iterator[tuple[str, str, str | None]]:
    """The class, text and highlight colour of each element of a notebook; in the text, only `<br>` breaks lines."""
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
    """A clipping from a notebook, its heading parsed: `Highlight(yellow) - Chapter > Page 88 · Location 1536`."""
    kind, _, where = heading.partition(" - ")
    page, begins, _ = _where(where.rpartition(">")[2])
    place = int(begins) if begins else None
    is_note = colour is None and bool(_NOTE.search(kind))
    return _Clipping(number, text, is_note, page, place, place if is_note else None, colour=colour)


def title_of(title: str | None, authors: str | None) -> str:
    """The title of a book as in `My Clippings.txt`: `TITLE (AUTHORS)`."""
    return f"{title or ''} ({authors})".strip() if authors else title or ""


def id_of(title: str) -> str:
    """The id of a book, the same in clippings, notebooks and Bookcision's exports."""
    return f"kindle:{title}"


def _clipping(number: int, facts: str, text: str) -> _Clipping:
    """A clipping, its metadata line parsed: `- Your Highlight on page 12 | Location 1204-1206 | Added on ...`."""
    parts = facts.lstrip("- ").replace("｜", "|").split("|")
    date = _date(parts.pop()) if _CLOCK.search(parts[-1]) else None
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
        made_at=date,
    )


def _date(text: str) -> datetime | None:
    """The date in its part of the metadata line, which may go on after it: `... 10:11:12 tarihinde eklendi`."""
    found = _DATE.search(text)
    return read_date(found[0] if _ITS_END.search(found[2]) else found[1]) if found else None


def _where(text: str) -> tuple[str | None, str, str]:
    """The page, first location and last location in a text; the locations are empty when it has none."""
    page = _PAGE.search(text)
    places = _PLACE.findall(text[: page.start()] + text[page.end() :] if page else text)
    begins, ends = places[-1] if places else ("", "")
    return (page["label"] or page["number"] if page else None), begins, ends


def _whole(begins: str, ends: str) -> int:
    """The end of a range of locations. Older Kindles omit the leading digits it shares with the start: `680-82`."""
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
        updated_at=max((each.made_at for each in clippings if each.made_at), key=instant, default=None),
        notes=tuple(notes),
        highlights=named(map(_highlight, marks)),
        all_highlights=False,
    )


def _last_versions(clippings: Sequence[_Clipping]) -> list[_Clipping]:
    """Clippings without duplicates and earlier, shorter versions: a Kindle writes a new clipping for every change."""
    found: dict[object, _Clipping] = {}
    for clipping in clippings:
        begins = (clipping.is_note, clipping.page, clipping.begins)
        known = found.get(begins)
        is_longer = known is None or known.text in clipping.text
        found[begins if is_longer else clipping.number] = clipping
    return list(found.values())


def _by_place(marks: Sequence[_Clipping]) -> dict[object, _Clipping]:
    """The passage at each location, preferably one that ends there; passages without location by their page."""
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
    """A passage as a highlight, with the notes on it as comments."""
    places = f"{mark.begins}-{mark.ends}" if mark.ends not in {None, mark.begins} else str(mark.begins)
    return Highlight(
        id="",
        quote=mark.text,
        made_at=mark.made_at,
        colour=fields.line(mark.colour),
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
