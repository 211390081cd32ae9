"""The rows of the annotations pane: one item in full, with each highlight, note and comment a row of its own.

Plain values in, lines out. Quotes stand as they were marked: nothing is added to them, nothing taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from florilege import words
from florilege.lists.links import numbered
from florilege.model import BodyKind, Comment, Highlight, Item, ReadingState, thread
from florilege.query.nodes import Field, Query, spans
from florilege.text import counted
from florilege.tui.panes.fitting import Line, cut, farthest, in_lines, joined, painted, squeezed, width_of, wrap
from florilege.tui.panes.matching import lit, marked
from florilege.tui.panes.prose import laid_out
from florilege.tui.widgets.rows import UNDRAWABLE, RowStyle
from florilege.urls import site_of

_BAR = "┃"
_DOT = " · "
_HEADER = "header"
_NOTHING = "nothing"
_BODY = "body"
FOLD = "fold: more"
"""Key of the row that stands for the highlights that are folded away."""


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    highlight: Highlight | None = None
    note: Comment | None = None
    number: int = 0


class AnnotationRows:
    """One item, whole."""

    def __init__(
        self,
        item: Item,
        state: ReadingState,
        *,
        now: datetime,
        dates: str = "short",
        group: str = "",
        also_in: Sequence[str] = (),
        query: Query | None = None,
        fold_after: int | None = None,
        fold_key: str = "x",
    ) -> None:
        """Take what is shown.

        Args:
            item: The item.
            state: Its reading state.
            now: To put dates into words.
            dates: The style dates are written in (`views.words.short_date`).
            group: The group it is from, where that is not plain.
            also_in: Where else its page was shared.
            query: What is looked for.
            fold_after: The highlights shown of a long item; None is all. New ones are always shown.
            fold_key: The key that shows the others.
        """
        self.item = item
        shown, self.links = numbered(item)
        self._shown = shown
        self.query = query
        """What is looked for, and marked where it stands."""
        self._state = state
        self.notes = state.notes
        """The reader's own notes, as shown."""
        self._now = now
        self._dates = dates
        self.group = group
        self.also_in = tuple(also_in)
        """Where else its page was shared, as shown."""
        self._fold_key = fold_key
        self.folded: tuple[str, ...] = ()
        """Ids of the highlights that are folded away."""
        self._rows = [_Row(_HEADER), *self._with_fold(_rows_of(shown), fold_after)]
        self._digits = max(2, len(str(len(item.highlights))))
        self._lines: dict[int, list[list[Line]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """The highlight's id, or the place of a note."""
        return self._rows[index].key

    def height(self, index: int, width: int) -> int:
        """As many lines as the words take, and a blank one."""
        return len(self._at(width)[index])

    def selectable(self, index: int) -> bool:
        """All but the title and the words that say there is nothing."""
        return self._rows[index].key not in {_HEADER, _NOTHING}

    def render(self, index: int, width: int, style: RowStyle) -> Sequence[Content]:
        """The lines of one row."""
        return [painted(line, style.palette) for line in self._at(width)[index]]

    def highlight(self, index: int) -> Highlight | None:
        """The highlight of a row; None for a note or the title."""
        row = self._rows[index] if 0 <= index < len(self._rows) else None
        return self.item.highlights[row.number - 1] if row is not None and row.highlight is not None else None

    def query_at(self, index: int, line: int, cell: int, width: int) -> Field | None:
        """What the tag, site or sharer asks for that stands in a cell of a line of a row; None where none does."""
        lines = self._at(width)[index] if self._rows[index].key == _HEADER else []
        text = "".join(piece for _, piece in lines[line]) if line < len(lines) else ""
        item = self._shown
        known = {_tag(tag): Field("tag", tag) for tag in item.tags}
        if site := site_of(item.url):
            known[site] = Field("site", site)
        if item.sharer is not None and item.sharer.label:
            known[item.sharer.label] = Field("by", item.sharer.label)
        for separator in (_DOT, " "):
            begin = 0
            for unit in text.split(separator):
                if begin <= cell < begin + width_of(unit) and unit in known:
                    return known[unit]
                begin += width_of(unit + separator)
        return None

    def words(self, index: int) -> str:
        """The words of a row, to be looked through."""
        row, item = self._rows[index], self._shown
        if row.key == _HEADER:
            return "\n".join((item.title, item.description or ""))
        if row.key == _BODY:
            return body_text(item)
        said = row.highlight.comments if row.highlight else (row.note,) if row.note else ()
        quote = (row.highlight.quote, self._state.note_on(row.highlight.id)) if row.highlight else ()
        return "\n".join((*quote, *(comment.text for _, comment in thread(said))))

    def matches(self, index: int) -> bool:
        """Whether what is looked for stands in a row."""
        row = self._rows[index]
        field = "quote" if row.highlight else "note" if row.note else "title" if row.key == _HEADER else None
        return self.query is not None and bool(spans(self.query, self.words(index), field))

    def _with_fold(self, rows: list[_Row], after: int | None) -> list[_Row]:
        """The rows, those beyond so many highlights folded away but for the new ones."""
        if after is None:
            return rows
        state = self._state
        hidden = [row for row in rows if row.highlight and row.number > after and not state.has_new(row.highlight)]
        if not hidden:
            return rows
        self.folded = tuple(row.key for row in hidden)
        away = set(self.folded[1:])
        return [_Row(FOLD) if row is hidden[0] else row for row in rows if row.key not in away]

    def _at(self, width: int) -> list[list[Line]]:
        if width not in self._lines:
            self._lines = {width: [self._built_or_plain(index, farthest(width)) for index in range(len(self))]}
        return self._lines[width]

    def _built_or_plain(self, index: int, cells: int) -> list[Line]:
        """The lines of a row; where they can't be laid out, its words as they were written."""
        try:
            return self._built(self._rows[index], cells)
        except UNDRAWABLE:
            is_body = self._rows[index].key == _BODY
            plain = (self._shown.body or "") if is_body else self.words(index)
            return [*((("text", line),) for line in wrap(plain, cells)), ()]

    def _built(self, row: _Row, cells: int) -> list[Line]:
        if row.highlight is not None:
            return self._highlight(row.highlight, row.number, cells)
        if row.note is not None:
            return self._note(row.note, "✎" if row.key.startswith("note") else "↳", cells)
        if row.key == FOLD:
            told = f"… {counted(len(self.folded), 'more highlight')}: {self._fold_key} shows them"
            return [*((("key", line),) for line in wrap(told, cells)), ()]
        if row.key == _BODY and self._shown.body_kind is BodyKind.MARKDOWN:
            return [*lit(laid_out(self._shown.body or "", max(1, cells)), self.query), ()]
        if row.key == _BODY:
            return [*marked(wrap(body_text(self._shown), cells), "text", self.query), ()]
        if row.key == _NOTHING:
            return [(("metadata", line),) for line in wrap(_nothing(self.item), cells)]
        return self._header(cells)

    def _facts(self) -> list[str]:
        """What is known of where the item comes from."""
        item = self._shown
        site = site_of(item.url) or item.url or words.NO_LINK
        date = words.date_of(item)
        as_written = not date and item.date_text
        when = f"{item.date_text} (as written)" if as_written else words.long_date(date, self._now, self._dates)
        facts = [site, words.sharer_of(item), when]
        if item.views is not None:
            facts.append(counted(item.views, "view"))
        if self.group:
            facts.append(f"in {self.group}")
        return facts

    def _header(self, cells: int) -> list[Line]:
        """The title, what is known of where the item comes from, and what is said of it as a whole."""
        item = self._shown
        lines = marked(wrap(words.title_of(item), cells), "unread", self.query, "title")
        lines += [(("metadata", line),) for line in in_lines(self._facts(), cells, _DOT)]
        if item.tags:
            lines += marked(in_lines(_tags(item.tags), cells), "tag", self.query, "tag")
        if self.also_in:
            lines += [(("metadata", line),) for line in wrap(f"also in {', '.join(self.also_in)}", cells)]
        if item.description:
            lines += [(), *marked(wrap(item.description, cells), "text", self.query)]
        if self._state.note:
            lines += [(), *self._mine(self._state.note, cells)]
        for remark, style in self._remarks():
            lines += [(), *(((style, line),) for line in wrap(remark, cells))]
        return [*lines, ()]

    def _remarks(self) -> list[tuple[str, str]]:
        item = self.item
        remarks = []
        if item.incomplete:
            remarks.append(("Incomplete: the source announces more annotations than it shows.", "error"))
        new = self._state.new_highlights(item)
        if new:
            remarks.append((f"{counted(new, 'new highlight')} since you read it", "new"))
        return remarks

    def _highlight(self, highlight: Highlight, number: int, cells: int) -> list[Line]:
        is_new = self._state.has_new(highlight)
        numbered = f"{number:>{self._digits}} "
        blank = " " * len(numbered)
        room = cells - len(numbered) - 2
        quotes = marked(wrap(highlight.quote, room), "quote", self.query, "quote")
        if words.are_blank(highlight.quote):
            quotes = [(("metadata", line),) for line in wrap(words.NO_WORDS, room)]
        lines: list[Line] = [
            (("metadata", numbered if at == 0 else blank), ("quote_bar", f"{_BAR} "), *pieces)
            for at, pieces in enumerate(quotes)
        ]
        new: Line = (("new", "new"),) if is_new else ()
        signature = joined([new, self._signature(highlight, room - (4 if new else 0))], " ")
        if signature:
            lines.append((("metadata", blank), ("quote_bar", f"{_BAR} "), *cut(signature, room)))
        lead: Line = (("metadata", blank), ("quote_bar", f"{_BAR} "))
        if highlight.tags:
            tags = marked(in_lines(_tags(highlight.tags), room), "tag", self.query, "tag")
            lines += [(*lead, *line) for line in tags]
        if own := self._state.note_on(highlight.id):
            lines += [(*lead, *line) for line in self._mine(own, room)]
        for depth, comment in thread(highlight.comments):
            lines += self._words(comment, "↳", lead, len(blank) + 2, depth, cells)
        return [*lines, ()]

    def _mine(self, note: str, cells: int) -> list[Line]:
        return marked(wrap(f"✎ Mine: {note}", cells), "text", self.query, "mine")

    def _signature(self, highlight: Highlight, cells: int) -> Line:
        """Who marked it and when, where that was not the sharer; where it stands; its colour, which gives way first."""
        own = {self.item.sharer.name, self.item.sharer.handle} if self.item.sharer else set()
        author = when = ""
        if highlight.author and highlight.author not in own:
            author = f"— {highlight.author}"
            when = words.short_date(highlight.made_at, self._now, self._dates) if highlight.made_at else ""
        colour = f"▪ {highlight.colour}" if highlight.colour else ""
        parts: list[Line] = [
            (("metadata", part),) if part else () for part in (author, when, highlight.location, colour)
        ]
        return squeezed(parts, cells, (3, 2, 0))

    def _note(self, note: Comment, sign: str, cells: int) -> list[Line]:
        lines: list[Line] = []
        for depth, comment in thread((note,)):
            lines += self._words(comment, sign if depth == 0 else "↳", (), 0, depth, cells)
        return [*lines, ()]

    def _words(self, comment: Comment, sign: str, lead: Line, lead_width: int, depth: int, cells: int) -> list[Line]:
        """A member's words: sign, who and when, then what they say, indented by depth."""
        indent = " " * (2 * min(depth, 6)) + f" {sign} "
        made_at = words.short_date(comment.made_at, self._now, self._dates) if comment.made_at else ""
        who = ", ".join(part for part in (comment.author, made_at) if part)
        lines: list[Line] = []
        said = lit(_said(comment, who, cells - lead_width - width_of(indent)), self.query, "note")
        for place, pieces in enumerate(said):
            lines.append((*lead, ("metadata", indent if place == 0 else " " * width_of(indent)), *pieces))
        return lines


def _rows_of(item: Item) -> list[_Row]:
    rows = [_Row(each.id, highlight=each, number=place) for place, each in enumerate(item.highlights, 1)]
    rows += [_Row(f"note:{place}", note=note) for place, note in enumerate(item.notes)]
    rows += [_Row(f"comment:{place}", note=comment) for place, comment in enumerate(item.comments)]
    if item.body and item.body_kind is not BodyKind.TAKEN_APART:
        rows.append(_Row(_BODY))
    return rows or [_Row(_NOTHING)]


def _said(comment: Comment, who: str, cells: int) -> list[Line]:
    """What a member says, after who said it and when; Markdown laid out as such."""
    if words.are_blank(comment.text):
        told = f"{who}: {words.NO_WORDS}" if who else words.NO_WORDS
        return [(("metadata", line),) for line in wrap(told, cells)]
    if comment.markdown:
        return laid_out(comment.text, max(1, cells), (("metadata", f"{who}: "),) if who else ()) or [()]
    first, *others = wrap(f"{who}: {comment.text}" if who else comment.text, cells)
    lead: Line = (("text", first),)
    if who and first.startswith(who):
        lead = (("metadata", first[: len(who) + 1]), ("text", first[len(who) + 1 :]))
    return [lead, *((("text", line),) for line in others)]


_MOST_TAGS = 60
"""Tags shown of an item; who has more of them does not read them there."""


def _tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are shown, each a whole; how many more there are, when there are very many."""
    more = len(tags) - _MOST_TAGS
    shown = [*map(_tag, tags[:_MOST_TAGS])]
    return [*shown, f"and {counted(more, 'more tag')}"] if more > 0 else shown


def _tag(tag: str) -> str:
    """A tag as it is shown: with no space at which it would be broken."""
    return "#" + tag.replace(" ", "\u00a0")


def _nothing(item: Item) -> str:
    return "No highlights and no notes." + ("" if item.url else " And no link is known: it can't be opened.")


def body_text(item: Item) -> str:
    """The body of an item as it is read."""
    body = item.body or ""
    if item.body_kind is not BodyKind.HTML:
        return body
    from florilege.formats.markup import html_to_text

    return html_to_text(body)
