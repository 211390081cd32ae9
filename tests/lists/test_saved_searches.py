"""Counts of saved searches: correct, and without reading unchanged groups."""

import pytest
from hypothesis import given

from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Place, PlaceKind
from florilege.marking import Change
from florilege.model import Counts, Highlight, Item, ReadingState
from florilege.query.language import parse
from florilege.query.nodes import Query
from florilege.query.subject import Subject
from support.stored import Stack
from support.strategies import NOW, queries

INK, UNREAD = parse("ink"), parse("is:unread")


def item(name: str, group: str, quote: str = "") -> Item:
    highlights = (Highlight(id="1", quote=quote),) if quote else ()
    return Item(id=name, group=group, added_at=NOW, title=name, highlights=highlights)


@pytest.fixture
def stack() -> Stack:
    return Stack(
        {
            "Encre": [item("ink one", "Encre"), item("two", "Encre", "of ink")],
            "Papier": [item("three", "Papier", "ink"), item("four", "Papier")],
        },
        {"Papier": {"four": ReadingState(item="four", read_at=NOW)}},
    )


def catalogue_of(stack: Stack) -> Catalogue:
    return Catalogue(stack, clock=lambda: NOW)


def test_items_and_unread_are_counted_across_groups(stack: Stack) -> None:
    catalogue = catalogue_of(stack)

    assert catalogue.count([INK, UNREAD, parse("four")]) == [
        Counts(items=3, unread=3),
        Counts(items=3, unread=3),
        Counts(items=1, unread=0),
    ]


def test_unchanged_groups_are_not_read_again(stack: Stack) -> None:
    catalogue = catalogue_of(stack)
    before = catalogue.count([INK, UNREAD])
    stack.listed.clear()
    stack.decoded.clear()

    assert catalogue.count([INK, UNREAD]) == before
    assert (stack.listed, stack.decoded) == ({}, {})


def test_mark_causes_a_recount_of_its_group_only(stack: Stack) -> None:
    catalogue = catalogue_of(stack)
    catalogue.count([INK, UNREAD])
    stack.listed.clear()
    after = ReadingState(item="three", read_at=NOW)
    stack.states_of["Papier"] = {**stack.states_of["Papier"], "three": after}
    catalogue.follow([Change("Papier", ReadingState(item="three"), after)])

    assert catalogue.count([INK, UNREAD]) == [Counts(items=3, unread=2), Counts(items=2, unread=2)]
    assert stack.listed == {"Papier": 1}


def test_unwritten_mark_counts(stack: Stack) -> None:
    catalogue = catalogue_of(stack)
    catalogue.search(Place(PlaceKind.EVERYTHING)).to_the_end()
    catalogue.count([UNREAD])
    catalogue.follow([Change("Encre", ReadingState(item="two"), ReadingState(item="two", read_at=NOW))])

    assert catalogue.count([UNREAD]) == [Counts(items=2, unread=2)]


def test_groups_without_candidates_are_not_read(stack: Stack) -> None:
    asked = [parse("is:starred ink"), parse("group:papier four"), parse("is:new"), parse("has:quote group:papier")]

    counts = catalogue_of(stack).count(asked)

    assert [count.items for count in counts] == [0, 1, 0, 1]
    assert stack.listed == {"Papier": 1}


def test_counted_items_are_not_kept_in_memory(stack: Stack) -> None:
    catalogue = catalogue_of(stack)
    catalogue.count([INK])
    stack.listed.clear()

    catalogue.search(Place(PlaceKind.GROUP, "Encre")).to_the_end()

    assert stack.listed == {"Encre": 1}


def test_time_dependent_searches_are_counted_each_time(stack: Stack) -> None:
    catalogue = catalogue_of(stack)
    catalogue.count([parse("after:7d ink")])
    stack.listed.clear()

    catalogue.count([parse("after:7d ink")])

    assert stack.listed == {"Encre": 1, "Papier": 1}


@given(queries)
def test_group_is_skipped_only_when_nothing_in_it_can_match(query: Query) -> None:
    stack = Stack({"ink": [item("ink", "ink", "élan"), item("p", "ink")], "none": []})
    catalogue = catalogue_of(stack)
    (count,) = catalogue.count([query])

    states = {each.id: ReadingState(item=each.id) for each in stack.groups_of["ink"]}
    answers = query.predicate(now=NOW)
    assert count.items == sum(answers(Subject(each, states[each.id], "ink")) for each in stack.groups_of["ink"])
