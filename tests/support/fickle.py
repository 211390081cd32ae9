"""A parsing process that crashes, hangs or exhausts memory when a document tells it to, and records its process id."""

import os
import sys
from pathlib import Path

_PROGRAM = """
import os, re, sys, time
from florilege.formats import detect, worker
read = detect.read
def fickle(data, known=None):
    if data == b"crash":
        os._exit(9)
    if data == b"hang":
        time.sleep(1000)
    if data == b"regex":
        re.fullmatch("(a|a)*b", "a" * 100)
    if data == b"raise":
        raise ZeroDivisionError
    if data == b"eat":
        bytearray(2 * worker.MEMORY)
    return read(data, known)
detect.read = fickle
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
worker.main()
"""


def fickle(tmp_path: Path) -> list[str]:
    """The command that starts such a process."""
    return [sys.executable, "-c", _PROGRAM, str(tmp_path / "pids")]


def pids(tmp_path: Path) -> list[int]:
    """The ids of the processes started so far."""
    path = tmp_path / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def running(pid: int) -> bool:
    """Whether a process still exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
