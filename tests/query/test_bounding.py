"""What can be said of an answer before all of an item is known: never a wrong yes, never a wrong no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.model import Item, ReadingState
from florilege.query import Depth, Query, Question, Subject, bounds, depth_of, narrows, outline, parse, searchable
from support.asking import NOW, head_of, items, queries, states

TITLE = "Encre"


def known(item: Item, state: ReadingState, depth: Depth) -> Subject:
    """An item as one who has looked so deep sees it."""
    head = head_of(item)
    text = outline(head) if depth is Depth.HEAD else searchable(item)
    return Subject(item if depth is Depth.ITEM else head, state, TITLE, text)


def passes(question: Question, subject: Subject) -> bool:
    return all(needle in subject.text for needle in question.needles) and (
        question.asked is None or question.asked(subject)
    )


def answers(query: Query, item: Item, state: ReadingState) -> bool:
    return query.predicate(now=NOW)(Subject(item, state, TITLE))


@given(st.data(), items, queries)
@pytest.mark.parametrize("depth", Depth)
def test_the_answer_lies_between_the_bounds_at_every_depth(
    depth: Depth, data: st.DataObject, item: Item, query: Query
) -> None:
    state = data.draw(states(item))
    subject = known(item, state, depth)
    asked = bounds(query, depth, now=NOW)

    surely, possibly = passes(asked.surely, subject), passes(asked.possibly, subject)

    assert surely <= answers(query, item, state) <= possibly
    if depth >= depth_of(query):
        assert surely == possibly


@given(st.data(), items, queries, queries)
def test_what_is_narrower_finds_nothing_else(data: st.DataObject, item: Item, one: Query, other: Query) -> None:
    narrower = one.and_(other)
    assert narrows(narrower, one)
    if narrows(one, other):
        state = data.draw(states(item))
        assert answers(one, item, state) <= answers(other, item, state)


@pytest.mark.parametrize(
    ("query", "other", "is_narrower"),
    [
        ("inks", "ink", True),
        ("papier inks", "ink", True),
        ("ink", "inks", False),
        ("ÉLAN", "ela", True),
        ('"vélin fin"', "lin", True),
        ("title:inks", "title:ink", True),
        ("by:odette", "title:ode", False),
        ("tag:inks", "tag:ink", False),
        ("tag:ink*", "tag:in*", False),
        ("-ink", "ink", False),
        ("-ink", "-inks", False),
        ("ink is:unread", "ink", True),
        ("ink", "ink is:unread", False),
        ("ink or papier", "ink", False),
        ("ink", "", True),
        ("", "ink", False),
    ],
)
def test_typing_on_narrows(query: str, other: str, is_narrower: bool) -> None:
    assert narrows(parse(query), parse(other)) is is_narrower


@pytest.mark.parametrize(
    ("query", "depth"),
    [
        ("", Depth.HEAD),
        ("is:unread tag:ink by:ann title:x site:y before:2020 has:quote has:note has:link group:g", Depth.HEAD),
        ("ink", Depth.TEXT),
        ("is:unread -ink", Depth.TEXT),
        ("tag:ink or ink", Depth.TEXT),
        ("quote:ink", Depth.ITEM),
        ("-note:ink", Depth.ITEM),
        ("ink has:comment", Depth.ITEM),
    ],
)
def test_each_query_needs_to_know_so_much(query: str, depth: Depth) -> None:
    assert depth_of(parse(query)) is depth
