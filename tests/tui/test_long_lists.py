"""Lists of 100,000 items: bulk computations agree with those of each row."""

import asyncio
import gc
import weakref
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from florilege.lists.loaded_group import ItemRow
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import Listing, ReaderState
from florilege.model import ItemSummary
from florilege.query.nodes import Everything
from florilege.store import Library
from florilege.tui.reading.items import NOTICE, ItemRows
from florilege.tui.theme import PAPER, palettes_of, semantic_variables
from florilege.tui.widgets.lines import Line
from florilege.tui.widgets.rows import Layout, Rows, index_of
from support.reading import NOW, reading, small_library
from support.strategies import items, summary_of

summaries = st.lists(items.map(summary_of), max_size=8, unique_by=lambda summary: summary.id)


def rows_of(rows: list[ItemRow], notice: str | None = None) -> ItemRows:
    state = ReaderState(Library(Path("none"), clock=lambda: NOW), clock=lambda: NOW)
    state.open(Place(PlaceKind.GROUP, "encre"), Everything(), Listing(rows))
    return ItemRows(state, notice=notice)


@given(summaries, st.sampled_from([None, "It failed."]))
def test_every_row_is_found_by_its_key(some: list[ItemSummary], notice: str | None) -> None:
    rows = rows_of([ItemRow(summary, "Encre") for summary in some], notice=notice)
    keys = [rows.key(index) for index in range(len(rows))]
    assert [index_of(rows, key, near=-1) for key in keys] == list(range(len(rows)))
    assert [index_of(rows, key, near=0) for key in keys] == list(range(len(rows)))
    for unknown in ("nobody's", *([] if notice else [NOTICE])):
        assert index_of(rows, unknown) is None


class Words(str):
    """A text that can be watched."""

    __slots__ = ("__weakref__",)


class OneRow(Rows):
    """A list of one row without a cache."""

    def __len__(self) -> int:
        return 1

    def lines(self, index: int, width: int) -> Sequence[Line]:
        words = Words("words")
        drawn.append(weakref.ref(words))
        return [(("text", words),)]


drawn: list["weakref.ref[Words]"] = []


def test_drawn_rows_are_freed_without_the_garbage_collector() -> None:
    drawn.clear()
    palettes = palettes_of({**PAPER.to_color_system().generate(), **semantic_variables(PAPER)}, has_colors=True)
    layout = Layout(OneRow(), 20)
    layout.strip(0, palettes, cursor=0, focused=True)
    assert [words() is None for words in drawn] == [False]
    collects = gc.isenabled()
    gc.disable()
    try:
        del layout
        assert [words() is None for words in drawn] == [True]
    finally:
        if collects:
            gc.enable()


class _Long:
    """Stands for a list of 100,000 rows, whose repr would delay a key."""

    def __repr__(self) -> str:
        raise AssertionError("it was written out")


async def test_starting_work_does_not_build_a_repr(tmp_path: Path) -> None:
    done = asyncio.Event()

    async def work(_: _Long) -> None:
        done.set()

    async with reading(small_library(tmp_path, {})) as running:
        running.screen.start(partial(work, _Long()), "words")
        await running.until(done.is_set)
