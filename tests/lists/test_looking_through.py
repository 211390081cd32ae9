"""Looking through groups in small steps finds what asking every item would find, and reads no more than it must."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from florilege.lists import ranking
from florilege.lists.catalogue import Catalogue
from florilege.lists.findings import Findings
from florilege.lists.membership import belonging
from florilege.lists.orders import Order
from florilege.lists.places import SMART, Kind, Place
from florilege.model import Comment, Highlight, Item, ReadingState, newest_first
from florilege.query import Query, Subject, parse
from florilege.store.search_text import Texts
from support.asking import NOW, head_of, items, queries, states
from support.stored import Stack

ANY = Place(Kind.EVERYTHING)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Two groups of a few items, some of them read or starred."""
    groups = {}
    known = {}
    for name in ("Encre", "Papier"):
        found = draw(st.lists(items, max_size=5, unique_by=lambda item: item.id))
        groups[name] = [msgspec.structs.replace(item, group=name) for item in found]
        known[name] = {item.id: draw(states(item)) for item in groups[name] if draw(st.booleans())}
    return Stack(groups, known)


def asked_one_by_one(stack: Stack, place: Place, query: Query, keep: set[str], shown: set[str]) -> list[str]:
    """What every item, asked whole, says of itself."""
    belongs, answers = belonging(place), query.predicate(now=NOW)
    found = []
    for group, its_items in stack.groups_of.items():
        for item in its_items:
            known = stack.states_of[group].get(item.id)
            here = place.group in {None, group} and (
                item.id in keep or belongs is None or belongs(head_of(item), known)
            )
            subject = Subject(item, known or ReadingState(item=item.id), group)
            if here and (item.id in shown or answers(subject)):
                found.append(item)
    return [item.id for item in sorted(found, key=newest_first)]


@settings(max_examples=60)
@given(st.data(), stacks(), queries, st.sampled_from([*map(Place, SMART), Place(Kind.GROUP, "Encre")]))
@pytest.mark.parametrize("in_files", [False, True])
def test_what_is_found_is_what_every_item_says_of_itself(
    in_files: bool, data: st.DataObject, stack: Stack, query: Query, place: Place
) -> None:
    ids = [item.id for its_items in stack.groups_of.values() for item in its_items]
    some = st.sets(st.sampled_from(ids)) if ids else st.just(set[str]())
    keep, shown = data.draw(some), data.draw(some)
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(stack, clock=lambda: NOW, texts=Texts(Path(folder) / "texts") if in_files else None)
        for _ in range(2):  # the second time with the texts that the first one made
            rows = catalogue.listed(place, query, keep=keep, shown=shown)
            assert sorted(row.key for row in rows) == sorted(asked_one_by_one(stack, place, query, keep, shown))
            assert [row.head for row in rows] == sorted((row.head for row in rows), key=newest_first)
            catalogue.forget()


TYPED = [
    "p",
    "pa",
    "pap",
    "paper",
    "pap",
    "",
    "vel",
    "vel i",
    "velin",
    "tag:ink",
    "tag:ink fin",
    "-ink",
    "quote:elan",
    "elan",
]


@settings(max_examples=40)
@given(stacks(), st.lists(st.sampled_from(TYPED), min_size=2, max_size=6), st.integers(0, 5))
def test_whatever_was_typed_before_what_is_found_is_the_same(stack: Stack, typed: list[str], unfinished: int) -> None:
    catalogue = Catalogue(stack, clock=lambda: NOW)
    findings = Findings(catalogue)
    for place, text in enumerate(typed):
        finding = findings.begin(ANY, parse(text), order=Order.NEWEST)
        ticks = count()
        while not finding.go_on(1, lambda: float(next(ticks))):  # noqa: B023 - it is asked within this round
            if place == unfinished:
                finding.stop()
        findings.remember(finding)
        if place != unfinished:
            assert finding.rows == catalogue.listed(ANY, parse(text))


def stack_of(*its_items: Item) -> Stack:
    return Stack({"Encre": list(its_items)})


def made(name: str, quote: str, *, tags: tuple[str, ...] = (), comment: str = "") -> Item:
    comments = (Comment(comment),) if comment else ()
    marks = (Highlight(id="1", quote=quote, comments=comments),)
    return Item(id=name, group="Encre", added_at=NOW, title=name, tags=tags, highlights=marks)


THREE = (made("one", "Ink dries.", tags=("encre",)), made("two", "Paper."), made("three", "Ink?", comment="ink"))


@pytest.mark.parametrize("text", ["tag:encre", "is:unread one", "by:ann or title:two", "has:quote before:2020"])
def test_what_lists_show_is_found_without_reading_an_item(text: str) -> None:
    stack = stack_of(*THREE)
    finding = Catalogue(stack, clock=lambda: NOW).finding(ANY, parse(text))
    finding.go_on(1000, float)

    assert stack.decoded == {}


def test_every_item_is_read_once_for_all_words_looked_for_afterwards() -> None:
    stack = stack_of(*THREE)
    catalogue = Catalogue(stack, clock=lambda: NOW)
    assert [row.key for row in catalogue.listed(ANY, parse("dries"))] == ["one"]
    assert stack.decoded == {"Encre": 3}

    assert len(catalogue.listed(ANY, parse("ink"))) == 2
    assert stack.decoded == {"Encre": 3}


def test_only_what_may_answer_is_read_whole() -> None:
    stack = stack_of(*THREE)
    catalogue = Catalogue(stack, clock=lambda: NOW)
    catalogue.listed(ANY, parse("ink"))
    stack.decoded.clear()

    assert [row.key for row in catalogue.listed(ANY, parse("note:ink"))] == ["three"]
    assert stack.decoded == {"Encre": 2}


def test_what_lists_show_is_found_before_any_item_is_read() -> None:
    stack = stack_of(*THREE)
    finding = Catalogue(stack, clock=lambda: NOW).finding(ANY, parse("two"))

    assert not finding.go_on(1000, float)
    assert [row.key for row in finding.rows] == ["two"]
    assert stack.decoded == {}


def test_files_of_texts_that_vanish_meanwhile_cost_no_hit(tmp_path: Path) -> None:
    stack = stack_of(*THREE)
    catalogue = Catalogue(stack, clock=lambda: NOW, texts=Texts(tmp_path))
    catalogue.listed(ANY, parse("ink"))
    for path in tmp_path.iterdir():
        path.unlink()

    assert [row.key for row in catalogue.listed(ANY, parse("dries"))] == ["one"]


def test_several_groups_beyond_a_few_items_come_in_the_same_order_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}" for number in range(20)]
    halves = {"Encre": names[::2], "Papier": names[1::2]}
    groups = {
        group: [msgspec.structs.replace(made(name, "ink"), group=group, order=int(name)) for name in its_names]
        for group, its_names in halves.items()
    }
    few = Catalogue(Stack(groups), clock=lambda: NOW).listed(ANY, parse("ink"), order=Order.TITLE)
    monkeypatch.setattr(ranking, "_FEW", 3)
    catalogue = Catalogue(Stack(groups), clock=lambda: NOW)

    assert catalogue.listed(ANY, parse("ink"), order=Order.TITLE) == few
    assert catalogue.listed(ANY, parse("ink 1"), order=Order.TITLE) == [row for row in few if "1" in row.key]
    assert [row.key for row in catalogue.listed(ANY, order=Order.NEWEST)] == names
