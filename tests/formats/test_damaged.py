"""Documents that were damaged on their way: whatever was done to them, they are read or refused with a sentence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from florilege.formats import SourceError, detect
from florilege.formats.char_refs import fix_char_refs
from support.snapshots import SAMPLES, sample, unclean_texts

ALL = sorted(path.name for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json"))
JSON = [name for name in ALL if name.endswith((".json", ".jsonld"))]

_pieces = st.sampled_from(
    [
        b"\0", b'"', b"<", b">", b"&", b"\n", b"\r", b"\xff", b"{", b"]", b",", b"''", b"<![CDATA[", b"<!--", b"<ul>",
        b"</div>", b"<dl>", b'<a href="', b"&#x110000;", b"&#xD83D;&#xDE00;", b"&#55357;", b"\xc2\x9b", b"\xe2\x80\xae",
        b"Highlight:\n", b"</dc:subject>", b"9" * 400,
    ]
)  # fmt: skip
_places = st.floats(0, 1, exclude_max=True)
_changes = st.lists(st.tuples(_places, st.integers(0, 120), _pieces), min_size=1, max_size=6)
_wrong: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, 1e30, 2**70, True, "x", "\ud800", [], {}, [1], [None], [[]], {"a": 1}, "9999-99-99T00:00:00Z"]
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a value of JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(each for key, one in inner for each in places(one, (*place, key)))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ALL), _changes)
def test_a_damaged_document_is_read_or_refused(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    data = sample(name)
    for place, length, piece in changes:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + length :]
    try:
        snapshot = detect.read(data)
    except SourceError:
        return
    assert snapshot.entries or snapshot.subscriptions or snapshot.warnings
    assert unclean_texts(snapshot) == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(JSON), st.data())
def test_a_wrong_value_anywhere_costs_no_more_than_its_item(name: str, data: st.DataObject) -> None:
    value = json.loads(sample(name))
    whole = detect.read(sample(name))
    *way, last = data.draw(st.sampled_from(places(value)[1:]))
    holder = value
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(_wrong)
    try:
        snapshot = detect.read(json.dumps(value).encode())
    except SourceError:
        assert len(way) < 2  # the list of items itself, or a list of nothing but this one
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
def test_a_reference_to_half_a_character_stops_no_feed(around: bytes, written: bytes, read: str) -> None:
    item = around % written
    snapshot = detect.read(b'<rss version="2.0"><channel><item>%s</item></channel></rss>' % item)

    assert [entry.title for entry in snapshot.entries] == [read]


def test_what_is_no_reference_to_half_a_character_stays_as_it_is() -> None:
    data = b"R&D &amp;#55357; &#8217; &#x1F600; &#; &#x; &eacute;"

    assert fix_char_refs(data) == data


def test_a_feed_at_which_its_parser_stops_is_refused_with_a_sentence() -> None:
    feed = b'<?xml version="1.0" encoding="utf-8\0"?><rss><channel><item><title>x</title></item></channel></rss>'
    with pytest.raises(SourceError, match="too damaged to be read: get it again later"):
        detect.read(feed)


def test_a_group_page_without_items_says_so() -> None:
    snapshot = detect.read("Home/ Encre/ Group items tagged papier\n\n• \n".encode())

    assert (snapshot.entries, snapshot.warnings) == ((), ("The document holds no items.",))


def test_an_export_of_ours_without_items_says_so() -> None:
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
def test_an_ampersand_that_was_not_escaped_stays_itself(written: str, read: str) -> None:
    body = "<![CDATA[<a href='https://example.org/?a=1&b=2'>x</a> & more]]>"
    item = f"<item><title>{written}</title><description>{body}</description></item>"
    snapshot = detect.read(f'<rss version="2.0"><channel><!-- R&D -->{item}</channel></rss>'.encode())

    assert [entry.title for entry in snapshot.entries] == [read]
    assert snapshot.entries[0].body == "<a href='https://example.org/?a=1&b=2'>x</a> & more"
    assert "not well-formed" in snapshot.warnings[0]
