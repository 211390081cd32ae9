"""The list on screen as a command line."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.lists.places import Place, PlaceKind, library_query
from florilege.query.language import QueryError, command_line, parse, typed
from florilege.query.nodes import Everything, Query


@pytest.mark.parametrize(
    ("place", "query", "line"),
    [
        (Place(PlaceKind.EVERYTHING), "", "florilege list"),
        (Place(PlaceKind.UNREAD), "tag:papier", "florilege list is:unread tag:papier"),
        (Place(PlaceKind.STARRED), "", "florilege list is:starred"),
        (Place(PlaceKind.NEW), "", "florilege list is:new"),
        (Place(PlaceKind.GROUP, "a1"), "", "florilege list 'group:\"Encre & Papier\"'"),
        (Place(PlaceKind.TAG, "a1", "lecture"), "élan", "florilege list 'group:\"Encre & Papier\" tag:lecture élan'"),
        (Place(PlaceKind.EVERYTHING), "-tag:x", "florilege list -- -tag:x"),
        (Place(PlaceKind.EVERYTHING), "a or b", "florilege list a or b"),
        (Place(PlaceKind.EVERYTHING), "(a or b) c", "florilege list '(a or b) c'"),
    ],
)
def test_shown_list_becomes_a_command_line(place: Place, query: str, line: str) -> None:
    assert command_line(library_query(place, parse(query), "Encre & Papier")) == line


@given(st.lists(st.sampled_from(["a", "é", '"x  y"', "-b", "tag:c", "or", "(", ")", "$(id)", "`id`", ";", "'", "*"])))
def test_shell_gives_back_the_query(words: list[str]) -> None:
    try:
        query: Query = parse(" ".join(words))
    except QueryError:
        query = Everything()
    given_back = [word for word in shlex.split(command_line(query))[2:] if word != "--"]
    assert parse(typed(given_back)) == query
