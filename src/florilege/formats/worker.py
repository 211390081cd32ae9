"""The parsing process: reads documents from standard input and writes snapshots to standard output until input ends.

As a separate process it has its own interpreter lock, so the interface never waits for a feed, and it may crash without
affecting the app. It exits together with its parent, and limits its own processor time and memory, so no document can
keep it busy.

`pool`, the other side, imports the protocol from here, which is why formats are imported inside functions. A frame is a
length and that many bytes. A request is two frames: the known digests, and the document. An answer is one frame, whose
first byte is a letter that says what follows.
"""

import gc
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from math import ceil
from types import FrameType
from typing import BinaryIO

import msgspec

from florilege.formats import MEBIBYTE, SourceError
from florilege.text import clean

LENGTH = 8
"""Size in bytes of the length that precedes a frame's content; the byte order is big-endian."""
SNAPSHOT, REFUSAL = b"S", b"E"
"""First letter of an answer: a snapshot as JSON, or the sentence and feeds of a `SourceError` as a JSON list."""
PACKED = (b"\x1f\x8b", b"PK")
"""First bytes of packed documents: gzip and ZIP."""
MEMORY = 1 << 30
"""Maximum memory in bytes that a parsing process may take in addition to what it has at its start."""
_GRACE = 1
"""Seconds of processor time between the first `_TimeUp` and the system killing the process."""
_LEAST = 128 * MEBIBYTE
"""Minimum memory in bytes that a document may take, however much earlier ones have left allocated."""
_LEFT = 32 * MEBIBYTE
"""Memory in bytes that documents may leave behind before their garbage is collected."""
_AGAIN = 0.1
"""Seconds of processor time after which `_TimeUp` is raised again, in case something suppressed it."""


class _TimeUp(BaseException):
    """The processor time of a document is up. Not an `Exception`, because third-party parsers catch all of these."""


def frame(content: bytes) -> bytes:
    """The content preceded by its length."""
    return len(content).to_bytes(LENGTH, "big") + content


def seconds_for(size: int) -> float:
    """The limit of processor time, in seconds, for a document of `size` bytes unpacked.

    The slowest supported documents (feeds that are not well-formed) take 0.5 s per megabyte, half of it in feedparser.
    """
    return 2.0 + size / MEBIBYTE


def memory_for(size: int) -> int:
    """The memory in bytes that a document of `size` bytes unpacked may take in addition to what the process has."""
    return min(MEMORY, 208 * MEBIBYTE + 24 * size)


def takes_too_long(size: int) -> str:
    """The message about a document of `size` bytes that exceeded its processor time."""
    return (
        f"The document could not be read within {seconds_for(size):.0f} seconds of processor time, so something in it "
        "is not as it should be: your items are unchanged; export it again, or add it in smaller parts."
    )


def answer(data: bytes, known: bytes = b"") -> bytes:
    """Read a document and encode the answer.

    Args:
        data: The document.
        known: Space-separated digests of entries that need not be parsed again.
    """
    from florilege.formats import detect

    size = len(data)
    try:
        if data.startswith(PACKED):
            from florilege.formats.document import unpacked_size

            with _limited(size):
                size = unpacked_size(data)
        with _limited(size):
            return SNAPSHOT + msgspec.json.encode(detect.read(data, frozenset(known.decode().split())))
    except SourceError as error:
        return refused(error.sentence, error.feeds)
    except _TimeUp:
        return refused(takes_too_long(size))
    except MemoryError:
        return refused("The document needs too much memory to be read: add it in smaller parts.")
    except RecursionError:
        return refused("The document is nested too deeply to be read: export or download it again.")
    except Exception as error:
        import logging

        # The only place that handles bugs in readers. The traceback goes to standard error, which the parent reports.
        logging.getLogger(__name__).exception("A document of %d bytes could not be read.", len(data))
        reader = " ".join(getattr(error, "__notes__", ["reading it"]))
        return refused(
            f"florilege made a mistake ({reader}: {type(error).__name__}), and your items are unchanged: please "
            "report it with what FLORILEGE_DEBUG=1 shows."
        )


def refused(sentence: str, feeds: Sequence[tuple[str, str]] = ()) -> bytes:
    """Encode the answer that refuses a document; for the arguments, see `SourceError`."""
    return REFUSAL + msgspec.json.encode([clean(sentence), [(clean(feed), clean(title)) for feed, title in feeds]])


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests one after the other until the input ends."""
    kept = _address_space()
    while (known := _frame_from(requests)) is not None and (data := _frame_from(requests)) is not None:
        answers.write(frame(answer(data, known)))
        answers.flush()
        if _address_space() > kept + _LEFT:
            gc.collect()  # reading pauses the collector and ages all objects, so it would hardly ever run by itself
            kept = _address_space()


def main() -> None:
    """Serve on standard input and output. Anything else that is printed goes to standard error."""
    from florilege.formats import detect

    detect.formats_of("rss")  # imports the readers of most documents while the first one may still be on its way
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor is wanted
            os.dup2(nothing.fileno(), 0)
        if hasattr(select, "poll"):
            threading.Thread(target=_end_with_parent, args=[requests], daemon=True).start()
        serve(requests, answers)


def _frame_from(requests: BinaryIO) -> bytes | None:
    """Read the content of the next frame; None at the end of the input."""
    length = requests.read(LENGTH)
    size = int.from_bytes(length, "big")
    content = requests.read(size) if len(length) == LENGTH else b""
    return content if len(length) == LENGTH and len(content) == size else None


def _end_with_parent(requests: BinaryIO) -> None:
    """Wait until the parent ends, which closes the pipe of requests, and exit at once.

    Code that never lets another thread run, such as a regular expression, is ended by its limit of time instead.
    """
    watch = select.poll()
    watch.register(requests, 0)  # reports only that the pipe was closed
    watch.poll()
    os._exit(0)


@contextmanager
def _limited(size: int) -> Iterator[None]:
    """Limit processor time and memory within the context to those of a document of `size` bytes, where supported.

    When time is up, a timer raises `_TimeUp`, which also interrupts a regular expression; a second later the system
    kills the process.
    """
    try:
        import resource
    except ImportError:
        yield
        return
    seconds = seconds_for(size)
    used = resource.getrusage(resource.RUSAGE_SELF)
    is_armed = True

    def time_up(_number: int, _where: FrameType | None) -> None:
        if is_armed:
            raise _TimeUp

    before = signal.signal(signal.SIGPROF, time_up)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime + seconds) + _GRACE)
    # Relative to the memory at the start: what earlier documents left allocated is free, and this one can reuse it.
    room = max(_begun_with() + memory_for(size), _address_space() + _LEAST)
    _limit(resource.RLIMIT_AS, min(_begun_with() + MEMORY, room))
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    try:
        yield
    finally:
        is_armed = False
        # First, and with room to spare: a `MemoryError` keeps all that filled the memory, and then Python may spin.
        _limit(resource.RLIMIT_AS, _begun_with() + MEMORY + _LEAST)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _limit(kind: int, wanted: int) -> None:
    """Set a resource limit of this process; ignored if the system refuses, as macOS does for some limits."""
    import resource

    _, hard = resource.getrlimit(kind)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


@cache
def _begun_with() -> int:
    """Memory in bytes that this process had before its first document."""
    return _address_space()


def _address_space() -> int:
    """Memory in bytes that this process has; `MEMORY` on systems that do not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 -- read for each document
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return MEMORY


if __name__ == "__main__":
    main()
