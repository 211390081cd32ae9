"""Refreshing in the app: by key, automatically, and older pages; with a real server and real parsing of small feeds."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
from msgspec.structs import replace

from florilege.lists.places import Place, PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.model import Group, Source
from florilege.refresh import Result as Brought
from florilege.settings import Config, Reading, Refresh
from florilege.store import Library
from florilege.tui.app import FlorilegeApp
from support.clocks import Clock
from support.library import add_group, save_source, with_sources
from support.loopback import Behaviour, Loopback, after, reply
from support.papers import paper, paper_of
from support.reading import NOW, FakeDesktop, Open, context, entry, network, started

Given = ParamSpec("Given")
Result = TypeVar("Result")
QUIET = Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=False))
AT_START = Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=True))
NEVER = Config(reading=Reading(mark_after=None), refresh=Refresh(every=None))
SOON = 0.01
"""Seconds between two checks for due sources, in tests that wait for one."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Library:
    return Library(tmp_path, clock=clock)


@asynccontextmanager
async def opened(
    library: Library, clock: Clock, *, config: Config = QUIET, due_every: float = 3600.0, **others: Any
) -> AsyncIterator[Open]:
    outside = FakeDesktop()
    around = context(library, outside, config=config, refreshing=network(library, clock))
    around = replace(around, state=ReaderState(library, clock=clock), due_every=due_every, **others)
    app = FlorilegeApp(around)
    async with started(app, library, outside) as running:
        yield running


def fetched(library: Library, group: Group) -> Callable[[], bool]:
    return lambda: library.group(group.id).checked_at is not None


def counting(function: Callable[Given, Result], calls: list[object]) -> Callable[Given, Result]:
    """The same function, with its calls recorded."""

    def counted(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        calls.append(args)
        return function(*args, **kwargs)

    return counted


def page(number: int, last: int) -> Behaviour:
    following = f"/p{number + 1}" if number < last else None
    return reply(paper_of(entry(f"page {number}"), next_page=following, title="Encre"))


async def test_sources_falling_due_are_fetched_and_news_reported(
    server: Loopback, library: Library, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one")), reply(paper("one", "two"))))

    async with opened(library, clock, due_every=SOON) as running:
        await running.until(fetched(library, group))
        await running.until(lambda: "1 new item in 1 group (. shows them)" in running.said)
        assert server.count() == 1
        clock.move(hours=1)
        await running.until(lambda: running.said.count("1 new item in 1 group (. shows them)") == 2)

    assert server.count() == 2


async def test_sources_that_are_not_due_are_never_fetched(server: Loopback, library: Library, clock: Clock) -> None:
    add_group(library, server.at("/rss", reply(paper("one"))))
    looks: list[object] = []

    async with opened(library, clock, due_every=SOON) as running:
        await running.until(lambda: "1 new item in 1 group (. shows them)" in running.said)
        catalogue = running.app.reading.state.catalogue
        catalogue.groups = counting(catalogue.groups, looks)  # type: ignore[method-assign]
        await running.until(lambda: len(looks) > 20)

    assert server.count() == 1


async def test_no_news_is_not_reported(server: Loopback, library: Library, clock: Clock) -> None:
    group = add_group(library, server.at("/rss", reply(paper_of(title="Encre"))))

    async with opened(library, clock, due_every=SOON) as running:
        await running.until(fetched(library, group))
        await running.until(lambda: not running.app.reading.fetching.is_running("refresh"))
        assert running.said == []


async def test_automatic_refresh_that_fails_shows_the_sign_without_a_message(
    server: Loopback, library: Library, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(status=500)))

    async with opened(library, clock, due_every=SOON) as running:
        await running.until(lambda: is_failing(running, group))
        assert running.said == []


async def test_every_false_turns_automatic_refreshing_off(server: Loopback, library: Library, clock: Clock) -> None:
    add_group(library, server.at("/rss", reply(paper("one"))))

    async with opened(library, clock, config=NEVER, due_every=SOON) as running:
        await running.settled()
        for _ in range(20):
            await running.pilot.pause()
        timers = [timer for timer in running.app.reading._timers if timer._interval == SOON]

    assert (server.count(), timers) == (0, [])


async def test_due_sources_are_fetched_at_the_start(server: Loopback, library: Library, clock: Clock) -> None:
    add_group(library, server.at("/rss", reply(paper("one"))))

    async with opened(library, clock, config=AT_START) as running:
        await running.until(lambda: running.said == ["1 new item in 1 group (. shows them)"])


async def test_automatic_refresh_waits_for_a_manual_one(server: Loopback, library: Library, clock: Clock) -> None:
    gate = server.gate()
    slow = add_group(library, server.at("/slow", after(gate, reply(paper("one")))), title="Slow")
    looks: list[object] = []

    async with opened(library, clock, due_every=SOON) as running:
        save_source(library, slow.id, replace_due(library, slow, clock))
        running.app.reading.state.catalogue.forget()
        await running.pilot.press("R")
        await server.until(lambda server: server.count() == 1)
        late = add_group(library, server.at("/late", reply(paper("two"))), title="Late")
        running.app.reading.state.catalogue.forget()
        screen = running.app.reading
        fetching = screen.fetching
        fetching.is_running = counting(fetching.is_running, looks)  # type: ignore[method-assign]
        await running.until(lambda: len(looks) > 10)
        assert server.count("/late") == 0
        gate.open()
        await running.until(fetched(library, late))

    assert server.count("/slow") == 1


def replace_due(library: Library, group: Group, clock: Clock) -> Source:
    """The source of a group, as if fetched a moment ago."""
    (source,) = library.group(group.id).sources
    return Source(address=source.address, next_due=clock() + timedelta(hours=1))


async def test_failing_group_shows_sign_reason_and_times_and_success_clears_them(
    server: Loopback, library: Library, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(status=500), reply(paper("one"))))

    async with opened(library, clock) as running:
        screen = running.app.reading
        screen.groups.list.move_to(key_of(group))
        await running.press("r")
        was_failing = is_failing(running, group)
        words = screen.items.problem or ""
        clock.move(minutes=5)
        await running.press("r")

        assert was_failing
        assert "has a problem" in words
        assert "Failing since 09:30; next attempt at 10:3" in words
        assert not is_failing(running, group)
        assert screen.items.problem is None
        assert running.said[-1] == "1 new item in 1 group (. shows them)"


def key_of(group: Group) -> str:
    return Place(PlaceKind.GROUP, group.id).key


def is_failing(running: Open, group: Group) -> bool:
    return next(row.failing for row in running.app.reading.groups.rows if row.place.group == group.id)


async def test_older_pages_come_with_progress(server: Loopback, library: Library, clock: Clock) -> None:
    for number in range(1, 5):
        server.at(f"/p{number}", page(number, 4))
    group = add_group(library, server.address("/p1"))

    async with opened(library, clock) as running:
        screen = running.app.reading
        screen.groups.list.move_to(key_of(group))
        screen.fetching.action_fetch_older()
        await running.settled()

        assert running.said[0] == "Fetching older pages of Encre … esc stops it."
        assert "Older pages of Encre: 2, 2 items … esc stops it." in running.said
        assert running.said[-1] == "Encre: 4 older items"
        assert len(library.items(group.id)) == 4


async def test_fetching_older_pages_can_be_stopped_and_resumed(
    server: Loopback, library: Library, clock: Clock
) -> None:
    for number in range(1, 5):
        server.at(f"/p{number}", page(number, 4))
    server.at("/p3", after(server.gate(), reply()))
    group = add_group(library, server.address("/p1"))

    async with opened(library, clock) as running:
        screen = running.app.reading
        screen.groups.list.move_to(key_of(group))
        screen.fetching.action_fetch_older()
        await server.until(lambda server: server.count("/p3") == 1)
        screen.fetching.action_fetch_older()
        await server.until(lambda server: server.left == 1)
        await running.until(lambda: "Stopped fetching" in running.said[-1])
        assert len(library.items(group.id)) == 2
        server.at("/p3", page(3, 4))
        screen.fetching.action_fetch_older()
        await running.until(lambda: running.said[-1] == "Encre: 2 older items")

    assert server.count("/p1") == 1


async def test_news_are_reported_although_another_group_failed(
    server: Loopback, library: Library, clock: Clock
) -> None:
    for name, answer in (("one", reply(paper("new"))), ("two", reply(status=404)), ("three", reply(status=404))):
        add_group(library, server.at(f"/{name}", answer), title=name)

    async with opened(library, clock) as running:
        await running.press("R")
        said = running.said[-1]
        assert said.startswith("1 new item in 1 group (. shows them). t")
        assert "two: " in said or "three: " in said, "it names the group"
        assert said.endswith(" (1 other group failed too)")


async def test_skipped_groups_are_named_and_counted(server: Loopback, library: Library, clock: Clock) -> None:
    server.at("/rss", reply(status=429, headers={"Retry-After": "7200"}))
    add_group(library, server.address("/rss"), title="one")
    add_group(library, server.address("/rss?2"), title="two")

    async with opened(library, clock) as running:
        await running.press("R")
        await running.press("R")
        assert running.said[-1].startswith("one: ")
        assert "was not fetched" in running.said[-1]
        assert running.said[-1].endswith(" (1 other group not asked either)")


async def test_escape_stops_a_refresh_and_keeps_what_has_arrived(
    server: Loopback, library: Library, clock: Clock
) -> None:
    server.at("/one", reply(paper("new")))
    server.at("/two", after(server.gate(), reply()))
    for name in ("one", "two"):
        with_sources(library, name, Source(address=server.address(f"/{name}")))

    async with opened(library, clock) as running:
        await running.pilot.press("R")
        assert running.said[-1].endswith("esc stops it.")
        await running.until(lambda: "Refreshed 1 of 2: one … esc stops it." in running.said)
        await running.pilot.press("escape")
        await server.until(lambda server: server.left == 1)
        await running.until(lambda: running.said[-1] == "Stopped after 1 of 2 groups; what has arrived is kept.")
        assert running.app.reading.state.totals().items == 1
        server.at("/two", reply(paper("another")))
        await running.press("R")
        assert running.app.reading.state.totals().items == 2


async def test_quitting_ends_running_work_at_once(server: Loopback, library: Library, clock: Clock) -> None:
    for number in range(4):
        add_group(library, server.at(f"/{number}", after(server.gate(), reply())), title=f"{number}")

    async with opened(library, clock) as running:
        await running.pilot.press("R")
        await server.until(lambda server: server.count() == 2)
        await running.pilot.press("q")

    await server.until(lambda server: server.left == 2)


async def test_failing_hook_is_reported(server: Loopback, library: Library, clock: Clock) -> None:
    brought: list[str] = []

    async def hook(results: Sequence[Brought]) -> str:
        brought.extend(result.title for result in results if result.arrived)
        return "The hook notify-send failed with exit code 1."

    add_group(library, server.at("/rss", reply(paper("One"))))
    async with opened(library, clock, after_refresh=hook) as running:
        await running.press("R")
        assert (brought, running.said[-1]) == (["Encre"], "The hook notify-send failed with exit code 1.")
