"""Incremental search finds exactly the matching items, and reads no more than it must."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from florilege.lists import loaded_group
from florilege.lists.catalogue import Catalogue
from florilege.lists.loaded_group import Order
from florilege.lists.places import SMART, Place, PlaceKind
from florilege.marking import count
from florilege.model import BodyKind, Comment, Counts, Highlight, Item, ItemSummary, OwnNote, ReadingState, newest_first
from florilege.query.language import parse
from florilege.query.nodes import Query
from florilege.query.subject import Subject
from florilege.store import LibraryUnreadable
from support.stored import Stack
from support.strategies import NOW, items, queries, states

ANY = Place(PlaceKind.EVERYTHING)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Two groups of a few items, some read or starred."""
    groups = {}
    known = {}
    for name in ("Encre", "Papier"):
        found = draw(st.lists(items, max_size=4, unique_by=lambda item: item.id))
        groups[name] = [msgspec.structs.replace(item, group=name) for item in found]
        known[name] = {item.id: draw(states(item)) for item in groups[name] if draw(st.booleans())}
    return Stack(groups, known)


def matches_one_by_one(stack: Stack, place: Place, query: Query, keep: set[str], shown: set[str]) -> list[str]:
    """The items that match when each is evaluated in full."""
    belongs, answers = place.query.predicate(now=NOW), query.predicate(now=NOW)
    found = []
    for group, its_items in stack.groups_of.items():
        for item in its_items:
            known = stack.states_of[group].get(item.id)
            subject = Subject(item, known or ReadingState(item=item.id), group)
            here = place.group in {None, group} and (item.id in keep or belongs(subject))
            if here and (item.id in shown or answers(subject)):
                found.append(item)
    return [item.id for item in sorted(found, key=newest_first)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])  # generating items of every kind takes a while
@given(st.data(), stacks(), queries, st.sampled_from([*map(Place, SMART), Place(PlaceKind.GROUP, "Encre")]))
@pytest.mark.parametrize("in_files", [False, True])
def test_search_finds_exactly_the_matching_items(
    in_files: bool, data: st.DataObject, stack: Stack, query: Query, place: Place
) -> None:
    ids = [item.id for its_items in stack.groups_of.values() for item in its_items]
    some = st.sets(st.sampled_from(ids)) if ids else st.just(set[str]())
    keep, shown = data.draw(some), data.draw(some)
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(stack, clock=lambda: NOW, texts=Path(folder) / "texts" if in_files else None)
        catalogue.search(ANY).to_the_end()  # what a list keeps visible has been seen
        for _ in range(2):  # the second time with the search texts the first run stored
            rows = catalogue.search(place, query, just_read=keep, on_screen=shown).to_the_end().rows
            assert sorted(row.key for row in rows) == sorted(matches_one_by_one(stack, place, query, keep, shown))
            assert [row.summary for row in rows] == sorted((row.summary for row in rows), key=newest_first)
            catalogue.forget()


def stack_of(*its_items: Item) -> Stack:
    return Stack({"Encre": list(its_items)})


def make_item(name: str, quote: str, *, tags: tuple[str, ...] = (), comment: str = "") -> Item:
    comments = (Comment(comment),) if comment else ()
    marks = (Highlight(id="1", quote=quote, comments=comments),)
    return Item(id=name, group="Encre", added_at=NOW, title=name, tags=tags, highlights=marks)


THREE = (
    make_item("one", "Ink dries.", tags=("encre",)),
    make_item("two", "Paper."),
    make_item("three", "Ink?", comment="ink"),
)


@pytest.mark.parametrize("text", ["tag:encre", "is:unread title:one", "by:ann or title:two", "has:quote before:2020"])
def test_terms_about_summaries_read_no_item(text: str) -> None:
    stack = stack_of(*THREE)
    Catalogue(stack, clock=lambda: NOW).search(ANY, parse(text)).to_the_end()

    assert stack.decoded == {}


def test_items_are_read_once_for_all_later_words() -> None:
    stack = stack_of(*THREE)
    catalogue = Catalogue(stack, clock=lambda: NOW)
    assert [row.key for row in catalogue.search(ANY, parse("dries")).to_the_end().rows] == ["one"]
    assert [row.key for row in catalogue.search(ANY, parse("note:ink has:comment")).to_the_end().rows] == ["three"]
    assert len(catalogue.search(ANY, parse("ink")).to_the_end().rows) == 2

    assert stack.decoded == {"Encre": 3}


def test_plain_words_find_feed_bodies_and_body_searches_only_those() -> None:
    plain = Item(id="plain", group="Encre", added_at=NOW, title="a", body="<p>Le v<b>é</b>lin<br>fin &amp; lisse</p>")
    apart = Item(id="apart", group="Encre", added_at=NOW, body="<p>vélin</p>", body_kind=BodyKind.TAKEN_APART)
    catalogue = Catalogue(stack_of(plain, apart, make_item("quote", "vélin")), clock=lambda: NOW)

    def found(text: str) -> set[str]:
        return {row.key for row in catalogue.search(ANY, parse(text)).to_the_end().rows}

    assert found("velin") == {"plain", "quote"}
    assert found("body:velin") == {"plain"}
    assert found('"fin & lisse"') == {"plain"}
    assert found("br") == set()


def test_group_field_matches_a_part_of_the_title() -> None:
    stack = Stack({"Encre & Papier": [THREE[0]], "Colle": [THREE[1]]})
    found = Catalogue(stack, clock=lambda: NOW).search(ANY, parse("group:papier")).to_the_end().rows
    assert [row.key for row in found] == ["one"]


def test_plain_words_find_the_reader_s_own_notes() -> None:
    noted = ReadingState(item="two", notes=(OwnNote("Compare with vellum"),))
    stack = Stack({"Encre": list(THREE)}, {"Encre": {"two": noted}})
    found = Catalogue(stack, clock=lambda: NOW).search(ANY, parse("vellum paper")).to_the_end().rows
    assert [row.key for row in found] == ["two"]


def test_vanishing_search_text_files_lose_no_hit(tmp_path: Path) -> None:
    stack = stack_of(*THREE)
    catalogue = Catalogue(stack, clock=lambda: NOW, texts=tmp_path)
    catalogue.search(ANY, parse("ink")).to_the_end()
    for path in tmp_path.iterdir():
        path.unlink()

    assert [row.key for row in catalogue.search(ANY, parse("dries")).to_the_end().rows] == ["one"]


def test_first_hits_arrive_before_the_search_is_complete() -> None:
    many = [make_item(f"{number}", "ink") for number in range(200)]
    search = Catalogue(stack_of(*many), clock=lambda: NOW).search(ANY, parse("ink"))

    while not search.rows:
        assert not search.go_on(0, lambda: 0.0)
    assert len(search.rows) < 200
    search.to_the_end()
    assert len(search.rows) == search.unread == 200


def test_cancelled_search_ends_after_its_current_step() -> None:
    many = [make_item(f"{number}", "ink") for number in range(200)]
    search = Catalogue(stack_of(*many), clock=lambda: NOW).search(ANY, parse("ink"))
    while not search.rows:
        search.go_on(0, lambda: 0.0)
    before = len(search.rows)

    search.stop()

    assert search.go_on(1000, lambda: 0.0)
    assert not search.is_done
    assert len(search.rows) < 200
    assert len(search.rows) - before <= 24


class Unreadable(Stack):
    """A library with one unreadable group."""

    def summaries(self, group_id: str) -> list[ItemSummary]:
        if group_id == "Encre":
            raise LibraryUnreadable(Path("Encre"), "damaged")
        return super().summaries(group_id)

    def counts(self, group_id: str) -> Counts:
        return count(self.summaries(group_id), self.states(group_id))


def test_unreadable_group_does_not_affect_the_others() -> None:
    paper = msgspec.structs.replace(THREE[1], group="Papier")
    library = Unreadable({"Encre": list(THREE), "Papier": [paper]})
    catalogue = Catalogue(library, clock=lambda: NOW)

    for text in ("", "paper", "is:unread"):
        assert [row.key for row in catalogue.search(ANY, parse(text)).to_the_end().rows] == ["two"]
    assert catalogue.totals().items == 1
    assert catalogue.has_unread()
    assert catalogue.state("Encre", "one").is_read is False
    assert (catalogue.tags("Encre"), catalogue.summary("Encre", "one")) == ([], None)
    catalogue.index_pages()
    assert catalogue.search(Place(PlaceKind.GROUP, "Encre")).to_the_end().rows == []
    assert "Encre" in catalogue.problem("Encre")
    assert catalogue.problem("Papier") == ""


def test_many_rows_have_the_same_order_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}" for number in range(20)]
    halves = {"Encre": names[::2], "Papier": names[1::2]}
    groups = {
        group: [
            msgspec.structs.replace(make_item(name, "ink"), group=group, shared_at=NOW - timedelta(days=int(name)))
            for name in its_names
        ]
        for group, its_names in halves.items()
    }
    catalogue = Catalogue(Stack(groups), clock=lambda: NOW)
    few = catalogue.search(ANY, parse("ink"), order=Order.TITLE).to_the_end().rows
    monkeypatch.setattr(loaded_group, "_RUN", 3)

    assert catalogue.search(ANY, parse("ink"), order=Order.TITLE).to_the_end().rows == few
    assert [row.key for row in few] == sorted(names)
    assert [row.key for row in catalogue.search(ANY, order=Order.NEWEST).to_the_end().rows] == names
