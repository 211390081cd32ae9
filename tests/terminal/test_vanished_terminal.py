"""The terminal disappears while florilege runs: a closed window, a lost connection."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from support.loopback import Loopback, after, reply
from support.terminal import COMMAND, running

FEED = (Path(__file__).parent.parent / "samples" / "diigo_group.rss").read_bytes()
END = FEED.index(b"</item>") + len(b"</item>")
SHORTER = FEED[: FEED.index(b"<item")] + FEED[END:]


def florilege(home: Path, *arguments: str) -> str:
    command = [COMMAND, "--library", str(home / "florilege"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def parents() -> dict[int, int]:
    """Running processes, without zombies, each with its parent."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    found = [line.split() for line in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in found if not state.startswith("Z")}


def within(seconds: float, condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def test_app_ends_with_nothing_lost_and_no_process_left(tmp_path: Path) -> None:
    with Loopback() as server:
        florilege(tmp_path, "add", server.at("/rss", reply(SHORTER), reply(FEED)))
        (tmp_path / "florilege" / "config.toml").write_text("[refresh]\non_start = false\n")
        slow = server.at("/slow", after(server.gate(), reply(b"")))
        florilege(tmp_path, "add", "--no-refresh", slow)
        # Given the app during a refresh: a process has read one document, and another never arrives
        with running(home=tmp_path) as terminal:
            terminal.shows("unread")
            terminal.press("R")
            terminal.shows("15 unread")
            terminal.press("lm")
            terminal.shows("14 unread")
            app = terminal.process.pid
            started = {pid for pid, parent in parents().items() if app in (pid, parent)}
            assert len(started) > 1
            terminal.vanish()
            within(20, lambda: started.isdisjoint(parents()), "a process goes on without its terminal")
    assert len(json.loads(florilege(tmp_path, "list", "is:read", "--json"))["items"]) == 1
