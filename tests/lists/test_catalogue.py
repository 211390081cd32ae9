"""The contents of places, as the library is now and as other processes change it."""

from pathlib import Path

import pytest

from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Place, PlaceKind, place_of
from florilege.marking import Mark
from florilege.model import Entry, Highlight
from florilege.query.language import parse
from florilege.store import Library
from support.reading import NOW, entry, give, small_library


def page(title: str, day: int, *tags: str) -> Entry:
    return entry(title, day=day, tags=tags, highlights=(Highlight(id="h", quote="Une phrase."),))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    shared = entry("both", day=9, url="https://example.org/both")
    return small_library(
        tmp_path, {"Encre": [page("a", 1, "Papier"), page("b", 3, "papier", "encre"), shared], "Marges": [shared]}
    )


def catalogue_of(library: Library) -> Catalogue:
    return Catalogue(library, clock=lambda: NOW)


def titles(catalogue: Catalogue, place: Place, query: str = "") -> list[str]:
    return [row.summary.title for row in catalogue.search(place, parse(query)).to_the_end().rows]


def mark(library: Library, mark: Mark, *titles: str) -> None:
    group = library.groups()[0].id
    library.mark(mark, {group: {item.id: 0 for item in library.items(group) if item.title in titles}}, now=NOW)


def test_each_place_holds_its_items_newest_first(library: Library) -> None:
    first, second = library.groups()
    mark(library, Mark.READ, "a", "both")
    mark(library, Mark.STARRED, "b")
    give(library, first.id, [entry("a", tags=("Papier",), highlights=(Highlight(id="n", quote="Toute neuve."),))])
    catalogue = catalogue_of(library)

    assert titles(catalogue, Place(PlaceKind.EVERYTHING)) == ["both", "both", "b", "a"]
    assert titles(catalogue, Place(PlaceKind.UNREAD)) == ["both", "b"]
    assert titles(catalogue, Place(PlaceKind.NEW)) == ["a"]
    assert titles(catalogue, Place(PlaceKind.STARRED)) == ["b"]
    assert titles(catalogue, Place(PlaceKind.GROUP, second.id)) == ["both"]
    assert titles(catalogue, Place(PlaceKind.TAG, first.id, "papier")) == ["b", "a"]
    assert titles(catalogue, Place(PlaceKind.GROUP, first.id), "is:read") == ["both", "a"]


def test_tags_are_counted_under_one_spelling_most_frequent_first(library: Library) -> None:
    first = library.groups()[0]
    mark(library, Mark.READ, "a")

    tags = catalogue_of(library).tags(first.id)

    assert [(tag.label, tag.items) for tag in tags] == [("papier", 2), ("encre", 1)]


def test_counts_follow_marks_without_reading_again(library: Library) -> None:
    first = library.groups()[0]
    catalogue = catalogue_of(library)
    catalogue.search(Place(PlaceKind.EVERYTHING)).to_the_end()
    before = catalogue.totals()
    changes = library.mark(Mark.READ, {first.id: {item.id: 0 for item in library.items(first.id)}}, now=NOW)
    catalogue.follow(changes)

    assert (before.unread, catalogue.totals().unread) == (4, 1)
    assert catalogue.counts(first.id) == catalogue_of(library).counts(first.id)


def test_duplicates_across_groups_are_indexed_once_and_kept(library: Library) -> None:
    catalogue = catalogue_of(library)
    summary = catalogue.search(Place(PlaceKind.GROUP, library.groups()[1].id)).to_the_end().rows[0].summary
    assert catalogue.also_in(summary) == ()

    catalogue.index_pages()
    catalogue.forget()

    assert catalogue.also_in(summary) == ("Encre",)


def test_group_removed_by_another_process_is_empty(library: Library) -> None:
    gone = library.groups()[0]
    catalogue = catalogue_of(library)
    row = catalogue.search(Place(PlaceKind.GROUP, gone.id)).to_the_end().rows[0]
    with Library(library.folder, clock=lambda: NOW) as other:
        other.trash.remove_group(gone.id)

    assert catalogue.item(gone.id, row.key) is None
    catalogue.forget(gone.id)
    assert titles(catalogue, Place(PlaceKind.GROUP, gone.id)) == []
    assert catalogue.counts(gone.id).items == 0
    catalogue.index_pages()
    assert [group.title for group in catalogue.groups()] == ["Marges"]


@pytest.mark.parametrize(
    "place",
    [
        Place(PlaceKind.UNREAD),
        Place(PlaceKind.GROUP, "ab12"),
        Place(PlaceKind.TAG, "ab12", "a:b c"),
        Place(PlaceKind.STARRED),
    ],
)
def test_place_is_restored_from_its_key(place: Place) -> None:
    assert place_of(place.key) == place


@pytest.mark.parametrize("key", ["", "unread:x", "group", "group:a:b", "tag:a", "tag", "nowhere"])
def test_invalid_key_is_no_place(key: str) -> None:
    assert place_of(key) is None
