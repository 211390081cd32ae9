"""From a real feed on a real server, through a real parsing process, into a real library."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from florilege.formats import feeds
from florilege.formats.feed_entries import entry_of
from florilege.formats.own import OwnGroup, OwnLibrary
from florilege.formats.pool import Parser
from florilege.importing import import_library
from florilege.merge import Decision
from florilege.model import Entry, Outcome
from florilege.net import Fetcher
from florilege.refresh import AddRequest, Refresher
from florilege.store import Library
from support.clocks import Clock
from support.loopback import Loopback, reply, validated
from support.papers import RealParser

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Encre &amp; Papier</title><link>https://example.org/</link>
<item><title>Les marges d’un livre</title><link>https://example.org/marges</link><category>lecture</category></item>
<item><title>Du papier</title><link>https://example.org/papier</link><category>papier</category></item>
</channel></rss>
"""


async def test_feed_is_fetched_parsed_stored_and_then_found_unchanged(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock
) -> None:
    address = server.at("/rss", validated(FEED.encode(), etag='"1"'))

    async with Parser(workers=1) as parser:
        refresher = Refresher(library, fetcher, parser, clock=clock)
        added = await refresher.add(AddRequest(address))
        refreshed = [result async for result in refresher.refresh(insist=True)]

    assert (added.title, added.outcome, added.kind, added.new) == ("Encre & Papier", Outcome.OK, "rss", 2)
    assert [result.outcome for result in refreshed] == [Outcome.UNCHANGED]
    titles = {item.title for item in library.items(added.group)}
    assert titles == {"Les marges d’un livre", "Du papier"}


async def test_only_new_and_changed_entries_are_parsed_again(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.at("/rss", validated(FEED.encode(), etag='"1"'))
    third = "<item><title>La colle</title><link>https://example.org/colle</link></item>"
    later = FEED.replace("<item>", f"{third}<item>", 1).replace("Du papier", "Du beau papier")
    refresher = Refresher(library, fetcher, RealParser(), clock=clock)
    group = (await refresher.add(AddRequest(address))).group

    server.at("/rss", validated(later.encode(), etag='"2"'))
    read: list[str] = []

    def noted(element: dict[str, str], *given: Any, **more: Any) -> Entry:
        read.append(element["title"])
        return entry_of(element, *given, **more)

    monkeypatch.setattr(feeds, "entry_of", noted)
    (result,) = [result async for result in refresher.refresh(insist=True)]

    assert sorted(read) == ["Du beau papier", "La colle"]
    assert (result.new, result.revised) == (1, 1)
    assert {item.title for item in library.items(group)} == {"Les marges d’un livre", "Du beau papier", "La colle"}

    library.update_items(group, lambda known: Decision(items=tuple(replace(item, digest=None) for item in known)))
    server.at("/rss", validated(FEED.encode(), etag='"3"'))
    read.clear()
    (result,) = [result async for result in refresher.refresh(insist=True)]
    assert sorted(read) == ["Du papier", "Les marges d’un livre"]
    assert (result.new, result.revised) == (0, 1)


async def test_digests_do_not_travel_with_an_import(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock, tmp_path: Path
) -> None:
    group = (
        await Refresher(library, fetcher, RealParser(), clock=clock).add(
            AddRequest(server.at("/rss", reply(FEED.encode())))
        )
    ).group
    assert len(library.digests(group)) == 2
    export = OwnLibrary(groups=(OwnGroup(id=group, title="G", items=tuple(library.items(group))),))
    with Library(tmp_path / "other", clock=clock) as other:
        import_library(other, export, now=clock())
        assert len(other.items(group)) == 2
        assert other.digests(group) == []
