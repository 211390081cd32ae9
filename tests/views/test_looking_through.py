"""Looking through groups in small steps finds what asking every item would find, and reads no more than it must."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from florilege.folding import Texts
from florilege.model import Comment, Highlight, Item, ReadingState, newest_first
from florilege.query import Query, Subject, parse
from florilege.views.catalogue import Catalogue
from florilege.views.membership import belonging
from florilege.views.orders import Order
from florilege.views.places import SMART, Kind, Place
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
