"""What can be read of a damaged library is recovered, and what can't is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.model import Source
from florilege.store import Library, LibraryLock, LibraryNewer, LibraryUnreadable, Repaired, repair
from support.clocks import Clock
from support.disks import Cutting, PowerCut
from support.library import THEN, item, store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with two groups; the items of the first came in three lines."""
    folder = tmp_path / "library"
    ids = iter(["aaaa", "bbbb"])
    with Library(folder, clock=Clock(), new_id=lambda: next(ids)) as library:
        for title in ("Ink", "Paper"):
            library.add_group(title, sources=[Source(address=f"https://example.org/{title}")])
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


def test_what_is_whole_is_left_alone(folder: Path) -> None:
    before = everything(folder)
    assert mend(folder) == []
    assert everything(folder) == before
    assert mend(folder.with_name("nowhere")) == []
    assert not folder.with_name("nowhere").exists()


def test_a_torn_tail_is_no_damage(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    log.write_bytes(log.read_bytes() + b'{"items":{"9":{"id":"ni')
    before = everything(folder)
    assert mend(folder) == []
    assert everything(folder) == before


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], list[str], tuple[str, ...]]] = {
    "a line in the middle": (
        lambda data: data.replace(b'"three"', b'"thr\x00\xffee', 1),
        ["one", "two", "four"],
        ("1 line that can't be read",),
    ),
    "zeros in the middle, then a line on the same one": (
        lambda data: b"".join([*lines_of(data)[:3], b"\0" * 700, lines_of(data)[3]]),
        ["one", "two", "three", "four"],
        ("1 line that can't be read",),
    ),
    "a torn line with another after it": (
        lambda data: b"".join([*lines_of(data)[:2], lines_of(data)[2][:30], lines_of(data)[3]]),
        ["one", "two", "four"],
        ("1 line that can't be read",),
    ),
    "no header": (
        lambda data: b"".join(lines_of(data)[1:]),
        ["one", "two", "three", "four"],
        ("the beginning, which says what the file is",),
    ),
    "another header": (
        lambda data: b"".join([b'{"florilege":"states","schema":1}\n', *lines_of(data)[1:]]),
        ["one", "two", "three", "four"],
        ("the beginning, which says what the file is",),
    ),
    "empty": (lambda data: b"", [], ("the beginning, which says what the file is",)),
    "nothing but zeros": (
        lambda data: b"\0" * len(data),
        [],
        ("the beginning, which says what the file is",),
    ),
    "a header cut short": (
        lambda data: data[:20],
        [],
        ("the beginning, which says what the file is", "an unfinished last line"),
    ),
    "a record that is no item": (
        lambda data: data + b'{"items":{"9":{"title":"nameless"},"10":null,"x":{}}}\n',
        ["one", "two", "three", "four"],
        ("2 records that can't be understood",),
    ),
    "a bad line, and cut": (
        lambda data: data.replace(b'"three"', b'"three')[:-9],
        ["one", "two"],
        ("1 line that can't be read", "an unfinished last line"),
    ),
}


@pytest.mark.parametrize(("damage", "recovered", "lost"), DAMAGE.values(), ids=DAMAGE.keys())
def test_what_can_be_read_is_recovered_and_the_rest_told(
    folder: Path, damage: Callable[[bytes], bytes], recovered: list[str], lost: tuple[str, ...]
) -> None:
    log = folder / "items" / "aaaa.log"
    damaged = damage(log.read_bytes())
    log.write_bytes(damaged)
    with pytest.raises(LibraryUnreadable):
        titles(folder, "aaaa")
    (repaired,) = mend(folder)
    # Then what could be read is there, and can be written to
    assert titles(folder, "aaaa") == recovered
    with Library(folder, clock=Clock()) as library:
        store(library, "aaaa", item("new", "aaaa"))
        assert library.states("aaaa")["one"].is_read
    assert titles(folder, "aaaa") == [*recovered, "new"]
    assert titles(folder, "bbbb") == ["five"]
    # And the damaged file is there too
    assert repaired == Repaired(log, folder / "items" / "aaaa.log.damaged-20261120-120000", len(recovered), lost)
    assert repaired.kept_as.read_bytes() == damaged
    assert str(repaired).startswith(f"{log} was damaged: ")
    # And there is nothing more to repair
    assert mend(folder) == []


def test_a_second_repair_of_the_same_moment_keeps_both_damaged_files(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    for _ in range(2):
        log.write_bytes(log.read_bytes() + b"?\n")
        mend(folder)
    assert sorted(file.name for file in log.parent.glob("*.damaged*")) == [
        "aaaa.log.damaged-20261120-120000",
        "aaaa.log.damaged-20261120-120000+",
    ]


def test_groups_that_were_lost_are_found_again_by_their_items(folder: Path) -> None:
    groups = folder / "groups.log"
    first, ink, paper = lines_of(groups.read_bytes())
    groups.write_bytes(first + ink[:40] + b"\n" + paper)
    (repaired,) = mend(folder)
    assert repaired.lost == ("1 line that can't be read", "title and addresses of Found again (aaaa)")
    with Library(folder, clock=Clock()) as library:
        assert [group.title for group in library.groups()] == ["Paper", "Found again (aaaa)"]
        assert [each.id for each in library.items("aaaa")] == ["one", "two", "three", "four"]
        assert library.states("aaaa")["one"].is_read


def test_a_removed_group_is_not_found_again(folder: Path) -> None:
    with Library(folder, clock=Clock()) as library:
        library.remove_group("aaaa")
    groups = folder / "groups.log"
    groups.write_bytes(groups.read_bytes() + b"?\n")
    mend(folder)
    with Library(folder, clock=Clock()) as library:
        assert [group.title for group in library.groups()] == ["Paper"]
        assert library.restore_group("aaaa").title == "Ink"


def test_a_file_of_a_newer_florilege_is_not_touched(folder: Path) -> None:
    log = folder / "items" / "aaaa.log"
    log.write_bytes(b'{"florilege":"items","schema":99}\n?\n')
    assert mend(folder) == []
    with pytest.raises(LibraryNewer):
        titles(folder, "aaaa")


def test_a_power_cut_while_repairing_loses_nothing_more(folder: Path) -> None:
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
        log.unlink()  # a damaged file is kept as a second name of the same bytes
    assert cuts > 200
