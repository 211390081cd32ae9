"""The lines of a log: long ones are put together from pieces."""

import msgspec
import pytest

from florilege.model import ReadingState
from florilege.store.lines import Change, Raw, Stored, write_line


def documents(count: int) -> dict[str, Stored | None]:
    """So many of each kind: encoded, to be encoded, removed."""
    kinds: tuple[Stored | None, ...] = (Raw(b'{"n":1}'), ReadingState(item="a"), None)
    return {str(number): kinds[number % 3] for number in range(count)}


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 512, 1000])
def test_a_line_put_together_from_pieces_is_the_same_as_one_written_at_one_go(count: int) -> None:
    change: Change = {"items": {"*": None, **documents(count)}, "büried": documents(600), "gone": None, "empty": {}}

    assert write_line(change) == msgspec.json.encode(change) + b"\n"
