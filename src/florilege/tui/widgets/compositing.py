"""How a screen is put together when part of it has changed: that part is drawn, and nothing beside or beneath it.

Textual's own way asks every widget for all its lines on each change: it makes one rectangle of all that changed, and
cuts it to the changed lines only afterwards. To move a cursor by one row among three panes of 36 lines it asks for
220 lines, where 8 have changed.

No pane is known here, and no list. What Textual keeps to itself is named here; a test notices when any of it goes.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

Span = tuple[int, int, int]
"""A line of the screen, the first cell of it that has changed, and the one after the last."""
Piece = tuple[int, int, Strip]
"""What is drawn, and where it begins: cell and line of the screen."""


class PiecesUpdate(CompositorUpdate):
    """Pieces of lines, each drawn in its place."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = list(pieces)

    def __rich_console__(self, console: Console, options: object) -> Iterator[Segment]:
        """The pieces as segments, for whoever wants to see them."""
        for x, y, strip in self.pieces:
            yield Control.move_to(x, y).segment
            yield from strip

    def render_segments(self, console: Console) -> str:
        """The pieces as they are written to the terminal, lines and cells counted from 1."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.pieces)


class ThriftyCompositor(Compositor):
    """Draws what has changed, asking for no line that is not seen."""

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """What is to be drawn. When all has changed Textual would also draw what lies beneath everything."""
        screen = self.size.region
        if not full and screen in self._dirty_regions:
            self._dirty_regions = set(screen.split_horizontal(1))
        return super().render_update(full, screen_stack, simplify)

    def render_partial_update(self) -> PiecesUpdate | None:  # type: ignore[override]  # it is only ever displayed
        """What has changed since it was last drawn; None when nothing has."""
        screen = self.size.region
        changed = [seen for region in self._dirty_regions if (seen := region.intersection(screen))]
        self._dirty_regions.clear()
        return PiecesUpdate(self._pieces(self._wanted(self._regions_to_spans(changed)))) if changed else None

    def _wanted(self, spans: Iterable[Span]) -> dict[int, set[int]]:
        """The cells at which pieces begin that lie in the spans, by line."""
        wanted: dict[int, set[int]] = {}
        for y, start, end in spans:
            pieces = (at for at, until in pairwise(self.cuts[y]) if at < end and until > start)
            wanted.setdefault(y, set()).update(pieces)
        return wanted

    def _pieces(self, wanted: dict[int, set[int]]) -> Iterator[Piece]:
        """The pieces that begin at these cells, from the widget that is seen there."""
        for widget, (region, clip) in self.visible_widgets.items():  # from the front to the back
            seen = region.intersection(clip)
            lines = [y for y in seen.line_range if any(seen.x <= at < seen.right for at in wanted.get(y, ()))]
            for y, strip in zip(lines, _drawn(widget, region, seen, lines), strict=True):
                yield from self._parts(strip, y, seen, wanted[y])

    def _parts(self, strip: Strip, y: int, seen: Region, wanted: set[int]) -> Iterator[Piece]:
        """The parts of a widget's line that are wanted; those are wanted no more. All of it is one."""
        cuts = [cut for cut in self.cuts[y] if seen.x <= cut <= seen.right]
        if wanted.issuperset(cuts[:-1]):
            yield seen.x, y, strip
        else:
            parts = strip.divide([cut - seen.x for cut in cuts[1:]])
            yield from ((at, y, part) for at, part in zip(cuts, parts, strict=False) if at in wanted)
        wanted.difference_update(cuts[:-1])


def _drawn(widget: Widget, region: Region, seen: Region, lines: list[int]) -> list[Strip]:
    """These lines of a widget, as far as they are seen. Those between are asked for too: a widget knows them."""
    if not lines:
        return []
    part = Region(seen.x - region.x, lines[0] - region.y, seen.width, lines[-1] - lines[0] + 1)
    strips = widget.render_lines(part)
    return [strips[y - lines[0]] for y in lines]


class ThriftyScreen(Screen[None]):
    """A screen that is put together that way."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._compositor = ThriftyCompositor()
