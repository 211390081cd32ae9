"""Passages in the reader's own words, and what is shown as a command line."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.lists.commandline import asked_here, command_line
from florilege.lists.places import Kind, Place
from florilege.model import Comment, Highlight, ReadingState
from florilege.query import Everything, Query, QueryError, parse
from florilege.quotes.citing import ITEM_FIELDS, by_template, item_values, passage_link, plain_quote, quote_values
from florilege.quotes.templates import QUOTE_FIELDS, template
from support.exporting import item, rich

FULL = next(iter(rich().rows)).item


def test_every_documented_field_has_a_value() -> None:
    assert set(quote_values(FULL, FULL.highlights[0], "Encre")) == set(QUOTE_FIELDS)
    assert set(item_values(FULL, ReadingState(item=FULL.id), "Encre")) == set(ITEM_FIELDS)


def test_what_is_known_is_filled_in() -> None:
    known = quote_values(FULL, FULL.highlights[0], "Encre")
    assert (known["sharer"], known["author"], known["date"]) == ("Odette Plumier", "Bob", "2019-04-12")
    assert (known["tags"], known["note"]) == ("lecture, papier", "oui\nnon")
    assert known["passage"].startswith("https://example.org/marges#:~:text=")


def test_what_is_unknown_is_empty() -> None:
    bare = item(title="", url=None)
    known = quote_values(bare, Highlight(id="1", quote="q"), "Encre")
    assert {name for name, value in known.items() if value} == {"quote", "group"}
    assert passage_link(bare, Highlight(id="1", quote="q")) is None


def test_without_words_on_the_passage_those_on_the_page_are_the_note() -> None:
    noted = item(notes=(Comment("sur la page"),))
    assert quote_values(noted, Highlight(id="1", quote="q"), "")["note"] == "sur la page"


def test_hostile_words_stay_words() -> None:
    evil = Highlight(id="1", quote="{title.__class__} {0}")
    assert by_template(template("“{quote}”"), item(), evil, "") == "“{title.__class__} {0}”"


def test_a_plain_quote_has_no_markup_and_no_empty_source() -> None:
    bare = item(title="", url=None)
    assert plain_quote(bare, Highlight(id="1", quote="*q*"), "") == "*q*\n\n— (without title)\n"


@pytest.mark.parametrize(
    ("place", "query", "line"),
    [
        (Place(Kind.EVERYTHING), "", "florilege list"),
        (Place(Kind.UNREAD), "tag:papier", "florilege list is:unread tag:papier"),
        (Place(Kind.STARRED), "", "florilege list is:starred"),
        (Place(Kind.NEW), "", "florilege list is:new"),
        (Place(Kind.GROUP, "a1"), "", "florilege list 'group:\"Encre & Papier\"'"),
        (Place(Kind.TAG, "a1", "lecture"), "élan", "florilege list 'group:\"Encre & Papier\" tag:lecture élan'"),
        (Place(Kind.EVERYTHING), "-tag:x", "florilege list -- -tag:x"),
        (Place(Kind.EVERYTHING), "a or b", "florilege list a or b"),
        (Place(Kind.EVERYTHING), "(a or b) c", "florilege list '(a or b) c'"),
    ],
)
def test_what_is_shown_is_a_command_line(place: Place, query: str, line: str) -> None:
    assert command_line(asked_here(place, parse(query), "Encre & Papier")) == line


@given(st.lists(st.sampled_from(["a", "é", '"x  y"', "-b", "tag:c", "or", "(", ")", "$(id)", "`id`", ";", "'", "*"])))
def test_a_shell_gives_back_the_query(words: list[str]) -> None:
    try:
        query: Query = parse(" ".join(words))
    except QueryError:
        query = Everything()
    given_back = [word for word in shlex.split(command_line(query))[2:] if word != "--"]
    assert parse(" ".join(given_back)) == query
