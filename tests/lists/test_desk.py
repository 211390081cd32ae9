"""The desk: where "next unread" leads, what stays in a list, and what a step of undo is."""

from pathlib import Path

import pytest

from florilege.lists.desk import Desk
from florilege.lists.places import Kind, Place
from florilege.marking import Mark
from florilege.query import Everything, parse
from florilege.store import Library, LibraryError, LibraryLock
from florilege.words import announced
from support.reading import NOW, entry, give, small_library


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    groups = {
        "Encre": [entry("a", day=3), entry("b", day=2), entry("c", day=1)],
        "Marges": [],
        "Reliures": [entry("d", day=2), entry("e", day=1)],
    }
    return Desk(small_library(tmp_path, groups), clock=lambda: NOW)


def go(desk: Desk, place: Place, query: str = "") -> None:
    desk.open(place, parse(query), desk.listed(place, parse(query)))


def group(desk: Desk, place: int) -> Place:
    return Place(Kind.GROUP, desk.catalogue.groups()[place].id)


def key(desk: Desk, title: str) -> str:
    return next(row.key for row in desk.listed(Place(Kind.EVERYTHING)) if row.head.title == title)


def mark(desk: Desk, mark: Mark, *titles: str, automatic: bool = False) -> None:
    rows = [row for row in desk.listed(Place(Kind.EVERYTHING)) if row.head.title in titles]
    desk.mark(rows, mark, automatic=automatic)


def jump(desk: Desk, current: str | None, *, forward: bool = True) -> tuple[str, str, bool] | None:
    found = desk.next_unread(key(desk, current) if current else None, forward=forward)
    if found is None:
        return None
    title = next(row.head.title for row in desk.listed(Place(Kind.EVERYTHING)) if row.key == found.item)
    return desk.where(found.place), title, found.wrapped


def test_the_next_unread_is_looked_for_ahead_then_in_the_groups_below_then_from_the_top(desk: Desk) -> None:
    go(desk, group(desk, 0))
    assert jump(desk, "a") == ("Encre", "b", False)
    assert jump(desk, "c") == ("Reliures", "d", False)
    go(desk, group(desk, 2))
    assert jump(desk, "e") == ("Encre", "a", True)
    mark(desk, Mark.READ, "a", "b", "c")
    assert jump(desk, "e") == ("Reliures", "d", True)


def test_backwards_the_same_the_other_way(desk: Desk) -> None:
    go(desk, group(desk, 2))
    assert jump(desk, "e", forward=False) == ("Reliures", "d", False)
    assert jump(desk, "d", forward=False) == ("Encre", "c", False)
    go(desk, group(desk, 0))
    assert jump(desk, "a", forward=False) == ("Reliures", "e", True)


def test_only_the_item_one_is_on_is_nothing_to_go_to(desk: Desk) -> None:
    go(desk, group(desk, 0))
    mark(desk, Mark.READ, "b", "c", "d", "e")
    assert jump(desk, "a") is None


def test_under_a_filter_it_stays_in_the_list_and_goes_round_it(desk: Desk) -> None:
    go(desk, group(desk, 0), "is:unread not b")
    assert jump(desk, "a") == ("Encre", "c", False)
    assert jump(desk, "c") == ("Encre", "a", True)
    mark(desk, Mark.READ, "a")
    assert jump(desk, "c") is None


def test_a_list_without_any_unread_item_leads_to_the_groups(desk: Desk) -> None:
    go(desk, Place(Kind.STARRED))
    assert jump(desk, None) == ("Encre", "a", False)


def test_what_was_just_read_stays_in_the_list_until_it_is_opened_afresh(desk: Desk) -> None:
    place = Place(Kind.UNREAD)
    go(desk, place)
    mark(desk, Mark.READ, "a")
    assert "a" in [row.head.title for row in desk.listed(place)]

    desk.close()
    desk.open(place, Everything(), desk.listed(place))
    assert "a" not in [row.head.title for row in desk.rows]


def test_under_a_filter_what_is_shown_stays_through_a_refresh_only(desk: Desk) -> None:
    place = group(desk, 0)
    go(desk, place, "is:unread")
    mark(desk, Mark.READ, "a")
    give(desk.library, place.group or "", [entry("new", day=9)])
    desk.catalogue.forget(place.group)

    assert [row.head.title for row in desk.listed(place, parse("is:unread"), refreshed=True)] == ["new", "a", "b", "c"]
    assert [row.head.title for row in desk.listed(place, parse("is:unread"))] == ["new", "b", "c"]


def test_marking_what_is_already_so_is_no_step(desk: Desk) -> None:
    mark(desk, Mark.READ, "a")
    mark(desk, Mark.READ, "a")
    assert desk.undo() == "1 item in Encre unread again"
    assert desk.undo() is None


def test_undo_leaves_alone_what_another_process_changed_since(desk: Desk) -> None:
    mark(desk, Mark.READ, "a")
    with Library(desk.library.folder, clock=lambda: NOW) as other:
        place = group(desk, 0).group or ""
        other.mark(Mark.STARRED, {place: {key(desk, "a"): 0}}, now=NOW)
    desk.undo()

    (state,) = desk.library.states(place).values()
    assert (state.is_read, state.is_starred) == (False, True)


def test_a_step_that_cannot_be_taken_back_stays_to_be_taken_back(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Encre": [entry("a")]})
    desk = Desk(Library(library.folder, clock=lambda: NOW, lock_timeout=0.05), clock=lambda: NOW)
    mark(desk, Mark.READ, "a")
    with LibraryLock(library.folder, clock=lambda: NOW), pytest.raises(LibraryError):
        desk.undo()

    assert desk.undo() == "1 item in Encre unread again"


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0, 0), "Nothing new"),
        ((1, 0, 1), "1 new item in 1 group"),
        ((0, 5, 2), "5 new highlights in 2 groups"),
        ((3, 1, 2), "3 new items, 1 new highlight in 2 groups"),
    ],
)
def test_what_a_refresh_brought_is_said_with_counts_that_agree(counts: tuple[int, int, int], sentence: str) -> None:
    assert announced(*counts) == sentence


def test_the_unread_of_the_list_are_counted_on_through_marks_filters_and_undo(desk: Desk) -> None:
    go(desk, group(desk, 0))
    assert desk.unread_shown() == 3
    mark(desk, Mark.READ, "a", "d")  # one in the list, one elsewhere
    assert desk.unread_shown() == 2
    go(desk, group(desk, 0), "b")
    assert desk.unread_shown() == 1
    mark(desk, Mark.READ, "c")
    assert desk.unread_shown() == 1
    desk.undo()
    go(desk, group(desk, 0))
    assert desk.unread_shown() == 2
    desk.undo()
    assert desk.unread_shown() == 3
