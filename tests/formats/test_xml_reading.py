"""The reader that hands over text in large pieces: it is used, and gives what the standard one gives."""

import feedparser
import pytest

from florilege.formats import feeds, xml_reading
from support.snapshots import sample

FEEDS = [
    "diigo_group.rss",
    "diigo_group_illformed.rss",
    "diigo_user.rss",
    "plain_feed_conventions.rss",
    "rdf_bookmarks.rdf",
    "atom_group.atom",
    "hypothesis_stream.atom",
    "hypothesis_stream.rss",
    "zotero_group_items.atom",
]


@pytest.mark.parametrize("name", FEEDS)
def test_entries_are_the_same_as_with_the_standard_reader(name: str) -> None:
    buffered, plain = feeds.parse(sample(name)), feeds.parse(sample(name), buffered=False)
    for key in ("entries", "feed", "version", "bozo"):
        assert buffered[key] == plain[key]


def test_feedparser_still_asks_for_our_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[xml_reading.BufferedExpatParser] = []

    def create() -> xml_reading.BufferedExpatParser:
        made.append(xml_reading.BufferedExpatParser())
        return made[-1]

    monkeypatch.setattr(xml_reading, "create_parser", create)
    feeds.parse(sample("diigo_group.rss"))
    assert len(made) == 1


def test_the_standard_reader_still_has_the_parser_whose_buffer_we_switch_on() -> None:
    reader = xml_reading.create_parser()
    reader.reset()
    assert reader._parser.buffer_text is True  # type: ignore[attr-defined]


def test_feedparser_is_left_as_it_was() -> None:
    before = list(feedparser.api.PREFERRED_XML_PARSERS)
    feeds.parse(sample("diigo_group.rss"))
    assert before == feedparser.api.PREFERRED_XML_PARSERS


def test_without_the_hook_the_standard_reader_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = feeds.parse(sample("diigo_group.rss"))
    monkeypatch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", ())
    assert feeds.parse(sample("diigo_group.rss")) == expected
