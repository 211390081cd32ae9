"""The two lines around the panes: location and counts above; keys and messages below."""

from collections import deque
from collections.abc import Sequence

from textual import events
from textual.color import Color
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from florilege.tui.panes.fitting import cut, two_ends
from florilege.tui.theme import palettes_of
from florilege.tui.widgets.lines import Line, strip_of, width_of, with_selection, wrap_at_most

_NAME = "florilege"


def _path(crumbs: Sequence[str]) -> Line:
    """The crumbs with separators, the last one emphasised; the program's name counts as the first."""
    path: list[tuple[str, str]] = []
    for place, crumb in enumerate(crumbs):
        is_name = place == 0 and crumb == _NAME
        path.append(("key" if is_name else "crumb" if place == len(crumbs) - 1 else "metadata", crumb))
        path += [("metadata", "  " if is_name else " › ")] if place < len(crumbs) - 1 else []
    return tuple(path)


def _width(line: Line) -> int:
    return sum(width_of(text) for _, text in line)


class _StatusLine(Widget):
    """A widget that draws lines of named styles in the colours of the theme."""

    def shown(self) -> Sequence[Line]:
        """The lines."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """One of the lines."""
        variables, lines = self.app.theme_variables, self.shown()
        palette = palettes_of(variables, Color.parse(variables["panel"])).page
        strip = strip_of(lines[y] if y < len(lines) else (), self.content_size.width, palette)
        if (selection := self.text_selection) is not None and (selected := selection.get_span(y)) is not None:
            strip = with_selection(strip, *selected, self)
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text."""
        return selection.extract("\n".join("".join(text for _, text in line) for line in self.shown())), "\n"

    def piece_at(self, event: events.Click) -> int | None:
        """Which piece of the first line was clicked, if any."""
        offset, end = event.get_content_offset(self), 0
        for place, (_, text) in enumerate(self.shown()[0] if offset is not None else ()):
            end += width_of(text)
            if offset is not None and offset.x < end:
                return place
        return None


class TopLine(_StatusLine):
    """Where the reader is and how they got there; how many items there are, and how fresh."""

    DEFAULT_CSS = "TopLine { height: 1; background: $panel; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="top")
        self._crumbs: tuple[str, ...] = ()
        self._facts: tuple[str, ...] = ()

    def show(self, crumbs: Sequence[str], facts: Sequence[str]) -> None:
        """Show other crumbs and facts; where there is no room, the first crumbs and the last facts are left out."""
        if (tuple(crumbs), tuple(facts)) != (self._crumbs, self._facts):
            self._crumbs, self._facts = tuple(crumbs), tuple(facts)
            self.refresh()

    class Clicked(Message):
        """A crumb was clicked."""

        def __init__(self, after: int) -> None:
            super().__init__()
            self.after = after
            """How many crumbs follow it."""

    def on_click(self, event: events.Click) -> None:
        """Report which crumb was clicked, if any."""
        crumbs, _ = self._fitting(self.content_size.width)
        place = self.piece_at(event)
        if place is not None and place % 2 == 0 and place // 2 < len(crumbs):
            self.post_message(self.Clicked(len(crumbs) - 1 - place // 2))

    def shown(self) -> Sequence[Line]:
        """The crumbs at the left, the facts at the right."""
        cells = self.content_size.width
        crumbs, facts = self._fitting(cells)
        right: Line = (("metadata", " · ".join(facts)),) if facts else ()
        return [two_ends(_path(crumbs), right, cells)]

    def _fitting(self, cells: int) -> tuple[list[str], list[str]]:
        """The crumbs and facts that fit."""
        crumbs, facts = [_NAME, *self._crumbs], list(self._facts)

        def fits() -> bool:
            return _width(_path(crumbs)) + 2 + len(" · ".join(facts)) <= cells

        while len(facts) > 2 and not fits():
            facts.pop()
        while len(crumbs) > 1 and not fits():
            del crumbs[0]
        while len(facts) > 1 and not fits():
            facts.pop()
        return crumbs, facts


_BETWEEN = "   "
"""The separator between two keys."""


def _taken(hint: tuple[str, str]) -> int:
    """The width of a key and its word, in cells."""
    return width_of(hint[0]) + 1 + width_of(hint[1])


class BottomLine(_StatusLine):
    """The keys useful here; in their place, for a while, a message about what has just happened."""

    DEFAULT_CSS = "BottomLine { height: auto; max-height: 5; background: $panel; padding: 0 1; }"

    STAYS = 6.0
    """Seconds a message stays if no key is pressed; problems stay longer, depending on their length."""

    class Clicked(Message):
        """A key was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key
            """The key as it is shown."""

    def __init__(self) -> None:
        super().__init__(id="bottom")
        self.keys: tuple[tuple[str, str], ...] = ()
        """The keys and words shown, as far as there is room; the last one always."""
        self._message = ""
        self._is_problem = False
        self.progress = ""
        """The progress of a running task, shown when no other message is. Whoever sets it empties it in the end."""
        self._timer: Timer | None = None
        self.messages: deque[str] = deque(maxlen=100)
        """The latest messages, the newest last."""

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show other keys."""
        if tuple(keys) != self.keys:
            self.keys = tuple(keys)
            self.refresh()

    def say(self, message: str, *, problem: bool = False) -> None:
        """Show a message for a while."""
        self.messages.append(message)
        self._message, self._is_problem = message, problem
        if self._timer is not None:
            self._timer.stop()
        stays = self.STAYS + (len(message) / 12 if problem else 0)
        self._timer = self.set_timer(stays, self.clear_message)
        self._redraw()

    def clear_message(self) -> None:
        """Go back to the progress of a running task, or else to the keys."""
        if self._message != self.progress:
            self._message, self._is_problem = self.progress, False
            self._redraw()

    def show_progress(self, message: str) -> None:
        """Show how far a running task has got."""
        self.progress = message
        self.say(message)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines, without drawing them."""
        return max(1, len(self._lines(width)))

    def _redraw(self) -> None:
        """Redraw; the screen is laid out again only if the number of lines changes."""
        cells, lines = self.content_size
        self.refresh(layout=not cells or lines != max(1, len(self._lines(cells))))

    def _lines(self, cells: int) -> list[str]:
        """The message on as many lines as it takes, at most five."""
        return wrap_at_most(self._message, cells, 5) if self._message else []

    def shown(self) -> Sequence[Line]:
        """The keys, or the lines of a message."""
        cells = max(1, self.content_size.width)
        if self._message:
            style = "error" if self._is_problem else "text"
            return [((style, line),) for line in self._lines(cells)]
        line: list[tuple[str, str]] = []
        for key, word in self._fitting(cells):
            line += [("metadata", _BETWEEN)] if line else []
            line += [("key", key), ("metadata", f" {word}")]
        return [cut(tuple(line), cells)]

    def _fitting(self, cells: int) -> list[tuple[str, str]]:
        """The keys that fit. The last one, help, lists all the others: it stays."""
        keys = list(self.keys)
        while len(keys) > 1 and sum(map(_taken, keys)) + len(_BETWEEN) * (len(keys) - 1) > cells:
            del keys[-2]
        return keys

    def on_click(self, event: events.Click) -> None:
        """Report which key was clicked; if a message is shown, dismiss it instead."""
        if self._message:
            self.clear_message()
            return
        place = self.piece_at(event)
        if place is not None and place % 3 < 2:  # a key, its word; then what parts them from the next
            self.post_message(self.Clicked(self._fitting(max(1, self.content_size.width))[place // 3][0]))
