"""The reader's templates: field names in braces, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.quotes.templates import QUOTE_FIELDS, TemplateError, template


def filled(text: str, **values: str) -> str:
    return template(text, values).fill(values)


def test_fields_are_filled_in() -> None:
    assert filled("{quote} — {title}", quote="q", title="t") == "q — t"


def test_double_braces_are_literal() -> None:
    assert filled("{{{a}}} {{b}}", a="x") == "{x} {b}"


def test_filled_in_text_is_not_expanded_again() -> None:
    assert filled("{a}{b}", a="{b}", b="{a.__class__}") == "{b}{a.__class__}"


def test_frame_prefixes_each_line() -> None:
    assert filled("Said:\n> {a}\n\n{a}", a="one\ntwo") == "Said:\n> one\n> two\n\none\ntwo"
    assert filled("x {a}", a="one\ntwo") == "x one\ntwo"


@pytest.mark.parametrize(
    "text",
    [
        "{a.__class__}",
        "{a[0]}",
        "{a!r}",
        "{a:>10}",
        "{a:{b}}",
        "{0}",
        "{}",
        "{b}",
        "{ a }",
    ],
)
def test_braces_hold_only_known_names(text: str) -> None:
    with pytest.raises(TemplateError, match=r"can't hold .*; it can hold \{a\}"):
        template(text, ["a"])


@pytest.mark.parametrize("text", ["{", "}", "{a", "a}", "{a!}", "{{a}"])
def test_lone_brace_is_reported(text: str) -> None:
    with pytest.raises(TemplateError):
        template(text, ["a"])


@given(st.text() | st.lists(st.sampled_from([*"{}[]!:.", "a", "__class__", "quote"])).map("".join))
def test_any_text_is_a_template_or_an_error_message(text: str) -> None:
    try:
        read = template(text)
    except TemplateError as error:
        said = str(error)
    else:
        assert read.fields <= set(QUOTE_FIELDS)
        said = read.fill(dict.fromkeys(QUOTE_FIELDS, "x")) + "."
    assert said.endswith(".")
