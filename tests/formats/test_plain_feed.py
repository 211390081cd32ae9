"""Plain feeds are read without feedparser, with the same result in every field: samples, generated feeds, corpora."""

import os
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect, plain_feed

SAMPLES = Path(__file__).parents[1] / "samples"
CORPORA = os.environ.get("FLORILEGE_CORPORA", "")


def read(data: bytes) -> Snapshot | str:
    try:
        return detect.read(data)
    except SourceError as error:
        return str(error)


def by_feedparser(data: bytes, monkeypatch: pytest.MonkeyPatch) -> Snapshot | str:
    with monkeypatch.context() as patched:
        patched.setattr(plain_feed, "read", lambda data: None)
        return read(data)


@pytest.mark.parametrize(
    "name",
    [
        "diigo_group.rss",
        "diigo_user.rss",
        "plain_feed_conventions.rss",
        "rdf_bookmarks.rdf",
        "hypothesis_stream.atom",
        "hypothesis_stream.rss",
    ],
)
def test_samples_are_read_without_feedparser_and_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (SAMPLES / name).read_bytes()
    assert plain_feed.read(data) is not None
    assert read(data) == by_feedparser(data, monkeypatch)


WORDS = st.text(st.sampled_from("aé’Ã©<>&;/#b \n\x85"), max_size=12).map(str)
ADDRESSES = st.sampled_from(
    [
        "https://e.org/1",
        "https://e.org/2?a=1&b;=2&amp;c",
        "/relative",
        "tag:e.org,2026:1",
        "",
        "http:////e.org",
        "urn:x",
    ]
)
DATES = st.sampled_from(
    ["Thu, 12 Mar 2026 09:14:05 GMT", "2026-03-12T09:14:05+01:00", "2026-03-12", "", "next week", "12 March 2026"]
)
TYPES = st.sampled_from(["", ' type="html"', ' type="text"', ' type="text/plain"', ' type="xhtml"', ' mode="escaped"'])


def element(
    name: str, text: st.SearchStrategy[str], attributes: st.SearchStrategy[str] | None = None
) -> st.SearchStrategy[str]:
    return st.builds(
        lambda text, attributes: f"<{name}{attributes}>{escape(text)}</{name}>",
        text,
        st.just("") if attributes is None else attributes,
    )


def optional(attribute: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values.map(lambda value: f" {attribute}={quoteattr(value)}"))


RELATIONS = optional("rel", st.sampled_from(["alternate", "self", "replies", "next", "enclosure"]))
LINKS = st.builds(
    lambda rel, address, kind: f"<atom:link{rel} href={quoteattr(address)}{kind}/>",
    RELATIONS,
    ADDRESSES,
    optional("type", st.sampled_from(["text/html", "application/atom+xml", "html"])),
)
PERSONS = st.builds(
    lambda name, mail: f"<atom:author><atom:name>{escape(name)}</atom:name>{mail}</atom:author>",
    WORDS,
    st.sampled_from(["", "<atom:email>ann@e.org</atom:email>", "<atom:uri>https://e.org/ann</atom:uri>"]),
)
AUTHORS = st.sampled_from(["Ann", "ann@e.org (Ann)", "ann@e.org", "", "Ann <ann@e.org>", "(Ann)", "ann@e.museum (A)"])
COMMON = [
    element("title", WORDS),
    element("dc:title", WORDS),
    element("link", ADDRESSES),
    element("author", AUTHORS),
    element("dc:creator", AUTHORS),
    element("category", WORDS, optional("domain", ADDRESSES)),
    element("dc:subject", WORDS),
    element("dc:date", DATES),
    element("pubDate", DATES),
    LINKS,
    PERSONS,
]
OF_ITEMS = [
    *COMMON,
    element("description", WORDS),
    element("content:encoded", WORDS),
    element("dc:description", WORDS),
    element("itunes:summary", WORDS),
    element("itunes:author", AUTHORS),
    element("guid", ADDRESSES, optional("isPermaLink", st.sampled_from(["true", "false", "no"]))),
    element("comments", ADDRESSES),
    element("slash:comments", WORDS),
    element("unheard-of", WORDS, optional("x", WORDS)),
    element("dcterms:modified", DATES),
    element("media:title", WORDS),
    element("feedburner:origLink", ADDRESSES),
    element("media:description", WORDS),
    st.just('<enclosure url="https://e.org/a.mp3" length="1" type="audio/mpeg"/>'),
    st.just('<media:group><media:content url="https://e.org/a.png"/></media:group>'),
    st.just('<source url="https://e.org/feed">Elsewhere</source>'),
    st.just("<atom:source><atom:title>Elsewhere</atom:title></atom:source>"),
    st.just('<title type="html">&amp;lt;b&amp;gt;</title>'),
    st.just("<description><b>not escaped</b></description>"),
    st.just("<!-- a comment --><?and a="
            '"instruction"?>'),
]  # fmt: skip
OF_FEEDS = [
    *COMMON,
    element("ttl", st.sampled_from(["60", "", "x"])),
    element("sy:updatePeriod", st.sampled_from(["daily", "hourly"])),
    element("managingEditor", AUTHORS),
    element("description", WORDS),
    st.just("<image><title>Picture</title><link>https://e.org/</link><url>https://e.org/a.png</url></image>"),
    st.just("<skipHours><hour>1</hour></skipHours>"),
    element("lastBuildDate", DATES),
]
ATOM_ENTRY = [
    element("title", WORDS, TYPES),
    element("summary", WORDS, TYPES),
    element("content", WORDS, TYPES),
    element("id", ADDRESSES),
    element("published", DATES),
    element("updated", DATES),
    element("rights", WORDS, TYPES),
    st.just('<category term="a" label="A"/>'),
    st.just('<category term="b" scheme="https://e.org/"/>'),
    LINKS.map(lambda link: link.replace("atom:", "")),
    PERSONS.map(lambda person: person.replace("atom:", "")),
    PERSONS.map(lambda person: f"<source><title>Elsewhere</title>{person.replace('atom:', '')}</source>"),
    element("thr:total", st.just("3")),
    st.just('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div></content>'),
    st.just('<content src="https://e.org/1"/>'),
]
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def parts(elements: list[st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(elements), max_size=7).map("".join)


def items(name: str, elements: list[st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    return st.lists(parts(elements).map(lambda inside: f"<{name}>{inside}</{name}>"), max_size=3).map("".join)


RSS = st.builds(
    lambda of_feed, items: f'<rss version="2.0" {NAMESPACES}><channel>{of_feed}{items}</channel></rss>',
    parts(OF_FEEDS),
    items("item", OF_ITEMS),
)
ATOM = st.builds(
    lambda of_feed, entries: f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{of_feed}{entries}</feed>',
    parts(ATOM_ENTRY[:1] + ATOM_ENTRY[3:11]),
    items("entry", ATOM_ENTRY),
)
RDF = st.builds(
    lambda of_feed, items: (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{NAMESPACES}><channel rdf:about="https://e.org/">{of_feed}</channel>{items}</rdf:RDF>'
    ),
    parts(COMMON),
    items("item", OF_ITEMS[:14]),
)


@pytest.mark.parametrize("documents", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
def test_feeds_of_any_elements_are_read_alike(documents: st.SearchStrategy[str]) -> None:
    taken = {True: 0, False: 0}

    @given(documents)
    def alike(document: str) -> None:
        data = document.encode()
        taken[plain_feed.read(data) is not None] += 1
        with pytest.MonkeyPatch.context() as patch:
            assert read(data) == by_feedparser(data, patch)

    alike()
    assert taken[True] > taken[False] / 10


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("</item>", "", 1),
        lambda text: "<!DOCTYPE rss [<!ENTITY x 'y'>]>" + text,
        lambda text: text.replace("<title>", "<title>&nbsp;", 1),
        lambda text: text.replace("<description>", '<description mode="base64">', 1),
        lambda text: text.replace("<title>", '<title type="application/x-odd">', 1),
        lambda text: text.replace("<channel>", '<channel xml:base="https://elsewhere.example/">', 1),
        lambda text: text.replace("<item>", "<item><item>", 1),
        lambda text: text.replace("</item>", "<source url='https://elsewhere.example/'>E</source><title/></item>", 1),
        lambda text: text.replace("</channel>", "<title>Another</title></channel>", 1),
    ],
)
def test_doubtful_feeds_go_to_feedparser(damage: Callable[[str], str]) -> None:
    text = (
        '<rss version="2.0"><channel><title>T</title><item><title>a</title><description>b</description>'
        "<pubDate>Thu, 12 Mar 2026 09:14:05 GMT</pubDate></item></channel></rss>"
    )
    assert plain_feed.read(text.encode()) is not None
    assert plain_feed.read(damage(text).encode()) is None


@pytest.mark.skipif(not CORPORA, reason="FLORILEGE_CORPORA names no folder of feeds")
def test_thousands_of_feeds_are_read_alike(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    differ, genuine = [], []
    for path in sorted(Path(CORPORA).rglob("*")):
        if path.suffix not in {".xml", ".rss", ".atom"}:
            continue
        data = path.read_bytes()
        is_plain = plain_feed.read(data.lstrip()) is not None
        if path.suffix != ".xml":  # the rest are parser tests, as odd as can be
            genuine.append(is_plain)
        if is_plain and read(data) != by_feedparser(data, monkeypatch):
            differ.append(path.name)
    assert differ == []
    record_property("genuine feeds read without feedparser", f"{sum(genuine)} of {len(genuine)}")
    assert sum(genuine) > len(genuine) / 2
