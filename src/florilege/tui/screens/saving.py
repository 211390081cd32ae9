"""How marks are written, and which are made without a key: by resting on an item, by leaving it.

Which keys mark what is for `marking` to say.
"""

import asyncio
from collections.abc import Iterable

from textual import work

from florilege.commands import Scope
from florilege.lists.catalogue import Listed
from florilege.marking import Mark, Step
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.screens.placing import Placing


class Saving(Placing):
    """Writing marks, and showing them once they are durable."""

    @work(group="saving", name="mark", description="Writing what was marked", exit_on_error=False)
    async def save_mark(
        self,
        rows: Iterable[Listed],
        mark: Mark,
        *,
        automatic: bool = False,
        bulk: bool = False,
        told: str = "",
        nothing: str = "",
    ) -> None:
        """Mark items; they show as marked once it is durable.

        Args:
            rows: Which items.
            mark: What to do.
            automatic: Whether no key asked for it.
            bulk: Whether a whole list was meant.
            told: What to say; `{}` stands for the number of items that changed. Nothing when empty.
            nothing: What to say instead when all of them were so already.
        """
        async with self._saving:
            await self.write_mark(rows, mark, automatic=automatic, bulk=bulk, told=told, nothing=nothing)

    async def write_mark(
        self,
        rows: Iterable[Listed],
        mark: Mark,
        *,
        automatic: bool = False,
        bulk: bool = False,
        told: str = "",
        nothing: str = "",
    ) -> None:
        """Do what `save_mark` does, in a worker that has waited for its turn."""
        try:
            step = await asyncio.to_thread(self.desk.mark, list(rows), mark, automatic=automatic, bulk=bulk)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        self.marked(step)
        if told:
            others = len(step.changes) - 1 if step and not bulk else 0
            of_page = f" ({counted(others, 'other item')} of this page too)" if others > 0 else ""
            self.say(told.format(len(step.changes)) + of_page if step else nothing or "There is nothing to change.")
        self.tell_unsaved()

    def tell_unsaved(self) -> None:
        """Say so when what was marked is not written yet."""
        if self.desk.unsaved:
            self.say(self.desk.unsaved, problem=True)

    def marked(self, step: Step | None) -> None:
        """Show what has been marked."""
        if step is not None:
            self.items_list.refresh_rows()
            self.show_groups()
            self.show_top()

    def watch_rest(self) -> None:
        """Begin to wait whether the reader rests on this item with its annotations on the screen.

        Whoever chooses a group or types what to look for does not read.
        """
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        after = self.world.config.reading.mark_after if self.world.config.reading.mark == "rest" else None
        if after is None or self.current is None or not self._is_reading:
            return
        state = self.desk.state(self.current)
        if not state.is_read or state.seen < self.current.head.revision:
            self._rest = self.set_timer(max(after, 0.001), self._rested)

    @property
    def _is_reading(self) -> bool:
        """Whether the annotations lie before the reader's eyes, as far as can be told."""
        choosing = self.pane is Scope.GROUPS or self.prompt.is_open
        return self.annotations_shown and not choosing and self.app.app_focus and self.is_current

    def _rested(self) -> None:
        if self._is_reading:
            self.mark_as_seen(self.current)

    def mark_as_seen(self, *rows: Listed | None) -> None:
        """Mark items read because of what the reader did with them.

        Not those they have just said to be unread or only peek at, and none when they mark by hand only.
        """
        if self.world.config.reading.mark == "hand":
            return
        seen = [row for row in rows if row is not None and row.key not in {self.left_unread, self.peeked}]
        if seen:
            self.save_mark(seen, Mark.READ, automatic=True)
