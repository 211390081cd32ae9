"""Within one item: folding a long one, and finding words in it."""

from textual import on

from florilege.commands import Scope
from florilege.query import Query, Words, spans
from florilege.text import counted
from florilege.tui.panes.annotations import FOLD, AnnotationRows
from florilege.tui.screens.flowing import Flowing
from florilege.tui.screens.moving import Moving
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.prompt import Prompt

FIND_WITHIN = "find-within"


class LongItems(Moving, Flowing):
    """Folding and finding within the open item."""

    _sought_before: Query | None = None
    """What was marked before the line for finding in the item was opened."""

    # Folding

    def action_fold(self) -> None:
        """Show or hide the rest of a long item; elsewhere, the tags of a group."""
        is_long = self._folded or (self.current is not None and self.current.key in self.whole)
        if self.pane is Scope.GROUPS or (self.pane is Scope.ITEMS and not is_long):
            super().action_fold()
        elif self.current is not None and self.current.key in self.whole:
            self.whole.discard(self.current.key)
            self.show_annotations()
            if not self._folded:
                self.say("This item is not long enough to be folded.")
        elif not self._unfold():
            self.say("This item is shown whole.")

    @on(LineList.Chosen, "#annotations")
    def _fold_chosen(self, event: LineList.Chosen) -> None:
        """Show what is folded away behind the line that says so."""
        if event.key == FOLD:
            event.stop()
            self._unfold()

    def action_inward(self) -> None:
        """Go inwards; on that line, into what is folded away."""
        if self.pane is not Scope.ANNOTATIONS or self.annotations_list.cursor_key != FOLD or not self._unfold():
            super().action_inward()

    async def action_read_on(self) -> None:
        """Page through the annotations, those folded away too, then go on."""
        at_end = self.annotations_shown and self.annotations_list.reader_at_end
        if not (at_end and self._unfold()):
            await super().action_read_on()

    def action_next_annotation(self) -> None:
        """Move down among the annotations, into what is folded away too."""
        if self.annotations_list.cursor_key != FOLD or not self._unfold():
            super().action_next_annotation()

    def show_annotation(self, key: str) -> bool:
        """Go to an annotation of the open item, though it be folded away."""
        if key in self._folded:
            self._unfold()
        return super().show_annotation(key)

    @property
    def _folded(self) -> tuple[str, ...]:
        rows = self.annotations_list.rows
        return rows.folded if isinstance(rows, AnnotationRows) else ()

    def _unfold(self) -> bool:
        """Show what is folded away and go to its first row; whether there was anything."""
        folded = self._folded
        if self.current is None or not folded:
            return False
        self.whole.add(self.current.key)
        self.show_annotations(cursor=folded[0])
        return True

    # Finding

    def action_find_within(self) -> None:
        """Ask what to find in the open item."""
        if self.item is None:
            self.say("There is no item to look through.")
            return
        self._sought_before = self.sought_within
        before = self.sought_within.text if isinstance(self.sought_within, Words) else ""
        self.prompt.ask(FIND_WITHIN, "In this item", "words as they stand", before)
        self.show_keys()

    @on(Prompt.Typed)
    def _typed_within(self, event: Prompt.Typed) -> None:
        """Mark the words as they are typed."""
        if event.purpose == FIND_WITHIN:
            event.stop()
            self._seek(Words(event.text) if event.text.strip() else None)

    def leave_prompt(self) -> None:
        """Close the line for typing; what was marked before is marked again."""
        is_ours = self.prompt.purpose == FIND_WITHIN
        super().leave_prompt()
        if is_ours:
            self._seek(self._sought_before)

    def _seek(self, sought: Query | None) -> None:
        self.sought_within = sought
        self.show_annotations(cursor=self.annotations_list.cursor_key)

    @on(Prompt.Entered)
    def _found_within(self, event: Prompt.Entered) -> None:
        if event.purpose != FIND_WITHIN:
            return
        event.stop()
        self.prompt.close()
        self.go_to_pane(Scope.ANNOTATIONS)
        self.sought_within = Words(event.text) if event.text.strip() else None
        if self.current is not None and self._matches_folded():
            self.whole.add(self.current.key)
        self.show_annotations(cursor=self.annotations_list.cursor_key)
        if self.sought_within is not None:
            self._to_match(0)

    def action_next_match(self) -> None:
        """Go to the next row of the item where the words stand."""
        self._to_match(1)

    def action_previous_match(self) -> None:
        """Go to the row before this one where they stand."""
        self._to_match(-1)

    def _to_match(self, direction: int) -> None:
        rows, here = self.annotations_list.rows, self.annotations_list.cursor
        if not isinstance(rows, AnnotationRows) or self.sought.is_blank:
            key = self.world.keys.label("find-within")
            self.say(f"Nothing is looked for: {key} finds words in this item." if key else "Nothing is looked for.")
            return
        matches = [row for row in range(len(rows)) if rows.matches(row)]
        if not matches:
            self.say("That does not stand in this item.")
            return
        if direction < 0:
            place = next((row for row in reversed(matches) if row < here), matches[-1])
        else:
            place = next((row for row in matches if row >= here + direction), matches[0])
        wrapped = (direction > 0 and place <= here) or (direction < 0 and place >= here)
        if place == 0:
            self.annotations_list.home()
        else:
            self.annotations_list.move_to(place)
        said = f"{matches.index(place) + 1} of {counted(len(matches), 'passage')}"
        said += ", round again" if wrapped and len(matches) > 1 else ""
        further = [self.world.keys.label(each) for each in ("next-match", "previous-match")]
        self.say(f"{said}: {' and '.join(further)} go on." if matches[1:] and all(further) else f"{said}.")

    def _matches_folded(self) -> bool:
        """Whether what is looked for stands in what is folded away."""
        if self.item is None or self.sought_within is None:
            return False
        hidden = set(self._folded)
        sought = self.sought_within
        return any(
            spans(sought, "\n".join((each.quote, *(comment.text for comment in each.comments))))
            for each in self.item.highlights
            if each.id in hidden
        )
