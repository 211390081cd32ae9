"""The way to the river of highlights, and back to an item of it."""

from typing import TYPE_CHECKING

from florilege.commands import Scope
from florilege.tui.screens.helping import Helping

if TYPE_CHECKING:  # loads when it is shown, as all screens upon the first one do
    from florilege.lists.river import Passage


class Flowing(Helping):
    """All highlights of the list as one page."""

    def action_river(self) -> None:
        """Show all highlights of the list as one page."""
        from florilege.tui.screens.river import RiverScreen

        self.app.push_screen(RiverScreen(self, self.desk.where()), self._to_passage)

    def show_annotation(self, key: str) -> bool:
        """Go to an annotation of the open item, though it be folded away; the screen knows how."""
        return self.annotations_list.move_to(key)

    def _to_passage(self, passage: "Passage | None") -> None:
        """Go to the item of a passage, and to the passage in it."""
        if passage is None or not self.items_list.move_to(passage.listed.key):
            return
        self.show_item()
        self.go_to_pane(Scope.ANNOTATIONS)
        self.show_annotation(passage.highlight.id)
