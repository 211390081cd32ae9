"""JSON Feed: which address is the page, which fields stand in for others, and our own extension."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import BodyKind, Entry
from support.snapshots import unclean_texts

GOOD = {"id": "good", "url": "https://example.org/good", "title": "Good"}


def read(*items: object, **facts: object) -> Snapshot:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": items}
    return detect.read(json.dumps(feed | facts).encode())


def only(**item: object) -> Entry:
    (entry,) = read({"id": "1"} | item).entries
    return entry


@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1", "http://jsonfeed.org/version/1"]
)
def test_every_version_is_recognised(version: str) -> None:
    snapshot = read(GOOD, version=version)
    assert (snapshot.kind, snapshot.title, len(snapshot.entries)) == ("json-feed", "Feed", 1)


@pytest.mark.parametrize(
    ("item", "page", "talk"),
    [
        (
            {"url": "https://e.org/talk", "external_url": "https://e.org/page"},
            "https://e.org/page",
            "https://e.org/talk",
        ),
        ({"url": "https://e.org/a"}, "https://e.org/a", None),
        ({"external_url": "https://e.org/a"}, "https://e.org/a", None),
        ({"url": "http://e.org/a/", "external_url": "https://e.org/a"}, "https://e.org/a", None),
        ({"title": "no address"}, None, None),
    ],
)
def test_external_address_is_the_page_and_the_other_its_discussion(
    item: dict[str, object], page: str | None, talk: str | None
) -> None:
    entry = only(**item)
    assert (entry.url, entry.discussion_url) == (page, talk)


def test_relative_addresses_are_resolved_against_the_site() -> None:
    snapshot = read({"id": "1", "url": "/a"}, home_page_url="https://example.org/group/")
    assert snapshot.entries[0].url == "https://example.org/a"


@pytest.mark.parametrize(
    ("item", "author"),
    [
        ({"authors": [{"name": "Ann"}, {"name": "Bob"}]}, "Ann"),
        ({"author": {"name": "Ann"}}, "Ann"),
        ({"authors": [{"url": "https://e.org/ann"}, {"name": "Bob"}]}, "Bob"),
        ({}, "The feed's"),
    ],
)
def test_sharer_is_the_first_named_author_else_that_of_the_feed(item: dict[str, object], author: str) -> None:
    (entry,) = read({"id": "1", "title": "x"} | item, authors=[{"name": "The feed's"}]).entries
    assert entry.sharer is not None
    assert entry.sharer.name == author


@pytest.mark.parametrize(
    ("item", "body", "kind", "description"),
    [
        ({"content_html": "<p>h</p>", "content_text": "t"}, "<p>h</p>", BodyKind.HTML, None),
        ({"content_text": "a < b\n- c"}, "a < b\n- c", BodyKind.TEXT, None),
        ({"content_text": "t", "summary": "s"}, "t", BodyKind.TEXT, "s"),
        ({"content_text": "t", "summary": "t"}, "t", BodyKind.TEXT, None),
        ({"summary": "s"}, None, BodyKind.HTML, "s"),
    ],
)
def test_body_is_html_else_text_and_the_summary_a_description(
    item: dict[str, object], body: str | None, kind: BodyKind, description: str | None
) -> None:
    entry = only(title="x", **item)
    assert (entry.body, entry.body_kind, entry.description) == (body, kind, description)


@pytest.mark.parametrize(("given_id", "name"), [(2, "2"), (2.0, "2"), (2.5, "2.5"), ("2", "2"), (None, None)])
def test_numeric_ids_are_accepted(given_id: object, name: str | None) -> None:
    assert only(id=given_id, title="x").native_id == name


@pytest.mark.parametrize(
    ("facts", "page"),
    [
        ({"next_url": "https://e.org/feed?page=2", "feed_url": "https://e.org/feed"}, "https://e.org/feed?page=2"),
        ({"next_url": "https://e.org/feed", "feed_url": "https://e.org/feed"}, None),
        ({"next_url": ""}, None),
    ],
)
def test_next_page_is_kept_unless_it_is_the_feed_itself(facts: dict[str, object], page: str | None) -> None:
    snapshot = read(GOOD, **facts)
    assert (snapshot.next_page, snapshot.older) == (page, page is not None)
    assert len(snapshot.warnings) == snapshot.older


@pytest.mark.parametrize(
    ("odd", "warning"),
    [
        (3, "Item 2 is no object and was left out."),
        ({"id": "x"}, "Item 2 holds neither title nor address and was left out."),
        ({"title": 3, "url": "https://e.org/", "tags": 4}, "Item 2: 2 fields could not be read (title, tags)."),
        ({"title": "T", "date_published": "soon"}, "Item 2 “T”: its date “soon” can't be read."),
        ({"title": "T", "id": "good"}, "Item 2 “T” has the id of an earlier one."),
    ],
)
def test_odd_value_is_one_warning(odd: object, warning: str) -> None:
    snapshot = read(GOOD, odd, GOOD | {"id": "last", "url": "https://example.org/last"})
    assert snapshot.warnings == (warning,)
    assert {"good", "last"} <= {entry.native_id for entry in snapshot.entries}


def test_our_extension_wins_and_missing_fields_are_filled() -> None:
    kept = {"title": "Ours", "highlights": [{"id": "h", "quote": "A passage."}, {"quote": "without id"}], "notes": 3}
    entry = only(title="Theirs", url="https://example.org/a", _florilege={"group": "G", "entry": kept})
    assert (entry.title, entry.url) == ("Ours", "https://example.org/a")
    assert [highlight.quote for highlight in entry.highlights] == ["A passage."]
    assert (entry.incomplete, entry.all_highlights) == (True, False)


def test_our_feed_of_several_groups_has_a_part_for_each() -> None:
    def of(group: str, title: str) -> dict[str, object]:
        return {"id": title, "_florilege": {"group": group, "entry": {"title": title}}}

    snapshot = read(of("One", "a"), of("Two", "b"), of("One", "c"))
    assert [(part.title, [entry.title for entry in part.entries]) for part in snapshot.parts] == [
        ("One", ["a", "c"]), ("Two", ["b"]),
    ]  # fmt: skip
    assert [entry.title for entry in snapshot.entries] == ["a", "b", "c"]


@pytest.mark.parametrize("own", [None, 3, "x", [], {"entry": 3}, {"entry": []}, {"group": 3, "entry": {"title": []}}])
def test_foreign_extension_of_the_same_name_does_no_harm(own: object) -> None:
    assert only(title="Theirs", _florilege=own).title == "Theirs"


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "entry", "highlights", "quote", "id", "notes", "text"]), inner)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    ["id", "url", "external_url", "title", "content_html", "summary", "tags", "authors", "_florilege"]
)


@given(st.lists(st.dictionaries(names, values), max_size=3))
def test_no_value_anywhere_loses_the_feed(odd: list[dict[str, object]]) -> None:
    try:
        snapshot = read(GOOD, *odd)
    except SourceError as error:
        pytest.fail(f"{odd} was refused: {error}")
    assert snapshot.entries[0].title == "Good"
    assert unclean_texts(snapshot) == []


def test_tags_in_a_single_string_are_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "f",
        "items": [{"id": "1", "title": "t", "tags": "ink, slow paper"}],
    }

    (entry,) = detect.read(json.dumps(feed).encode()).entries

    assert entry.tags == ("ink", "slow paper")
