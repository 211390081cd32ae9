"""The find line: history, completion, and highlighting of matches."""

from pathlib import Path

from textual.widgets import Input

from florilege.model import BodyKind, Comment, Highlight
from florilege.query.language import parse
from florilege.settings import Session
from florilege.store import Library
from florilege.tui.panes.fitting import lit, marked
from florilege.tui.theme import PAPER, palettes_of, semantic_variables
from florilege.tui.widgets.lines import wrap
from support.reading import Open, entry, reading, small_library

HOSTILE = "[bold]x[/bold] [/] \x1b[31mred \u202egnp [@click=app.quit]x[/] deux mots"


def library(folder: Path) -> Library:
    marks = (Highlight(id="1", quote="The well-known margin of a page"),)
    return small_library(
        folder,
        {
            "Encre & Papier": [
                entry("Ink in the margin", day=3, tags=("encre", "lecture"), highlights=marks),
                entry("Paper", day=2, tags=("lecture",)),
            ]
        },
    )


def line(app: Open) -> Input:
    return app.app.reading.prompt.query_one(Input)


def styles_of(app: Open, word: str, list_id: str) -> set[bool]:
    """Whether a word is underlined, wherever it is drawn in a list."""
    row_list = app.app.reading.query_one(f"#{list_id}")
    found = set()
    for y in range(row_list.size.height):
        for segment in row_list.render_line(y):
            if word in segment.text:
                found.add(bool(segment.style and segment.style.underline))
    return found


async def test_completion_is_shown_behind_the_cursor(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"tag:l")
        assert line(app)._suggestion == "tag:lecture"
        await app.press("right")
        assert line(app).value == "tag:lecture"
        assert len(app.app.reading.state.rows) == 2


async def test_tab_cycles_through_completions(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"tag:", "tab")
        assert line(app).value == "tag:lecture"
        await app.press("tab")
        assert line(app).value == "tag:encre"
        await app.press("tab")
        assert line(app).value == "tag:lecture"
        await app.press("shift+tab")
        assert line(app).value == "tag:encre"


async def test_tab_quotes_a_value_of_several_words(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"group:enc", "tab")
        assert line(app).value == 'group:"Encre & Papier"'
        assert len(app.app.reading.state.rows) == 2


async def test_completions_come_from_the_list_as_it_was_before_typing(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"tag:zz")
        assert app.app.reading.state.rows == []
        await app.press("backspace", "backspace", "tab")
        assert line(app).value == "tag:lecture"


async def test_earlier_searches_are_recalled_and_the_unfinished_one_restored(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("slash", *"ink", "enter", "escape", "slash", *"paper", "enter", "escape")

        await app.press("slash", *"marg", "up")
        assert line(app).value == "paper"
        await app.press("up", "up")
        assert line(app).value == "ink"
        await app.press("down", "down", "down")
        assert line(app).value == "marg"


async def test_search_history_survives_a_restart(tmp_path: Path) -> None:
    session = Session(theme="florilege-dark", finds=("before",))
    async with reading(library(tmp_path), session=session) as app:
        await app.press("slash", *"ink", "enter")
        app.app.remember()
        assert app.outside.remembered[-1].finds == ("before", "ink")


async def test_repeated_search_is_remembered_once(tmp_path: Path) -> None:
    session = Session(theme="florilege-dark", finds=("ink", "before"))
    async with reading(library(tmp_path), session=session) as app:
        await app.press("slash", *"ink", "enter")
        assert app.app.reading.find.entries.remembered == ("before", "ink")


async def test_matches_are_underlined_in_titles_and_quotes(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("slash", *"margin", "enter")
        assert styles_of(app, "margin", "items") == {True}
        assert styles_of(app, "margin", "annotations") == {True}
        assert False not in styles_of(app, "margin", "items")

        await app.press("escape")
        assert styles_of(app, "margin", "items") == {False}
        assert styles_of(app, "margin", "annotations") == {False}


async def test_matches_are_underlined_in_notes_comments_tags_and_bodies(tmp_path: Path) -> None:
    said = Comment("Wide *margin*", author="Margin Ann", markdown=True)
    marks = (Highlight(id="h", quote="q", comments=(Comment("margin?"),)),)
    body = {"body": "# A margin\n\nIts `margin`", "body_kind": BodyKind.MARKDOWN}
    entries = [
        entry("Note", day=4, notes=(said,), highlights=marks),
        entry("Tag", day=3, tags=("margin",), **body),
    ]
    async with reading(small_library(tmp_path, {"Encre": entries})) as app:
        await app.press("slash", *"margin", "enter")
        for title in ("Note", "Tag"):
            assert app.title == title
            assert styles_of(app, "margin", "annotations") == {True}
            assert styles_of(app, "Margin Ann", "annotations") <= {False}  # the author was not searched for
            await app.press("j")


def test_match_is_underlined_across_styles_and_lines_but_not_in_the_author() -> None:
    lines = [(("metadata", "two: "), ("text", "one "), ("strong", "two")), (("metadata", "• "), ("text", "three"))]
    assert lit(lines, parse('"two three"')) == [
        (("metadata", "two: "), ("text", "one "), ("strong+match", "two")),
        (("metadata", "• "), ("text+match", "three")),
    ]  # fmt: skip
    assert lit(lines, None) == lines


def test_match_is_underlined_across_a_line_break() -> None:
    lines = wrap("one two three four", 9)
    assert lines == ["one two", "three", "four"]
    assert marked(lines, "quote", parse('"two three"')) == [
        (("quote", "one "), ("quote+match", "two")), (("quote+match", "three"),), (("quote", "four"),),
    ]  # fmt: skip


def test_underlining_changes_no_character() -> None:
    lines = ["L’élan", "", "élan vital  ½"]
    pieces = marked(lines, "text", parse("elan or 2"))
    assert ["".join(text for _, text in line) for line in pieces] == lines


def test_match_is_visible_without_colour() -> None:
    palettes = palettes_of({**PAPER.to_color_system().generate(), **semantic_variables(PAPER)}, has_colors=False)
    assert all(palette["match"].underline for palette in (palettes.page, palettes.cursor, palettes.cursor_blurred))


async def test_hostile_tags_complete_as_words(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {HOSTILE: [entry(HOSTILE, native_id="1", tags=(HOSTILE,))]})) as app:
        await app.press("j", "j", "j", "slash", *"tag:", "tab")
        assert line(app).value.startswith('tag:"[bold]x')
        assert len(app.app.reading.state.rows) == 1
        assert "\x1b" not in app.app.export_screenshot()


def two_groups(folder: Path) -> Library:
    tagged = [entry("Ink", day=3, tags=("encre",)), entry("Paper", day=2, tags=("lecture",))]
    return small_library(folder, {"Encre": tagged, "Colle": [entry("Glue", day=1, tags=("colle",))]})


async def test_excluded_value_is_completed_too(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"-tag:e")
        assert line(app)._suggestion == "-tag:encre"
        await app.press("tab")
        assert line(app).value == "-tag:encre"
        assert [row.summary.title for row in app.app.reading.state.rows] == ["Paper"]


async def test_completions_cover_all_groups_when_finding_everywhere(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:
        await app.press("j", "j", "j", "j", "slash", *"tag:c", "tab")
        assert line(app).value == "tag:c"

        await app.press("ctrl+t", "tab")
        assert line(app).value == "tag:colle"

        await app.press("ctrl+t", *["backspace"] * 5, *"c", "tab")
        assert line(app).value == "tag:c"  # here again
        await app.press("backspace", *"e", "tab")
        assert line(app).value == "tag:encre"


async def test_one_pane_layout_shows_results_while_typing(tmp_path: Path) -> None:
    async with reading(library(tmp_path), size=(40, 10)) as app:
        await app.press("j", "j", "j", "l", "l")
        assert app.panes == ["annotations"]
        await app.press("slash", *"nothing")
        assert app.panes == ["items"]
        assert "No item matches." in "\n".join(app.lines())
        await app.press("escape")
        assert app.panes == ["annotations"]


async def test_words_typed_after_the_current_filter_are_added_to_it(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"tag:encre", "enter")
        await app.press("slash", *"pa", "enter")
        assert str(app.app.reading.state.query) == "tag:encre pa"


async def test_completions_cover_the_whole_list_under_a_filter(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "slash", *"paper", "enter")
        await app.press("slash", *["backspace"] * 6, *"tag:e", "tab")
        assert line(app).value == "tag:encre"


async def test_matches_are_underlined_in_item_tags_too(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("/", *"tag:encre", "enter")
        assert styles_of(app, "encre", "items") == {True}
        assert styles_of(app, "lecture", "items") == {False}


async def test_mistaken_search_stays_open_and_what_was_wrong_is_forgotten_with_it(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as running:
        await running.press("slash", *"is:unred", "enter")
        assert "did you mean is:unread?" in " ".join(running.lines())
        assert (line(running).value, running.app.reading.prompt.is_open) == ("is:unred", True)
        await running.press("escape")
        assert (line(running).value, running.app.reading.prompt.is_open) == ("is:unred", False)
        assert "is:unred" not in " ".join(running.lines())
        await running.press("slash", *"is:unred", "enter", "backspace", "backspace", *"ead", "enter")
        assert str(running.app.reading.state.query) == "is:unread"
