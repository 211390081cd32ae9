"""How hosts are treated in a refresh of many groups, counted at the server."""

import asyncio
from datetime import timedelta

import pytest

from florilege.model import Entry, Group, Outcome, Source
from florilege.net import Fetcher
from florilege.refresh import AddRequest, Refresher, Result
from florilege.refresh.documents import Documents
from florilege.settings import Refresh
from florilege.settings.rules import Rule
from florilege.store import Library
from support.clocks import Clock
from support.library import add_group, source_of
from support.loopback import Loopback, not_modified, redirect, reply
from support.papers import PaperParser, paper, paper_of


async def refreshed(refresher: Refresher, *groups: Group, insist: bool = False) -> list[Result]:
    return [result async for result in refresher.refresh(groups or None, insist=insist)]


async def test_after_a_429_no_other_group_of_the_host_is_fetched_in_the_same_run(
    server: Loopback, library: Library, parser: PaperParser, clock: Clock
) -> None:
    busy = reply(status=429, headers={"Retry-After": "1800"})
    groups = [add_group(library, server.at(f"/{number}", busy), title=f"Group {number}") for number in range(8)]
    elsewhere = add_group(library, server.address("/other", host="localhost"), title="Elsewhere")
    server.at("/other", reply(paper("one")))

    async with Fetcher(settings=Refresh(per_host=1), clock=clock) as fetcher:
        results = {result.group: result for result in await refreshed(Refresher(library, fetcher, parser, clock=clock))}

    assert server.count() == 2
    assert results[elsewhere.id].outcome is Outcome.OK
    assert sorted(results[group.id].outcome for group in groups) == [Outcome.FAILED, *[Outcome.SKIPPED] * 7]
    held = [source_of(library, group) for group in groups if results[group.id].outcome is Outcome.SKIPPED]
    assert {source.outcome for source in held} == {Outcome.NEVER}
    until = clock() + timedelta(minutes=30)
    assert {(source.next_due, source.waits_until) for source in held} == {(until, until)}


async def test_next_run_leaves_the_host_alone_too_also_for_groups_added_meanwhile(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    add_group(library, server.at("/busy", reply(status=503, headers={"Retry-After": "1800"})))
    await refreshed(Refresher(library, fetcher, parser, clock=clock))
    late = add_group(library, server.at("/late", reply(paper("one"))), title="Late")

    async with Fetcher(clock=clock) as another:
        (result,) = await refreshed(Refresher(library, another, parser, clock=clock), late, insist=True)

    assert (result.outcome, result.error, server.count("/late")) == (Outcome.SKIPPED, None, 0)
    assert "127.0.0.1 wants no request for 30 minutes" in result.warnings[0]
    clock.move(minutes=30)
    async with Fetcher(clock=clock) as another:
        (result,) = await refreshed(Refresher(library, another, parser, clock=clock), late)
    assert result.outcome is Outcome.OK
    assert source_of(library, late).waits_until is None


async def test_next_run_leaves_alone_the_host_that_sent_the_429_not_the_one_redirecting_to_it(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    # Given a group whose address redirects to another, busy host
    server.at("/busy", reply(status=429, headers={"Retry-After": "1800"}))
    led = add_group(library, server.at("/led", redirect(server.address("/busy", host="localhost"))), title="Led")
    await refreshed(Refresher(library, fetcher, parser, clock=clock))
    assert source_of(library, led).waits_at == "localhost"
    here = add_group(library, server.at("/here", reply(paper("one"))), title="Here")
    there = add_group(library, server.address("/there", host="localhost"), title="There")
    server.at("/there", reply(paper("two")))
    # When another process refreshes everything on request
    async with Fetcher(clock=clock) as another:
        everything = await refreshed(Refresher(library, another, parser, clock=clock), insist=True)
    # Then only sources at the busy host are skipped
    endings = {result.group: result.outcome for result in everything}
    assert endings == {led.id: Outcome.SKIPPED, here.id: Outcome.OK, there.id: Outcome.SKIPPED}
    assert (server.count("/led"), server.count("/there")) == (1, 0)
    assert source_of(library, there).waits_at is None
    clock.move(minutes=30)
    async with Fetcher(clock=clock) as another:
        await refreshed(Refresher(library, another, parser, clock=clock), there)
    assert server.count("/there") == 1


async def test_429_without_a_time_leaves_the_host_alone_for_a_minute_in_the_next_run_too(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    add_group(library, server.at("/busy", reply(status=429)))
    await refreshed(Refresher(library, fetcher, parser, clock=clock))
    for passed, asked in ((59, 1), (1, 2)):
        clock.move(seconds=passed)
        async with Fetcher(clock=clock) as another:
            await refreshed(Refresher(library, another, parser, clock=clock), insist=True)
        assert server.count() == asked


async def test_group_added_while_its_host_must_wait_is_kept_for_later(
    server: Loopback, library: Library, fetcher: Fetcher, refresher: Refresher, clock: Clock
) -> None:
    address = server.at("/rss", reply(paper("one")))
    fetcher.record_retry_at("127.0.0.1", clock() + timedelta(minutes=5))

    result = await refresher.add(AddRequest(address))

    assert (result.outcome, server.count()) == (Outcome.SKIPPED, 0)
    assert "wants no request for 5 minutes" in result.warnings[0]
    clock.move(minutes=5)
    (later,) = await refreshed(refresher)
    assert (later.outcome, later.new) == (Outcome.OK, 1)


@pytest.mark.parametrize("status", [304, 404, 429, 500, 503])
async def test_nothing_is_fetched_twice_in_a_run(
    server: Loopback, library: Library, refresher: Refresher, status: int
) -> None:
    add_group(library, server.at("/rss", reply(b"no", status=status)))

    await refreshed(refresher, insist=True)

    assert server.count() == 1


async def test_interval_requested_by_a_document_holds_after_a_304(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    body = paper_of(Entry(title="one"), refresh_after=4 * 3600)
    group = add_group(library, server.at("/rss", reply(body, etag='"1"'), not_modified()))
    await refreshed(refresher)
    assert source_of(library, group).next_due == clock() + timedelta(hours=4)
    clock.move(hours=4)

    (result,) = await refreshed(refresher)

    assert result.outcome is Outcome.UNCHANGED
    assert source_of(library, group).next_due == clock() + timedelta(hours=4)


async def test_document_without_an_interval_any_more_is_fetched_as_usual(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    slow = paper_of(Entry(title="one"), refresh_after=4 * 3600)
    group = add_group(library, server.at("/rss", reply(slow), reply(paper("two"))))
    await refreshed(refresher)
    await refreshed(refresher, insist=True)

    assert source_of(library, group).next_due == clock() + timedelta(hours=1)


async def test_group_with_an_interval_of_its_own_is_fetched_at_that_pace(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    add_group(library, server.at("/slow", reply(paper("one"))), title="Slow")
    add_group(library, server.at("/usual", reply(paper("one"))), title="Usual")
    rules = (Rule(match=server.address("/slow"), every=timedelta(hours=6)),)
    refresher = Refresher(library, fetcher, parser, clock=clock, rules=rules)

    for _ in range(7):
        await refreshed(refresher)
        clock.move(hours=1)

    assert (server.count("/slow"), server.count("/usual")) == (2, 7)


@pytest.mark.parametrize(("status", "is_remembered"), [(301, True), (308, True), (302, False), (307, False)])
async def test_only_a_permanent_move_is_remembered(
    server: Loopback, library: Library, refresher: Refresher, status: int, is_remembered: bool
) -> None:
    server.at("/new", reply(paper("one")))
    group = add_group(library, server.at("/rss", redirect("/new", status)))

    for _ in range(2):
        await refreshed(refresher, insist=True)

    assert source_of(library, group).address == server.address("/new" if is_remembered else "/rss")
    assert server.count("/rss") == (1 if is_remembered else 2)


async def test_full_parser_queue_stops_further_requests(server: Loopback, parser: PaperParser, clock: Clock) -> None:
    sources = [Source(address=server.at(f"/{number}", reply(paper(f"{number}")))) for number in range(5)]
    parser.may_go_on.clear()

    async with Fetcher(settings=Refresh(per_host=1), clock=clock) as fetcher, Fetcher(clock=clock) as probe:
        documents = Documents(fetcher, parser, clock=clock, waiting=1)
        getting = [asyncio.create_task(documents.get(source, lambda stage: None)) for source in sources]
        await parser.reached.wait()
        for _ in range(3):  # a request sent too early would have arrived by then
            await probe.fetch(server.at("/probe", reply(b"x")))
        asked = server.count() - server.count("/probe")
        parser.may_go_on.set()
        await asyncio.gather(*getting)

    assert asked == 1
    assert server.count() - server.count("/probe") == 5
