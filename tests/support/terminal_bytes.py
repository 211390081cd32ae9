"""Bytes that terminals send besides keys, recorded and random."""

import random

from textual import events

from florilege.tui.terminal import TerminalInput
from support.trials import Row

PASSED_OVER = [
    b"\x1b[M" + bytes([32 + 35, 32 + 110, 32 + 10]),  # a mouse report in the old encoding, right of column 95
    b"\x1b[M\xc3\xa9\x21",  # one whose bytes are a letter
    b"\x1b[32;110;10M",
    b"\xe9", b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f", b"\x1b\xe9",
    b"\x1b[97;1:1u", b"\x1b[97:65;2u", b"\x1b[99999999999999999999;5u", b"\x1b[1114112u", b"\x1b[97;99999u",
    b"\x1b[200;300x", b"\x1b[?62;4c", b"\x1b[?1u", b"\x1b[48;0;0;0;0t",
    b"\x1b]11;rgb:0000/0000/0000\x1b\\", b"\x1b]52;c;aGFsbG8=\x07", b"\x1bP>|tmux 3.4\x1b\\", b"\x1b_Gi=1;OK\x1b\\",
    b"\x1b[" + b"1;" * 500 + b"m",
]  # fmt: skip
"""Sequences that terminals send or might send; none of them is a key."""


def noise(seed: int) -> bytes:
    """Random bytes, mostly those escape sequences are made of."""
    chance = random.Random(seed)
    ends = b"\x1b[[<?;:0123456789uMmRt~]P^_O\x07\\IO"
    return bytes(
        chance.choice(ends) if chance.random() < 0.7 else chance.randrange(256) for _ in range(chance.randrange(90))
    )


def is_heard_after(*parts: bytes) -> bool:
    """Whether a key still works after these bytes, even if a paste in them never ended."""
    source = TerminalInput()
    for part in parts:
        list(source.feed(part))
    list(source.flush())
    list(source.feed(b"\x1b[201~"))
    last = [*source.feed(b"j")][-1:]
    return [event.key for event in last if isinstance(event, events.Key)] == ["j"]


def sent(row: Row) -> None:
    """Send everything recorded, whole and byte by byte, then as much at random.

    To see this trial fail: decode strictly in `TerminalInput`, or let `int` receive `97:65`.
    """
    recorded = [*PASSED_OVER, *(sequence * 300 for sequence in PASSED_OVER)]
    row.wanted += len(recorded)
    while row.goes_on:
        is_recorded = row.times < len(recorded)
        data = recorded[row.times] if is_recorded else noise(row.chance.randrange(1 << 30))
        with row.trying():
            heard = is_heard_after(data)
            heard = heard and (len(data) > 100 or is_heard_after(*(data[at : at + 1] for at in range(len(data)))))
        if not heard:
            row.failures.append(f"no key is heard after {data[:200]!r}")
