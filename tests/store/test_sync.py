"""Three machines and a folder: whatever is marked where, and in whatever order files arrive, all end equal."""

import os
import random
import shutil
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from florilege.formats import Snapshot
from florilege.marking import Change, Mark, merge_latest, undoing
from florilege.merge import decide
from florilege.model import Entry, Highlight, OwnNote, ReadingState
from florilege.store import Library
from florilege.store.sync import Sync, SyncResult
from support.clocks import Clock
from support.library import THEN

QUOTES = tuple(Highlight(id=f"h{n}", quote=f"Quote {n}") for n in range(3))
ENTRIES = (
    Entry(native_id="1", title="Ink", url="https://example.org/ink", highlights=QUOTES[:1]),
    Entry(title="Paper", url="https://example.org/paper"),
    Entry(title="Glue", description="It holds."),
)
OTHERS = "Reading states of other machines:"
MARKS = (Mark.READ, Mark.UNREAD, Mark.STARRED, Mark.UNSTARRED, Mark.NOTED)


class Machine:
    """A library with its own clock and its own copy of the folder."""

    def __init__(self, place: Path, name: str) -> None:
        self.name = name
        self.folder = place / name / "folder"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = Clock()
        self.library = Library(place / name / "library", clock=self.clock)
        (place / name / "machine").write_text(name)
        self.sync = Sync(self.library, self.folder, place / name / "machine")
        self.group = self.library.add_group("Encre").id
        self.done: list[tuple[Change, ...]] = []
        self.highlights = 1
        self.take(ENTRIES)

    def take(self, entries: tuple[Entry, ...]) -> None:
        """Refresh and sync."""
        snapshot = Snapshot(kind="atom", entries=entries)
        self.library.update_items(self.group, lambda known: decide(known, snapshot, group=self.group, now=THEN))

    def read_on(self) -> None:
        """Read the next document, in which an item has one more highlight."""
        self.highlights = min(self.highlights + 1, len(QUOTES))
        self.take((Entry(native_id="1", title="Ink", highlights=QUOTES[: self.highlights]),))

    def mark(self, mark: Mark, title: str, note: str = "", highlight: str = "") -> None:
        """Mark an item."""
        item = next(each for each in self.library.items(self.group) if each.title == title)
        targets = {self.group: {item.id: item.revision}}
        self.done.append(self.library.mark(mark, targets, now=self.clock(), note=OwnNote(note, highlight)))

    @property
    def log(self) -> Path:
        """The machine's own log."""
        return self.folder / f"florilege-{self.name}.jsonl"

    def shows(self) -> dict[str, tuple[bool, bool, str, str, int]]:
        """What its reader sees."""
        states = self.library.states(self.group)
        return {
            item.title: (state.is_read, state.is_starred, state.note, state.note_on("h0"), state.new_highlights(item))
            for item in self.library.items(self.group)
            for state in [states.get(item.id) or ReadingState(item=item.id)]
        }


def deliver(one: Machine, other: Machine) -> None:
    """Copy the log of one machine to another, as a synchroniser does."""
    if one.log.is_file():
        shutil.copyfile(one.log, other.folder / one.log.name)


@pytest.fixture
def machines(tmp_path: Path) -> list[Machine]:
    return [Machine(tmp_path, name) for name in ("aa", "bb", "cc")]


def step(one: Machine, other: Machine, chance: random.Random, number: int) -> None:
    """Do something on a machine, or between two."""
    match chance.randrange(10):
        case 0 | 1 | 2 | 3:
            title = chance.choice(ENTRIES).title
            one.mark(chance.choice(MARKS), title, f"note {number}", chance.choice(("", "h0")) if title == "Ink" else "")
        case 4 | 5:
            one.sync()
        case 6 | 7:
            deliver(one, other)
        case 8:
            one.clock.move(hours=chance.choice((1, 30, -50, 24 * 365 * 70, -24 * 365 * 70)))
        case _ if one.done and number % 2:
            one.library.change(undoing(one.done.pop()))
        case _:
            one.read_on()
    if number == 20 and one.log.is_file():  # a conflict copy of a synchroniser
        shutil.copyfile(one.log, other.folder / f"{one.log.stem}.sync-conflict-20261130-120000-ABCDEFG.jsonl")


@pytest.mark.parametrize("seed", range(12))
def test_machines_end_equal_whatever_happens_in_whatever_order(machines: list[Machine], seed: int) -> None:
    chance = random.Random(seed)
    for number in range(40):
        one, other = chance.sample(machines, 2)
        step(one, other, chance, number)
    for each in machines:
        each.read_on()
        each.read_on()
    for _ in range(3):
        for one in machines:
            one.sync()
            for other in machines:
                if other is not one:
                    deliver(one, other)
    for each in machines:
        each.sync()
    assert machines[0].shows() == machines[1].shows() == machines[2].shows()
    assert all(each.sync() == SyncResult() for each in machines)


def test_mark_reaches_another_machine_and_is_undone_there(machines: list[Machine]) -> None:
    one, other, _ = machines
    one.mark(Mark.STARRED, "Paper")
    one.mark(Mark.NOTED, "Glue", "« à relire »")
    one.sync()
    deliver(one, other)
    assert other.sync().groups
    assert other.shows()["Paper"][1]
    assert other.shows()["Glue"][2] == "« à relire »"
    other.clock.move(days=-400)  # a clock far behind; later changes still count as later
    other.mark(Mark.UNSTARRED, "Paper")
    other.sync()
    deliver(other, one)
    assert one.sync().groups
    assert not one.shows()["Paper"][1]


def test_note_on_a_highlight_waits_for_the_highlight(machines: list[Machine]) -> None:
    one, other, _ = machines
    one.read_on()
    one.mark(Mark.NOTED, "Ink", "on the second", "h1")
    one.sync()
    deliver(one, other)
    other.sync()
    other.read_on()
    other.sync()
    (item,) = (each for each in other.library.items(other.group) if each.title == "Ink")
    assert other.library.states(other.group)[item.id].note_on("h1") == "on the second"
    assert b"h1" not in one.log.read_bytes()


def test_later_of_two_notes_wins_and_the_other_stays_in_its_log(machines: list[Machine]) -> None:
    one, other, _ = machines
    one.mark(Mark.NOTED, "Ink", "the first")
    one.sync()
    other.clock.move(minutes=1)
    other.mark(Mark.NOTED, "Ink", "the second")
    other.sync()
    deliver(one, other)
    deliver(other, one)
    one.sync(), other.sync()
    assert one.shows()["Ink"][2] == other.shows()["Ink"][2] == "the second"
    assert "the first" in one.log.read_text()


def test_state_waits_for_its_item(machines: list[Machine]) -> None:
    one, other, _ = machines
    late = Entry(native_id="9", title="Thread", url="https://example.org/thread")
    one.take((*ENTRIES, late))
    one.mark(Mark.READ, "Thread")
    one.sync()
    deliver(one, other)
    assert other.sync() == SyncResult()
    other.take((*ENTRIES, late))
    assert other.sync().groups
    assert other.shows()["Thread"][0]


def test_conflict_copy_of_any_name_is_one_more_log(machines: list[Machine]) -> None:
    one, other, _ = machines
    for title, name in (("Ink", "florilege-aa (conflicted copy 2026-11-30).jsonl"), ("Glue", "florilege-aa 2.jsonl")):
        one.mark(Mark.READ, title)
        one.sync()
        shutil.move(one.log, other.folder / name)
    other.sync()
    assert (other.shows()["Ink"][0], other.shows()["Glue"][0]) == (True, True)


def test_nothing_is_written_or_read_when_nothing_changed(machines: list[Machine]) -> None:
    one = machines[0]
    one.mark(Mark.READ, "Ink")
    one.sync()
    before = one.log.stat()
    one.log.chmod(0)
    assert one.sync() == SyncResult()
    one.log.chmod(0o600)
    assert one.log.stat().st_mtime_ns == before.st_mtime_ns


def test_torn_damaged_or_foreign_file_affects_only_itself(machines: list[Machine]) -> None:
    one, other, third = machines
    one.mark(Mark.READ, "Ink")
    one.mark(Mark.READ, "Glue")
    one.sync()
    third.mark(Mark.READ, "Paper")
    third.sync()
    deliver(one, other)
    deliver(third, other)
    whole = one.log.read_bytes()
    (other.folder / one.log.name).write_bytes(whole[:-9])  # the end has not arrived yet
    (other.folder / "notes.jsonl").write_text('{"what": "is this"}\n')
    (other.folder / "photo.jsonl").write_bytes(b"\xff\xd8\xff" * 99)
    (other.folder / "newer.jsonl").write_text('{"florilege":"states","version":2}\n{}\n')
    result = other.sync()
    assert (result.groups, result.problem) == (
        (other.group,),
        f"{OTHERS} newer.jsonl was written by a newer florilege: install that one here, too.",
    )
    (other.folder / "newer.jsonl").unlink()
    (other.folder / one.log.name).write_bytes(whole.replace(b"{", b"\x00", 2))
    assert other.sync().problem is None, "a header that can't be read is not ours"
    (other.folder / one.log.name).write_bytes(whole + b'{"group": 1}\n' + whole.splitlines(keepends=True)[-1])
    assert other.sync().problem == f"{OTHERS} 1 line of florilege-aa.jsonl can't be read."


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is not a file"),
        (Path.mkdir, "it is not a file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is not a file"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("nowhere"), ""),
    ],
)
def test_special_file_is_skipped_and_never_blocks(
    machines: list[Machine], make: Callable[[Path], None], why: str
) -> None:
    one, other, _ = machines
    one.mark(Mark.READ, "Ink")
    assert one.sync() == SyncResult()
    deliver(one, other)
    make(other.folder / "strange.jsonl")
    done = other.sync()
    assert done.groups == (other.group,)
    assert (done.problem or "") == (f"{OTHERS} strange.jsonl can't be read ({why})." if why else "")


def test_time_at_the_end_of_the_calendar_is_not_believed(machines: list[Machine]) -> None:
    one, other, _ = machines
    one.mark(Mark.STARRED, "Ink")
    one.sync()
    deliver(one, other)
    log = other.folder / one.log.name
    log.write_bytes(log.read_bytes().replace(b'"starred_at":"2026', b'"starred_at":"9999'))
    assert other.sync().problem
    assert not other.shows()["Ink"][1]
    other.mark(Mark.STARRED, "Ink")
    other.mark(Mark.UNSTARRED, "Ink")


def test_log_cut_by_a_crash_continues_and_is_rewritten_when_large(machines: list[Machine]) -> None:
    one, other, _ = machines
    one.mark(Mark.READ, "Ink")
    one.sync()
    with one.log.open("ab") as log:
        log.write(b'{"group":"to')
    one.mark(Mark.READ, "Glue")
    one.sync()
    deliver(one, other)
    other.sync()
    assert other.shows()["Glue"][0]
    for number in range(40):
        one.mark(Mark.NOTED, "Paper", f"{number} " + "x" * 60_000)
        one.sync()
    assert one.log.stat().st_size < 2_000_000


def test_missing_folder_is_reported_and_not_created(machines: list[Machine]) -> None:
    one = machines[0]
    shutil.rmtree(one.folder)
    assert "were not synchronised" in (one.sync().problem or "")
    assert not one.folder.exists()


def test_unresponsive_folder_is_reported_and_not_waited_for(
    machines: list[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, answers = machines[0], threading.Event()
    monkeypatch.setattr(Path, "iterdir", lambda _: answers.wait(60) and iter(()))
    one.mark(Mark.READ, "Ink")
    said = f"Reading states were not synchronised: {one.folder}: it does not answer."
    assert one.sync.within(0.05) == SyncResult(problem=said)
    assert one.sync.within(0.05) == SyncResult(problem=said)
    answers.set()
    monkeypatch.undo()
    assert one.sync() == SyncResult()
    assert one.log.is_file()


def test_machine_keeps_its_id(tmp_path: Path) -> None:
    names: list[list[str]] = []
    for told in (None, None, "../../etc/passwd"):
        if told:
            (tmp_path / "machine").write_text(told)
        machine = Machine(tmp_path, "dd")
        machine.sync = Sync(machine.library, machine.folder, tmp_path / "machine")
        machine.mark(Mark.READ, "Ink")
        machine.sync()
        shutil.rmtree(tmp_path / "dd" / "library")
        names.append([path.name for path in machine.folder.iterdir()])
    assert [len(each) for each in names] == [1, 1, 2], "it keeps its id, and makes none of what is no id"


def test_merging_is_commutative_associative_and_idempotent() -> None:
    chance = random.Random(5)
    moments = [THEN + timedelta(seconds=each) for each in range(3)]

    def state() -> ReadingState:
        def maybe(but: object = None) -> datetime | None:
            return chance.choice([None, *(each for each in moments if each != but)])

        read, starred = maybe(), maybe()
        notes = (OwnNote(chance.choice(("", "a", "b")), each, maybe()) for each in ("", "h") if chance.randrange(3))
        return ReadingState(
            item="i", read_at=read, starred_at=starred, seen=chance.randrange(3), notes=tuple(notes),
            read_changed=maybe(read), star_changed=maybe(starred),
        )  # fmt: skip

    for _ in range(2000):
        one, two, three = state(), state(), state()
        assert merge_latest(one, two) == merge_latest(two, one)
        assert merge_latest(merge_latest(one, two), three) == merge_latest(one, merge_latest(two, three))
        assert merge_latest(one, one) == one
