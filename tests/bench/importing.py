"""P11: the cost of importing an export, compared with the minimum of creating its items in Python.

One export of 10,000 bookmarks is read, decided on and stored. Three documents:

- JSON: Diigo's API v2, 650 bytes per bookmark, two thirds of them with a highlight or two; few dates and sets of tags;
- CSV: Raindrop, 280 bytes per bookmark, no highlights;
- long: Diigo's API v2 again, 2.5 KB per bookmark, four highlights each, every date and set of tags different.

The other side parses rows from the bytes, creates items with an id, a date, tags and a folded title, encodes and writes
them; it recognises, cleans, checks, matches and warns about nothing. The fixed cost per bookmark and highlight matters
most where they are shortest.
"""

import csv
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bench.goals import Figure
from bench.library import WORDS
from florilege.formats import detect
from florilege.gc_paused import gc_paused
from florilege.merge import decide
from florilege.model import Highlight, Item, Sharer
from florilege.store import Library
from florilege.text import digest, search_key

BOOKMARKS = 10_000
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_COLUMNS = ["id", "title", "note", "excerpt", "url", "folder", "tags", "created", "cover", "highlights", "favorite"]


def words(number: int, count: int) -> str:
    """This many words, different for each number."""
    return " ".join(WORDS[(number * 7 + place) % len(WORDS)] for place in range(count))


def as_json(count: int) -> bytes:
    """Bookmarks as Diigo's API gives them, a third of them with highlights."""
    moment = "2011/01/29 10:09:{:02} +0000"
    return msgspec.json.encode(
        [
            {
                "title": words(number, 8).capitalize(),
                "url": f"https://example.org/{WORDS[number % 12]}/{number}",
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
    """Longer bookmarks as Diigo's API gives them, no two with the same date or tags."""
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
                "tags": ",".join([*words(number, 3).split(), f"{WORDS[number % 12]}-{number}"]),
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
        url = f"https://example.org/{WORDS[number % 12]}/{number}"
        moment = f"2026-01-02T03:04:{number % 60:02}.000Z"
        writer.writerow([number, words(number, 8), "", words(number, 20), url, "", tags, moment, "", "", "false"])
    return file.getvalue().encode()


def timed(work: Callable[[], object]) -> float:
    """Processor seconds that a function takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def least(data: bytes, folder: Path) -> float:
    """Processor seconds to create the items of a document of known form, taking its facts as they are."""

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
            search_key(item.title)
        _write(folder / "least", b"\n".join(map(msgspec.json.Encoder().encode, items)))

    with gc_paused():
        return timed(work)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def whole(data: bytes, folder: Path) -> tuple[float, float, float]:
    """Processor seconds to read, decide and store in a library of its own, as a refresh does."""
    began = time.process_time()
    snapshot = detect.read(data)
    read = time.process_time()
    with Library(folder, clock=lambda: NOW) as library:
        group = library.add_group("Imported").id
        ready = time.process_time()
        with gc_paused():
            decision = decide([], snapshot, group=group, now=NOW)
            decided = time.process_time()
            library.update_items(group, lambda _: decision)
    return read - began, decided - ready, time.process_time() - decided


def measure(rounds: int, count: int = BOOKMARKS) -> Iterator[Figure]:
    """Measure each document; the sides take turns in every round, so that a slow moment affects both."""
    for name, data in (("JSON", as_json(count)), ("CSV", as_csv(count)), ("long", as_long_json(count))):
        floors: list[float] = []
        steps: list[tuple[float, float, float]] = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                floors.append(least(data, Path(folder)))
                steps.append(whole(data, Path(folder) / "library"))
        floor = statistics.median(floors)
        reading, deciding, storing = (statistics.median(each) / floor for each in zip(*steps, strict=True))
        total = statistics.median(sum(each) for each in steps)
        parts = f"reading {reading:.2f}, deciding {deciding:.2f}, storing {storing:.2f}"
        yield Figure(f"P11 {name}", total / floor, f"{1000 * total:.0f} vs. {1000 * floor:.0f} ms: {parts}")
