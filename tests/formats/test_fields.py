"""Fields made from outside text: shortcuts give the same result as the long way."""

import csv
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import fields
from florilege.formats.markup import Layout, is_blank, mixed_to_text
from florilege.text import clean, tag_key
from florilege.urls import scheme_of

words = st.text(st.sampled_from(" \t\n\r\x1b\u00a0\u202fabÀé,;\"'&<>/#x3b") | st.characters(), max_size=12)
pieces = st.lists(words | st.sampled_from(["<b>", "</p>", "&amp;", "&#39;", "&eacute;", "no_tag"]), max_size=6)


@given(pieces.map("".join))
def test_html_shortcut_gives_the_same_result(text: str) -> None:
    for found, layout in ((fields.passage(text), Layout.PASSAGE), (fields.description(text), Layout.PAGE)):
        cleaned = clean(mixed_to_text(text, layout))
        expected = "" if is_blank(cleaned) else cleaned.strip()
        assert (found or "").split() == expected.split()  # source white space may be dropped


@given(words)
def test_text_without_brackets_and_entities_is_not_html(text: str) -> None:
    if "<" not in text and "&" not in text:
        assert html.unescape(text) == mixed_to_text(text) == text


@given(pieces.map(",".join))
def test_comma_separated_tags_are_split_like_csv(text: str) -> None:
    row = next(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True), [])

    assert fields.comma_list(text) == row
    assert fields.comma_tags(text) == fields.tags(row)


@given(
    st.lists(words | st.sampled_from(["a", "A", "b", "É", "e\u0301", "é", "", "no_tag", "¸"]) | st.none(), max_size=8)
)
def test_tags_keep_their_order_and_first_spelling(given: list[str | None]) -> None:
    kept: dict[str, str] = {}
    for word in given:
        cleaned = fields.line(word) or ""
        if cleaned and tag_key(cleaned) != "no_tag":
            kept.setdefault(tag_key(cleaned), cleaned)

    assert fields.tags(given) == tuple(kept.values())


@pytest.mark.parametrize("base", ["https://example.org/x/y", "http://example.org/x/y"])
@pytest.mark.parametrize("text", ["https://example.org/a b", "http://", "HTTPS://example.org", "mailto:a@b", "a/b", ""])
def test_address_is_resolved_only_without_a_scheme(text: str, base: str) -> None:
    assert (fields.address(text, base) == (text or None)) is (scheme_of(text) is not None or not text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ink dries\n        from the edges\n\tinward.", "Ink dries from the edges inward."),
        ("one\ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("one\n\n    two", "one\n\ntwo"),
        ("a list:\n  - one\n  - two\n    1. three", "a list:\n - one\n - two\n 1. three"),
        ("wide    apart", "wide apart"),
        ("x" + " " * 50_000 + "\n" * 50_000 + " y", "x\n\ny"),
    ],
)
def test_source_indentation_is_dropped_and_the_writers_spacing_kept(text: str, read: str) -> None:
    assert fields.passage(text) == read
    assert fields.description(text) == read


def test_line_break_in_a_title_is_a_space() -> None:
    assert fields.title("Ink<br/>dries &amp; <br> stays", is_html=True) == "Ink dries & stays"


@pytest.mark.parametrize(
    ("number", "shown"), [(7, "7"), (7.0, "7"), (1.5, "1.5"), (1e300, "1e+300"), (10**20, "1" + "0" * 20)]
)
def test_number_as_id_is_written_as_exactly_as_it_is_known(number: float, shown: str) -> None:
    assert fields.identifier(number) == shown
