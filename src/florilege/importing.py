"""Imports a florilege export into a library: groups matched by id or address, items merged, reading states joined.

Nothing in the file is followed, opened or run. Of its sources only web addresses are kept, and only those that no
secret was removed from. What is read or starred in the library stays so.
"""

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from florilege.formats.own import OwnGroup, OwnLibrary
from florilege.merge import restore
from florilege.model import FlorilegeError, Group, Source
from florilege.store import Library, LibraryUnreadable
from florilege.store.sync import import_states, records_of
from florilege.text import clean_line
from florilege.urls import canonical, safe_to_open

_GROUP_ID = re.compile("[0-9a-f]{4,64}")


@dataclass(slots=True)
class ImportResult:
    """The effect of an import, or of a dry run."""

    groups: int = 0
    """Groups that were new."""
    items: int = 0
    """Items that were new."""
    revised: int = 0
    """Known items that the export added something to."""
    unchanged: int = 0
    states: int = 0
    """Items whose reading state changed: now read or starred, or with more highlights seen."""
    notices: list[str] = field(default_factory=list)
    """One sentence for each thing that was left out."""


def import_library(
    library: Library,
    export: OwnLibrary,
    *,
    now: datetime,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ImportResult:
    """Import a florilege export. Safe to repeat: the second time nothing changes.

    Args:
        library: The library to import into.
        export: The export.
        now: The current time, with zone; used for groups that have no time of addition in the export.
        dry_run: Whether to only report what would change. All states of the export are counted then.
        on_progress: Called with the number of items compared since the last call. An exception it raises ends the
            import, leaving the current group unchanged.

    Raises:
        LibraryError: The library can't be written. What was imported so far stays.
        FlorilegeError: The id of a group is not a florilege id.
    """
    result = ImportResult()
    ids: set[str] = set()
    unreadable: set[str] = set()
    known: dict[Hashable, Group] = {}
    for each in library.groups():
        _index(known, each)
        try:
            ids.update(summary.id for summary in library.summaries(each.id))
        except LibraryUnreadable:
            unreadable.add(each.id)
    for own in export.groups:
        group = _group_of(own, now, result)
        here = next((known[name] for name in _names(group) if name in known), None)
        if here is not None:
            group = here
        else:
            result.groups += 1
            if not dry_run:
                group = library.adopt_group(group)
                _index(known, group)
        if here is not None and here.id in unreadable:
            result.notices.append(f"{here.title} can't be read here, so nothing was imported into it.")
            continue
        decide = partial(restore, items=own.items, group=group.id, elsewhere=ids, on_progress=on_progress)
        if dry_run:
            decision = decide(library.items(group.id) if here else [])
        else:
            decision = library.update_items(group.id, decide)
        ids.update(item.id for item in decision.items)
        result.items += decision.added
        result.revised += decision.revised
        result.unchanged += decision.unchanged
        records = records_of(group, own.items, {state.item: state for state in own.states})
        result.states += len(records) if dry_run else sum(import_states(library, [records], now=now).values())
    return result


def _group_of(own: OwnGroup, now: datetime, result: ImportResult) -> Group:
    """The group to add if the library doesn't have it yet. Notes in `result` which sources were left out.

    Raises:
        FlorilegeError: Its id is not a florilege id.
    """
    if not _GROUP_ID.fullmatch(own.id):
        raise FlorilegeError(
            f"The export names a group “{clean_line(own.id)[:40]}”, which is no id of florilege. It may "
            "be damaged; nothing of this group or those after it was imported."
        )
    title = clean_line(own.title) or "Untitled"
    sources = []
    for source in own.sources:
        if source.redacted or safe_to_open(source.address) is None:
            why = "its secret was taken out" if source.redacted else "only web addresses are taken from a file"
            result.notices.append(f"{title}: the address {clean_line(source.address)} was left out, for {why}.")
        else:
            sources.append(Source(address=source.address, kind=source.kind, part=source.part))
    return Group(
        id=own.id,
        title=title,
        added_at=own.added_at if own.added_at and own.added_at.tzinfo else now,
        sources=tuple(sources),
        tags=own.tags,
        site=own.site,
    )


def _names(group: Group) -> Iterator[Hashable]:
    """The keys that identify a group: its id, else the canonical address and the part of one of its sources."""
    yield group.id
    for source in group.sources:
        yield canonical(source.address), source.part


def _index(known: dict[Hashable, Group], group: Group) -> None:
    """Enter a group by all its names; of several groups with one address, the first counts."""
    for name in _names(group):
        known.setdefault(name, group)
