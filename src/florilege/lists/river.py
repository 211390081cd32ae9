"""The river: all highlights of a list on one continuous page, grouped by item, sharer, tag or date. Pure.

Callers supply full items; only their highlights are kept. Rendering is left to the pane.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from florilege.lists.catalogue import ItemRow
from florilege.model import Highlight, Item, ItemSummary, ReadingState, instant
from florilege.query.nodes import Query
from florilege.query.subject import Section, Subject, day_mark, searchable_sections, words_of
from florilege.quotes import markdown
from florilege.quotes.copying import quote_text
from florilege.quotes.templates import Template
from florilege.text import digest, search_key, tag_key
from florilege.words import LONG_MONTHS, NO_DATE, NO_SHARER, date_of, title_of

Grouped = TypeVar("Grouped")
NO_TAGS = "untagged"


class Grouping(StrEnum):
    """How passages are grouped; the value is its name on the screen."""

    ITEM = "by item"
    SHARER = "by sharer"
    TAG = "by tag"
    DATE = "by date"

    @property
    def next(self) -> "Grouping":
        """The next grouping, wrapping around at the end."""
        groupings = list(Grouping)
        return groupings[(groupings.index(self) + 1) % len(groupings)]


@dataclass(frozen=True, slots=True)
class Passage:
    """A highlight, with the row of its item."""

    row: ItemRow
    highlight: Highlight
    number: int
    """Its number among the highlights of the item, from 1."""

    @property
    def date(self) -> datetime | None:
        """When it was made, or else when its item was shared."""
        return self.highlight.made_at or date_of(self.row.summary)


@dataclass(frozen=True, slots=True)
class RiverSection:
    """A group of passages under a heading."""

    label: str
    """The heading: an item's title, a sharer, a tag or a month, or the phrase for an unknown one."""
    passages: tuple[Passage, ...]
    grouping: Grouping

    @property
    def row(self) -> ItemRow:
        """The item of its first passage."""
        return self.passages[0].row


def passages(rows: Sequence[ItemRow], items_of: Callable[[str], Iterable[Item]]) -> list[Passage]:
    """The highlights of a list, in list order.

    Args:
        rows: The list.
        items_of: Returns the full items of a group, by its id. Called once per group with highlights in the list.
    """
    highlights: dict[str, tuple[Highlight, ...]] = {}
    for group in dict.fromkeys(row.summary.group for row in rows if row.summary.highlights):
        highlights.update({item.id: item.highlights for item in items_of(group) if item.highlights})
    return [
        Passage(row, highlight, number)
        for row in rows
        for number, highlight in enumerate(highlights.get(row.key, ()), 1)
    ]


def quote_of(
    day: date, groups: Mapping[str, int], items_of: Callable[[str], Iterable[Item]]
) -> tuple[Item, Highlight] | None:
    """The quote of the day: a highlight of the library that is the same all day; None if there are no highlights.

    Args:
        day: The day.
        groups: The number of highlights of each group, by id.
        items_of: Returns the full items of a group. Called for one group only.
    """
    total = sum(groups.values())
    number = int(digest(day.isoformat()), 16) % total if total else 0
    for group, highlights in groups.items():
        if number < highlights:
            quotes = [(item, highlight) for item in items_of(group) for highlight in item.highlights]
            return quotes[number % len(quotes)] if quotes else None
        number -= highlights
    return None


def in_sections(
    found: Iterable[Grouped],
    grouping: Grouping,
    *,
    item_of: Callable[[Grouped], ItemSummary | Item],
    date_of: Callable[[Grouped], datetime | None],
) -> list[tuple[str, list[Grouped]]]:
    """Group passages under headings.

    Items are in list order, sharers and tags with the most passages first, months latest first. Each tag has all
    passages of the items with that tag, so the passages of an item with three tags appear three times.

    Args:
        found: The passages.
        grouping: How to group them.
        item_of: Returns the item of a passage.
        date_of: Returns when a passage was made, or shared.
    """
    labels: dict[str, str] = {}
    sections: dict[str, list[Grouped]] = {}
    for passage in found:
        for key, label in _headings(item_of(passage), date_of(passage), grouping):
            labels.setdefault(key, label)
            sections.setdefault(key, []).append(passage)
    keys = list(sections)
    if grouping is Grouping.DATE:
        for passages_of_month in sections.values():
            passages_of_month.sort(key=lambda passage: -instant(date_of(passage)))
        keys.sort(reverse=True)
    elif grouping is not Grouping.ITEM:
        # Passages without a sharer or tag come last, however many there are.
        keys.sort(key=lambda key: (not key, -len(sections[key]), search_key(labels[key])))
    return [(labels[key], sections[key]) for key in keys]


def _headings(summary: ItemSummary | Item, date: datetime | None, grouping: Grouping) -> list[tuple[str, str]]:
    """The headings a passage belongs under, as (sort key, label)."""
    match grouping:
        case Grouping.ITEM:
            return [(summary.id, title_of(summary))]
        case Grouping.SHARER:
            label = summary.sharer.label if summary.sharer else ""
            return [(search_key(label), label or NO_SHARER)]
        case Grouping.TAG:
            tags = {tag_key(tag): f"#{tag}" for tag in reversed(summary.tags)}
            return list(reversed(tags.items())) or [("", NO_TAGS)]
        case Grouping.DATE:
            return [(f"{date:%Y-%m}", f"{LONG_MONTHS[date.month - 1]} {date.year}") if date else ("", NO_DATE)]


def arranged(found: Sequence[Passage], grouping: Grouping) -> list[RiverSection]:
    """Group passages into sections."""
    sections = in_sections(found, grouping, item_of=lambda each: each.row.summary, date_of=lambda each: each.date)
    return [RiverSection(label, tuple(theirs), grouping) for label, theirs in sections]


def matching(
    found: Sequence[Passage],
    query: Query,
    state: Callable[[ItemRow], ReadingState],
    *,
    now: datetime,
    texts: dict[tuple[str, int], str] | None = None,
) -> list[Passage]:
    """The passages that match a query by themselves, their comments and the facts of their items.

    Plain words are searched in the passage, its comments, its author, and the title and sharer of its item; not in
    tags, or a single word would bring up all passages of an item. `tag:` applies to the passage's own tags, or to
    those of its item if it has none.

    Args:
        found: The passages.
        query: The query.
        state: Returns the reading state of an item.
        now: The time from which spans such as `7d` count.
        texts: A cache of the passages' folded texts, kept between key presses: folding costs far more than searching.
    """
    texts = {} if texts is None else texts
    if query.is_blank:
        return list(found)
    answers = query.predicate(now=now)
    return [passage for passage in found if answers(_subject(passage, state(passage.row), texts))]


def as_text(
    sections: Sequence[RiverSection],
    item_of: Callable[[ItemRow], Item | None],
    now: datetime,
    template: Template | None,
) -> str:
    """The page as text for copying: every passage shown, with its source.

    Args:
        sections: The sections shown.
        item_of: Returns the full item of a row; None if it has been removed meanwhile.
        now: The user's local time.
        template: The user's template for each passage; None for Markdown, with a heading for each section.
    """
    if template is not None:
        # A passage with several tags is in several sections.
        passages_ = dict.fromkeys(passage for section in sections for passage in section.passages)
        shown = [(passage, item_of(passage.row)) for passage in passages_]
        filled = (
            quote_text(item, passage.highlight, passage.row.group_title, now=now, template=template).rstrip("\n")
            for passage, item in shown
            if item is not None
        )
        return "\n\n".join(filled) + "\n"
    written = []
    for section in sections:
        if section.grouping is Grouping.ITEM:
            item = item_of(section.row)
            if item is not None:
                highlights = tuple(passage.highlight for passage in section.passages)
                written.append(markdown.all_quotes(msgspec.structs.replace(item, highlights=highlights), now))
            continue
        quotes = [
            markdown.quote(item, passage.highlight, now)
            for passage in section.passages
            if (item := item_of(passage.row)) is not None
        ]
        if quotes:
            written.append(f"## {markdown.plain(section.label)}\n\n" + "\n".join(quotes))
    return "\n".join(written)


def _subject(passage: Passage, state: ReadingState, texts: dict[tuple[str, int], str]) -> Subject:
    """The passage as a query subject: its item with only this highlight."""
    summary, highlight = passage.row.summary, passage.highlight
    alone = Item(
        id=summary.id,
        group=summary.group,
        added_at=summary.added_at,
        title=summary.title,
        url=summary.url,
        sharer=summary.sharer,
        shared_at=summary.shared_at,
        updated_at=summary.updated_at,
        tags=highlight.tags or summary.tags,
        highlights=(highlight,),
        revision=summary.revision,
    )
    place = (summary.id, passage.number)
    text = texts.get(place)
    if text is None:
        sharer = summary.sharer.label if summary.sharer else ""
        text = texts[place] = searchable_sections(
            {
                Section.TITLE: [summary.title],
                Section.SHARER: [sharer, highlight.author or ""],
                Section.QUOTES: [highlight.quote],
                Section.COMMENTS: words_of(highlight.comments),
            }
        ) + (day_mark(passage.date) if passage.date else "")
    return Subject(alone, state, passage.row.group_title, text)
