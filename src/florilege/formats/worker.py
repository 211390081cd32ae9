"""The parsing process: documents in on standard input, snapshots out on standard output, until the input ends.

It holds an interpreter lock of its own, so the interface never waits for a feed; it may die without anyone noticing.
What the other side, `pool`, has to know of it is here too; formats are loaded with the first document.
It ends with its parent, and by limits of its own: nothing in a document can keep it busy. A request is two
frames, each a length and bytes: what is known of a document, and the document; an answer is one, which begins with one
letter more.
"""

import os
import select
import signal
import sys
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
"""Bytes of the length before a frame, the most significant first."""
SNAPSHOT, REFUSAL = b"S", b"E"
"""The first letter of an answer: an encoded snapshot, or sentence and feed of a `SourceError`, as a JSON list."""
PACKED = (b"\x1f\x8b", b"PK")
"""How documents begin with others packed in them: gzip, ZIP."""
MEMORY = 1 << 30
"""Bytes a parsing process may use at most."""
_GRACE = 1
"""Seconds of processor time between the signal that a document may have no more, and the end of the process."""
_LEAST = 32 * MEBIBYTE
"""Bytes a document may take in any case, however much those before it have left behind."""
_AGAIN = 0.1
"""Seconds after which that signal comes again, should somebody have swallowed it."""


class _TimeUp(BaseException):
    """The document may have no more processor time. No `Exception`, for readers of others catch all of those."""


def frame(content: bytes) -> bytes:
    """A content with its length before it."""
    return len(content).to_bytes(LENGTH, "big") + content


def seconds_for(size: int) -> float:
    """Seconds of processor time that a document of so many bytes, unpacked, may take.

    The slowest kinds that are meant (feeds that are not well-formed) take 0.5 s a megabyte, half of it in feedparser.
    """
    return 2.0 + size / MEBIBYTE


def memory_for(size: int) -> int:
    """Bytes of memory that a document of so many bytes, unpacked, may take, above what the process has."""
    return min(MEMORY, 208 * MEBIBYTE + 24 * size)


def takes_too_long(size: int) -> str:
    """The refusal of a document that took longer than it may."""
    return (
        f"The document could not be read within {seconds_for(size):.0f} seconds of processor time, so something in it "
        "is not as it should be: your items are unchanged; export it again, or add it in smaller parts."
    )


def answer(data: bytes, known: bytes = b"") -> bytes:
    """The answer to one document.

    Args:
        data: The document.
        known: Digests of entries that need not be read again, with spaces between.
    """
    from florilege.formats import detect

    size = len(data)
    try:
        if data.startswith(PACKED):
            from florilege.formats.archive import unpacked_size

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

        # The one place where a mistake in a reader ends; its traceback is in the log of whoever started this process.
        logging.getLogger(__name__).exception("A document of %d bytes could not be read.", len(data))
        reader = " ".join(getattr(error, "__notes__", ["reading it"]))
        return refused(
            f"florilege made a mistake ({reader}: {type(error).__name__}), and your items are unchanged: please "
            "report it with what FLORILEGE_DEBUG=1 shows."
        )


def refused(sentence: str, feeds: Sequence[tuple[str, str]] = ()) -> bytes:
    """The answer that refuses a document: see `SourceError`."""
    return REFUSAL + msgspec.json.encode([clean(sentence), [(clean(feed), clean(title)) for feed, title in feeds]])


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer documents one after the other until there are no more."""
    while (known := _frame_from(requests)) is not None and (data := _frame_from(requests)) is not None:
        with _ending_with_parent(requests):
            said = answer(data, known)
        answers.write(frame(said))  # the next request may come at once, and would be taken for the parent's end
        answers.flush()


def main() -> None:
    """Serve on the streams this process was started with. What is printed by accident goes to standard error."""
    from florilege.formats import detect

    detect.formats_of("rss")  # what most documents are, read while the first one may still be on its way
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor is wanted
            os.dup2(nothing.fileno(), 0)
        serve(requests, answers)


def _frame_from(requests: BinaryIO) -> bytes | None:
    """The content of the next frame; None at the end of the input."""
    length = requests.read(LENGTH)
    size = int.from_bytes(length, "big")
    content = requests.read(size) if len(length) == LENGTH else b""
    return content if len(length) == LENGTH and len(content) == size else None


@contextmanager
def _ending_with_parent(requests: BinaryIO) -> Iterator[None]:
    """End this process at once when its parent ends: then the other end of the requests closes, and SIGIO comes.

    Regular expressions look for signals, too; for what does not, and on other systems, the limit of time is left. That
    the end of a request has come may be told late, so the signal alone means nothing.
    """
    try:
        import fcntl

        watch = select.poll()
        watch.register(requests, 0)  # asks for the end alone
        signal.signal(signal.SIGIO, lambda *_: os._exit(0) if watch.poll(0) else None)
    except (ImportError, AttributeError, OSError, ValueError):
        yield
        return
    flags = fcntl.fcntl(requests, fcntl.F_GETFL)
    fcntl.fcntl(requests, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(requests, fcntl.F_SETFL, flags | os.O_ASYNC)
    if watch.poll(0):  # it ended before
        os._exit(0)
    try:
        yield
    finally:
        fcntl.fcntl(requests, fcntl.F_SETFL, flags)


@contextmanager
def _limited(size: int) -> Iterator[None]:
    """Let a document of so many bytes have no more processor time and memory than it may, where this can be said.

    First a timer raises `_TimeUp`, which also ends a regular expression; a second later the system ends the process.
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
    # From what the process began with: what documents before this one left lies free, and counts as this one's.
    room = max(_begun_with() + memory_for(size), _address_space() + _LEAST)
    _limit(resource.RLIMIT_AS, min(MEMORY, room))
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    try:
        yield
    finally:
        is_armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        _limit(resource.RLIMIT_AS, MEMORY)


def _limit(kind: int, wanted: int) -> None:
    """Let this process have so much and no more; nothing where the system refuses, as macOS some limits."""
    import resource

    _, hard = resource.getrlimit(kind)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


@cache
def _begun_with() -> int:
    """Bytes of memory this process had before its first document."""
    return _address_space()


def _address_space() -> int:
    """Bytes of memory this process has; the most it may have where that can't be told."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 -- read for each document
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return MEMORY


if __name__ == "__main__":
    main()
