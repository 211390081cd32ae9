"""Runs blocking calls in threads that can be abandoned: a DNS lookup or a network disk may never answer.

asyncio runs such calls in a small pool, so that a few hanging ones hold up all others, and it waits for every one of
them at shutdown. This module knows nothing about the calls themselves.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

_Value = TypeVar("_Value")
_LAST = 0.5
"""Seconds to wait for calls still running when the loop is closed."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop that runs every blocking call (`asyncio.to_thread`, a DNS lookup) in a thread immediately."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._busy = 0
        self._is_quiet = asyncio.Event()

    # mypy can't tell that the signature is compatible with that of asyncio
    def run_in_executor(  # type: ignore[override]
        self,
        executor: Any,  # noqa: ARG002
        func: Callable[..., Any],
        *args: Any,
    ) -> "asyncio.Future[Any]":
        """Call a function in a thread; the executor is ignored."""
        future: asyncio.Future[Any] = self.create_future()
        self._busy += 1
        self._is_quiet.clear()
        self._calls.put((future, partial(func, *args)))
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._work, daemon=True).start()
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        """Wait for calls still running, for half a second at most; the timeout is ignored."""
        if self._busy:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_quiet.wait(), _LAST)

    def _work(self) -> None:
        while True:
            future, call = self._calls.get()
            settle = None if future.cancelled() else _outcome(future, call)
            with suppress(RuntimeError):  # the loop is closed
                self.call_soon_threadsafe(self._end, future, settle)
            del future, call, settle
            self._idle.release()

    def _end(self, future: "asyncio.Future[Any]", settle: Callable[[], None] | None) -> None:
        if settle is not None and not future.done():
            settle()
        self._busy -= 1
        if not self._busy:
            self._is_quiet.set()


def _outcome(future: "asyncio.Future[Any] | Future[Any]", call: Callable[[], Any]) -> Callable[[], None]:
    try:
        return partial(future.set_result, call())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
        return partial(future.set_exception, error)


def run(main: Coroutine[Any, Any, _Value]) -> _Value:
    """Like `asyncio.run`, but in a `Loop`.

    Raises:
        KeyboardInterrupt: Also for an interruption that arrives while a connection is being opened, which asyncio takes
            for a cancellation.
    """
    with asyncio.Runner(loop_factory=Loop) as runner:
        try:
            return runner.run(main)
        except asyncio.CancelledError as error:
            raise KeyboardInterrupt from error


def within(seconds: float, call: Callable[[], _Value]) -> _Value:
    """Call a function in a thread and return its result, or raise its exception.

    Raises:
        TimeoutError: It has not returned in time; it is left running and its result is ignored.
    """
    answer: Future[_Value] = Future()

    def work() -> None:
        _outcome(answer, call)()

    threading.Thread(target=work, daemon=True).start()
    return answer.result(seconds)
