"""The parsing process: documents in on standard input, snapshots out on standard output, until the input ends.

It holds the interpreter lock of its own, so the interface never waits for a feed; it may die without anyone noticing.
A frame is eight bytes (the length, most significant first) and the content; an answer begins with one letter more.
"""

import os
import sys
from typing import BinaryIO

import msgspec

from florilege.formats import Snapshot, SourceError, detect
from florilege.text import clean

LENGTH = 8
"""Bytes of the length before a frame."""
SNAPSHOT, REFUSAL = b"S", b"E"
"""The first letter of an answer: an encoded snapshot, or sentence and feed of a `SourceError`, as a JSON list."""
MEMORY = 1 << 30
"""Bytes of memory a parsing process may use, where the system can be told so."""


def frame(content: bytes) -> bytes:
    """A content with its length before it."""
    return len(content).to_bytes(LENGTH, "big") + content


def answer(data: bytes) -> bytes:
    """The answer to one document."""
    try:
        snapshot: Snapshot = detect.read(data)
        return SNAPSHOT + msgspec.json.encode(snapshot)
    except SourceError as error:
        return refused(error.sentence, error.feed)
    except MemoryError:
        return refused("The document needs too much memory to be read: add it in smaller parts.")
    except RecursionError:
        return refused("The document is nested too deeply to be read: export or download it again.")


def refused(sentence: str, feed: str | None = None) -> bytes:
    """The answer that refuses a document: see `SourceError`."""
    return REFUSAL + msgspec.json.encode([each and clean(each) for each in (sentence, feed)])


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer documents one after the other until there are no more."""
    while len(length := requests.read(LENGTH)) == LENGTH:
        size = int.from_bytes(length, "big")
        data = requests.read(size)
        if len(data) < size:
            return
        answers.write(frame(answer(data)))
        answers.flush()


def main() -> None:
    """Serve on the streams this process was started with. What is printed by accident goes to standard error."""
    limit_memory(MEMORY)
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor is wanted
            os.dup2(nothing.fileno(), 0)
        serve(requests, answers)


def limit_memory(size: int) -> None:
    """Let this process use so many bytes at most, and leave no core file; nothing where that can't be said."""
    try:
        import resource
    except ImportError:
        return
    for kind, wanted in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (allowed, hard))
        except (ValueError, OSError):
            continue  # macOS refuses some limits; the time limit is left


if __name__ == "__main__":
    main()
