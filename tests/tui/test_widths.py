"""Widths of panes, changed by key and by mouse, kept and remembered."""

from pathlib import Path

from textual.events import MouseDown, MouseMove, MouseUp

from support.reading import Open, reading, resize, sample_library


def widths(running: Open) -> list[int]:
    """The widths of the panes on the screen."""
    panes = (running.screen.groups, running.screen.items, running.screen.annotations)
    return [each.list.outer_size.width for each in panes if each.list.display]


async def drag(running: Open, start: int, end: int) -> None:
    """Move the mouse with its button held, on the fifth line."""
    for kind, x in (
        (MouseDown, start),
        (MouseMove, start),
        (MouseMove, (start + end) // 2),
        (MouseMove, end),
        (MouseUp, end),
    ):
        await running.pilot._post_mouse_events([kind], offset=(x, 5), button=1)
    await running.settled()


async def test_a_border_is_dragged_from_either_side(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        groups, items, _ = widths(running)
        await drag(running, groups - 1, groups + 9)
        assert widths(running)[0] == groups + 10 + 1 - 1
        groups = widths(running)[0]
        items = widths(running)[1]
        await drag(running, groups + items, groups + items - 6)
        assert widths(running) == [groups, items - 5, 120 - groups - items + 5]
        assert not running.screen.get_selected_text()
        assert running.pane == "groups"  # the focus stays, and so does the cursor
        assert running.cursors["items"] == running.screen.state.rows[0].key


async def test_a_border_stops_where_a_pane_would_vanish(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await drag(running, widths(running)[0], 118)
        assert min(widths(running)) >= 16
        assert sum(widths(running)) == 120
        await drag(running, widths(running)[0], 1)
        assert widths(running)[0] == 16


async def test_two_panes_are_dragged_too_and_none_comes_or_goes(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path), size=(80, 24)) as running:
        await drag(running, widths(running)[0], 40)
        assert (running.panes, widths(running)) == (["groups", "items"], [41, 39])


async def test_keys_go_beyond_the_usual_widths_and_say_when_they_can_not(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        for _ in range(6):
            await running.press(">")
        assert widths(running)[0] > 44
        for _ in range(30):
            await running.press("<")
        assert widths(running)[0] == 16
        assert running.said[-1] == "This pane is as narrow as it can be."


async def test_dragged_widths_are_there_at_the_next_start(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    async with reading(library) as running:
        await drag(running, widths(running)[0], 40)
        before = widths(running)
        await running.press("q")
    async with reading(library, session=running.outside.remembered[-1]) as running:
        assert widths(running) == before


async def test_a_terminal_made_narrower_keeps_every_pane_in_sight(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await drag(running, widths(running)[0], 80)
        await resize(running.pilot, 72, 24)
        assert (sum(widths(running)), min(widths(running)) >= 16) == (72, True)
        await resize(running.pilot, 120, 36)
        assert widths(running)[0] == 81


async def test_text_is_selected_by_a_drag_that_begins_within_a_pane(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        groups, items, _ = widths(running)
        await drag(running, groups + items + 4, groups + items + 12)
        assert running.screen.get_selected_text()
        assert widths(running)[:2] == [groups, items]
