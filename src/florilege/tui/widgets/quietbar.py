"""A scrollbar that says where one is and no more: half a cell wide, in a quiet colour, drawn without colours too."""

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

_BAR = "▐"


def bar_place(position: float, window: int, total: int) -> int:
    """Where the bar begins, in eighths of a cell: two positions of one place are drawn alike.

    Args:
        position: The line at the top of the view.
        window: Lines of the view, and cells of the scrollbar.
        total: All lines.
    """
    if total <= window:
        return 0
    bar = max(1, window * window / total)
    return int((window - bar) * position / (total - window) * 8)


class QuietBar(ScrollBarRender):
    """Textual's vertical scrollbar with its own places and mouse actions, drawn thinner."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = Color.parse("default"),  # noqa: B008 - a value, as in the class above
        bar_color: Color = Color.parse("default"),  # noqa: B008
    ) -> Segments:
        """The bar as segments, one a line."""
        bar = super().render_bar(size, virtual_size, window_size, position, thickness, vertical, back_color, bar_color)
        if not vertical:
            return bar
        quiet = []
        for text, style, control in bar.segments:
            meta = style.meta if style is not None else {}
            is_bar = style is not None and (style.reverse or bool(text.strip()))
            drawn = _BAR.rjust(thickness) if is_bar else " " * thickness
            quiet.append(Segment(drawn, Style(color=bar_color, bgcolor=back_color, meta=meta or None), control))
        return Segments(quiet, new_lines=True)
