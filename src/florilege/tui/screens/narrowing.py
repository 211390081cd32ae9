"""Actions that narrow a list or look at it as a whole: tags, sharers, sites, orders, the overview."""

import asyncio

from textual import on, work

from florilege.commands import Scope
from florilege.lists.choices import Choice, sharer_choices, tag_choices, taken
from florilege.lists.places import Kind, Place
from florilege.query import Everything, Field, Query, all_of
from florilege.store import LibraryError
from florilege.text import counted, tag_key
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.signs import TopLine
from florilege.urls import redact, site_of
from florilege.words import ago


class Narrowing(ReadingBase):
    """Narrowing lists, and seeing them in numbers."""

    def action_tags(self) -> None:
        """Narrow the list by its tags."""
        choices = tag_choices(self.desk.rows, self.desk.unread_flags(self.desk.rows))
        self._pick("Tags", "tag", choices, "No item of this list has a tag.")

    def action_sharers(self) -> None:
        """Narrow the list by who shared."""
        choices = sharer_choices(self.desk.rows, self.desk.unread_flags(self.desk.rows))
        self._pick("Who shared", "by", choices, "No sharer is known in this list.")

    async def action_more_from_sharer(self) -> None:
        """Show what the sharer of the item has shared, in all groups."""
        sharer = self.item.sharer if self.item else None
        if sharer is None or not sharer.label:
            self.say("Who shared this item is not known.")
            return
        await self._everything(Field("by", sharer.label))

    async def action_more_from_site(self) -> None:
        """Show what was shared from the site of the item, in all groups."""
        site = site_of(self.item.url) if self.item else None
        if site is None:
            self.say("The site of this item is not known.")
            return
        await self._everything(Field("site", site))

    def action_more_with_tags(self) -> None:
        """Choose among the tags of the item, and show what bears them in all groups."""
        if self.item is None or not self.item.tags:
            self.say("This item has no tag." if self.item else "There is no item.")
        else:
            self._offer_same_tags(frozenset(map(tag_key, self.item.tags)))

    @work(group="same-tags", name="tags", description="Counting tags everywhere", exclusive=True, exit_on_error=False)
    async def _offer_same_tags(self, wanted: frozenset[str]) -> None:
        """Ask which of these tags, each with its number in all groups."""

        def counted_everywhere() -> list[Choice]:
            rows = self.desk.listed(Place(Kind.EVERYTHING))
            bearing = [row for row in rows if not wanted.isdisjoint(map(tag_key, row.head.tags))]
            choices = tag_choices(bearing, self.desk.unread_flags(bearing))
            return [each for each in choices if tag_key(each.label.removeprefix("#")) in wanted]

        try:
            choices = await asyncio.to_thread(counted_everywhere)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return
        from florilege.tui.screens.picker import query_picker

        self.app.push_screen(query_picker("More with these tags", choices), self._in_everything)

    async def _in_everything(self, query: Query | None) -> None:
        if query is not None and not query.is_blank:
            await self._everything(query)

    async def action_sort(self) -> None:
        """Sort the list another way."""
        self.desk.order = self.desk.order.next
        await self.filter_items(self.desk.query)
        self.say(
            f"Sorted {self.desk.order.value}."
            if self.desk.order.value[0] == "b"
            else f"{self.desk.order.value.capitalize()}."
        )

    def action_overview(self) -> None:
        """Show the list in numbers."""
        from florilege.lists.counts import overview
        from florilege.tui.panes.overview import OverviewRows
        from florilege.tui.screens.overview import OverviewScreen

        rows, desk = self.desk.rows, self.desk
        if not rows and not desk.place.group:
            self.say("There is nothing to look at in this list.")
            return
        unread = desk.unread_flags(rows)
        starred = sum(state is not None and state.is_starred for state in desk.states(rows))
        numbers = overview([row.head for row in rows], unread=unread.count(1), starred=starred)
        screen = OverviewScreen(
            desk.where(),
            OverviewRows(numbers, sharer_choices(rows, unread), tag_choices(rows, unread), self._about_sources()),
        )
        self.app.push_screen(screen, self._narrowed)

    def _about_sources(self) -> list[tuple[str, str]]:
        place = self.desk.place
        group = self.desk.catalogue.group(place.group) if place.group else None
        if group is None:
            return []
        facts: list[tuple[str, str]] = []
        for source in group.sources:
            when = f"last asked {ago(source.checked_at, self.now())}" if source.checked_at else "never asked"
            facts.append((redact(source.address), "text"))
            facts.append((f"{source.kind or 'unknown format'}, {when}", "metadata"))
            if source.error:
                facts.append((source.error, "error"))
            if source.warnings:
                facts.append((f"! {counted(len(source.warnings), 'warning')} about its document:", "metadata"))
            facts += [(warning, "metadata") for warning in source.warnings[:10]]
            if len(source.warnings) > 10:
                facts.append((f"and {counted(len(source.warnings) - 10, 'more warning')}", "metadata"))
        return facts

    @on(LineList.Touched, "#annotations")
    async def _fact_clicked(self, event: LineList.Touched) -> None:
        """Narrow the list to a tag of the item that was clicked, or show more from its site or sharer."""
        event.stop()
        rows = event.list.rows
        if not isinstance(rows, AnnotationRows):
            return
        where = event.index, event.line, event.cell, event.list.row_width
        tag, fact = rows.tag_at(*where), rows.fact_at(*where)
        if tag is not None:
            await self._narrowed(Field("tag", tag))
        elif fact == 0:
            await self.action_more_from_site()
        elif fact == 1:
            await self.action_more_from_sharer()

    @on(TopLine.Clicked)
    async def _crumb_clicked(self, event: TopLine.Clicked) -> None:
        """Go back to a crumb: fewer filters, the group of a tag, or the groups."""
        event.stop()
        place, filters = self.desk.place, self.desk.query.conjuncts
        if event.after <= len(filters):
            kept = all_of(filters[: len(filters) - event.after])
            if kept != self.desk.query:
                await self.filter_items(kept)
        elif place.tag is not None and event.after == len(filters) + 1:
            await self.open_place(place.outer)
            with self.prevent(self.groups_list.Moved):
                self.groups_list.move_to(self.desk.place.key)
        else:
            self.go_to_pane(Scope.GROUPS)

    def _pick(self, title: str, name: str, choices: list[Choice], nothing: str) -> None:
        before, rest = taken(self.desk.query, name, choices)
        if not choices and not before:
            self.say(nothing)
            return

        async def narrow(query: Query | None) -> None:
            if query is not None and rest.and_(query) != self.desk.query:
                await self.filter_items(rest.and_(query))

        from florilege.tui.screens.picker import query_picker

        self.app.push_screen(query_picker(title, choices, before), narrow)

    async def _narrowed(self, query: Query | None) -> None:
        if query is not None and not query.is_blank:
            await self.filter_items(self.desk.query.and_(query))

    async def _everything(self, query: Query) -> None:
        await self.open_place(Place(Kind.EVERYTHING))
        with self.prevent(self.groups_list.Moved):
            self.groups_list.move_to(self.desk.place.key)
        await asyncio.sleep(0)
        await self.filter_items(Everything().and_(query))
