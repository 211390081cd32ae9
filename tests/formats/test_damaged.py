"""Damaged documents: each is read, or refused with a sentence."""

import json
import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.formats.odd_feed import fix_char_refs
from support.mutation import ALL, WRONG, fault, mutated, places
from support.snapshots import sample, unclean_texts

JSON = [name for name in ALL if name.endswith((".json", ".jsonld"))]


@pytest.mark.parametrize("name", ALL)
def test_damaged_document_is_read_or_refused(name: str) -> None:
    for seed in range(4):
        with suppress(SourceError):
            assert fault(detect.read(mutated(name, random.Random(seed)))) == "", seed


@given(st.sampled_from(JSON), st.data())
def test_wrong_value_anywhere_loses_at_most_its_item(name: str, data: st.DataObject) -> None:
    value = json.loads(sample(name))
    whole = detect.read(sample(name))
    *way, last = data.draw(st.sampled_from(places(value)[1:]))
    holder = value
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(st.sampled_from(WRONG))
    try:
        snapshot = detect.read(json.dumps(value).encode())
    except SourceError:
        assert len(way) < 2 or len(whole.entries) < 2  # the list of items itself, or the only item
        return
    assert unclean_texts(snapshot) == []
    if len(way) > 3:
        assert len(snapshot.entries) >= len(whole.entries) - 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"&#55357;&#56832;", "😀"),
        (b"&#xD83D;&#xDE00;", "😀"),
        (b"&#0055357;&#x0DE00;", "😀"),
        (b"&#xD83D;", "�"),
        (b"&#xDE00;&#xD83D;", "��"),
        (b"&#x110000;", "�"),
        (b"&#99999999999999999999;", "�"),
        (b"&#233;&#xE9;&amp;", "éé&"),
    ],
)
@pytest.mark.parametrize("around", [b"<title>%s</title>", b"<title>%s</title><p>R&D"])
def test_reference_to_a_lone_surrogate_does_not_stop_a_feed(around: bytes, written: bytes, read: str) -> None:
    item = around % written
    snapshot = detect.read(b'<rss version="2.0"><channel><item>%s</item></channel></rss>' % item)

    assert [entry.title for entry in snapshot.entries] == [read]


def test_text_resembling_a_surrogate_reference_is_unchanged() -> None:
    data = b"R&D &amp;#55357; &#8217; &#x1F600; &#; &#x; &eacute;"

    assert fix_char_refs(data) == data


def test_feed_that_stops_its_parser_is_refused_with_a_sentence() -> None:
    feed = b'<?xml version="1.0" encoding="utf-8\0"?><rss><channel><item><title>x</title></item></channel></rss>'
    with pytest.raises(SourceError, match="too damaged to be read: get it again later"):
        detect.read(feed)


def test_group_page_without_items_says_so() -> None:
    snapshot = detect.read("Home/ Encre/ Group items tagged papier\n\n• \n".encode())

    assert (snapshot.entries, snapshot.warnings) == ((), ("The document holds no items.",))


def test_export_of_ours_without_items_says_so() -> None:
    assert detect.read(b'{"florilege": "library", "version": 1, "groups": []}').warnings == (
        "The export holds no items.",
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("R&D", "R&D"),
        ("R&D &eacute;", "R&D é"),
        ("a & b", "a & b"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("AT&amp;T & co", "AT&T & co"),
    ],
)
def test_unescaped_ampersand_is_kept(written: str, read: str) -> None:
    body = "<![CDATA[<a href='https://example.org/?a=1&b=2'>x</a> & more]]>"
    item = f"<item><title>{written}</title><description>{body}</description></item>"
    snapshot = detect.read(f'<rss version="2.0"><channel><!-- R&D -->{item}</channel></rss>'.encode())

    assert [entry.title for entry in snapshot.entries] == [read]
    assert snapshot.entries[0].body == "<a href='https://example.org/?a=1&b=2'>x</a> & more"
    assert "not well-formed" in snapshot.warnings[0]


CUT = ["diigo_group.rss", "rdf_bookmarks.rdf", "atom_group.atom", "subscriptions.opml", "raindrop_older.csv"]


def named(snapshot: Snapshot) -> set[tuple[str | None, ...]]:
    entries = {(entry.native_id, entry.title, entry.url) for entry in snapshot.entries}
    return entries | {(each.address, each.title) for each in snapshot.subscriptions}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_cut_anywhere_invents_nothing(name: str, encoding: str) -> None:
    data = sample(name).decode().encode(encoding)
    whole = named(detect.read(data))
    for length in range(0, len(data), len(data) // 50):
        with suppress(SourceError):
            assert named(detect.read(data[:length])) <= whole
