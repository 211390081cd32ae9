"""Searches groups for items that match a query, in short steps, so that results can be shown before it is complete.

Conditions on item summaries are evaluated on the loaded groups. Words are searched in the item texts cached beside the
library, and the remaining conditions are evaluated only for items that contain them. If the cache of a group has yet
to be built, the summaries are searched first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress
from typing import TYPE_CHECKING, Self, TypeAlias

import msgspec

from florilege.lists.loaded_group import UNMARKED, FoundRows, ItemRow, LoadedGroup, Order, in_order
from florilege.model import Counts, Group
from florilege.query.nodes import All, Field, Not, OneOf, Or, Query, Words, all_of, needles, needs_text
from florilege.query.subject import Predicate, Section, Subject, own_words, searchable_sections
from florilege.store import LibraryError, NoSuchGroup
from florilege.text import search_key

if TYPE_CHECKING:
    from florilege.lists.catalogue import Catalogue

_Hit: TypeAlias = tuple[str, int, int]
"""The id of an item in a block of texts, and where its text begins and ends."""
_ROWS = 500
"""Number of rows tested in one step: less than a millisecond."""
_FOLDED = 100
"""Number of rows folded and tested in one step: about a millisecond."""


class SearchRequest(msgspec.Struct, frozen=True):
    """A query prepared for testing many items."""

    needles: tuple[bytes, ...]
    """Strings that the text of an item must contain; longest first."""
    test: Predicate | None
    """The remaining condition; None if there is none."""
    needs_text: bool
    """Whether texts need to be searched at all."""
    is_sure_of_part: bool
    """Whether a match on part of an item's text implies a match on all of it: true if the query excludes no text."""

    @classmethod
    def of(cls, query: Query, now: datetime) -> Self:
        """Prepare a query.

        Args:
            query: The query.
            now: The time, with zone, from which spans such as `7d` count.
        """
        # Plain words in a conjunction are fully covered by the needles.
        rest = all_of(part for part in query.conjuncts if not isinstance(part, Words))
        test = None if rest.is_blank else rest.predicate(now=now)
        sought = tuple(needle.encode() for needle in needles(query))
        return cls(sought, test, needs_text(query), not _excludes_text(query))


def _excludes_text(query: Query) -> bool:
    match query:
        case Not(part):
            return needs_text(part)
        case All(parts) | Or(parts):
            return any(map(_excludes_text, parts))
        case _:
            return False


def look_through(
    catalogue: "Catalogue", group: LoadedGroup, request: SearchRequest, found: bytearray
) -> Iterator[None]:
    """Search one group, step by step.

    Args:
        catalogue: The catalogue that the group is from.
        group: The group.
        request: The prepared query.
        found: A flag for each row, set to 1 when it is found to match.

    Raises:
        LibraryError: The items cannot be read.
    """
    if not group.rows:
        return
    if not request.needs_text:
        yield from _ask_rows(group, request.test, found)
        return
    noted = {item: words.encode() for item, state in group.states.items() if (words := own_words(state))}
    from florilege.store.search_text import matching

    library = catalogue.library
    try:
        stamp, _ = library.stamps(group.group_id)
        for block in catalogue.texts.blocks(group.group_id, stamp, lambda: library.stored(group.group_id)):
            _ask_block(group, request, block, matching(block, request.needles), found)
            if noted and request.needles:
                _ask_noted(group, request, block, matching(block, ()), noted, found)
            yield
    except NoSuchGroup:
        return  # another process removed it; we will be notified soon


def _has_text(catalogue: "Catalogue", group: LoadedGroup) -> bool:
    """Whether the searchable texts of a group are already available."""
    try:
        stamp, _ = catalogue.library.stamps(group.group_id)
    except NoSuchGroup:
        return True
    return catalogue.texts.has(group.group_id, stamp)


def _look_at_rows(group: LoadedGroup, request: SearchRequest, found: bytearray) -> Iterator[None]:
    """Like `look_through`, but only using item summaries, and only if a match on these is certain."""
    if not request.is_sure_of_part:
        return
    rows, state_of, title, test = group.rows, group.states.get, group.title, request.test
    for first in range(0, len(rows), _FOLDED):
        for place, row in enumerate(rows[first : first + _FOLDED], first):
            summary = row.summary
            sharer = [summary.sharer.name or "", summary.sharer.handle or ""] if summary.sharer else []
            shown = {Section.TITLE: [summary.title], Section.SHARER: sharer, Section.TAGS: summary.tags}
            text = searchable_sections(shown)
            if all(needle.decode() in text for needle in request.needles) and (
                test is None or test(Subject(summary, state_of(summary.id, UNMARKED), title, text))
            ):
                found[place] = 1
        yield


def _ask_rows(group: LoadedGroup, test: Predicate | None, found: bytearray) -> Iterator[None]:
    rows, state_of, title = group.rows, group.states.get, group.title
    if test is None:
        found[:] = b"\1" * len(rows)
        return
    for first in range(0, len(rows), _ROWS):
        for place, row in enumerate(rows[first : first + _ROWS], first):
            summary = row.summary
            if test(Subject(summary, state_of(summary.id, UNMARKED), title, "")):
                found[place] = 1
        yield


def _ask_block(
    group: LoadedGroup, request: SearchRequest, block: bytes, hits: Iterable[_Hit], found: bytearray
) -> None:
    rows, state_of, title, test = group.rows, group.states.get, group.title, request.test
    for item_id, start, end in hits:
        place = group.place(item_id)
        if place is not None and (
            test is None or test(Subject(rows[place].summary, state_of(item_id, UNMARKED), title, block[start:end]))
        ):
            found[place] = 1


def _ask_noted(
    group: LoadedGroup,
    request: SearchRequest,
    block: bytes,
    hits: Iterable[_Hit],
    noted: dict[str, bytes],
    found: bytearray,
) -> None:
    """Test the items of a block that have the user's own notes, with the notes added to their text."""
    for item_id, start, end in hits:
        place = group.place(item_id) if item_id in noted else None
        if place is None or found[place]:
            continue
        text = block[start:end] + noted[item_id]
        subject = Subject(
            group.rows[place].summary, group.states[item_id], group.title, text.decode("utf-8", "replace")
        )
        if all(needle in text for needle in request.needles) and (request.test is None or request.test(subject)):
            found[place] = 1


class Search:
    """A search in progress, with its results so far. Can be stopped at any time.

    Args:
        catalogue: The catalogue to search.
        groups: The groups to search, in order.
        request: The prepared query.
        order: The sort order of the rows.
    """

    def __init__(self, catalogue: "Catalogue", groups: Sequence[Group], request: SearchRequest, order: Order) -> None:
        self._order = order
        self._found: list[tuple[LoadedGroup, bytearray]] = []
        self._steps = self._look_through(catalogue, groups, request)
        self._is_stopped = False
        self.problems: list[LibraryError] = []
        """Errors while searching the texts of groups; these do not end the search."""
        self.is_done = False
        """Whether the search is complete."""

    def go_on(self, seconds: float, clock: Callable[[], float], pause: Callable[[], None] = lambda: None) -> bool:
        """Continue the search for a limited time. Returns whether it has ended.

        Returns early if anything was found before the searchable texts of some groups have to be built, which is slow.

        Args:
            seconds: How long to search.
            clock: A monotonic clock, in seconds.
            pause: Called between steps, which take at most a few milliseconds once a group has been loaded.

        Raises:
            LibraryError: A group cannot be read.
        """
        until = clock() + seconds
        for is_worth_showing in self._steps:
            if self._is_stopped:
                self._steps = iter(())  # closes the generator in this thread
                return True
            if is_worth_showing or clock() >= until:
                return False
            pause()
        self.is_done = True
        return True

    def to_the_end(self) -> Self:
        """Complete the search."""
        for _ in self._steps:
            pass
        self.is_done = True
        return self

    def stop(self) -> None:
        """Make the thread running `go_on` stop after its current step."""
        self._is_stopped = True

    @property
    def found(self) -> FoundRows:
        """The results so far: groups, with flags for their rows."""
        return list(self._found)

    @property
    def rows(self) -> list[ItemRow]:
        """The rows found so far, sorted."""
        return in_order([(group, flags) for group, flags in self.found if 1 in flags], self._order)

    def holds(self, group_id: str, item_id: str) -> bool:
        """Whether an item has been found so far."""
        for group, flags in self.found:
            if group.group_id == group_id:
                place = group.place(item_id)
                return place is not None and flags[place] == 1
        return False

    @property
    def unread(self) -> int:
        """The number of unread rows found so far."""
        return sum(sum(compress(group.unread, flags)) for group, flags in self.found)

    def _look_through(self, catalogue: "Catalogue", groups: Sequence[Group], request: SearchRequest) -> Iterator[bool]:
        """Run the search in steps, yielding after each whether the results should be shown now."""
        without_text = []
        for group in groups:
            loaded = catalogue.load(group.id)
            found = bytearray(len(loaded.rows))
            self._found.append((loaded, found))
            steps = look_through(catalogue, loaded, request, found)
            if request.needs_text and loaded.rows and not _has_text(catalogue, loaded):
                without_text.append(steps)
                steps = _look_at_rows(loaded, request, found)
            for _ in self._noting_problems(steps):
                yield False
            yield False
        if without_text:
            yield any(1 in found for _, found in self._found)
        for steps in without_text:
            for _ in self._noting_problems(steps):
                yield False

    def _noting_problems(self, steps: Iterator[None]) -> Iterator[None]:
        """Run these steps; a `LibraryError` ends only these, and is recorded in `problems`."""
        try:
            yield from steps
        except LibraryError as error:
            self.problems.append(error)


def may_hold(group: Group, counts: Counts, query: Query, *, is_seen: bool) -> bool:
    """Whether a group may contain a match, judging by its title and counts, so that others need not be loaded.

    Args:
        group: The group.
        counts: The counts of the group.
        query: The query.
        is_seen: Whether the group was ever loaded: ids in `OneOf` are always of items in such groups.
    """
    match query:
        case All(parts):
            return all(may_hold(group, counts, part, is_seen=is_seen) for part in parts)
        case Or(parts):
            return any(may_hold(group, counts, part, is_seen=is_seen) for part in parts)
        case OneOf(ids):
            return is_seen and bool(ids)
        case Field("is", "unread"):
            return counts.unread > 0
        case Field("is", "starred"):
            return counts.starred > 0
        case Field("is", "new"):
            return counts.newly_highlighted > 0
        case Field("has", "quote") | Field("quote"):
            return counts.highlights > 0
        case Field("group", value):
            return search_key(value) in search_key(group.title)
        case _:
            return counts.items > 0
