"""Languages that are hard to fit into a frame: wide or zero-width characters, right-to-left text, French spaces."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from support.reading import reading
from support.states.contents import languages


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (80, 24), (120, 36), (200, 50)])
async def test_no_language_breaks_the_frame(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reading(languages(tmp_path), size=size) as running:
        for key in ("j", "j", "j", "j", "x", "l", *"jjjjj", "l", *"JKJ", "h", "v", "V"):
            await running.press(key)
            assert [cell_len(line) for line in running.lines()] == [size[0]] * size[1]
            for widget in (running.screen.groups.list, running.screen.items.list, running.screen.annotations.list):
                if widget.display:
                    rows = [line for line in running.lines(widget) if line.strip()]
                    assert all(line[-1] in "│╮╯" for line in rows[:1]), "the frame closes"


async def test_no_break_spaces_are_kept(tmp_path: Path) -> None:
    async with reading(languages(tmp_path), size=(200, 50)) as running:
        await running.press("l", "l", "c")
        assert "Oui\u202f!\u00a0«\u00a0L’espace insécable\u00a0»" in running.outside.copied[-1]
        assert "dit-elle\u202f;" in "\n".join(running.lines())
