"""Answers too large to be decoded at one go."""

import gc

import msgspec
import pytest

from florilege.formats import Snapshot, detect, worker
from florilege.formats import pool as parsing
from florilege.gc_paused import gc_paused
from support.snapshots import sample

FOLDERS = b"url,title,selection,folder\n" + b"".join(
    b"https://example.org/%d,Title %d,,%s\n" % (number, number, b"Ink" if number % 2 else b"Folds")
    for number in range(3000)
)


@pytest.mark.parametrize("data", [FOLDERS, sample("diigo_group.rss"), sample("subscriptions.opml")])
def test_a_snapshot_is_the_same_in_pieces(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_AT_ONE_GO", 1)
    monkeypatch.setattr(worker, "_limit", lambda kind, wanted: None)  # it would hold for all tests in this process

    assert parsing._decoded(worker.answer(data)) == detect.read(data)


def test_what_is_no_answer_in_pieces_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_AT_ONE_GO", 1)
    for content in (b"S{", b'S{"kind":"x","entries":[1]}', b'S{"kind":"x","parts":[[]]}', b"S[]", b'S{"kind":1}'):
        with pytest.raises(msgspec.DecodeError):
            parsing._decoded(content)


async def test_a_large_document_comes_whole_from_its_process() -> None:
    async with parsing.Parser(workers=1) as parser:
        snapshot: Snapshot = await parser.parse(FOLDERS)

    assert len(msgspec.json.encode(snapshot)) > parsing._AT_ONE_GO
    assert snapshot == detect.read(FOLDERS)


def test_the_collector_is_as_it_was_before() -> None:
    assert gc.isenabled()
    with gc_paused(), gc_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
