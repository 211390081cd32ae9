"""The parent side of the parsing processes: bytes in, a `Snapshot` out, without ever blocking the event loop.

Uses its own processes and pipes instead of multiprocessing, whose spawn fails inside a running Textual app and whose
pool breaks when one worker dies. A thread communicates with each process, so that reading from it, ending it and
decoding its answers are plain sequential calls. Independent of the network and the library.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

import msgspec

from florilege.formats import LIMIT, MEBIBYTE, Snapshot, SourceError
from florilege.formats.worker import LENGTH, PACKED, REFUSAL, SNAPSHOT, frame, takes_too_long
from florilege.gc_paused import gc_paused
from florilege.model import Entry

_COMMAND = (sys.executable, "-P", "-m", "florilege.formats.worker")
"""`-P` keeps files in the current directory from being imported in place of ours."""
_LONGEST_ANSWER = 1 << 29
"""Maximum size of an answer in bytes; anything longer is not a valid answer."""
_AT_ONE_GO = 1 << 18
"""Maximum size in bytes of an answer that is decoded in one call, which takes less than 3 ms."""
_SOON = 0.5
"""Seconds to wait for a free process before another one is allowed.

Longer than a process takes to start, so that a hundred ordinary feeds need only one.
"""
_LAST_WORDS = 1 << 14
"""Maximum number of bytes of a process's standard error that are reported at a time: the last ones."""

_DIED = (
    "The document could not be read, for the process that reads documents stopped: your items are unchanged; tell the "
    "authors of florilege if this continues."
)
_CLOSING = "The document was not read, for florilege is closing: refresh it again."


class Parser:
    """Reads documents in separate processes, which are started when needed and replaced when they die.

    Args:
        workers: Maximum number of processes; by default the number of processors, but at most two.
        time_limit: Seconds that a document may take, plus one second per mebibyte.
        command: The command of a parsing process.
        on_error_output: Called in a thread with what a process wrote to its standard error, mostly a traceback.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        time_limit: float = 30.0,
        command: Sequence[str] = _COMMAND,
        on_error_output: Callable[[str], None] | None = None,
    ) -> None:
        self._most = workers or min(2, os.cpu_count() or 1)
        self._allowed = 1
        self._slots = asyncio.Semaphore(self._allowed)
        self._threads = ThreadPoolExecutor(self._most, "parsing")
        self._time_limit = time_limit
        self._command = tuple(command)
        self._on_trouble = on_error_output
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def begin(self) -> None:
        """Start a process now, so that it imports what it needs while the first document is being fetched."""
        self._idle.append(worker := self._free_worker())
        self._threads.submit(worker.started)

    async def parse(self, data: bytes, known: Callable[[], Collection[str]] = tuple) -> Snapshot:
        """Read a document. May be cancelled.

        Args:
            data: The document.
            known: Returns the digests of known entries: see `detect.read`. Called in a thread, when it is this
                document's turn.

        Raises:
            SourceError: The document can't be read, crashed its process, or took longer than the time limit.
        """
        growing = asyncio.get_running_loop().call_later(_SOON, self._grow)
        async with self._slots:
            growing.cancel()
            if self._closed:
                raise SourceError(_CLOSING)
            worker = self._free_worker()
            self._workers.add(worker)
            asked = asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, data, known)
            # Packed documents may be much larger; the process finds the actual size, and limits its own time by it.
            seconds = self._time_limit + (LIMIT if data.startswith(PACKED) else len(data)) / MEBIBYTE
            try:
                async with asyncio.timeout(seconds):
                    return await asyncio.shield(asked)
            except TimeoutError as error:
                raise SourceError(
                    f"The document could not be read within {seconds:.0f} seconds: your items are unchanged; if it is "
                    "very large, add it in smaller parts."
                ) from error
            finally:
                if not asked.done():
                    worker.kill()
                    asked.add_done_callback(asyncio.Future.exception)  # retrieved, as nobody awaits it any more
                self._workers.discard(worker)
                if worker.is_alive:
                    self._idle.append(worker)

    def _grow(self) -> None:
        """Allow another process, up to the maximum, since a document has waited for a while."""
        if self._allowed < self._most and self._slots.locked():
            self._allowed += 1
            self._slots.release()

    def _free_worker(self) -> "_Worker":
        """An idle process that is alive, or else a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            worker.end()
        return _Worker(self._command, self._on_trouble)

    async def close(self) -> None:
        """End the processes and wait until they have exited. Reading of current documents fails."""
        self._closed = True
        for worker in self._workers:
            worker.kill()
        for worker in self._idle:
            await asyncio.to_thread(worker.end)
        self._idle.clear()
        await asyncio.to_thread(self._threads.shutdown)  # threads finish when their processes have exited


class _Worker:
    """One parsing process, started on first use. Used by one thread at a time; any thread may kill it."""

    def __init__(self, command: Sequence[str], on_error_output: Callable[[str], None] | None) -> None:
        self._command = command
        self._on_trouble = on_error_output
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by `end`
        self._reported = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._killed = False

    @property
    def is_alive(self) -> bool:
        """Whether the process can take a document: it is running, or not started yet."""
        return not self._killed and (self._process is None or self._process.poll() is None)

    def ask(self, data: bytes, known: Callable[[], Collection[str]]) -> Snapshot:
        """Pass a document to the process and return its snapshot. The process is ended if its answer is invalid.

        Raises:
            SourceError: The document is refused, or the process can't be started, stopped, or was killed.
        """
        try:
            process = self.started()
            digests = frame(" ".join(known()).encode())
            return _decoded(_exchange(process, digests, len(data).to_bytes(LENGTH, "big"), data))
        except (OSError, EOFError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(self._why(error, len(data))) from error
        finally:
            self._report_errors()
            if self._killed:
                self.end()

    def _why(self, error: Exception, size: int) -> str:
        """End the process, and give the message about the missing answer."""
        self.kill()
        if self._process is not None:
            # The system kills a process that exceeds its limit of processor time with this signal.
            return takes_too_long(size) if self._process.wait() == -getattr(signal, "SIGXCPU", 0) else _DIED
        if isinstance(error, EOFError):
            return _CLOSING
        return "The process that reads documents could not be started: end other programs, and try again."

    def kill(self) -> None:
        """Kill the process at once. If it has not been started yet, it never will be."""
        with self._starting:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """Kill the process, wait until it has exited, and close its pipes and the file with its standard error."""
        self.kill()
        if self._process is not None:
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        self._errors.close()

    def started(self) -> subprocess.Popen[bytes]:
        """The process, started if necessary, in its own session so that a keyboard interrupt does not reach it.

        Raises:
            EOFError: It was killed.
            OSError: It can't be started.
        """
        with self._starting:
            if self._process is None and not self._killed:
                self._process = subprocess.Popen(  # noqa: S603 -- our own program
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    start_new_session=True,
                    # glibc reserves 64 MiB more for a second thread, which would count against the limit of memory.
                    env={**os.environ, "MALLOC_ARENA_MAX": "1"},
                )
        if self._process is None or self._killed:
            raise EOFError
        return self._process

    def _report_errors(self) -> None:
        """Report what the process has written to its standard error since the last call."""
        size = os.fstat(self._errors.fileno()).st_size
        if self._on_trouble is not None and size > self._reported:
            words = os.pread(self._errors.fileno(), _LAST_WORDS, max(self._reported, size - _LAST_WORDS))
            self._on_trouble(words.decode("utf-8", "replace"))
        self._reported = size


def _exchange(process: subprocess.Popen[bytes], *request: bytes) -> bytes:
    """Write a request to a process and read its answer.

    Raises:
        EOFError: There is no complete answer.
        OSError: The process does not take the request.
    """
    if process.stdin is None or process.stdout is None:
        raise EOFError
    for piece in request:
        process.stdin.write(piece)
    process.stdin.flush()
    length = process.stdout.read(LENGTH)
    size = int.from_bytes(length, "big")
    if len(length) < LENGTH or not 0 < size <= _LONGEST_ANSWER or len(answer := process.stdout.read(size)) < size:
        raise EOFError
    return answer


def _decoded(answer: bytes) -> Snapshot:
    """The snapshot in an answer.

    Raises:
        SourceError: The answer is a refusal.
        msgspec.DecodeError: It is not a valid answer.
    """
    kind, content = answer[:1], answer[1:]
    if kind == REFUSAL:
        sentence, feeds = msgspec.json.decode(content, type=tuple[str, list[tuple[str, str]]])
        raise SourceError(sentence, feeds=feeds)
    if len(answer) > _AT_ONE_GO and kind == SNAPSHOT:
        with gc_paused():
            return _in_pieces(content)
    return msgspec.json.decode(content if kind == SNAPSHOT else b"", type=Snapshot)


def _in_pieces(content: bytes | msgspec.Raw) -> Snapshot:
    """Decode a snapshot entry by entry, so that other threads can run in between."""
    fields = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    entries = msgspec.json.decode(fields.pop("entries", b"[]"), type=list[msgspec.Raw])
    parts = msgspec.json.decode(fields.pop("parts", b"[]"), type=list[msgspec.Raw])
    decode = msgspec.json.Decoder(Entry).decode
    return msgspec.structs.replace(
        msgspec.json.decode(msgspec.json.encode(fields), type=Snapshot),
        entries=tuple(decode(entry) for entry in entries),
        parts=tuple(_in_pieces(part) for part in parts),
    )
