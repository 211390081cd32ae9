"""Looking through groups for what answers to a query, in short steps, so that what is there shows before all is done.

What a list shows of items is asked of the loaded groups; words are looked for in the text kept beside the library, and
what else a query asks only of items whose text holds them. Where that text has yet to be made, what a list shows is
looked through before.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import compress
from typing import Self

import msgspec

from florilege.lists.loaded_group import UNMARKED, Found, GroupCache, ItemRow, LoadedGroup, Order, Reads, in_order
from florilege.model import Counts, Group
from florilege.query.nodes import All, Field, Not, OneOf, Or, Query, Words, all_of, needles, needs_text
from florilege.query.subject import Predicate, Section, Subject, own_words, searchable_sections
from florilege.store import LibraryError, NoSuchGroup
from florilege.store.search_text import SearchText, matching
from florilege.text import search_key

_ROWS = 500
"""Rows asked in one step: less than a millisecond."""
_FOLDED = 100
"""Rows whose words are folded in one step: about a millisecond."""


class SearchRequest(msgspec.Struct, frozen=True):
    """A query, ready to be asked of many items."""

    needles: tuple[bytes, ...]
    """What the text of an item must hold; the longest first."""
    test: Predicate | None
    """What else must be true; None when there is nothing more to ask."""
    needs_text: bool
    """Whether texts are looked through at all."""
    is_sure_of_part: bool
    """Whether an item that answers by a part of its text answers by all of it: where no text is excluded."""

    @classmethod
    def of(cls, query: Query, now: datetime) -> Self:
        """The request of a query.

        Args:
            query: What is asked.
            now: What spans such as `7d` count from, with zone.
        """
        # Of plain words side by side all is said by the needles.
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


class SearchSources:
    """Where a search looks.

    Args:
        library: The library.
        groups: What has been read of it.
        texts: The texts of its items.
    """

    def __init__(self, library: Reads, groups: GroupCache, texts: SearchText) -> None:
        self.groups = groups
        self._library = library
        self._texts = texts

    def look_through(self, group: LoadedGroup, request: SearchRequest, found: bytearray) -> Iterator[None]:
        """Look through one group, step by step.

        Args:
            group: The group.
            request: What is asked.
            found: Says of each row, by 1, that it answers; filled as they are found.

        Raises:
            LibraryError: Its items can't be read.
        """
        if not group.rows:
            return
        if not request.needs_text:
            yield from _ask_rows(group, request.test, found)
            return
        noted = {item: words.encode() for item, state in group.states.items() if (words := own_words(state))}
        try:
            stamp, _ = self._library.stamps(group.group_id)
            blocks = self._texts.blocks(group.group_id, stamp, lambda: self._library.stored(group.group_id))
            for block in blocks:
                _ask_block(group, request, block, found)
                if noted and request.needles:
                    _ask_noted(group, request, block, noted, found)
                yield
        except NoSuchGroup:
            return  # another process removed it; we are told so soon

    def has_text(self, group: LoadedGroup) -> bool:
        """Whether the texts of a group need not be made."""
        try:
            stamp, _ = self._library.stamps(group.group_id)
        except NoSuchGroup:
            return True
        return self._texts.has(group.group_id, stamp)

    def look_at_rows(self, group: LoadedGroup, request: SearchRequest, found: bytearray) -> Iterator[None]:
        """The same, as far as what a list shows of items says it for sure."""
        if not request.is_sure_of_part:
            return
        rows, state_of, title, test = group.rows, group.states.get, group.title, request.test
        for first in range(0, len(rows), _FOLDED):
            for place, row in enumerate(rows[first : first + _FOLDED], first):
                head = row.head
                sharer = [head.sharer.name or "", head.sharer.handle or ""] if head.sharer else []
                shown = {Section.TITLE: [head.title], Section.SHARER: sharer, Section.TAGS: head.tags}
                text = searchable_sections(shown)
                if all(needle.decode() in text for needle in request.needles) and (
                    test is None or test(Subject(head, state_of(head.id, UNMARKED), title, text))
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
            head = row.head
            if test(Subject(head, state_of(head.id, UNMARKED), title, "")):
                found[place] = 1
        yield


def _ask_block(group: LoadedGroup, request: SearchRequest, block: bytes, found: bytearray) -> None:
    rows, state_of, title, test = group.rows, group.states.get, group.title, request.test
    for item_id, start, end in matching(block, request.needles):
        place = group.place(item_id)
        if place is not None and (
            test is None or test(Subject(rows[place].head, state_of(item_id, UNMARKED), title, block[start:end]))
        ):
            found[place] = 1


def _ask_noted(
    group: LoadedGroup, request: SearchRequest, block: bytes, noted: dict[str, bytes], found: bytearray
) -> None:
    """Ask the items of a block that bear a note of the reader's, whose words count as words of the text."""
    for item_id, start, end in matching(block, ()):
        place = group.place(item_id) if item_id in noted else None
        if place is None or found[place]:
            continue
        text = block[start:end] + noted[item_id]
        subject = Subject(group.rows[place].head, group.states[item_id], group.title, text.decode("utf-8", "replace"))
        if all(needle in text for needle in request.needles) and (request.test is None or request.test(subject)):
            found[place] = 1


class Search:
    """What has been found so far. Whoever looks may stop at any time.

    Args:
        sources: Where to look.
        groups: The groups to look in, in the order in which to.
        request: What is looked for.
        order: How rows are sorted.
    """

    def __init__(self, sources: SearchSources, groups: Sequence[Group], request: SearchRequest, order: Order) -> None:
        self._order = order
        self._found: list[tuple[LoadedGroup, bytearray]] = []
        self._steps = self._look_through(sources, groups, request)
        self._is_stopped = False
        self.problems: list[LibraryError] = []
        """Why texts of groups could not be looked through, where that is tolerated."""
        self.is_done = False
        """Whether all has been looked through."""

    def go_on(self, seconds: float, clock: Callable[[], float], pause: Callable[[], None] = lambda: None) -> bool:
        """Look further for about so long; whether there is no more to be had.

        Less long when something was found before texts have to be made, for that takes a while.

        Args:
            seconds: How long.
            clock: Seconds that only ever grow.
            pause: Called between two steps, each of a few milliseconds at most once a group has been read.

        Raises:
            LibraryError: A group can't be read, and that is not tolerated.
        """
        until = clock() + seconds
        for is_worth_showing in self._steps:
            if self._is_stopped:
                self._steps = iter(())  # what was begun is put away in this thread
                return True
            if is_worth_showing or clock() >= until:
                return False
            pause()
        self.is_done = True
        return True

    def to_the_end(self) -> Self:
        """Look through everything."""
        for _ in self._steps:
            pass
        self.is_done = True
        return self

    def stop(self) -> None:
        """Have whoever looks end with the step they are at."""
        self._is_stopped = True

    @property
    def found(self) -> Found:
        """What has been found so far: groups, and which of their rows."""
        return list(self._found)

    @property
    def rows(self) -> list[ItemRow]:
        """What has been found so far, in the order of the list."""
        return in_order([(group, flags) for group, flags in self.found if 1 in flags], self._order)

    def holds(self, group_id: str, item_id: str) -> bool:
        """Whether an item of a group is among what has been found so far."""
        for group, flags in self.found:
            if group.group_id == group_id:
                place = group.place(item_id)
                return place is not None and flags[place] == 1
        return False

    @property
    def unread(self) -> int:
        """How many of them are unread."""
        return sum(sum(compress(group.unread, flags)) for group, flags in self.found)

    def _look_through(self, sources: SearchSources, groups: Sequence[Group], request: SearchRequest) -> Iterator[bool]:
        """Steps, each with whether what was found should be shown now."""
        without_text = []
        for group in groups:
            loaded = sources.groups.load(group.id, group.title)
            found = bytearray(len(loaded.rows))
            self._found.append((loaded, found))
            steps = sources.look_through(loaded, request, found)
            if request.needs_text and loaded.rows and not sources.has_text(loaded):
                without_text.append(steps)
                steps = sources.look_at_rows(loaded, request, found)
            for _ in self._noting_problems(steps):
                yield False
            yield False
        if without_text:
            yield any(1 in found for _, found in self._found)
        for steps in without_text:
            for _ in self._noting_problems(steps):
                yield False

    def _noting_problems(self, steps: Iterator[None]) -> Iterator[None]:
        """These steps; items that can't be read end them, and nothing else."""
        try:
            yield from steps
        except LibraryError as error:
            self.problems.append(error)


def may_hold(group: Group, counts: Counts, query: Query, *, is_seen: bool) -> bool:
    """Whether a group's title and counts leave room for an item that answers, so that others need not be read.

    Args:
        group: The group.
        counts: How many of what it holds.
        query: The query.
        is_seen: Whether it was ever read here: items named one by one are of such groups.
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
