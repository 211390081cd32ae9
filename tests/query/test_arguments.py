"""Queries as shell arguments: a shell and florilege read back exactly the same query."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.lists.places import Place, PlaceKind, library_query
from florilege.query.language import command_line, parse, typed
from florilege.query.nodes import Field, Query, all_of, any_of, none_of, plain

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)
LEAVES = st.one_of(TEXTS.map(plain), TEXTS.map(lambda text: Field("tag", text)), TEXTS.map(lambda t: Field("group", t)))
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(all_of), st.lists(inner, min_size=1, max_size=3).map(any_of), inner.map(none_of)
    ),
    max_leaves=6,
)


def read_back(line: str) -> Query:
    """The query as the command receives it from a shell."""
    program, command, *words = shlex.split(line)
    assert (program, command) == ("florilege", "list")
    if words[:1] == ["--"]:
        words = words[1:]
    else:
        assert not words or not words[0].startswith("-"), "it would be taken for an option"
    return parse(typed(words))


@given(QUERIES)
def test_any_query_is_read_back_exactly(query: Query) -> None:
    assert read_back(command_line(query)) == query


@given(QUERIES, TEXTS, st.sampled_from(PlaceKind))
def test_any_place_and_query_is_read_back_exactly(query: Query, name: str, kind: PlaceKind) -> None:
    place = Place(
        kind, "a1b2" if kind in {PlaceKind.GROUP, PlaceKind.TAG} else None, name if kind is PlaceKind.TAG else None
    )
    asked = library_query(place, query, name)
    assert read_back(command_line(asked)) == asked


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "florilege list"),
        ("encre papier", "florilege list encre papier"),
        ("-tag:x", "florilege list -- -tag:x"),
        ('"deux mots" or a', "florilege list '\"deux mots\" or a'"),
    ],
)
def test_arguments_are_as_short_as_possible(text: str, line: str) -> None:
    assert command_line(parse(text)) == line


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["ink", "paper"], "ink paper"),
        (["tag:slow reading"], 'tag:"slow reading"'),
        (["-tag:slow reading", "x"], '-tag:"slow reading" x'),
        (["#slow reading"], 'tag:"slow reading"'),
        (["by:Ana Ruiz", "tag:slow reading"], 'by:"Ana Ruiz" tag:"slow reading"'),
        (["not the enemy"], '"not the enemy"'),
        (["title:war and peace"], 'title:"war and peace"'),
        (["title:Paper: a history"], 'title:"Paper: a history"'),
        (["title:a \\ b"], 'title:"a \\\\ b"'),
        (['tag:"slow reading" ink'], 'tag:"slow reading" ink'),
        (["tag:a or tag:b"], "tag:a or tag:b"),
        (["ink -paper"], "ink -paper"),
        (["ink #paper"], "ink tag:paper"),
        (["(ink or paper) x"], "(ink or paper) x"),
    ],
)
def test_quotation_marks_removed_by_the_shell_are_restored(arguments: list[str], text: str) -> None:
    assert parse(typed(arguments)) == parse(text)
