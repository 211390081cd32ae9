"""The parent side of the parsing processes: bytes in, a `Snapshot` out, without ever holding up the event loop.

Own processes and pipes, not multiprocessing: its spawn fails inside a running Textual app, and one dead worker breaks
its pool. What is in a document is `sources`' business. Knows neither network nor library.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Self

import msgspec

from florilege.formats import Snapshot, SourceError
from florilege.model import Entry
from florilege.pausing import collector_paused

_COMMAND = (sys.executable, "-P", "-m", "florilege.formats.worker")
"""`-P` keeps files in the current directory from being imported in place of ours."""
_LENGTH = 8
_SNAPSHOT, _REFUSAL = b"S", b"E"
"""The frames of `sources.worker`, which is not imported here: it would bring feedparser with it. A test compares."""
_LONGEST_ANSWER = 1 << 29
"""Bytes. A longer answer is no answer of ours."""
_AT_ONE_GO = 1 << 18
"""Bytes that are decoded or written at one go: less than 3 ms."""
_GRACE = 2.0
"""Seconds a process has to end by itself when there is nothing more to do."""

_DIED = (
    "The document could not be read, for the process that reads documents stopped: your items are unchanged; tell the "
    "authors of florilege if it goes on."
)
_CLOSING = "The document was not read, for florilege is closing: refresh it again."


class Parser:
    """Reads documents in processes of its own, started when first needed, replaced when they die.

    Args:
        workers: Processes at most; by default as many as processors, but at most two.
        time_limit: Seconds for one document.
        command: What is run as a parsing process.
    """

    def __init__(
        self, *, workers: int | None = None, time_limit: float = 30.0, command: Sequence[str] = _COMMAND
    ) -> None:
        self._count = workers or min(2, os.cpu_count() or 1)
        self._slots = asyncio.Semaphore(self._count)
        self._time_limit = time_limit
        self._command = tuple(command)
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def parse(self, data: bytes) -> Snapshot:
        """What a document says. May be cancelled.

        Raises:
            SourceError: The document can't be read, made its process stop, or took longer than the time limit.
        """
        async with self._slots:
            worker = await self._take()
            answered = False
            try:
                async with asyncio.timeout(self._time_limit):
                    answer = await worker.ask(data)
                answered = True
            except TimeoutError as error:
                raise SourceError(
                    f"The document could not be read within {self._time_limit:g} seconds: your items are "
                    "unchanged; if it is very large, add it in smaller parts."
                ) from error
            except (OSError, asyncio.IncompleteReadError) as error:
                raise SourceError(_DIED) from error
            finally:
                if answered and not self._closed:
                    self._idle.append(worker)
                else:
                    self._discard(worker)
        # What is decoded at one go holds up every thread: 10,000 bookmarks for 60 ms.
        return _decoded(answer) if len(answer) <= _AT_ONE_GO else await asyncio.to_thread(_decoded, answer)

    async def close(self) -> None:
        """End the processes and wait until they are gone. Documents being read fail."""
        self._closed = True
        for worker in self._idle:
            self._discard(worker, gently=True)
        self._idle.clear()
        for worker in self._workers:
            worker.kill()
        # Who reads from a process is rid of it too: two readers of one pipe are an error. So wait until all are done.
        for _ in range(self._count):
            await self._slots.acquire()
        while self._ending:
            await asyncio.wait(tuple(self._ending))
        for _ in range(self._count):
            self._slots.release()

    async def _take(self) -> "_Worker":
        """A process that waits for work: one that is there, else a new one."""
        self._refuse_when_closed()
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._discard(worker)
        starting = asyncio.create_task(_Worker.start(self._command))
        try:
            worker = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._keep(self._discard_started(starting))
            raise
        except OSError as error:
            raise SourceError(
                "The process that reads documents could not be started: end other programs, and try again."
            ) from error
        self._workers.add(worker)
        try:
            self._refuse_when_closed()
        except SourceError:
            self._discard(worker)
            raise
        return worker

    def _refuse_when_closed(self) -> None:
        """Raise a `SourceError` when nothing more is to be read."""
        if self._closed:
            raise SourceError(_CLOSING)

    def _discard(self, worker: "_Worker", *, gently: bool = False) -> None:
        """Be rid of a process; `close` waits until it is gone."""
        if worker in self._workers:
            self._workers.remove(worker)
            if not gently:
                worker.kill()
            self._keep(worker.end())

    async def _discard_started(self, starting: "asyncio.Task[_Worker]") -> None:
        """Be rid of a process nobody waits for any more."""
        with contextlib.suppress(OSError):
            worker = await starting
            worker.kill()
            await worker.end()

    def _keep(self, ending: Coroutine[None, None, None]) -> None:
        """Hold on to a task until it is done."""
        task = asyncio.create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _decoded(answer: bytes) -> Snapshot:
    """The snapshot in an answer.

    Raises:
        SourceError: The answer is a refusal, or none of ours.
    """
    kind, content = answer[:1], answer[1:]
    try:
        if kind == _REFUSAL:
            sentence, feed = msgspec.json.decode(content, type=tuple[str, str | None])
            raise SourceError(sentence, feed=feed)
        if len(answer) > _AT_ONE_GO and kind == _SNAPSHOT:
            with collector_paused():
                return _in_pieces(content)
        return msgspec.json.decode(content if kind == _SNAPSHOT else b"", type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError(_DIED) from error


def _in_pieces(content: bytes | msgspec.Raw) -> Snapshot:
    """The same, entry by entry, so that other threads have their turn in between."""
    fields = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    entries = msgspec.json.decode(fields.pop("entries", b"[]"), type=list[msgspec.Raw])
    parts = msgspec.json.decode(fields.pop("parts", b"[]"), type=list[msgspec.Raw])
    decode = msgspec.json.Decoder(Entry).decode
    return msgspec.structs.replace(
        msgspec.json.decode(msgspec.json.encode(fields), type=Snapshot),
        entries=tuple(decode(entry) for entry in entries),
        parts=tuple(_in_pieces(part) for part in parts),
    )


class _Worker:
    """One parsing process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> "_Worker":
        """Start a process, in a group of its own so that an interrupt at the keyboard does not reach it."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=1 << 20,
            start_new_session=True,
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.returncode is None

    async def ask(self, data: bytes) -> bytes:
        """The answer to one document.

        Raises:
            OSError: The process is gone, or its answer is none of ours.
            asyncio.IncompleteReadError: The process stopped before its answer was complete.
        """
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise BrokenPipeError
        requests.write(len(data).to_bytes(_LENGTH, "big"))
        for place in range(0, len(data), _AT_ONE_GO):  # written at one go, a large document holds up the event loop
            requests.write(data[place : place + _AT_ONE_GO])
            await requests.drain()
        size = int.from_bytes(await answers.readexactly(_LENGTH), "big")
        if not 0 < size <= _LONGEST_ANSWER:
            raise OSError("no answer of a parsing process")
        return await answers.readexactly(size)

    def kill(self) -> None:
        """Stop the process and its group at once. One that is gone stays gone."""
        if not self.is_alive:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    async def end(self) -> None:
        """Tell the process that there is nothing more, and wait until it is gone and its pipes are closed."""
        requests, answers = self._process.stdin, self._process.stdout
        if requests is not None:
            requests.close()
        try:
            async with asyncio.timeout(_GRACE):
                await self._gone(answers)
        except TimeoutError:
            self.kill()
            await self._gone(answers)

    async def _gone(self, answers: asyncio.StreamReader | None) -> None:
        """Wait for the end. What is left in the pipe is read, or the pipe would never be seen to close."""
        if answers is not None:
            while await answers.read(1 << 16):
                pass
        await self._process.wait()
