"""Letting go of what the reader does not wish to keep: off unless the settings say otherwise.

Done when nobody looks, after `florilege refresh` and when the app has been closed, so that nothing vanishes under the
reader's eyes.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

from florilege.merge import Retention, spent
from florilege.model import Group
from florilege.settings import Config
from florilege.store import Library, LibraryError, NoSuchGroup
from florilege.text import counted


def purge(library: Library, config: Config, groups: Iterable[Group], *, clock: Callable[[], datetime]) -> str:
    """Purge what need not be kept of these groups.

    Args:
        library: Where.
        config: The settings; `[library]` says what is kept.
        groups: Which groups; those removed meanwhile are passed over.
        clock: Now, with zone.

    Returns:
        What to say about it; empty when nothing went.

    Raises:
        LibraryError: The library could not be written. What went before is gone.
    """
    retention = Retention(config.library.keep_days, config.library.keep_items)
    if not retention.is_on:
        return ""
    choose = partial(spent, retention=retention, now=clock())
    gone: list[int] = []
    for group in groups:
        with suppress(NoSuchGroup):
            gone.append(library.purge(group.id, choose))
    if not sum(gone):
        return ""
    with suppress(LibraryError):  # only makes the next start quicker
        library.remember_counts()
    where = counted(sum(number > 0 for number in gone), "group")
    went = f"{counted(sum(gone), 'read item')} in {where}"
    return f"{went} let go, as [library] in your settings asks; for a week, florilege restore GROUP brings them back."
