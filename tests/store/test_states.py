"""Reading states are exported to other machines without the content."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.marking import Mark
from florilege.merge import decide
from florilege.model import Entry, Highlight, Item, Sharer
from florilege.store import Library
from florilege.store.sync import StateRecord, export_states, import_states, log_of, read_log
from support.clocks import Clock
from support.library import THEN, store

QUOTES = tuple(Highlight(id=f"h{n}", quote=f"Quote {n}") for n in range(3))
ENTRIES = (
    Entry(
        native_id="1", title="Ink", url="https://example.org/ink", sharer=Sharer(name="Odette"), highlights=QUOTES[:2]
    ),
    Entry(title="Paper", url="https://example.org/paper"),
    Entry(title="Glue", description="It holds."),
    Entry(native_id="4", title="Thread", url="https://example.org/thread"),
)


def filled(library: Library, title: str, *documents: tuple[Entry, ...]) -> str:
    """A group that has read these documents, one after the other."""
    group = library.add_group(title).id
    for entries in documents:
        snapshot = Snapshot(kind="atom", entries=entries)
        library.update_items(group, lambda known, snapshot=snapshot: decide(known, snapshot, group=group, now=THEN))  # type: ignore[misc]
    return group


def by_title(library: Library, group: str) -> dict[str, Item]:
    return {item.title: item for item in library.items(group)}


@pytest.fixture
def exported(tmp_path: Path) -> list[StateRecord]:
    """States as another machine exports them: Ink and Glue are read, Paper is starred."""
    with Library(tmp_path / "there", clock=Clock()) as there:
        group = filled(there, "Encre", ENTRIES)
        items = by_title(there, group)
        there.mark(Mark.READ, {group: {items["Ink"].id: 0, items["Glue"].id: 0}}, now=THEN)
        there.mark(Mark.STARRED, {group: {items["Paper"].id: 0}}, now=THEN)
        log = log_of(record for group in there.groups() for record in export_states(there, group))
    states, damaged = read_log(BytesIO(log)) or ({}, 1)
    assert not damaged
    return list(states.values())


def test_states_find_their_items_in_a_library_with_other_ids(tmp_path: Path, exported: list[StateRecord]) -> None:
    with Library(tmp_path / "here", clock=Clock()) as here:
        group = filled(here, "Encre", ENTRIES)
        items = by_title(here, group)
        assert import_states(here, [exported], now=THEN) == {group: 3}
        states = here.states(group)
        assert {title for title, item in items.items() if item.id in states and states[item.id].is_read} == {
            "Ink",
            "Glue",
        }
        assert {title for title, item in items.items() if item.id in states and states[item.id].is_starred} == {"Paper"}
        # A second time changes nothing
        assert import_states(here, [exported], now=THEN) == {}


def test_item_with_the_same_id_is_matched_first(tmp_path: Path, exported: list[StateRecord]) -> None:
    read = [each.state.item for each in exported if each.seen]
    ids = {"Ink": read[0]}
    with Library(tmp_path / "here", clock=Clock(), new_id=lambda: exported[0].group) as here:
        group = here.add_group("Called otherwise here").id
        moved = Item(id=ids["Ink"], group=group, added_at=THEN, title="Encre", url="https://example.org/moved")
        double = Item(id="beef", group=group, added_at=THEN, native_id="1", title="Ink", url="https://example.org/ink")
        store(here, group, double, moved)
        assert import_states(here, [exported], now=THEN) == {group: 1}
        assert set(here.states(group)) == {ids["Ink"]}


def test_highlights_not_seen_there_are_new_here(tmp_path: Path, exported: list[StateRecord]) -> None:
    more = (replace(ENTRIES[0], highlights=QUOTES),)
    with Library(tmp_path / "here", clock=Clock()) as here:
        group = filled(here, "Encre", ENTRIES, more)
        import_states(here, [exported], now=THEN)
        ink = by_title(here, group)["Ink"]
        assert here.states(group)[ink.id].new_highlights(ink) == 1


def test_highlights_seen_there_are_not_new_here(tmp_path: Path, exported: list[StateRecord]) -> None:
    fewer = (replace(ENTRIES[0], highlights=QUOTES[:1]),)
    with Library(tmp_path / "here", clock=Clock()) as here:
        group = filled(here, "Encre", fewer, ENTRIES)
        import_states(here, [exported], now=THEN)
        ink = by_title(here, group)["Ink"]
        assert (ink.revision, here.states(group)[ink.id].new_highlights(ink)) == (1, 0)


def test_read_and_starred_here_is_never_taken_back(tmp_path: Path, exported: list[StateRecord]) -> None:
    with Library(tmp_path / "here", clock=Clock()) as here:
        group = filled(here, "Encre", ENTRIES)
        thread = by_title(here, group)["Thread"].id
        here.mark(Mark.READ, {group: {thread: 0}}, now=THEN)
        before = here.states(group)[thread]
        import_states(here, [exported], now=THEN)
        assert here.states(group)[thread] == before


def test_later_of_two_changes_wins_where_times_are_known(tmp_path: Path, exported: list[StateRecord]) -> None:
    with Library(tmp_path / "here", clock=Clock()) as here:
        group = filled(here, "Encre", ENTRIES)
        ink, paper = (by_title(here, group)[title].id for title in ("Ink", "Paper"))
        for mark in (Mark.READ, Mark.UNREAD):
            here.mark(mark, {group: {ink: 0}}, now=THEN + timedelta(days=1))
        for mark in (Mark.STARRED, Mark.UNSTARRED):
            here.mark(mark, {group: {paper: 0}}, now=THEN - timedelta(days=1))
        import_states(here, [exported], now=None)
        states = here.states(group)
        assert (states[ink].is_read, states[paper].is_starred) == (False, True)
        import_states(here, [exported], now=THEN)
        assert here.states(group)[ink].is_read


def test_state_reveals_nothing_of_the_content(exported: list[StateRecord]) -> None:
    told = log_of(exported).decode().casefold()
    assert not [word for word in ("ink", "paper", "encre", "odette", "example.org", "holds", "quote") if word in told]


def test_states_of_unknown_groups_and_items_are_left_out(tmp_path: Path, exported: list[StateRecord]) -> None:
    with Library(tmp_path / "here", clock=Clock()) as here:
        assert import_states(here, [exported], now=THEN) == {}
        group = filled(here, "Another title", ENTRIES[:1])
        assert import_states(here, [exported], now=THEN) == {group: 1}


def test_last_of_several_lines_of_a_state_counts(exported: list[StateRecord]) -> None:
    before = [replace(each, state=replace(each.state, read_at=None)) for each in exported]
    states, _ = read_log(BytesIO(log_of([*before, *exported]))) or ({}, 0)
    assert list(states.values()) == exported


def test_line_nested_too_deeply_loses_only_itself(exported: list[StateRecord]) -> None:
    log = log_of(exported) + b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"

    states, damaged = read_log(BytesIO(log)) or ({}, 0)

    assert (list(states.values()), damaged) == (exported, 1)
