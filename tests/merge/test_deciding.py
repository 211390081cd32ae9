"""Decisions: what they contain, and properties of all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import process_time

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.merge import decide
from florilege.model import Comment, Entry, Highlight, Item, Sharer
from florilege.text import digest
from support.decisions import BASILE, NOW, ODETTE, after, decided, entry, quoted, said, stored

_SAID = [name for name in Entry.__struct_fields__ if name != "digest"]
PAGES = [entry(title, native_id=title, url=f"https://example.org/{title}", quotes=[title]) for title in "abc"]


def test_unchanged_content_changes_nothing() -> None:
    known = after(PAGES)

    decision = decided(known, *PAGES, read={known[0].id})

    assert (decision.items, decision.added, decision.revised, decision.new_highlights) == ((), 0, 0, 0)


def test_absence_deletes_nothing() -> None:
    known = after(PAGES)

    assert decided(known).items == ()
    assert decided(known, PAGES[1]).items == ()


def test_decision_lists_added_revised_and_newly_highlighted_items() -> None:
    known = after(PAGES[:2])
    revised = replace(PAGES[0], tags=("papier",))
    highlighted = replace(PAGES[1], highlights=(*PAGES[1].highlights, quoted("Une phrase toute nouvelle.")))

    decision = decided(known, revised, highlighted, PAGES[2], read={item.id for item in known})

    assert (decision.added, decision.revised, decision.new_highlights) == (1, 2, 1)
    assert [item.title for item in decision.items] == ["a", "b", "c"]


def test_unnoticeable_change_is_stored_but_is_no_revision() -> None:
    known = after(PAGES)

    decision = decided(known, replace(PAGES[0], views=7))

    assert ([item.views for item in decision.items], decision.revised) == ([7], 0)


def test_facts_missing_from_a_poorer_version_are_kept() -> None:
    whole = entry(
        native_id="1", tags=("papier",), description="Pour jeudi", views=5, shared_at=datetime(2019, 4, 12, tzinfo=UTC)
    )
    (item,) = after([whole], [Entry(native_id="1", title="Marges", url=whole.url, all_highlights=False)])

    assert (item.tags, item.description, item.views, item.shared_at) == (
        ("papier",), "Pour jeudi", 5, whole.shared_at,
    )  # fmt: skip
    assert item.sharer == ODETTE


def test_tags_known_only_from_a_page_survive_every_refresh() -> None:
    page = entry(tags=("papier",), all_tags=False)
    feed = entry(tags=("lecture", "marges"))

    known = after([page], [feed])
    again = decided(known, feed)

    assert known[0].tags == ("lecture", "marges", "papier")
    assert again.items == ()


def test_edited_one_of_two_equal_highlights_is_matched_immediately() -> None:
    before = entry(
        quotes=["Le papier boit."], highlights=(quoted("Le papier boit."), quoted("Le papier boit!", id="h"))
    )
    twice = entry(highlights=(quoted("Le papier boit!"), quoted("Le papier boit!")))

    known = after([before], [twice])

    assert decided(known, twice).items == ()


def test_equal_quotes_with_swapped_ids_keep_them() -> None:
    boit = quoted("Le papier boit")
    edits = [["Le papier boit"], ["Le papier boit!"], ["Le papier boit!", "Le papier boit"]]
    before = after(*([entry(quotes=quotes)] for quotes in edits))
    twice = entry(highlights=(replace(boit, author="Ann"), quoted("Le papier boit", id="h-1", author="Basile")))

    known = stored(before, decided(before, twice))

    assert decided(known, twice).items == ()


def test_facts_learnt_from_an_entry_steal_no_match_next_time() -> None:
    before = [entry("", native_id="2", sharer=None), entry("Deux", native_id="1", sharer=None)]
    again = [entry("Deux", native_id="2", url=None, sharer=None), entry("Deux", sharer=None)]

    known = after(before, again)

    assert decided(known, *again).items == ()


def test_new_item_named_like_a_known_one_matches_its_entry_at_once_or_never() -> None:
    then = datetime(2026, 3, 1, tzinfo=UTC)
    known = after([entry("Deux", native_id="2", shared_at=then, is_aggregate=True)])
    first = entry("Deux", sharer=Sharer(handle="odette"), shared_at=then, body="L'encre sèche.")
    second = entry("Deux", shared_at=then, body="Le papier boit.", highlights=(quoted("L'encre sèche.", id="h-2"),))

    later = stored(known, decided(known, first, second))

    assert decided(later, first, second).items == ()


def test_entry_without_a_link_is_matched_beside_one_with_the_same_id_and_a_link() -> None:
    linked = entry("Un", native_id="1", url="https://example.org/1")
    bare = entry("Deux", native_id="1", url=None)

    known = after([bare], [linked, bare])

    assert decided(known, linked, bare).items == ()


# Properties of every decision

_words = st.sampled_from(["Le papier boit.", "Le papier boit!", "L'encre sèche lentement.", "L'encre sèche.", "Marge"])
_dates = st.sampled_from([None, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)])
_comments = st.lists(st.builds(said, _words, st.sampled_from([None, "Ann"])), max_size=2).map(tuple)
_highlights = st.builds(
    lambda quote, own, comments, author: quoted(quote, id=own, comments=comments, author=author),
    _words,
    st.sampled_from([None, "h-1", "h-2"]),
    _comments,
    st.sampled_from([None, "Ann"]),
)


def _entries(links: st.SearchStrategy[str | None], *, are_aggregates: bool = False) -> st.SearchStrategy[Entry]:
    return st.builds(
        Entry,
        native_id=st.sampled_from(["1", "2"] if are_aggregates else [None, "1", "2"]),
        title=st.sampled_from(["", "Un", "Deux"]),
        url=links,
        sharer=st.sampled_from([None, ODETTE, BASILE, Sharer(name="Odette Plumier"), Sharer(handle="odette")]),
        shared_at=_dates,
        updated_at=_dates,
        tags=st.sampled_from([(), ("papier",), ("Papier", "encre")]),
        notes=_comments,
        comments=_comments,
        highlights=st.lists(_highlights, max_size=3).map(tuple),
        folded=st.sampled_from([None, 2]),
        incomplete=st.booleans(),
        all_highlights=st.booleans(),
        all_tags=st.booleans(),
        is_aggregate=st.just(are_aggregates),
        body=st.sampled_from([None, None, "Le papier boit.", "L'encre sèche."]),
    )


_linked = st.sampled_from(["https://example.org/1", "https://example.org/2", "http://example.org/1"])
_documents = st.one_of(
    st.lists(_entries(_linked), max_size=4),
    # Aggregated entries are identified by their page, as are all entries of their document.
    st.lists(_entries(_linked, are_aggregates=True), max_size=4),
    st.lists(_entries(st.none()), max_size=4),
    st.lists(_entries(st.one_of(st.none(), _linked)), max_size=4),
)


def content(items: Sequence[Item]) -> list[Item]:
    return sorted((replace(item, order=0) for item in items), key=lambda item: item.id)


@given(st.lists(_documents, min_size=1, max_size=3))
def test_deciding_twice_on_the_same_document_changes_nothing(
    documents: list[list[Entry]],
) -> None:
    known = after(*documents)

    decision = decided(known, *documents[-1], read={item.id for item in known})

    assert decision.items == ()


@given(st.lists(_documents, min_size=1, max_size=3))
def test_ids_of_items_and_of_the_highlights_of_each_are_unique(documents: list[list[Entry]]) -> None:
    known: list[Item] = []
    for document in documents:
        decision = decided(known, *document)
        assert len({item.id for item in decision.items}) == len(decision.items)
        known = stored(known, decision)

    assert all(len({each.id for each in item.highlights}) == len(item.highlights) for item in known)


@given(_documents, _documents)
def test_no_item_is_ever_lost_or_moved(first: list[Entry], second: list[Entry]) -> None:
    known = after(first)

    later = stored(known, decided(known, *second))

    assert [(item.id, item.added_at, item.order) for item in later[: len(known)]] == [
        (item.id, item.added_at, item.order) for item in known
    ]


@given(_documents, _documents)
def test_counts_agree_with_what_is_stored(first: list[Entry], second: list[Entry]) -> None:
    known = after(first)

    decision = decided(known, *second, read={item.id for item in known})

    assert decision.added == len(stored(known, decision)) - len(known)
    assert decision.added + decision.revised <= len(decision.items)
    assert decision.joined < max(len(second), 1)


@given(st.permutations([*PAGES, entry("d", url="https://example.org/d"), entry("e", url=None, quotes=["e"])]))
def test_entry_order_does_not_matter_when_each_has_an_identity(shuffled: list[Entry]) -> None:
    in_order = sorted(shuffled, key=lambda each: each.title)

    assert content(after(shuffled)) == content(after(in_order))
    assert content(after(in_order, shuffled)) == content(after(in_order))


@given(st.permutations([PAGES[:2], PAGES[1:], [PAGES[2], PAGES[0]]]))
def test_windows_on_the_same_feed_may_come_in_any_order(windows: list[list[Entry]]) -> None:
    assert {item.id for item in after(*windows)} == {item.id for item in after(PAGES)}


def test_decisions_hold_only_values_of_the_model() -> None:
    (item,) = decided([], entry(highlights=(Highlight(id="h", quote="q", comments=(Comment(text="t"),)),))).items

    assert isinstance(item, Item)


def test_repeated_entries_are_counted() -> None:
    decision = decided([], entry(native_id="1", tags=("papier",)), entry(native_id="1", tags=("encre",)))

    assert (decision.added, decision.joined) == (1, 1)
    assert decision.items[0].tags == ("papier", "encre")


def test_endlessly_repeated_page_becomes_several_items_with_everything_said() -> None:
    said_of_it = [entry(native_id="1", quotes=[digest(str(number))], tags=(f"mot{number}",)) for number in range(250)]

    decision = decided([], *said_of_it)
    again = decided(decision.items, *said_of_it)

    assert (decision.added, decision.joined) == (3, 247)
    assert {quote.quote for item in decision.items for quote in item.highlights} == {
        quote.quote for each in said_of_it for quote in each.highlights
    }
    assert again.items == ()


def test_matching_cost_does_not_grow_with_equal_entries() -> None:
    alike = [entry(description=f"Mot {number}.", shared_at=NOW + timedelta(days=number)) for number in range(4000)]
    start = process_time()

    assert decided([], *alike).added == len(alike)
    assert process_time() - start < 4


def test_document_without_highlights_does_not_drop_the_only_one() -> None:
    known = after([entry(quotes=["Une phrase."])])

    assert decided(known, entry(), entry("Autre", url="https://example.org/2")).items[0].highlights == ()
    assert [each.quote for each in stored(known, decided(known, entry()))[0].highlights] == ["Une phrase."]


_marks = st.lists(_highlights, max_size=3, unique_by=lambda each: each.id).map(
    lambda marks: tuple(replace(each, revision=0) for each in marks)
)
_read = st.builds(
    Entry,
    native_id=st.sampled_from([None, "1", "2"]),
    title=st.sampled_from(["", "Un", "Deux"]),
    url=st.sampled_from([None, "https://example.org/a", "https://example.org/b"]),
    sharer=st.sampled_from([None, ODETTE, BASILE]),
    shared_at=_dates,
    tags=st.sampled_from([(), ("encre",)]),
    body=st.sampled_from([None, "<p>Words</p>"]),
    comments=_comments,
    notes=_comments,
    highlights=st.one_of(st.just(()), _marks),
    folded=st.sampled_from([None, None, 2]),
    incomplete=st.booleans(),
    all_highlights=st.booleans(),
)


@given(st.lists(st.lists(_read, max_size=4), min_size=1, max_size=4))
def test_shortcut_by_content_hash_gives_the_same_decision(documents: list[list[Entry]]) -> None:
    def hashed(document: list[Entry]) -> list[Entry]:
        return [replace(each, digest=digest(repr(each))) for each in document]

    by_bytes = after(*map(hashed, documents))

    assert [replace(item, digest=None) for item in by_bytes] == after(*documents)
    for item in by_bytes:  # a digest is that of the entry the item has its facts from
        assert item.digest in {None, digest(repr(Entry(**{name: getattr(item, name) for name in _SAID}, digest=None)))}


def test_entry_that_is_only_a_digest_stands_for_the_item_with_that_digest() -> None:
    first = decide([], Snapshot(kind="rss", entries=(Entry(title="a", digest="d1"),)), group="g", now=NOW)
    passed_over = Snapshot(kind="rss", entries=(Entry(digest="d1"), Entry(digest="gone"), Entry(title="b")))
    decision = decide(first.items, passed_over, group="g", now=NOW)
    assert [(item.title, item.order) for item in decision.items] == [("b", 1)]
    assert (decision.added, decision.revised, decision.joined) == (1, 0, 0)
