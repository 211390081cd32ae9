"""The rows of the annotations pane: one item in full, with a row for each highlight, note and comment.

Plain values in, lines out. Quotes appear exactly as they were marked: nothing is added, nothing removed.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from florilege import words
from florilege.lists.links import numbered
from florilege.model import BodyKind, Comment, Highlight, Item, ReadingState, thread
from florilege.query.nodes import Field, Query, spans
from florilege.text import counted
from florilege.tui.panes.fitting import cut, in_lines, joined, lit, marked, squeezed
from florilege.tui.panes.prose import laid_out
from florilege.tui.widgets.lines import Line, farthest, width_of, wrap
from florilege.tui.widgets.rows import PlainRows, Row
from florilege.urls import site_of

_BAR = "┃"
_DOT = " · "
_HEADER = "header"
_NOTHING = "nothing"
_BODY = "body"
FOLD = "fold: more"
"""Key of the row that stands for the folded highlights."""


class AnnotationRows(PlainRows):
    """The rows of one whole item."""

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
        shown: Item | None = None,
    ) -> None:
        """Create the rows.

        Args:
            item: The item.
            state: Its reading state.
            now: The present time, for writing dates.
            dates: The style of dates (`words.short_date`).
            group: The title of its group, where that is not obvious.
            also_in: Where else its page was shared.
            query: The search whose matches are marked.
            fold_after: How many highlights of a long item are shown; None for all. New ones are always shown.
            fold_key: The key that unfolds the others.
            shown: The item with its links numbered and its body made readable, if that has been done already.
        """
        self.item = item
        self._shown = shown = shown or numbered(item)[0]
        self.query = query
        """The search whose matches are marked."""
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
        """Ids of the folded highlights."""
        self._digits = max(2, len(str(len(item.highlights))))
        header = Row(_HEADER, self._header, "\n".join((item.title, item.description or "")))
        super().__init__([header, *self._with_fold(self._annotations(), fold_after)])

    def highlight(self, index: int) -> Highlight | None:
        """The highlight of a row; None for a note or the title."""
        value = self.value(index)
        return value if isinstance(value, Highlight) else None

    def lines(self, index: int, width: int) -> Sequence[Line]:
        """The lines of a row, no longer than is comfortable to read."""
        return super().lines(index, farthest(width))

    def query_at(self, index: int, line: int, cell: int, width: int) -> Field | None:
        """The query for the tag, site or sharer displayed in a cell of a row's line; None if there is none."""
        lines = self.lines(index, width) if self.key(index) == _HEADER else []
        pieces = lines[line] if line < len(lines) else ()
        text = "".join(piece for style, piece in pieces if style.startswith(("metadata", "tag")))  # no title, no prose
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

    def matches(self, index: int) -> bool:
        """Whether the search matches in a row."""
        row = self.rows[index]
        if row.key in {FOLD, _NOTHING}:
            return False
        fields = {_HEADER: "title", _BODY: None}
        field = fields.get(row.key, "quote" if isinstance(row.value, Highlight) else "note")
        words = self._shown.body or "" if row.key == _BODY else row.words
        return self.query is not None and bool(spans(self.query, words, field))

    def _annotations(self) -> list[Row]:
        """Rows for the highlights, notes, comments and body; or one that says there are none."""
        item, shown, rows = self.item, self._shown, []
        for number, (own, each) in enumerate(zip(item.highlights, shown.highlights, strict=True), 1):
            words = _words_in(each.comments, each.quote, self._state.note_on(each.id))
            rows.append(Row(each.id, partial(self._highlight, each, number), words, own))
        for sign, name, notes in (("✎", "note", shown.notes), ("↳", "comment", shown.comments)):
            rows += [
                Row(f"{name}:{place}", partial(self._note, note, sign), _words_in((note,)), note)
                for place, note in enumerate(notes)
            ]
        if shown.body and shown.body_kind is not BodyKind.TAKEN_APART:
            rows.append(Row(_BODY, self._body, shown.body, _BODY))
        sentence = _nothing(item)
        return rows or [
            Row(_NOTHING, lambda cells: [(("metadata", line),) for line in wrap(sentence, cells)], sentence)
        ]

    def _with_fold(self, rows: list[Row], after: int | None) -> list[Row]:
        """The rows, with the highlights after the first `after` folded away except for new ones."""
        marks = [row for row in rows if isinstance(row.value, Highlight)]
        hidden = [row for row in marks[after:] if not self._state.has_new(row.value)] if after is not None else []
        if not hidden:
            return rows
        self.folded = tuple(row.key for row in hidden)
        sentence = f"… {counted(len(hidden), 'more highlight')}: {self._fold_key} shows them"
        fold = Row(FOLD, lambda cells: [*((("key", line),) for line in wrap(sentence, cells)), ()], sentence, FOLD)
        away = set(self.folded[1:])
        return [fold if row is hidden[0] else row for row in rows if row.key not in away]

    def _body(self, cells: int) -> list[Line]:
        if self._shown.body_kind is BodyKind.MARKDOWN:
            return [*lit(laid_out(self._shown.body or "", max(1, cells)), self.query), ()]
        return [*marked(wrap(self._shown.body or "", cells), "text", self.query), ()]

    def _facts(self) -> list[str]:
        """Where the item comes from: site, sharer, date, views and group."""
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
        """The title, where the item comes from, its tags, description and own note, and remarks."""
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
            (("metadata", numbered if at == 0 else blank), ("quote-bar", f"{_BAR} "), *pieces)
            for at, pieces in enumerate(quotes)
        ]
        new: Line = (("new", "new"),) if is_new else ()
        signature = joined([new, self._signature(highlight, room - (4 if new else 0))], " ")
        if signature:
            lines.append((("metadata", blank), ("quote-bar", f"{_BAR} "), *cut(signature, room)))
        lead: Line = (("metadata", blank), ("quote-bar", f"{_BAR} "))
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
        """The author and date, where the author is not the sharer; the location; the colour, which is cut first."""
        author = when = ""
        if other := words.other_author(highlight, self.item):
            author = f"— {other}"
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
        """A member's comment: sign, author and date, then the text, indented by depth."""
        indent = " " * (2 * min(depth, 6)) + f" {sign} "
        made_at = words.short_date(comment.made_at, self._now, self._dates) if comment.made_at else ""
        who = ", ".join(part for part in (comment.author, made_at) if part)
        lines: list[Line] = []
        text = lit(_comment_text(comment, who, cells - lead_width - width_of(indent)), self.query, "note")
        for place, pieces in enumerate(text):
            lines.append((*lead, ("metadata", indent if place == 0 else " " * width_of(indent)), *pieces))
        return lines


def _words_in(comments: tuple[Comment, ...], *words: str) -> str:
    """The text of a row, for searching."""
    return "\n".join((*words, *(comment.text for _, comment in thread(comments))))


def _comment_text(comment: Comment, who: str, cells: int) -> list[Line]:
    """A comment's text after its author and date; Markdown is laid out as such."""
    if words.are_blank(comment.text):
        sentence = f"{who}: {words.NO_WORDS}" if who else words.NO_WORDS
        return [(("metadata", line),) for line in wrap(sentence, cells)]
    if comment.markdown:
        return laid_out(comment.text, max(1, cells), (("metadata", f"{who}: "),) if who else ()) or [()]
    first, *others = wrap(f"{who}: {comment.text}" if who else comment.text, cells)
    lead: Line = (("text", first),)
    if who and first.startswith(who):
        lead = (("metadata", first[: len(who) + 1]), ("text", first[len(who) + 1 :]))
    return [lead, *((("text", line),) for line in others)]


_MOST_TAGS = 60
"""Most tags shown of an item; nobody reads more than these there."""


def _tags(tags: Sequence[str]) -> list[str]:
    """Tags as displayed, each unbreakable; if there are very many, the number of the rest."""
    more = len(tags) - _MOST_TAGS
    shown = [*map(_tag, tags[:_MOST_TAGS])]
    return [*shown, f"and {counted(more, 'more tag')}"] if more > 0 else shown


def _tag(tag: str) -> str:
    """A tag as displayed: with no-break spaces, so that it isn't broken at them."""
    return "#" + tag.replace(" ", "\u00a0")


def _nothing(item: Item) -> str:
    return "No highlights and no notes." + ("" if item.url else " And no link is known: it can't be opened.")
