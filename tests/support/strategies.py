"""Random items and random queries over the same few words, so that they often match. For property tests."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import strategies as st

from florilege.model import BodyKind, Comment, Highlight, Item, ItemSummary, OwnNote, ReadingState, Sharer
from florilege.query.fields import FIELDS
from florilege.query.nodes import Field, Query, Words, all_of, any_of, none_of, plain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

words = st.sampled_from(
    ["ink", "Inks", "élan", "ELAN", "œuvre", "vélin", "p", "paper mill", "«\u00a0fin\u00a0»", "墨", "\n"]
)
phrases = st.lists(words, max_size=3).map(" ".join)
comments: st.SearchStrategy[Comment] = st.recursive(
    st.builds(Comment, phrases), lambda inner: st.builds(Comment, phrases, replies=st.tuples(inner)), max_leaves=3
)
several = st.lists(comments, max_size=2).map(tuple)
moments = st.none() | st.integers(0, 900).map(lambda days: NOW - timedelta(days=days)) | st.just(NOW.replace(year=2019))
highlights = st.builds(
    Highlight, id=words, quote=phrases, comments=several, made_at=moments, revision=st.integers(0, 2)
)
sharers = st.none() | st.builds(Sharer, words | st.none(), words)
items: st.SearchStrategy[Item] = st.builds(
    Item,
    id=st.uuids().map(lambda each: each.hex),
    group=st.just("g"),
    added_at=st.just(NOW),
    title=phrases,
    url=st.none() | st.sampled_from(["https://ink.example.org/x", "https://example.net/", "not an address"]),
    sharer=sharers,
    shared_at=moments,
    updated_at=moments,
    tags=st.lists(words, max_size=3).map(tuple),
    description=st.none() | phrases,
    notes=several,
    comments=several,
    highlights=st.lists(highlights, max_size=2).map(tuple),
    revision=st.integers(0, 2),
    body=st.none() | phrases,
    body_kind=st.sampled_from(BodyKind),
)


def states(item: Item) -> st.SearchStrategy[ReadingState]:
    """Every possible state of an item."""
    moment = st.none() | st.just(NOW)
    return st.builds(
        ReadingState,
        item=st.just(item.id),
        read_at=moment,
        starred_at=moment,
        seen=st.integers(0, item.revision),
        notes=st.lists(
            st.builds(OwnNote, phrases, st.sampled_from(["", *(each.id for each in item.highlights)])),
            max_size=2,
            unique_by=lambda note: note.highlight,
        ).map(tuple),
    )


_asked_for = phrases.filter(lambda text: bool(text.strip()))
_terms: st.SearchStrategy[Query] = st.one_of(
    _asked_for.map(plain),
    _asked_for.map(Words),
    st.builds(Field, st.just("is"), st.sampled_from(FIELDS["is"].choices)),
    st.builds(Field, st.just("has"), st.sampled_from(FIELDS["has"].choices)),
    st.builds(Field, st.sampled_from(["by", "group", "quote", "note", "mine", "title", "body"]), _asked_for),
    st.builds(Field, st.just("site"), st.sampled_from(["ink", "example", "net"])),
    st.builds(Field, st.sampled_from(["before", "after"]), st.sampled_from(["2025", "2026-06", "7d", "1y"])),
    st.just(Field("day", "today")),
    st.builds(Field, st.just("tag"), _asked_for, st.booleans()),
    st.just(Field("tag", "", beginning=True)),
)
queries: st.SearchStrategy[Query] = st.recursive(
    _terms,
    lambda inner: st.one_of(
        inner.map(none_of), st.lists(inner, max_size=3).map(all_of), st.lists(inner, max_size=3).map(any_of)
    ),
    max_leaves=6,
)


def summary_of(item: Item) -> ItemSummary:
    """The item's summary."""
    return msgspec.json.decode(msgspec.json.encode(item), type=ItemSummary)
