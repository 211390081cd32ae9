"""Building lists step by step."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from florilege.lists.loaded_group import Order
from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import Listing, ReaderState
from florilege.query.language import parse
from florilege.query.nodes import Everything, Query
from support.reading import entry, sample_library, small_library

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> ReaderState:
    return ReaderState(sample_library(tmp_path), clock=lambda: NOW)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("query", [parse(""), parse("a"), parse("is:unread paper"), parse("has:note or tag:a*")])
def test_steps_give_the_same_list_as_one_go(state: ReaderState, query: Query, order: Order) -> None:
    state.order = order
    ticks = count()
    finding = state.new_search(Place(PlaceKind.EVERYTHING), query)

    while not finding.go_on(0, lambda: float(next(ticks))):
        pass

    assert finding.rows == state.listing(Place(PlaceKind.EVERYTHING), query).rows


def test_step_ends_after_its_time_with_a_sorted_partial_list(state: ReaderState) -> None:
    ticks = count()
    finding = state.new_search(Place(PlaceKind.EVERYTHING), parse(""))

    is_done = finding.go_on(0, lambda: float(next(ticks)))

    assert not is_done
    everything = state.listing(Place(PlaceKind.EVERYTHING)).rows
    assert 0 < len(finding.rows) < len(everything)
    assert finding.rows == [row for row in everything if row in finding.rows]


def test_restored_view_keeps_items_just_read(state: ReaderState) -> None:
    unread = Place(PlaceKind.UNREAD)
    state.open(unread, parse(""), state.listing(unread))
    rows, saved = list(state.rows), state.saved_view()
    state.open(Place(PlaceKind.EVERYTHING), parse("x"), Listing(ids=set()))

    state.restore(saved)

    assert (state.place, state.rows, state.query) == (unread, rows, parse(""))
    assert state.view.kept_visible == saved.kept_visible


def test_selection_is_kept_until_the_list_is_complete(tmp_path: Path) -> None:
    state = ReaderState(small_library(tmp_path, {"Encre": [entry("a"), entry("b")]}), clock=lambda: NOW)
    place = Place(PlaceKind.EVERYTHING)
    state.open(place, Everything(), state.listing(place))
    state.select()
    chosen = state.selected_rows
    state.open(place, parse("a"), Listing(is_whole=False))  # nothing has been found yet
    assert not state.selected_rows
    state.open(place, parse("a"), Listing(chosen))
    assert state.selected_rows == chosen
