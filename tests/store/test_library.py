"""The library as its users see it."""

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from florilege.marking import Change, Mark, count, undoing
from florilege.merge import Decision
from florilege.model import Counts, Group, Item, ItemSummary, ReadingState, Source
from florilege.store import (
    AmbiguousGroup,
    Library,
    LibraryBusy,
    LibraryLock,
    LibraryNewer,
    LibraryNotWritable,
    LibraryUnreadable,
    NoSuchGroup,
    find,
)
from florilege.store.disk import Files
from florilege.store.tables import LogKind, doc_id_of
from support.clocks import Clock
from support.library import THEN, compact, item, rename, save_source, store, with_sources

Opener = Callable[[], Library]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def opened(folder: Path) -> Iterator[Opener]:
    """Opens the same library as another process would."""
    ids = itertools.count(0xA000)
    libraries: list[Library] = []

    def open_it() -> Library:
        libraries.append(Library(folder, clock=Clock(), new_id=lambda: f"{next(ids):x}", lock_timeout=0.2))
        return libraries[-1]

    yield open_it
    for library in libraries:
        library.close()


@pytest.fixture
def library(opened: Opener) -> Library:
    return opened()


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*.log")}


# Groups


def test_reading_a_missing_library_creates_nothing(library: Library, folder: Path) -> None:
    assert library.groups() == []
    assert library.changed() == set()
    assert not folder.exists()


def test_library_is_private_to_its_owner(library: Library, folder: Path) -> None:
    library.add_group("Encre & Papier")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "groups.log").stat().st_mode & 0o777 == 0o600


def test_groups_stay_in_the_order_they_were_added(library: Library, opened: Opener) -> None:
    for title in ("Paper", "Ink", "Apples"):
        with_sources(library, title, Source(address="https://example.org/" + title), tags=("a",), site="https://e.org")
    rename(library, library.groups()[0].id, "Zebras")
    assert [group.title for group in opened().groups()] == ["Zebras", "Ink", "Apples"]
    assert opened().groups() == library.groups()
    assert opened().groups()[1] == Group(
        id="a001",
        title="Ink",
        added_at=THEN,
        sources=(Source(address="https://example.org/Ink"),),
        tags=("a",),
        site="https://e.org",
    )


def test_group_is_found_by_id_title_or_unambiguous_beginning(library: Library) -> None:
    ink, elan, second = [library.add_group(title) for title in ("Encre & Papier", "Élan", "Élan vital")]
    assert find(ink.id, library.groups()) == ink
    assert find("ENCRE", library.groups()) == ink
    assert find("elan", library.groups()) == elan
    assert find("élan v", library.groups()) == second
    with pytest.raises(AmbiguousGroup, match=r"“el” could be Élan \(a001\) or Élan vital \(a002\)"):
        find("el", library.groups())
    with pytest.raises(AmbiguousGroup):
        find("a00", library.groups())
    with pytest.raises(
        NoSuchGroup, match=r"No group is called “ink”\. There are: Encre & Papier, Élan and Élan vital\."
    ):
        find("ink", library.groups())
    with pytest.raises(NoSuchGroup):
        find(" ", library.groups())


def test_source_is_saved_in_the_group_as_it_is_on_disk_now(library: Library, opened: Opener) -> None:
    group = with_sources(library, "Ink", Source(address="a"), Source(address="b"))
    # Given another process that renames the group meanwhile
    rename(opened(), group.id, "Encre")
    # When sources are saved, one known and one new
    save_source(library, group.id, Source(address="a", etag='"1"'))
    saved = save_source(library, group.id, Source(address="c"))
    # Then the new title is still there
    assert saved.title == "Encre"
    assert [(source.address, source.etag) for source in saved.sources] == [("a", '"1"'), ("b", None), ("c", None)]
    assert opened().group(group.id) == saved


def test_changing_one_source_keeps_concurrent_changes_of_others(library: Library, opened: Opener) -> None:
    group = with_sources(library, "Ink", Source(address="a"), Source(address="a", part="2"), Source(address="b"))
    other = opened()

    def move(source: Source) -> Source:
        return msgspec.structs.replace(source, etag='"1"')

    # Given another process that has changed the same source, and renamed the group
    other.update_source(group.id, Source(address="a"), lambda source: msgspec.structs.replace(source, older="?page=7"))
    rename(other, group.id, "Encre")
    saved = library.update_source(group.id, Source(address="a"), move)
    assert saved.title == "Encre"
    assert [(each.address, each.part, each.etag, each.older) for each in saved.sources] == [
        ("a", None, '"1"', "?page=7"),
        ("a", "2", None, None),
        ("b", None, None, None),
    ]
    # A source that moved to the address of another replaces it; a removed one is not brought back
    moved = library.update_source(
        group.id, Source(address="a"), lambda source: msgspec.structs.replace(source, address="b")
    )
    assert [(each.address, each.part, each.etag) for each in moved.sources] == [("b", None, '"1"'), ("a", "2", None)]
    assert library.update_source(group.id, Source(address="a"), move) == moved == opened().group(group.id)


def test_saving_an_unchanged_group_writes_nothing(library: Library, folder: Path) -> None:
    group = with_sources(library, "Ink", Source(address="a"))
    before = contents(folder)
    library.update_group(group.id, lambda same: same)
    save_source(library, group.id, group.sources[0])
    assert contents(folder) == before


def test_removed_group_is_gone_and_its_logs_go_with_the_trash(library: Library, opened: Opener, folder: Path) -> None:
    group, other = library.add_group("Ink"), library.add_group("Paper")
    for each in (group, other):
        store(library, each.id, item("one", each.id))
        library.mark(Mark.READ, {each.id: {"one": 0}}, now=THEN)
    library.remember_counts()
    compact(library)
    library.trash.remove_group(group.id)
    assert [each.title for each in opened().groups()] == ["Paper"]
    assert [each.title for each in library.trash.empty([group.id])] == ["Ink"]
    assert not [file for file in folder.rglob("*") if group.id in file.name]
    with pytest.raises(NoSuchGroup, match=r"There are: Paper\."):
        library.items(group.id)
    assert opened().counts(other.id) == Counts(items=1)


@pytest.mark.parametrize("word", ["../../etc/passwd", "", "a/b", "A000", "é" * 4, "a" * 99, "lock"])
def test_outside_text_never_becomes_a_path(library: Library, folder: Path, word: str) -> None:
    library.add_group("Ink")
    before = sorted(folder.rglob("*"))
    for act in (library.items, library.summaries, library.states, library.counts, library.trash.remove_group):
        with pytest.raises(NoSuchGroup):
            act(word)
    assert library.mark(Mark.READ, {word: {"one": 0}}, now=THEN) == ()
    assert sorted(folder.rglob("*")) == before


# Items


def test_items_are_read_back_unchanged(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    items = [item(f"i{n}", group, quotes=["“Une\nphrase”", "é"]) for n in range(3)]
    store(library, group, *items)
    again = opened()
    assert again.items(group) == items
    assert again.item(group, "i1") == items[1]
    assert again.item(group, "i9") is None
    assert [(summary.id, summary.title, len(summary.highlights)) for summary in again.summaries(group)] == [
        ("i0", "About i0", 2),
        ("i1", "About i1", 2),
        ("i2", "About i2", 2),
    ]
    assert isinstance(again.summaries(group)[0], ItemSummary)


def test_update_is_one_line_per_item_and_revised_items_keep_their_place(
    library: Library, opened: Opener, folder: Path
) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group), item("two", group))
    log = folder / "items" / f"{group}.log"
    before = lines(log)
    store(library, group, item("new", group), item("one", group, title="Revised"))
    assert lines(log) == before + 2
    assert [each.title for each in opened().items(group)] == ["Revised", "About two", "About new"]


def test_nothing_is_written_when_nothing_changed(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    store(library, group)
    store(library, group, item("one", group))
    before = contents(folder)
    store(library, group)
    store(library, group, item("one", group))
    library.mark(Mark.UNREAD, {group: {"one": 0}}, now=THEN)
    library.mark(Mark.READ, {}, now=THEN)
    library.change(undoing(()))
    assert contents(folder) == before


def test_decision_is_made_on_the_items_as_they_are_on_disk_now(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    library.items(group)
    store(opened(), group, item("theirs", group))
    seen: list[list[str]] = []

    def decide(known: list[Item]) -> Decision:
        seen.append([each.id for each in known])
        if len(seen) == 1:
            # The library is not locked during the decision: another process writes, so it is made again.
            store(opened(), group, item("later", group))
            library.mark(Mark.READ, {group: {"theirs": 0}}, now=THEN)
        return Decision((item(f"decided-{len(seen)}", group),))

    decision = library.update_items(group, decide)
    assert seen == [["theirs"], ["theirs", "later"]]
    assert [each.id for each in decision.items] == ["decided-2"]
    assert [each.id for each in opened().items(group)] == ["theirs", "later", "decided-2"]


def test_decision_is_made_under_the_lock_if_others_go_on_writing(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    other = opened()
    seen: list[int] = []

    def decide(known: list[Item]) -> Decision:
        seen.append(len(known))
        if len(seen) < 3:
            store(other, group, item(f"theirs-{len(seen)}", group))
        else:
            with pytest.raises(LibraryBusy):
                store(other, group, item("refused", group))
        return Decision((item("decided", group),))

    library.update_items(group, decide)
    assert seen == [0, 1, 2]
    assert [each.id for each in opened().items(group)] == ["theirs-1", "theirs-2", "decided"]


def test_nobody_writes_while_the_items_to_purge_are_chosen(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group), item("two", group))

    def choose(summaries: Sequence[ItemSummary], states: Mapping[str, ReadingState]) -> list[str]:
        with pytest.raises(LibraryBusy):
            opened().mark(Mark.STARRED, {group: {"two": 0}}, now=THEN)
        return [summary.id for summary in summaries if summary.id not in states]

    assert library.trash.purge(group, choose) == 2


def test_failing_decision_changes_nothing_and_releases_the_lock(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id

    def decide(known: list[Item]) -> Decision:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        library.update_items(group, decide)
    store(opened(), group, item("one", group))
    assert len(library.items(group)) == 1


def test_fields_of_a_later_version_are_ignored(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group))
    log = folder / "items" / f"{group}.log"
    log.write_bytes(log.read_bytes().replace(b'"id":"one"', b'"id":"one","mood":{"of":["the","day"]}'))
    assert library.items(group) == [item("one", group)]
    assert library.item(group, "one") == item("one", group)


# Reading states


def test_mark_reports_exactly_what_it_changed(library: Library, opened: Opener, folder: Path) -> None:
    one, two = library.add_group("Ink").id, library.add_group("Paper").id
    changes = library.mark(Mark.READ, {one: {"a": 0, "b": 2}, two: {"c": 0}}, now=THEN)
    assert [(change.group, change.after.item, change.after.seen) for change in changes] == [
        (one, "a", 0),
        (one, "b", 2),
        (two, "c", 0),
    ]
    # One line per group, and none for what was marked already
    assert lines(folder / "states" / f"{one}.log") == 2
    assert library.mark(Mark.READ, {one: {"a": 0}}, now=THEN) == ()
    (starred,) = library.mark(Mark.STARRED, {one: {"a": 0, "b": 0}, two: {}}, now=THEN)[:1]
    assert starred == Change(
        one, ReadingState(item="a", read_at=THEN), ReadingState(item="a", read_at=THEN, starred_at=THEN)
    )
    assert lines(folder / "states" / f"{one}.log") == 3
    assert opened().states(one) == {
        "a": ReadingState(item="a", read_at=THEN, starred_at=THEN),
        "b": ReadingState(item="b", read_at=THEN, starred_at=THEN, seen=2),
    }


def test_mark_is_applied_to_the_states_as_they_are_on_disk_now(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    library.states(group)
    opened().mark(Mark.STARRED, {group: {"a": 0}}, now=THEN)
    (change,) = library.mark(Mark.READ, {group: {"a": 0}}, now=THEN)
    assert change.before.is_starred
    assert change.after.is_starred


def test_undo_leaves_concurrent_changes_alone(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    changes = library.mark(Mark.READ, {group: {"a": 0, "b": 0}}, now=THEN)
    opened().mark(Mark.STARRED, {group: {"a": 0}}, now=THEN)
    undone = library.change(undoing(changes))
    just_after = THEN + timedelta(microseconds=1)
    assert len(undone) == 2
    assert opened().states(group) == {
        "a": ReadingState(item="a", starred_at=THEN, read_changed=just_after),
        "b": ReadingState(item="b", read_changed=just_after),
    }
    assert library.change(undoing(changes)) == ()


def test_undo_skips_groups_removed_meanwhile(library: Library) -> None:
    group = library.add_group("Ink").id
    changes = library.mark(Mark.READ, {group: {"a": 0}}, now=THEN)
    library.trash.remove_group(group)
    assert library.change(undoing(changes)) == ()


def test_refresh_writes_no_states_and_a_mark_no_items(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
    states = (folder / "states" / f"{group}.log").read_bytes()
    store(library, group, item("one", group))
    items = (folder / "items" / f"{group}.log").read_bytes()
    assert (folder / "states" / f"{group}.log").read_bytes() == states
    library.mark(Mark.STARRED, {group: {"one": 0}}, now=THEN)
    assert (folder / "items" / f"{group}.log").read_bytes() == items


# Counts


def counted_from_scratch(folder: Path, group: str) -> Counts:
    with Library(folder, clock=Clock()) as other:
        return count(other.summaries(group), other.states(group))


def test_counts_follow_every_change(library: Library, opened: Opener, folder: Path) -> None:
    group = library.add_group("Ink").id
    assert library.counts(group) == Counts()
    store(library, group, item("one", group, quotes="abc"), item("two", group, quotes="d"))
    assert library.counts(group) == Counts(items=2, unread=2, highlights=4)
    changes = library.mark(Mark.READ, {group: {"one": 0, "not there": 0}}, now=THEN)
    assert library.counts(group) == Counts(items=2, unread=1, highlights=4)
    store(library, group, item("one", group, quotes="abcde", revision=1))
    assert library.counts(group) == Counts(items=2, unread=1, highlights=6, new_highlights=5, newly_highlighted=1)
    opened().mark(Mark.STARRED, {group: {"two": 0}}, now=THEN)
    assert library.counts(group) == Counts(
        items=2, unread=1, starred=1, highlights=6, new_highlights=5, newly_highlighted=1
    )
    library.mark(Mark.READ, {group: {"one": 1}}, now=THEN)
    assert library.counts(group) == Counts(items=2, unread=1, starred=1, highlights=6)
    library.change(undoing(changes))
    assert library.counts(group) == counted_from_scratch(folder, group)


def test_counts_are_cached_and_reading_them_opens_no_group(library: Library, opened: Opener, folder: Path) -> None:
    groups = [library.add_group(title).id for title in ("Ink", "Paper", "Empty")]
    for group in groups[:2]:
        store(library, group, item("one", group, quotes="ab"))
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
    library.remember_counts()
    before = lines(folder / "groups.log")
    library.remember_counts()
    assert lines(folder / "groups.log") == before
    # Given logs that can't be decoded, but have the same stamps
    for file in (folder / "items").iterdir():
        changed = file.stat().st_mtime_ns
        with file.open("r+b") as log:
            log.write(b"#")
        os.utime(file, ns=(changed, changed))
    # Then the counts are still there
    assert [opened().counts(group) for group in groups] == [Counts(items=1, highlights=2)] * 2 + [Counts()]


def test_outdated_counts_are_recomputed(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group))
    library.remember_counts()
    store(opened(), group, item("two", group))
    assert library.counts(group).items == 2
    assert opened().counts(group).items == 2


# Other processes


def test_changes_by_others_are_reported_once_and_our_own_never(library: Library, opened: Opener) -> None:
    ink, paper = library.add_group("Ink").id, library.add_group("Paper").id
    store(library, ink, item("one", ink))
    assert library.changed() == set()
    library.mark(Mark.READ, {ink: {"one": 0}}, now=THEN)
    assert library.changed() == set()
    other = opened()
    other.mark(Mark.READ, {paper: {"two": 0}}, now=THEN)
    assert library.changed() == {paper}
    assert library.changed() == set()
    other.add_group("New")
    store(other, ink, item("three", ink))
    assert library.changed() == {"", ink}
    compact(other, ink)
    assert library.changed() == {ink}


def test_changes_by_others_are_reported_even_after_we_wrote_or_read(library: Library, opened: Opener) -> None:
    group = library.add_group("Ink").id
    library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
    library.changed()
    opened().mark(Mark.READ, {group: {"two": 0}}, now=THEN)
    library.mark(Mark.READ, {group: {"three": 0}}, now=THEN)
    assert len(library.states(group)) == 3
    assert library.changed() == {group}


def test_reading_goes_on_while_another_process_holds_the_lock(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group))
    with LibraryLock(folder, clock=Clock(), program="florilege refresh"):
        assert len(library.items(group)) == 1
        assert library.counts(group).items == 1
        with pytest.raises(LibraryBusy, match="in use by florilege refresh"):
            library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
    assert library.states(group) == {}


def test_many_threads_and_two_libraries_lose_no_mark(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    libraries = [Library(folder, clock=Clock(), lock_timeout=30) for _ in range(2)]
    failures: list[Exception] = []

    def mark(which: Library, name: str) -> None:
        try:
            for n in range(15):
                which.mark(Mark.READ, {group: {f"{name}{n}": 0}}, now=THEN)
                store(which, group, item(f"{name}{n}", group))
                which.counts(group)
        except (LibraryBusy, LibraryUnreadable, LibraryNotWritable, KeyError, RuntimeError) as error:
            failures.append(error)

    threads = [
        threading.Thread(target=mark, args=(each, f"{place}-{worker}-"))
        for place, each in enumerate(libraries)
        for worker in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(library.states(group)) == len(library.items(group)) == 90
    assert library.counts(group) == counted_from_scratch(folder, group) == Counts(items=90)
    for each in libraries:
        each.close()


# Trouble


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_library_can_be_read_and_refuses_writes_with_a_reason(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        assert len(library.items(group)) == 1
        with pytest.raises(LibraryNotWritable, match="no permission"):
            library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o700)


class _ReadOnly(Files):
    """A read-only disk."""

    def open(self, path: Path, flags: int) -> int:
        if flags & (os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return super().open(path, flags)


def test_library_on_a_read_only_disk_can_be_read_and_refuses_writes_with_a_reason(
    library: Library, folder: Path
) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group))
    before = contents(folder)
    with Library(folder, clock=Clock(), files=_ReadOnly()) as on_disk:
        assert on_disk.items(group) == library.items(group)
        for mark in Mark.READ, Mark.STARRED:
            with pytest.raises(LibraryNotWritable, match="the disk is read-only"):
                on_disk.mark(mark, {group: {"one": 0}}, now=THEN)
        with pytest.raises(LibraryNotWritable):
            on_disk.add_group("Paper")
        assert on_disk.states(group) == {}
        assert len(on_disk.groups()) == 1
    assert contents(folder) == before


def test_newer_or_foreign_log_is_refused_and_the_others_are_read(library: Library, folder: Path) -> None:
    ink, paper = library.add_group("Ink").id, library.add_group("Paper").id
    store(library, paper, item("one", paper))
    (folder / "items" / f"{ink}.log").write_bytes(b'{"florilege":"items","schema":99}\n')
    with pytest.raises(LibraryNewer):
        library.items(ink)
    with pytest.raises(LibraryNewer):
        store(library, ink, item("one", ink))
    assert len(library.items(paper)) == 1


def test_invalid_item_record_is_reported(library: Library, folder: Path) -> None:
    group = library.add_group("Ink").id
    (folder / "items").mkdir()
    (folder / "items" / f"{group}.log").write_bytes(
        b'{"florilege":"items","schema":1}\n{"items":{"%d":{"title":"nameless"}}}\n' % doc_id_of("x")
    )
    for act in (library.items, library.summaries, lambda group: library.item(group, "x"), library.counts):
        with pytest.raises(LibraryUnreadable, match="holds a record that can't be read"):
            act(group)


def test_mostly_dead_log_is_compacted_after_a_write(library: Library, opened: Opener, folder: Path) -> None:
    group = library.add_group("Ink").id
    long = "x" * 300_000
    for revision in range(8):
        store(library, group, item("one", group, title=long, revision=revision))
    assert (folder / "items" / f"{group}.log").stat().st_size < 1 << 20
    assert (folder / "items" / f"{group}.log.previous").exists()
    assert [each.revision for each in opened().items(group)] == [7]
    assert library.changed() == set()


def test_saving_a_group_keeps_its_fresh_items_in_memory(library: Library) -> None:
    group = library.add_group("Ink").id
    store(library, group, item("one", group, title="x" * (17 << 20)))

    rename(library, group, "Paper")

    assert (LogKind.ITEMS, group) in library._logs._open


def test_evicted_items_are_read_again(library: Library) -> None:
    # Given more in the library than is kept in memory
    groups = [library.add_group(f"Group {n}").id for n in range(5)]
    for group in groups:
        store(library, group, item("one", group, title="x" * (5 << 20)))
    # Then all of it can be read, but not all of it is in memory
    for group in groups:
        assert len(library.items(group)) == 1
    held = [key for key in library._logs._open if key[0] is LogKind.ITEMS]
    assert len(held) < len(groups)


def test_entries_with_a_digest_are_those_not_to_be_read_again(library: Library) -> None:
    group = library.add_group("Ink").id
    store(library, group, msgspec.structs.replace(item("one", group), digest="d1"), item("two", group))
    assert library.digests(group) == ["d1"]
