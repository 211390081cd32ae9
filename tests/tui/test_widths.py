"""Widths of panes, changed by key, kept and remembered."""

from pathlib import Path

from support.reading import Open, reading, resize, sample_library


def widths(running: Open) -> list[int]:
    """The widths of the panes on screen."""
    panes = (running.screen.groups, running.screen.items, running.screen.annotations)
    return [each.list.outer_size.width for each in panes if each.list.display]


async def test_keys_go_beyond_the_default_widths_and_report_the_limit(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        for _ in range(6):
            await running.press(">")
        assert widths(running)[0] > 44
        for _ in range(30):
            await running.press("<")
        assert widths(running)[0] == 16
        assert running.said[-1] == "This pane is as narrow as it can be."


async def test_widths_are_there_at_the_next_start(tmp_path: Path) -> None:
    library = sample_library(tmp_path)
    async with reading(library) as running:
        await running.press(">", ">")
        before = widths(running)
        await running.press("q")
    async with reading(library, session=running.outside.remembered[-1]) as running:
        assert widths(running) == before


async def test_narrower_terminal_keeps_every_pane_visible(tmp_path: Path) -> None:
    async with reading(sample_library(tmp_path)) as running:
        await running.press(*">" * 12)
        wide = widths(running)[0]
        await resize(running.pilot, 72, 24)
        assert (sum(widths(running)), min(widths(running)) >= 16) == (72, True)
        await resize(running.pilot, 120, 36)
        assert widths(running)[0] == wide
