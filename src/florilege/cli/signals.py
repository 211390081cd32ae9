"""Being told to end: by a signal, or by a terminal that is gone."""

import os
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


@contextmanager
def on_termination(react: Callable[[], None]) -> Iterator[None]:
    """While this lasts, `kill` and a closed terminal do not end the process at once: this is called."""
    try:
        before = {number: signal.signal(number, lambda *_: react()) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not in the main thread, where signals never come
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupted_by_signals() -> AbstractContextManager[None]:
    """While this lasts, `kill` and a closed terminal end the work as an interruption does.

    Without it they would end the process at once, and leave the file beside that was to take the place of another.
    """

    def interrupt() -> None:
        raise KeyboardInterrupt

    return on_termination(interrupt)


BETWEEN_LOOKS = 2.0
"""Seconds between two looks at the terminal, and the time that leaving may take once it is gone."""


@contextmanager
def watching_terminal() -> Iterator[None]:
    """While this lasts, this process hears the signal of a closed window whenever its terminal is gone.

    A closed window tells the first process in it, often a shell, and not always those that the shell runs; one that
    heard nothing would go on reading from a terminal that is no more, as fast as it can.
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

    threading.Thread(target=watch, name="watching the terminal", daemon=True).start()
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
