"""Within one item: folding a long one, new highlights, finding words, and links."""

from pathlib import Path

import pytest

from florilege.lists.places import Place, PlaceKind
from florilege.marking import Mark
from florilege.model import BodyKind, Comment, Highlight
from florilege.settings import Config, Look, Reading, Refresh
from florilege.store import Library
from florilege.tui.panes.annotations import FOLD, AnnotationRows
from florilege.tui.screens.picker import Picker
from support.reading import NOW, Open, entry, give, reading, small_library

HOSTILE = "[/] [b]\x1b[31m \u202e @click"


def settings(after: int | None) -> Config:
    return Config(
        reading=Reading(mark_after=None), refresh=Refresh(on_start=False), look=Look(fold_after=after)
    )  # fmt: skip


def quotes(number: int) -> tuple[Highlight, ...]:
    return tuple(Highlight(id=f"h{place}", quote=f"Quote {place} of many") for place in range(1, number + 1))


def long_one(folder: Path, number: int = 8) -> Library:
    return small_library(folder, {"Paper": [entry("long", day=2, highlights=quotes(number)), entry("short", day=1)]})


def keys(running: Open) -> list[str]:
    rows = running.screen.annotations.list.rows
    return [rows.key(place) for place in range(len(rows))]


async def test_long_item_is_folded_and_counts_the_hidden_highlights(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "l")
        assert keys(running) == ["header", "h1", "h2", "h3", FOLD]
        assert any("… 5 more highlights: x shows them" in line for line in running.lines())


async def test_key_unfolds_and_folds_a_long_item(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "l", "x")
        assert len(keys(running)) == 9
        assert running.screen.annotations.list.cursor_key == "h4"
        await running.press("h", "j", "k", "l")
        assert len(keys(running)) == 9, "it stays unfolded"
        await running.press("x")
        assert FOLD in keys(running)
        await running.press("h", "j", "l", "x", "x")
        assert running.said[-1] == "This item is shown whole."


@pytest.mark.parametrize("way", ["enter", "click"])
async def test_fold_line_can_be_chosen_to_unfold(way: str, tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "l", "G")
        annotations = running.screen.annotations.list
        assert annotations.cursor_key == FOLD
        if way == "enter":
            await running.press("enter")
        else:
            line = next(at for at, text in enumerate(running.lines(annotations)) if "5 more highlights" in text)
            await running.pilot.click(annotations, offset=(6, line))
            await running.settled()
        assert annotations.cursor_key == "h4"


async def test_long_item_can_be_unfolded_from_the_list(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "x")
        assert len(keys(running)) == 9
        await running.press("x")
        assert FOLD in keys(running)
        await running.press("j", "x")
        assert running.said[-1] == "Only groups have tags to show."


async def test_folding_can_be_turned_off(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path, 60), config=settings(None)) as running:
        await running.press("l")
        assert len(keys(running)) == 61


async def test_space_reads_on_through_hidden_highlights(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "space")
        assert len(keys(running)) == 9
        assert running.title == "long"
        await running.press("space")
        assert running.title == "short"


async def test_next_annotation_may_be_a_hidden_one(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(3)) as running:
        await running.press("l", "J", "J", "J")
        assert running.screen.annotations.list.cursor_key == FOLD
        await running.press("J")
        assert running.screen.annotations.list.cursor_key == "h4"


async def test_new_highlights_are_never_hidden_and_the_cursor_goes_to_the_first(tmp_path: Path) -> None:
    library = long_one(tmp_path)
    async with reading(library, config=settings(3)) as running:
        state = running.screen.state
        state.changes.mark(state.listing(Place(PlaceKind.EVERYTHING)).rows, Mark.READ)
    give(library, library.groups()[0].id, [entry("long", day=2, highlights=quotes(10)), entry("short", day=1)])
    async with reading(Library(tmp_path, clock=lambda: NOW), config=settings(3)) as running:
        await running.press("j", "l")
        assert running.title == "long"
        assert keys(running) == ["header", "h1", "h2", "h3", FOLD, "h9", "h10"]
        assert running.screen.annotations.list.cursor_key == "h9"


async def test_very_long_body_is_shown_in_part_at_once_and_soon_in_full(tmp_path: Path) -> None:
    body = "<p>A paragraph of a very long page.</p>" * 1500 + "<p>The very end.</p>"
    library = small_library(tmp_path, {"Paper": [entry("page", body=body)]})
    async with reading(library) as running:
        await running.press("l")
        rows = running.screen.annotations.rows
        assert rows is not None
        assert rows.words(len(rows) - 1).endswith("The very end.")


async def test_position_within_a_long_item_is_remembered(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(None)) as running:
        await running.press("l", "J", "J", "J", "J", "j", "k")
        assert running.screen.annotations.list.cursor_key == "h5"


# Finding


async def test_words_are_found_from_match_to_match(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path, 12), config=settings(3)) as running:
        await running.press("l", "f", *"QUOTE 1", "enter")
        assert running.pane == "annotations"
        assert running.screen.annotations.list.cursor_key == "h1"
        assert running.said[-1] == "1 of 4 passages: F and B go on."
        await running.press("F")
        assert running.screen.annotations.list.cursor_key == "h10"
        await running.press("B", "B")
        assert running.screen.annotations.list.cursor_key == "h12"
        assert running.said[-1] == "4 of 4 passages, from the beginning again: F and B go on."
        rows = running.screen.annotations.list.rows
        assert isinstance(rows, AnnotationRows)
        assert any("match" in style for line in rows.lines(1, 60) for style, _ in line), "matches are marked"


async def test_fold_line_is_no_match(tmp_path: Path) -> None:
    highlights = (Highlight(id="h0", quote="One more"), *quotes(8))
    library = small_library(tmp_path, {"Paper": [entry("long", highlights=highlights)]})
    async with reading(library, config=settings(3)) as running:
        await running.press("l", "slash", *"more", "enter", "l", "F")
        assert FOLD in keys(running)
        assert running.said[-1] == "1 of 1 passage."


async def test_matches_are_marked_while_typing_until_cancelled(tmp_path: Path) -> None:
    def marks(running: Open) -> bool:
        rows = running.screen.annotations.list.rows
        assert isinstance(rows, AnnotationRows)
        return any(rows.matches(row) for row in range(len(rows)))

    async with reading(long_one(tmp_path)) as running:
        await running.press("l", "f", *"QUOTE 1")
        assert marks(running)
        await running.press("escape")
        assert not marks(running)
        await running.press("f", *"QUOTE 1", "enter", "f", "x", "escape")
        assert marks(running), "what was found before is marked again"


async def test_finding_ends_with_the_item_and_with_an_empty_line(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path), config=settings(None)) as running:
        await running.press("l", "f", *"many", "enter", "f", "ctrl+u", "enter", "F")
        assert running.said[-1].startswith("No words are being searched for")
        await running.press("f", *"many", "enter", "h", "j", "F")
        assert running.said[-1].startswith("No words are being searched for")


async def test_no_match_says_so(tmp_path: Path) -> None:
    async with reading(long_one(tmp_path)) as running:
        await running.press("l", "f", *"[/]zzz", "enter")
        assert running.said[-1] == "These words are not in this item."
        await running.press("f", "escape")
        assert running.pane == "items" or running.pane == "annotations"


# Links


def linked(folder: Path) -> Library:
    body = (
        '<p>See <a href="https://example.org/a">the archive</a> and <a href="javascript:alert(1)">this</a>, '
        'or <a href="https://example.org/b"><b>[/] more</b></a>; <a href="https://example.org/a">again</a>.</p>'
    )
    note = Comment(
        text="As said on https://example.org/c, and [here](https://example.org/a).", author="Ann", made_at=None
    )
    return small_library(
        folder,
        {
            "Paper": [
                entry("one", day=2, notes=(note,), body=body, body_kind=BodyKind.HTML,
                      discussion_url="https://example.org/talk"),
                entry("none", day=1, url=None, description=HOSTILE),
            ]
        },
    )  # fmt: skip


async def test_links_in_texts_are_numbered(tmp_path: Path) -> None:
    async with reading(linked(tmp_path), size=(160, 40)) as running:
        await running.press("l")
        text = "\n".join(running.lines(running.screen.annotations.list))
        assert "https://example.org/c\u00a0[1], and" in text
        assert "the archive\u00a0[2] and this, or [/] more\u00a0[3]; again\u00a0[2]." in text


@pytest.mark.parametrize(
    ("typed", "opened"),
    [
        ("1", "https://example.org/c"),
        ("archive", None),
        ("more", "https://example.org/b"),
        ("disc", "https://example.org/talk"),
        ("", "https://example.org/one"),
    ],
)
async def test_link_is_chosen_by_number_or_words(tmp_path: Path, typed: str, opened: str | None) -> None:
    async with reading(linked(tmp_path)) as running:
        await running.press("l", "L", *typed, "enter")
        if opened is None:
            assert isinstance(running.app.screen, Picker)
            await running.press("escape")
            assert running.outside.opened == []
        else:
            assert running.outside.opened == [opened]


async def test_item_without_links_says_so(tmp_path: Path) -> None:
    async with reading(linked(tmp_path)) as running:
        await running.press("l", "j", "L")
        question = running.screen.prompt.question
        assert question is not None
        assert question.label == "No link is known for this item."


async def test_copying_from_an_item_with_numbered_links_copies_the_original_text(tmp_path: Path) -> None:
    said = Comment(text="see https://example.org/z", author="Bob", made_at=None)
    library = small_library(tmp_path, {"P": [entry("x", highlights=(Highlight(id="1", quote="Q", comments=(said,)),))]})
    async with reading(library) as running:
        await running.press("l", "l", "c")
        assert running.outside.copied[-1].startswith("> Q\n")


async def test_number_before_the_open_key_opens_that_link(tmp_path: Path) -> None:
    notes = (Comment("see https://one.example.org/a and https://two.example.org/b"),)
    library = small_library(tmp_path, {"Encre": [entry("a", notes=notes), entry("b", day=2)]})
    async with reading(library) as running:
        await running.press("j", "j", "j", "j", "l", "j", "2")
        assert running.said[-1] == "Link 2: https://two.example.org/b (two.example.org). o opens it."
        await running.press("o")
        assert running.outside.opened == ["https://two.example.org/b"]
        await running.press("o")
        assert running.outside.opened[-1] == "https://example.org/a"
        opened = list(running.outside.opened)
        await running.press("3", "o")
        assert running.outside.opened == opened
        assert running.said[-2:] == [
            "There is no link 3: the numbers go to 2.", "There is no link 3, so nothing was opened."
        ]  # fmt: skip
        await running.press("1", "J", "o")  # another key discards the number
        assert running.outside.opened[-1] == "https://example.org/a"
        await running.press("k", "1")
        assert running.said[-1] == "No link in the texts of this item has a number."


async def test_note_that_cannot_be_laid_out_is_shown_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("what a parser may fail with")

    monkeypatch.setattr("florilege.tui.panes.annotations.laid_out", fail)
    notes = (Comment("*Kept* as written", markdown=True),)
    library = small_library(tmp_path, {"Paper": [entry("one", day=2, highlights=quotes(1), notes=notes)]})
    async with reading(library) as running:
        await running.press("l", "l")
        shown = "\n".join(running.lines())
        assert "*Kept* as written" in shown
        assert "Quote 1 of many" in shown
