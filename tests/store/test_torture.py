"""A small part of `make torture`, and a hundred commands at once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from florilege.store import Library
from support.clocks import Clock

ROOT = Path(__file__).parents[2]


LIBRARY = {"kills": 30, "power cuts": 40, "disk faults": 20, "damaged bytes": 40}
INPUT = {"documents": 50, "worst strings": 20, "terminal bytes": 20, "odd servers": 8}
"""Few, because documents, patterns, terminal bytes and servers have tests of their own."""


@pytest.mark.parametrize("times", [LIBRARY, INPUT], ids=["library", "input"])
def test_nothing_goes_wrong_whatever_happens(times: dict[str, int]) -> None:
    wanted = [f"--{what.replace(' ', '-')}={times.get(what, 0)}" for what in (*LIBRARY, *INPUT)]
    command = [sys.executable, "-m", "tests.torture", "--minutes=10", *wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {line[:16].strip(): line[16:].split()[:2] for line in done.stdout.splitlines()}
    assert {what: rows[what] for what in times} == {what: [rows[what][0], "0"] for what in times}
    assert all(int(rows[what][0]) >= wanted for what, wanted in times.items())
    checked = re.search(r"records checked: ([\d,]+)", done.stdout)
    assert checked is not None
    assert times is INPUT or int(checked[1].replace(",", "")) > 5_000


_A_HUNDRED = """
import datetime, json, os, pathlib, sys, time
from florilege.store import Library
from florilege.marking import Mark
folder, group = sys.argv[1:]
now = lambda: datetime.datetime.now(datetime.UTC)
gate, opens = os.pipe()
def command(number):
    # One command, as from the command line: opens the library, marks an item of its own and one that all mark, ends.
    os.close(opens)
    os.read(gate, 1)
    started = time.monotonic()
    with Library(pathlib.Path(folder), clock=now) as library:
        library.mark(Mark.READ, {group: {f"own-{number}": 0}}, now=now())
        library.mark(Mark.STARRED, {group: {"common": 0, f"own-{number}": 0}}, now=now())
    (pathlib.Path(folder) / f"took-{number}").write_text(str(time.monotonic() - started))
children = []
for number in range(100):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            command(number)
            code = 0
        finally:
            os._exit(code)
    children.append(pid)
os.close(opens)  # now all at once
print(json.dumps([os.waitpid(pid, 0)[1] for pid in children]))
"""


def test_a_hundred_concurrent_commands_lose_no_mark_and_none_waits_too_long(tmp_path: Path) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        done = subprocess.run(
            [sys.executable, "-c", _A_HUNDRED, str(tmp_path), group],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        # Then every command got the lock, for which it waits five seconds at most
        assert json.loads(done.stdout) == [0] * 100, done.stderr
        took = [float(file.read_text()) for file in tmp_path.glob("took-*")]
        assert len(took) == 100
        assert max(took) < 10  # two marks
        # And every mark is visible in a library that was open all the time
        states = library.states(group)
        assert set(states) == {"common", *(f"own-{number}" for number in range(100))}
        assert all(state.is_starred for state in states.values())
        assert all(states[f"own-{number}"].is_read for number in range(100))
        assert not states["common"].is_read
