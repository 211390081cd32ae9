"""One row of the table of `make torture`: what was tried, how often, and the outcome; each in a process of its own."""

import os
import pickle
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MEMORY = 300
"""Memory limit of a trial and its processes, in MiB."""


@dataclass
class Row:
    """A trial and its outcome."""

    what: str
    wanted: int
    """How many times to try."""
    until: float
    """The deadline, by the monotonic clock."""
    chance: random.Random
    """The source of randomness."""
    times: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    """The longest try in seconds, including the check of its outcome."""
    seconds: float = 0.0
    memory: float = 0.0
    """Peak memory of the trial's process or its children, in MiB."""
    checked: int = 0
    """The number of records compared."""

    @property
    def goes_on(self) -> bool:
        """Whether there is more to try: the first failure is enough."""
        return self.times < self.wanted and not self.failures and time.monotonic() < self.until

    @contextmanager
    def trying(self, number: int = 1) -> Iterator[None]:
        """Count and time what is tried inside."""
        began = time.monotonic()
        yield
        self.times += number
        self.longest = max(self.longest, time.monotonic() - began)

    def __str__(self) -> str:
        count = f"{self.times:,}" + ("" if self.times >= self.wanted else f" of {self.wanted:,}")
        return (
            f"{self.what:<16}{count:>18}{len(self.failures):>10}{self.memory:>8.0f} MiB{self.longest:>8.2f} s"
            f"{self.seconds:>8.0f} s"
        )


HEAD = f"{'tried':<16}{'times':>18}{'failures':>10}{'memory':>12}{'longest':>10}{'in all':>10}"
Trial = Callable[[Row], None]
"""Tries until the row is complete."""


def tried(what: str, trial: Trial, wanted: int, *, seed: int, seconds: float) -> Row:
    """Run a trial, in a process of its own so that its memory is known.

    Args:
        what: Its name in the table.
        trial: What to do.
        wanted: How many times.
        seed: For randomness.
        seconds: A time limit, after which it ends with what it has done.
    """
    row = Row(what, wanted, time.monotonic() + seconds, random.Random(f"{seed} {what}"))
    reads, writes = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        _try_here(row, trial, writes)
    os.close(writes)
    began = time.monotonic()
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    if said:
        row = pickle.loads(said)
    else:
        row.failures.append(f"its process ended with {status}")
    row.seconds = time.monotonic() - began
    row.memory = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    if row.memory > MEMORY:
        row.failures.append(f"{row.memory:.0f} MiB of memory, and {MEMORY} are the most")
    return row


def _try_here(row: Row, trial: Trial, writes: int) -> None:
    """Run it here, and pass the row on. Never returns."""
    try:
        trial(row)
    except BaseException:  # noqa: BLE001 -- whatever it is, the row says it
        row.failures.append(traceback.format_exc())
    with os.fdopen(writes, "wb") as pipe:
        pickle.dump(row, pipe)
    os._exit(0)
