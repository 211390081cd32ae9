"""What a list can be narrowed by: its tags and its sharers, each with how many items, and the query a choice makes.

Pure: lists in, values out. The pickers show these; the query they make is the one that could be typed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from florilege.lists.counts import SHARERS, TAGS, LabelCount, count_labels
from florilege.lists.loaded_group import ItemRow
from florilege.query.completing import Vocabulary
from florilege.query.nodes import Field, Not, Query, all_of, any_of, none_of
from florilege.urls import site_of

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
    return Vocabulary(
        tags=[each.label for each in count_labels(heads, TAGS)],
        sharers=[each.label for each in count_labels(heads, SHARERS)],
        groups=[title for title, _ in Counter(row.group_title for row in rows).most_common()],
        sites=[site for site, _ in sites.most_common()],
    )


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
