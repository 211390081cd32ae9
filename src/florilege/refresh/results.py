"""What a refresh tells while it goes: steps, and a result for each group. Frozen values; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from florilege.model import Group
from florilege.text import counted, grouped


class Ending(StrEnum):
    """How the refresh of a group ended."""

    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Nothing was asked: not due, or without a source."""
    PLANNED = "planned"
    """Nothing was written: it was only asked what would be."""


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
"""Told each step, on the event loop; must return quickly."""


@dataclass(frozen=True)
class Result:
    """What became of a group."""

    group: str
    """Its id; empty when an addition kept nothing, so that there is no group."""
    title: str
    outcome: Ending
    kind: str | None = None
    """The format recognised, now or last; None when it never was."""
    new: int = 0
    """Items never seen before."""
    revised: int = 0
    """Items whose content changed."""
    new_highlights: int = 0
    """Highlights that reached items already read."""
    joined: int = 0
    """Records that a document repeats: each was joined with the one of the same page before it, nothing was lost."""
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
    parts: "tuple[Result, ...]" = ()
    """One for each group, when a document of several groups was added; then this one has no id, and their sums."""

    @property
    def news(self) -> str:
        """What is new, in a few words: `3 new items, 1 new highlight`."""
        parts = [counted(self.new, "new item")] if self.new else []
        if self.new and self.joined:
            parts.append(f"{counted(self.joined, 'repeated entry', 'repeated entries')} joined")
        if self.new_highlights:
            parts.append(counted(self.new_highlights, "new highlight"))
        if not parts and self.revised:
            parts.append(f"{counted(self.revised, 'item')} revised")
        return ", ".join(parts) or "nothing new"

    @property
    def summary(self) -> str:
        """What became of all groups of a document, in a few words: `3 groups, 12 new items, 1 not fetched`."""
        failed = sum(part.outcome is Ending.FAILED for part in self.parts)
        missing = f", {grouped(failed)} not fetched" if failed else ""
        news = self.news if self.new or self.outcome is not Ending.SKIPPED else "not fetched yet"
        return f"{counted(len(self.parts), 'group')}, {news}{missing}"


def in_a_row(parts: Sequence[Result]) -> Result:
    """One result for several steps with one source: sums, and the ending of the last step that had something to say."""
    last = next((part for part in reversed(parts) if part.outcome is not Ending.UNCHANGED), parts[-1])
    return replace(
        last,
        kind=next((part.kind for part in parts if part.kind), None),
        new=sum(part.new for part in parts),
        revised=sum(part.revised for part in parts),
        new_highlights=sum(part.new_highlights for part in parts),
        joined=sum(part.joined for part in parts),
        arrived=tuple(dict.fromkeys(item for part in parts for item in part.arrived)),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def together(group: Group, parts: Sequence[Result]) -> Result:
    """One result for a group of several sources: its ending is the worst, its numbers are sums."""
    for ending in (Ending.FAILED, Ending.OK, Ending.UNCHANGED, Ending.SKIPPED):
        if any(part.outcome is ending for part in parts):
            break
    return Result(
        group=group.id,
        title=next((part.title for part in parts if part.title != group.title), group.title),
        outcome=ending,
        kind=next((part.kind for part in parts if part.kind), None),
        new=sum(part.new for part in parts),
        revised=sum(part.revised for part in parts),
        new_highlights=sum(part.new_highlights for part in parts),
        joined=sum(part.joined for part in parts),
        arrived=tuple(dict.fromkeys(item for part in parts for item in part.arrived)),
        warnings=tuple(warning for part in parts for warning in part.warnings),
        error=next((part.error for part in parts if part.error), None),
        cut=any(part.cut for part in parts),
        unusable=any(part.unusable for part in parts),
    )


def several(title: str, parts: Sequence[Result], warnings: Sequence[str] = (), kind: str | None = None) -> Result:
    """One result for a document of several groups: its ending is the worst, its numbers are sums.

    Args:
        title: What the document is called.
        parts: A result for each group.
        warnings: What was odd in the document; not said again of each group.
        kind: The format of the document.
    """
    order = (Ending.FAILED, Ending.PLANNED, Ending.OK, Ending.UNCHANGED, Ending.SKIPPED)
    endings = {part.outcome for part in parts}
    known = set(warnings)
    return Result(
        group="",
        title=title,
        outcome=next((ending for ending in order if ending in endings), Ending.SKIPPED),
        kind=kind,
        new=sum(part.new for part in parts),
        revised=sum(part.revised for part in parts),
        new_highlights=sum(part.new_highlights for part in parts),
        joined=sum(part.joined for part in parts),
        arrived=tuple(item for part in parts for item in part.arrived),
        warnings=tuple(warnings),
        cut=any(part.cut for part in parts),
        unusable=any(part.unusable for part in parts),
        parts=tuple(
            replace(part, warnings=tuple(warning for warning in part.warnings if warning not in known))
            for part in parts
        ),
    )
