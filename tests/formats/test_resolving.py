"""Addresses relative to that of the document."""

from florilege.formats import Snapshot
from florilege.formats.snapshots import resolved
from florilege.model import Entry

ADDRESS = "https://groups.example.org/group/feed"


def test_relative_addresses_are_resolved_and_absolute_ones_kept() -> None:
    entries = (
        Entry(title="a", url="/a", discussion_url="talk?id=1"),
        Entry(title="b", url="//other.example.org/b"),
        Entry(title="c", url="urn:x-pdf:1"),
        Entry(title="d"),
    )
    given = Snapshot(kind="atom", entries=entries, parts=(Snapshot(kind="atom", entries=entries[:1]),))

    snapshot = resolved(given, ADDRESS)

    assert [(entry.url, entry.discussion_url) for entry in snapshot.entries] == [
        ("https://groups.example.org/a", "https://groups.example.org/group/talk?id=1"),
        ("https://other.example.org/b", None),
        ("urn:x-pdf:1", None),
        (None, None),
    ]
    assert snapshot.parts[0].entries == snapshot.entries[:1]


def test_nothing_is_resolved_against_a_file() -> None:
    given = Snapshot(kind="atom", entries=(Entry(title="a", url="/a"),))

    assert resolved(given, "/home/ann/feed.atom") is given
