"""The log file: torn tails, cuts at every byte, full disks, foreign files, compaction while being read."""

import errno
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from florilege.store import LibraryNewer, LibraryNotWritable, LibraryUnreadable
from florilege.store.log import Log
from support.disks import Failing, Faulty
from support.library import content, put


def line(text: bytes) -> bytes:
    """A line as it stands in a log: with its checksum."""
    return text[:-1] + b',"crc32":{"%08x":null}}\n' % zlib.crc32(text[:-1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = Log(tmp_path / "some.log", "documents")
    put(log, a='{"n":1}', b='{"n":1}')
    put(log, b='{"n":2}', c='{"n":3}')
    return tmp_path / "some.log"


def test_log_is_created_by_its_first_change_not_by_reading(tmp_path: Path) -> None:
    log = Log(tmp_path / "deep" / "some.log")
    assert content(log) == {}
    assert list(tmp_path.iterdir()) == []
    put(log, a="{}")
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["some.log"]
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "deep" / "some.log").stat().st_mode & 0o777 == 0o600


def test_each_change_is_one_line_after_a_header(path: Path) -> None:
    assert path.read_bytes() == (
        b'{"florilege":"documents","schema":1,"generation":1}\n'
        + line(b'{"documents":{"a":{"n":1},"b":{"n":1}}}')
        + line(b'{"documents":{"b":{"n":2},"c":{"n":3}}}')
    )


def test_write_cut_at_any_byte_leaves_the_state_before_it(path: Path) -> None:
    whole = path.read_bytes()
    before = whole.rindex(b"\n", 0, -1) + 1
    for length in range(before, len(whole) - 1):
        # Given a line of which only some bytes reached the disk
        path.write_bytes(whole[:length])
        # Then the state is that before it
        log = Log(path, "documents")
        assert content(log) == {"a": b'{"n":1}', "b": b'{"n":1}'}
        # And the next append replaces the torn tail
        put(log, d="{}")
        assert path.read_bytes() == whole[:before] + line(b'{"documents":{"d":{}}}')
        assert content(Log(path)) == {"a": b'{"n":1}', "b": b'{"n":1}', "d": b"{}"} == content(log)


@pytest.mark.parametrize("instead", [b"", b"#", b"}", b"\0"])
def test_line_missing_only_its_newline_counts_and_the_next_starts_a_new_line(path: Path, instead: bytes) -> None:
    whole = path.read_bytes()
    before = content(Log(path))
    reader = Log(path)
    content(reader)
    path.write_bytes(whole[:-1] + instead)
    log = Log(path)
    assert content(log) == content(reader) == before
    put(log, d="{}")
    assert path.read_bytes() == whole + line(b'{"documents":{"d":{}}}')
    assert content(Log(path)) == content(log) == content(reader) == before | {"d": b"{}"}


def test_damaged_log_is_not_compacted(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"c":{"n":3}', b'"c":{"n":4}'))
    changed = path.read_bytes()
    log = Log(path)
    assert content(log)["c"] == b'{"n":4}'
    with pytest.raises(LibraryUnreadable, match="is damaged in the line that begins after"):
        log.compact()
    assert path.read_bytes() == changed
    assert not log.needs_compaction


def test_reading_never_cuts_a_torn_tail(path: Path) -> None:
    torn = path.read_bytes()[:-5]
    path.write_bytes(torn)
    content(Log(path))
    assert path.read_bytes() == torn


def test_disk_full_at_any_byte_leaves_everything_as_it_was(path: Path) -> None:
    whole = path.read_bytes()
    new = line(b'{"documents":{"a":{"n":4}}}')
    for room in range(len(new)):
        files = Failing(errno.ENOSPC, room)
        log = Log(path, "documents", files)
        with pytest.raises(
            LibraryNotWritable, match=r"the disk is full\. Nothing was changed\. Make room, and try again"
        ):
            put(log, a='{"n":4}')
        assert path.read_bytes() == whole
        # And when there is room again, the same log works
        files.room = 1 << 30
        put(log, a='{"n":4}')
        assert path.read_bytes() == whole + new
        path.write_bytes(whole)


def test_write_that_could_not_be_made_durable_is_taken_back(path: Path) -> None:
    whole = path.read_bytes()
    files = Failing(errno.EIO)
    log = Log(path, "documents", files)
    before = content(log)
    files.syncs = False
    with pytest.raises(LibraryNotWritable, match="the disk reports an error"):
        put(log, a='{"n":4}')
    assert path.read_bytes() == whole
    assert content(log) == before


def test_log_whose_creation_fails_at_any_step_does_not_exist(tmp_path: Path) -> None:
    steps = 0
    while True:
        log = Log(tmp_path / "some.log", "documents", Faulty(steps, errno.EIO))
        try:
            put(log, a='{"n":1}')
            break
        except (LibraryNotWritable, LibraryUnreadable):
            assert content(Log(tmp_path / "some.log")) == {}
        steps += 1
    assert steps > 3
    assert content(Log(tmp_path / "some.log")) == {"a": b'{"n":1}'}


def test_disk_full_during_creation_leaves_no_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "some.log", "documents", Failing(errno.ENOSPC, 60))
    with pytest.raises(LibraryNotWritable):
        put(log, a='{"n":1}')
    assert not (tmp_path / "some.log").exists()
    assert content(Log(tmp_path / "some.log")) == {}


def test_disk_full_during_compaction_leaves_the_log(path: Path) -> None:
    whole, before = path.read_bytes(), content(Log(path))
    for room in range(len(whole)):
        files = Failing(errno.ENOSPC, room)
        log = Log(path, "documents", files)
        with pytest.raises(LibraryNotWritable):
            log.compact()
        assert path.read_bytes() == whole
        assert content(Log(path)) == before


def test_compaction_keeps_live_documents_in_order_and_the_previous_generation(path: Path) -> None:
    whole = path.read_bytes()
    log = Log(path, "documents")
    put(log, a=None)
    before = path.read_bytes()
    log.compact()
    assert path.read_bytes() == (
        b'{"florilege":"documents","schema":1,"generation":2}\n'
        + line(b'{"documents":{"b":{"n":2}}}')
        + line(b'{"documents":{"c":{"n":3}}}')
    )
    assert path.with_name("some.log.previous").read_bytes() == before != whole
    assert sorted(file.name for file in path.parent.iterdir()) == ["some.log", "some.log.previous"]


def test_compaction_during_reading_is_noticed(path: Path) -> None:
    # Given a reader, and a writer who compacts and appends until the file is longer than before
    reader, writer = Log(path), Log(path)
    content(reader)
    writer.compact()
    put(writer, d=f'{{"long":"{"x" * 500}"}}', a=None)
    # Then the reader sees the new content
    assert content(reader) == content(writer)
    assert "a" not in content(reader)


def test_compactions_that_reuse_an_inode_are_noticed(path: Path) -> None:
    # Given a file of the same inode and length, but of another generation
    put(Log(path), z=f'"{"so that the beginning lies far behind" * 3}"')
    reader = Log(path)
    content(reader)
    other = path.read_bytes().replace(b'"generation":1', b'"generation":3').replace(b'"a":{"n":1}', b'"a":{"n":7}')
    with path.open("r+b") as file:
        file.write(other)
    os.utime(path, ns=(0, 0))
    assert content(reader)["a"] == b'{"n":7}'


def test_truncated_and_extended_file_is_noticed(path: Path) -> None:
    # Given that a line already read was taken back, and a longer one written in its place
    reader = Log(path)
    content(reader)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1] + b'{"documents":{"e":{"n":"and much longer words"}}}\n')
    assert content(reader) == {"a": b'{"n":1}', "b": b'{"n":1}', "e": b'{"n":"and much longer words"}'}


def test_lines_appended_by_others_are_read(path: Path) -> None:
    one, two = Log(path), Log(path)
    content(two)
    put(one, d="{}")
    put(two, e="{}")
    assert content(one) == content(two)
    assert list(content(one)) == ["a", "b", "c", "d", "e"]


def test_removed_log_is_empty(path: Path) -> None:
    log = Log(path)
    content(log)
    path.unlink()
    assert content(log) == {}


FOREIGN = {
    "empty": (b"", "is empty"),
    "foreign text": (b"Dear diary,\nnothing today.\n", "is not a file of a florilege library"),
    "foreign JSON": (b'{"_default": {}}\n', "is not a file of a florilege library"),
    "binary": (b"\x00\xff\x01\n\n", "is not a file of a florilege library"),
    "a header cut short": (b'{"florilege":"documents","schema":1}', "is not a file of a florilege library"),
    "schema 0": (b'{"florilege":"documents","schema":0}\n', "schema 0"),
    "another kind": (b'{"florilege":"states","schema":1}\n', "holds 'states'"),
    "a damaged line": (
        b'{"florilege":"documents","schema":1}\n{"documents":{"a":{}}}\n{"docu\n{"documents":{}}\n',
        "is damaged in the line that begins after 60 bytes",
    ),
    "a line that is no change": (b'{"florilege":"documents","schema":1}\n[1]\n', "is damaged in the line"),
}


@pytest.mark.parametrize(("content", "words"), FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("act", [content, lambda log: put(log, a="{}"), Log.compact], ids=["read", "write", "compact"])
def test_foreign_file_is_refused_with_a_sentence_and_untouched(
    tmp_path: Path, content: bytes, words: str, act: Callable[[Log], object]
) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(content)
    with pytest.raises(LibraryUnreadable, match=words) as refusal:
        act(Log(path, "documents"))
    assert str(path) in str(refusal.value)
    assert "nothing was changed" in str(refusal.value)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["some.log"]


def test_newer_log_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(b'{"florilege":"documents","schema":2,"and":"more"}\n{"what":["ever"]}\n')
    with pytest.raises(LibraryNewer, match="written by a newer florilege"):
        put(Log(path), a="{}")
    assert path.read_bytes().endswith(b'{"what":["ever"]}\n')


def test_folder_in_place_of_a_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some.log").mkdir()
    with pytest.raises(LibraryUnreadable, match="can't be read"):
        content(Log(tmp_path / "some.log"))


def test_handwritten_headers_and_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_text('{"schema": 1, "florilege": "documents"}\n{ "documents" : {"a" : {"n" : 1.0 } } }\n')
    log = Log(path, "documents")
    assert content(log) == {"a": b'{"n" : 1.0 }'}
    put(log, b="{}")
    assert path.read_text().startswith('{"schema": 1, "florilege": "documents"}\n{ "doc')
    assert list(content(Log(path))) == ["a", "b"]
