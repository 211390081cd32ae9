"""Lists of 100,000 items: what is worked out once for all of them says what each row would say."""

import gc
import weakref
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from florilege.lists import columns
from florilege.lists.catalogue import Catalogue
from florilege.lists.listing import Listed
from florilege.lists.places import Kind, Place
from florilege.lists.ranking import Picked
from florilege.model import Head, ReadingState
from florilege.query import parse
from florilege.store import Library
from florilege.tui.panes import heights
from florilege.tui.panes.days import DayRows
from florilege.tui.panes.heights import Measures
from florilege.tui.panes.items import NOTICE, ItemRows
from florilege.tui.theme import PAPER, palettes_of, semantic_variables
from florilege.tui.widgets.lines import Painter
from florilege.tui.widgets.rows import Look, Offsets, index_of
from support.asking import head_of, items
from support.reading import NOW, entry, small_library

heads = st.lists(items.map(head_of), max_size=8, unique_by=lambda head: head.id)


def rows_of(listed: Sequence[Listed], measures: Measures | None = None, notice: str | None = None) -> ItemRows:
    return ItemRows(
        listed,
        lambda row: ReadingState(item=row.key),
        now=NOW,
        show_group=False,
        measures=measures,
        notice=notice,
    )


@given(st.data(), heads, st.integers(4, 60))
@pytest.mark.parametrize("many", [1, 1000])
def test_rows_picked_out_of_a_list_are_as_high_as_they_are(
    many: int, data: st.DataObject, all_of_them: list[Head], width: int
) -> None:
    whole = [Listed(head, "Encre") for head in all_of_them]
    measures = Measures()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heights, "_MANY", many)
        for _ in range(2):
            picked = Picked(whole, bytes(data.draw(st.booleans()) for _ in whole))
            rows = rows_of(picked, measures)
            tops = rows.tops(width)
            assert tops is not None
            assert [after - top for top, after in pairwise(tops)] == [
                rows.height(index, width) for index in range(len(rows))
            ]


@given(heads, st.sampled_from([None, "It failed."]), st.booleans())
def test_every_row_is_found_by_its_key(some: list[Head], notice: str | None, by_day: bool) -> None:
    rows = rows_of([Listed(head, "Encre") for head in some], notice=notice)
    if by_day:
        rows = DayRows(rows, NOW, compact=False)
    keys = [rows.key(index) for index in range(len(rows))]
    assert [index_of(rows, key, near=-1) for key in keys] == list(range(len(rows)))
    assert [index_of(rows, key, near=0) for key in keys] == list(range(len(rows)))
    for unknown in ("nobody's", "day above nobody's", *([] if notice else [NOTICE])):
        assert index_of(rows, unknown) is None


class OneRow:
    """One row, which remembers nothing of what it said."""

    def __len__(self) -> int:
        return 1

    def key(self, index: int) -> str:
        return "one"

    def height(self, index: int, width: int) -> int:
        return 1

    def selectable(self, index: int) -> bool:
        return True

    def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
        words = Content("words")
        drawn.append(weakref.ref(words))
        return [words]


drawn: list["weakref.ref[Content]"] = []


def test_what_was_drawn_goes_at_once_and_not_when_garbage_is_collected() -> None:
    drawn.clear()
    palettes = palettes_of({**PAPER.to_color_system().generate(), **semantic_variables(PAPER)}, has_colors=True)
    painter = Painter(OneRow(), Offsets(OneRow(), 20), 20, palettes)
    painter.strip(0, cursor=0, focused=True)
    assert [words() is None for words in drawn] == [False]
    collects = gc.isenabled()
    gc.disable()
    try:
        del painter
        assert [words() is None for words in drawn] == [True]
    finally:
        if collects:
            gc.enable()


def test_what_is_looked_through_is_made_ready_before_the_first_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library: Library = small_library(tmp_path, {"Encre": [entry("a"), entry("b")], "Papier": [entry("c")]})
    catalogue = Catalogue(library, clock=lambda: NOW)
    place = Place(Kind.EVERYTHING)
    catalogue.listed(place)
    rests: list[int] = []
    catalogue.prepare_finding(lambda: rests.append(1))
    assert len(rests) == 2

    def made(_: object) -> None:
        raise AssertionError("columns were made after the first letter")

    monkeypatch.setattr(columns, "Columns", made)
    assert [row.head.title for row in catalogue.listed(place, parse("title:b"))] == ["b"]
