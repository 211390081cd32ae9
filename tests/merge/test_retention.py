"""Retention: what may be purged, and how it stays away."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.merge import Tombstone, decide, match, spent, tombstone
from florilege.model import Entry, Highlight, Item, ItemSummary, ReadingState, Sharer
from support.library import THEN


def summary(name: str, *, days: float = 0, new: bool = False) -> ItemSummary:
    """A summary of an item that came and was shared so many days ago, perhaps with a later highlight."""
    then = THEN - timedelta(days=days)
    quotes = (Highlight(id="h", quote="q", revision=1),) if new else ()
    item = Item(id=name, group="g", added_at=then, shared_at=then, highlights=quotes, revision=int(new))
    return msgspec.json.decode(msgspec.json.encode(item), type=ItemSummary)


def read(name: str, *, days: float = 0, starred: bool = False) -> ReadingState:
    then = THEN - timedelta(days=days)
    return ReadingState(item=name, read_at=then, starred_at=then if starred else None)


def purged(summaries: list[ItemSummary], states: list[ReadingState], **limits: int) -> list[str]:
    return spent(summaries, {state.item: state for state in states}, **limits, now=THEN)


def test_nothing_is_purged_by_default() -> None:
    assert purged([summary("a", days=9999)], [read("a", days=9999)]) == []


def test_read_items_are_purged_days_after_they_were_last_touched() -> None:
    summaries = [
        summary("old", days=31),
        summary("young", days=29),
        summary("just read", days=31),
        summary("shared", days=31),
    ]
    summaries[3] = replace(summaries[3], shared_at=THEN)
    states = [read("old", days=31), read("young", days=29), read("just read", days=1), read("shared", days=31)]
    assert purged(summaries, states, keep_days=30) == ["old"]


def test_oldest_items_are_purged_when_there_are_too_many() -> None:
    summaries = [summary(str(days), days=days) for days in (3, 1, 4, 2)]
    states = [read(str(days)) for days in (3, 1, 4, 2)]
    assert purged(summaries, states, keep_items=2) == ["4", "3"]
    assert purged(summaries, states, keep_items=4) == []
    assert purged(summaries, states, keep_items=0) == ["4", "3", "2", "1"]


def test_unread_starred_and_newly_highlighted_items_stay_under_any_limit() -> None:
    summaries = [summary("unread", days=99), summary("starred", days=99), summary("new", days=99, new=True)]
    summaries.append(summary("plain", days=99))
    states = [read("starred", days=99, starred=True), read("new", days=99), read("plain", days=99)]
    assert purged(summaries, states, keep_days=1) == ["plain"]
    # They count against the limit, but never cause more to be purged than may be
    assert purged(summaries, states, keep_items=1) == ["plain"]
    assert purged(summaries, states, keep_days=1, keep_items=0) == ["plain"]


ENTRIES = {
    "by its id": Entry(native_id="7", title="Ink", url="https://example.org/ink"),
    "by its link and sharer": Entry(title="Ink", url="https://example.org/ink", sharer=Sharer(name="Odette")),
    "by its content": Entry(title="Ink", description="Black, and lasting."),
    "by its title and sharer": Entry(title="Ink", sharer=Sharer(name="Odette"), description="Black."),
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_purged_item_does_not_come_back(entry: Entry) -> None:
    other = Entry(native_id="8", title="Paper", url="https://example.org/paper")
    first = decide([], Snapshot(kind="atom", entries=(entry, other)), group="g", now=THEN)
    ink, paper = first.items
    # Given a purged item
    buried = [tombstone(ink)]
    # When its document comes again, unchanged or changed
    for again in (entry, replace(entry, tags=("new",), views=99)):
        decision = decide([paper], Snapshot(kind="atom", entries=(again, other)), group="g", now=THEN, purged=buried)
        # Then it stays away, and known items are unchanged
        assert decision.items == ()
        assert (decision.added, decision.revised) == (0, 0)


def test_item_that_only_resembles_a_purged_one_is_added() -> None:
    entry = Entry(native_id="7", title="Ink", url="https://example.org/ink")
    (ink,) = decide([], Snapshot(kind="atom", entries=(entry,)), group="g", now=THEN).items
    fresh = replace(entry, native_id="9", url="https://example.org/other")
    decision = decide([], Snapshot(kind="atom", entries=(fresh,)), group="g", now=THEN, purged=[tombstone(ink)])
    assert [item.native_id for item in decision.items] == ["9"]
    # And never under the id of the purged one
    assert decision.items[0].id != ink.id


@pytest.mark.parametrize("native_id", [None, "alert"])
def test_later_item_of_the_same_title_and_link_is_not_hidden_by_a_purged_one(native_id: str | None) -> None:
    def alert(day: int, *quotes: str) -> Entry:
        return Entry(
            native_id=native_id and f"{native_id} {day}",
            title="Ink",
            url="https://example.org/ink",
            shared_at=THEN.replace(day=day),
            description="All about ink",
            highlights=tuple(Highlight(id=quote, quote=quote) for quote in quotes),
        )

    (ink,) = decide([], Snapshot(kind="atom", entries=(alert(1, "dry", "wet"),)), group="g", now=THEN).items
    added = [
        decide([], Snapshot(kind="atom", entries=(again,)), group="g", now=THEN, purged=[tombstone(ink)]).added
        for again in (alert(2, "dry", "wet"), alert(2, "dry"), alert(2, "dry", "new"))
    ]
    assert added == [0, 0, 1]


def test_known_item_is_preferred_to_a_purged_one() -> None:
    entry = Entry(native_id="7", title="Ink", url="https://example.org/ink")
    (ink,) = decide([], Snapshot(kind="atom", entries=(entry,)), group="g", now=THEN).items
    later = replace(entry, title="Ink, again")
    buried = [replace(tombstone(ink), id="older")]
    decision = decide([ink], Snapshot(kind="atom", entries=(later,)), group="g", now=THEN, purged=buried)
    assert [item.title for item in decision.items] == ["Ink, again"]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_tombstone_recognises_its_item(entry: Entry) -> None:
    (item,) = decide([], Snapshot(kind="atom", entries=(entry,)), group="g", now=THEN).items
    buried = tombstone(item)
    assert match([buried], [item]) == [buried]
    stranger = Item(id="x", group="g", added_at=THEN, title="Glue", url="https://example.org/glue")
    assert match([buried], [stranger]) == [None]


def test_tombstone_is_small() -> None:
    entry = Entry(native_id="7", title="Ink", url="https://example.org/ink", body="x" * 9999)
    (item,) = decide([], Snapshot(kind="atom", entries=(entry,)), group="g", now=THEN).items
    buried = tombstone(item)
    assert replace(buried, texts=()) == Tombstone(id=item.id, native_id="7", title="Ink", url="https://example.org/ink")
    assert len(buried.texts) == 1
    assert len(buried.texts[0]) == 16
