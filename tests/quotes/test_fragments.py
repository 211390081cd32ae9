"""Links to passages, following the WICG specification “Text Fragments”."""

from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.model import Highlight, Item
from florilege.quotes.passages import LONG, archived_link, passage_url

PAGE = "https://example.com"


def fragment(passage: str, prefix: str | None = None, suffix: str | None = None) -> str:
    return passage_url(PAGE, passage, prefix, suffix).removeprefix(f"{PAGE}#:~:text=")


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        ("an example text fragment", "an%20example%20text%20fragment"),
        ("-0.5", "%2D0.5"),
        ("this, that & the other-one", "this%2C%20that%20%26%20the%20other%2Done"),
        ("l’encre", "l%E2%80%99encre"),
        ("100% sure?", "100%25%20sure%3F"),
        ("two  spaces\tand a tab", "two%20spaces%20and%20a%20tab"),
        ("#hash/slash", "%23hash%2Fslash"),
    ],
)
def test_passage_is_percent_encoded_including_special_characters(passage: str, expected: str) -> None:
    assert fragment(passage) == expected


def test_prefix_and_suffix_surround_the_passage() -> None:
    # The example of the specification: "text=this%20is-,an%20example,-text%20fragment".
    assert fragment("an example", "and this is ", " text fragment here") == "this%20is-,an%20example,-text%20fragment"
    assert fragment("an example", "and this is ") == "this%20is-,an%20example"
    assert fragment("an example", None, " text fragment here") == "an%20example,-text%20fragment"


def test_punctuation_between_passage_and_suffix_is_kept() -> None:
    assert fragment("the words", None, ", after it. Bla") == "the%20words,-%2C%20after%20it."


def test_possibly_cut_word_is_no_context() -> None:
    assert fragment("an example", "his is ", " text frag") == "is-,an%20example,-text"
    assert fragment("an example", "his ", " frag") == "an%20example"


def test_context_stays_within_one_paragraph() -> None:
    assert fragment("an example", "other paragraph.\nThis is ", " of one.\nAnother") == (
        "This%20is-,an%20example,-of%20one."
    )


def test_long_passage_is_given_by_its_first_and_last_words() -> None:
    words = " ".join(f"word{number}" for number in range(100))
    assert fragment(words) == (
        "word0%20word1%20word2%20word3%20word4%20word5,word94%20word95%20word96%20word97%20word98%20word99"
    )


def test_passage_of_the_maximum_length_is_given_in_full() -> None:
    words = ("ab " * LONG)[:LONG].strip()
    assert unquote(fragment(words)) == words
    assert "," in fragment(f"{words} and more words")


def test_several_paragraphs_are_given_by_their_ends() -> None:
    assert fragment("One paragraph.\n\n  Another one  \nThe third.") == "One%20paragraph.,The%20third."


def test_long_line_without_word_breaks_is_given_in_full() -> None:
    assert unquote(fragment("漢" * 400)) == "漢" * 400


def test_passage_cut_within_words_is_given_by_its_whole_words() -> None:
    assert fragment("ample of tex", "an ex", "t fragments") == "of"
    assert fragment("ample", "ex", "s") == "ample"


def test_existing_fragment_stays_before_the_directive() -> None:
    assert passage_url(f"{PAGE}/a?b=c#section", "x") == f"{PAGE}/a?b=c#section:~:text=x"
    assert passage_url(f"{PAGE}#!/route", "x") == f"{PAGE}#!/route:~:text=x"
    assert passage_url(f"{PAGE}#", "x") == f"{PAGE}#:~:text=x"


def test_existing_directive_is_replaced() -> None:
    assert passage_url(f"{PAGE}#section:~:text=old", "x") == f"{PAGE}#section:~:text=x"
    assert passage_url(f"{PAGE}#:~:text=old", "x") == f"{PAGE}#:~:text=x"


@pytest.mark.parametrize("passage", ["", "  \n ", "…", "— –"])
def test_passage_without_words_gets_no_directive(passage: str) -> None:
    assert passage_url(PAGE, passage) == PAGE


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "urn:x-pdf:1", "not an address"])
def test_non_web_address_gets_no_fragment(address: str) -> None:
    assert passage_url(address, "x") == address


@given(passage=st.text(), prefix=st.none() | st.text(), suffix=st.none() | st.text())
def test_directive_has_its_parts_and_no_others(passage: str, prefix: str | None, suffix: str | None) -> None:
    link = passage_url(PAGE, passage, prefix, suffix)
    assert link.isascii()
    assert not any(character.isspace() for character in link)
    directive = link.removeprefix(PAGE).removeprefix("#:~:text=")
    parts = directive.split(",")
    assert len(parts) <= 4
    assert "&" not in directive
    assert [part for part in parts[1:-1] if part.startswith("-")] == []
    assert directive.count("-") == parts[0].endswith("-") + (len(parts) > 1 and parts[-1].startswith("-"))


def test_archived_page_is_the_copy_nearest_to_the_highlight() -> None:
    made = datetime(2019, 4, 12, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    mark = Highlight(id="h", quote="in the margin", made_at=made)
    page = Item(id="i", group="g", added_at=made, url="https://example.org/x?token=0123456789abcdef0123456789abcdef#a")
    bare = Item(id="i", group="g", added_at=made, url="https://example.org/x", shared_at=datetime(2018, 1, 2))  # noqa: DTZ001

    assert archived_link(bare, mark) == (
        "https://web.archive.org/web/20190413013000/https://example.org/x#:~:text=in%20the%20margin"
    )
    assert archived_link(bare, None) == "https://web.archive.org/web/20180102000000/https://example.org/x"
    assert "0123456789abcdef" not in (archived_link(page, mark) or "")
    assert archived_link(Item(id="i", group="g", added_at=made, url="javascript:x"), mark) is None
