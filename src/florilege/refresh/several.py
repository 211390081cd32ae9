"""Adding a document of several groups: lists of addresses, and exports with folders or collections."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec

from florilege.formats import Snapshot, Subscription
from florilege.model import Group, Source
from florilege.refresh.addresses import known_as, named_by, part_known_as, stand_in
from florilege.refresh.documents import Fresh
from florilege.refresh.keeping import Keeper, in_thread
from florilege.refresh.results import Ending, Result, several
from florilege.refresh.wishes import RefreshSource, Wish

Make = Callable[[Wish, Source | None, Fresh | None], Awaitable[Result]]
"""Makes a group."""


class Several:
    """Adds what a document of several groups describes, in its order.

    Args:
        keeper: Stores it.
        refresh: See `RefreshSource`.
        make: See `Make`.
    """

    def __init__(self, keeper: Keeper, *, refresh: RefreshSource, make: Make) -> None:
        self._keeper = keeper
        self._refresh = refresh
        self._make = make

    async def parts(self, wish: Wish, source: Source | None, document: Fresh, parts: Sequence[Snapshot]) -> Result:
        """Every group of a document that holds their items.

        Args:
            wish: What the reader asked for.
            source: The document; None when it can't be asked again.
            document: What it says.
            parts: Its groups: see `parting.groups_in`.

        Raises:
            LibraryError: The library can't be read or written; the groups before are there.
        """
        whole = document.snapshot
        title = whole.title or stand_in(source.address if source else wish.source)
        groups = await in_thread(self._keeper.library.groups)
        results = []
        for part in (each if each.title else _named(each, title) for each in parts):
            held = part_known_as(groups, source.address, part.identity or "") if source else None
            home = held[0] if held else named_by(groups, part.identity)
            results.append(await self._part(wish, home, source, held[1] if held else None, document, part))
        return several(title, results, whole.warnings, whole.kind)

    async def _part(
        self,
        wish: Wish,
        home: Group | None,
        source: Source | None,
        held: Source | None,
        document: Fresh,
        part: Snapshot,
    ) -> Result:
        if wish.dry_run:
            return await self._keeper.foretell(home, part)
        own = held or (Source(address=source.address, part=part.identity) if source else None)
        shown = replace(document, snapshot=part)
        if not wish.refresh:
            if home is None:
                return await self._make(replace(wish, title=part.title), own, None)
            return Result(home.id, home.title, Ending.SKIPPED, warnings=(f"It is already here, as “{home.title}”.",))
        if home is None:
            return await self._make(wish, own, shown)
        return await self._keeper.keep(home, own, shown)

    async def listed(self, wish: Wish, home: Group | None, snapshot: Snapshot) -> Result:
        """Every group that a list names. All are there before the first is fetched; then many are, at once.

        Args:
            wish: What the reader asked for.
            home: The group that gets all the addresses; None when each makes a group.
            snapshot: The list.

        Raises:
            LibraryError: The library can't be read or written; the groups before are there.
        """
        title = snapshot.title or stand_in(wish.source)
        made = [await self._subscribed(wish, home, each) for each in snapshot.subscriptions]
        if wish.refresh and not wish.dry_run:
            fetched = await asyncio.gather(*(self._fetched(wish, result, source) for result, source in made))
        else:
            fetched = [result for result, _ in made]
        return several(title, fetched, snapshot.warnings, snapshot.kind)

    async def _subscribed(self, wish: Wish, home: Group | None, wanted: Subscription) -> tuple[Result, Source]:
        """The group of an address, made when it is not there."""
        groups = [home] if home else await in_thread(self._keeper.library.groups)
        known = known_as(groups, wanted.address)
        if known is not None:
            group, source = known
            here = (f"It is already here, as “{group.title}”.",)
            return Result(group.id, group.title, Ending.SKIPPED, source.kind, warnings=here), source
        source = Source(address=wanted.address)
        if home is not None:
            if not wish.dry_run:
                await in_thread(self._keeper.library.save_source, home.id, source)
            ending = Ending.PLANNED if wish.dry_run else Ending.SKIPPED
            return Result(home.id, home.title, ending), source
        title = wanted.title or stand_in(wanted.address)
        if wish.dry_run:
            return Result("", title, Ending.PLANNED), source
        tags = tuple(dict.fromkeys((*wish.tags, *wanted.tags)))
        sketch = replace(wish.sketch(wanted.address), title=title, tags=tags, site=wanted.site)
        return await self._keeper.keep_new(sketch, source, None), source

    async def _fetched(self, wish: Wish, made: Result, source: Source) -> Result:
        """What refreshing a group brought."""
        group = await in_thread(self._keeper.library.group, made.group)
        result = await self._refresh(group, source, wish.on_step)
        return replace(result, warnings=(*made.warnings, *result.warnings))


def _named(part: Snapshot, title: str) -> Snapshot:
    """A group whose document gives it no name."""
    return msgspec.structs.replace(part, title=title)
