"""A reader who does random things, announces and confirms each of them, and is killed meanwhile.

The announcements are compared with what a newly opened library holds: everything confirmed is there; of what was only
announced, all or nothing is there, except for items, of which the first ones may be.
"""

import errno
import json
import os
import random
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from florilege.marking import Mark
from florilege.merge import Decision
from florilege.model import ReadingState
from florilege.store import Library, LibraryError, LibraryLock, LibraryNewer, LibraryNotWritable, NoSuchGroup
from florilege.store.disk import Files
from florilege.store.repair import check, repair
from florilege.store.sync import export_states
from support.disks import Cutting, Faulty, PowerCut
from support.library import compact, item, rename
from support.trials import Row, Trial

Facts = dict[str, object]
"""Facts about the library by name: `state GROUP ITEM`, `item GROUP ITEM`, `group ID`."""
_LONGEST_LIFE = 0.1
"""Maximum seconds until the kill."""
_AT_ONCE = 3
"""Concurrent readers of one library."""
_PER_LIBRARY = 30
"""Kills or power cuts after which a new library is started."""
Act = Callable[[Path, str, random.Random, "Account", int, int], int]
"""Does something to readers and returns their number, given the maximum and the number so far."""


def now() -> datetime:
    """The real time, on which nothing here depends."""
    return datetime.now(UTC)


@dataclass
class Reader:
    """Does random things to a library, announcing each before and confirming it after.

    Args:
        library: The library.
        name: Prefix of all names of this reader's own, so that readers don't contradict one another.
        shared: The id of a group that all readers write to.
        chance: The source of randomness.
        say: Called with the facts of a change, before (`begun`) and after (`done`).
        disk: The disk of the library.
    """

    library: Library
    name: str
    shared: str
    chance: random.Random
    say: Callable[[str, Facts], None]
    disk: Files = field(default_factory=Files)
    _items: dict[str, int] = field(default_factory=dict)
    _states: dict[str, list[bool]] = field(default_factory=dict)
    _group: str | None = None
    _count: int = 0

    def live(self) -> None:
        """Do one thing after another, for ever."""
        acts = [self._mark] * 8 + [self._refresh] * 4 + [self._groups] * 2 + [self._purge, self._tidy]
        while True:
            self.chance.choice(acts)()

    @contextmanager
    def _telling(self, facts: Facts) -> Iterator[None]:
        self.say("begun", facts)
        yield
        self.say("done", facts)

    def _new_names(self, count: int) -> list[str]:
        self._count += count
        return [f"{self.name}-{number}" for number in range(self._count - count, self._count)]

    def _mark(self) -> None:
        mark = self.chance.choice((Mark.READ, Mark.UNREAD, Mark.STARRED, Mark.UNSTARRED))
        names = self._new_names(self.chance.choice((1, 2, 60)))
        names += self.chance.sample(sorted(self._states), min(len(self._states), 2))
        facts: Facts = {}
        for name in names:
            state = self._states.setdefault(name, [False, False])
            place = 0 if mark in (Mark.READ, Mark.UNREAD) else 1
            state[place] = mark in (Mark.READ, Mark.STARRED)
            facts[f"state {self.shared} {name}"] = list(state)
        with self._telling(facts):
            self.library.mark(mark, {self.shared: dict.fromkeys(names, 0)}, now=now())

    def _refresh(self) -> None:
        new = self._new_names(self.chance.choice((1, 3, 40)))
        old = self.chance.sample(sorted(self._items), min(len(self._items), 5))
        for name in [*new, *old]:
            self._items[name] = self._items.get(name, -1) + 1
        changed = {name: self._items[name] for name in [*new, *old]}
        with self._telling({f"item {self.shared} {name}": revision for name, revision in changed.items()}):
            self.library.update_items(
                self.shared,
                lambda known: Decision(
                    tuple(item(name, self.shared, revision=revision) for name, revision in changed.items())
                ),
            )

    def _purge(self) -> None:
        gone = self.chance.sample(sorted(self._items), min(len(self._items), 4))
        for name in gone:
            del self._items[name]
        with self._telling(dict.fromkeys((f"item {self.shared} {name}" for name in gone), None)):
            self.library.trash.purge(self.shared, lambda summaries, states: gone)

    def _groups(self) -> None:
        if self._group is None:
            # Ids are hexadecimal, and this one must be known before the group exists.
            (name,) = self._new_names(1)
            self._group = name.encode().hex()
            with (
                self._telling({f"group {self._group}": "new"}),
                Library(self.library.folder, clock=now, new_id=lambda: self._group or "", lock_timeout=60) as other,
            ):
                other.add_group("new")
        elif self.chance.random() < 0.5:
            title = f"{self.chance.random()}"
            with self._telling({f"group {self._group}": title}):
                rename(self.library, self._group, title)
        else:
            group, self._group = self._group, None
            title = self.library.group(group).title
            with self._telling({f"group {group}": None}):
                self.library.trash.remove_group(group)
            if self.chance.random() < 0.5:
                with self._telling({f"group {group}": title}):
                    self.library.trash.restore_group(group)
            else:
                self.library.trash.empty([group])

    def _tidy(self) -> None:
        library = self.library
        acts: list[Callable[[], object]] = [
            lambda: compact(library, files=self.disk),
            library.remember_counts,
            library.changed,
        ]
        self.chance.choice([*acts, self._export_states])()

    def _export_states(self) -> None:
        for group in self.library.groups():
            with suppress(NoSuchGroup):  # removed by another reader since
                export_states(self.library, group)


class Loss(AssertionError):
    """Something confirmed is missing, or something announced is there in part."""


@dataclass
class Account:
    """What readers have said, and whether it is true."""

    checked: int = 0
    """The number of facts compared."""
    _true: Facts = field(default_factory=dict)
    _open: list[tuple[Facts, Facts]] = field(default_factory=list)

    def hear(self, spoken: bytes, *, was_told: bool = False) -> None:
        """Take in everything one reader has said, a line each; the last may be truncated.

        A reader who was told that something could not be written expects none of it to be there.
        """
        begun: Facts | None = None
        for line in spoken.split(b"\n")[:-1]:
            kind, facts = json.loads(line)
            if kind == "begun":
                begun = facts
            else:
                self._true |= facts
                begun = None
        if begun:
            before = {name: self._true.get(name, _before(name)) for name in begun}
            if was_told:
                self._true |= before
            else:
                self._open.append((begun, before))

    def check(self, folder: Path) -> None:
        """Compare with the library as newly opened, and check that it can be written to.

        Raises:
            Loss: Something is not as it was said.
        """
        with Library(folder, clock=now, lock_timeout=60) as library:
            found = _Found(library)
            for after, before in self._open:
                there = {name: found.value(name) for name in after}
                # Items are stored one by one: a crash leaves the first of them. Everything else is all or nothing.
                singly = all(there[name] in (after[name], before[name]) for name in after)
                whole = [name for name in after if not name.startswith("item")]
                if not singly or not any(all(there[name] == say[name] for name in whole) for say in (after, before)):
                    raise Loss(f"half there: {before} became {there}, and should have become {after}")
                self._true |= there
            self._open.clear()
            for name, value in self._true.items():
                self.checked += 1
                if found.value(name) != value:
                    raise Loss(f"{name} was {value} and is {found.value(name)}")
            library.remember_counts()
            for group in library.groups():
                if library.counts(group.id).items != len(library.items(group.id)):
                    raise Loss(f"{library.counts(group.id)} for {len(library.items(group.id))} items")


def _before(name: str) -> object:
    """The facts of something never mentioned."""
    return [False, False] if name.startswith("state") else None


class _Found:
    """The facts of a library."""

    def __init__(self, library: Library) -> None:
        self._groups = {group.id: group.title for group in library.groups()}
        self._items = {group: {each.id: each.revision for each in library.items(group)} for group in self._groups}
        self._states = {group: library.states(group) for group in self._groups}

    def value(self, name: str) -> object:
        kind, group, *rest = name.split()
        if kind == "group":
            return self._groups.get(group)
        if kind == "item":
            return self._items[group].get(rest[0])
        state = self._states[group].get(rest[0], ReadingState(item=""))
        return [state.is_read, state.is_starred]


def _of_readers(act: Act) -> Trial:
    """A trial with readers of one library, perhaps several at once."""

    def trial(row: Row) -> None:
        while row.goes_on:
            with tempfile.TemporaryDirectory(prefix="florilege-torture-") as name:
                folder = Path(name)
                account = Account()
                with Library(folder, clock=now) as library:
                    shared = library.add_group("Shared").id
                try:
                    _torture_one(row, act, folder, shared, account)
                except (Loss, LibraryError, OSError) as loss:
                    row.failures.append(f"{type(loss).__name__}: {loss} (see {name}-lost)")
                    shutil.copytree(name, f"{name}-lost")
                row.checked += account.checked

    return trial


def _torture_one(row: Row, act: Act, folder: Path, shared: str, account: Account) -> None:
    """Torture one library until the limit."""
    for _ in range(_PER_LIBRARY):
        if not row.goes_on:
            return
        number = min(_AT_ONCE, row.wanted - row.times)
        began = time.monotonic()
        done = act(folder, shared, row.chance, account, number, row.times)
        account.check(folder)
        row.times += done
        row.longest = max(row.longest, time.monotonic() - began)


def _kill_some(folder: Path, shared: str, chance: random.Random, account: Account, number: int, done: int) -> int:
    """Run some readers concurrently, and kill each at a random moment."""
    readers = []
    for place in range(number):
        diary = folder / f"diary-{place}"  # not a pipe, so that everything said survives the kill
        diary.write_bytes(b"")
        seed = chance.random()
        pid = os.fork()
        if pid == 0:
            _live(folder, f"r{done + place:x}", shared, seed, diary)
        readers.append((chance.uniform(0, _LONGEST_LIFE), pid, diary))
    start = time.monotonic()
    for moment, pid, _ in sorted(readers):
        time.sleep(max(0.0, start + moment - time.monotonic()))
        os.kill(pid, signal.SIGKILL)
    for _, pid, diary in readers:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            raise Loss(f"a reader died of something else: {diary.read_bytes()[-2000:]!r}")
        account.hear(diary.read_bytes())
    return number


def _live(folder: Path, name: str, shared: str, seed: float, diary: Path) -> None:
    """In a process of its own: never returns."""
    try:
        written = os.open(diary, os.O_WRONLY | os.O_APPEND)
        library = Library(folder, clock=now, lock_timeout=60)

        def say(kind: str, facts: Facts) -> None:
            os.write(written, _line(kind, facts))

        Reader(library, name, shared, random.Random(seed), say).live()
    except BaseException as error:
        with diary.open("a") as last_words:
            last_words.write(f"\n{traceback.format_exc()}{error!r}")
        raise
    finally:
        os._exit(1)


def _line(kind: str, facts: Facts) -> bytes:
    return json.dumps([kind, facts]).encode() + b"\n"


def _cut_one(folder: Path, shared: str, chance: random.Random, account: Account, _number: int, done: int) -> int:
    """Run one reader, in this process, until the power is cut after some number of bytes."""
    disk = Cutting(int(chance.expovariate(1 / 4000)), forgets=chance.random() < 0.5)
    return _live_here(folder, shared, chance, account, f"c{done:x}", disk)


def _fail_one(folder: Path, shared: str, chance: random.Random, account: Account, _number: int, done: int) -> int:
    """Run one reader, in this process, until the disk fails once; it reports that, and the disk works again."""
    disk = Faulty(int(chance.expovariate(1 / 60)), chance.choice((errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)))
    return _live_here(folder, shared, chance, account, f"f{done:x}", disk)


def _live_here(folder: Path, shared: str, chance: random.Random, account: Account, name: str, disk: Files) -> int:
    spoken: list[bytes] = []
    library = Library(folder, clock=now, files=disk)

    def say(kind: str, facts: Facts) -> None:
        if kind == "begun" and isinstance(disk, Faulty) and disk.steps < 0:
            raise PowerCut  # a failure without consequences, such as of a compaction
        spoken.append(_line(kind, facts))

    try:
        Reader(library, name, shared, random.Random(chance.random()), say, disk).live()
    except (PowerCut, LibraryError) as end:
        account.hear(b"".join(spoken), was_told=isinstance(end, LibraryNotWritable))
    return 1


killed, cut, failed = map(_of_readers, (_kill_some, _cut_one, _fail_one))
"""Trials. To see their rows go red: have `write_whole` write in place, `fresh = path` (kills), or `Log._write` not sync
(power cuts) or not cut back what it wrote (disk faults)."""
_ITEMS = 60


def damaged(row: Row) -> None:
    """Overwrite one random byte of a log, and repair: at most its record may be lost.

    To see this trial fail: have `lines._salvaged` give nothing, `unended_line` 0, or `_is_as_written` always true.
    """
    chance = row.chance
    with tempfile.TemporaryDirectory(prefix="florilege-torture-") as name:
        folder = Path(name)
        with Library(folder, clock=now) as library:
            group = library.add_group("Ink").id
            known = tuple(item(f"{number:016x}", group, quotes=["a", "b"]) for number in range(_ITEMS))
            library.update_items(group, lambda _: Decision(known))
            library.mark(Mark.READ, {group: {each.id: 0 for each in known}}, now=now())
            library.remember_counts()
        whole = {path: path.read_bytes() for path in folder.rglob("*.log")}
        while row.goes_on:
            for path in folder.rglob("*.log*"):
                path.unlink()
            for path, data in whole.items():
                path.write_bytes(data)
            path = chance.choice(sorted(whole))
            place = chance.randrange(len(whole[path]))
            byte = chance.choice((*b'\n"}{,:9\\ \0', chance.randrange(256)))
            path.write_bytes(whole[path][:place] + bytes([byte]) + whole[path][place + 1 :])
            in_a_line = whole[path].index(b"\n") < place and whole[path][place] != byte
            with row.trying():
                failure = "" if list(check(folder)) or not in_a_line else "it is not noticed"
                failure = failure or _failure_of_repair(folder)
            if failure:
                row.failures.append(f"byte {byte} at {place} of {path.name}: {failure}")


def _failure_of_repair(folder: Path) -> str:
    """What is wrong after repairing a library of one group; empty if nothing is."""
    try:
        repair(folder, lock=LibraryLock(folder, clock=now), clock=now)
        with Library(folder, clock=now) as library:
            (group,) = library.groups()
            items, states = len(library.items(group.id)), len(library.states(group.id))
    except LibraryNewer:
        return ""  # the digit of the schema version, which looks like a newer file: refused, and nothing lost
    except (LibraryError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    problems = [str(problem) for problem in check(folder)]
    return "; ".join(problems) if min(items, states) >= _ITEMS - 1 else f"{items} items and {states} states are left"
