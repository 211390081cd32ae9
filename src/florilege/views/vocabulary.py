"""The words that occur in a list, for completing queries. Pure."""

from collections import Counter
from collections.abc import Iterable

from florilege.query.completing import Vocabulary
from florilege.text import fold
from florilege.urls import site_of
from florilege.views.catalogue import Listed


def vocabulary(rows: Iterable[Listed]) -> Vocabulary:
    """The tags, sharers, groups and sites of a list, the most frequent first, in the spelling met first."""
    tags: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    sharers: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    for row in rows:
        for tag in row.head.tags:
            tags[spelling.setdefault(fold(tag), tag)] += 1
        if row.head.sharer and row.head.sharer.label:
            sharers[row.head.sharer.label] += 1
        groups[row.group_title] += 1
        if row.head.url and (site := site_of(row.head.url)):
            sites[site] += 1
    return Vocabulary(*([word for word, _ in each.most_common()] for each in (tags, sharers, groups, sites)))
