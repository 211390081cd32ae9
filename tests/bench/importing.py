"""`python -m tests.bench.importing`: what bringing in an export costs, as ratios of things measured in one run.

P11: one export of 10,000 bookmarks, read, decided on and stored, against the bare msgspec decode of its bytes (for CSV:
of the same rows as JSON) plus one durable write of them (goal: 3.0). Reading, deciding and storing are told apart, so
that it shows where the time goes. Three documents:

- JSON: Diigo's API v2, 650 bytes a bookmark, two thirds of them with a highlight or two; few dates and sets of tags;
- CSV: Raindrop, 280 bytes a bookmark, no highlights;
- JSON, long: Diigo's API v2 again, 2.5 KB a bookmark, four highlights each, every date and set of tags another.

Beside them stands the least that any reader in Python does: rows taken from the bytes, made into items with an id, a
date, tags and a folded title, encoded and written; nothing recognised, cleaned, checked, matched or warned about.

The cost that comes with each bookmark and each highlight, whatever its length, weighs most where they are shortest.
"""

import csv
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from florilege.formats import detect
from florilege.gc_paused import gc_paused
from florilege.merge import decide
from florilege.model import Highlight, Item, Sharer
from florilege.store import Library
from florilege.text import digest, fold

BOOKMARKS, ROUNDS = 10_000, 7
GOAL = 3.0
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_WORDS = (
    "encre",
    "papier",
    "marge",
    "lecture",
    "pli",
    "fil",
    "colle",
    "reliure",
    "vergé",
    "filigrane",
    "pulpe",
    "cuve",
)
_COLUMNS = ["id", "title", "note", "excerpt", "url", "folder", "tags", "created", "cover", "highlights", "favorite"]


def words(number: int, count: int) -> str:
    """So many words, others for each number."""
    return " ".join(_WORDS[(number * 7 + place) % len(_WORDS)] for place in range(count))


def as_json(count: int) -> bytes:
    """Bookmarks as Diigo's API gives them, a third of them with highlights."""
    moment = "2011/01/29 10:09:{:02} +0000"
    return msgspec.json.encode(
        [
            {
                "title": words(number, 8).capitalize(),
                "url": f"https://example.org/{_WORDS[number % 12]}/{number}",
                "user": f"user_{number % 40}",
                "desc": words(number, 20),
                "tags": ",".join(words(number, 4).split()),
                "shared": "yes",
                "readlater": "no",
                "created_at": moment.format(number % 60),
                "updated_at": moment.format(number % 60),
                "comments": [],
                "annotations": [
                    {"content": words(number + place, 25), "created_at": moment.format(place), "comments": []}
                    for place in range(number % 3)
                ],
            }
            for number in range(count)
        ]
    )


def as_long_json(count: int) -> bytes:
    """Longer bookmarks as Diigo's API gives them, of which no two have the same date or tags."""
    begun = datetime(2011, 1, 29, 10, 9, tzinfo=UTC)

    def moment(number: int) -> str:
        return (begun + timedelta(seconds=7919 * number)).strftime("%Y/%m/%d %H:%M:%S +0000")

    return msgspec.json.encode(
        [
            {
                "title": words(number, 8).capitalize(),
                "url": f"https://example.org/papier/{number}",
                "user": f"user_{number % 40}",
                "desc": words(number, 60),
                "tags": ",".join([*words(number, 3).split(), f"{_WORDS[number % 12]}-{number}"]),
                "shared": "yes",
                "readlater": "no",
                "created_at": moment(number),
                "updated_at": moment(number),
                "comments": [],
                "annotations": [
                    {"content": words(number + place, 60), "created_at": moment(number + place), "comments": []}
                    for place in range(4)
                ],
            }
            for number in range(count)
        ]
    )


def as_csv(count: int) -> bytes:
    """Bookmarks as Raindrop exports them."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for number in range(count):
        tags = ", ".join(words(number, 4).split())
        url = f"https://example.org/{_WORDS[number % 12]}/{number}"
        moment = f"2026-01-02T03:04:{number % 60:02}.000Z"
        writer.writerow([number, words(number, 8), "", words(number, 20), url, "", tags, moment, "", "", "false"])
    return file.getvalue().encode()


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare(plain: bytes, data: bytes, folder: Path) -> float:
    """Seconds for one decode, and one write that is on the disk when it returns."""

    def work() -> None:
        msgspec.json.decode(plain)
        _write(folder / "bytes", data)

    return timed(work)


def least(data: bytes, folder: Path) -> float:
    """Seconds for making items of a document whose form is known and whose facts are taken as they stand."""

    def work() -> None:
        if data.startswith(b"["):
            items = [
                Item(
                    id=digest(row["url"]),
                    group="",
                    added_at=NOW,
                    title=row["title"],
                    url=row["url"],
                    sharer=Sharer(name=row["user"]),
                    shared_at=NOW,
                    tags=tuple(row["tags"].split(",")),
                    description=row["desc"],
                    highlights=tuple(
                        Highlight(id=digest(each["content"]), quote=each["content"], made_at=NOW)
                        for each in row["annotations"]
                    ),
                )
                for row in msgspec.json.decode(data)
            ]
        else:
            _, *rows = csv.reader(io.StringIO(data.decode()))
            items = [
                Item(
                    id=digest(url),
                    group="",
                    added_at=NOW,
                    native_id=number,
                    title=title,
                    url=url,
                    shared_at=datetime.fromisoformat(created),
                    tags=tuple(tags.split(", ")),
                    description=excerpt,
                )
                for number, title, _, excerpt, url, _, tags, created, *_ in rows
            ]
        for item in items:
            fold(item.title)
        _write(folder / "least", b"\n".join(map(msgspec.json.Encoder().encode, items)))

    with gc_paused():
        return timed(work)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def whole(data: bytes, folder: Path) -> tuple[float, float, float]:
    """Seconds for reading, deciding, and storing in a library of its own, as a refresh does it."""
    began = time.perf_counter()
    snapshot = detect.read(data)
    read = time.perf_counter()
    with Library(folder, clock=lambda: NOW) as library:
        group = library.add_group("Imported").id
        ready = time.perf_counter()
        with gc_paused():
            decision = decide([], snapshot, group=group, now=NOW)
            decided = time.perf_counter()
            library.update_items(group, lambda _: decision)
    return read - began, decided - ready, time.perf_counter() - decided


def main() -> None:
    """Measure, and print a line for each document."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else BOOKMARKS
    for name, data in (("JSON", as_json(count)), ("CSV", as_csv(count)), ("JSON, long", as_long_json(count))):
        plain = msgspec.json.encode(list(csv.DictReader(io.StringIO(data.decode())))) if name == "CSV" else data
        bases: list[float] = []
        floors: list[float] = []
        steps: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):  # each side has its turn in every round, so that a slow moment meets both
            with tempfile.TemporaryDirectory() as folder:
                bases.append(bare(plain, data, Path(folder)))
                floors.append(least(data, Path(folder)))
                steps.append(whole(data, Path(folder) / "library"))
        base = statistics.median(bases)
        reading, deciding, storing = (statistics.median(each) for each in zip(*steps, strict=True))
        total = statistics.median(sum(each) for each in steps)
        quickest = min(sum(each) for each in steps) / min(bases)
        verdict = "reached" if total <= GOAL * base else "missed"
        told = f"P11 {name}: {count} bookmarks in {total * 1000:.0f} ms, {total / base:.1f} times {base * 1000:.0f} ms"
        each = f"reading {reading / base:.1f}, deciding {deciding / base:.1f}, storing {storing / base:.1f}"
        sys.stdout.write(f"{told} (goal {GOAL}, {verdict}): {each}; the quickest of each side {quickest:.1f} times\n")
        sys.stdout.write(f"    the least that making items takes: {statistics.median(floors) / base:.1f} times\n")


if __name__ == "__main__":
    main()
