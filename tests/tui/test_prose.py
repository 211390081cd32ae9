"""Markdown as lines: what is shown by style, what by signs, and that no words are lost."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.model import BodyKind, Comment, Highlight, Item, ReadingState
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.panes.prose import LONGEST, laid_out
from florilege.tui.widgets.lines import Line, drawable, width_of
from support.clocks import Clock

NOW = Clock()()

WHO: Line = (("metadata", "Ann: "),)


def drawn(lines: Sequence[Line]) -> list[str]:
    return ["".join(text for _, text in line) for line in lines]


def lines_of(text: str, cells: int = 60, first: Line = ()) -> list[str]:
    return drawn(laid_out(text, cells, first))


def test_emphasis_and_code_are_shown_by_style_and_code_by_its_marks_too() -> None:
    assert laid_out("A *bit* **more** `x = 1`", 60) == [
        (
            ("text", "A "), ("emphasis", "bit"), ("text", " "), ("strong", "more"), ("text", " "),
            ("metadata", "`"), ("code", "x = 1"), ("metadata", "`"),
        )
    ]  # fmt: skip


def test_style_continues_across_a_line_break() -> None:
    assert laid_out("so **very strong words**", 10) == [
        (("text", "so "), ("strong", "very")),
        (("strong", "strong"),),
        (("strong", "words"),),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[this](https://example.org/a)", "this (https://example.org/a)"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("[https://example.org/a](https://example.org/a)", "https://example.org/a"),
        ("![a cat](https://example.org/cat.png)", "a cat (https://example.org/cat.png)"),
        ("![](https://example.org/cat.png)", "https://example.org/cat.png"),
        ("[click](javascript:alert(1))", "[click](javascript:alert(1))"),
        ("<b>no markup</b> a < b && c", "<b>no markup</b> a < b && c"),
        ("[bold red]words[/bold red] [/", "[bold red]words[/bold red] [/"),
    ],
)
def test_addresses_follow_their_words_and_the_rest_is_text(text: str, line: str) -> None:
    assert lines_of(text) == [line]


def test_lists_are_marked_numbered_and_indented() -> None:
    text = "Bring:\n\n3. a pen that is not blue;\n4. paper\n   - lined\n   - plain"
    assert lines_of(text, 20) == [
        "Bring:",
        "",
        "3. a pen that is not",
        "   blue;",
        "4. paper",
        "   • lined",
        "   • plain",
    ]


def test_quotes_code_headings_and_rules_have_lines_of_their_own() -> None:
    text = "# Title\n\n> said\n> > before\n\nso\n\n```\na  b\n```\n\n---\nend"
    assert lines_of(text) == ["Title", "", "│ said", "│", "│ │ before", "", "so", "", "  a  b", "", "───", "", "end"]


def test_soft_break_is_a_space_and_a_hard_break_a_line() -> None:
    assert lines_of("one\ntwo  \nthree") == ["one two", "three"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("words", ["Ann: words"]),
        ("- a\n- b", ["Ann:", "• a", "• b"]),
        ("> said", ["Ann:", "│ said"]),
        ("```\ncode\n```", ["Ann:", "  code"]),
        ("", ["Ann:"]),
    ],
)
def test_author_is_in_front_of_plain_words_and_above_other_blocks(text: str, lines: list[str]) -> None:
    assert lines_of(text, first=WHO) == lines


@pytest.mark.parametrize("text", ["> " * 40 + "words", "- " * 40 + "words", "[" * LONGEST + "words"])
def test_words_that_cannot_be_laid_out_are_shown_as_written(text: str) -> None:
    assert "".join(lines_of(text)).replace(" ", "") == text.replace(" ", "")


def test_entity_never_becomes_a_control_character() -> None:
    line = lines_of("a&#27;]52;c&#x202E;b&#10;&#155;")[0]
    assert line == drawable(line)
    assert "\x1b" not in line


marks = st.lists(
    st.sampled_from(
        ["*", "**", "`", "> ", "- ", "1. ", "\n", "\n\n", "    ", "# ", "[", "](", ")", "<", "&#27;", "```\n"]
    )
    | st.text(alphabet="abé漢👩\u200d\u0301 \u202e\x1b", min_size=1, max_size=6),
    max_size=30,
).map("".join)


@given(marks, st.integers(1, 40), st.booleans())
def test_every_line_fits_and_can_be_drawn_as_it_is(text: str, cells: int, is_signed: bool) -> None:
    for line in laid_out(text, cells, WHO if is_signed else ()):
        words = "".join(piece for _, piece in line)
        assert drawable(words) == words
        assert width_of(words) <= max(cells, 2), "a wide character needs two cells"


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=12), st.integers(5, 30))
def test_no_word_is_lost_or_repeated(words: list[str], cells: int) -> None:
    text = " ".join(f"**{word}**" if place % 3 else word for place, word in enumerate(words))
    assert "".join(lines_of(text, cells)).replace(" ", "") == "".join(words)


def test_pane_lays_out_markdown_and_leaves_other_words_as_they_are() -> None:
    said = (Comment(text="**so**", author="Ann", markdown=True), Comment(text="**so**", author="Bob"))
    item = Item(
        id="i", group="g", added_at=NOW, highlights=(Highlight(id="h", quote="**not** Markdown", comments=said),),
        body="# A body", body_kind=BodyKind.MARKDOWN,
    )  # fmt: skip
    rows = AnnotationRows(item, ReadingState(item="i"), now=NOW)
    text = [line.strip() for index in range(len(rows)) for line in drawn(rows.lines(index, 60))]
    assert "1 ┃ **not** Markdown" in text
    assert "┃  ↳ Ann: so" in text
    assert "┃  ↳ Bob: **so**" in text
    assert "A body" in text
