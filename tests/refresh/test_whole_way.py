"""From a real feed on a real server, through a real parsing process, into a real library."""

from florilege.formats.pool import Parser
from florilege.model import Outcome
from florilege.net import Fetcher
from florilege.refresh import Refresher
from florilege.store import Library
from support.clocks import Clock
from support.loopback import Loopback, validated

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Encre &amp; Papier</title><link>https://example.org/</link>
<item><title>Les marges d’un livre</title><link>https://example.org/marges</link><category>lecture</category></item>
<item><title>Du papier</title><link>https://example.org/papier</link><category>papier</category></item>
</channel></rss>
"""


async def test_a_feed_is_fetched_read_stored_and_then_found_unchanged(
    server: Loopback, library: Library, fetcher: Fetcher, clock: Clock
) -> None:
    address = server.at("/rss", validated(FEED.encode(), etag='"1"'))

    async with Parser(workers=1) as parser:
        refresher = Refresher(library, fetcher, parser, clock=clock)
        added = await refresher.add(address)
        refreshed = [result async for result in refresher.refresh(insist=True)]

    assert (added.title, added.outcome, added.kind, added.new) == ("Encre & Papier", Outcome.OK, "rss", 2)
    assert [result.outcome for result in refreshed] == [Outcome.UNCHANGED]
    titles = {item.title for item in library.items(added.group)}
    assert titles == {"Les marges d’un livre", "Du papier"}
