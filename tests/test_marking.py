"""The effect of marks on reading states, and undo."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.marking import (
    Change,
    History,
    Mark,
    UndoStep,
    changes_of,
    marked,
    marking,
    merge_latest,
    undo_sentence,
    undone,
    unread,
)
from florilege.model import ReadingState

NOW = datetime(2024, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

moments = st.none() | st.datetimes(timezones=st.just(UTC))
states = st.builds(
    ReadingState, item=st.just("i"), read_at=moments, starred_at=moments, seen=st.integers(min_value=0, max_value=9)
)


def state(item: str = "i") -> ReadingState:
    return ReadingState(item=item)


def shown(state: ReadingState) -> tuple[object, ...]:
    """A state as the reader sees it, without the times of its changes."""
    return (
        state.read_at,
        state.starred_at,
        state.seen,
        [(each.highlight, each.text) for each in state.notes if each.text],
    )


def change(item: str = "i", mark: Mark = Mark.READ, before: ReadingState | None = None, group: str = "g") -> Change:
    before = before or state(item)
    return Change(group, before, marked(before, mark, seen=0, now=NOW))


def step(*items: str, mark: Mark = Mark.READ, automatic: bool = False, bulk: bool = False, scope: str = "") -> UndoStep:
    changes = tuple(change(item, mark) for item in items)
    return UndoStep(mark, changes, scope, automatic=automatic, bulk=bulk)


def renewing(*items: str, turning: str = "", scope: str = "") -> UndoStep:
    """A step that only marked new highlights as seen, and marked others read."""
    read = [change(item, before=ReadingState(item=item, read_at=NOW, seen=-1)) for item in items]
    return UndoStep(Mark.READ, (*read, *map(change, turning)), scope)


def test_marking_read_records_the_time_and_the_highlights_seen() -> None:
    assert marked(state(), Mark.READ, seen=2, now=NOW) == ReadingState(item="i", read_at=NOW, seen=2)


def test_marking_read_again_records_only_highlights_seen_since() -> None:
    read = ReadingState(item="i", read_at=NOW, seen=2)

    again = ReadingState(item="i", read_at=NOW, seen=3, read_changed=LATER)
    assert marked(read, Mark.READ, seen=3, now=LATER) == again


def test_seen_highlights_stay_seen_when_marked_read() -> None:
    read = ReadingState(item="i", read_at=NOW, seen=5)

    assert marked(read, Mark.READ, seen=3, now=LATER).seen == 5


def test_star_is_not_a_read_mark() -> None:
    starred = marked(state(), Mark.STARRED, seen=4, now=NOW)

    assert starred == ReadingState(item="i", starred_at=NOW)
    assert marked(starred, Mark.UNSTARRED, seen=4, now=LATER) == ReadingState(item="i", star_changed=LATER)


def test_change_counts_as_later_than_known_changes_whatever_the_clock_says() -> None:
    starred = marked(state(), Mark.STARRED, seen=4, now=LATER)

    unstarred = marked(starred, Mark.UNSTARRED, seen=4, now=NOW)

    assert merge_latest(starred, unstarred) == merge_latest(unstarred, starred) == unstarred


@given(states, st.sampled_from(Mark), st.integers(0, 9))
def test_mark_is_idempotent(before: ReadingState, mark: Mark, seen: int) -> None:
    once = marked(before, mark, seen=seen, now=NOW)

    assert marked(once, mark, seen=seen, now=LATER) == once


@given(states, st.sampled_from(Mark), st.integers(0, 9))
def test_undo_restores_the_state_before(before: ReadingState, mark: Mark, seen: int) -> None:
    after = marked(before, mark, seen=seen, now=NOW)

    assert shown(undone(after, Change("g", before, after))) == shown(before)


@given(states, st.sampled_from([Mark.READ, Mark.UNREAD]), st.sampled_from([Mark.STARRED, Mark.UNSTARRED]))
def test_undo_leaves_later_changes_by_others_alone(before: ReadingState, reading: Mark, starring: Mark) -> None:
    after = marked(before, reading, seen=9, now=NOW)
    later = marked(after, starring, seen=9, now=LATER)

    assert shown(undone(later, Change("g", before, after))) == shown(marked(before, starring, seen=9, now=LATER))


def test_last_step_is_undone_first() -> None:
    history = History()
    history.add(step("a"))
    history.add(step("b", mark=Mark.STARRED))

    assert [history.take(), history.take(), history.take()] == [step("b", mark=Mark.STARRED), step("a"), None]


def test_step_without_effect_is_not_recorded() -> None:
    history = History()
    history.add(step())

    assert len(history) == 0


def test_every_automatic_step_is_undone_separately() -> None:
    history = History()
    history.add(step("a", automatic=True, scope="Encre"))
    history.add(step("b", automatic=True, scope="Encre"))

    assert history.take() == step("b", automatic=True, scope="Encre")
    assert history.take() == step("a", automatic=True, scope="Encre")
    assert history.take() is None


def test_bulk_step_is_never_buried_under_automatic_ones() -> None:
    history = History()
    bulk = step("a", "b", bulk=True)
    for one in (step("z", automatic=True), bulk, step("c", automatic=True), step("d", automatic=True)):
        history.add(one)

    assert history.take() == bulk
    assert [history.take(), history.take(), history.take()] == [
        step("d", automatic=True),
        step("c", automatic=True),
        step("z", automatic=True),
    ]
    assert len(history) == 0


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_oldest_steps_are_forgotten(limit: int) -> None:
    history = History(limit)
    for number in range(5):
        history.add(step(str(number)))

    assert len(history) == limit
    assert history.take() == (step("4") if limit else None)


kinds = st.sampled_from([(True, False), (False, True), (False, False)])


@given(st.lists(st.tuples(kinds, st.sets(st.sampled_from("abcd"), min_size=1)), max_size=8))
def test_undoing_everything_restores_everything(marks: list[tuple[tuple[bool, bool], set[str]]]) -> None:
    """Steps change only what needs changing, as in the app."""
    shelf = {item: state(item) for item in "abcd"}
    history = History()
    for (automatic, bulk), items in marks:
        plan = marking(Mark.READ, {"g": dict.fromkeys(sorted(items), 0)}, now=NOW)
        changes = changes_of(plan, lambda _, item: shelf[item])  # noqa: B023 - called at once
        shelf |= {one.after.item: one.after for one in changes}
        history.add(UndoStep(Mark.READ, changes, automatic=automatic, bulk=bulk))

    while (last := history.take()) is not None:
        shelf |= {one.after.item: undone(shelf[one.after.item], one) for one in last.changes}

    assert {item: shown(each) for item, each in shelf.items()} == {item: shown(state(item)) for item in "abcd"}


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        (step("a", "b", scope="Encre & Papier"), "2 items in Encre & Papier unread again"),
        (step("a", mark=Mark.UNREAD), "1 item read again"),
        (renewing("a", scope="Encre"), "1 item in Encre: 1 with new highlights again"),
        (renewing("a", "b", turning="c"), "3 items: 1 unread again, 2 with new highlights again"),
        (step("a", mark=Mark.STARRED), "1 item no longer starred"),
        (step("a", mark=Mark.UNSTARRED), "1 item starred again"),
    ],
)
def test_undo_is_reported_in_a_sentence(taken: UndoStep, sentence: str) -> None:
    assert undo_sentence(taken) == sentence


def test_unchanged_states_are_left_out() -> None:
    shelf = {"a": state("a"), "b": marked(state("b"), Mark.READ, seen=0, now=NOW)}
    plan = marking(Mark.READ, {"g": {"a": 0, "b": 0}}, now=NOW)
    assert [each.after.item for each in changes_of(plan, lambda _, item: shelf[item])] == ["a"]


def test_item_without_a_state_is_unread() -> None:
    shelf = {"a": state("a"), "b": change("b").after}

    assert [unread(shelf, item) for item in "abc"] == [True, False, True]
