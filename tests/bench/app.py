"""Starting, answering keys and finding, in a real pseudo-terminal, with generated data: P1, P2, P3, P8.

Textual draws at most 60 times a second, so a key may wait 16 ms for its frame; waits include that. Starts are given in
processor time of all threads until the first row is drawn, which leaves out other programs on the machine.
"""

import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Self

from bench import refresh
from bench.goals import Figure, print_line
from bench.library import NOW, filled
from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Place, PlaceKind
from florilege.query.language import parse
from florilege.settings import Session
from florilege.store import Library

_FRAME_END = b"\x1b[?2026l"
_MODES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""Textual's query for synchronised output, and the answer of a terminal that supports it, so that frames have ends."""
_MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("first words")
Minimal().run()
"""
_SETTINGS = '[reading]\nmark = "hand"\n[refresh]\non_start = false\n'
_KEYS = {"down": b"j", "scroll": b"\x1b[<65;60;10M", "page": b"\x1b[6~"}
WORDS = ("filigrane", "nothing_there", "title:encre", "tag:encre", "by:marge", "quote:encre", "-encre")
"""Queries for searching without a screen; the goal applies to single words and those in a field."""
GOAL_WORDS = WORDS[:5]
FIELDS = {"tags": "tag:e n c r e", "titles": "title:e n c r e", "sharers": "by:m a r g e"}
"""Text that lists show, and keys that search for it."""
_QUIET = 0.1
"""Seconds without a frame after which a key is done; long, because a busy machine draws the last frame late."""


@dataclass(frozen=True)
class Side:
    """A program, and the text it has drawn when it has started."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    needle: bytes

    def start(self) -> tuple[float, float]:
        """Seconds from the spawn until the text is drawn, by the clock and of processors."""
        with Terminal(self.command, self.environ) as terminal:
            return terminal.until(self.needle), terminal.all_work


class Terminal:
    """A program in a pseudo-terminal of 120 columns and 40 lines; a context manager that ends it."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._own, theirs = pty.openpty()
        ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._own)

    def until(self, needle: bytes) -> float:
        """Seconds from the spawn until this is drawn."""
        while needle not in self._read:
            if not self._more(60):
                raise SystemExit(f"{needle!r} was not drawn, but {self._read[-2000:]!r}")
        return time.perf_counter() - self.begun

    def settle(self, quiet: float) -> float:
        """Read until nothing is drawn for this many seconds; gives the time of the last output, by `perf_counter`."""
        last = time.perf_counter()
        while self._more(quiet):
            last = time.perf_counter()
        self._read = b""
        return last

    def press(self, keys: bytes, quiet: float = 0.03) -> tuple[float, float]:
        """Seconds from a key to the end of the first frame, and of the last frame that followed."""
        self._read = b""
        begun = time.perf_counter()
        os.write(self._own, keys)
        while _FRAME_END not in self._read:
            if not self._more(5):
                return 0.0, 0.0  # nothing was drawn
        first = time.perf_counter()
        return first - begun, (max(first, self.settle(quiet)) if quiet else first) - begun

    def find(self, letters: bytes) -> tuple[float, float]:
        """Seconds from typing in the find line to the first frame, and to the filtered list."""
        first, _ = self.press(letters, 0)
        begun = time.perf_counter() - first
        while b" of " not in self._read and b"no items" not in self._read:  # the number of results, above the list
            if not self._more(60) or time.perf_counter() - begun > 120:
                raise SystemExit("nothing was found")
        return first, time.perf_counter() - begun

    def leave(self) -> None:
        """Quit the app with its key, so that it saves its session."""
        os.write(self._own, b"q")
        self._process.wait(60)

    @property
    def memory(self) -> float:
        """Peak memory in MiB; 0 if unknown."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0.0
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    @property
    def work(self) -> float:
        """Processor seconds of its main thread; 0 if unknown."""
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9
        except OSError:
            return 0.0

    @property
    def all_work(self) -> float:
        """Processor seconds of all its threads."""
        try:
            tasks = list(Path(f"/proc/{self._process.pid}/task").iterdir())
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except OSError:
            return 0.0

    def _more(self, seconds: float) -> bool:
        if not select.select([self._own], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._own, 1 << 16)
        except OSError:  # it has ended
            return False
        for asked, answer in _MODES.items():
            if asked in data:
                os.write(self._own, answer)
        self._read += data
        return bool(data)


def environ(home: Path) -> dict[str, str]:
    """The environment of a program with this home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLORILEGE", "NEWSBOAT"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise each start would compile the modules
    return kept | {"HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", "FLORILEGE_HOME": str(home)}


def florilege(home: Path, groups: int, each: int, *, tags: bool = False) -> Side:
    """florilege with this many items, last on the list of everything, or on a tag if tags are to be shown."""
    home.mkdir()
    with filled(home / "library", groups, each) as library:
        first = library.groups()[0].id
    (home / "config.toml").write_text(_SETTINGS)
    place = Place(PlaceKind.TAG, first, "reliure") if tags else Place(PlaceKind.EVERYTHING)
    Session(view=place.key).save(home / "session.json")
    side = Side(
        f"{groups * each:,} items{' with tags' if tags else ''}",
        (sys.executable, "-m", "florilege"),
        environ(home),
        "❝".encode(),
    )
    with Terminal(side.command, side.environ) as terminal:
        terminal.until(side.needle)
        terminal.settle(2)
        terminal.leave()
    return side


def newsboat(folder: Path, groups: int, each: int) -> Side | None:
    """newsboat with as many items, read from files; None if it is not installed."""
    addresses = []
    folder.mkdir()
    for number in range(groups):
        path = folder / f"{number}.rss"
        path.write_bytes(refresh.feed(number, each, 0))
        addresses.append(path.absolute().as_uri())
    side = refresh.newsboat(folder / "newsboat", addresses)
    if side is None:
        return None
    subprocess.run(side.command, env=side.environ, check=True, capture_output=True)
    command = [word for word in side.command if word not in ("-x", "reload")]
    return Side("newsboat", command, environ(folder) | side.environ, b"Group 0")


def starts(sides: Sequence[Side], rounds: int) -> dict[str, tuple[float, float]]:
    """The median start of each side: seconds by the clock, and processor seconds.

    Sides take turns in every round; the first round is not counted.
    """
    taken: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
    for number in range(rounds + 1):
        for side in sides:
            seconds = side.start()
            if number:
                taken[side.name].append(seconds)
    return {
        name: (_median(wall for wall, _ in each), _median(work for _, work in each)) for name, each in taken.items()
    }


def _median(times: Iterable[float]) -> float:
    return statistics.median(times)


def _told(times: Sequence[float]) -> str:
    least, middle, most = (1000 * value for value in (min(times), statistics.median(times), max(times)))
    return f"{least:.1f} / {middle:.1f} / {most:.1f} ms (min / median / max)"


def compared(goal: str, one: Side, other: Side, found: Mapping[str, tuple[float, float]]) -> Figure:
    """Compare two starts by processor time."""
    (clock, ours), (their_clock, theirs) = found[one.name], found[other.name]
    details = f"{1000 * ours:.0f} vs. {1000 * theirs:.0f} ms; wall-clock ratio {clock / their_clock:.2f}"
    return Figure(goal, ours / theirs, details)


def starting(folder: Path, large: Side, rounds: int) -> Iterator[Figure]:
    """P1."""
    (folder / "minimal.py").write_text(_MINIMAL)
    minimal = Side("minimal", (sys.executable, str(folder / "minimal.py")), environ(folder), b"first words")
    small = florilege(folder / "small", 1, 1000)
    tags = florilege(folder / "tags", 1, 1000, tags=True)
    found = starts([minimal, small, large, tags], rounds)
    yield compared("P1", large, minimal, found)
    yield compared("P1 size", large, small, found)
    yield compared("P1 tags", tags, small, found)


def next_to_newsboat(folder: Path, large: Side, items: int, rounds: int) -> Iterator[Figure]:
    """P2."""
    boat = newsboat(folder / "feeds", items // 1000, 1000)
    if boat is None:
        print_line("P2: newsboat is not installed")
    else:
        yield compared("P2", large, boat, starts([large, boat], rounds))


def keys(folder: Path, large: Side, items: int, presses: int) -> Iterator[Figure]:
    """P3: keys in a list that has been read, alternating with the same keys in a minimal app of three panes."""
    command = (sys.executable, str(Path(__file__).with_name("panes.py")), str(items))
    late, busy = [], []
    with Terminal(large.command, large.environ) as terminal, Terminal(command, environ(folder)) as minimal:
        terminal.until(large.needle)
        terminal.settle(5)
        minimal.until(b"Encre")
        minimal.settle(2)
        for name, key in _KEYS.items():
            ours, theirs = _Presses(), _Presses()
            for _ in range(presses):
                ours.press(terminal, key)
                theirs.press(minimal, key)
            late.append(1000 * statistics.quantiles(ours.first, n=100)[-1])
            busy.append(1000 * statistics.quantiles(ours.work, n=100)[-1])
            first = statistics.median(ours.first) / statistics.median(theirs.first)
            details = (
                f"processor time of all frames; wall-clock ratio until the first frame {first:.2f}, {_told(ours.first)}"
            )
            yield Figure(f"P3 {name}", statistics.median(ours.work) / statistics.median(theirs.work), details)
    yield Figure("P3 late", max(late), f"processor time of the same: {max(busy):.1f} ms")


class _Presses:
    """The times of key presses, in seconds: until the first frame, and processor time for all frames."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.work: list[float] = []

    def press(self, terminal: Terminal, key: bytes) -> None:
        """Press the key once, and wait until nothing more is drawn."""
        before = terminal.work
        first, _ = terminal.press(key, _QUIET)
        if first:
            self.first.append(first)
            self.work.append(terminal.work - before)


def finding(large: Side, home: Path, items: int) -> Iterator[Figure]:
    """P8."""
    yield from filtering(large)
    yield from looking(home, items)


def looking(home: Path, items: int) -> Iterator[Figure]:
    """P8: searching words, quotes, titles, tags and sharers without a screen, in processor time."""
    place, slowest, each_told = Place(PlaceKind.EVERYTHING), 0.0, []
    with Library(home / "library", clock=lambda: NOW) as library:
        catalogue = Catalogue(library, clock=lambda: NOW, texts=home / "texts")
        catalogue.search(place, parse("filigrane")).to_the_end()  # builds the search texts
        for text in WORDS:
            whole = []
            for _ in range(5):
                began = time.process_time()
                catalogue.search(place, parse(text)).to_the_end()
                whole.append(time.process_time() - began)
            middle = 1000 * statistics.median(whole) * 10_000 / items
            each_told.append(f"{text} {middle:.1f}")
            slowest = max(slowest, middle) if text in GOAL_WORDS else slowest
    yield Figure("P8 word", slowest, ", ".join(each_told))


def filtering(side: Side) -> Iterator[Figure]:
    """P8: a filter typed key by key; the first key also waits for one-time work."""
    firsts, waits = [], []
    with Terminal(side.command, side.environ) as terminal:
        terminal.until(side.needle)
        terminal.settle(5)
        before = terminal.memory
        for text in ("f i l i g r a n e", "f i n d s _ n o t h i n g", *FIELDS.values()):
            terminal.press(b"/", 0.3)
            pairs = [terminal.find(letters.encode()) for letters in text.split()]
            waits += [first for first, _ in pairs]
            firsts += [last for _, last in pairs]
            terminal.settle(0.3)
            terminal.press(b"\x1b", 0.3)
        waits += typed(terminal, "filigrane" + "\x7f" * 9 + "vergé pulpe", 0.1)
        yield Figure("P8 first", 1000 * max(firsts), _told(firsts))
        yield Figure("P8 key", 1000 * max(waits), _told(waits))
        yield Figure("P8 memory", terminal.memory - before, f"{before:.0f} MiB before")


def typed(terminal: Terminal, text: str, pace: float) -> list[float]:
    """Seconds until each letter is shown, with a pause between letters."""
    terminal.press(b"/", 0.3)
    waits = []
    for letter in text:
        waits.append(terminal.press(letter.encode(), 0)[0])
        terminal.settle(max(0.01, pace - waits[-1]))
    terminal.settle(0.3)
    terminal.press(b"\x1b", 0.3)
    return waits
