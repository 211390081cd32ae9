"""The library after the sample groups have been added."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from florilege.demo import offer, sample_groups
from florilege.merge import decide
from florilege.model import Counts, Item, newest_first
from florilege.store import Library

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def fresh(folder: Path) -> Library:
    """An empty library with a fixed clock and numbered groups."""
    numbers = itertools.count(1)
    return Library(folder, clock=lambda: NOW, new_id=lambda: f"{next(numbers):08x}")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with fresh(tmp_path / "library") as library:
        offer(library, now=NOW)
        yield library


def items(library: Library) -> list[Item]:
    return [item for group in library.groups() for item in library.items(group.id)]


def test_every_group_has_its_title_site_and_tags(library: Library) -> None:
    offered = [(group.title, group.site, group.tags) for group in library.groups()]

    assert offered == [(sample.title, sample.site, sample.tags) for sample in sample_groups()]


def test_counts_are_those_promised(library: Library) -> None:
    total = sum((library.counts(group.id) for group in library.groups()), start=Counts())

    assert total == Counts(items=64, unread=43, starred=8, highlights=258, new_highlights=8, newly_highlighted=4)


def test_everything_in_the_files_reaches_the_library(library: Library) -> None:
    for group, sample in zip(library.groups(), sample_groups(), strict=True):
        stored = {item.native_id: item for item in library.items(group.id)}
        assert list(stored) == [entry.native_id for entry in sample.snapshot.entries]
        for entry in sample.snapshot.entries:
            item = stored[entry.native_id]
            assert (item.title, item.url, item.sharer, item.tags) == (entry.title, entry.url, entry.sharer, entry.tags)
            assert (item.notes, item.comments) == (entry.notes, entry.comments)
            assert (item.folded, item.incomplete) == (entry.folded, entry.incomplete)
            assert [mark.quote for mark in item.highlights] == [mark.quote for mark in entry.highlights]
            assert [mark.comments for mark in item.highlights] == [mark.comments for mark in entry.highlights]


def test_exactly_the_highlights_that_arrived_later_are_new(library: Library) -> None:
    for group, sample in zip(library.groups(), sample_groups(), strict=True):
        states = library.states(group.id)
        new = {
            mark.id
            for item in library.items(group.id)
            for mark in item.highlights
            if item.id in states and states[item.id].has_new(mark)
        }
        assert new == set(sample.arrived_later)


def test_four_read_items_have_gained_one_to_three_highlights(library: Library) -> None:
    gained: dict[str, int] = {}
    for group in library.groups():
        states = library.states(group.id)
        gained |= {
            item.title: states[item.id].new_highlights(item) for item in library.items(group.id) if item.id in states
        }

    assert sorted(count for count in gained.values() if count) == [1, 2, 2, 3]


def test_reading_and_starring_happened_in_the_past(library: Library) -> None:
    for group, sample in zip(library.groups(), sample_groups(), strict=True):
        states = library.states(group.id)
        natives = {item.id: item.native_id for item in library.items(group.id)}
        assert {natives[state.item] for state in states.values() if state.is_read} == set(sample.read)
        assert {natives[state.item] for state in states.values() if state.is_starred} == set(sample.starred)
        assert all(state.read_at in {None, NOW - timedelta(days=2)} for state in states.values())


def test_newest_item_of_every_group_is_unread(library: Library) -> None:
    for group in library.groups():
        newest = min(library.items(group.id), key=newest_first)
        state = library.states(group.id).get(newest.id)
        assert state is None or not state.is_read


def test_two_fresh_libraries_are_filled_alike(library: Library, tmp_path: Path) -> None:
    with fresh(tmp_path / "other") as other:
        offer(other, now=NOW)

        assert other.groups() == library.groups()
        assert items(other) == items(library)
        for group in library.groups():
            assert other.states(group.id) == library.states(group.id)


def test_refresh_with_the_same_content_changes_nothing(library: Library) -> None:
    for group, sample in zip(library.groups(), sample_groups(), strict=True):
        decision = decide(library.items(group.id), sample.snapshot, group=group.id, now=NOW)
        assert decision.items == ()


def test_state_survives_reopening_the_library(library: Library, tmp_path: Path) -> None:
    before = [library.counts(group.id) for group in library.groups()]
    library.close()

    with fresh(tmp_path / "library") as again:
        assert [again.counts(group.id) for group in again.groups()] == before
