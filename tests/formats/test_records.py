"""Facts read by the field names of a service."""

from collections.abc import Iterator
from weakref import WeakSet

import pytest

from florilege.formats.collecting import Collection
from florilege.formats.document import Document
from florilege.formats.records import bookmark_of, mark_of, reader, tag_names, take_objects

BOOKMARK = bookmark_of(
    mark_of(quote="text", place="at.value", place_kind="at.kind"), marks="marks", title=("own", "title"),
    url="page.url", changed="when", time=("saved", "when"),
)  # fmt: skip


def read(*items: object) -> Collection:
    collection = Collection([])
    take_objects(items, BOOKMARK, collection)
    return collection


def test_first_name_with_a_value_counts() -> None:
    first, second = read({"own": "", "title": "A", "when": "2026-03-12"}, {"own": "B", "title": "A"}).entries

    assert (first.title, str(first.shared_at)[:10], str(first.updated_at)[:10]) == ("A", "2026-03-12", "2026-03-12")
    assert second.title == "B"


def test_nested_facts_are_found_and_a_wrong_type_loses_only_its_field() -> None:
    mark = {"text": "Q", "at": {"value": 7, "kind": "location"}}
    found = read(
        {"title": "A", "page": {"url": "https://e.org/"}, "marks": [mark]},
        {"title": "B", "page": "https://e.org/b"},
        {"title": "C", "page": [{"name": "x"}, {"url": "https://e.org/c"}]},
        {"title": "D", "marks": [mark, {"text": 5}, "R"]},
    )

    assert [entry.url for entry in found.entries] == ["https://e.org/", None, "https://e.org/c", None]
    assert [[mark.location for mark in entry.highlights] for entry in found.entries] == [["loc. 7"], [], [], ["loc. 7"]]
    assert found.warnings == [
        "Bookmark 2 “B”: 1 field could not be read (page.url).",
        "Bookmark 4 “D”: 2 fields could not be read (text, marks).",
    ]


@pytest.mark.parametrize(
    "given", ["a, b c", '["a", "b c"]', "['a', 'b c']", ["a", "b c", None], {"a": None, "b c": None}, '"b c",a']
)
def test_tags_are_read_in_every_form(given: str) -> None:
    assert set(tag_names(given)) == {"a", "b c"}


def test_records_are_taken_one_by_one() -> None:
    class Found(dict[str, str]):
        __hash__ = object.__hash__  # type: ignore[assignment]

    alive: WeakSet[Found] = WeakSet()
    numbers: list[int] = []

    def found(_: Document) -> Iterator[Found]:
        for title in "abcd":
            numbers.append(len(alive))
            alive.add(each := Found(title=title))
            yield each

    snapshot = reader("any", BOOKMARK, found)(Document(b"any"))

    assert [entry.title for entry in snapshot.entries] == ["a", "b", "c", "d"]
    assert max(numbers) <= 2


def test_unknown_fact_is_refused() -> None:
    with pytest.raises(KeyError):
        bookmark_of(titel="title")
