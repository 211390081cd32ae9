"""Answers of the parsing process that are too large to decode in one go."""

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
def test_snapshot_decoded_in_pieces_is_the_same(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_AT_ONE_GO", 1)
    monkeypatch.setattr(
        worker, "_limit", lambda kind, wanted: None
    )  # the limit would apply to all tests in this process

    assert parsing._decoded(worker.answer(data)) == detect.read(data)


def test_invalid_answer_is_invalid_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_AT_ONE_GO", 1)
    for content in (b"S{", b'S{"kind":"x","entries":[1]}', b'S{"kind":"x","parts":[[]]}', b"S[]", b'S{"kind":1}'):
        with pytest.raises(msgspec.DecodeError):
            parsing._decoded(content)


async def test_large_document_arrives_whole_from_its_process() -> None:
    async with parsing.Parser(workers=1) as parser:
        snapshot: Snapshot = await parser.parse(FOLDERS)

    assert len(msgspec.json.encode(snapshot)) > parsing._AT_ONE_GO
    assert snapshot == detect.read(FOLDERS)


def test_garbage_collector_state_is_restored() -> None:
    assert gc.isenabled()
    with gc_paused(), gc_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
