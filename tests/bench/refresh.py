"""The speed of a refresh compared with newsboat, and how long it blocks the app: P5 to P7, P9.

Feeds are generated and served on loopback. Both sides run as whole processes, in turn, in homes of their own. newsboat
is used if it is installed.
"""

import asyncio
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from bench.goals import Figure, print_line

FEEDS, ITEMS = 100, 100
_WORDS = ("encre", "papier", "marge", "lecture", "plume", "page", "livre", "note", "quote", "margin", "ink", "paper")


def feed(number: int, items: int, newer: int) -> bytes:
    """A feed of a group; `newer` items are added on top."""
    rng = random.Random(number)
    entries = [_item(rng, number, place) for place in range(items)]
    latest = random.Random(f"{number} {newer}")
    fresh = [_item(latest, number, items + place) for place in range(newer)]
    body = "".join([*fresh, *entries])
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Group {number}</title>{body}</channel></rss>'.encode()
    )


def _item(rng: random.Random, number: int, place: int) -> str:
    def words(count: int) -> str:
        return " ".join(rng.choices(_WORDS, k=count))

    quotes = "".join(f"<li>{words(38)}</li>" for _ in range(rng.randint(3, 10)))
    html = f"<p>{words(20)}</p><p><strong>Tags:</strong> {words(3)}</p><ul>{quotes}</ul>"
    return (
        f"<item><title>{words(7)} {place}</title><link>https://example.org/{number}/{place}</link>"
        f"<guid>https://example.org/{number}/{place}</guid><pubDate>Thu, 12 Mar 2026 09:14:05 GMT</pubDate>"
        f"<description><![CDATA[{html}]]></description></item>"
    )


class _Server(ThreadingHTTPServer):
    """Serves feeds with validators; a request for `/grow/N` adds items to each."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, feeds: int, items: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._feeds, self._items = feeds, items
        self.grow(0)

    def grow(self, newer: int) -> None:
        """Add this many items to every feed."""
        self.newer = newer
        self.bodies = {f"/{number}": feed(number, self._items, newer) for number in range(self._feeds)}


class Server:
    """The same in a separate process, so that it takes nothing from the interpreter being measured."""

    def __init__(self, feeds: int, items: int) -> None:
        command = [sys.executable, __file__, str(feeds), str(items)]
        paths = {"PYTHONPATH": str(Path(__file__).parents[1])}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | paths)
        assert self._process.stdout is not None
        self._address = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.addresses = [f"{self._address}/{number}" for number in range(feeds)]

    def grow(self, newer: int) -> None:
        """Add this many items to every feed."""
        with urllib.request.urlopen(f"{self._address}/grow/{newer}") as answer:
            answer.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path.startswith("/grow/"):
            self.server.grow(int(self.path.removeprefix("/grow/")))
        etag = f'"{self.server.newer}"'
        known = self.headers.get("If-None-Match") == etag
        body = b"" if known else self.server.bodies.get(self.path, b"")
        self.send_response(304 if known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Don't log."""


@dataclass(frozen=True)
class Side:
    """A program in a home of its own."""

    name: str
    command: tuple[str, ...]
    environ: dict[str, str]

    def seconds(self) -> tuple[float, float]:
        """Its duration, by the clock and of processors."""
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(self.command, env=self.environ, check=True, capture_output=True, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return time.perf_counter() - begun, work


def florilege(home: Path, addresses: list[str]) -> Side:
    """florilege, with all addresses added and none fetched."""
    environ = _environ(home) | {"FLORILEGE_HOME": str(home)}
    add = [sys.executable, "-m", "florilege", "add", "--no-refresh", *addresses]
    subprocess.run(add, env=environ, check=True, stdout=subprocess.DEVNULL)
    return Side("florilege", (sys.executable, "-m", "florilege", "refresh", "--all"), environ)


def newsboat(home: Path, addresses: list[str]) -> Side | None:
    """newsboat with its defaults; None if it is not installed."""
    program = shutil.which("newsboat")
    if program is None:
        return None
    home.mkdir(parents=True)
    (home / "urls").write_text("\n".join(addresses) + "\n")
    (home / "config").write_text("")
    files = ("-u", str(home / "urls"), "-C", str(home / "config"), "-c", str(home / "cache.db"))
    return Side("newsboat", (program, "-q", *files, "-x", "reload"), _environ(home))


def _environ(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}


def compare(server: Server, folder: Path, rounds: int) -> Iterator[Figure]:
    """P5 to P7: refresh three times in each round: first, unchanged, and with two new items per feed."""
    goals = ("P5", "P6", "P7")
    times: dict[str, dict[str, list[tuple[float, float]]]] = {goal: {} for goal in goals}
    for number in range(rounds):
        server.grow(0)
        sides = [florilege(folder / f"f{number}", server.addresses), newsboat(folder / f"n{number}", server.addresses)]
        for goal in goals:
            server.grow(2 if goal == "P7" else 0)
            for side in filter(None, sides):
                times[goal].setdefault(side.name, []).append(side.seconds())
    for goal, measured in times.items():
        clock, work = ({name: statistics.median(each) for name, each in _part(measured, part)} for part in (0, 1))
        both = " vs. ".join(f"{seconds:.2f} s" for seconds in clock.values())
        if "newsboat" in clock:
            details = f"{both}; ratio of processor time {work['florilege'] / work['newsboat']:.2f}"
            yield Figure(goal, clock["florilege"] / clock["newsboat"], details)
        else:
            print_line(f"{goal}: {both} (newsboat is not installed, so there is no ratio)")


def _part(measured: dict[str, list[tuple[float, float]]], part: int) -> Iterator[tuple[str, list[float]]]:
    for name, each in measured.items():
        yield name, [both[part] for both in each]


def stall(server: Server, folder: Path) -> Iterator[Figure]:
    """P9: how long the app's event loop is blocked, in a first and in a second refresh."""
    from florilege.cli.app import app_context
    from florilege.cli.context import CliContext
    from florilege.tui.app import FlorilegeApp

    server.grow(0)
    florilege(folder, server.addresses)
    (folder / "config.toml").write_text("[refresh]\non_start = false\n")
    outside = CliContext({"FLORILEGE_HOME": str(folder)})

    async def run() -> list[list[float]]:
        app = FlorilegeApp(app_context(outside, outside.library()))
        async with app.run_test(size=(120, 36)) as pilot:
            await app.workers.wait_for_complete()
            await pilot.pause()
            found = []
            for newer in (0, 2):
                server.grow(newer)
                late: list[tuple[float, float]] = []
                ticking = asyncio.create_task(_measure(late))
                await pilot.press("R")
                await app.workers.wait_for_complete()
                ticking.cancel()
                await asyncio.gather(ticking, return_exceptions=True)
                clock, work = zip(*late, strict=True)
                found.append(
                    [1000 * value for value in (statistics.quantiles(clock, n=100)[-1], max(clock), max(work))]
                )
            return found

    found = asyncio.run(run())
    details = "; ".join(
        f"{what} {usual:.1f} and {longest:.1f} ms, at most {work:.1f} ms of processor time"
        for what, (usual, longest, work) in zip(("first fetch", "two new"), found, strict=True)
    )
    yield Figure("P9 late", max(usual for usual, _, _ in found), details)
    yield Figure("P9 longest", max(longest for _, longest, _ in found), details)


async def _measure(late: list[tuple[float, float]]) -> None:
    """Wake up every millisecond; record the delay, and what the thread did meanwhile."""
    now = asyncio.get_running_loop().time
    while True:
        before, worked = now(), time.thread_time()
        await asyncio.sleep(0.001)
        late.append((now() - before - 0.001, time.thread_time() - worked))


def served(measure: Callable[..., Iterator[Figure]], feeds: int, *given: Any) -> Iterator[Figure]:
    """Measure with a server of this many feeds."""
    with Server(feeds, ITEMS) as server:
        yield from measure(server, *given)


if __name__ == "__main__":
    serving = _Server(int(sys.argv[1]), int(sys.argv[2]))
    print_line(str(serving.server_port))
    serving.serve_forever()
