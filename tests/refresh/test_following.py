"""A followed group loses nothing: largest pages, older pages until something is known, archives fetched whole."""

import json
import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from msgspec.structs import replace

from florilege.formats import Subscription
from florilege.model import Entry, Group, Highlight, Outcome, Source
from florilege.net import Fetcher
from florilege.net.exchange import make_client
from florilege.refresh import AddRequest, Refresher, Result
from florilege.refresh.paging import first_page
from florilege.settings import Refresh
from florilege.store import Library
from support.clocks import Clock
from support.library import with_sources
from support.loopback import Exchange, Loopback, not_modified, redirect, reply
from support.papers import PaperParser, RealParser, paper, paper_of
from support.routes import Routed


async def no_pause(seconds: float) -> None:
    """Don't wait."""


@pytest.fixture
def refresher(library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock) -> Refresher:
    return Refresher(library, fetcher, parser, clock=clock, pause=no_pause)


async def refreshed(refresher: Refresher, **how: bool) -> Result:
    (result,) = [result async for result in refresher.refresh(**({"insist": True} | how))]  # type: ignore[arg-type]
    return result


def source_of(library: Library) -> Source:
    ((source,),) = [group.sources for group in library.groups()]
    return source


def titles(library: Library) -> list[str]:
    (group,) = library.groups()
    return sorted(item.title for item in library.items(group.id))


def items(numbers: Iterable[int], **facts: object) -> bytes:
    entries = [Entry(native_id=f"{n}", title=f"{n:03}", url=f"https://example.org/{n}") for n in numbers]
    return paper_of(*entries, **({"title": "Encre"} | facts))


class Killed(Exception):
    """Stands for the end of the process."""


def killed(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://api.hypothes.is/api/search?group=x", "https://api.hypothes.is/api/search?group=x&limit=200"),
        ("https://h.example/api/search?limit=20", "https://h.example/api/search?limit=20"),
        ("https://api.raindrop.io/rest/v1/raindrops/0", "https://api.raindrop.io/rest/v1/raindrops/0?perpage=50"),
        ("https://api.raindrop.io/rest/v1/highlights", "https://api.raindrop.io/rest/v1/highlights?perpage=50"),
        ("https://readwise.io/api/v2/export/", "https://readwise.io/api/v2/export/"),
        ("https://groups.example/rss?a=1&a=2", "https://groups.example/rss?a=1&a=2"),
        ("http://[broken/", "http://[broken/"),
    ],
)
def test_largest_page_of_a_service_is_requested(address: str, asked: str) -> None:
    assert first_page(address) == asked


def test_only_changes_are_requested_where_a_service_supports_it() -> None:
    since = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert first_page("https://readwise.io/api/v2/export/", since).endswith(
        "?updatedAfter=2026-11-20T12%3A00%3A00%2B00%3A00"
    )
    assert first_page("https://groups.example/rss", since) == "https://groups.example/rss"


def serve_archive(server: Loopback, newest: int) -> str:
    """An archive of items from `newest` down to 0, ten a page, each page naming the next."""
    for start in range(newest, -1, -10):
        following = f"/p{start - 10}" if start >= 10 else None
        path = "/rss" if start == newest else f"/p{start}"
        server.at(path, reply(items(range(start, max(start - 10, -1), -1), next_page=following)))
    return server.address("/rss")


async def test_older_pages_are_fetched_until_a_known_item(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest(serve_archive(server, 9)))
    serve_archive(server, 44)

    result = await refreshed(refresher)

    assert (result.outcome, result.new) == (Outcome.OK, 35)
    assert titles(library) == [f"{n:03}" for n in range(45)]
    assert server.paths()[1:] == ["/rss", "/p34", "/p24", "/p14"]
    assert (await refreshed(refresher)).new == 0
    assert server.paths()[5:] == ["/rss"]


async def test_first_fetch_of_a_group_brings_its_newest_page_only(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest(serve_archive(server, 44)))

    assert len(titles(library)) == 10


async def test_missing_page_leaves_no_gap(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    await refresher.add(AddRequest(serve_archive(server, 9)))
    serve_archive(server, 44)
    server.at("/p24", reply(status=503), reply(items(range(24, 14, -1), next_page="/p14")))

    broken = await refreshed(refresher)

    assert (broken.outcome, len(titles(library))) == (Outcome.FAILED, 10)
    assert "Nothing of it was stored" in (broken.error or "")
    assert (await refreshed(refresher)).new == 35
    assert len(titles(library)) == 45


async def test_page_limit_is_reported_and_can_be_continued(
    server: Loopback, library: Library, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    settings = Refresh(older_pages=1)
    refresher = Refresher(library, fetcher, parser, clock=clock, settings=settings, pause=no_pause)
    await refresher.add(AddRequest(serve_archive(server, 9)))
    serve_archive(server, 44)

    result = await refreshed(refresher)

    assert result.new == 20
    assert "There may be more items between these and those known before" in result.warnings[0]
    (group,) = library.groups()
    assert (await refresher.fetch_older(group)).new == 10


async def test_new_annotations_of_known_pages_are_new_too(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    def page(*quotes: str, next_page: str | None = None) -> bytes:
        marks = tuple(Highlight(id=quote, quote=quote) for quote in quotes)
        entry = Entry(
            title="One page", url="https://example.org/", highlights=marks, is_aggregate=True, all_highlights=False
        )
        return paper_of(entry, next_page=next_page)

    await refresher.add(AddRequest(server.at("/rss", reply(page("a")))))
    server.at("/rss", reply(page("e", "d", next_page="/2")))
    server.at("/2", reply(page("c", "b", next_page="/3")))
    server.at("/3", reply(page("a")))

    await refreshed(refresher)

    (group,) = library.groups()
    (item,) = library.items(group.id)
    assert sorted(mark.quote for mark in item.highlights) == ["a", "b", "c", "d", "e"]


async def test_raindrop_archive_is_fetched_whole_at_first_then_as_far_as_it_is_new(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    def raindrops(newest: int) -> None:
        for number in range(4):
            path = f"/rest/v1/raindrops/0?perpage=50{f'&page={number}' if number else ''}"
            server.at(
                path, reply(items(range(newest - 50 * number, max(newest - 50 * number - 50, -1), -1), kind="raindrop"))
            )

    raindrops(119)
    await refresher.add(AddRequest(server.address("/rest/v1/raindrops/0")))

    assert len(titles(library)) == 120
    assert source_of(library).whole
    raindrops(121)
    before = server.count()
    assert (await refreshed(refresher)).new == 2
    assert server.count() == before + 1


async def test_archive_that_grows_during_an_interrupted_first_fetch_comes_whole(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock
) -> None:
    def raindrops(newest: int) -> None:
        for number in range(6):
            found = range(newest - 50 * number, max(newest - 50 * number - 50, -1), -1)
            answer = [{"_id": each, "link": f"https://e.org/{each}", "title": f"{each:03}"} for each in found]
            path = f"/rest/v1/raindrops/0?perpage=50{f'&page={number}' if number else ''}"
            server.at(path, reply(json.dumps({"result": True, "items": answer, "count": newest + 1}).encode()))

    refresher = Refresher(library, fetcher, RealParser(), clock=clock, pause=no_pause)
    raindrops(159)
    server.at("/rest/v1/raindrops/0?perpage=50&page=2", reply(status=503))
    broken = await refresher.add(AddRequest(server.address("/rest/v1/raindrops/0")))
    raindrops(209)
    clock.move(days=1)
    result = await refreshed(refresher)
    clock.move(days=1)
    await refreshed(refresher)

    assert (broken.outcome, result.outcome, result.warnings) == (Outcome.FAILED, Outcome.OK, ())
    assert titles(library) == [f"{each:03}" for each in range(210)]
    assert source_of(library).whole


async def test_adding_that_is_killed_before_its_items_are_stored_begins_at_the_first_page_again(
    server: Loopback, library: Library, refresher: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = server.at("/api/v2/export/", reply(items([1, 2], kind="readwise", next_page="?pageCursor=c1")))
    server.at("/api/v2/export/?pageCursor=c1", reply(items([3], kind="readwise")))
    with monkeypatch.context() as dying:
        dying.setattr(library, "update_items", killed)
        with pytest.raises(Killed):
            await refresher.add(AddRequest(export))

    await refreshed(refresher)

    assert titles(library) == ["001", "002", "003"]


async def test_readwise_export_is_followed_by_cursor_then_by_date(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    export = "/api/v2/export/"
    server.at(export, reply(items([1, 2], kind="readwise", next_page="?pageCursor=c1")))
    server.at(f"{export}?pageCursor=c1", reply(items([3], kind="readwise", next_page="?pageCursor=c2")))
    server.at(f"{export}?pageCursor=c2", reply(items([4], kind="readwise")))
    await refresher.add(AddRequest(server.address(export)))
    assert titles(library) == ["001", "002", "003", "004"]
    since = f"?updatedAfter={clock():%Y-%m-%dT%H}%3A{clock():%M}%3A00%2B00%3A00"
    clock.move(hours=1)
    server.at(f"{export}{since}", reply(items([5], kind="readwise", next_page="?pageCursor=c9")))
    server.at(f"{export}{since}&pageCursor=c9", reply(items([6], kind="readwise")))

    result = await refreshed(refresher)

    assert (result.new, titles(library)[-1]) == (2, "006")
    assert source_of(library).since == clock()


# Unconditional requests, and messages


async def test_anew_requests_without_validators(server: Loopback, library: Library, refresher: Refresher) -> None:
    async def stuck(exchange: Exchange) -> None:
        has_etag = "if-none-match" in exchange.request.headers
        await (not_modified() if has_etag else reply(paper(*"ab"[: server.count()]), etag='"stuck"'))(exchange)

    await refresher.add(AddRequest(server.at("/rss", stuck)))
    assert (await refreshed(refresher)).outcome is Outcome.UNCHANGED

    assert (await refreshed(refresher, anew=True)).new == 1


async def test_gone_group_is_fetched_when_named(server: Loopback, library: Library, refresher: Refresher) -> None:
    await refresher.add(
        AddRequest(server.at("/rss", reply(paper("one")), reply(status=410), reply(paper("one", "two"))))
    )
    await refreshed(refresher)

    assert (await refreshed(refresher)).outcome is Outcome.SKIPPED
    assert (await refreshed(refresher, insist=False, by_name=True)).new == 1


async def test_permanent_move_is_reported_and_remembered(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest(server.at("/rss", reply(paper("one")))))
    server.at("/rss", redirect("/new", 301))
    server.at("/new", reply(paper("two")))
    said = f"It has moved for good, from {server.address('/rss')} to {server.address('/new')}, and is followed there."

    assert (await refreshed(refresher)).notice == said
    assert (await refreshed(refresher)).notice is None
    assert library.groups()[0].warnings == (said,)


async def test_concurrent_changes_by_another_process_are_kept(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock, tmp_path: Path
) -> None:
    await refresher.add(AddRequest(server.at("/rss", reply(paper("one")))))
    (group,) = library.groups()

    async def meanwhile(exchange: Exchange) -> None:
        with Library(tmp_path / "library", clock=clock) as another:
            theirs = another.group(group.id)
            changed = replace(theirs, title="Renamed", sources=(replace(theirs.sources[0], older="?page=7"),))
            another.update_group(theirs.id, lambda _: changed)
        await not_modified()(exchange)

    server.at("/rss", meanwhile)
    assert (await refreshed(refresher, anew=False)).outcome in {Outcome.UNCHANGED, Outcome.FAILED}

    after = library.group(group.id)
    assert (after.title, after.sources[0].older) == ("Renamed", "?page=7")


# Adding


async def test_unreachable_address_adds_nothing(library: Library, refresher: Refresher) -> None:
    with socket.socket() as taken:  # bound but not listening
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/rss"
        result = await refresher.add(AddRequest(address))

        assert (result.group, result.outcome) == ("", Outcome.FAILED)
        assert "Nothing was added" in (result.error or "")
        assert "check the address" in (result.error or "")
        assert "again" not in (result.error or "")
        assert library.groups() == []
        await refresher.add(AddRequest(address, refresh=False))
    assert len(library.groups()) == 1


@pytest.mark.parametrize("address", ["http://groups.example:99999/", f"http://{'a' * 70}.example/x", "http://a..b/"])
async def test_one_invalid_address_affects_no_other(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path, address: str
) -> None:
    with_sources(library, "Bad", Source(address=address))
    with_sources(library, "Good", Source(address=server.at("/rss", reply(paper("one")))))

    results = {result.title: result.outcome async for result in refresher.refresh()}

    assert results == {"Bad": Outcome.FAILED, "Good": Outcome.OK}
    assert (await refresher.add(AddRequest(address))).outcome is Outcome.FAILED


async def test_address_without_a_scheme_is_completed(
    server: Loopback, library: Library, parser: PaperParser, clock: Clock
) -> None:
    server.at("/rss", reply(paper("one")))

    async with make_client(Routed(server.port)) as client, Fetcher(client, clock=clock) as fetcher:
        await Refresher(library, fetcher, parser, clock=clock).add(AddRequest("groups.example/rss"))

    assert source_of(library).address == "https://groups.example/rss"


async def test_address_without_a_scheme_falls_back_to_http(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    address = server.at("/rss", reply(paper("one")))

    assert (await refresher.add(AddRequest(address.removeprefix("http://")))).new == 1
    assert source_of(library).address == address
    failed = await refresher.add(AddRequest(f"127.0.0.1:{server.port}/nothing"))
    assert failed.error is not None
    assert failed.error.startswith(f"There is nothing at http://127.0.0.1:{server.port}/nothing (HTTP 404)")
    assert failed.error.endswith(f" There is no file 127.0.0.1:{server.port}/nothing either.")


async def test_several_addresses_pasted_as_one_are_all_added(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    addresses = [server.at(f"/{name}", reply(paper("one", group=name))) for name in "abc"]

    result = await refresher.add(AddRequest("\n".join(addresses)))

    assert [part.title for part in result.parts] == ["a", "b", "c"]
    assert [group.title for group in library.groups()] == ["a", "b", "c"]


async def test_many_groups_of_a_list_are_created_in_one_write(
    library: Library, refresher: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = tuple(Subscription(address=f"https://groups.example/{n % 50}", title=f"{n % 50}") for n in range(60))
    written = library.add_groups
    calls: list[int] = []

    def counted(groups: Sequence[Group]) -> list[Group]:
        calls.append(len(groups))
        return written(groups)

    monkeypatch.setattr(library, "add_groups", counted)
    result = await refresher.add(AddRequest("-", refresh=False), body=paper_of(kind="opml", subscriptions=wanted))

    assert calls == [50]
    assert [part.title for part in result.parts] == [f"{n % 50}" for n in range(60)]
    assert len({group.id for group in library.groups()}) == 50


class Annotations:
    """An annotation server that behaves like the genuine one: 20 a page unless more is requested, 200 at most."""

    def __init__(self, server: Loopback) -> None:
        self._server = server

    def __call__(self, count: int) -> None:
        """Hold this many annotations, seven per moment, each on a page of its own."""
        rows = [self._row(number) for number in range(count)][::-1]
        for limit, order in ((20, ""), (200, ""), (200, "&sort=created&order=desc")):
            asked = f"/api/search?group=x{order}{'&limit=200' if limit == 200 else ''}"
            query, before, following = "", "", datetime.max.replace(tzinfo=UTC)
            while query == "" or query != before:
                found = [row for row in rows if datetime.fromisoformat(row["created"]) < following][:limit]
                self._server.at(f"{asked}{query}", reply(json.dumps({"total": count, "rows": found}).encode()))
                following = datetime.fromisoformat(found[-1]["created"]) + timedelta(milliseconds=1)
                before, query = query, f"&search_after={quote_plus(following.isoformat())}"

    @staticmethod
    def _row(number: int) -> dict[str, Any]:
        made = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=number // 7)).isoformat()
        page = f"https://example.org/{number}"
        selector = {"type": "TextQuoteSelector", "exact": f"Passage {number}."}
        return {
            "id": f"a{number}", "created": made, "updated": made, "user": "acct:ann@hypothes.is", "uri": page,
            "group": "x", "text": "", "document": {"title": [f"Page {number}"]},
            "target": [{"source": page, "selector": [selector]}],
        }  # fmt: skip


@pytest.mark.parametrize(("before", "after", "requests"), [(20, 100, 2), (150, 560, 5), (3, 3, 2)])
async def test_no_annotation_of_a_followed_group_is_lost(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock, before: int, after: int, requests: int
) -> None:
    annotations = Annotations(server)
    fetcher = Fetcher(clock=clock)
    refresher = Refresher(library, fetcher, RealParser(), clock=clock, pause=no_pause)
    annotations(before)
    added = await refresher.add(AddRequest(server.address("/api/search?group=x")))
    assert (added.new, added.warnings) == (before, ())
    annotations(after)

    result = await refreshed(refresher)

    await fetcher.aclose()
    (group,) = library.groups()
    assert (result.new, len(library.items(group.id))) == (after - before, after)
    assert server.count() == requests
    assert group.warnings == ()
