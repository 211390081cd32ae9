"""What a text being typed may become, listed above it. It shows lines it is given; what may be meant others know."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class Candidates(Widget):
    """What may be meant, a line each; where there is little room, fewer of them, and how many more."""

    DEFAULT_CSS = """
    Candidates { width: 1fr; height: auto; display: none; color: $florilege-metadata; }
    Candidates { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[str] = ()
        self._all = 0

    def offer(self, lines: Sequence[str], all_of_them: int) -> None:
        """Show the first of so many."""
        self._lines, self._all = lines, all_of_them
        self.display = bool(lines)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line each and one for those that are more, within a third of the screen."""
        return min(len(self._lines) + (self._all > len(self._lines)), max(1, viewport.height // 3))

    def render(self) -> Content:
        """As many as there are lines for."""
        room = self.size.height
        if len(self._lines) == self._all <= room:
            return Content("\n".join(self._lines))
        shown = self._lines[: max(0, room - 1)]
        return Content("\n".join([*shown, f"and {self._all - len(shown)} more"]))
