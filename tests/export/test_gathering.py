"""Items of a list read as they are written: in its order, a few at a time, and without what has gone meanwhile."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import Raw

from florilege.export import FORMATS, Selection
from florilege.export.gathering import AT_ONCE, Gathered
from florilege.export.passages import only
from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Kind, Place
from florilege.model import Entry, Group, Head, Highlight, Item
from florilege.store import Library, StoredItems
from support.reading import NOW, entry, small_library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    def some(name: str) -> list[Entry]:
        marks = (Highlight(id="1", quote=f"First of {name}"), Highlight(id="2", quote=f"Second of {name}"))
        return [entry(f"{name} {day}", day=day, highlights=marks) for day in range(1, 4)]

    return small_library(tmp_path, {"Encre": some("Ink"), "Papier": some("Paper")})


def heads(library: Library) -> list[Head]:
    """All of them by date, so that the groups are mixed."""
    return [row.head for row in Catalogue(library, clock=lambda: NOW).listed(Place(Kind.EVERYTHING))]


def test_items_come_in_the_order_of_the_heads_each_time_anew(library: Library) -> None:
    wanted = heads(library)
    rows = Gathered(library, wanted)
    assert len({row.group.title for row in rows}) == 2
    for _ in range(2):
        assert [row.item.id for row in rows] == [head.id for head in wanted]
    assert len(rows) == len(wanted)


def test_the_items_of_one_group_come_in_their_order(library: Library) -> None:
    wanted = heads(library)
    rows = Gathered(library, wanted)
    for group in library.groups():
        assert [row.item.id for row in rows.of(group.id)] == [head.id for head in wanted if head.group == group.id]
    assert [group.id for group in rows.groups] == list(dict.fromkeys(head.group for head in wanted))


def test_a_group_that_has_gone_meanwhile_is_left_out(library: Library) -> None:
    wanted = heads(library)
    gone, stays = library.groups()
    library.remove_group(gone.id)
    rows = Gathered(library, wanted)
    assert {row.group.id for row in rows} == {stays.id}
    assert (len(rows), rows.groups, list(rows.of(gone.id))) == (3, [stays], [])


def test_items_can_be_changed_on_the_way(library: Library) -> None:
    wanted = heads(library)
    kept = {wanted[0].id: {"2"}}
    (quotes,) = [
        [mark.quote for mark in row.item.highlights]
        for row in Gathered(library, wanted, lambda item: only(item, kept))
        if row.item.highlights
    ]
    assert len(quotes) == 1
    assert quotes[0].startswith("Second of")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_the_same_of_items_at_hand_and_of_those_yet_to_be_read(library: Library, name: str) -> None:
    rows = Gathered(library, heads(library))
    write = FORMATS[name].write
    assert list(write(Selection(rows, NOW))) == list(write(Selection(list(rows), NOW)))


class Late(Library):
    """A library whose list of groups is that of a moment ago."""

    before: list[Group]

    def groups(self) -> list[Group]:
        return self.before


def test_a_group_that_goes_while_it_is_looked_for_is_left_out(library: Library, tmp_path: Path) -> None:
    wanted = heads(library)
    late = Late(tmp_path, clock=lambda: NOW)
    late.before = library.groups()
    library.remove_group(late.before[0].id)
    rows = Gathered(late, wanted)
    assert len(list(rows)) == len(rows) == 3
    assert list(rows.of(late.before[0].id)) == []


@dataclass
class Watched:
    """A library that notes how many items are asked for at once."""

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
def test_only_some_items_are_values_at_once(tmp_path: Path, name: str) -> None:
    many = [entry(f"Page {number}", native_id=str(number)) for number in range(2 * AT_ONCE + 1)]
    watched = Watched(small_library(tmp_path, {"Many": many}))
    rows = Gathered(watched, heads(watched.library))  # type: ignore[arg-type]
    for _ in FORMATS[name].write(Selection(rows, NOW)):
        pass
    assert set(watched.at_once) == {AT_ONCE, 1}
