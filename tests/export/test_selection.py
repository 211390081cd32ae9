"""Reading the items of a list for export: in list order, a few at a time, without those removed meanwhile."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import Raw

from florilege.export.formats import FORMATS
from florilege.export.selection import AT_ONCE, Selection, groups_of, selected_items
from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Place, PlaceKind
from florilege.model import Entry, Group, Highlight, Item, ItemSummary
from florilege.store import Library, StoredItems
from support.reading import NOW, entry, small_library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    def some(name: str) -> list[Entry]:
        marks = (Highlight(id="1", quote=f"First of {name}"), Highlight(id="2", quote=f"Second of {name}"))
        return [entry(f"{name} {day}", day=day, highlights=marks) for day in range(1, 4)]

    return small_library(tmp_path, {"Encre": some("Ink"), "Papier": some("Paper")})


def summaries(library: Library) -> list[ItemSummary]:
    """All summaries by date, so that the groups are mixed."""
    return [
        row.summary
        for row in Catalogue(library, clock=lambda: NOW).search(Place(PlaceKind.EVERYTHING)).to_the_end().rows
    ]


def test_items_come_in_list_order(library: Library) -> None:
    wanted = summaries(library)
    rows = list(selected_items(library, wanted))
    assert len({row.group.title for row in rows}) == 2
    assert [row.item.id for row in rows] == [summary.id for summary in wanted]


def test_items_can_come_group_by_group(library: Library) -> None:
    wanted = summaries(library)
    rows = list(selected_items(library, wanted, by_group=True))
    groups = groups_of(library, wanted)
    assert [row.item.id for row in rows] == [h.id for each in groups for h in wanted if h.group == each.id]


def test_removed_group_is_left_out(library: Library) -> None:
    wanted = summaries(library)
    gone, stays = library.groups()
    library.trash.remove_group(gone.id)
    assert [row.group.id for row in selected_items(library, wanted)] == [stays.id] * 3
    assert groups_of(library, wanted) == [stays]


def test_export_can_be_limited_to_some_highlights(library: Library) -> None:
    wanted = summaries(library)[:1]
    (row,) = selected_items(library, wanted, wanted={wanted[0].id: {"2"}})
    assert [mark.quote.partition(" of ")[0] for mark in row.item.highlights] == ["Second"]


class Late(Library):
    """A library whose list of groups is slightly out of date."""

    before: list[Group]

    def groups(self) -> list[Group]:
        return self.before


def test_group_removed_during_lookup_is_left_out(library: Library, tmp_path: Path) -> None:
    wanted = summaries(library)
    late = Late(tmp_path, clock=lambda: NOW)
    late.before = library.groups()
    library.trash.remove_group(late.before[0].id)
    assert len(list(selected_items(late, wanted))) == 3


@dataclass
class Watched:
    """A library that records how many items are read at once."""

    library: Library
    at_once: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.library, name)

    def stored(self, group_id: str, item_ids: list[str]) -> "Watched.Items":
        stored = self.library.stored(group_id, item_ids)
        return Watched.Items(self, stored)

    class Items:
        def __init__(self, watched: "Watched", stored: StoredItems) -> None:
            self.watched, self.stored, self.by_id = watched, stored, stored.by_id

        def items(self, records: list[Raw]) -> list[Item]:
            self.watched.at_once.append(len(records))
            return self.stored.items(records)


@pytest.mark.parametrize("name", ["json", "csv", "markdown", "bibtex"])
def test_only_some_items_are_decoded_at_once(tmp_path: Path, name: str) -> None:
    many = [entry(f"Page {number}", native_id=str(number)) for number in range(2 * AT_ONCE + 1)]
    watched = Watched(small_library(tmp_path, {"Many": many}))
    rows = selected_items(watched, summaries(watched.library))  # type: ignore[arg-type]
    for _ in FORMATS[name].write(Selection(rows, NOW)):
        pass
    assert set(watched.at_once) == {AT_ONCE, 1}
