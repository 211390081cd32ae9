"""The one place where text becomes a line: nothing in it can drive the terminal, and it fits its frame."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from florilege.tui.theme import PAPER, palettes_of, semantic_variables
from florilege.tui.widgets.lines import drawable, strip_of

PALETTE = palettes_of({**PAPER.to_color_system().generate(), **semantic_variables(PAPER)}).page
DRIVES = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")
HOSTILE = (
    "\x1b[2Jgone \x1b]52;c;ZXZpbA==\x07 \x9b31m \x9d8;;evil\x9c bell\x07 back\x08 \x00null "
    "\u202eterces\u202c \u2066isolate\u2069 line\nbreak\r\n\ttab \u2028 \ud800 [red]markup[/red] @click"
)


def test_nothing_of_hostile_text_drives_the_terminal() -> None:
    strip = strip_of((("text", HOSTILE[:40]), ("quote+match", HOSTILE[40:])), 400, PALETTE)
    assert not DRIVES.search(strip.text)
    assert "[red]markup[/red] @click" in strip.text
    assert all(segment.style is not None and segment.style.link is None and not segment.style.meta for segment in strip)


@given(st.text(max_size=60), st.integers(1, 50))
@example("\u200d\u200d\ufe0f\u0301", 1)
@example("a日", 2)
@example("\u200dA日本", 3)
@example("👩‍👩‍👧❤️1️⃣🇫🇷👍🏽", 9)
@example("क्‍षि ഷ്‍", 4)
def test_any_text_makes_a_line_of_exactly_the_requested_width(text: str, width: int) -> None:
    middle = len(text) // 2
    strip = strip_of((("text", text[:middle]), ("emphasis", text[middle:])), width, PALETTE)
    assert strip.cell_length == width
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert cell_len(strip.text) == width
    assert not DRIVES.search(strip.text)


@given(st.text(max_size=40))
def test_drawable_text_is_unchanged(text: str) -> None:
    assert drawable(drawable(text)) == drawable(text)


def test_each_line_break_is_one_space() -> None:
    assert drawable("one\r\ntwo\rthree\u2028four") == "one two three four"


def test_wide_character_that_does_not_fit_is_dropped_with_everything_after_it() -> None:
    assert strip_of((("text", "a日"), ("strong", "b")), 2, PALETTE).text == "a "


def test_joined_emoji_are_drawn_separately_so_that_all_terminals_agree() -> None:
    assert drawable("👩‍👩‍👧 ❤️ 👍🏽") == "👩👩👧 ❤ 👍"


def test_accents_stay_but_a_pile_of_them_is_cut() -> None:
    assert drawable("e\u0301") == "e\u0301"
    assert drawable("e" + "\u0301" * 500 + "f") == "e" + "\u0301" * 4 + "f"


def test_right_to_left_text_keeps_its_order() -> None:
    assert strip_of((("text", "שלום עולם"),), 12, PALETTE).text == "שלום עולם   "


def test_nothing_wide_is_drawn_in_zero_width() -> None:
    assert strip_of((("text", "text"),), 0, PALETTE).cell_length == 0
