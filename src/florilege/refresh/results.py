"""What a refresh tells while it goes: steps, and a result for each group. Frozen values that add up; pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from florilege.model import Group, Outcome
from florilege.text import counted, grouped
from florilege.words import announced

_WORST_FIRST = (Outcome.FAILED, Outcome.PLANNED, Outcome.OK, Outcome.UNCHANGED, Outcome.SKIPPED)


class Stage(StrEnum):
    """What is being done for a group."""

    FETCHING = "fetching"
    READING = "reading"
    STORING = "storing"


@dataclass(frozen=True)
class Step:
    """Something has begun."""

    title: str
    """Of the group; of what is being added, its address without secrets."""
    stage: Stage
    group: str | None = None
    """The id of the group; None when it is not in the library yet."""
    page: int = 0
    """Which older page it is about, from 1; 0 when it is about the newest."""
    items: int = 0
    """How many items the older pages before it held; how many are being stored. 0 when there is nothing to tell."""


OnStep = Callable[[Step], None]
"""Hears each step, on the event loop; must return quickly."""


def ignore_step(step: Step) -> None:
    """Hears steps when nobody else does."""


@dataclass(frozen=True)
class Result:
    """What became of a group."""

    group: str
    """Its id; empty when an addition kept nothing, so that there is no group."""
    title: str
    outcome: Outcome
    kind: str | None = None
    """The format recognised, now or last; None when it never was."""
    new: int = 0
    """Items never seen before."""
    revised: int = 0
    """Items whose content changed."""
    new_highlights: int = 0
    """Highlights that reached items already read."""
    more_highlights: int = 0
    """Highlights that reached items not read yet."""
    joined: int = 0
    """Records that a document repeats: each was joined with the one of the same page before it, nothing was lost."""
    notice: str | None = None
    """What is to be known of its source for good, in a sentence: that it moved."""
    warnings: tuple[str, ...] = ()
    """What was odd, or why nothing was asked, a sentence each."""
    error: str | None = None
    """What went wrong, in a sentence; None when nothing did."""
    cut: bool = False
    """The document breaks off: what came before the cut was kept, the rest is missing. A warning says so."""
    arrived: tuple[str, ...] = ()
    """Ids of the items never seen before, and of those read that have new highlights."""
    unusable: bool = False
    """Whether it went wrong because the library is held by another process, or can't be used at all."""
    is_unreached: bool = False
    """Whether it went wrong because no server was found at the address."""
    parts: "tuple[Result, ...]" = ()
    """One for each group, when a document of several groups was added; then this one has no id, and their sums."""
    feeds: tuple[tuple[str, str], ...] = ()
    """Address and title of the feeds that a page names, when there are several and one has to be chosen."""

    @property
    def news(self) -> str:
        """What is new, in a few words: `3 new items, 1 new highlight`."""
        parts = [counted(self.new, "new item")] if self.new else []
        if self.new and self.joined:
            parts.append(f"{counted(self.joined, 'repeated entry', 'repeated entries')} joined")
        if self.new_highlights:
            parts.append(counted(self.new_highlights, "new highlight"))
        if self.more_highlights:
            parts.append(f"{counted(self.more_highlights, 'more highlight')} on unread items")
        if not parts and self.revised:
            parts.append(f"{counted(self.revised, 'item')} revised")
        return ", ".join(parts) or "nothing new"

    @property
    def summary(self) -> str:
        """What became of all groups of a document, in a few words: `3 groups, 12 new items, 1 not fetched`."""
        failed = sum(part.outcome is Outcome.FAILED for part in self.parts)
        missing = f", {grouped(failed)} not fetched" if failed else ""
        news = self.news if self.new or self.outcome is not Outcome.SKIPPED else "not fetched yet"
        return f"{counted(len(self.parts), 'group')}, {news}{missing}"

    def warned(self, *warnings: str) -> "Result":
        """The same with something said before what is odd."""
        return replace(self, warnings=(*warnings, *self.warnings))


def combine_steps(parts: Sequence[Result]) -> Result:
    """One result for several steps with one source: sums, and the outcome of the last step that said something."""
    last = next((part for part in reversed(parts) if part.outcome is not Outcome.UNCHANGED), parts[-1])
    return _summed(last, parts)


def combine_sources(group: Group, parts: Sequence[Result]) -> Result:
    """One result for a group of several sources: its outcome is the worst, its numbers are sums."""
    title = next((part.title for part in parts if part.title != group.title), group.title)
    return _summed(Result(group.id, title, _worst(parts)), parts)


def combine_groups(
    title: str, parts: Sequence[Result], warnings: Sequence[str] = (), kind: str | None = None
) -> Result:
    """One result for a document of several groups: its outcome is the worst, its numbers are sums.

    Args:
        title: what the document is called.
        parts: a result for each group.
        warnings: what was odd in the document; not said again of each group.
        kind: the format of the document.
    """
    known = set(warnings)
    alone = tuple(replace(part, warnings=tuple(said for said in part.warnings if said not in known)) for part in parts)
    whole = _summed(Result("", title, _worst(parts)), parts)
    return replace(whole, kind=kind, warnings=tuple(warnings), error=None, parts=alone)


def announcement(results: Sequence[Result]) -> str:
    """The quiet line after a refresh: `3 new items, 5 new highlights in 2 groups`, or how many items were revised."""
    new, highlights, more, revised = (
        sum(getattr(result, name) for result in results)
        for name in ("new", "new_highlights", "more_highlights", "revised")
    )
    touched = sum(bool(each.new or each.new_highlights or each.more_highlights) for each in results)
    return announced(new, highlights, touched or sum(each.revised > 0 for each in results), revised, more)


def _worst(parts: Iterable[Result]) -> Outcome:
    outcomes = {part.outcome for part in parts}
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), Outcome.SKIPPED)


_ADDED = ("new", "revised", "new_highlights", "more_highlights", "joined")


def _summed(result: Result, parts: Sequence[Result]) -> Result:
    """A result with the sums of its parts."""
    return replace(
        result,
        **{name: sum(getattr(part, name) for part in parts) for name in _ADDED},
        kind=next((part.kind for part in parts if part.kind), None),
        arrived=tuple(dict.fromkeys(item for part in parts for item in part.arrived)),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        notice=next((part.notice for part in parts if part.notice), None),
        error=result.error or next((part.error for part in parts if part.error), None),
        cut=any(part.cut for part in parts),
        unusable=any(part.unusable for part in parts),
    )
