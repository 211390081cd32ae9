"""Our own exports: read back identically, salvaged when damaged; and what other formats keep of them."""

import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from florilege.export.annotations import web_annotations
from florilege.export.feeds import json_feed, own_json
from florilege.export.selection import SelectedItem, Selection
from florilege.formats import SourceError, detect, own
from florilege.formats.document import Document
from florilege.model import Comment, Entry, Highlight, Item
from florilege.text import clean
from support.selections import entry_of, item, rich, row, selection, selections
from support.snapshots import sample, unclean_texts

EXPORT = sample("florilege_library.json")


def written(write: Callable[[Selection], Iterator[str]], chosen: Selection) -> bytes:
    return "".join(write(chosen)).encode()


def says_anything(one: Item) -> bool:
    """Whether an item says anything at all."""
    return any(
        getattr(one, name) for name in ("title", "url", "highlights", "notes", "comments", "description", "body")
    )


def as_entry(one: Item) -> Entry:
    """An item as an entry of a document that vouches for nothing."""
    return msgspec.structs.replace(entry_of(one), all_highlights=False)


def damaged(change: Callable[[dict[str, object]], object]) -> bytes:
    value = json.loads(EXPORT)
    change(value)
    return json.dumps(value).encode()


def test_digest_is_neither_exported_nor_imported() -> None:
    export = written(own_json, selection(row(item(digest="0123456789abcdef"))))
    assert b"0123456789abcdef" not in export
    forged = export.replace(b'"title"', b'"digest":"0123456789abcdef","title"')
    assert [each.digest for each in own.read(Document(forged)).entries] == [None]


@given(selections())
def test_export_is_restored_exactly(chosen: Selection) -> None:
    library = own.decode(written(own_json, chosen))
    (group,) = library.groups
    assert library.exported_at == chosen.exported_at
    assert group.items == tuple(row.item for row in chosen.rows)
    states = {state.item: state for state in group.states}
    for each in chosen.rows:
        assert states.get(each.item.id, type(each.state)(item=each.item.id)) == each.state


@given(selections())
def test_export_can_be_added_like_any_document(chosen: Selection) -> None:
    snapshot = detect.read(written(own_json, chosen))
    kept = [each.item for each in chosen.rows if says_anything(each.item)]
    assert list(snapshot.entries) == [as_entry(one) for one in kept]
    assert snapshot.identity == "florilege:group:a1b2"


@given(selections())
def test_our_json_feed_holds_everything(chosen: Selection) -> None:
    kept = [each.item for each in chosen.rows if says_anything(each.item)]
    assume(kept or not chosen.rows)  # a feed without readable entries is refused
    snapshot = detect.read(written(json_feed, chosen))
    found = [entry for entry in snapshot.entries if entry.title or entry.url or entry.highlights or entry.notes]
    expected = [as_entry(one) for one in kept if one.title or one.url or one.highlights or one.notes]
    assert [(entry.title, entry.highlights, entry.notes, entry.comments) for entry in found] == [
        (one.title, one.highlights, one.notes, one.comments) for one in expected
    ]
    assert unclean_texts(snapshot) == []


def test_full_item_survives_a_json_feed_unchanged() -> None:
    first = next(iter(rich().rows))
    assert detect.read(written(json_feed, selection(first))).entries == (as_entry(first.item),)


plain = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(plain, st.none() | plain, st.lists(plain, max_size=2)), min_size=1, max_size=4))
def test_our_web_annotations_keep_quotes_comments_and_replies(
    marks: list[tuple[str, str | None, list[str]]],
) -> None:
    highlights = tuple(
        Highlight(
            id=f"h{number}",
            quote=quote,
            author="Ann",
            prefix="before ",
            location=(None, "p. 7", "p. xii", "loc. 118-120")[number % 4],
            tags=("a", f"of {number}"),
            comments=(
                Comment(text=text, author="Bob", replies=tuple(Comment(text=each, author="Cy") for each in answers)),
            )
            if text
            else (),
        )
        for number, (quote, text, answers) in enumerate(marks)
    )
    one = item(highlights=highlights, notes=(Comment(text="On the page.", author="Bob"),), tags=("a", "b c"))
    (entry,) = detect.read(written(web_annotations, selection(row(one)))).entries
    assert (entry.title, entry.url, entry.notes) == (one.title, one.url, one.notes)
    assert set(entry.tags) == {"a", "b c", *(tag for each in highlights for tag in each.tags)}
    assert [msgspec.structs.replace(each, id="") for each in entry.highlights] == [
        msgspec.structs.replace(each, id="") for each in highlights
    ]


def test_web_annotation_ids_are_stable_across_exports() -> None:
    one = item(highlights=(Highlight(id="h", quote="A passage."),))
    (entry,) = detect.read(written(web_annotations, selection(row(one)))).entries
    again = item(title=one.title, url=one.url, highlights=entry.highlights)

    (entry_again,) = detect.read(written(web_annotations, selection(row(again)))).entries

    assert [each.id for each in entry_again.highlights] == [each.id for each in entry.highlights]


def test_page_without_address_survives_web_annotations() -> None:
    one = item(url=None, highlights=(Highlight(id="h", quote="A passage."),))
    (entry,) = detect.read(written(web_annotations, selection(row(one)))).entries
    assert (entry.title, entry.url, entry.highlights[0].quote) == (one.title, None, "A passage.")


def test_groups_are_parts_and_their_sources_are_not_followed() -> None:
    first, second = rich().rows
    chosen = selection(first, SelectedItem(second.group, item("c", "c3d4", title="Elsewhere"), second.state))
    snapshot = detect.read(written(own_json, chosen))
    assert [(part.title, part.identity, len(part.entries)) for part in snapshot.parts] == [
        ("Encre & Papier", "florilege:group:a1b2", 1), ("Open science", "florilege:group:c3d4", 1),
    ]  # fmt: skip
    assert len(snapshot.entries) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda value: value.update(version=2), "a later version of florilege"),
        (lambda value: value.update(version="1"), "does not say its version"),
        (lambda value: value.pop("version"), "does not say its version"),
        (lambda value: value.update(version=True), "does not say its version"),
    ],
)
def test_export_of_another_version_is_refused_with_a_sentence(change: Callable[[object], object], said: str) -> None:
    for read in (detect.read, own.decode):
        with pytest.raises(SourceError, match=said):
            read(damaged(change))


@pytest.mark.parametrize("data", [b"[]", b"{", b"not json", b'{"florilege": "settings", "version": 1}', b"3"])
def test_other_documents_are_not_restored(data: bytes) -> None:
    with pytest.raises(SourceError):
        own.decode(data)


@pytest.mark.parametrize(
    ("change", "warnings", "entries"),
    [
        (lambda value: value.update(groups=3), 1, 0),
        (lambda value: value["groups"].append(3), 1, 2),
        (lambda value: value["groups"][0].update(items="x"), 1, 0),
        (lambda value: value["groups"][0].update(title=[], site=4), 1, 2),
        (lambda value: value["groups"][0]["items"].append("x"), 1, 2),
        (lambda value: value["groups"][0]["items"].append({"id": "x"}), 1, 2),
        (lambda value: value["groups"][0]["items"][0].update(tags=5, shared_at="soon", views="x"), 1, 2),
        (lambda value: value["groups"][0]["items"][0]["highlights"].append({"quote": 1}), 1, 2),
        (lambda value: value["groups"][0].update(states="x"), 0, 2),
    ],
)
def test_damaged_export_is_salvaged_by_add_and_refused_by_import(
    change: Callable[[object], object], warnings: int, entries: int
) -> None:
    data = damaged(change)
    snapshot = detect.read(data)
    assert (len(snapshot.warnings), len(snapshot.entries)) == (warnings, entries)
    with pytest.raises(SourceError, match=r"damaged .*nothing was changed"):
        own.decode(data)


def test_edited_export_is_cleaned() -> None:
    data = EXPORT.replace(b"Lire en marge", b"Lire \\u001b[31men\\u202e marge\\ud800")
    assert detect.read(data).entries[0].title == "Lire [31men marge"
    assert own.decode(data).groups[0].items[0].title == "Lire [31men marge"
    assert unclean_texts(detect.read(data)) == []


@given(st.text(), st.booleans())
@example("\u202e", False)
@example("\\u202e\\", True)
@example("a\tb\rc", True)
def test_no_text_is_restored_uncleaned(text: str, ascii_only: bool) -> None:
    export = {"florilege": "library", "version": 1, "groups": [{"id": "a1", "title": text, "items": []}]}
    data = json.dumps(export, ensure_ascii=ascii_only).encode("utf-8", "replace")
    (group,) = own.decode(data).groups
    assert group.title == clean(json.loads(data)["groups"][0]["title"].encode("utf-8", "ignore").decode())
