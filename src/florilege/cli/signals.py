"""Handling of termination: by a signal, or because the terminal is gone."""

import os
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


@contextmanager
def on_termination(react: Callable[[], None]) -> Iterator[None]:
    """Within this context, SIGTERM and SIGHUP call `react` instead of ending the process."""
    try:
        before = {number: signal.signal(number, lambda *_: react()) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not in the main thread: handlers can't be set there
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupted_by_signals() -> AbstractContextManager[None]:
    """Within this context, SIGTERM and SIGHUP raise KeyboardInterrupt.

    Otherwise they would end the process at once and leave behind the temporary file of an atomic write.
    """

    def interrupt() -> None:
        raise KeyboardInterrupt

    return on_termination(interrupt)


BETWEEN_LOOKS = 2.0
"""Seconds between two checks of the terminal, and the time that the app has to quit once it is gone."""


@contextmanager
def watching_terminal() -> Iterator[None]:
    """Within this context, the process receives SIGHUP whenever its terminal is gone.

    When a window is closed, its first process, often a shell, receives SIGHUP, but not always the processes that the
    shell runs; without the signal, the app would go on reading from the missing terminal in a busy loop.
    If the process has not quit by the next check, it is ended; marks are saved before they show, so none is lost.
    """
    over = threading.Event()

    def watch() -> None:
        was_signalled = False
        while not over.wait(BETWEEN_LOOKS):
            if _is_there():
                continue
            if was_signalled:
                os._exit(1)
            was_signalled = True
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
