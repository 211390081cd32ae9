"""Repair recovers what can be read of a damaged library, and reports the rest."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.model import Source
from florilege.store import Library, LibraryGone, LibraryLock, LibraryNewer, LibraryUnreadable
from florilege.store.lines import Raw
from florilege.store.log import write_lines
from florilege.store.repair import Damage, Repaired, check, repair
from support.clocks import Clock
from support.disks import Cutting, PowerCut
from support.library import THEN, compact, item, rename, store, with_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with two groups; the items of the first came in three updates."""
    folder = tmp_path / "library"
    ids = iter(["aaaa", "bbbb"])
    with Library(folder, clock=Clock(), new_id=lambda: next(ids)) as library:
        for title in ("Ink", "Paper"):
            with_sources(library, title, Source(address=f"https://example.org/{title}", etag='"7"'))
        store(library, "aaaa", item("one", "aaaa"), item("two", "aaaa"))
        store(library, "aaaa", item("three", "aaaa"))
        store(library, "aaaa", item("four", "aaaa"))
        store(library, "bbbb", item("five", "bbbb"))
        library.mark(Mark.READ, {"aaaa": {"one": 0}}, now=THEN)
    return folder


def mend(folder: Path) -> list[Repaired]:
    return repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock())


def titles(folder: Path, group: str) -> list[str]:
    with Library(folder, clock=Clock()) as library:
        return [each.id for each in library.items(group)]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*.log*")}


def test_undamaged_library_is_left_alone(folder: Path) -> None:
    before = everything(folder)
    assert mend(folder) == []
    assert everything(folder) == before
    assert mend(folder.with_name("nowhere")) == []
    assert not folder.with_name("nowhere").exists()


def test_torn_tail_is_no_damage(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    log.write_bytes(log.read_bytes() + b'{"items":{"9":{"id":"ni')
    before = everything(folder)
    assert mend(folder) == []
    assert everything(folder) == before


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


BEGINNING = "the beginning (which says what the file is)"
DAMAGE: dict[str, tuple[Callable[[bytes], bytes], list[str], tuple[str, ...]]] = {
    "a line in the middle": (
        lambda data: data.replace(b'"three"', b'"thr\x00\xffee', 1),
        ["one", "two", "four"],
        ("the line that begins after {3} bytes (“About three”)",),
    ),
    "zeros in the middle, then a line on the same one": (
        lambda data: b"".join([*lines_of(data)[:4], b"\0" * 700, lines_of(data)[4]]),
        ["one", "two", "three", "four"],
        ("the line that begins after {4} bytes (“About four”)",),
    ),
    "a torn line with another after it": (
        lambda data: b"".join([*lines_of(data)[:3], lines_of(data)[3][:30], lines_of(data)[4]]),
        ["one", "two", "four"],
        ("the line that begins after {3} bytes (“About four”)",),
    ),
    "two lines that have run together": (
        lambda data: b"".join([*lines_of(data)[:2], lines_of(data)[2][:-1], b"#", *lines_of(data)[3:]]),
        ["one", "two", "three", "four"],
        ("the line that begins after {2} bytes (“About two”)",),
    ),
    "no header": (lambda data: b"".join(lines_of(data)[1:]), ["one", "two", "three", "four"], (BEGINNING,)),
    "a header that has run together with a line": (
        lambda data: data.replace(b"\n", b"#", 1),
        ["one", "two", "three", "four"],
        (BEGINNING, "the line that begins after 0 bytes (“About one”)"),
    ),
    "another header": (
        lambda data: b"".join([b'{"florilege":"states","schema":1}\n', *lines_of(data)[1:]]),
        ["one", "two", "three", "four"],
        (BEGINNING,),
    ),
    "empty": (lambda data: b"", [], (BEGINNING,)),
    "nothing but zeros": (lambda data: b"\0" * len(data), [], (BEGINNING,)),
    "a header cut short": (lambda data: data[:20], [], (BEGINNING,)),
    "a record that is no item": (
        lambda data: (
            data + write_lines("items", {"9": Raw(b'{"title":"nameless"}'), "10": None, "x": Raw(b"{}")}, as_one=True)
        ),
        ["one", "two", "three", "four"],
        ("record 9 of items", "record x of items"),
    ),
    "a bad line, and cut": (
        lambda data: data.replace(b'"three"', b'"three')[:-9],
        ["one", "two"],
        ("the line that begins after {3} bytes (“About three”)",),
    ),
}


@pytest.mark.parametrize(("damage", "recovered", "lost"), DAMAGE.values(), ids=DAMAGE.keys())
def test_readable_records_are_recovered_and_the_rest_reported(
    folder: Path, damage: Callable[[bytes], bytes], recovered: list[str], lost: tuple[str, ...]
) -> None:
    log = folder / "items" / "aaaa.log"
    places = [sum(map(len, lines_of(log.read_bytes())[:number])) for number in range(5)]
    damaged = damage(log.read_bytes())
    log.write_bytes(damaged)
    with pytest.raises(LibraryUnreadable, match="doctor --repair"):
        titles(folder, "aaaa")
    # Given that the loss is reported before anything is repaired
    expected = Damage(log, tuple(phrase.format(*places) for phrase in lost))
    assert list(check(folder)) == [expected]
    (repaired,) = mend(folder)
    # Then what could be read is there, and can be written to
    assert titles(folder, "aaaa") == recovered
    with Library(folder, clock=Clock()) as library:
        store(library, "aaaa", item("new", "aaaa"))
        assert library.states("aaaa")["one"].is_read
        # And the sources of that group, and no others, will be fetched in full
        assert [library.group(name).sources[0].etag for name in ("aaaa", "bbbb")] == [None, '"7"']
    assert titles(folder, "aaaa") == [*recovered, "new"]
    assert titles(folder, "bbbb") == ["five"]
    # And the damaged file is kept
    kept = folder / "items" / "aaaa.log.damaged-20261120-120000"
    assert repaired == Repaired(expected, len(recovered), kept)
    assert kept.read_bytes() == damaged
    assert str(repaired).startswith(f"{log} is damaged: ")
    # And nothing is left to repair
    assert list(check(folder)) == []
    assert mend(folder) == []


def test_changed_letter_is_reported_and_kept_until_its_source_restores_it(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    place = len(b"".join(lines_of(log.read_bytes())[:3]))
    log.write_bytes(log.read_bytes().replace(b"About three", b"About thref"))
    # Given one changed letter, everything is read
    assert titles(folder, "aaaa") == ["one", "two", "three", "four"]
    (damage,) = check(folder)
    line = f"the line that begins after {place} bytes (“About thref”)"
    assert damage == Damage(log, (), changed=(line,))
    assert str(damage) == f"{log} is damaged: {line} can be read, but not as it was written"
    # Then a repair keeps it and has the whole document fetched again
    (repaired,) = mend(folder)
    assert repaired.recovered == 4
    with Library(folder, clock=Clock()) as library:
        assert [each.title for each in library.items("aaaa")][2] == "About thref"
        assert library.group("aaaa").sources[0].etag is None
    assert list(check(folder)) == []


def test_changed_last_byte_loses_nothing(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    log.write_bytes(log.read_bytes()[:-1] + b"\x07")
    assert titles(folder, "aaaa") == ["one", "two", "three", "four"]
    assert list(check(folder)) == [Damage(log, ("the end of the last line",))]
    assert mend(folder)[0].recovered == 4
    assert list(check(folder)) == []


def test_repair_prints_the_command_that_restores_the_damaged_file(tmp_path: Path, folder: Path) -> None:
    folder = folder.rename(tmp_path / "a library; with 'quotes'")
    log = folder / "items" / "aaaa.log"
    damaged = log.read_bytes() + b"?\n"
    log.write_bytes(damaged)
    (repaired,) = mend(folder)
    assert log.read_bytes() != damaged
    subprocess.run(str(repaired).rpartition("to have it back: ")[2], shell=True, check=True)
    assert log.read_bytes() == damaged


def test_second_repair_in_the_same_second_keeps_both_damaged_files(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    for _ in range(2):
        log.write_bytes(log.read_bytes() + b"?\n")
        mend(folder)
    assert sorted(file.name for file in log.parent.glob("*.damaged*")) == [
        "aaaa.log.damaged-20261120-120000",
        "aaaa.log.damaged-20261120-120000+",
    ]


def test_damaged_group_record_loses_only_itself_and_is_rebuilt_from_its_items(folder: Path) -> None:
    groups = folder / "groups.log"
    groups.write_bytes(groups.read_bytes().replace(b'"title":"Ink"', b'"title":"In\xff\x01'))
    # Given a list of groups with one damaged line, the others are read
    with Library(folder, clock=Clock()) as library:
        assert [group.title for group in library.groups()] == ["Paper"]
        assert "is damaged in the line that begins after" in (library.problem or "")
        rename(library, "bbbb", "Papier")
    (repaired,) = mend(folder)
    assert repaired.damage.lost[-1] == "title and addresses of Found again (aaaa)"
    with Library(folder, clock=Clock()) as library:
        assert library.problem is None
        assert [group.title for group in library.groups()] == ["Papier", "Found again (aaaa)"]
        assert [each.id for each in library.items("aaaa")] == ["one", "two", "three", "four"]
        assert library.states("aaaa")["one"].is_read


@pytest.mark.parametrize("kind", ["items", "states"])
def test_missing_log_is_reported_and_not_taken_for_an_empty_one(folder: Path, kind: str) -> None:
    log = folder / kind / "aaaa.log"
    with Library(folder, clock=Clock()) as library:
        library.remember_counts()
    log.unlink()
    with Library(folder, clock=Clock()) as library:
        # Given a group with a missing log, nothing is written in its place, and the other group is read
        acts: dict[str, list[Callable[[], object]]] = {
            "items": [lambda: library.items("aaaa"), lambda: store(library, "aaaa", item("six", "aaaa"))],
            "states": [lambda: library.states("aaaa"), lambda: library.mark(Mark.READ, {"aaaa": {"two": 0}}, now=THEN)],
        }
        acts[kind].append(lambda: library.counts("aaaa"))
        for act in acts[kind]:
            with pytest.raises(LibraryGone, match=r"is missing, and with it .* doctor --repair"):
                act()
        assert library.counts("bbbb").items == 1
        library.remember_counts()
        assert library.changed() == set()
    assert not log.exists()
    (missing,) = check(folder)
    assert str(missing).startswith(f"{log} is missing, and with it {'4 items' if kind == 'items' else 'what you'}")
    (repaired,) = mend(folder)
    assert str(repaired) == f"{missing}. 0 records recovered."
    with Library(folder, clock=Clock()) as library:
        assert len(library.items("aaaa")) == (0 if kind == "items" else 4)
        assert library.states("aaaa").keys() == ({"one"} if kind == "items" else set())
        assert library.group("aaaa").sources[0].etag == (None if kind == "items" else '"7"')
    assert mend(folder) == []


def test_missing_log_is_restored_from_its_previous_generation(folder: Path) -> None:
    with Library(folder, clock=Clock()) as library:
        compact(library, "aaaa")
        store(library, "aaaa", item("six", "aaaa"))
    (folder / "items" / "aaaa.log").unlink()
    (repaired,) = mend(folder)
    assert repaired.recovered == 4
    assert titles(folder, "aaaa") == ["one", "two", "three", "four"]


def test_missing_list_of_groups_is_reported_and_its_groups_are_found_again(folder: Path) -> None:
    (folder / "groups.log").unlink()
    (folder / "items" / "aaaa (copy).log").touch()
    with Library(folder, clock=Clock()) as library:
        for act in (library.groups, lambda: library.add_group("Glue"), library.changed):
            with pytest.raises(LibraryGone, match=r"titles and addresses of your groups; .* doctor --repair"):
                act()
    assert not (folder / "groups.log").exists()
    missing = f"{folder / 'groups.log'} is missing, and with it titles and addresses of 2 groups"
    assert missing in {str(each) for each in check(folder)}
    assert f"{missing}. 2 records recovered." in {str(each) for each in mend(folder)}
    with Library(folder, clock=Clock()) as library:
        assert [group.title for group in library.groups()] == ["Found again (aaaa)", "Found again (bbbb)"]
        assert (library.counts("aaaa").items, library.counts("bbbb").items) == (4, 1)
    assert list(check(folder)) == []


def test_missing_list_of_groups_is_restored_from_its_previous_generation(folder: Path) -> None:
    log = folder / "groups.log"
    log.rename(log.with_name("groups.log.previous"))
    (repaired,) = mend(folder)
    assert repaired.recovered == 2
    with Library(folder, clock=Clock()) as library:
        assert not any(group.title.startswith("Found") for group in library.groups())


@pytest.mark.parametrize("kind", ["items", "states", "groups"])
@pytest.mark.parametrize("byte", [b"\x01", b"e"])
def test_one_damaged_byte_anywhere_loses_one_record_at_most(tmp_path: Path, kind: str, byte: bytes) -> None:
    group = "cccc"
    folder = tmp_path / "library"
    with Library(folder, clock=Clock(), new_id=lambda: group) as library:
        with_sources(library, "Ink", Source(address="https://example.org/ink", etag='"7"'))
        store(library, group, *(item(f"{number:016x}", group, quotes=["a"]) for number in range(200)))
        library.mark(Mark.READ, {group: {each.id: 0 for each in library.items(group)}}, now=THEN)
        library.remember_counts()
    log = folder / "groups.log" if kind == "groups" else folder / kind / f"{group}.log"
    whole = {path: path.read_bytes() for path in (folder / "groups.log", log)}
    for place in [*range(0, len(whole[log]), 811), len(whole[log]) - 1]:
        if whole[log][place : place + 1] == byte:
            continue
        for path, content in whole.items():
            path.write_bytes(content)
        log.write_bytes(whole[log][:place] + byte + whole[log][place + 1 :])
        # Given one changed byte, it is reported and repaired
        assert len(list(check(folder))) == 1, place
        assert len(mend(folder)) == 1
        with Library(folder, clock=Clock()) as library:
            assert library.group(group).sources[0].etag is None if kind == "items" else True
            assert len(library.items(group)) >= 199
            assert len(library.states(group)) >= 199
            assert library.counts(group).items == len(library.items(group))
        assert list(check(folder)) == []
        for kept in folder.rglob("*.damaged*"):
            kept.unlink()


def test_removed_group_is_not_rebuilt(folder: Path) -> None:
    with Library(folder, clock=Clock()) as library:
        library.trash.remove_group("aaaa")
    groups = folder / "groups.log"
    groups.write_bytes(groups.read_bytes() + b"?\n")
    mend(folder)
    with Library(folder, clock=Clock()) as library:
        assert [group.title for group in library.groups()] == ["Paper"]
        assert library.trash.restore_group("aaaa").title == "Ink"


def test_file_of_a_newer_florilege_is_untouched(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    log.write_bytes(b'{"florilege":"items","schema":99}\n?\n')
    assert mend(folder) == []
    with pytest.raises(LibraryNewer):
        titles(folder, "aaaa")


def test_power_cut_while_repairing_loses_nothing_more(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    damaged = log.read_bytes().replace(b'"three"', b'"three')
    cuts, done = 0, False
    while not done:
        log.write_bytes(damaged)
        try:
            repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock(), files=Cutting(cuts))
            done = True
        except PowerCut:
            cuts += 11
        mend(folder)
        assert titles(folder, "aaaa") == ["one", "two", "four"]
        assert any(file.read_bytes() == damaged for file in log.parent.glob("*.damaged*"))
        for file in log.parent.glob("*.damaged*"):
            file.unlink()
        log.unlink()  # a damaged file is kept as a hard link
    assert cuts > 200
