"""Blocking calls that hang delay neither other calls nor the exit."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from florilege.threads import run, within


@pytest.fixture
def hanging() -> "threading.Event":
    """Set only after the test, so that calls waiting for it hang."""
    return threading.Event()


@pytest.fixture(autouse=True)
def let_go(hanging: threading.Event) -> Iterator[None]:
    yield
    hanging.set()


def test_result_or_exception_of_a_call_is_passed_on() -> None:
    async def main() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return sum(await asyncio.gather(*(asyncio.to_thread(int, number) for number in range(50))))

    assert run(main()) == sum(range(50))


def test_hanging_calls_delay_no_other_call_and_not_the_exit(hanging: threading.Event) -> None:
    async def main() -> int:
        for _ in range(50):
            asyncio.get_running_loop().run_in_executor(None, hanging.wait)
        return await asyncio.to_thread(int, 7)

    began = time.monotonic()
    assert run(main()) == 7
    assert time.monotonic() - began < 5


def test_short_calls_are_awaited_at_exit() -> None:
    done = threading.Event()

    def soon() -> None:
        done.wait(0.05)
        done.set()

    async def main() -> None:
        asyncio.get_running_loop().run_in_executor(None, soon)

    run(main())
    assert done.is_set()


def test_call_is_awaited_no_longer_than_its_timeout(hanging: threading.Event) -> None:
    assert within(20, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(20, lambda: {"b": 1}["a"])
    with pytest.raises(TimeoutError):
        within(0.05, hanging.wait)
