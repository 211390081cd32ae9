"""What a reader asks to be added. A frozen value; pure."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from florilege.model import Group, Source
from florilege.refresh.addresses import STANDARD_INPUT, stand_in
from florilege.refresh.documents import Document, Fresh
from florilege.refresh.keeping import Sketch
from florilege.refresh.results import OnStep, Result, Stage, Step
from florilege.urls import redact

RefreshSource = Callable[[Group, Source, OnStep], Awaitable[Result]]
"""Refreshes one source of a group that is there."""


@dataclass(frozen=True)
class Wish:
    """What a reader asks to be added."""

    source: str
    """An http(s) address, the path of a file, or `-`."""
    title: str | None
    tags: tuple[str, ...]
    into: str | None
    """The id of the group that gets the source; None for a new one, or the one that the document names."""
    refresh: bool
    on_step: OnStep
    all_pages: bool = False
    """Whether to fetch the older pages too."""
    dry_run: bool = False
    """Whether to write nothing, and only say what would be made."""

    def told(self, stage: Stage, items: int = 0) -> None:
        """Tell that a stage has begun."""
        shown = stand_in(self.source) if self.source == STANDARD_INPUT else redact(self.source)
        self.on_step(Step(self.title or shown, stage, self.into, items=items))

    def sketch(self, address: str, document: Document | None = None) -> Sketch:
        """The group to make."""
        named = document.snapshot.title if isinstance(document, Fresh) else None
        site = document.snapshot.site if isinstance(document, Fresh) else None
        return Sketch(self.title or named or stand_in(address), self.tags, site)
