"""How often a feed asks to be fetched, and where its older pages are."""

import pytest

from florilege.formats import detect

RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Encre</title>{}<item><title>One</title><atom:link rel="next" href="/item"/></item></channel></rss>"""


def refresh_after(channel: str) -> int | None:
    return detect.read(RSS.format(channel).encode()).refresh_after


def next_page(channel: str) -> str | None:
    return detect.read(RSS.format(channel).encode()).next_page


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>120</ttl>", 7200),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod> Daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600),
        ("<ttl>60</ttl><sy:updatePeriod>weekly</sy:updatePeriod>", 604_800),
        ("<ttl>999999999</ttl>", 31_536_000),
    ],
)
def test_refresh_interval_of_a_feed_is_read(channel: str, seconds: int) -> None:
    assert refresh_after(channel) == seconds


@pytest.mark.parametrize(
    "channel",
    [
        "",
        "<ttl>soon</ttl>",
        "<ttl>-5</ttl>",
        "<ttl>0</ttl>",
        "<ttl>٣</ttl>",
        "<ttl>99999999999999</ttl>",
        "<sy:updatePeriod>often</sy:updatePeriod>",
        "<sy:updateFrequency>2</sy:updateFrequency>",
    ],
)
def test_unreadable_interval_is_ignored(channel: str) -> None:
    assert refresh_after(channel) is None


def test_frequency_that_is_no_number_counts_as_one() -> None:
    channel = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>"
    assert refresh_after(channel) == 3600


def test_next_page_is_found_as_written() -> None:
    assert next_page('<atom:link rel="next" href="?page=2"/>') == "?page=2"


def test_archive_link_is_used_when_there_is_no_next_page() -> None:
    archive = '<atom:link rel="prev-archive" href="https://example.org/2025.rss"/>'
    assert next_page(archive) == "https://example.org/2025.rss"
    assert next_page(archive + '<atom:link rel="next" href="/2"/>') == "/2"


def test_newer_pages_and_item_links_are_not_taken_for_older_pages() -> None:
    links = "".join(f'<atom:link rel="{rel}" href="/{rel}"/>' for rel in ("self", "previous", "prev", "next-archive"))
    assert next_page(links) is None
