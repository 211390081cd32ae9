"""Settings and keys changed in the app: saved and effective at once; failures are reported."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from florilege.marking import Mark
from florilege.model import Comment, Highlight
from florilege.settings import Config, Look, load
from florilege.store import Library
from florilege.tui.reading.items import ItemRows
from florilege.tui.screens.picker import Picker
from florilege.tui.screens.settings import SettingsScreen
from florilege.tui.widgets.row_list import RowList
from support.reading import BY_HAND, NOW, Open, entry, reading, small_library


def library(folder: Path) -> Library:
    return small_library(folder / "library", {"Encre": [entry("Ink", tags=("a",)), entry("Paper")]})


def settings(app: Open) -> SettingsScreen:
    screen = app.app.screen
    assert isinstance(screen, SettingsScreen)
    return screen


def go_to(app: Open, key: str) -> None:
    assert settings(app).query_one(RowList).move_to(key)


def in_file(folder: Path) -> dict[str, object]:
    path = folder / "config.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


async def test_setting_is_changed_saved_and_effective_at_once(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("j", "j", "j", "comma")
        go_to(app, "look.density")
        await app.press("enter", "down", "enter")

        assert in_file(tmp_path) == {"look": {"density": "compact"}}
        assert settings(app).message == "Density: compact."
        rows = app.app.reading.items.list.rows
        assert isinstance(rows, ItemRows)
        assert rows.height(0, 40) == 2

        await app.press("enter", "up", "enter")
        assert in_file(tmp_path) == {"look": {}}
        assert rows is not app.app.reading.items.list.rows


async def test_theme_is_previewed_while_choosing(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "look.theme")
        await app.press("enter", "down", "down")
        assert (app.app.theme, in_file(tmp_path)) == ("florilege-light", {})
        await app.press("escape")
        assert app.app.theme == "florilege-dark"
        await app.press("enter", "down", "down", "enter")
        assert app.app.theme == "florilege-light"
        assert in_file(tmp_path) == {"look": {"theme": "florilege-light"}}
        await app.press("enter", "up", "up", "enter")
        assert in_file(tmp_path) == {"look": {}}


@pytest.mark.parametrize("written", ['"gone"', "5", '["a", "b"]'])
async def test_unknown_theme_in_the_file_is_replaced_by_choosing(written: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"[look]\ntheme = {written}\n", "utf-8")
    async with reading(library(tmp_path), files=tmp_path, config=load(tmp_path / "config.toml")) as app:
        await app.press("comma")
        go_to(app, "look.theme")
        await app.press("enter", "down", "down", "enter")
        assert in_file(tmp_path) == {"look": {"theme": app.app.theme}}


async def test_unreadable_group_does_not_prevent_changing_a_setting(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        for log in (tmp_path / "library" / "items").iterdir():
            log.unlink()
            log.mkdir()
        await app.press("comma")
        go_to(app, "library.keep_days")
        await app.press("enter", *"30", "enter")
        assert in_file(tmp_path) == {"library": {"keep_days": 30}}


async def test_comments_of_the_file_survive(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('# mine\n[look]\ndates = "iso" # sorted\n', "utf-8")
    async with reading(library(tmp_path), files=tmp_path, config=load(tmp_path / "config.toml")) as app:
        await app.press("comma")
        go_to(app, "look.dates")
        await app.press("enter", "down", "enter")
    assert (tmp_path / "config.toml").read_text("utf-8") == '# mine\n[look]\ndates = "relative" # sorted\n'


async def test_text_setting_is_typed(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "copy.quote")
        await app.press("enter", *"{quote}", "enter")
        assert in_file(tmp_path) == {"copy": {"quote": "{quote}"}}
        assert app.app.context.config.copy.quote is not None


async def test_default_widths_can_be_restored(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("greater_than_sign")
        assert app.app.reading.frame.widths
        await app.press("comma")
        go_to(app, "widths")
        await app.press("enter")
        assert not app.app.reading.frame.widths
        assert not (tmp_path / "config.toml").exists()


async def test_file_that_cannot_be_changed_is_reported_and_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[look\n")
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "look.density")
        await app.press("enter", "down", "enter")
        assert "was not changed: it is not TOML" in settings(app).message
        assert not app.app.reading.items.compact


async def test_without_a_file_settings_cannot_be_saved(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("comma", "down", "enter", "down", "enter")
        assert settings(app).message == "Settings can't be written here."


async def test_animation_none_means_nothing_moves(tmp_path: Path) -> None:
    still = Config(reading=BY_HAND.reading, refresh=BY_HAND.refresh, look=Look(animation="none"))
    async with reading(library(tmp_path), config=still) as app:
        assert app.app.animation_level == "none"


async def test_no_cursor_blinks(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("slash")
        assert not app.screen.prompt.query_one(Input).cursor_blink
        await app.press("escape", "question_mark")
        assert not app.app.screen.query_one(Input).cursor_blink


async def test_animation_is_among_the_settings(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "look.animation")
        await app.press("enter", "down", "enter")
        assert (in_file(tmp_path), app.app.animation_level) == ({"look": {"animation": "none"}}, "none")


async def test_read_unread_and_cursor_are_visible_without_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with reading(library(tmp_path)) as app:
        await app.press("j", "j", "j", "l", "m")
        items = app.app.reading.items.list
        lines = [items.render_line(y) for y in range(items.size.height)]
        ink, paper = (next(line for line in lines if word in line.text) for word in ("Ink", "Paper"))
        assert app.app.no_color
        assert (ink.text[0], "●" in ink.text, "●" in paper.text) == ("▌", False, True)
        assert any(segment.style and segment.style.reverse for segment in ink)
        assert any(segment.style and segment.style.bold for segment in paper if "Paper" in segment.text)


async def test_date_style_applies_to_the_open_item_too(tmp_path: Path) -> None:
    said = (Highlight(id="1", quote="q", made_at=NOW, comments=(Comment("c", made_at=NOW),)),)
    shared = small_library(tmp_path / "library", {"Encre": [entry("a", day=3, highlights=said)]})
    async with reading(shared, files=tmp_path) as app:
        text = "\n".join(app.lines(app.app.reading.annotations.list))
        assert "3 November 2026" in text
        await app.press("comma")
        go_to(app, "look.dates")
        await app.press("enter", "down", "enter", "escape")
        text = "\n".join(app.lines(app.app.reading.annotations.list))
        assert "2026-11-03" in text
        assert text.count(NOW.date().isoformat()) == 1


async def test_moving_and_clicking_change_no_setting(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "library.keep_days")
        await app.press("left", "right", "down", "up", "home", "end", "pagedown", "ctrl+d", "ctrl+home")
        go_to(app, "library.keep_days")
        row_list = settings(app).query_one(RowList)
        top = row_list._layout.top(row_list.cursor) - row_list.scroll_offset.y
        await app.pilot.click(row_list, offset=(5, top), times=2)
        await app.settled()
        assert in_file(tmp_path) == {}
        assert isinstance(app.app.screen, Picker)


async def test_typing_narrows_settings(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("comma", *"density")
        row_list = settings(app).query_one(RowList)
        assert row_list.cursor_key == "look.density"
        assert len(row_list.rows) == 2
        await app.press("escape", "escape")
        assert app.app.screen is app.app.reading


async def test_purging_setting_asks_first_and_says_how_to_restore(tmp_path: Path) -> None:
    old = small_library(tmp_path / "library", {"Encre": [entry("Ink"), entry("Paper")]})
    [group] = old.groups()
    old.mark(
        Mark.READ, {group.id: {item.id: item.revision for item in old.items(group.id)}}, now=NOW - timedelta(days=400)
    )
    late = Library(tmp_path / "library", clock=lambda: NOW + timedelta(days=400))
    async with reading(late, files=tmp_path) as app:
        await app.press("comma")
        go_to(app, "library.keep_items")
        await app.press("enter", *"100", "enter")
        assert in_file(tmp_path) == {"library": {"keep_items": 100}}  # nothing would be purged
        go_to(app, "library.keep_days")
        app.app.context.state.clock = lambda: NOW + timedelta(days=400)
        await app.pilot.press("enter", *"30", "enter")
        await app.until(lambda: "would be removed" in "".join(app.lines()))
        assert "2 read items would be removed" in "\n".join(app.lines())
        await app.press("enter")
        assert in_file(tmp_path) == {"library": {"keep_items": 100}}
        await app.pilot.press("enter", *"30", "enter")
        await app.until(lambda: "would be removed" in "".join(app.lines()))
        await app.press("down", "enter")
        assert in_file(tmp_path) == {"library": {"keep_items": 100, "keep_days": 30}}
        assert "for a week `florilege restore` brings them back" in settings(app).message
