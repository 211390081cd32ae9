"""Lists gathered step by step."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from florilege.lists.desk import Desk
from florilege.lists.orders import Order
from florilege.lists.places import Kind, Place
from florilege.query import Query, parse
from support.reading import sample_library

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(sample_library(tmp_path), clock=lambda: NOW)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("query", [parse(""), parse("a"), parse("is:unread paper"), parse("has:note or tag:a*")])
def test_step_by_step_gives_what_all_at_once_does(desk: Desk, query: Query, order: Order) -> None:
    desk.order = order
    ticks = count()
    finding = desk.finding(Place(Kind.EVERYTHING), query)

    while not finding.go_on(0, lambda: float(next(ticks))):
        pass

    assert finding.rows == desk.listed(Place(Kind.EVERYTHING), query)


def test_a_step_ends_when_its_time_is_over_and_what_is_there_is_in_order(desk: Desk) -> None:
    ticks = count()
    finding = desk.finding(Place(Kind.EVERYTHING), parse(""))

    is_done = finding.go_on(0, lambda: float(next(ticks)))

    assert not is_done
    everything = desk.listed(Place(Kind.EVERYTHING))
    assert 0 < len(finding.rows) < len(everything)
    assert finding.rows == [row for row in everything if row in finding.rows]


def test_what_was_set_aside_is_taken_up_with_what_was_just_read_in_it(desk: Desk) -> None:
    unread = Place(Kind.UNREAD)
    desk.open(unread, parse(""), desk.listed(unread))
    rows, aside = list(desk.rows), desk.set_aside()
    desk.open(Place(Kind.EVERYTHING), parse("x"), [])

    desk.take_up(aside)

    assert (desk.place, desk.rows, desk.query) == (unread, rows, parse(""))
    assert desk.set_aside() == aside
