"""Following long exports: every format tells of each item once, and stops when it is told to."""

from pathlib import Path

import pytest

from florilege.exporting import FORMATS, write_file, write_notes
from florilege.exporting.gathering import gathered
from florilege.model import Group, Item, ReadingState
from support.exporting import group, item, row, selection

ITEM_FORMATS = [name for name in FORMATS if name != "opml"]
"""OPML holds groups, and no items to tell of."""


class Enough(Exception):  # noqa: N818 -- nothing has failed
    """The reader wants no more."""


@pytest.mark.parametrize("name", ITEM_FORMATS)
def test_each_item_is_told_of_once(name: str) -> None:
    told: list[int] = []
    rows = [row(item(f"{number:016x}")) for number in range(3)]

    "".join(FORMATS[name].write(selection(*rows, told=told.append)))

    assert told == [1, 1, 1]


def test_each_note_is_told_of_once(tmp_path: Path) -> None:
    told: list[int] = []
    write_notes(tmp_path, selection(row(item("0" * 16)), row(item("1" * 16)), told=told.append))
    assert told == [1, 1]


def test_what_is_stopped_half_way_leaves_no_file(tmp_path: Path) -> None:
    def stop(_more: int) -> None:
        raise Enough

    rows = [row(item(f"{number:016x}")) for number in range(3)]
    with pytest.raises(Enough):
        write_file(tmp_path / "a.md", FORMATS["markdown"].write(selection(*rows, told=stop)))

    assert list(tmp_path.iterdir()) == []


class Shelf:
    """Two groups of one item each."""

    def groups(self) -> list[Group]:
        return [group("a1b2"), group("c3d4")]

    def items(self, group_id: str) -> list[Item]:
        return [item(f"{group_id}00000000000f", of=group_id)]

    def item(self, group_id: str, item_id: str) -> Item | None:
        return next((each for each in self.items(group_id) if each.id == item_id), None)

    def states(self, group_id: str) -> dict[str, ReadingState]:
        return {}


def test_reading_the_items_is_told_group_by_group() -> None:
    told: list[int] = []
    heads = [one for each in Shelf().groups() for one in Shelf().items(each.id)]

    found = gathered(Shelf(), heads, told.append)  # type: ignore[arg-type]

    assert (len(found), told) == (2, [1, 1])
