"""The words that occur in a list, for completing queries. Pure."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from operator import attrgetter

from florilege.lists.catalogue import Listed
from florilege.query.completing import Vocabulary
from florilege.text import fold
from florilege.urls import site_of

_tags_of = attrgetter("head.tags")
_sharer_of = attrgetter("head.sharer")
_url_of = attrgetter("head.url")
_group_of = attrgetter("group_title")


def vocabulary(rows: Iterable[Listed]) -> Vocabulary:
    """The tags, sharers, groups and sites of a list, the most frequent first, in the spelling met first."""
    rows = list(rows)
    # What costs more than counting is asked once for all items that share it: there may be 100,000.
    tags: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for tag, number in Counter(chain.from_iterable(map(_tags_of, rows))).items():
        tags[spelling.setdefault(fold(tag), tag)] += number
    sharers: Counter[str] = Counter()
    for sharer, number in Counter(map(_sharer_of, rows)).items():
        if sharer is not None and sharer.label:
            sharers[sharer.label] += number
    sites: Counter[str] = Counter()
    for host, number in Counter(url[: url.find("/", 8) + 1] or url for url in map(_url_of, rows) if url).items():
        if site := site_of(host):
            sites[site] += number
    groups = Counter(map(_group_of, rows))
    return Vocabulary(*([word for word, _ in each.most_common()] for each in (tags, sharers, groups, sites)))
