"""Documents in local files."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from florilege.net import FailureReason, Fetched, FetchFailure, NotModified
from florilege.refresh.documents import checked, read_file

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def written(path: Path, body: bytes, *, age: float = 60) -> Path:
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp() - age, NOW.timestamp() - age))
    return path


def test_file_is_read(tmp_path: Path) -> None:
    answer = read_file(written(tmp_path / "group.rss", b"<rss/>"), now=NOW)

    assert isinstance(answer, Fetched)
    assert answer.body == b"<rss/>"


def test_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    first = read_file(path, now=NOW)
    assert isinstance(first, Fetched)

    assert read_file(path, now=NOW, etag=first.etag) == NotModified()


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    first = read_file(path, now=NOW)
    assert isinstance(first, Fetched)
    written(path, b"<RSS/>", age=30)

    second = read_file(path, now=NOW, etag=first.etag)

    assert isinstance(second, Fetched)
    assert second.body == b"<RSS/>"


def test_file_changed_a_moment_ago_gets_no_validator(tmp_path: Path) -> None:
    answer = read_file(written(tmp_path / "group.rss", b"<rss/>", age=0.5), now=NOW)

    assert answer == Fetched(b"<rss/>", etag=None)


def test_folder_is_no_document(tmp_path: Path) -> None:
    answer = read_file(tmp_path, now=NOW)

    assert answer == FetchFailure(FailureReason.FILE_UNREADABLE, f"{tmp_path} is a folder", "name a file in it")


def test_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    answer = read_file(tmp_path / "pipe", now=NOW)

    assert isinstance(answer, FetchFailure)
    assert "is not a file" in answer.sentence


@pytest.mark.parametrize("name", ["missing.rss", "group.rss/inside", "nul\0.rss"])
def test_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    written(tmp_path / "group.rss", b"<rss/>")

    answer = read_file(tmp_path / name, now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.FILE_MISSING
    assert "\0" not in answer.sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the superuser")
def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    path.chmod(0)

    answer = read_file(path, now=NOW)

    assert isinstance(answer, FetchFailure)
    assert "can't be read (permission denied)" in answer.sentence


def test_circular_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    answer = read_file(tmp_path / "a", now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.FILE_UNREADABLE


def test_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"x" * 11)

    answer = read_file(path, now=NOW, limit=10)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.TOO_LARGE


def test_empty_file_is_a_failure_of_its_own(tmp_path: Path) -> None:
    answer = read_file(written(tmp_path / "group.rss", b"\n"), now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.EMPTY


def test_standard_input_is_a_document() -> None:
    assert checked(b"<rss/>", "Standard input") == Fetched(b"<rss/>")


@pytest.mark.parametrize(("body", "reason"), [(b"", FailureReason.EMPTY), (b"x" * 11, FailureReason.TOO_LARGE)])
def test_standard_input_has_the_same_limits(body: bytes, reason: FailureReason) -> None:
    answer = checked(body, "Standard input", limit=10)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is reason
