"""The one place where text becomes a line: nothing in it can drive the terminal, and it fits its frame."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.color import Color
from textual.content import Content, Span
from textual.style import Style

from florilege.tui.widgets.lines import drawable, line_of, safe_content

GROUND = Style(background=Color.parse("#FBF7EF"), foreground=Color.parse("#2B2622"))
DRIVES = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")
HOSTILE = (
    "\x1b[2Jgone \x1b]52;c;ZXZpbA==\x07 \x9b31m \x9d8;;evil\x9c bell\x07 back\x08 \x00null "
    "\u202eterces\u202c \u2066isolate\u2069 line\nbreak\r\n\ttab \u2028 \ud800 [red]markup[/red] @click"
)


def test_nothing_of_hostile_text_drives_the_terminal() -> None:
    strip = line_of(Content(HOSTILE, [Span(0, 40, Style(bold=True)), Span(30, 90, Style(italic=True))]), 400, GROUND)
    assert not DRIVES.search(strip.text)
    assert "[red]markup[/red] @click" in strip.text


def test_hostile_text_that_bypassed_content_is_cleaned_too() -> None:
    raw = Content(HOSTILE, strip_control_codes=False)
    assert not DRIVES.search(line_of(raw, 400, GROUND).text)


def test_links_and_actions_in_a_row_reach_no_terminal() -> None:
    style = Style(link="https://evil.example/\x1b]0;x\x07", bold=True) + Style.from_meta({"@click": "app.quit"})
    strip = line_of(Content("text", [Span(0, 4, style)]), 10, GROUND)
    assert all(segment.style is not None and segment.style.link is None and not segment.style.meta for segment in strip)
    assert strip._segments[0].style is not None
    assert strip._segments[0].style.bold


@given(st.text(max_size=60), st.integers(1, 50))
@example("\u200d\u200d\ufe0f\u0301", 1)
@example("a日", 2)
@example("\u200dA日本", 3)
@example("👩‍👩‍👧❤️1️⃣🇫🇷👍🏽", 9)
@example("क्‍षि ഷ്‍", 4)
def test_any_text_makes_a_line_of_exactly_the_requested_width(text: str, width: int) -> None:
    middle = len(text) // 2
    content = Content(text, [Span(0, middle, Style(bold=True)), Span(middle, len(text), Style(italic=True))])
    strip = line_of(content, width, GROUND)
    assert strip.cell_length == width
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert cell_len(strip.text) == width
    assert not DRIVES.search(strip.text)


@given(st.text(max_size=40))
def test_drawable_text_is_unchanged(text: str) -> None:
    assert drawable(drawable(text)) == drawable(text)


def test_wide_character_that_does_not_fit_is_dropped_with_everything_after_it() -> None:
    assert line_of(Content("a日b", [Span(2, 3, Style(bold=True))]), 2, GROUND).text == "a "


def test_joined_emoji_are_drawn_separately_so_that_all_terminals_agree() -> None:
    assert drawable("👩‍👩‍👧 ❤️ 👍🏽") == "👩👩👧 ❤ 👍"


def test_accents_stay_but_a_pile_of_them_is_cut() -> None:
    assert drawable("e\u0301") == "e\u0301"
    assert drawable("e" + "\u0301" * 500 + "f") == "e" + "\u0301" * 4 + "f"


def test_right_to_left_text_keeps_its_order() -> None:
    assert line_of(Content("שלום עולם"), 12, GROUND).text == "שלום עולם   "


def test_styles_stay_on_their_words_when_text_before_them_is_cleaned() -> None:
    content = safe_content(Content("a\x1b\tb WORD c", [Span(5, 9, Style(bold=True))], strip_control_codes=False))
    span = content.spans[0]
    assert content.plain[span.start : span.end] == "WORD"


def test_nothing_wide_is_drawn_in_zero_width() -> None:
    assert line_of(Content("text"), 0, GROUND).cell_length == 0
