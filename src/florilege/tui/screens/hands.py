"""The same page, many hands: reading what several items say of one page together, or each for itself."""

from collections.abc import Sequence

from florilege.lists.catalogue import Listed
from florilege.lists.same_page import combined
from florilege.model import Item
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.screens.base import ReadingBase
from florilege.words import sharer_of


class Hands(ReadingBase):
    """Reading the items of one page together."""

    _together = False

    def action_together(self) -> None:
        """Show the highlights of all who shared the page as one, and back."""
        if self.current is None:
            self.say("There is no item to read.")
            return
        self._together = not self._together
        others = self.desk.catalogue.same_page(self.current.head)
        self.item = self._whole(self.current)
        if self.item is not None:
            self.annotations_list.show(self._annotation_rows(self.current, self.item), keep_place=True)
        if not self._together:
            self.say("Each item for itself.")
        elif others:
            self.say(f"Together with {counted(len(others), 'other item')} of the same page.")
        else:
            self.say("Items of one page are shown together; nobody else has shared this one.")

    def also_in(self, listed: Listed) -> Sequence[str]:
        """Where else the page was shared; by whom too while items are read together."""
        catalogue, head = self.desk.catalogue, listed.head
        if self._together:
            others = catalogue.same_page(head)
            return list(dict.fromkeys(f"{_place(each, head.group)} ({sharer_of(each.head)})" for each in others))
        here = [f"this group ({sharer_of(each.head)})" for each in catalogue.same_page(head, within=head.group)]
        return list(dict.fromkeys([*here, *super().also_in(listed)]))

    def _whole(self, listed: Listed) -> Item | None:
        item = super()._whole(listed)
        if item is None or not self._together:
            return item
        try:
            others = [
                (self.desk.item(other), other.group_title) for other in self.desk.catalogue.same_page(listed.head)
            ]
        except LibraryError as error:
            self.say(str(error), problem=True)
            return item
        known = [(other, group) for other, group in others if other is not None]
        return combined(item, known) if known else item


def _place(listed: Listed, here: str) -> str:
    return "this group" if listed.head.group == here else listed.group_title
