"""Zotero libraries: parents and children, and who shared an item."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot, SourceError, detect
from florilege.model import Comment, Entry, thread
from support.snapshots import sample, unclean_texts

LIBRARY = {"type": "group", "id": 12, "name": "Marges"}


def element(key: str, kind: str = "webpage", **data: object) -> dict[str, object]:
    return {
        "key": key,
        "library": LIBRARY,
        "data": {"key": key, "itemType": kind, "dateAdded": "2026-03-12T10:00:00Z"} | data,
    }


def page(**data: object) -> dict[str, object]:
    facts: dict[str, Any] = {"title": "Page", "url": "https://example.org/page"} | data
    return element("PAGE0001", **facts)


def read(*elements: object) -> Snapshot:
    return detect.read(json.dumps(elements).encode())


def only(*elements: object) -> Entry:
    (entry,) = read(*elements).entries
    return entry


def test_annotations_belong_to_the_parent_of_their_attachment() -> None:
    entry = only(
        element(
            "MARK0002", "annotation", parentItem="FILE0001", annotationText="Two.", annotationSortIndex="00001|002"
        ),
        page(),
        element("FILE0001", "attachment", parentItem="PAGE0001", title="page.pdf"),
        element(
            "MARK0001", "annotation", parentItem="FILE0001", annotationText="One.", annotationSortIndex="00001|001"
        ),
    )
    assert [(highlight.id, highlight.quote) for highlight in entry.highlights] == [
        ("MARK0001", "One."), ("MARK0002", "Two."),
    ]  # fmt: skip


def test_notes_and_annotations_may_be_inside_their_item() -> None:
    mark = {"annotationType": "highlight", "annotationText": "Quote", "tags": [{"tag": "own"}]}
    facts = {"notes": [{"note": "<p>Note</p>"}], "attachments": [{"annotations": [mark]}], "tags": [{"tag": "ink"}]}
    value = {"items": [{"itemKey": "PAGE0001", "itemType": "webpage", "title": "Page", **facts}]}
    (entry,) = detect.read(json.dumps(value).encode()).entries

    assert (entry.native_id, entry.tags) == ("PAGE0001", ("ink", "own"))
    assert [(each.quote, each.tags) for each in entry.highlights] == [("Quote", ("own",))]
    assert [note.text for note in entry.notes] == ["Note"]


@pytest.mark.parametrize(
    ("kind", "quotes", "notes"),
    [
        ("highlight", ["Text."], []),
        ("underline", ["Text."], []),
        ("note", [], ["Remark."]),
        ("image", [], ["Remark."]),
        ("ink", [], ["Remark."]),
    ],
)
def test_only_marked_text_is_a_highlight(kind: str, quotes: list[str], notes: list[str]) -> None:
    facts = {"annotationType": kind, "annotationText": "Text.", "annotationComment": "Remark."}
    entry = only(page(), element("MARK0001", "annotation", parentItem="PAGE0001", **facts))
    assert [highlight.quote for highlight in entry.highlights] == quotes
    assert [note.text for note in entry.notes] == notes


def test_sharer_is_who_added_the_item_not_its_author_or_library() -> None:
    user = {"createdByUser": {"name": "", "username": "ann"}}
    shared = only(page(creators=[{"lastName": "Plumier"}]) | {"meta": user}).sharer
    assert shared is not None
    assert shared.label == "ann"
    assert only(page(creators=[{"lastName": "Plumier"}])).sharer is None
    assert all(entry.sharer is None for entry in detect.read(sample("zotero_group_items.atom")).entries)


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"url": "https://e.org/", "DOI": "10.1/x"}, "https://e.org/"),
        ({"url": "", "DOI": "10.1/x"}, "https://doi.org/10.1/x"),
        ({"url": None}, None),
    ],
)
def test_work_without_address_is_linked_by_its_doi(data: dict[str, object], url: str | None) -> None:
    assert only(page(**data)).url == url


def test_html_notes_become_text() -> None:
    note = element("NOTE0001", "note", parentItem="PAGE0001", note="<h1>Title</h1><p>a &amp; b</p>", dateAdded=None)
    assert only(page(), note).notes == (Comment(text="Title\n\na & b"),)


def test_note_or_annotation_with_a_missing_parent_is_an_item() -> None:
    snapshot = read(
        element("NOTE0001", "note", parentItem="GONE0001", note="<p>Alone.</p>"),
        element("MARK0001", "annotation", parentItem="GONE0001", annotationText="Alone too."),
        element("FILE0001", "attachment", parentItem="GONE0001", title="a.pdf"),
        element("FILE0002", "attachment", title="b.pdf", url="https://e.org/b.pdf"),
    )
    assert [(entry.title, len(entry.notes), len(entry.highlights)) for entry in snapshot.entries] == [
        ("", 1, 0), ("", 0, 1), ("b.pdf", 0, 0),
    ]  # fmt: skip


def test_items_in_the_bin_are_left_out() -> None:
    assert read(page(deleted=1), element("B", title="Kept")).entries[0].title == "Kept"


def test_circular_parents_lose_nothing() -> None:
    snapshot = read(
        element("A", "note", parentItem="B", note="One."), element("B", "note", parentItem="A", note="Two."), page()
    )
    words = [comment.text for entry in snapshot.entries for _, comment in thread(entry.notes)]
    assert sorted(words) == ["One.", "Two."]


def test_group_is_the_library() -> None:
    snapshot = read(page())
    assert (snapshot.kind, snapshot.title, snapshot.identity) == ("zotero", "Marges", "zotero:group:12")
    assert read(page(), page() | {"library": {"type": "user", "id": 7}}).identity is None


def test_atom_and_json_give_an_item_the_same_id() -> None:
    atom = detect.read(sample("zotero_group_items.atom"))
    web = detect.read(sample("zotero_group_items.json"))
    assert atom.identity == web.identity
    assert atom.entries[0].native_id == web.entries[0].native_id
    assert atom.entries[0].url == web.entries[0].url


def feed(content: str, kind: str = "application/json") -> Snapshot:
    return detect.read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Zotero / Marges / Top-Level Items</title>'
        "<entry><title>Feed&apos;s title</title><id>http://zotero.org/groups/12/items/ABCD2345</id>"
        '<link rel="alternate" href="https://www.zotero.org/groups/marges/items/ABCD2345"/>'
        f'<published>2026-03-12T10:00:00Z</published><content type="{kind}">{content}</content></entry></feed>'.encode()
    )


def test_html_table_of_a_feed_entry_is_read_by_its_rows() -> None:
    table = (
        '<div xmlns="http://www.w3.org/1999/xhtml"><table><tr class="itemType"><th>Item Type</th><td>Web Page</td></tr>'
        "<tr><th>URL</th><td>https://example.org/?a=1&amp;b=2</td></tr><tr><th>Abstract</th><td>What it &lt;says&gt;"
        "</td></tr><tr><th>Unknown</th><td>x</td></tr></table></div>"
    )
    snapshot = feed(table, "xhtml")
    (entry,) = snapshot.entries
    assert (snapshot.kind, snapshot.title, entry.title) == ("zotero-atom", "Marges", "Feed's title")
    assert (entry.url, entry.description) == ("https://example.org/?a=1&b=2", "What it <says>")
    assert entry.discussion_url == "https://www.zotero.org/groups/marges/items/ABCD2345"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "3", '{"title": 5}', '{"a": ' * 5000],
    ids=["none", "cut", "list", "number", "odd", "deep"],
)
def test_feed_entry_with_unreadable_content_is_kept(content: str) -> None:
    snapshot = feed(content)
    assert [entry.title for entry in snapshot.entries] == ["Feed's title"]
    assert len(snapshot.warnings) <= 1


@pytest.mark.parametrize(
    ("odd", "warning"),
    [
        (3, "Item 2 is no object and was left out."),
        ({"data": {"itemType": "note"}}, "Item 2 holds neither title nor address and was left out."),
        (element("X", title=3, url="https://e.org/"), "Item 2: 1 field could not be read (title)."),
        (element("X", title="T", dateAdded="soon"), "Item 2 “T”: its date “soon” can't be read."),
    ],
)
def test_odd_value_is_one_warning(odd: object, warning: str) -> None:
    snapshot = read(page(), odd, element("LAST0001", title="Last"))
    assert snapshot.warnings == (warning,)
    assert {"Page", "Last"} <= {entry.title for entry in snapshot.entries}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["note", "annotation"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["tag", "name", "href"]), inner),
    max_leaves=8,
)
names = st.sampled_from(
    ["itemType", "parentItem", "title", "url", "tags", "note", "annotationText", "dateAdded", "key"]
)


@given(st.lists(st.dictionaries(names, values), max_size=4))
def test_no_value_anywhere_loses_the_library(odd: list[dict[str, object]]) -> None:
    try:
        snapshot = read(page(), *({"data": data} for data in odd))
    except SourceError as error:
        pytest.fail(f"{odd} was refused: {error}")
    assert any(entry.title == "Page" for entry in snapshot.entries)
    assert unclean_texts(snapshot) == []


@pytest.mark.parametrize("wrong", [5, ["highlight"], {"a": 1}])
def test_type_that_is_no_text_loses_nothing(wrong: object) -> None:
    facts: dict[str, Any] = {"parentItem": "PAGE0001", "annotationText": "q", "annotationType": wrong}
    (highlight,) = only(page(), element("A", "annotation", annotationComment="c", **facts)).highlights

    assert (highlight.quote, [comment.text for comment in highlight.comments]) == ("q", ["c"])


def test_mark_without_words_is_not_lost() -> None:
    mark = element("MARK0001", "annotation", parentItem="PAGE0001", annotationText="Text.")
    mark["data"] = {key: each for key, each in mark["data"].items() if key != "dateAdded"}  # type: ignore[attr-defined]
    snapshot = read(page(), mark)

    assert [each.quote for each in snapshot.entries[0].highlights] == ["Text."]
    assert (snapshot.warnings, snapshot.entries[0].incomplete) == ((), False)


def test_lines_before_the_first_work_in_ris_are_skipped() -> None:
    text = 'Provider: A library\r\nContent: text/plain; charset="UTF-8"\r\n\r\nTY  - JOUR\r\nTI  - Ink\r\nER  - \r\n'
    snapshot = detect.read(text.encode())
    assert (snapshot.kind, [entry.title for entry in snapshot.entries]) == ("ris", ["Ink"])
