"""Completing queries: what the end of a text may become."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from florilege.model import Item, ReadingState
from florilege.query.completing import completions
from florilege.query.language import parse
from florilege.query.subject import Subject
from florilege.text import search_key

NOW = datetime(2024, 3, 31, 12, 0, tzinfo=UTC)
KNOWN = {
    "tag": ("lecture", "papier", "Poésie", "deux mots", "a*"),
    "by": ("Odette Plumier", "Ann"),
    "group": ("Encre & Papier",),
    "site": ("blog.example.org",),
}


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("ta", ["tag:"]),
        ("t", []),
        ("", []),
        ("papier ti", ["papier title:"]),
        ("-ta", ["-tag:"]),
        ("(ta", ["(tag:"]),
        ("tag:le", ["tag:lecture"]),
        ("tag:LE", ["tag:LEcture"]),
        ("tag:poe", ["tag:poesie"]),
        ("tag:lecture", []),
        ("-tag:pap", ["-tag:papier"]),
        ("ink (tag:pap", ["ink (tag:papier"]),
        ("tag:deux", ['tag:"deux mots"']),
        ('tag:"deu', ['tag:"deux mots"']),
        ('tag:"deux m', ['tag:"deux mots"']),
        ("tag:a", ['tag:"a*"']),
        ("is:u", ["is:unread"]),
        ("has:", ["has:quote", "has:note", "has:comment", "has:link", "has:mine"]),
        ("by:plu", ['by:"Odette Plumier"']),
        ("group:pap", ['group:"Encre & Papier"']),
        ("site:exam", ["site:blog.example.org"]),
        ("after:", ["after:7d", "after:2w", "after:3m", "after:1y"]),
        ("nothing:x", []),
        ("title:x", []),
        ('"open phrase ta', []),
    ],
)
def test_end_of_a_query_is_completed(typed: str, becomes: list[str]) -> None:
    assert completions(typed, KNOWN) == becomes


def test_likeliest_completion_comes_first() -> None:
    assert completions("tag:p", KNOWN) == ["tag:papier", "tag:poésie"]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_completion_is_a_valid_query_for_that_value(tag: str) -> None:
    assume(search_key(tag).strip())  # a blank is no tag
    known = {"tag": (tag,)}
    subject = Subject(Item(id="i", group="g", added_at=NOW, tags=(tag,)), ReadingState(item="i"))
    for typed in ("tag:", 'tag:"'):
        for text in completions(typed, known):
            assert parse(text).predicate(now=NOW)(subject), text


@given(st.text('tag:by"()- xé', max_size=20))
def test_completing_never_fails_and_keeps_what_was_typed_before(text: str) -> None:
    for found in completions(text, KNOWN):
        assert found != text
        assert found.startswith(text[: text.rfind(" ") + 1]) or '"' in text
