"""Saved searches in the app: saving, reading, counting, changing, and a file that is damaged."""

from pathlib import Path

from florilege.lists.places import Place, PlaceKind, place_of
from florilege.settings import Session
from florilege.store import Library
from florilege.tui.reading.groups import PlaceRow
from support.reading import Open, entry, reading, small_library

HOSTILE = "[bold]x[/bold] [/] \x1b[31mred \u202egnp [@click=app.quit]x[/]"


def library(folder: Path) -> Library:
    return small_library(
        folder / "library",
        {"Encre": [entry("Ink dries", day=3, tags=("encre",)), entry("Paper", day=2)], "Autre": [entry("More ink")]},
    )


def rows(app: Open) -> dict[str, PlaceRow]:
    return {row.label: row for row in app.app.reading.groups.rows}


async def counted(app: Open, name: str) -> tuple[int | None, int | None]:
    await app.until(lambda: rows(app)[name].counts()[0] is not None)
    await app.settled()
    return rows(app)[name].counts()


async def save(app: Open, query: str, name: str) -> None:
    await app.press("slash", *query.replace(" ", "_").replace("_", " "), "enter", "W")
    app.app.reading.prompt.query_one("#prompt-input").value = name  # type: ignore[attr-defined]
    await app.press("enter")


async def test_query_is_saved_under_a_name_and_becomes_a_place_with_counts(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("j", "j", "j")
        await save(app, "ink", "All ink")

        assert await counted(app, "All ink") == (2, 2)
        assert (tmp_path / "searches.toml").read_text("utf-8").endswith('"All ink" = "ink"\n')

        app.app.reading.groups.list.move_to(Place(PlaceKind.SEARCH, search="All ink").key)
        await app.settled()
        assert app.titles == ["Ink dries", "More ink"]
        assert app.app.reading.state.title_of() == "All ink"


async def test_search_saved_in_a_group_is_limited_to_that_group(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        app.app.reading.groups.list.move_to(5)
        await app.settled()
        await save(app, "ink", "Here")
        assert (tmp_path / "searches.toml").read_text("utf-8").endswith('Here = "group:Encre ink"\n')


async def test_counts_follow_marks(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text('Ink = "ink"\n')
    async with reading(library(tmp_path), files=tmp_path) as app:
        assert await counted(app, "Ink") == (2, 2)
        await app.press("l", "m")
        await app.until(lambda: rows(app)["Ink"].counts()[0] == 1)


async def test_just_read_item_stays_in_a_search_for_unread_ones(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text('Ink = "ink is:unread"\n')
    session = Session(theme="florilege-dark", view="search:Ink")
    async with reading(library(tmp_path), files=tmp_path, session=session) as app:
        await app.press("m")
        assert app.titles == ["Ink dries", "More ink"]
        await app.press("slash", *"dries", "enter")
        assert app.titles == ["Ink dries"]
        await app.press("escape")
        assert app.titles == ["Ink dries", "More ink"]


async def test_search_can_be_renamed_edited_moved_and_deleted(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text('Ink = "ink"\nPaper = "paper"\n')
    async with reading(library(tmp_path), files=tmp_path) as app:
        screen = app.app.reading
        screen.groups.list.move_to("search:Ink")
        await app.settled()

        await screen.action_command("rename-group")
        screen.prompt.query_one("#prompt-input").value = "Tinte"  # type: ignore[attr-defined]
        await app.press("enter")
        assert screen.state.title_of() == "Tinte"

        await screen.action_command("edit-search")
        screen.prompt.query_one("#prompt-input").value = "tag:encre"  # type: ignore[attr-defined]
        await app.press("enter")
        assert app.titles == ["Ink dries"]

        await screen.action_command("remove-group")
        await app.settled()
        assert (tmp_path / "searches.toml").read_text() == 'Paper = "paper"\n'
        assert app.said[-1] == "Deleted the search “Tinte”. It looked for: tag:encre"
        assert screen.state.place == Place(PlaceKind.UNREAD)


async def test_group_keys_rename_and_remove_searches_too(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await save(app, "paper", "One")
        await app.press("slash", *"ink", "enter", "W", "enter")
        assert app.said[-1] == "There is nothing to save yet: type it, or leave with esc."
        assert app.app.reading.prompt.is_open
        await app.press("escape", "escape", "h")
        app.screen.groups.list.move_to(Place(PlaceKind.SEARCH, search="One").key)
        await app.press("f2", *" more", "enter")
        assert app.said[-1] == "“One” is now “One more”."
        await app.press("delete")
        assert app.said[-1].startswith("Deleted the search “One more”.")


async def test_invalid_query_changes_no_search(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text('Ink = "ink"\n')
    async with reading(library(tmp_path), files=tmp_path) as app:
        app.app.reading.groups.list.move_to("search:Ink")
        await app.settled()
        await app.app.reading.action_command("edit-search")
        app.app.reading.prompt.query_one("#prompt-input").value = "ink ("  # type: ignore[attr-defined]
        await app.press("enter")
        assert app.said[-1].endswith("The search stays as it was.")
        assert app.app.reading.prompt.value == "ink (", "it can be mended where it stands"
        assert (tmp_path / "searches.toml").read_text() == 'Ink = "ink"\n'


async def test_damaged_file_is_reported_once_and_nothing_in_it_is_lost(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text("Ink = = ink\n")
    async with reading(library(tmp_path), files=tmp_path) as app:
        assert [said for said in app.said if "not TOML" in said] != []
        await app.press("j", "j", "j")
        await save(app, "ink", "All ink")
        assert (tmp_path / "searches.toml").read_text() == "Ink = = ink\n"
        assert "was not changed" in app.said[-1]


async def test_invalid_search_shows_its_error_instead_of_items(tmp_path: Path) -> None:
    (tmp_path / "searches.toml").write_text('Odd = "tga:x"\n')
    async with reading(library(tmp_path), files=tmp_path) as app:
        assert rows(app)["Odd"].failing
        app.app.reading.groups.list.move_to("search:Odd")
        await app.settled()
        assert app.titles == []
        assert "did you mean tag:?" in str(app.app.reading.items.list.empty[0])


async def test_saving_without_a_file_says_so(tmp_path: Path) -> None:
    async with reading(library(tmp_path)) as app:
        await app.press("slash", *"ink", "enter", "W")
        question = app.screen.prompt.question
        assert question is not None
        assert question.label == "Searches can't be saved here: this library is kept for this visit only."


async def test_without_a_filter_there_is_nothing_to_save(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path) as app:
        await app.press("j", "j", "j", "W")
        question = app.screen.prompt.question
        assert question is not None
        assert question.label.startswith("There is nothing to save")


async def test_removed_search_is_not_opened_at_the_next_start(tmp_path: Path) -> None:
    session = Session(theme="florilege-dark", view="search:Gone")
    async with reading(library(tmp_path), files=tmp_path, session=session) as app:
        assert app.app.reading.state.place == Place(PlaceKind.UNREAD)


async def test_hostile_names_stay_words(tmp_path: Path) -> None:
    async with reading(library(tmp_path), files=tmp_path, size=(60, 20)) as app:
        await app.press("j", "j", "j")
        await save(app, "ink", HOSTILE)
        assert len(app.app.reading.state.searches) == 1
        assert "\x1b" not in app.app.export_screenshot()


def test_search_is_restored_from_its_key() -> None:
    place = Place(PlaceKind.SEARCH, search="ink: unread: é")
    assert place_of(place.key) == place
    assert place_of("search:") is None
