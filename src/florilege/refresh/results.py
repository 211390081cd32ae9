"""The progress of a refresh (steps) and its results, one for each group, which can be combined. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from florilege.model import Group, Outcome
from florilege.text import counted, grouped
from florilege.words import announced, news

_WORST_FIRST = (Outcome.FAILED, Outcome.PLANNED, Outcome.OK, Outcome.UNCHANGED, Outcome.SKIPPED)


class Stage(StrEnum):
    """The stage of work on a group."""

    FETCHING = "fetching"
    READING = "reading"
    STORING = "storing"


@dataclass(frozen=True)
class Step:
    """The beginning of a stage."""

    title: str
    """The title of the group; for a new one without title, its address without secrets."""
    stage: Stage
    group: str | None = None
    """The id of the group; None when it is not in the library yet."""
    page: int = 0
    """The number of the older page, from 1; 0 for the newest page."""
    items: int = 0
    """The number of items on the older pages before it, or being stored. 0 when there is nothing to report."""


OnStep = Callable[[Step], None]
"""A callback for each step. Called on the event loop, so it must return quickly."""


def ignore_step(step: Step) -> None:
    """The callback that does nothing."""


@dataclass(frozen=True)
class Result:
    """The result of refreshing or adding a group."""

    group: str
    """Its id; empty when nothing was added, so that there is no group."""
    title: str
    outcome: Outcome
    kind: str | None = None
    """The format recognised this time or last time; None when it never was."""
    new: int = 0
    """Items that were added."""
    revised: int = 0
    """Items whose content changed."""
    new_highlights: int = 0
    """Highlights added to items that had been read."""
    more_highlights: int = 0
    """Highlights added to items not read yet."""
    joined: int = 0
    """Repeated records in the document: each was merged with an earlier one of the same page, and nothing was lost."""
    notice: str | None = None
    """A sentence on a permanent change of its source: that it moved. None when there is none."""
    warnings: tuple[str, ...] = ()
    """Sentences on what was odd, or why nothing was fetched."""
    error: str | None = None
    """A sentence on what went wrong; None when nothing did."""
    cut: bool = False
    """Whether the document was cut off: what came before the cut was kept. A warning says so."""
    arrived: tuple[str, ...] = ()
    """Ids of the items that were added, and of read items with new highlights."""
    unusable: bool = False
    """Whether it failed because the library is locked by another process, or can't be used at all."""
    is_unreached: bool = False
    """Whether it failed because no server was found at the address."""
    parts: "tuple[Result, ...]" = ()
    """For a document of several groups, the result for each; then this one has their sums, but no id."""
    feeds: tuple[tuple[str, str], ...] = ()
    """Address and title of the feeds that a web page links to, if there are several to choose from."""

    @property
    def news(self) -> str:
        """What is new, in a few words: `3 new items, 1 new highlight`."""
        return news(self.new, self.new_highlights, self.revised, self.more_highlights, self.joined) or "nothing new"

    @property
    def summary(self) -> str:
        """The result for all groups of a document, in a few words: `3 groups, 12 new items, 1 not fetched`."""
        failed = sum(part.outcome is Outcome.FAILED for part in self.parts)
        groups = counted(len(self.parts) - len(self.refusals), "group")
        missing = f", {grouped(failed)} not fetched" if failed else ""
        news = self.news if self.new or self.outcome is not Outcome.SKIPPED else "not fetched yet"
        return f"{groups}, {news}{missing}"

    @property
    def refusals(self) -> list[str]:
        """Why some parts were not added: a sentence for each."""
        return [part.error for part in self.parts if part.error and not part.group]

    def warned(self, *warnings: str) -> "Result":
        """A copy with more warnings, before the existing ones."""
        return replace(self, warnings=(*warnings, *self.warnings))


def combine_steps(parts: Sequence[Result]) -> Result:
    """Combine the results of several steps on one source: sums, with the last outcome that isn't UNCHANGED."""
    last = next((part for part in reversed(parts) if part.outcome is not Outcome.UNCHANGED), parts[-1])
    return _summed(last, parts)


def combine_sources(group: Group, parts: Sequence[Result]) -> Result:
    """Combine the results of the sources of a group: the worst outcome, and sums of the numbers."""
    title = next((part.title for part in parts if part.title != group.title), group.title)
    return _summed(Result(group.id, title, _worst(parts)), parts)


def combine_groups(
    title: str, parts: Sequence[Result], warnings: Sequence[str] = (), kind: str | None = None
) -> Result:
    """Combine the results of the groups of a document: the worst outcome, and sums of the numbers.

    Args:
        title: the title of the document.
        parts: a result for each group.
        warnings: warnings about the document, which are removed from those of each group.
        kind: the format of the document.
    """
    known = set(warnings)
    alone = tuple(replace(part, warnings=tuple(said for said in part.warnings if said not in known)) for part in parts)
    whole = _summed(Result("", title, _worst(parts)), parts)
    return replace(whole, kind=kind, warnings=tuple(warnings), error=None, parts=alone)


def announcement(results: Sequence[Result]) -> str:
    """The message after a refresh: `3 new items, 5 new highlights in 2 groups`, or the number of items revised."""
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
