"""Outside text can neither style, crash nor drive the terminal, wherever it is shown."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.segment import Segment
from textual.events import Paste

from florilege.commands import keymap
from florilege.model import Comment, Entry, Highlight, Outcome, Sharer, Source
from florilege.store import Library
from florilege.text import clean_line
from florilege.tui.command_screen import Question
from florilege.tui.screens.picker import Picker
from support.library import with_sources
from support.reading import NOW, Open, entry, give, reading, small_library

MARKUP = ("[/]", "[b", "[/foo]", "\\[", "[@click=app.quit]x[/]", "[red]r[/red]", "[link=https://evil.example]l[/link]")
CONTROL = (
    "\x1b[31mred\x1b[0m", "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;title\x1b\\", "\x9b31m", "\x9d52;c;ZXZpbA==\x9c",
    "\u202eabc\u202c", "\u2066def\u2069", "\x00\x08\x7f", "a\rb", "\u200b\ufeff", "line\u2028sep",
)  # fmt: skip
EVIL = " ".join(MARKUP + CONTROL)
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff\u200b]")


def harmless(text: str) -> str:
    """The same text without brackets, backslashes and control characters, with equally many characters on screen."""
    return clean_line(text).replace("[", "(").replace("]", ")").replace("\\", "|")


def page(text: str) -> Entry:
    """An item with the same text in every field."""
    words = Comment(text=text, author=text, replies=(Comment(text=text, author=text),))
    return entry(
        text,
        native_id="1",
        url="https://example.org/1",
        sharer=Sharer(name=text, handle=text),
        tags=(text,),
        description=text,
        date_text=text,
        highlights=(Highlight(id="h", quote=text, author=text, colour=text, comments=(words,)),),
        notes=(words,),
        comments=(words,),
    )


def library_of(folder: Path, text: str) -> Library:
    """A library with the same text everywhere."""
    library = Library(folder, clock=lambda: NOW)
    source = Source(
        address="https://example.org/rss", outcome=Outcome.FAILED, error=f"{text} was not refreshed.", checked_at=NOW
    )
    group = with_sources(library, text, source, site=text, tags=(text,))
    give(library, group.id, [page(text), replace(page(text), native_id="2", url=text, title=f"2 {text}")])
    return library


@dataclass
class Look:
    """What was drawn: every strip of every screen, as segments."""

    screens: list[list[list[Segment]]] = field(default_factory=list)

    def take(self, running: Open) -> None:
        """Draw the whole screen."""
        self.screens.append([list(strip) for strip in running.app.screen._compositor.render_strips()])

    @property
    def texts(self) -> str:
        """Every character drawn."""
        return "\n".join("".join(s.text for s in line) for lines in self.screens for line in lines)

    @property
    def styles(self) -> set[tuple[object, ...]]:
        """Every style drawn, except the offsets for selecting text."""
        styles = {s.style for lines in self.screens for line in lines for s in line if s.style is not None}
        return {(s.color, s.bgcolor, s.bold, s.dim, s.italic, s.underline, s.reverse, s.link) for s in styles}


async def check_library(library: Library, text: str) -> tuple[Look, list[str]]:
    """Visit every screen and record it."""
    look = Look()
    async with reading(library, size=(120, 40)) as running:
        steps: list[Callable[[], object] | str] = [
            "j", "j", "j", "j", "x", "j", "k", "l", "l", "J", "J", "J", "h", "m", "s", "u", "A", "y", "c", "C", "o",
            "slash", "escape", "a", "escape",
            lambda: running.screen.say(text), lambda: running.screen.say(text, problem=True),
            lambda: running.screen.prompt.ask(Question("Add", "an address", text)), "x", "escape", "k",
            "question_mark", "escape",
        ]  # fmt: skip
        for step in steps:
            if isinstance(step, str):
                await running.press(step)
            else:
                step()
                await running.settled()
            look.take(running)
        await running.press("a")  # no finding: matches are underlined, and these words match differently
        line = running.screen.prompt.query_one("#prompt-input")
        line.post_message(Paste(text))
        await running.settled()
        look.take(running)
        await running.press("escape", "ctrl+p")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.press("end")
        look.take(running)
        assert running.app.is_running
        return look, running.outside.opened


async def test_outside_text_reaches_the_terminal_neither_raw_nor_as_markup(tmp_path: Path) -> None:
    evil, opened = await check_library(library_of(tmp_path / "evil", EVIL), EVIL)
    good, _ = await check_library(library_of(tmp_path / "good", harmless(EVIL)), harmless(EVIL))

    assert FORBIDDEN.findall(evil.texts.replace("\n", "")) == []
    # Every kind of markup is shown literally.
    for text in MARKUP:
        assert text in evil.texts
    assert evil.styles == good.styles
    assert [link for *_, link in evil.styles if link] == []
    assert opened == ["https://example.org/1"]


async def test_single_characters_of_markup_crash_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path, clock=lambda: NOW)
    for text in (*MARKUP, *CONTROL, "[", "]", "{", "{0}", "%s", "$x", "", " ", "\n", "\u0301" * 30, "日本語" * 40):
        give(library, library.add_group(text).id, [replace(page(text), native_id="1")])
    look = Look()
    async with reading(library, size=(40, 10)) as running:
        groups = len(library.groups())
        await running.press("j", "j", "j", "j")
        for _ in range(groups):
            await running.press("l", "l")
            look.take(running)
            await running.press("h", "h", "j")
    assert FORBIDDEN.findall(look.texts.replace("\n", "")) == []


async def test_palette_shows_markup_in_a_title_literally(tmp_path: Path) -> None:
    library = Library(tmp_path, clock=lambda: NOW)
    for text in (*MARKUP, EVIL):
        give(library, library.add_group(text).id, [page(text)])
    wanted = {f"Go to {text}" for text in MARKUP}
    async with reading(library, size=(160, 150), keys=keymap({"star": ["["], "quit": ["]", "q"]})) as running:
        await running.press("ctrl+p")
        shown = [line.strip(" │▌") for line in running.lines()]
        assert wanted <= {line.rpartition("  ")[0].strip() for line in shown if line.startswith("Go to ")}
        assert any(line.startswith("Star ") and line.endswith(" [") for line in shown)
        assert isinstance(running.app.screen, Picker)


MONSTERS: dict[str, dict[str, Any]] = {
    "highlights": {"highlights": tuple(Highlight(id=str(n), quote=f"passage {n}") for n in range(10_000))},
    "tags": {"tags": tuple(f"tag-{n}" for n in range(100_000))},
    "title": {"native_id": "1", "title": "wide " * 200_000},
    "quote": {"highlights": (Highlight(id="1", quote="wide " * 200_000),)},
    "body": {"body": "<p>wide " * 125_000},
    "note": {"notes": (Comment(text="http://e.org/ " + "[" * 1_000_000),)},
}


@pytest.mark.parametrize("name", MONSTERS)
async def test_enormous_item_is_shown_at_once(name: str, tmp_path: Path) -> None:
    facts = MONSTERS[name]
    title = facts.get("title", "Monster")
    rest = {field: fact for field, fact in facts.items() if field != "title"}
    entries = [entry("before", day=9), entry(title, day=5, **rest), entry("after", day=1)]
    async with reading(small_library(tmp_path, {"Paper": entries})) as running:
        await running.press("tab", "j", "k")  # everything loaded on first use is loaded
        begin = time.process_time()
        await running.press("j", "l", "G", "h", "j")
        assert running.title == "after"
        assert time.process_time() - begin < 2.0
