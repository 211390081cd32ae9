"""The initial values of a new item."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import Snapshot
from florilege.merge import decide
from florilege.model import BodyKind, Comment, Entry, Highlight, Item, Sharer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
words = st.sampled_from(["", "Du papier", "du papier", "Élan", "encre"])
highlights = st.builds(
    Highlight, id=st.sampled_from(["", "a", "b"]), quote=st.sampled_from(["x", "y"]), revision=st.integers(0, 1)
)
entries = st.builds(
    Entry,
    native_id=st.sampled_from([None, "", "1", "2"]),
    title=words,
    url=st.sampled_from(
        [None, "https://example.org/a", "http://www.example.org/a/", "https://example.org/b", "mailto:a@b"]
    ),
    sharer=st.none() | st.builds(Sharer, name=st.none() | words, handle=st.sampled_from([None, "odette", "Odette"])),
    description=st.none() | words,
    highlights=st.lists(highlights, max_size=3).map(tuple),
)


FULL = Entry(
    native_id="7",
    title="Du papier",
    url="https://example.org/a",
    discussion_url="https://example.org/b",
    sharer=Sharer(name="Odette"),
    shared_at=NOW,
    updated_at=NOW,
    date_text="hier",
    tags=("papier",),
    description="about",
    notes=(Comment("note"),),
    comments=(Comment("comment"),),
    highlights=(Highlight(id="h", quote="quote"),),
    views=0,
    folded=0,
    incomplete=True,
    all_highlights=False,
    all_tags=False,
    is_aggregate=True,
    body="<p>body</p>",
    body_kind=BodyKind.TAKEN_APART,
    digest="d",
)


def new_item_of(entry: Entry, *, order: int = 0) -> Item:
    before = (Entry(title=f"before {number}") for number in range(order))
    return decide([], Snapshot(kind="atom", entries=(*before, entry)), group="g", now=NOW).items[order]


FACTS = [name for name in Entry.__struct_fields__ if name not in {"was_starred", "was_read"}]
KNOWN_ALONE = [name for name in FACTS if name != "digest"]  # an entry that is only a digest stands for a known item


def facts_in(entry: Entry) -> dict[str, object]:
    """All facts of an entry about a page; its marks at the source concern the reader's own marks."""
    return {name: getattr(entry, name) for name in FACTS}


def test_new_item_has_all_facts_of_its_entry() -> None:
    nothing = facts_in(Entry())
    assert all(value != nothing[name] for name, value in facts_in(FULL).items())

    item = new_item_of(FULL, order=5)

    assert facts_in(item) == facts_in(FULL)
    assert (item.group, item.added_at, item.order, item.revision) == ("g", NOW, 5, 0)


@pytest.mark.parametrize("name", KNOWN_ALONE)
def test_new_item_has_a_single_known_fact(name: str) -> None:
    entry = Entry(**{name: facts_in(FULL)[name]})  # type: ignore[arg-type]

    assert facts_in(new_item_of(entry)) == facts_in(entry)


def test_marks_at_the_source_are_reported_and_not_stored() -> None:
    entries = (Entry(title="A", was_starred=True), Entry(title="B", was_read=True), Entry(title="C"))
    decision = decide([], Snapshot(kind="instapaper", entries=entries), group="g", now=NOW)
    starred, read, _ = decision.items
    assert (decision.starred, decision.read) == ((starred.id,), (read.id,))
    assert not any(item.was_starred or item.was_read for item in decision.items)


@given(entries)
def test_highlights_of_a_new_item_have_ids_and_its_first_revision(entry: Entry) -> None:
    item = new_item_of(entry)

    assert [each.quote for each in item.highlights] == [each.quote for each in entry.highlights]
    assert len({each.id for each in item.highlights}) == len(item.highlights)
    assert {each.revision for each in item.highlights} <= {0}
