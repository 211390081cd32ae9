"""Where the words of a query occur in a line on screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.query.language import parse
from florilege.query.nodes import plain, spans
from florilege.text import search_key


@pytest.mark.parametrize(
    ("query", "line", "marked"),
    [
        ("ink", "Ink and ink", ["Ink", "ink"]),
        ("elan", "Un élan, un ÉLAN", ["élan", "ÉLAN"]),
        ("elan", "un e\u0301lan", ["e\u0301lan"]),
        ("cafe", "un cafe\u0301!", ["cafe\u0301"]),
        ("oeuvre", "Une œuvre", ["œuvre"]),
        ("euvre", "Une œuvre", ["œuvre"]),
        ("fin", "la ﬁn", ["ﬁn"]),
        ("l'encre", "De l’encre", ["l’encre"]),
        ('"« vélin »"', "le «\u00a0vélin\u00a0» fin", ["«\u00a0vélin\u00a0»"]),
        ('"est fin"', "il est \u00a0 fin", ["est \u00a0 fin"]),
        ("ab bc", "abc", ["abc"]),
        ("ink paper", "paper, ink", ["paper", "ink"]),
        ("ink or paper", "paper, ink", ["paper", "ink"]),
        ("ink -paper", "paper, ink", ["ink"]),
        ("not (ink paper)", "paper, ink", []),
        ("tag:ink is:read", "ink", []),
        ("", "ink", []),
        ("strasse", "Die Straße", ["Straße"]),
    ],
)
def test_words_are_marked_where_they_occur(query: str, line: str, marked: list[str]) -> None:
    assert [line[start:end] for start, end in spans(parse(query), line)] == marked


def test_field_values_are_marked_in_the_lines_of_their_field_only() -> None:
    query = parse("quote:ink title:paper")

    assert spans(query, "ink, paper", "quote") == [(0, 3)]
    assert spans(query, "ink, paper", "title") == [(5, 10)]
    assert spans(query, "ink, paper") == []


@given(st.text(), st.text(min_size=1))
def test_spans_are_within_the_line_ordered_and_disjoint(line: str, word: str) -> None:
    places = [0, *(place for span in spans(plain(word), line) for place in span), len(line)]

    assert places == sorted(places)
    assert all(start < end for start, end in spans(plain(word), line))


@given(st.text(), st.text(min_size=1), st.text())
def test_matching_text_is_marked(before: str, word: str, after: str) -> None:
    line = before + word + after
    is_found = bool(search_key(word).strip()) and search_key(word) in search_key(line)

    assert bool(spans(plain(word), line)) == is_found


@given(st.text(alphabet="aéœ’ \u00a0\u0301ß-"), st.text(alphabet="aeo's -", min_size=1, max_size=3))
def test_marked_text_contains_the_word(line: str, word: str) -> None:
    for start, end in spans(plain(word), line):
        assert search_key(word).strip() in search_key(line[start:end])
