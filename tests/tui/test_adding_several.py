"""Adding documents of several groups in the app, and their warnings."""

from pathlib import Path

from textual.widgets import Input

from florilege.lists.places import Place, PlaceKind
from florilege.model import Source
from florilege.store import Library
from florilege.tui.reading.dialogues import Dialogues
from florilege.tui.reading.groups import PlaceRow
from support.library import with_sources
from support.papers import RealParser
from support.reading import NOW, Open, network, reading

CSV = """id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite
1,one,,,https://example.org/1,Ink,,2026-01-02T03:04:05Z,,,false
2,two,,,https://example.org/2,Folds,,soon,,,false
"""


async def add(app: Open, path: Path) -> None:
    await app.pilot.press("a")
    app.app.reading.prompt.query_one(Input).value = str(path)
    await app.pilot.press("enter")


SAID = "export.csv: 2 groups, 2 new items. Row 3 “two”: its date “soon” can't be read."


async def test_document_of_several_groups_creates_them_and_lists_its_warnings(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(CSV)
    library = Library(tmp_path / "library", clock=lambda: NOW)

    async with reading(library, refreshing=network(library, parser=RealParser())) as app:
        await add(app, path)
        await app.until(lambda: SAID in app.said)

        ink, folds = library.groups()
        assert (ink.title, folds.title) == ("Ink", "Folds")
        assert app.app.reading.state.place == Place(PlaceKind.GROUP, ink.id)
        facts = [fact for fact, _ in Dialogues(app.app.reading).about_sources()]
        assert facts[0] == str(path)
        assert facts[2:] == ["! 1 warning about its document:", "Row 3 “two”: its date “soon” can't be read."]


async def test_group_overview_says_that_it_has_moved(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", clock=lambda: NOW)
    moved = Source(address="https://new.example/rss", notice="It has moved for good.")
    group = with_sources(library, "Ink", moved)
    async with reading(library) as app:
        await app.app.reading.moves.open_place(Place(PlaceKind.GROUP, group.id))
        assert "It has moved for good." in [fact for fact, _ in Dialogues(app.app.reading).about_sources()]


def test_group_with_warnings_shows_their_number() -> None:
    row = PlaceRow(Place(PlaceKind.GROUP, "abcd"), "Ink", lambda: (2, 5), warnings=3)
    assert "".join(text for _, text in row.lines(25)[0]) == "  Ink            !3  2/5"
