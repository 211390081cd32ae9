"""Documents in local files."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from florilege.net import FailureReason, Fetched, FetchFailure, NotModified, read_file, read_stream

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def written(path: Path, body: bytes, *, age: float = 60) -> Path:
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp() - age, NOW.timestamp() - age))
    return path


async def test_file_is_read(tmp_path: Path) -> None:
    answer = await read_file(written(tmp_path / "group.rss", b"<rss/>"), now=NOW)

    assert isinstance(answer, Fetched)
    assert answer.body == b"<rss/>"


async def test_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    first = await read_file(path, now=NOW)
    assert isinstance(first, Fetched)

    assert await read_file(path, now=NOW, etag=first.etag) == NotModified()


async def test_changed_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    first = await read_file(path, now=NOW)
    assert isinstance(first, Fetched)
    written(path, b"<RSS/>", age=30)

    second = await read_file(path, now=NOW, etag=first.etag)

    assert isinstance(second, Fetched)
    assert second.body == b"<RSS/>"


async def test_file_changed_a_moment_ago_gets_no_validator(tmp_path: Path) -> None:
    answer = await read_file(written(tmp_path / "group.rss", b"<rss/>", age=0.5), now=NOW)

    assert answer == Fetched(b"<rss/>", etag=None)


async def test_folder_is_no_document(tmp_path: Path) -> None:
    answer = await read_file(tmp_path, now=NOW)

    assert answer == FetchFailure(FailureReason.FILE_UNREADABLE, f"{tmp_path} is a folder", "name a file in it")


async def test_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    answer = await read_file(tmp_path / "pipe", now=NOW)

    assert isinstance(answer, FetchFailure)
    assert "is not a file" in answer.sentence


@pytest.mark.parametrize("name", ["missing.rss", "group.rss/inside", "nul\0.rss"])
async def test_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    written(tmp_path / "group.rss", b"<rss/>")

    answer = await read_file(tmp_path / name, now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.FILE_MISSING
    assert "\0" not in answer.sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the superuser")
async def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"<rss/>")
    path.chmod(0)

    answer = await read_file(path, now=NOW)

    assert isinstance(answer, FetchFailure)
    assert "can't be read (permission denied)" in answer.sentence


async def test_circular_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    answer = await read_file(tmp_path / "a", now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.FILE_UNREADABLE


async def test_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "group.rss", b"x" * 11)

    answer = await read_file(path, now=NOW, limit=10)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.TOO_LARGE


async def test_empty_file_is_a_failure_of_its_own(tmp_path: Path) -> None:
    answer = await read_file(written(tmp_path / "group.rss", b"\n"), now=NOW)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is FailureReason.EMPTY


async def test_stream_is_read_to_its_end() -> None:
    assert await read_stream(io.BytesIO(b"<rss/>")) == Fetched(b"<rss/>")


@pytest.mark.parametrize(("body", "reason"), [(b"", FailureReason.EMPTY), (b"x" * 11, FailureReason.TOO_LARGE)])
async def test_stream_has_the_same_limits(body: bytes, reason: FailureReason) -> None:
    answer = await read_stream(io.BytesIO(body), limit=10)

    assert isinstance(answer, FetchFailure)
    assert answer.reason is reason
