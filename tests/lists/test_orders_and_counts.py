"""Orders, visited items and statistics."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from florilege.lists.counts import MONTHS_SHOWN, Choice, overview, query_of, split_choices
from florilege.lists.loaded_group import ItemRow, LoadedGroup, Order, in_order
from florilege.lists.places import Visited
from florilege.model import ItemSummary, ReadingState, Sharer, newest_first
from florilege.query.language import parse
from florilege.query.nodes import Field, Query
from support.strategies import queries

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def summary(item: str, *, year: int = 2026, month: int = 1, **facts: object) -> ItemSummary:
    shared = facts.pop("shared_at", datetime(year, month, 1, tzinfo=UTC))
    added = facts.pop("added_at", NOW)
    return ItemSummary(id=item, group="g", added_at=added, title=item, shared_at=shared, **facts)  # type: ignore[arg-type]


def ids_in_order(summaries: list[ItemSummary], order: Order, *states: ReadingState) -> list[str]:
    summaries = sorted(summaries, key=newest_first)
    group = LoadedGroup("g", "G", [ItemRow(each, "G") for each in summaries], {state.item: state for state in states})
    return [row.key for row in in_order([(group, bytearray(b"\1" * len(summaries)))], order)]


def test_oldest_unread_order_puts_read_and_undated_items_last() -> None:
    summaries = [
        summary("read", month=1),
        summary("undated", shared_at=None),
        summary("new", month=3),
        summary("old", month=2),
    ]
    read = ReadingState(item="read", read_at=NOW)
    assert ids_in_order(summaries, Order.OLDEST_UNREAD, read) == ["old", "new", "undated", "read"]


def test_unknown_sharers_and_views_come_last() -> None:
    summaries = [
        summary("nobody"),
        summary("zoe", sharer=Sharer(name="Zoé"), views=2),
        summary("amy", sharer=Sharer(name="amy")),
    ]
    assert ids_in_order(summaries, Order.SHARER) == ["amy", "zoe", "nobody"]
    assert ids_in_order(summaries, Order.VIEWS)[0] == "zoe"


def test_recently_read_and_recently_arrived_come_first() -> None:
    summaries = [summary("a", month=3), summary("b", month=2), summary("c", month=1)]
    read = [ReadingState(item="a", read_at=NOW - timedelta(days=2)), ReadingState(item="c", read_at=NOW)]
    assert ids_in_order(summaries, Order.READ, *read) == ["c", "a", "b"]
    came = [replace(each, added_at=NOW - timedelta(days=days)) for days, each in zip((2, 0, 1), summaries, strict=True)]
    assert ids_in_order(came, Order.ADDED) == ["b", "c", "a"]


def test_future_date_counts_as_the_day_of_arrival() -> None:
    summaries = [summary("future", year=2399), summary("yesterday", shared_at=NOW - timedelta(days=1))]
    late = summary("came later", shared_at=NOW + timedelta(days=2), added_at=NOW + timedelta(days=3))
    assert ids_in_order([*summaries, late], Order.NEWEST) == ["came later", "future", "yesterday"]


def test_new_visit_drops_the_forward_history() -> None:
    visited: Visited[str] = Visited()
    for place in ("a", "b", "b", "c"):
        visited.visit(place)
    assert visited.back() == "b"
    visited.visit("d")
    assert visited.forward() is None
    assert visited.back() == "b"
    assert visited.back() == "a"
    assert visited.back() is None
    assert visited.forward() == "b"


def test_history_is_bounded() -> None:
    visited: Visited[int] = Visited(limit=3)
    for place in range(10):
        visited.visit(place)
    assert [visited.back(), visited.back(), visited.back()] == [8, 7, None]


def test_months_have_no_gaps_and_are_bounded() -> None:
    rows = [summary(str(n), year=2000 + n, month=5) for n in range(10)]
    numbers = overview(rows, unread=3, starred=1)
    assert len(numbers.months) == MONTHS_SHOWN
    assert numbers.months[-1].items == 1
    assert (numbers.months[-1].year, numbers.months[-1].month) == (2009, 5)
    assert sum(month.items for month in numbers.months) == 2
    assert (numbers.items, numbers.unread, numbers.starred, numbers.undated) == (10, 3, 1, 0)


def test_list_without_dates_has_no_months() -> None:
    numbers = overview([summary("a", shared_at=None)], unread=1, starred=0)
    assert numbers.months == ()
    assert numbers.undated == 1


TWO = [Choice(f"#{tag}", Field("tag", tag), 1, 1) for tag in ("ink", "pulp")]


@given(queries, st.sampled_from(["tag", "by"]))
def test_splitting_a_filter_into_tag_choices_is_lossless(query: Query, name: str) -> None:
    modes, rest = split_choices(query, name, TWO if name == "tag" else [])
    again = rest.and_(query_of(modes))
    assert set(again.conjuncts) == set(query.conjuncts)


@pytest.mark.parametrize(
    ("text", "modes", "rest"),
    [
        ("", {}, ""),
        ("ink", {}, "ink"),
        ("tag:ink -tag:pulp x", {"#ink": "all", "#pulp": "none"}, "x"),
        ("tag:ink or tag:nowhere", {"#ink": "any", "#nowhere": "any"}, ""),
        ("(tag:ink or tag:a) (tag:b or tag:c)", {"#ink": "any", "#a": "any"}, "tag:b or tag:c"),
        ("tag:ink (tag:ink or tag:a)", {"#ink": "all"}, "tag:ink or tag:a"),
        ("-tag:*", {"untagged": "all"}, ""),
        ("tag:in* by:ann tag:ink or x", {}, "tag:in* by:ann tag:ink or x"),
        ("tag:in* by:ann", {}, "tag:in* by:ann"),
    ],
)
def test_tag_terms_of_a_filter_become_choices(text: str, modes: dict[str, str], rest: str) -> None:
    found, left = split_choices(parse(text), "tag", TWO)
    assert {choice.label: mode.value for choice, mode in found.items()} == modes
    assert left == parse(rest)
