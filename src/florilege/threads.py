"""Blocking calls in threads that nobody has to wait for: a host looked up, or a disk on a network, may never answer.

asyncio keeps a handful of threads for such calls, so that a few which hang hold up all others, and waits for every one
of them in the end. Knows nothing of what is called.
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
"""Seconds that calls still under way are given when the loop is closed."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which every blocking call (`asyncio.to_thread`, looking up a host) has a thread at once."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._busy = 0
        self._is_quiet = asyncio.Event()

    # mypy can't tell that it takes what the one of asyncio takes
    def run_in_executor(  # type: ignore[override]
        self,
        executor: Any,  # noqa: ARG002
        func: Callable[..., Any],
        *args: Any,
    ) -> "asyncio.Future[Any]":
        """Call it in a thread."""
        future: asyncio.Future[Any] = self.create_future()
        self._busy += 1
        self._is_quiet.clear()
        self._calls.put((future, partial(func, *args)))
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._work, daemon=True).start()
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        """Wait for what is still being done, but not for long."""
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
    except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
        return partial(future.set_exception, error)


def run(main: Coroutine[Any, Any, _Value]) -> _Value:
    """What `asyncio.run` does, in such a loop."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)


def within(seconds: float, call: Callable[[], _Value]) -> _Value:
    """Call something in a thread.

    Raises:
        TimeoutError: It has not answered within so many seconds, and is left alone.
    """
    answer: Future[_Value] = Future()

    def work() -> None:
        _outcome(answer, call)()

    threading.Thread(target=work, daemon=True).start()
    return answer.result(seconds)
