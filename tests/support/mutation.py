"""Mutated documents: samples of every format, damaged as bytes are in transit and as attackers would."""

import asyncio
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

from florilege.formats import Snapshot, SourceError
from florilege.formats.markup import html_to_text
from florilege.formats.pool import Parser
from support.snapshots import SAMPLES, sample, unclean_texts
from support.trials import Row

ALL = sorted(path.name for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json"))
LARGEST = 1 << 18
"""Maximum bytes of a document. The limits of time and memory depend on its size."""
PIECES = (
    b"\0", b'"', b"<", b">", b"&", b"\n", b"\r", b"\xff", b"{", b"]", b",", b"''", b"<![CDATA[", b"<!--", b"<ul>",
    b"</div>", b"<dl>", b'<a href="', b"&#x110000;", b"&#xD83D;&#xDE00;", b"&#55357;", b"\xc2\x9b", b"\xe2\x80\xae",
    b"Highlight:\n", b"</dc:subject>", b"9" * 400, b"\xef\xbb\xbf", b"\x1b]52;c;eA==\x07",
    b"<!DOCTYPE x [<!ENTITY y 'z'>]>",
)  # fmt: skip
"""Strings that break out of one kind of field or another."""
NESTS = (
    b"[", b'{"a":', b'[{"children":[', b"<div>", b"<ul><li>", b"<blockquote>x", b"<dl><dt><h3>x</h3>",
    b"<b>", b"<table><tr><td>",
    b'<outline text="x">', b"<item>", b"<![CDATA[", b"&lt;b&gt;", b"(", b'"', b"<a href=x>", b"<svg><style>",
)  # fmt: skip
TOKENS = (
    b"a", b" ", b"\n", b"\t", b"\xc2\xa0", b"&", b"<", b"[", b"<a ", b"<b> ", b"&#9", b"&amp;",
    b"class=", b"\\'", b'""', b"1 - 1 of 11",
    b"http://e.org/ ", b"a,", b"- ", b"> ", b"=", b"<br>", b"/", b"x-", b"\r\n\r\n", b"Note: ", b"'", b"\xed\xa0\x80",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-8-sig", "cp1251", "latin-1", "shift_jis", "utf-7", "utf-32")
WRONG: tuple[Any, ...] = (
    None, 1, 1e30, 2**70, True, "x", "\ud800", [], {}, [1], [None], [[]], {"a": 1}, "9999-99-99T00:00:00Z",
)  # fmt: skip
"""JSON values to put where others are expected."""
TROUBLE = re.compile("made a mistake|stopped|processor time|within .* seconds|too much memory|bug")
"""Matches the refusal of a document that a reader failed on."""

Change = Callable[[bytes, random.Random], bytes]


def mutated(name: str, chance: random.Random) -> bytes:
    """A sample with one or several mutations."""
    data = sample(name)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = chance.choice(CHANGES)(data, chance)[:LARGEST]
    return data


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(each for key, one in inner for each in places(one, (*place, key)))]


def _part(data: bytes, chance: random.Random, most: int = 4_000) -> tuple[int, int]:
    """The beginning and end of a random part."""
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 10, 100, most)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 30)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    return chance.choice((data[:start], data[start:], data[:start] + data[end:]))


def _double(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _recode(data: bytes, chance: random.Random) -> bytes:
    was = data.decode("utf-8", "replace")
    return chance.choice(
        (
            was.encode(chance.choice(ENCODINGS), "replace"),
            data.decode("latin-1").encode(),  # UTF-8 encoded twice
            data.replace(b"utf-8", chance.choice(ENCODINGS).encode()).replace(b"UTF-8", b"x-nobody-knows"),
            gzip.compress(data),
            _zipped(data),
        )
    )


def _zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../export", data)
        file.writestr("empty/", b"")
    return archive.getvalue()


def _nest(data: bytes, chance: random.Random) -> bytes:
    start, _ = _part(data, chance)
    return data[:start] + chance.choice(NESTS) * chance.choice((2, 100, 5_000)) + data[start:]


def _swell(data: bytes, chance: random.Random) -> bytes:
    start, _ = _part(data, chance)
    return data[:start] + chance.choice(TOKENS) * chance.choice((2, 1_000, 50_000)) + data[start:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    start, end = _part(data, chance, 120)
    return data[:start] + chance.choice(PIECES) + data[chance.choice((start, end)) :]


def _join(data: bytes, chance: random.Random) -> bytes:
    """Insert a part of another sample."""
    other = sample(chance.choice(ALL))
    start, end = _part(other, chance)
    place, _ = _part(data, chance)
    return data[:place] + other[start:end] + data[place:]


def _misplace(data: bytes, chance: random.Random) -> bytes:
    """Replace a value of the JSON, or swap two lines."""
    try:
        value = json.loads(data)
        *way, last = chance.choice(places(value)[1:])
    except (ValueError, IndexError, RecursionError):
        lines = data.splitlines(keepends=True)
        chance.shuffle(lines)
        return b"".join(lines)
    holder = value
    for key in way:
        holder = holder[key]
    holder[last] = chance.choice(WRONG)
    return json.dumps(value).encode()


CHANGES: tuple[Change, ...] = (_flip, _cut, _double, _recode, _nest, _swell, _insert, _join, _misplace)


def documents(row: Row) -> None:
    """Read documents as the app does, in a separate process; each is read or refused with a true sentence.

    To see this trial fail: let `worker.takes_too_long` be reached (a pattern such as `(a|a)*b` in `fields.line`),
    raise in a reader, or leave out `clean` in `fields.line`.
    """
    asyncio.run(_documents(row))


async def _documents(row: Row) -> None:
    said: list[str] = []
    async with Parser(workers=1, on_error_output=said.append) as parser:
        while row.goes_on:
            seed = row.chance.randrange(1 << 30)
            name = ALL[row.times % len(ALL)]
            data = mutated(name, random.Random(seed))
            with row.trying():
                try:
                    wrong = fault(await parser.parse(data))
                except SourceError as refusal:
                    # What unpacks to a hundred times its size may be refused for its cost, and only for that.
                    is_bomb = data.startswith((b"\x1f\x8b", b"PK")) and "made a mistake" not in refusal.sentence
                    wrong = refusal.sentence if TROUBLE.search(refusal.sentence) and not is_bomb else ""
            if wrong:
                row.failures.append(f"mutated({name!r}, Random({seed})), {len(data)} bytes: {wrong} {''.join(said)}")


def fault(snapshot: Snapshot) -> str:
    """What is wrong with a snapshot, whatever it was read from; empty if nothing is."""
    if not (snapshot.entries or snapshot.subscriptions or snapshot.warnings):
        return "nothing was read, and nothing said"
    for entry in snapshot.entries[:20]:
        html_to_text(entry.body or "")
    unclean = unclean_texts(snapshot)
    return f"not cleaned: {unclean[0][:80]!r}" if unclean else ""
