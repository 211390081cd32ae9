"""A terminal that goes away while the app runs: the app leaves, whoever was told of it. No screens, no library.

A closed window tells the first process in it, often a shell, and not always those that the shell runs; one that heard
nothing would go on reading from a terminal that is no more, as fast as it can.
"""

import os
import signal
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BETWEEN_LOOKS = 2.0
"""Seconds between two looks at the terminal, and the time that leaving may take once it is gone."""


@contextmanager
def told_of_hanging_up() -> Iterator[None]:
    """While this lasts, this process hears the signal of a closed window whenever its terminal is gone.

    Where it has not left by the next look, it is ended: marks are on the disk before they show, so none is lost.
    """
    over = threading.Event()

    def watch() -> None:
        told = False
        while not over.wait(BETWEEN_LOOKS):
            if _is_there():
                continue
            if told:
                os._exit(1)
            told = True
            os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=watch, name="hanging up", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _is_there() -> bool:
    try:
        termios.tcgetattr(0)
    except (termios.error, OSError):
        return False
    return True
