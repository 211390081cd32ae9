"""Feeds of which only unknown elements are read: the result is the same as reading everything."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError, detect, feeds
from florilege.formats.feeds import elements_of
from florilege.merge.decide import with_known
from florilege.model import Entry
from formats.test_plain_feed import (
    ATOM_ENTRY,
    COMMON,
    NAMESPACES,
    OF_FEEDS,
    OF_ITEMS,
    parts,
)
from support.snapshots import sample

CORPORA = os.environ.get("FLORILEGE_CORPORA", "")


class Reader:
    """Reads one document after another, each with the digests of those before."""

    def __init__(self) -> None:
        self.known: dict[str, Entry] = {}
        self.passed_over = self.met = 0

    def read(self, data: bytes) -> Snapshot:
        part = detect.read(data, frozenset(self.known))
        placed = [each for each in part.entries if each == Entry(digest=each.digest)]
        self.passed_over += len(placed)
        self.met += len(part.entries)
        snapshot = replace(part, entries=tuple(with_known(part.entries, self.known)))
        self.known |= {each.digest: each for each in snapshot.entries if each.digest}
        return replace(snapshot, entries=tuple(replace(each, digest=None) for each in snapshot.entries))

    def all_alike(self, documents: Iterable[bytes]) -> None:
        for data in documents:
            try:
                whole = detect.read(data)
            except SourceError as error:
                with pytest.raises(SourceError, match=re.escape(str(error))):
                    self.read(data)
            else:
                assert self.read(data) == whole


def rss(head: str, items: Iterable[str], tail: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>\n" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel>{head}{inside}{tail}</channel></rss>'.encode()


def rdf(head: str, items: Iterable[str], tail: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>\n" for item in items)
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f"{NAMESPACES}><channel>{head}</channel>{inside}{tail}</rdf:RDF>"
    ).encode()


def atom(head: str, entries: Iterable[str], tail: str = "") -> bytes:
    inside = "".join(f"<entry>{entry}</entry> " for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{head}{inside}{tail}</feed>'.encode()


@pytest.mark.parametrize(
    ("build", "of_feed", "of_items"),
    [(rss, OF_FEEDS, OF_ITEMS), (rdf, COMMON, OF_ITEMS), (atom, ATOM_ENTRY[:1] + ATOM_ENTRY[3:11], ATOM_ENTRY)],
    ids=["rss", "rdf", "atom"],
)
def test_partial_reading_of_any_feed_history_equals_full_reading(
    build: Callable[..., bytes], of_feed: list[st.SearchStrategy[str]], of_items: list[st.SearchStrategy[str]]
) -> None:
    plain = st.builds("<title>{}</title><id>{}</id>".format, *[st.sampled_from("abc")] * 2)
    reader = Reader()

    @given(st.data())
    def alike(data: st.DataObject) -> None:
        heads = data.draw(st.lists(parts(of_feed), min_size=1, max_size=2))
        items = data.draw(st.lists(st.one_of(plain, parts(of_items)), min_size=1, max_size=5))
        documents = st.builds(
            build,
            st.sampled_from(["", *heads]),
            st.lists(st.sampled_from(items), max_size=5),
            st.sampled_from(["", "", "", heads[0]]),
        )
        reader.known.clear()
        last = build("", data.draw(st.lists(plain, min_size=1, max_size=3)))
        reader.all_alike([*data.draw(st.lists(documents, min_size=2, max_size=4)), last, last])

    alike()
    assert reader.passed_over > 0


ITEM = "<title>{0}</title><link>https://e.org/{0}</link><description>Words.</description>"


DIIGO = (
    "<title>d</title><link>https://e.org/d</link><description><![CDATA[<p><strong>Highlights and Sticky Notes:"
    '</strong><ul><li><div class="diigoContent"><div class="annInner">A passage.</div></div></li></ul></p>]]>'
    "</description>"
)
"""A Diigo feed element with a highlight."""


def skipped_and_total(first: bytes, second: bytes) -> tuple[int, int]:
    """How many entries of a second document were skipped, and how many it has."""
    reader = Reader()
    reader.read(first)
    reader.passed_over = reader.met = 0
    reader.all_alike([second])
    return reader.passed_over, reader.met


def test_only_new_or_changed_elements_are_read() -> None:
    items = [ITEM.format(place) for place in range(5)]
    assert skipped_and_total(
        rss("<title>T</title>", items), rss("<title>U</title>", [ITEM.format("new"), *items[:4]])
    ) == (4, 5)
    changed = items[2].replace("Words", "Other words")
    assert skipped_and_total(rss("", items), rss("", [*items[:2], changed, *items[3:]])) == (4, 5)
    assert skipped_and_total(rss("", items), rss("", items)) == (5, 5)


def test_newer_program_version_reads_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, feed = Reader(), rss("<title>T</title>", ["<title>a</title>", "<title>b</title>"])
    reader.all_alike([feed, feed])
    assert reader.passed_over == 2
    monkeypatch.setattr(feeds, "__version__", "99.0")
    reader.all_alike([feed])
    assert reader.passed_over == 2


@pytest.mark.parametrize(
    "second",
    [
        rss("<link>https://elsewhere.example/</link>", [ITEM.format(0)]),  # the base for resolving links
        rss("", [ITEM.format(0)]).replace(b"search.yahoo.com", b"elsewhere.example"),
        rss("", [ITEM.format(0)], "<title>After</title>"),
        rss("", [ITEM.format(0)])[:-3],
        rss("", [ITEM.format(0), "<guid>neither title, link nor text</guid>"]),
        rss("", [ITEM.format(0), "<title>&nbsp;</title>"]),
        rss("", [ITEM.format(0), "<title>a</title><!-- <item> -->"]),
        rss("", [ITEM.format(0), "<title>b</title><guid>tag:hypothes.is,2014:AbC</guid>"]),
        sample("diigo_group.rss"),
        rss("", [ITEM.format(0), DIIGO]),
    ],
)
def test_everything_is_read_where_elements_depend_on_each_other(second: bytes) -> None:
    assert skipped_and_total(rss("", [ITEM.format(0)]), second)[0] == 0


AT_DIIGO = "<link>https://groups.diigo.com/group/encre</link>"


def test_diigo_feed_is_read_partially_while_it_shows_highlights() -> None:
    items = [DIIGO, *(ITEM.format(place) for place in range(3))]
    assert skipped_and_total(rss(AT_DIIGO, items), rss(AT_DIIGO, [ITEM.format("new"), *items])) == (4, 5)
    assert skipped_and_total(rss(AT_DIIGO, items), rss(AT_DIIGO, items)) == (4, 4)
    # Without any highlight the feed may be one that carries none, which matters for all entries.
    assert skipped_and_total(rss(AT_DIIGO, items), rss(AT_DIIGO, items[1:])) == (0, 3)
    assert skipped_and_total(rss(AT_DIIGO, items[1:]), rss(AT_DIIGO, items[1:])) == (0, 3)


_LABELS = st.sampled_from(["Tags:", "Comments:", "Highlights and Sticky Notes:", "Ann by"])
_OF_DIIGO = st.one_of(
    st.just(DIIGO),
    st.builds(
        "<title>{}</title><guid>{}</guid><description>&lt;b&gt;{}&lt;/b&gt;&lt;ul&gt;&lt;li&gt;{}&lt;/li&gt;&lt;/ul&gt;"
        "</description>".format,
        st.sampled_from("ab"),
        st.sampled_from(["1", "2", "tag:hypothes.is,2014:AbC"]),
        _LABELS,
        st.sampled_from(["x", "...1 more annotations...", '&lt;div class="annInner"&gt;q&lt;/div&gt;']),
    ),
)


@given(st.data())
def test_partial_reading_of_any_diigo_feed_history_equals_full_reading(
    data: st.DataObject,
) -> None:
    heads = st.sampled_from(
        [AT_DIIGO, AT_DIIGO, "<link>https://www.diigo.com/user/ann</link>", "<link>https://e.org/</link>"]
    )
    items = data.draw(st.lists(_OF_DIIGO, min_size=1, max_size=4))
    documents = st.builds(rss, heads, st.lists(st.sampled_from(items), max_size=5))
    Reader().all_alike(data.draw(st.lists(documents, min_size=2, max_size=5)))


def test_elements_are_those_of_well_formed_xml() -> None:
    inside = "<![CDATA[</item><item>]]><a b='>'/>]] &gt;<items/>"
    found = elements_of(rss("<items/>", [inside, "b"]))
    assert found is not None
    assert found.elements == (f"<item>{inside}</item>".encode(), b"<item>b</item>")


@pytest.mark.parametrize("piece", ["<![CDATA[]", "<item>", "<item ", "<a", "]]>", "<!--", "&lt;", "</item>"])
def test_splitting_into_elements_is_linear(piece: str) -> None:
    assert elements_of(f"<rss><channel><item>{piece * 200_000}".encode()) is None


@pytest.mark.skipif(not CORPORA, reason="FLORILEGE_CORPORA names no folder of feeds")
def test_thousands_of_feeds_are_read_alike(record_property: Callable[[str, object], None]) -> None:
    everything = Reader()
    for path in sorted(Path(CORPORA).rglob("*")):
        if path.suffix not in {".xml", ".rss", ".atom"}:
            continue
        data = path.read_bytes()
        elements = elements_of(data)
        places = range(len(elements.elements)) if elements else range(0)
        earlier = [elements.feed(places[2::2]), elements.feed(places[1:])] if elements else []
        everything.all_alike([*earlier, data, data])
        everything.known.clear()
    record_property("entries passed over", f"{everything.passed_over} of {everything.met}")
    assert everything.passed_over > everything.met / 8
