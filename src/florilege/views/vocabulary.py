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
    sharers: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for row in rows:
        for tag in row.head.tags:
            tags[tag] += 1
        if row.head.sharer and row.head.sharer.label:
            sharers[row.head.sharer.label] += 1
        groups[row.group_title] += 1
        if row.head.url:
            hosts["/".join(row.head.url.split("/", 3)[:3])] += 1
    # What costs more than counting is asked once for all items that share it: there may be 100,000.
    same, spelling = Counter[str](), dict[str, str]()
    for tag, number in tags.items():
        same[spelling.setdefault(fold(tag), tag)] += number
    sites: Counter[str] = Counter()
    for host, number in hosts.items():
        if site := site_of(host):
            sites[site] += number
    return Vocabulary(*([word for word, _ in each.most_common()] for each in (same, sharers, groups, sites)))
