"""Where texts lie: in a file that is read when it is needed, or in memory where there is none to write to."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Part(Protocol):
    """Some texts, one after the other, as UTF-8."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def is_there(self) -> bool:
        """Whether it can be read, as far as can be told without reading it."""

    def read(self, start: int, length: int) -> bytes:
        """Bytes from a place on.

        Raises:
            OSError: They can't be read.
        """


@dataclass(frozen=True, slots=True)
class FilePart:
    """Texts in a file. Nothing of them stays in memory: the system keeps what was read lately."""

    path: Path
    size: int

    @property
    def is_there(self) -> bool:
        """Whether the file is as long as it should be."""
        try:
            return self.path.stat().st_size == self.size
        except OSError:
            return False

    def read(self, start: int, length: int) -> bytes:
        """Bytes from a place on."""
        descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            return os.pread(descriptor, length, start)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class MemoryPart:
    """Texts in memory."""

    data: bytes

    is_there = True

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    def read(self, start: int, length: int) -> bytes:
        """Bytes from a place on."""
        return self.data[start : start + length]
