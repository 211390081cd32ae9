"""Refreshing known groups, with a real server and a real library."""

import asyncio
import threading
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.model import Entry, Group, Outcome
from florilege.net import Fetcher
from florilege.refresh import Refresher, Result, Stage, Step
from florilege.refresh.writer import in_thread
from florilege.store import Library, LibraryLock
from support.clocks import Clock
from support.library import add_group, source_of
from support.loopback import Loopback, after, not_modified, redirect, reply, validated
from support.papers import PaperParser, paper, paper_of


async def everything(refresher: Refresher, *groups: Group, insist: bool = False) -> list[Result]:
    return [result async for result in refresher.refresh(groups or None, insist=insist)]


async def only(refresher: Refresher, *groups: Group, insist: bool = False) -> Result:
    (result,) = await everything(refresher, *groups, insist=insist)
    return result


async def test_new_items_are_stored_and_counted(server: Loopback, library: Library, refresher: Refresher) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one", "two"), etag='"1"')))

    result = await only(refresher)

    ids = tuple(item.id for item in library.items(group.id))
    assert result == Result(group.id, "Encre", Outcome.OK, "rss", new=2, arrived=ids)
    assert [item.title for item in library.items(group.id)] == ["one", "two"]


async def test_validators_are_stored_with_the_items(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"), etag='"1"', last_modified="yesterday")))

    await only(refresher)

    source = source_of(library, group)
    assert (source.kind, source.etag, source.last_modified, source.outcome) == ("rss", '"1"', "yesterday", Outcome.OK)
    assert source.body_hash
    assert (source.checked_at, source.next_due) == (clock(), clock() + timedelta(hours=1))


async def test_unchanged_document_is_not_parsed(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    group = add_group(library, server.at("/rss", validated(paper("one"), etag='"1"')))
    await only(refresher)

    result = await only(refresher, insist=True)

    assert result == Result(group.id, "Encre", Outcome.UNCHANGED, "rss")
    assert (server.count(), parser.read) == (2, 1)


async def test_same_bytes_are_not_parsed_again_and_the_new_validator_is_kept(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    body = paper("one")
    group = add_group(library, server.at("/rss", reply(body, etag='"1"'), reply(body, etag='"2"')))
    await only(refresher)

    result = await only(refresher, insist=True)

    assert (result.outcome, parser.read) == (Outcome.UNCHANGED, 1)
    assert source_of(library, group).etag == '"2"'


async def test_validator_of_a_304_is_sent_next_time(server: Loopback, library: Library, refresher: Refresher) -> None:
    first = reply(paper("one"), etag='"1"', last_modified="then")
    add_group(library, server.at("/rss", first, not_modified(etag='"2"')))

    for _ in range(3):
        await only(refresher, insist=True)

    sent = [
        (request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
        for request in server.requests()
    ]
    assert sent == [(None, None), ('"1"', "then"), ('"2"', "then")]


async def test_new_highlight_on_a_read_item_is_counted(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(
        library, server.at("/rss", reply(paper("one", quotes=["a"])), reply(paper("one", quotes=["a", "b"])))
    )
    await only(refresher)
    (item,) = library.items(group.id)
    library.mark(Mark.READ, {group.id: {item.id: item.revision}}, now=clock())

    result = await only(refresher, insist=True)

    assert (result.new, result.revised, result.new_highlights) == (0, 1, 1)
    assert library.states(group.id)[item.id].is_read


async def test_source_that_is_not_due_is_not_fetched(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    add_group(library, server.at("/rss", reply(paper("one"))))
    await only(refresher)
    clock.move(minutes=30)

    assert (await only(refresher)).outcome is Outcome.SKIPPED
    clock.move(minutes=30)
    assert (await only(refresher)).outcome is Outcome.UNCHANGED
    assert server.count() == 2


async def test_max_age_delays_the_next_request(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"), headers={"Cache-Control": "max-age=10800"})))

    await only(refresher)

    assert source_of(library, group).next_due == clock() + timedelta(hours=3)


async def test_failure_is_recorded_on_the_source_and_the_items_stay(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"), etag='"1"'), reply(status=500)))
    await only(refresher)
    before = source_of(library, group)
    clock.move(hours=1)
    failed_at = clock()
    await only(refresher)
    clock.move(hours=3)

    result = await only(refresher)

    assert (result.outcome, result.kind) == (Outcome.FAILED, "rss")
    source = source_of(library, group)
    assert result.error == source.error
    assert "has a problem" in (source.error or "")
    assert (source.outcome, source.failures, source.failing_since) == (Outcome.FAILED, 2, failed_at)
    assert source.next_due is not None
    assert clock() + timedelta(hours=2) <= source.next_due <= clock() + timedelta(hours=2.2)
    assert (source.etag, source.body_hash, source.kind) == (before.etag, before.body_hash, before.kind)
    assert len(library.items(group.id)) == 1


async def test_success_clears_a_failure(server: Loopback, library: Library, refresher: Refresher, clock: Clock) -> None:
    group = add_group(library, server.at("/rss", reply(status=500), reply(paper("one"))))
    await only(refresher)
    clock.move(hours=2)

    await only(refresher)

    source = source_of(library, group)
    assert (source.outcome, source.error, source.failing_since, source.failures) == (Outcome.OK, None, None, 0)


@pytest.mark.parametrize("body", [b"<!doctype html><title>Log in</title>", b"", b"{broken"])
async def test_web_page_instead_of_a_feed_never_empties_a_group(
    server: Loopback, library: Library, refresher: Refresher, body: bytes
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"), etag='"1"'), reply(body, etag='"login"')))
    await only(refresher)

    result = await only(refresher, insist=True)

    assert result.outcome is Outcome.FAILED
    assert len(library.items(group.id)) == 1
    assert source_of(library, group).etag == '"1"'


async def test_unreadable_document_is_read_again_although_its_bytes_are_the_same(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    add_group(library, server.at("/rss", reply(b"not a feed")))

    await only(refresher, insist=True)
    await only(refresher, insist=True)

    assert parser.read == 2


async def test_retry_after_is_kept_even_when_the_reader_insists(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(
        library, server.at("/rss", reply(status=429, headers={"Retry-After": "7200"}), reply(paper("one")))
    )
    await only(refresher)
    source = source_of(library, group)
    assert (source.next_due, source.waits_until) == (clock() + timedelta(hours=2),) * 2
    clock.move(hours=1)

    result = await only(refresher, insist=True)

    assert result.outcome is Outcome.SKIPPED
    assert "its server wants no request before 14:00 UTC" in result.warnings[0]
    assert server.count() == 1
    clock.move(hours=1)
    assert (await only(refresher)).outcome is Outcome.OK
    assert source_of(library, group).waits_until is None


async def test_short_retry_after_does_not_cause_requests_every_second(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(status=429, headers={"Retry-After": "1"})))
    for _ in range(2):
        await only(refresher)
        clock.move(minutes=30)
    assert server.count() == 1
    assert source_of(library, group).failures == 1
    # But it may be fetched when the reader insists
    await only(refresher, insist=True)
    assert server.count() == 2


async def test_gone_source_is_not_fetched_again(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(status=410)))
    await only(refresher)
    assert source_of(library, group).gone
    clock.move(days=400)

    result = await only(refresher, insist=True)

    assert (result.outcome, server.count()) == (Outcome.SKIPPED, 1)
    assert "gone for good" in result.warnings[0]


async def test_permanent_move_is_remembered(server: Loopback, library: Library, refresher: Refresher) -> None:
    server.at("/new", reply(paper("one"), etag='"1"'))
    group = add_group(library, server.at("/rss", redirect("/new", 301)), title="Mine")

    await only(refresher, insist=True)
    await only(refresher, insist=True)

    assert source_of(library, group).address == server.address("/new")
    assert source_of(library, group).etag == '"1"'
    assert library.group(group.id).title == "Mine"
    assert server.count("/rss") == 1


async def test_move_to_a_non_feed_is_not_remembered(server: Loopback, library: Library, refresher: Refresher) -> None:
    server.at("/login", reply(b"log in"))
    address = server.at("/rss", redirect("/login", 301))
    group = add_group(library, address)

    await only(refresher)

    assert source_of(library, group).address == address


async def test_broken_group_does_not_stop_the_others(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    slow = server.gate()
    bad = [
        add_group(library, server.at("/404", reply(status=404)), title="missing"),
        add_group(library, server.at("/cut", reply(b"{", length=90)), title="cut"),
        add_group(library, server.at("/html", reply(b"<html>")), title="page"),
        add_group(library, "gopher://groups.example/", title="odd"),
    ]
    good = [
        add_group(library, server.at(f"/{number}", after(slow, reply(paper(f"item {number}")))), title=f"good {number}")
        for number in range(6)
    ]
    slow.open()

    results = {result.group: result for result in await everything(refresher)}

    assert {results[group.id].outcome for group in bad} == {Outcome.FAILED}
    assert {results[group.id].outcome for group in good} == {Outcome.OK}


async def test_results_come_as_they_are_ready(server: Loopback, library: Library, refresher: Refresher) -> None:
    gate = server.gate()
    slow = add_group(library, server.at("/slow", after(gate, reply(paper("slow")))), title="slow")
    quick = add_group(library, server.at("/quick", reply(paper("quick"))), title="quick")

    order: list[str] = []
    async for result in refresher.refresh():
        order.append(result.group)
        gate.open()

    assert order == [quick.id, slow.id]


async def test_progress_reports_what_has_started(server: Loopback, library: Library, refresher: Refresher) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"))))
    steps: list[Step] = []

    async for _ in refresher.refresh(on_step=steps.append):
        pass

    assert steps == [Step("Encre", Stage.FETCHING, group.id), Step("Encre", Stage.READING, group.id)]


async def test_group_of_several_sources_has_one_result(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    group = add_group(
        library,
        server.at("/a", reply(paper("one"))),
        server.at("/b", reply(paper("two", "three", kind="atom"))),
        server.at("/c", reply(status=404)),
    )

    result = await only(refresher)

    assert (result.outcome, result.kind, result.new) == (Outcome.FAILED, "rss", 3)
    assert "HTTP 404" in (result.error or "")
    assert [source.outcome for source in library.group(group.id).sources] == [Outcome.OK, Outcome.OK, Outcome.FAILED]


async def test_group_without_source_is_skipped(library: Library, refresher: Refresher) -> None:
    add_group(library)

    assert (await only(refresher, insist=True)).outcome is Outcome.SKIPPED


async def test_first_document_names_a_group_that_was_named_after_its_address(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    named = add_group(library, server.at("/a", reply(paper("one", group="Encre & Papier"))), title="127.0.0.1/a")
    mine = add_group(library, server.at("/b", reply(paper("one", group="Encre & Papier"))), title="Mine")

    results = {result.group: result for result in await everything(refresher)}

    assert results[named.id].title == library.group(named.id).title == "Encre & Papier"
    assert results[mine.id].title == library.group(mine.id).title == "Mine"
    assert library.group(named.id).site == "https://example.org/"


async def test_changed_file_is_read_and_an_unchanged_one_is_not(
    library: Library, refresher: Refresher, parser: PaperParser, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(paper("one"))
    group = add_group(library, str(path))
    assert (await only(refresher)).outcome is Outcome.OK

    assert (await only(refresher)).outcome is Outcome.UNCHANGED
    path.write_bytes(paper("one", "two"))
    assert (await only(refresher)).new == 1

    assert parser.read == 2
    assert len(library.items(group.id)) == 2


async def test_deleted_file_is_no_failure(library: Library, refresher: Refresher, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(paper("one"))
    group = add_group(library, str(path))
    await only(refresher)
    path.unlink()

    result = await only(refresher)

    assert (result.outcome, result.error) == (Outcome.UNCHANGED, None)
    assert len(library.items(group.id)) == 1


async def test_group_removed_during_its_fetch_does_not_come_back(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    gate = server.gate()
    group = add_group(library, server.at("/rss", after(gate, reply(paper("one")))))
    refreshing = asyncio.create_task(only(refresher))
    await server.until(lambda server: server.count() == 1)

    library.trash.remove_group(group.id)
    gate.open()

    result = await refreshing
    assert (result.outcome, result.error) == (Outcome.SKIPPED, None)
    assert library.groups() == []


async def test_busy_library_is_a_failed_result(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"))))
    impatient = Library(library.folder, clock=clock, lock_timeout=0.05)
    with LibraryLock(library.folder, clock=clock):
        result = await only(Refresher(impatient, fetcher, parser, clock=clock), group)

    assert result.outcome is Outcome.FAILED
    assert "Your library is in use by" in (result.error or "")


async def test_two_concurrent_refreshes_of_a_group_lose_nothing(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    gate = server.gate()
    address = server.at("/rss", after(gate, reply(paper("one", "two"))), after(gate, reply(paper("two", "three"))))
    group = add_group(library, address)
    elsewhere = Library(library.folder, clock=clock)
    both = asyncio.gather(
        only(Refresher(library, fetcher, parser, clock=clock), group),
        only(Refresher(elsewhere, fetcher, parser, clock=clock), group),
    )
    await server.until(lambda server: server.count() == 2)
    gate.open()

    results = await both

    assert sum(result.new for result in results) == 3
    assert {item.title for item in library.items(group.id)} == {"one", "two", "three"}
    assert len(library.group(group.id).sources) == 1


async def test_concurrent_requests_for_one_group_reach_the_server_once(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"))))

    first, second = await asyncio.gather(only(refresher, group), only(refresher, group))

    assert {first.outcome, second.outcome} == {Outcome.OK, Outcome.SKIPPED}
    assert server.count() == 1


async def test_cancelling_while_fetching_ends_at_once_and_stores_nothing(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    groups = [add_group(library, server.at(f"/{n}", after(server.gate(), reply())), title=f"{n}") for n in range(4)]
    refreshing = asyncio.create_task(everything(refresher))
    await server.until(lambda server: server.count() == 2)

    refreshing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refreshing

    await server.until(lambda server: server.left == 2)
    assert {source_of(library, group).outcome for group in groups} == {Outcome.NEVER}


async def test_cancelling_while_parsing_stores_no_validators(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    group = add_group(library, server.at("/rss", reply(paper("one"), etag='"1"')))
    parser.may_go_on.clear()
    refreshing = asyncio.create_task(only(refresher))
    await parser.reached.wait()

    refreshing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refreshing

    assert library.items(group.id) == []
    assert source_of(library, group) == group.sources[0]


async def test_leaving_the_iterator_ends_running_work(server: Loopback, library: Library, refresher: Refresher) -> None:
    add_group(library, server.at("/slow", after(server.gate(), reply())), title="slow")
    add_group(library, server.at("/quick", reply(paper("one"))), title="quick")

    async with aclosing(refresher.refresh()) as results:
        async for _ in results:
            await server.until(lambda server: server.count() == 2)
            break

    await server.until(lambda server: server.left == 1)


async def test_truncated_document_is_requested_in_full_next_time(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    broken = paper_of(Entry(title="one", native_id="one"), cut=True)
    address = server.at(
        "/rss",
        reply(broken, etag='"1"', last_modified="Fri, 20 Nov 2026 12:00:00 GMT"),
        reply(broken),
        reply(paper("one")),
    )
    group = add_group(library, address)
    assert (await only(refresher)).cut
    # Neither a 304 nor equal bytes can stand for the complete document
    for _ in range(2):
        clock.move(hours=2)
        assert (await only(refresher)).outcome is Outcome.OK
        assert "if-none-match" not in server.requests()[-1].headers
        assert "if-modified-since" not in server.requests()[-1].headers
    assert source_of(library, group).body_hash


async def test_cancelled_task_waits_for_its_write() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        may_end.wait()
        ended.set()

    task = asyncio.create_task(in_thread(write))
    await asyncio.to_thread(begun.wait)
    try:
        task.cancel()
        await asyncio.wait({task}, timeout=0)
        await asyncio.wait({task}, timeout=0)
        assert not task.done()
    finally:
        may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_source_moving_to_another_of_the_same_group_leaves_one(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    new = server.at("/new", reply(paper("one")))
    group = add_group(library, server.at("/old", redirect("/new", status=301)), new)
    await only(refresher)
    assert source_of(library, group).address == new
