"""Fetching older pages, with a real server that counts requests."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from florilege.model import Entry, Outcome
from florilege.net import Fetcher
from florilege.refresh import AddRequest, Refresher, Step
from florilege.settings import Refresh
from florilege.store import Library
from support.clocks import Clock
from support.library import add_group, source_of
from support.loopback import Behaviour, Loopback, after, not_modified, reply
from support.papers import PaperParser, paper_of


@dataclass
class Pauses:
    """A pause that returns at once and records its length."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def older(library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock, pauses: Pauses) -> Refresher:
    return Refresher(library, fetcher, parser, clock=clock, pause=pauses)


def page(number: int, next_page: str | None = None, *, items: int = 2) -> bytes:
    entries = [Entry(native_id=f"{number}-{n}", title=f"Item {n} of page {number}") for n in range(items)]
    return paper_of(*entries, next_page=next_page, title="Encre")


def archive(server: Loopback, pages: int = 5, **instead: Behaviour) -> str:
    """An archive of this many pages; `p3=` replaces the answer for page 3."""
    for number in range(1, pages + 1):
        following = f"/p{number + 1}" if number < pages else None
        server.at(f"/p{number}", instead.get(f"p{number}", reply(page(number, following), etag=f'"{number}"')))
    return server.address("/p1")


async def test_archive_of_five_pages_is_fetched_once_with_pauses(
    server: Loopback, library: Library, older: Refresher, pauses: Pauses
) -> None:
    group = add_group(library, archive(server))

    result = await older.fetch_older(group)

    assert (result.outcome, result.new, result.warnings) == (Outcome.OK, 10, ())
    assert server.paths() == ["/p1", "/p2", "/p3", "/p4", "/p5"]
    assert pauses.seconds == [1.0] * 4
    assert len(library.items(group.id)) == 10
    source = source_of(library, group)
    assert (source.older, source.etag, source.address) == (None, '"1"', server.address("/p1"))


async def test_add_with_all_pages_requests_each_page_once(server: Loopback, library: Library, older: Refresher) -> None:
    result = await older.add(AddRequest(archive(server), all_pages=True))

    assert (result.outcome, result.new, len(library.items(result.group))) == (Outcome.OK, 10, 10)
    assert server.paths() == ["/p1", "/p2", "/p3", "/p4", "/p5"]


async def test_plain_add_requests_the_newest_page_only(server: Loopback, library: Library, older: Refresher) -> None:
    result = await older.add(AddRequest(archive(server)))

    assert (result.new, server.paths()) == (2, ["/p1"])


async def test_adding_a_known_group_with_all_pages_fetches_its_history(
    server: Loopback, library: Library, older: Refresher
) -> None:
    address = archive(server)
    await older.add(AddRequest(address))

    result = await older.add(AddRequest(address, all_pages=True))

    assert result.new == 8
    assert "already here" in result.warnings[0]


async def test_newest_page_is_read_again_although_unchanged(
    server: Loopback, library: Library, older: Refresher
) -> None:
    group = add_group(library, archive(server))
    _ = [result async for result in older.refresh()]

    result = await older.fetch_older(group)

    assert result.new == 8
    assert all("if-none-match" not in request.headers for request in server.requests())


async def test_progress_is_reported_page_by_page(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server, 3))
    steps: list[Step] = []

    await older.fetch_older(group, on_step=steps.append)

    assert [(step.page, step.items) for step in steps if step.stage == "fetching"] == [(1, 0), (1, 0), (2, 2)]


async def test_circular_pages_end_the_walk(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server, 3, p3=reply(page(3, "/p2"))))

    result = await older.fetch_older(group)

    assert server.paths() == ["/p1", "/p2", "/p3"]
    assert (result.outcome, result.new) == (Outcome.OK, 6)
    assert "in a circle" in result.warnings[0]
    assert source_of(library, group).older is None


async def test_same_page_under_ever_new_addresses_ends_the_walk(
    server: Loopback, library: Library, older: Refresher
) -> None:
    group = add_group(library, archive(server, 2, p2=reply(page(1, "/p3"))))
    server.at("/p3", reply(page(1, "/p4")))

    await older.fetch_older(group)

    assert server.paths() == ["/p1", "/p2"]


async def test_page_on_another_host_is_not_followed_and_reported(
    server: Loopback, library: Library, older: Refresher
) -> None:
    foreign = server.address("/p3", host="localhost")
    group = add_group(library, archive(server, 3, p2=reply(page(2, foreign))))

    result = await older.fetch_older(group)

    assert server.paths() == ["/p1", "/p2"]
    assert result.new == 4
    assert "another host" in result.warnings[0]


async def test_walk_resumes_at_a_page_that_failed(server: Loopback, library: Library, older: Refresher) -> None:
    broken = reply(status=500)
    group = add_group(library, archive(server))
    server.at("/p3", broken, reply(page(3, "/p4")))

    first = await older.fetch_older(group)
    stopped_at = source_of(library, group).older
    second = await older.fetch_older(group)

    assert (first.outcome, first.new, stopped_at) == (Outcome.FAILED, 4, server.address("/p3"))
    assert "1 older page with 2 items were fetched before it. Ask again to go on from there." in (first.error or "")
    assert (second.outcome, second.new, source_of(library, group).older) == (Outcome.OK, 6, None)
    assert server.paths() == ["/p1", "/p2", "/p3", "/p3", "/p4", "/p5"]


async def test_failing_older_page_does_not_mark_the_group_as_failing(
    server: Loopback, library: Library, older: Refresher
) -> None:
    group = add_group(library, archive(server, 3, p2=reply(status=500)))

    await older.fetch_older(group)

    source = source_of(library, group)
    assert (source.error, source.failures) == (None, 0)


@pytest.mark.parametrize("broken", [reply(status=404), reply(b"<html>")])
async def test_walk_does_not_resume_at_a_permanently_missing_page(
    server: Loopback, library: Library, older: Refresher, broken: Behaviour
) -> None:
    group = add_group(library, archive(server, 3, p2=broken))

    result = await older.fetch_older(group)

    assert result.outcome is Outcome.FAILED
    assert source_of(library, group).older is None


async def test_walk_stops_when_the_server_asks_to_wait(
    server: Loopback, library: Library, older: Refresher, clock: Clock
) -> None:
    group = add_group(library, archive(server, 3))
    server.at("/p2", reply(status=429, headers={"Retry-After": "600"}), reply(page(2, "/p3")))
    await older.fetch_older(group)

    refused = await older.fetch_older(group)

    assert (refused.outcome, server.paths()) == (Outcome.SKIPPED, ["/p1", "/p2"])
    assert "wants no request before 12:10 UTC" in refused.warnings[0]
    assert source_of(library, group).next_due == clock() + timedelta(hours=1)
    clock.move(minutes=10)
    assert (await older.fetch_older(group)).new == 4


@pytest.mark.parametrize("settings", [Refresh(older_pages=2), Refresh(older_items=3)])
async def test_walk_stops_at_a_limit_and_can_be_continued(
    server: Loopback,
    library: Library,
    fetcher: Fetcher,
    parser: PaperParser,
    clock: Clock,
    pauses: Pauses,
    settings: Refresh,
) -> None:
    group = add_group(library, archive(server))
    older = Refresher(library, fetcher, parser, clock=clock, settings=settings, pause=pauses)

    first = await older.fetch_older(group)
    second = await older.fetch_older(group)

    assert (first.new, second.new) == (6, 4)
    assert "2 older pages with 4 items were fetched, which is the limit for one run" in first.warnings[0]
    assert server.paths() == ["/p1", "/p2", "/p3", "/p4", "/p5"]


async def test_cancelled_walk_keeps_its_pages_and_resumes(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server))
    server.at("/p4", after(server.gate(), reply(b"")))
    fetching = asyncio.create_task(older.fetch_older(group))
    await server.until(lambda server: server.count("/p4") == 1)

    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching

    await server.until(lambda server: server.left == 1)
    assert len(library.items(group.id)) == 6
    server.at("/p4", reply(page(4, "/p5")))
    assert (await older.fetch_older(group)).new == 4


async def test_unchanged_group_without_older_pages_is_unchanged(
    server: Loopback, library: Library, older: Refresher
) -> None:
    group = add_group(library, server.at("/p1", reply(page(1))))
    await older.fetch_older(group)

    result = await older.fetch_older(group)

    assert (result.new, result.error, server.count()) == (0, None, 2)


async def test_completed_history_is_only_fetched_as_far_as_it_is_new(
    server: Loopback, library: Library, older: Refresher
) -> None:
    group = add_group(library, archive(server))
    await older.fetch_older(group)
    assert source_of(library, group).whole
    # Given a group that has grown by two pages since
    for number in range(5, 0, -1):
        server.at(f"/p{number + 2}", reply(page(number, f"/p{number + 3}" if number < 5 else None)))
    server.at("/p1", reply(page(7, "/p2")))
    server.at("/p2", reply(page(6, "/p3")))
    before = server.count()

    again = await older.fetch_older(group)

    # Then the walk ends at the first page without anything new, and says so
    assert (again.new, server.paths()[before:]) == (4, ["/p1", "/p2", "/p3"])
    assert "fetched to the end before, so only what came since was" in again.warnings[-1]
    assert (source_of(library, group).older, source_of(library, group).whole) == (None, True)
    # But everything is read on request, for new highlights on old items
    before = server.count()
    whole = await older.fetch_older(group, again=True)
    assert (whole.warnings, len(server.paths()[before:])) == ((), 7)
    assert source_of(library, group).whole


async def test_incomplete_history_does_not_count_as_known(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server, 5, p4=reply(b"no feed")))
    await older.fetch_older(group)
    assert not source_of(library, group).whole

    server.at("/p4", reply(page(4, "/p5")))
    assert (await older.fetch_older(group)).new == 4
    assert source_of(library, group).whole


async def test_empty_list_is_the_end(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server, 2, p2=reply(b" []\n")))

    result = await older.fetch_older(group)

    assert (result.outcome, result.error) == (Outcome.OK, None)


async def test_unsolicited_304_for_a_page_is_a_failure(server: Loopback, library: Library, older: Refresher) -> None:
    group = add_group(library, archive(server, 2, p2=not_modified()))

    assert (await older.fetch_older(group)).outcome is Outcome.FAILED


async def test_older_pages_of_diigo_are_requested_by_count_and_start(
    library: Library, clock: Clock, server: Loopback, pauses: Pauses
) -> None:
    from florilege.net.exchange import make_client
    from support.routes import Routed

    def diigo(first: int, count: int) -> bytes:
        entries = [Entry(native_id=f"{n}", title=f"Item {n}") for n in range(first, first + count)]
        return paper_of(*entries, kind="diigo-rss")

    server.at("/group/encre/rss", reply(diigo(0, 20)))
    server.at("/group/encre/rss?count=100&start=20", reply(diigo(20, 100)))
    server.at("/group/encre/rss?count=100&start=120", reply(diigo(120, 30)))
    group = add_group(library, "http://groups.diigo.com/group/encre/rss")

    async with make_client(Routed(server.port)) as client, Fetcher(client, clock=clock) as fetcher:
        refresher = Refresher(library, fetcher, PaperParser(), clock=clock, pause=pauses)
        result = await refresher.fetch_older(group)

    assert (result.new, server.count()) == (150, 3)
