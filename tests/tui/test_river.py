"""The river of highlights, used with keys."""

from pathlib import Path

import msgspec
from textual.widgets import Input

from florilege.model import Highlight
from florilege.quotes.templates import template
from florilege.settings import Copy
from florilege.tui.panes.river import RiverRows
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.screens.river import RiverScreen
from florilege.tui.widgets.row_list import MOVES
from support.reading import BY_HAND, Open, entry, reading, sample_library, small_library

HOSTILE = "[bold]Free[/bold] [/] \x1b[31mred\x1b[0m \u202egnp.exe\u202c [@click=app.quit]x[/] 👩‍👩‍👧 مرحبا 紙"


def two_groups(folder: Path) -> object:
    def quoted(title: str, day: int, *quotes: str) -> object:
        marks = tuple(Highlight(id=quote, quote=quote) for quote in quotes)
        return entry(title, day=day, highlights=marks, tags=("papier",))

    return small_library(
        folder,
        {
            "Encre": [quoted("Ink", 3, "Ink dries", "Ink fades"), entry("Blank", day=2)],  # type: ignore[list-item]
            "Papier": [quoted("Paper", 1, "Paper drinks")],  # type: ignore[list-item]
        },
    )


def river(app: Open) -> RiverScreen:
    screen = app.app.screen
    assert isinstance(screen, RiverScreen)
    return screen


def quotes(app: Open) -> list[str]:
    rows = river(app).list.rows
    assert isinstance(rows, RiverRows)
    return [each.highlight.quote for section in rows.sections for each in section.passages]


async def test_all_highlights_of_the_list_are_shown_together(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H")
        assert quotes(app) == ["Ink dries", "Ink fades", "Paper drinks"]

        await app.press("j", "c")
        assert app.outside.copied == ["> Ink fades\n\n— [Ink](https://example.org/Ink), 3 November 2026\n"]
        assert river(app).bottom.messages[-1].startswith("Quote with its source")


async def test_enter_goes_to_the_item_and_highlight(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "j", "enter")

        assert app.app.screen is app.app.reading
        assert app.app.reading.annotations.item is not None
        assert app.app.reading.annotations.item.title == "Paper"
        assert app.app.reading.annotations.list.cursor_key == "Paper drinks"


async def test_going_back_restores_everything(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("l", "j")
        before = (app.app.reading.pane, app.app.reading.items.list.scroll_state, app.app.reading.state.place)

        await app.press("H", "j", "j", "q")

        assert (app.app.reading.pane, app.app.reading.items.list.scroll_state, app.app.reading.state.place) == before
        assert app.app.focused is app.app.reading.items.list


async def test_key_changes_the_grouping_and_keeps_the_highlight(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j")
        for _ in range(4):
            await app.press("S")
            assert river(app).passage is not None
            assert river(app).passage.highlight.quote == "Ink fades"  # type: ignore[union-attr]
        assert river(app).highlights.grouping.value == "by item"


async def test_filter_narrows_the_river_and_escape_removes_it_first(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "slash", *"fades")
        await app.press("enter")
        assert quotes(app) == ["Ink fades"]

        await app.press("C")
        assert app.outside.copied[-1].endswith("> Ink fades\n")
        assert "dries" not in app.outside.copied[-1]

        await app.press("escape")
        assert len(quotes(app)) == 3
        await app.press("escape")
        assert app.app.screen is app.app.reading


async def test_n_and_p_go_from_section_to_section(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "n")
        assert river(app).passage.highlight.quote == "Paper drinks"  # type: ignore[union-attr]
        await app.press("p")
        assert river(app).passage.highlight.quote == "Ink dries"  # type: ignore[union-attr]


async def test_opening_the_page_of_a_highlight_marks_its_item_read(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "o", "y")
        assert app.outside.opened == ["https://example.org/Ink"]
        assert app.outside.copied == ["https://example.org/Ink"]
        await app.press("q")
        assert [
            row.summary.title for row in app.app.reading.state.rows if app.app.reading.state.state_of(row).is_read
        ] == ["Ink"]


async def test_list_without_highlights_says_so(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Empty": [entry("Blank")]})) as app:
        await app.press("H", "j", "c", "C", "o", "y", "Y", "enter", "S", "n")
        assert "No highlights in this list." in str(river(app).list.empty[0])


async def test_every_row_is_as_high_as_measured(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as app:
        await app.press("j", "j", "j", "H")
        for _ in range(4):
            rows = river(app).list.rows
            for width in (20, 57, 116):
                for index in range(len(rows)):
                    assert len(rows.lines(index, width)) == rows.height(index, width)
            await app.press("S")


async def test_hostile_highlights_stay_words(tmp_path: Path) -> None:
    marks = (Highlight(id="1", quote=HOSTILE, author=HOSTILE),)
    library = small_library(tmp_path, {HOSTILE: [entry(HOSTILE, native_id="1", tags=(HOSTILE,), highlights=marks)]})
    async with reading(library, size=(60, 20)) as app:
        await app.press("H", "S", "S", "S", "slash", *"free")
        await app.press("enter", "c", "C")
        assert "\x1b" not in app.app.export_screenshot()


async def test_page_opens_at_the_passage_and_a_link_to_it_is_copied(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "O", "P")
        assert app.outside.opened == ["https://example.org/Ink#:~:text=Ink%20fades"]
        assert app.outside.copied == ["https://example.org/Ink#:~:text=Ink%20fades"]
        assert river(app).bottom.messages[-1].startswith("Link to passage")


async def test_custom_template_applies_here_too(tmp_path: Path) -> None:
    config = msgspec.structs.replace(BY_HAND, copy=Copy(quote=template("“{quote}” ({title}, {group})")))
    async with reading(two_groups(tmp_path), config=config) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "c")
        assert app.outside.copied == ["“Ink fades” (Ink, Encre)"]


async def test_help_says_what_keys_do_here_and_not_elsewhere(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as app:
        await app.press("H", "?")
        assert isinstance(app.app.screen, Dialogue)
        found = {each.value.id: each.value.sentence for each in app.app.screen.rows if each.value}
        assert found["next-unread"] == "Go to the next section"
        assert found["sort"] == "Group the highlights by item, sharer, tag or month"


async def test_palette_offers_commands_for_a_highlight(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press(
            "H", "j", "ctrl+p", *("space" if letter == " " else letter for letter in "passage link"), "enter"
        )
        assert app.outside.copied[0].startswith("https://example.org/Ink#:~:text=")


async def test_shown_page_is_copied_as_a_quotes_command(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "slash", *"fades", "enter", "ctrl+p", *"command line", "enter")
        assert app.outside.copied == ["florilege quotes is:unread fades"]


async def test_links_of_the_item_can_be_chosen(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "L", "enter")
        assert app.outside.opened == ["https://example.org/Ink"]


async def test_every_command_has_its_action_here(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H")
        screen = river(app)
        holders = [getattr(screen, name) for name in screen.holders]
        without = [
            each.id
            for each in screen.commands_here()
            if each.id not in MOVES and not any(hasattr(holder, f"action_{each.action}") for holder in holders)
        ]
        assert without == []


async def test_escape_while_typing_restores_the_page(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "slash", *"drinks")
        assert quotes(app) == ["Paper drinks"]
        await app.press("escape")
        assert len(quotes(app)) == 3
        assert river(app).passage.highlight.quote == "Ink fades"  # type: ignore[union-attr]


async def test_words_are_completed_from_the_river(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "slash", *"group:pa", "tab")
        assert river(app).prompt.query_one(Input).value == "group:papier"


async def test_help_lists_the_commands_here_and_runs_them(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j", "question_mark", *"passage link", "enter")
        assert app.outside.copied == ["https://example.org/Ink#:~:text=Ink%20fades"]

        await app.press("question_mark", *"star")
        assert isinstance(app.app.screen, Dialogue)
        assert len(app.app.screen.rows) == 0
        await app.press("escape", "escape")
        assert quotes(app) == ["Ink dries", "Ink fades", "Paper drinks"]


async def test_footer_of_the_river_shows_its_keys(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H")
        assert [word for _, word in river(app).bottom.keys] == [
            "by sharer", "find", "copy", "copy all", "open", "to the item", "back",
        ]  # fmt: skip
        await app.press("slash", *"zzz", "enter")
        assert [word for _, word in river(app).bottom.keys] == ["find", "back"]


async def test_empty_river_offers_only_the_way_back(tmp_path: Path) -> None:
    async with reading(small_library(tmp_path, {"Encre": [entry("Blank")]})) as app:
        await app.press("H")
        assert [word for _, word in river(app).bottom.keys] == ["back"]


async def test_page_closes_once_however_often_escape_is_pressed(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "j")
        page = river(app)
        page.action_inward()
        page.action_inward()
        page.action_quit()
        await app.settled()
        assert app.app.screen is app.app.reading
        assert app.app.reading.annotations.list.cursor_key == "Ink fades"


async def test_click_on_the_page_leaves_the_find_line(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "vertical_line", "w")
        await app.pilot.click(river(app).list, offset=(3, 4))
        await app.settled()
        assert not river(app).prompt.is_open
        assert app.app.focused is river(app).list


async def test_leaving_the_page_closes_its_dialogues(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as app:  # type: ignore[arg-type]
        await app.press("H", "ctrl+p")
        page = app.app.screen_stack[-2]
        assert isinstance(page, RiverScreen)
        page.action_quit()
        await app.press("escape")
        assert app.app.screen is page
