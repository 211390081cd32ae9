"""A list in numbers, and what it can be narrowed by: its tags and sharers, with the query that a choice makes.

Pure: items in, values out. There may be 100,000 items, so nothing here belongs on the way of a key. The pickers show
the choices; the query they make is the one that could be typed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from florilege.lists.loaded_group import ItemRow
from florilege.model import ItemSummary, Sharer
from florilege.query.completing import Vocabulary
from florilege.query.nodes import Field, Not, Query, all_of, any_of, none_of
from florilege.text import clean_line, search_key, tag_key
from florilege.urls import site_of

MONTHS_SHOWN = 24
"""Months of a plot, the last ones that hold anything."""


class Labels(NamedTuple):
    """Where an item has labels of some kind."""

    value: Callable[[ItemSummary], Any]
    """Gives what holds its labels; hashable. Many items share the same: that is taken apart only once."""
    written: Callable[[Any], Iterable[tuple[str, str]]]
    """Gives the labels in that: what each is compared by, and how it is written."""


class LabelCount(msgspec.Struct, frozen=True):
    """A tag, sharer or the like with how many items bear it."""

    label: str
    """In the spelling met first."""
    items: int
    unread: int = 0
    highlights: int = 0


def count_labels(
    heads: Iterable[ItemSummary], labels: Labels, unread: Iterable[int] = (), *, with_highlights: bool = False
) -> list[LabelCount]:
    """How many items bear each label: the most frequent first, equal ones by name. 50,000 items take some 10 ms.

    Args:
        heads: The items, newest first for the newest spelling.
        labels: The labels, such as `TAGS`.
        unread: Whether each item is unread; without, none is.
        with_highlights: Whether their highlights are counted, too.
    """
    heads = list(heads)
    values = list(map(labels.value, heads))
    unread_of, highlights_of = Counter(compress(values, unread)), Counter[Any]()
    for value, head in zip(values, heads, strict=True) if with_highlights else ():
        if head.highlights:
            highlights_of[value] += len(head.highlights)
    counts: dict[str, list[int]] = {}
    spelling: dict[str, str] = {}
    for value, items in Counter(values).items():
        for key, label in dict(labels.written(value)).items():
            spelling.setdefault(key, label)
            count = counts.setdefault(key, [0, 0, 0])
            count[0] += items
            count[1] += unread_of[value]
            count[2] += highlights_of[value]
    ranked = sorted(counts, key=lambda key: (-counts[key][0], key))
    return [LabelCount(spelling[key], *counts[key]) for key in ranked]


def _sharer(sharer: Sharer | None) -> Iterator[tuple[str, str]]:
    if sharer is not None and clean_line(sharer.label):  # a name of which nothing can be seen is none
        yield search_key(sharer.label), sharer.label


TAGS = Labels(attrgetter("tags"), lambda tags: ((tag_key(tag), tag) for tag in reversed(tags)))
SHARERS = Labels(attrgetter("sharer"), _sharer)


class Month(msgspec.Struct, frozen=True):
    """What was shared in one month."""

    year: int
    month: int
    items: int
    highlights: int


class Overview(msgspec.Struct, frozen=True):
    """A list in numbers."""

    items: int
    unread: int
    starred: int
    highlights: int
    words: int
    """Notes and comments."""
    undated: int
    months: tuple[Month, ...]
    """Without gaps, the last one last; at most `MONTHS_SHOWN`."""


def overview(heads: Sequence[ItemSummary], *, unread: int, starred: int) -> Overview:
    """The numbers of a list. 50,000 items take some 30 ms."""
    items, highlights = Counter[int](), Counter[int]()
    undated = 0
    for head in heads:
        date = head.shared_at or head.updated_at
        if date is None:
            undated += 1
            continue
        month = date.year * 12 + date.month - 1
        items[month] += 1
        if head.highlights:
            highlights[month] += len(head.highlights)
    last = max(items, default=0)
    first = max(min(items, default=1), last - MONTHS_SHOWN + 1)
    return Overview(
        items=len(heads),
        unread=unread,
        starred=starred,
        highlights=sum(len(head.highlights) for head in heads),
        words=sum(len(head.notes) + len(head.comments) for head in heads),
        undated=undated,
        months=tuple(Month(at // 12, at % 12 + 1, items[at], highlights[at]) for at in range(first, last + 1)),
    )


UNTAGGED = none_of(Field("tag", "", beginning=True))
"""What asks for items without any tag."""
_UNTAGGED = "untagged"
_SIGNS = {"tag": "#"}


class Mode(StrEnum):
    """How a choice takes part in the query."""

    ALL = "all"
    """An item must have it."""
    ANY = "any"
    """An item must have it or another one chosen so."""
    NONE = "none"
    """An item must not have it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a list can be narrowed by."""

    label: str
    query: Query
    items: int
    unread: int


def tag_choices(rows: Iterable[ItemRow], unread: Iterable[int]) -> list[Choice]:
    """The tags of a list, the most frequent first, and a choice for items without any.

    Args:
        rows: The list.
        unread: Whether each row is unread.
    """
    heads, flags = [row.head for row in rows], list(unread)
    untagged = [is_unread for head, is_unread in zip(heads, flags, strict=True) if not head.tags]
    choices = [_choice("tag", count) for count in count_labels(heads, TAGS, flags)]
    return choices + ([Choice(_UNTAGGED, UNTAGGED, len(untagged), sum(untagged))] if untagged else [])


def sharer_choices(rows: Iterable[ItemRow], unread: Iterable[int]) -> list[Choice]:
    """The sharers of a list, the most frequent first. Arguments are those of `tag_choices`."""
    return [_choice("by", count) for count in count_labels((row.head for row in rows), SHARERS, unread)]


def vocabulary(rows: Iterable[ItemRow]) -> Vocabulary:
    """The tags, sharers, groups and sites of a list, the most frequent first, for completing queries.

    50,000 items take some 40 ms: more than a key may wait.
    """
    rows = list(rows)
    heads = [row.head for row in rows]
    # What costs more than counting is asked once for all items that share it: there may be 100,000.
    sites: Counter[str] = Counter()
    for host, number in Counter(url[: url.find("/", 8) + 1] or url for head in heads if (url := head.url)).items():
        if site := site_of(host):
            sites[site] += number
    return {
        "tag": [each.label for each in count_labels(heads, TAGS)],
        "by": [each.label for each in count_labels(heads, SHARERS)],
        "group": [title for title, _ in Counter(row.group_title for row in rows).most_common()],
        "site": [site for site, _ in sites.most_common()],
    }


def taken(query: Query, name: str, choices: Sequence[Choice]) -> tuple[dict[Choice, Mode], Query]:
    """What of a list's filter such choices could have made, to be changed by choosing anew; and what else there is.

    Args:
        query: The filter.
        name: The field the choices are about: `tag` or `by`.
        choices: Those of the list as it is. What the filter asks for and the list does not have becomes one, too.
    """
    known = {choice.query: choice for choice in choices}
    modes: dict[Choice, Mode] = {}
    rest = []

    def choice_of(part: Query) -> Choice | None:
        if part in known:
            return known[part]
        if part == UNTAGGED and name == "tag":
            return Choice(_UNTAGGED, part, 0, 0)
        if isinstance(part, Field) and part.name == name and not part.beginning:
            return Choice(f"{_SIGNS.get(name, '')}{part.value}", part, 0, 0)
        return None

    for part in query.conjuncts:
        mode, parts = Mode.ALL, part.alternatives
        if choice_of(part) is None:
            mode, parts = (Mode.NONE, (part.part,)) if isinstance(part, Not) else (Mode.ANY, parts)
        made = {choice: mode for each in parts if (choice := choice_of(each)) is not None}
        # Of several alternatives one can be chosen anew, and each choice can be taken in one way only.
        if len(made) < len(parts) or made.keys() & modes or (mode is Mode.ANY and Mode.ANY in modes.values()):
            rest.append(part)
        else:
            modes |= made
    return modes, all_of(rest)


def chosen(choices: Mapping[Choice, Mode]) -> Query:
    """The query that the choices make together."""
    together = [choice.query for choice, mode in choices.items() if mode is Mode.ALL]
    either = any_of(choice.query for choice, mode in choices.items() if mode is Mode.ANY)
    without = [none_of(choice.query) for choice, mode in choices.items() if mode is Mode.NONE]
    return all_of([*together, either, *without])


def _choice(field: str, count: LabelCount) -> Choice:
    return Choice(f"{_SIGNS.get(field, '')}{count.label}", Field(field, count.label), count.items, count.unread)
