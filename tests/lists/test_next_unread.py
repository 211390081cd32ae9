"""ReaderState: where “next unread” leads, what stays in a list, and what one undo step is."""

from pathlib import Path

import pytest

from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.marking import Mark
from florilege.query.language import parse
from florilege.query.nodes import Everything
from florilege.store import Library
from florilege.words import announced
from support.reading import NOW, entry, give, small_library


@pytest.fixture
def state(tmp_path: Path) -> ReaderState:
    groups = {
        "Encre": [entry("a", day=3), entry("b", day=2), entry("c", day=1)],
        "Marges": [],
        "Reliures": [entry("d", day=2), entry("e", day=1)],
    }
    return ReaderState(small_library(tmp_path, groups), clock=lambda: NOW)


def go(state: ReaderState, place: Place, query: str = "") -> None:
    state.open(place, parse(query), state.listing(place, parse(query)))


def group(state: ReaderState, place: int) -> Place:
    return Place(PlaceKind.GROUP, state.catalogue.groups()[place].id)


def key(state: ReaderState, title: str) -> str:
    return next(row.key for row in state.listing(Place(PlaceKind.EVERYTHING)).rows if row.summary.title == title)


def mark(state: ReaderState, mark: Mark, *titles: str, automatic: bool = False) -> None:
    rows = [row for row in state.listing(Place(PlaceKind.EVERYTHING)).rows if row.summary.title in titles]
    state.changes.mark(rows, mark, automatic=automatic)


def jump(state: ReaderState, current: str | None, *, forward: bool = True) -> tuple[str, str, bool] | None:
    state.view.position = state.view.place_of(key(state, current)) if current else -1
    found = state.next_unread(forward=forward)
    if found is None:
        return None
    title = next(row.summary.title for row in state.listing(Place(PlaceKind.EVERYTHING)).rows if row.key == found.item)
    return state.title_of(found.place), title, found.wrapped


def test_next_unread_searches_forward_then_groups_below_then_from_the_top(state: ReaderState) -> None:
    go(state, group(state, 0))
    assert jump(state, "a") == ("Encre", "b", False)
    assert jump(state, "c") == ("Reliures", "d", False)
    go(state, group(state, 2))
    assert jump(state, "e") == ("Encre", "a", True)
    mark(state, Mark.READ, "a", "b", "c")
    assert jump(state, "e") == ("Reliures", "d", True)


def test_previous_unread_is_the_mirror_image(state: ReaderState) -> None:
    go(state, group(state, 2))
    assert jump(state, "e", forward=False) == ("Reliures", "d", False)
    assert jump(state, "d", forward=False) == ("Encre", "c", False)
    go(state, group(state, 0))
    assert jump(state, "a", forward=False) == ("Reliures", "e", True)


def test_current_item_alone_is_no_target(state: ReaderState) -> None:
    go(state, group(state, 0))
    mark(state, Mark.READ, "b", "c", "d", "e")
    assert jump(state, "a") is None


def test_under_a_filter_it_stays_in_the_list_and_wraps_around(state: ReaderState) -> None:
    go(state, group(state, 0), "is:unread not b")
    assert jump(state, "a") == ("Encre", "c", False)
    assert jump(state, "c") == ("Encre", "a", True)
    mark(state, Mark.READ, "a")
    assert jump(state, "c") is None


def test_list_without_unread_items_leads_to_the_groups(state: ReaderState) -> None:
    go(state, Place(PlaceKind.STARRED))
    assert jump(state, None) == ("Encre", "a", False)


def test_just_read_items_stay_until_the_list_is_reopened(state: ReaderState) -> None:
    place = Place(PlaceKind.UNREAD)
    go(state, place)
    mark(state, Mark.READ, "a")
    assert "a" in [row.summary.title for row in state.listing(place).rows]

    state.close()
    state.open(place, Everything(), state.listing(place))
    assert "a" not in [row.summary.title for row in state.rows]


def test_just_read_items_under_a_filter_stay_only_through_a_refresh(state: ReaderState) -> None:
    place = group(state, 0)
    go(state, place, "is:unread")
    mark(state, Mark.READ, "a")
    give(state.library, place.group or "", [entry("new", day=9)])
    state.catalogue.forget(place.group)

    assert [row.summary.title for row in state.listing(place, parse("is:unread"), refreshed=True).rows] == [
        "new",
        "a",
        "b",
        "c",
    ]
    assert [row.summary.title for row in state.listing(place, parse("is:unread")).rows] == ["new", "b", "c"]


def undo_message(state: ReaderState) -> str:
    undone = state.changes.undo()
    return undone.sentence if undone else ""


def test_mark_without_effect_is_no_step(state: ReaderState) -> None:
    mark(state, Mark.READ, "a")
    mark(state, Mark.READ, "a")
    assert undo_message(state) == "Unread again: a"
    assert state.changes.undo() is None


def test_undo_leaves_later_changes_of_another_process_alone(state: ReaderState) -> None:
    mark(state, Mark.READ, "a")
    with Library(state.library.folder, clock=lambda: NOW) as other:
        place = group(state, 0).group or ""
        other.mark(Mark.STARRED, {place: {key(state, "a"): 0}}, now=NOW)
    state.changes.undo()

    (marks,) = state.library.states(place).values()
    assert (marks.is_read, marks.is_starred) == (False, True)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0, 0), "Nothing new"),
        ((1, 0, 1), "1 new item in 1 group"),
        ((0, 5, 2), "5 new highlights in 2 groups"),
        ((3, 1, 2), "3 new items, 1 new highlight in 2 groups"),
        ((0, 0, 1, 1, 2), "2 more highlights on unread items in 1 group"),
    ],
)
def test_refresh_news_are_reported_with_correct_counts(counts: tuple[int, ...], sentence: str) -> None:
    assert announced(*counts) == sentence


def test_unread_count_of_the_list_follows_marks_filters_and_undo(state: ReaderState) -> None:
    go(state, group(state, 0))
    assert state.unread == 3
    mark(state, Mark.READ, "a", "d")  # one in the list, one elsewhere
    assert state.unread == 2
    go(state, group(state, 0), "b")
    assert state.unread == 1
    mark(state, Mark.READ, "c")
    assert state.unread == 1
    state.changes.undo()
    go(state, group(state, 0))
    assert state.unread == 2
    state.changes.undo()
    assert state.unread == 3
