"""Every export is recognised from its bytes alone, however it is packed; file names are never used."""

import codecs
import gzip

import msgspec
import pytest

from florilege.formats import Snapshot, detect
from support.snapshots import SAMPLES, sample, unclean_texts

ALL = sorted(
    path.name
    for path in SAMPLES.iterdir()
    if not path.name.endswith((".expected.json", ".md"))
    and path.name not in {"empty.rss", "login_page.html", "template.html", "zotero.rdf"}
    and path.name not in {"netscape_meta_charset.html", "netscape_one_bad_byte.html"}  # not UTF-8
)
"""Every sample that can be read on its own."""

EXPORTS = [
    "diigo_apiv2_bookmarks.json",
    "diigo_csv_export.csv",
    "diigo_group_page.txt",
    "diigo_interact_items.json",
    "diigo_netscape.html",
    "hypothesis_export.json",
    "hypothesis_search.json",
    "instapaper_export.csv",
    "jsonfeed11.json",
    "omnivore_metadata_0_to_20.json",
    "pinboard_export.json",
    "pocket_annotations_part_000000.json",
    "pocket_part_000000.csv",
    "raindrop_export.csv",
    "raindrop_items.json",
    "quotes.csv",
    "readwise_export.json",
    "web_annotation.jsonld",
    "web_annotation_collection.jsonld",
    "zotero_group_items.json",
]


def plain(data: bytes) -> Snapshot:
    """A snapshot without its warnings, which depend on the packing."""
    return msgspec.structs.replace(detect.read(data), warnings=())


@pytest.mark.parametrize("name", ALL)
def test_document_is_the_same_however_it_is_packed(name: str) -> None:
    data = sample(name)
    text = data.decode()
    expected = plain(data)
    assert expected.entries or expected.subscriptions
    assert plain(codecs.BOM_UTF8 + data) == expected
    assert plain(text.encode("utf-16")) == expected
    assert plain(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == expected
    assert plain(gzip.compress(data)) == expected
    assert plain(gzip.compress(codecs.BOM_UTF8 + data)) == expected
    assert plain(b"\r\n \t\n" + data) == expected
    assert plain(text.replace("\r\n", "\n").replace("\n", "\r\n").encode()) == expected


@pytest.mark.parametrize("name", EXPORTS)
def test_hostile_characters_anywhere_in_an_export_are_removed(name: str) -> None:
    text = sample(name).decode()
    evil = "\x9b31m\x9d0;x\x07\u202e\u200b\x1b[2J"
    if ".json" in name:
        evil = msgspec.json.encode(evil).decode().strip('"')
    for place in ("marge", "shared", "Les ", "example.org", "cette", "Odette"):
        snapshot = detect.read(text.replace(place, place + evil).encode())
        assert unclean_texts(snapshot) == []
