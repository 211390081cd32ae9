"""Strange files in place of a library file: one sentence, nothing lost, and the rest is read."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from florilege.marking import Mark
from florilege.store import Library, LibraryError, LibraryLock
from florilege.store.repair import check, repair
from support.clocks import Clock
from support.library import THEN, compact, item, store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    ids = iter(["aaaa", "bbbb"])
    with Library(folder, clock=Clock(), new_id=lambda: next(ids)) as library:
        for title in ("Ink", "Paper"):
            group = library.add_group(title).id
            store(library, group, item("one", group))
            library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        library.remember_counts()
    return folder


@pytest.fixture(params=[0o000, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_every_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "library"
    with Library(folder, clock=Clock()) as library:
        group = library.add_group("Ink").id
        store(library, group, item("one", group))
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        compact(library)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in (folder.parent, folder, folder / "items", folder / "states")}
    assert (modes, folders) == ({0o600}, {0o700})


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _foreign(path: Path) -> None:
    path.write_text("Dear diary,\n")


def _newer(path: Path) -> None:
    path.write_text('{"florilege":"items","schema":99}\n')


def _nested(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b'{"items":{"1":' + b"[" * 100_000 + b"]" * 100_000 + b"}}\n")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


STRANGE: tuple[Callable[[Path], None], ...] = (
    _pipe,
    _folder,
    _link_to_itself,
    _dangling_link,
    _foreign,
    _newer,
    _empty,
    _nested,
)


@pytest.mark.parametrize("kind", ["items", "states"])
@pytest.mark.parametrize("make", STRANGE, ids=lambda make: make.__name__.strip("_"))
def test_strange_file_affects_only_its_group(folder: Path, make: Callable[[Path], None], kind: str) -> None:
    make(folder / kind / "aaaa.log")
    with Library(folder, clock=Clock()) as library:
        for act in (library.items if kind == "items" else library.states, library.counts):
            with pytest.raises(LibraryError, match=r"aaaa\.log"):
                act("aaaa")
        writes: dict[str, Callable[[], object]] = {
            "items": lambda: store(library, "aaaa", item("two", "aaaa")),
            "states": lambda: library.mark(Mark.STARRED, {"aaaa": {"one": 0}}, now=THEN),
        }
        with pytest.raises(LibraryError):
            writes[kind]()
        # The list of groups and the other group are unaffected
        assert [group.title for group in library.groups()] == ["Ink", "Paper"]
        assert library.counts("bbbb").items == 1
        library.mark(Mark.STARRED, {"bbbb": {"one": 0}}, now=THEN)
        library.remember_counts()
        assert library.changed() == set()
    assert any("aaaa.log" in str(problem) for problem in check(folder))


@pytest.mark.parametrize("make", [_pipe, _folder, _link_to_itself, _foreign, _empty], ids=lambda make: make.__name__)
def test_strange_list_of_groups_is_one_sentence(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "groups.log")
    with Library(folder, clock=Clock()) as library:
        for act in (library.groups, lambda: library.add_group("Glue")):
            with pytest.raises(LibraryError, match=r"groups\.log"):
                act()


@pytest.mark.parametrize("make", [_pipe, _folder, _link_to_itself], ids=lambda make: make.__name__.strip("_"))
def test_strange_lock_file_prevents_writing_at_most(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "lock")
    with Library(folder, clock=Clock(), lock_timeout=0.1) as library:
        assert library.counts("aaaa").items == 1
        with suppress(LibraryError):  # a pipe can be locked too
            library.mark(Mark.STARRED, {"aaaa": {"one": 0}}, now=THEN)
        assert library.states("aaaa")["one"].is_read


def test_file_in_place_of_a_folder_is_one_sentence(folder: Path) -> None:
    (folder / "items").rename(folder / "elsewhere")
    (folder / "items").write_bytes(b"")
    with Library(folder, clock=Clock()) as library:
        with pytest.raises(LibraryError):
            library.items("aaaa")
        with pytest.raises(LibraryError):
            store(library, "aaaa", item("two", "aaaa"))
        assert library.states("aaaa")["one"].is_read
        assert len(library.groups()) == 2
        library.remember_counts()


def test_symbolic_link_to_a_log_is_written_through(folder: Path, tmp_path: Path) -> None:
    log, elsewhere = folder / "items" / "aaaa.log", tmp_path / "elsewhere.log"
    log.rename(elsewhere)
    log.symlink_to(elsewhere)
    with Library(folder, clock=Clock()) as library:
        store(library, "aaaa", item("two", "aaaa"))
        compact(library)
        assert len(library.items("aaaa")) == 2
    assert log.is_symlink()
    assert b'"two"' in elsewhere.read_bytes()


def test_repair_replaces_an_empty_or_foreign_log_and_keeps_a_copy(folder: Path) -> None:
    _foreign(folder / "items" / "aaaa.log")
    (repaired,) = repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock())
    assert repaired.kept_as is not None
    assert repaired.kept_as.read_text() == "Dear diary,\n"
    with Library(folder, clock=Clock()) as library:
        assert library.items("aaaa") == []


def test_unreachable_file_does_not_prevent_repairing_others(folder: Path) -> None:
    _pipe(folder / "items" / "aaaa.log")
    with (folder / "items" / "bbbb.log").open("ab") as log:
        log.write(b"?\n")
    (repaired,) = repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock())
    assert repaired.damage.path.name == "bbbb.log"
    assert [type(problem).__name__ for problem in check(folder)] == ["LibraryUnreadable"]


@pytest.mark.parametrize("kind", ["items", "states"])
def test_unreachable_folder_is_reported_and_not_repaired(folder: Path, kind: str) -> None:
    (folder / kind).rename(folder / "elsewhere")
    (folder / kind).symlink_to(kind)  # another user's folder, even when running as root
    (problem,) = check(folder)
    assert str(problem).startswith(f"{folder / kind} can't be read (Too many levels of symbolic links)")
    with pytest.raises(LibraryError):
        repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock())


@pytest.mark.parametrize("wrong", [b"?", "²".encode(), b"9" * 5000], ids=["a mark", "an exponent", "endless"])
def test_record_under_an_invalid_number_is_skipped_and_fixed_by_a_repair(folder: Path, wrong: bytes) -> None:
    with Library(folder, clock=Clock()) as library:
        library.trash.purge("bbbb", lambda summaries, _: [summary.id for summary in summaries])
    log = folder / "items" / "bbbb.log"
    log.write_bytes(log.read_bytes().replace(b'{"purged":{"', b'{"purged":{"' + wrong))
    with Library(folder, clock=Clock()) as library:
        assert library.trash.purge("bbbb", lambda summaries, _: [summary.id for summary in summaries]) == 0
    repair(folder, lock=LibraryLock(folder, clock=Clock()), clock=Clock())
    with Library(folder, clock=Clock()) as library:
        assert library.trash.restore_items("bbbb") == 1
