"""`python -m tests.bench.app`: how the app starts and answers keys, in a real pseudo-terminal, with data made here.

P1: start to the first item row against a minimal Textual app (goal 1.25); at 100,000 items against 1,000 (goal 1.1).
P2: the same against newsboat's start on as many items (goal 0.09 at 100,000, 0.7 at 10,000), when it is installed.
P3: key to paint at 100,000 rows (goals: down 3, scroll 5, page 6 ms; 99th percentile 16 ms).
    Textual draws at most 60 times a second, so that a key may wait 16 ms for its turn; that is counted in.
    Beside it the same keys in a minimal app of three panes: the first frame, and the processor's time for all frames.
P8: finding: what a word takes in 10,000 items (goal: 25 ms), and when first results are there (goal: 300 ms).
    Then in the terminal, the first time (texts are folded meanwhile) and later: from the key to the first results on
    the screen (goal in full text: 50 ms; a frame of Textual's may take 16 of them), and the longest a key waits for
    its letter (goal: 50 ms); memory.

Sides take turns within one run, and only their ratio means something: machines drift.
"""

import argparse
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Self

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import refresh
from bench.library import NOW, filled, tell
from florilege.lists.catalogue import Catalogue
from florilege.lists.places import Kind, Place
from florilege.query import parse
from florilege.settings import Session
from florilege.store import Library
from florilege.store.search_text import SearchText

_FRAME_END = b"\x1b[?2026l"
_MODES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What Textual asks a terminal, and the answer of one that knows synchronised output: then each frame has an end."""
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
_GOALS = {"down": 3, "scroll": 5, "page": 6}
_P99 = 16
WORDS = {
    "filigrane": 25,
    "nothing_there": 25,
    "quote:encre": 0,
    "title:encre": 25,
    "tag:encre": 25,
    "by:marge": 25,
    "-encre": 0,
}
"""What is looked for without a screen, and the goal in milliseconds for 10,000 items; 0 where there is none."""
FIELDS = {"tags": "tag:e n c r e", "titles": "title:e n c r e", "sharers": "by:m a r g e"}
"""What lists show, and how it is looked for, key by key."""
_QUIET = 0.1
"""Seconds without a frame after which a key is done: a busy machine draws the last one late."""


@dataclass(frozen=True)
class Side:
    """One program, and what it has drawn when it has started."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    needle: bytes

    def start(self) -> float:
        """Seconds from the spawn to the needle."""
        with Terminal(self.command, self.environ) as terminal:
            return terminal.until(self.needle)


class Terminal:
    """A program in a pseudo-terminal of 120 columns and 40 lines, ended when the block is left."""

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
        """Seconds from the spawn until this has been drawn."""
        while needle not in self._read:
            if not self._more(60):
                raise SystemExit(f"{needle!r} was not drawn, but {self._read[-2000:]!r}")
        return time.perf_counter() - self.begun

    def settle(self, quiet: float) -> float:
        """Read until nothing has been drawn for so many seconds; when the last was drawn, as `perf_counter` has it."""
        last = time.perf_counter()
        while self._more(quiet):
            last = time.perf_counter()
        self._read = b""
        return last

    def press(self, keys: bytes, quiet: float = 0.03) -> tuple[float, float]:
        """Seconds from a key to the end of the first frame, and to the last that followed it."""
        self._read = b""
        begun = time.perf_counter()
        os.write(self._own, keys)
        while _FRAME_END not in self._read:
            if not self._more(5):
                return 0.0, 0.0  # nothing to draw
        first = time.perf_counter()
        return first - begun, (max(first, self.settle(quiet)) if quiet else first) - begun

    def find(self, letters: bytes) -> tuple[float, float]:
        """Seconds from letters in the find box to the first frame, and to the list of what answers to it."""
        first, _ = self.press(letters, 0)
        begun = time.perf_counter() - first
        while b" of " not in self._read and b"no items" not in self._read:  # how many there are, above the list
            if not self._more(60) or time.perf_counter() - begun > 120:
                raise SystemExit("nothing was found")
        return first, time.perf_counter() - begun

    def leave(self) -> None:
        """Leave the app with its key, so that it remembers what was shown."""
        os.write(self._own, b"q")
        self._process.wait(60)

    @property
    def memory(self) -> float:
        """The most it has taken, in MiB; 0 where that can't be told."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0.0
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    @property
    def work(self) -> float:
        """Seconds of a processor its first thread has taken; 0 where that can't be told."""
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9
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
    """The environment of a program that has this home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLORILEGE", "NEWSBOAT"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start would compile what it loads
    return kept | {"HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", "FLORILEGE_HOME": str(home)}


def florilege(home: Path, groups: int, each: int) -> Side:
    """This program with so many items, as it was left on the list of everything."""
    home.mkdir()
    filled(home / "library", groups, each).close()
    (home / "config.toml").write_text(_SETTINGS)
    Session(view=Place(Kind.EVERYTHING).key).save(home / "session.json")
    side = Side(f"{groups * each:,} items", (sys.executable, "-m", "florilege"), environ(home), b"Encre")
    with Terminal(side.command, side.environ) as terminal:
        terminal.until(side.needle)
        terminal.settle(2)
        terminal.leave()
    return side


def newsboat(folder: Path, groups: int, each: int) -> Side | None:
    """newsboat with as many items, read from files; None when it is not installed."""
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


def starts(sides: Sequence[Side], rounds: int) -> dict[str, float]:
    """How long each takes to start, in the median; each has its turn in every round, the first of which is not counted.

    Tells the least, the median and the most.
    """
    taken: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(rounds + 1):
        for side in sides:
            seconds = side.start()
            if number:
                taken[side.name].append(seconds)
    for name, times in taken.items():
        tell(f"   start, {name}: {_told(times)}")
    return {name: statistics.median(times) for name, times in taken.items()}


def _told(times: Sequence[float]) -> str:
    least, middle, most = (1000 * value for value in (min(times), statistics.median(times), max(times)))
    return f"{least:.1f} / {middle:.1f} / {most:.1f} ms (min / median / max)"


def _verdict(value: float, goal: float) -> str:
    return f"goal {goal:g}: {'reached' if value <= goal else 'MISSED'}"


def starting(folder: Path, large: Side, items: int, rounds: int) -> None:
    """P1 and P2."""
    (folder / "minimal.py").write_text(_MINIMAL)
    minimal = Side("minimal", (sys.executable, str(folder / "minimal.py")), environ(folder), b"first words")
    small = florilege(folder / "small", 1, 1000)
    boat = newsboat(folder / "feeds", items // 1000, 1000)
    median = starts([minimal, small, large, *([boat] if boat else [])], rounds)
    ratio = median[large.name] / median["minimal"]
    tell(f"P1 start against a minimal Textual app: {ratio:.2f}, {_verdict(ratio, 1.25)}")
    ratio = median[large.name] / median[small.name]
    tell(f"P1 start, {large.name} against {small.name}: {ratio:.2f}, {_verdict(ratio, 1.1)}")
    if boat is None:
        tell("P2: newsboat is not installed")
        return
    ratio = median[large.name] / median["newsboat"]
    tell(f"P2 start against newsboat: {ratio:.3f}, {_verdict(ratio, 0.09 if items >= 100_000 else 0.7)}")


def keys(terminal: Terminal, folder: Path, items: int, presses: int) -> None:
    """P3: keys in a list that has been read, by turns with the same keys in a minimal app of three panes."""
    command = (sys.executable, "-m", "tests.bench.panes", str(items))
    with Terminal(command, environ(folder)) as minimal:
        minimal.until(b"Encre")
        minimal.settle(2)
        for name, key in _KEYS.items():
            ours, theirs = _Presses(), _Presses()
            for _ in range(presses):
                ours.press(terminal, key)
                theirs.press(minimal, key)
            tell(f"   {name}: {_told(ours.first)}; processor, all frames: {_told(ours.work)}")
            tell(f"   {name}, minimal: {_told(theirs.first)}; processor, all frames: {_told(theirs.work)}")
            late = statistics.quantiles(ours.first, n=100)[-1] * 1000
            middle = statistics.median(ours.first) * 1000
            ratios = [middle / 1000 / statistics.median(theirs.first)]
            ratios += [statistics.median(ours.work) / statistics.median(theirs.work)] if any(theirs.work) else []
            tell(
                f"P3 {name}: {middle:.1f} ms, {_verdict(middle, _GOALS[name])};"
                f" 99th percentile {late:.1f} ms, {_verdict(late, _P99)};"
                f" against minimal panes {' and, in processor time, '.join(f'{ratio:.2f}' for ratio in ratios)}"
            )


class _Presses:
    """What the presses of a key took, in seconds: until the first frame, and of the processor for all frames."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.work: list[float] = []

    def press(self, terminal: Terminal, key: bytes) -> None:
        """Press it once, and wait until nothing more is drawn."""
        before = terminal.work
        first, _ = terminal.press(key, _QUIET)
        if first:
            self.first.append(first)
            self.work.append(terminal.work - before)


def looking(home: Path, items: int) -> None:
    """P8: words, quotes, titles, tags and sharers looked through without a screen, in processor time."""
    place = Place(Kind.EVERYTHING)
    with Library(home / "library", clock=lambda: NOW) as library:
        catalogue = Catalogue(library, clock=lambda: NOW, texts=SearchText(home / "texts"))
        catalogue.listed(place, parse("filigrane"))  # makes the texts
        for text, goal in WORDS.items():
            first, whole = [], []
            for _ in range(5):
                began = time.process_time()
                search = catalogue.search(place, parse(text))
                while not search.go_on(0.01, time.process_time) and not search.rows:
                    pass
                first.append(time.process_time() - began)
                search.to_the_end()
                whole.append(time.process_time() - began)
            middle = 1000 * statistics.median(whole) * 10_000 / items
            verdict = f", {_verdict(middle, goal)}" if goal else ""
            tell(f"P8 {text}: first results {_told(first)}; all, for 10,000 items: {middle:.1f} ms{verdict}")


def filtering(terminal: Terminal, how: str) -> None:
    """P8: a filter typed key by key; the first key also waits for what is worked out once."""
    texts = {"full text": "f i l i g r a n e", "in no title": "f i n d s _ n o t h i n g"}
    for what, text in (texts | FIELDS).items():
        terminal.press(b"/", 0.3)
        pairs = [terminal.find(letters.encode()) for letters in text.split()]
        shown, found = [first for first, _ in pairs], [last for _, last in pairs[1:]]
        tell(f"   {how}, {what}, letters shown: {_told(shown)}")
        tell(f"   {how}, {what}, first results of all: {1000 * pairs[0][1]:.0f} ms; later ones: {_told(found)}")
        middle = 1000 * statistics.median(found)
        told = f", {_verdict(middle, 50)}" if what in texts else ""
        tell(f"P8 {how}, {what}: first results on the screen {middle:.0f} ms after a key{told}")
        terminal.settle(0.3)
        terminal.press(b"\x1b", 0.3)
    waits = typed(terminal, "filigrane" + "\x7f" * 9 + "vergé pulpe", 0.1)
    late = 1000 * max(waits)
    tell(f"P8 {how}, ten keys a second: {_told(waits)}; longest wait {late:.0f} ms, {_verdict(late, 50)}")
    tell(f"   {how}: most memory so far {terminal.memory:.0f} MiB")


def typed(terminal: Terminal, text: str, pace: float) -> list[float]:
    """Seconds until each letter is shown, with so many seconds between two of them."""
    terminal.press(b"/", 0.3)
    waits = []
    for letter in text:
        waits.append(terminal.press(letter.encode(), 0)[0])
        terminal.settle(max(0.01, pace - waits[-1]))
    terminal.settle(0.3)
    terminal.press(b"\x1b", 0.3)
    return waits


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.app", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000, help="items of the large library (default: 100000)")
    parser.add_argument("--rounds", type=int, default=15, help="starts of each program (default: 15)")
    parser.add_argument("--presses", type=int, default=100, help="presses of each key (default: 100)")
    parser.add_argument("--only", choices=("start", "keys", "filter"), help="measure only this")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing stays behind
    with tempfile.TemporaryDirectory(prefix="florilege-bench-", dir=".") as name:
        folder = Path(name).absolute()
        large = florilege(folder / "large", wanted.items // 1000, 1000)
        if wanted.only in (None, "start"):
            starting(folder, large, wanted.items, wanted.rounds)
        if wanted.only == "start":
            return
        with Terminal(large.command, large.environ) as terminal:
            terminal.until(large.needle)
            terminal.settle(5)
            tell(f"   memory with everything open: {terminal.memory:.0f} MiB")
            if wanted.only in (None, "keys"):
                keys(terminal, folder, wanted.items, wanted.presses)
            if wanted.only in (None, "filter"):
                filtering(terminal, "texts not folded yet")
        if wanted.only in (None, "filter"):
            looking(folder / "large", wanted.items)
        if wanted.only in (None, "filter"):
            with Terminal(large.command, large.environ) as terminal:
                terminal.until(large.needle)
                terminal.settle(5)
                filtering(terminal, "texts folded before")


if __name__ == "__main__":
    main()
