"""What can be said of an answer before all of an item is known: never a wrong yes, never a wrong no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.lists import columns
from florilege.lists.columns import Stretch
from florilege.lists.listing import Listed
from florilege.lists.shelves import Shelf
from florilege.model import Counts, Item, ReadingState
from florilege.query import Depth, Query, Question, Subject, between, bounds, depth_of, narrows, parse, searchable
from support.asking import NOW, head_of, items, queries, states

TITLE = "Encre"


def passes(question: Question, subject: Subject) -> bool:
    return all(needle in subject.text for needle in question.needles) and (
        question.asked is None or question.asked(subject)
    )


def answers(query: Query, item: Item, state: ReadingState) -> bool:
    return query.predicate(now=NOW)(Subject(item, state, TITLE))


@given(st.data(), items, queries)
def test_the_answer_lies_between_what_texts_say(data: st.DataObject, item: Item, query: Query) -> None:
    state = data.draw(states(item))
    subject = Subject(head_of(item), state, TITLE, searchable(item))
    asked = bounds(query, now=NOW)

    surely, possibly = passes(asked.surely, subject), passes(asked.possibly, subject)

    assert surely <= answers(query, item, state) <= possibly
    if depth_of(query) <= Depth.TEXT:
        assert surely == possibly


@given(st.data(), st.lists(items, max_size=6, unique_by=lambda item: item.id), queries)
@pytest.mark.parametrize("rows_asked_together", [2, 1000])
def test_the_answers_lie_between_what_lists_say_of_many_rows_together(
    rows_asked_together: int, data: st.DataObject, several: list[Item], query: Query
) -> None:
    known = {item.id: data.draw(states(item)) for item in several if data.draw(st.booleans())}
    state_of = {item.id: known.get(item.id, ReadingState(item=item.id)) for item in several}
    unread = bytearray(not state_of[item.id].is_read for item in several)
    rows = [Listed(head_of(item), TITLE) for item in several]
    shelf = Shelf("g", rows, known, Counts(), unread)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "ROWS", rows_asked_together)
        for first in range(0, len(several), rows_asked_together):
            stretch = Stretch(shelf, first)
            those = several[first : first + rows_asked_together]
            among = stretch.mask_at(first + place for place in range(len(those)) if data.draw(st.booleans()))

            surely, possibly = (set(stretch.places(mask)) for mask in between(query, now=NOW)(stretch, among))

            asked = set(stretch.places(among))
            exactly = {place for place in asked if answers(query, several[place], state_of[several[place].id])}
            assert surely <= exactly <= possibly <= asked
            if depth_of(query) is Depth.HEAD:
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
