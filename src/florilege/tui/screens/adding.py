"""Adding a group from within the app: asking, completing paths, progress, stopping, and what went wrong."""

import asyncio
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.worker import Worker

from florilege.lists.places import Kind, Place
from florilege.text import clean_line, counted, grouped
from florilege.tui.paths import completed_path, is_source, last_part, meant
from florilege.tui.screens.refreshing import Refreshing
from florilege.tui.widgets.prompt import Entries, Helper, Prompt
from florilege.tui.world import World

if TYPE_CHECKING:
    from florilege.refresh import Result, Step

ADD = "add-group"

_DONE = {"fetching": "Fetching", "reading": "Reading", "storing": "Keeping"}


class Adding(Refreshing):
    """Adding groups."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.prompt.help_with(ADD, Helper(Entries(), completed_path, label=last_part))
        self._adding: Worker[None] | None = None

    def action_add_group(self) -> None:
        """Ask for the address of a feed, or a file."""
        self._ask_source("")

    def _ask_source(self, text: str) -> None:
        self.prompt.ask(ADD, "Add", "address or file (tab completes)", text)
        self.show_keys()

    def on_paste(self, event: events.Paste) -> None:
        """An address or file that is pasted anywhere is offered to be added."""
        first = next(iter(event.text.splitlines()), "")
        if not self.prompt.is_open and is_source(first):
            event.stop()
            self._ask_source(clean_line(meant(first)))

    @on(Prompt.Entered)
    def _source_entered(self, event: Prompt.Entered) -> None:
        if event.purpose != ADD:
            return
        event.stop()
        self.prompt.close()
        self.go_to_pane(self.pane)
        if event.text:
            self._adding = self._add(meant(event.text))

    def interrupt(self) -> bool:
        """Stop adding, or what else can be stopped; whether there was anything."""
        worker, self._adding = self._adding, None
        if worker is None or worker.is_finished:
            return super().interrupt()
        worker.cancel()
        return True

    @work(group="network", name="add", description="Adding a group", exit_on_error=False)
    async def _add(self, source: str) -> None:
        self.bottom.tell_progress(f"Fetching {source} … {self.world.keys.label('back')} stops it.")
        known = {group.id for group in self.desk.catalogue.groups()}
        try:
            async with self.world.refreshing() as refresher:
                result = await refresher.add(source, on_step=self._told)
        except asyncio.CancelledError:
            self.desk.catalogue.forget()
            self.show_groups()
            is_kept = {group.id for group in self.desk.catalogue.groups()} - known
            self.say("Stopped; what had come already is kept." if is_kept else "Stopped; nothing was added.")
            raise
        finally:
            self.bottom.progress = ""
        await self._added(result)

    def _told(self, step: "Step") -> None:
        """Tell how far it has come."""
        pages = f", older page {step.page}" if step.page else ""
        items = f" ({grouped(step.items)} items)" if step.items else ""
        stop = self.world.keys.label("back")
        self.bottom.tell_progress(f"{_DONE[step.stage.value]} {step.title}{pages}{items} … {stop} stops it.")

    async def _added(self, result: "Result") -> None:
        is_first = not self.desk.catalogue.groups()
        self.desk.catalogue.forget()
        self.show_groups()
        group = next((each.group for each in (result, *result.parts) if each.group), None)
        # Who reads meanwhile goes on reading: only where there was nothing to read is it opened.
        if group is not None and is_first:
            await self.open_place(Place(Kind.GROUP, group))
            self.groups_list.move_to(self.desk.place.key)
        if result.error:
            self.say(result.error, problem=True)
        else:
            came = result.summary if result.parts else counted(result.new, "item")
            first, *others = result.warnings or ("",)
            where = self.world.keys.label("overview") or "the overview"
            more = f" {counted(len(others), 'more warning')}: {where} tells them."
            key = "" if is_first else self.world.keys.label("go-to")
            there = f" ({key} goes there)" if key else ""
            self.say(f"{result.title}: {came}{there}{f'. {first}' if first else ''}{more if others else ''}")
        self.index_pages()
