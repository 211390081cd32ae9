"""The outside world of a command: environment, file locations, clock, clipboard, browser.

It is passed as click's context object, so that tests can substitute it. Everything is created on demand.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from florilege.cli.output import print_notice
from florilege.desktop import Desktop
from florilege.model import FlorilegeError
from florilege.settings import Config, Paths, load

if TYPE_CHECKING:
    from florilege.store import Library
    from florilege.store.sync import Sync

EXIT_DONE = 0
"""Everything asked for was done."""
EXIT_FAILED = 1
"""Something asked for failed; the rest was done."""
EXIT_USAGE = 2
"""The command line was wrong; nothing was done."""
EXIT_LIBRARY = 3
"""The library is held by another process, or can't be used."""


_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(8999, 1, 1, tzinfo=UTC)
"""Limits to which the clock is clamped, so that adding and subtracting durations can't overflow `datetime`."""


class LocalZone(tzinfo):
    """The system's time zone, which gives every instant the offset of its own day, in summer as in winter.

    Python subtracts and compares two times of one zone object by their wall clocks, which is wrong across a change of
    the offset; so each reading of the clock gets an object of its own.
    """

    def __init__(self) -> None:
        self._offsets: dict[int, timedelta | None] = {}  # by day: asking the system costs a list a quarter of its time

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset at a local time."""
        return _with_offset(moment).utcoffset() if moment else None

    def tzname(self, moment: datetime | None) -> str | None:
        """The abbreviation at a local time."""
        return _with_offset(moment).tzname() if moment else None

    def dst(self, moment: datetime | None) -> timedelta | None:  # noqa: ARG002
        """Not known; nothing needs it."""
        return None

    def fromutc(self, moment: datetime) -> datetime:
        """The local time of an instant; in the hour that comes twice, `fold` says which one it is."""
        day = moment.toordinal()
        if day not in self._offsets:
            self._offsets[day] = _offset_throughout(day)
        offset = self._offsets[day]
        if offset is not None:
            return moment + offset
        local = _with_offset(moment, UTC)
        here = local.replace(tzinfo=self)
        return here if here.utcoffset() == local.utcoffset() else here.replace(fold=1)


def _offset_throughout(day: int) -> timedelta | None:
    """The offset on a day of UTC, given by its ordinal; None when it changes on that day or the day before."""
    try:
        before, after = (datetime.fromordinal(each).replace(tzinfo=UTC).astimezone() for each in (day - 1, day + 1))
    except (OverflowError, ValueError):  # at either end of time
        return None
    return before.utcoffset() if before.utcoffset() == after.utcoffset() else None


def _with_offset(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """A local time, or one in `zone`, in the system's zone with a fixed offset; in UTC at either end of time."""
    try:
        return moment.replace(tzinfo=zone).astimezone()
    except (OverflowError, ValueError):
        return moment.replace(tzinfo=UTC)


def _within_limits(clock: Callable[[], datetime]) -> datetime:
    moment = clock()
    return moment if _FIRST < moment < _LAST else min(max(moment, _FIRST), _LAST).astimezone(moment.tzinfo)


class CliContext(msgspec.Struct, frozen=True):
    """The outside world of one command."""

    environ: Mapping[str, str]
    clock: Callable[[], datetime] = lambda: datetime.now(LocalZone())
    """The current time, in the reader's time zone."""
    new_id: Callable[[], str] | None = None
    """Makes ids for groups; the library's default when None."""
    lock_timeout: float = 5.0
    """Seconds to wait while another process writes."""
    pause: Callable[[float], Awaitable[None]] | None = None
    """Sleeps for a number of seconds between two older pages; `asyncio.sleep` when None."""
    make_desktop: Callable[[Mapping[str, str]], Desktop] = Desktop
    """Makes the reader's desktop from the environment."""
    program: str = "florilege"
    """The command as it was typed, without its arguments: those who wait for the library see it."""
    folder: Path | None = None
    """The folder given with --library, which holds everything; None when it was not given."""
    problems: list[str] = msgspec.field(default_factory=list)
    """What failed so far, while the rest was done: if there is anything, the exit code is EXIT_FAILED."""

    def __post_init__(self) -> None:
        """Wrap the clock so that it never gives a time centuries off."""
        msgspec.structs.force_setattr(self, "clock", partial(_within_limits, self.clock))

    def report(self, problem: str) -> None:
        """Print what failed; the command goes on with the rest."""
        self.problems.append(problem)
        print_notice(problem)

    @property
    def paths(self) -> Paths:
        """The paths of settings, library and session."""
        return Paths.find(self.environ, self.folder)

    def config(self, *, warn: bool = False) -> Config:
        """The settings. With `warn`, problems in them are printed: for commands whose result depends on them."""
        config = load(self.paths.config)
        for warning in config.warnings if warn else ():
            print_notice(warning)
        return config

    def library(self, *, may_be_new: bool = False) -> "Library":
        """The library. Nothing is created on disk before the first write.

        Args:
            may_be_new: Whether the command may create the folder given with --library.

        Raises:
            FlorilegeError: The folder given with --library does not exist.
        """
        from florilege.store import Library

        if self.folder is not None and not may_be_new and not self.folder.is_dir():
            raise FlorilegeError(f"There is no library “{self.folder}”: give --library an existing folder.")
        make = Library if self.new_id is None else partial(Library, new_id=self.new_id)
        return make(self.paths.library, clock=self.clock, lock_timeout=self.lock_timeout, program=self.program)

    @property
    def desktop(self) -> Desktop:
        """The reader's desktop."""
        return self.make_desktop(self.environ)

    def sync(self, library: "Library") -> "Sync | None":
        """The synchronisation of a library's reading states with other machines; None when it is not configured."""
        folder = self.config().sync.folder
        if folder is None:
            return None
        from florilege.store.sync import Sync

        return Sync(library, folder, self.paths.session.with_name("machine"))

    @property
    def wants_traceback(self) -> bool:
        """Whether FLORILEGE_DEBUG asks for the traceback of a failure."""
        return self.environ.get("FLORILEGE_DEBUG", "") not in {"", "0"}
