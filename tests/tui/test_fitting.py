"""Text in too little room: what is shortened, what stays whole, and where lines break."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from florilege.tui.panes.fitting import cut, in_lines, squeezed
from florilege.tui.widgets.lines import LONGEST, Line, fit, width_of, wrap, wrap_at_most
from support.reading import reading, sample_library


def parts(*texts: str) -> list[Line]:
    return [(("text", text),) for text in texts]


def text(line: Line) -> str:
    return "".join(piece for _, piece in line)


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (60, "Marguerite Tranchefile · 14 Nov · Encre & Papier"),
        (44, "Marguerite Tranchefile · 14 Nov · Encre & P…"),
        (38, "Marguerite Tranchefile · 14 Nov"),
        (24, "Marguerite Tra… · 14 Nov"),
        (12, "Ma… · 14 Nov"),
    ],
)
def test_group_is_shortened_before_the_sharer_and_the_date_never(cells: int, shown: str) -> None:
    line = squeezed(parts("Marguerite Tranchefile", "14 Nov", "Encre & Papier"), cells, (2, 0))
    assert text(line) == shown
    assert cell_len(shown) <= cells


def test_units_stay_whole_while_they_fit() -> None:
    assert in_lines(["#small-web", "#plain-text", "#x"], 14) == ["#small-web", "#plain-text #x"]
    assert in_lines(["example.org", "Ann", "12 April 2019"], 18, " · ") == ["example.org · Ann", "12 April 2019"]
    assert in_lines(["#" + "a" * 20], 8) == ["#aaaaaaa", "a" * 8, "a" * 5]


@pytest.mark.parametrize("cells", range(4, 30, 2))
def test_no_japanese_line_begins_with_closing_punctuation(cells: int) -> None:
    lines = wrap("日本語の見出しはとても長いので、枠の中で「折り返さ」なければ。", cells)
    assert "".join(lines) == "日本語の見出しはとても長いので、枠の中で「折り返さ」なければ。"
    assert not [line for line in lines if line[0] in "、。」"]
    assert not [line for line in lines[:-1] if line[-1] == "「"]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "florilege  Home › Encre & Papier       15 unread · 1 of 23"),
        (40, "Encre & Papier     15 unread · 1 of 23"),
        (30, "Encre & Papier     15 unread"),
        (22, "Encre & P… 15 unread"),
    ],
)
async def test_first_crumbs_are_shortened_and_the_current_one_stays(tmp_path: Path, width: int, shown: str) -> None:
    async with reading(sample_library(tmp_path), size=(width, 10)) as running:
        await running.press("j", "j", "j", "j")
        assert running.lines()[0].strip() == shown


MONSTERS = {
    "words": "word " * 200_000, "one word": "x" * 1_000_000, "wide": "紙" * 400_000, "marks": "\u0301" * 300_000,
    "lines": "\n" * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("name", MONSTERS)
def test_enormous_text_is_drawn_in_part_and_the_rest_mentioned(name: str) -> None:
    monster = MONSTERS[name]
    lines = wrap(monster, 80)
    assert re.fullmatch("… .+ more characters", lines[-1])
    assert len("".join(lines)) <= LONGEST + 100
    assert len(wrap_at_most(monster, 80, 2)) <= 2
    assert width_of(fit(monster, 80)) <= 80
    assert sum(width_of(piece) for _, piece in cut((("text", monster), ("text", monster)), 80)) <= 80


@pytest.mark.parametrize("letter", ["ก", "é", "\u00a0", "x", "漢", "e\u0301"])
def test_endless_word_is_broken_in_linear_time_without_loss(letter: str) -> None:
    word = letter * (LONGEST // len(letter))
    began = time.process_time()
    lines = wrap(word, 80)
    assert time.process_time() - began < 1.0
    assert "".join(lines) == word
    assert max(map(width_of, lines)) <= 80


BREAKS = re.compile(r"(?<=[ ])(?=[^ ])|(?<=[^\W\d_][-–—])(?=\w)")


@given(st.text(st.sampled_from("abcdé -–—’“ \n\u00a0_1?œ²½紙、「e\u0301\u3000"), max_size=80), st.integers(1, 30))
def test_no_character_is_lost_where_lines_break(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert all(width_of(line) <= max(2, cells) for line in lines)


@given(st.text(st.sampled_from("abcdé -–—’“ \n\u00a0_1?œ²½"), max_size=80), st.integers(1, 30))
def test_lines_are_filled_as_far_as_words_fit_and_lose_only_spaces(text: str, cells: int) -> None:
    for paragraph in filter(None, text.split("\n")):
        lines, rest = wrap(paragraph, cells), paragraph.rstrip(" ")
        assert max(map(len, lines)) <= cells
        assert "".join(lines).replace(" ", "") == paragraph.replace(" ", "")
        for line in lines[:-1]:
            rest = rest[rest.index(line) + len(line) :]
            following = BREAKS.split(rest.lstrip(" "))[0].rstrip(" ")
            between = len(rest) - len(rest.lstrip(" "))
            is_cut = not between and not BREAKS.match(line + rest, len(line))
            assert is_cut or len(line) + between + len(following) > cells


def test_long_text_of_simple_words_is_wrapped_quickly() -> None:
    began = time.process_time()
    assert len(wrap("word well-known " * 6_000, 80)) > 1000
    assert time.process_time() - began < 0.1
