"""Takes the pictures of the README: drives the real app on the sample groups, on a day that stands still.

`python -m screenshots.take` writes each picture as SVG and PNG. A test compares the words in the committed SVG files
with those of pictures taken now, so stale ones are noticed.
"""

import asyncio
import re
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from florilege.commands import keymap
from florilege.demo import offer
from florilege.desktop import Desktop
from florilege.lists.reader_state import ReaderState
from florilege.refresh import Refresher
from florilege.settings import Config, Reading, Refresh, Session
from florilege.store import Library
from florilege.tui.app import AppContext, FlorilegeApp

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FOLDER = Path(__file__).parent
FONTS = "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace"
"""In place of the web font that Rich's export would load from elsewhere."""

TITLE_FONTS = "font-family: DejaVu Sans, Helvetica, sans-serif"


@dataclass(frozen=True)
class Picture:
    """One picture and how to get there."""

    name: str
    size: tuple[int, int]
    theme: str
    keys: tuple[str, ...]


_ANY = ("tab", "tab", "down")
"""Takes the tag under the cursor as one of any, and goes to the next one."""
_NONE = ("tab", "tab", "tab", "down")
"""Leaves out what bears the tag under the cursor, and goes to the next one."""

PICTURES = (
    Picture("main", (120, 38), "florilege-dark", (*"jjjjj", "x", "l", "j")),
    Picture("light", (120, 36), "florilege-light", (*"jjjj", "l", "j", "l")),
    Picture("threads", (100, 30), "florilege-dark", (*"jjjjjj", "l", "l")),
    Picture("find", (120, 32), "florilege-light", (*"jjj", "slash", *"lecteur")),
    Picture("river", (100, 30), "florilege-dark", (*"jjjjj", "l", "H", "j")),
    Picture("tags", (100, 30), "florilege-light", (*"jjj", "l", "t", *_ANY, *_ANY, "down", *_NONE, "up", "up")),
    Picture("overview", (100, 36), "florilege-dark", (*"jjj", "l", "i")),
    Picture("narrow", (60, 20), "florilege-dark", (*"jjjj", "l", "j", "l")),
    Picture("help", (100, 30), "florilege-light", ("l", "question_mark")),
)


def _no_network() -> AbstractAsyncContextManager[Refresher]:
    raise RuntimeError("pictures are taken without a network")


async def take(picture: Picture) -> str:
    """One picture, as SVG."""
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder), clock=lambda: NOW) as library:
        offer(library, now=NOW)
        context = AppContext(
            state=ReaderState(library, clock=lambda: NOW),
            config=Config(reading=Reading(mark_after=None), refresh=Refresh(on_start=False)),
            keys=keymap(),
            session=Session(theme=picture.theme),
            remember=lambda session: None,
            desktop=Desktop({}),
            refreshing=_no_network,
        )
        app = FlorilegeApp(context)
        async with app.run_test(size=picture.size) as pilot:
            await app.workers.wait_for_complete()
            for key in picture.keys:
                await pilot.press(key)
            # A command that has asked something waits for the answer.
            if workers := [worker for worker in app.workers if worker.group != "command"]:
                await app.workers.wait_for_complete(workers)
            await pilot.pause()
            return _self_contained(app.export_screenshot(title="florilege"))


def words_of(svg: str) -> list[str]:
    """The words a picture shows, line by line: what must not grow stale."""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    return [unescape(text).replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def _self_contained(svg: str) -> str:
    """The picture without fonts from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)
    svg = svg.replace("Fira Code, monospace", FONTS).replace("font-family: arial", TITLE_FONTS)
    return re.sub(r"\n{3,}", "\n\n", svg).rstrip() + "\n"


def main() -> None:
    """Take all pictures, or those named."""
    import resvg_py

    wanted = sys.argv[1:]
    for picture in PICTURES:
        if wanted and picture.name not in wanted:
            continue
        svg = asyncio.run(take(picture))
        (FOLDER / f"{picture.name}.svg").write_text(svg, "utf-8")
        # Fira Code has no such sign, and the whole line would be drawn in whatever font has one.
        svg = re.sub(r"<text (?=[^>]*>[^<]*↵)", '<text style="font-family: DejaVu Sans Mono" ', svg)
        png = resvg_py.svg_to_bytes(svg_string=svg, monospace_family="DejaVu Sans Mono", font_family="DejaVu Sans Mono")
        (FOLDER / f"{picture.name}.png").write_bytes(bytes(png))
        print(f"{picture.name}: {len(svg) // 1024} KiB of SVG, {len(png) // 1024} KiB of PNG")


if __name__ == "__main__":
    main()
