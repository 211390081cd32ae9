"""Progress of exports: every format reports each item once, and stops when cancelled."""

import signal
from pathlib import Path

import pytest

from florilege.cli.export import interrupted_by_signals
from florilege.export.formats import FORMATS, write_file
from florilege.export.notes import write_notes
from support.selections import item, row, selection

ITEM_FORMATS = [name for name in FORMATS if name != "opml"]
"""All but OPML, which has no items to report."""


class Enough(Exception):
    """Raised to stop an export."""


@pytest.mark.parametrize("name", ITEM_FORMATS)
def test_each_item_is_reported_once(name: str) -> None:
    reported: list[int] = []
    rows = [row(item(f"{number:016x}")) for number in range(3)]

    "".join(FORMATS[name].write(selection(*rows, on_progress=reported.append)))

    assert reported == [1, 1, 1]


def test_each_note_is_reported_once(tmp_path: Path) -> None:
    reported: list[int] = []
    write_notes(tmp_path, selection(row(item("0" * 16)), row(item("1" * 16)), on_progress=reported.append))
    assert reported == [1, 1]


def test_export_stopped_half_way_leaves_no_file(tmp_path: Path) -> None:
    def stop(_more: int) -> None:
        raise Enough

    rows = [row(item(f"{number:016x}")) for number in range(3)]
    with pytest.raises(Enough):
        write_file(tmp_path / "a.md", FORMATS["markdown"].write(selection(*rows, on_progress=stop)))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="these signals are those of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_terminated_command_leaves_no_file(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    before = signal.getsignal(number)

    def end(_more: int) -> None:
        signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt), interrupted_by_signals():
        write_file(tmp_path / "a.md", FORMATS["markdown"].write(selection(row(item()), on_progress=end)))

    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(number) is before
