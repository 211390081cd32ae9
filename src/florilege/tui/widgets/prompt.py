"""One line to type in: words to find, or the address of a group. It says what was typed; it does nothing with it.

Whoever asks may lend it a `Helper`: what was entered before, and how what is typed may go on.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from florilege.text import clean_line
from florilege.tui.panes.fitting import fit
from florilege.tui.widgets.candidates import Candidates
from florilege.tui.widgets.lines import drawable

_SHOWN = 6
"""Candidates shown above the line."""
_PATIENCE = 0.5
"""Seconds that keys typed after enter or escape wait for the line to be closed; usually it takes none."""


@dataclass
class Entries:
    """What was entered, to be recalled."""

    kept: list[str] = field(default_factory=list)
    limit: int = 100

    def add(self, text: str) -> None:
        """Keep a text as the latest; the same one before is forgotten."""
        if text:
            self.kept = [*(each for each in self.kept if each != text), text][-self.limit :]

    @property
    def remembered(self) -> tuple[str, ...]:
        """All of them, the latest last."""
        return tuple(self.kept)


@dataclass(frozen=True)
class Helper:
    """What makes typing for a purpose easier."""

    entries: Entries | None = None
    """What was entered before, for up and down."""
    complete: Callable[[str], Sequence[str]] = lambda _: ()
    """What a text may become, the likeliest first. Called in a worker thread, too."""
    begin: Callable[[], None] = lambda: None
    """Called when something is asked."""
    move: Callable[[int], None] | None = None
    """What up (-1) and down (1) do instead of recalling what was entered."""
    label: Callable[[str], str] | None = None
    """How a completion is shown above the line; they are not shown when None."""


class _Line(Input):
    """What is typed, pasted or recalled, as it can be drawn: Textual would pass it to the terminal as it comes."""

    def __init__(self, ghost: Suggester) -> None:
        super().__init__(id="prompt-input", select_on_focus=False, suggester=ghost)
        self.cursor_blink = False  # nothing here moves by itself
        self._is_left = False
        """Whether it was entered or left: what is typed now is no longer meant for it."""
        self._held: list[events.Key] = []
        self._invitation = ""

    def validate_value(self, value: str) -> str:
        """Without what could drive the terminal."""
        return drawable(value)

    def invite(self, what: str) -> None:
        """Say what can be typed, as far as there is room."""
        self._invitation = what
        self.placeholder = fit(what, self.content_size.width) if self.content_size.width else what

    def on_resize(self) -> None:
        """Keep the place of typing in view."""
        self.invite(self._invitation)
        self.scroll_to_region(Region(self._cursor_offset, 0, 1, 1), force=True, animate=False)

    def on_key(self, event: events.Key) -> None:
        """Hold back what is typed between the key that leaves the line and the moment it is closed."""
        if self._is_left:
            event.stop()
            event.prevent_default()
            self._held.append(event)
        elif event.key in {"enter", "escape"}:
            self._is_left = True
            self.set_timer(_PATIENCE, self.go_on)

    def go_on(self) -> None:
        """Take what is typed again, and give what was held back to whatever has the focus now."""
        self._is_left = False
        held, self._held = self._held, []
        for event in held:
            self.app.post_message(events.Key(event.key, event.character))


class _Ghost(Suggester):
    """Shows behind the cursor what tab would add."""

    def __init__(self, prompt: "Prompt") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._prompt = prompt

    async def get_suggestion(self, value: str) -> str | None:
        """What the text may become, when that begins with the text."""
        found = await asyncio.to_thread(self._prompt.completions, value) if value else []
        if value == self._prompt.value:
            self._prompt.show_candidates(found)
        return next((drawable(each) for each in found if each.startswith(value)), None)


class Prompt(Vertical):
    """A line for typing, hidden while it is not asked anything."""

    DEFAULT_CSS = """
    Prompt { height: auto; display: none; background: $panel; padding: 0 1; }
    Prompt Horizontal { height: 1; }
    Prompt #prompt-label { width: auto; max-width: 60%; color: $florilege-key; text-style: bold; }
    Prompt #prompt-label { text-wrap: nowrap; text-overflow: ellipsis; padding-right: 1; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    Prompt Input:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
    ]

    @dataclass
    class Typed(Message):
        """What is typed has changed."""

        purpose: str
        text: str

    @dataclass
    class Entered(Message):
        """Enter was pressed."""

        purpose: str
        text: str

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.purpose = ""
        """What the typing is for: the id of the command that asked. Empty while nothing is asked."""
        self._helpers: dict[str, Helper] = {}
        self._recalled = 0
        """How many entries back one is; 0 is what was being typed."""
        self._draft = ""
        self._cycle: list[str] = []
        """What tab goes round."""

    def compose(self) -> ComposeResult:
        """What could be meant, above; a word that says what to type, and the line."""
        yield Candidates()
        with Horizontal():
            yield Static(id="prompt-label", markup=False)
            yield _Line(_Ghost(self))

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return bool(self.purpose)

    @property
    def value(self) -> str:
        """What is typed, as it is typed."""
        return self.query_one(Input).value

    @property
    def text(self) -> str:
        """What is typed, on one clean line."""
        return clean_line(self.value)

    @property
    def helper(self) -> Helper:
        """What helps with what is being asked."""
        return self._helpers.get(self.purpose, _NO_HELP)

    @property
    def hints(self) -> list[tuple[str, str]]:
        """The keys that help with what is being asked, and what they do."""
        helper = self.helper
        if helper.move is not None:
            return [("↑ ↓", "choose")]
        hints = [] if helper is _NO_HELP else [("tab", "complete")]
        return hints + ([("↑", "earlier ones")] if helper.entries is not None and helper.entries.kept else [])

    def help_with(self, purpose: str, helper: Helper) -> None:
        """Let a helper help whenever something is asked for this purpose."""
        self._helpers[purpose] = helper

    def ask(self, purpose: str, label: str, placeholder: str, text: str = "") -> None:
        """Open and take the focus. A blank at the end of the text stays, for what is typed next."""
        self.purpose = purpose
        self._recalled, self._draft, self._cycle = 0, text, []
        self.helper.begin()
        self.show_candidates(())
        self.query_one("#prompt-label", Static).update(Content(drawable(label)))
        line = self.query_one(_Line)
        line.invite(placeholder)
        with self.prevent(Input.Changed):
            line.value = clean_line(text) + " " * text.endswith(" ")
        self.display = True
        line.cursor_position = len(line.value)
        self.screen.set_focus(line)  # at once, and not after what is typed next
        line.go_on()

    def completions(self, text: str) -> list[str]:
        """What a text may become; clean, for it will be drawn by an ordinary line of typing."""
        return [clean_line(each) for each in self.helper.complete(text)]

    def close(self) -> None:
        """Close; the focus is for the screen to give."""
        self.purpose = ""
        self.display = False
        self.query_one(_Line).go_on()

    def show_candidates(self, candidates: Sequence[str]) -> None:
        """Show above the line what may be meant, when the helper shows that at all."""
        label = self.helper.label
        shown = candidates if label and self.is_open else ()
        lines = [clean_line(label(each)) for each in shown[:_SHOWN]] if label else []
        self.query_one(Candidates).offer(lines, len(shown))

    def action_recall(self, direction: int) -> None:
        """Go to what was entered before (-1), and back towards what was being typed (1)."""
        if self.helper.move is not None:
            self.helper.move(direction)
            return
        kept = self.helper.entries.kept if self.helper.entries else []
        recalled = max(0, min(self._recalled - direction, len(kept)))
        if recalled == self._recalled:
            return
        if self._recalled == 0:
            self._draft = self.value
        self._recalled = recalled
        self._put(kept[-recalled] if recalled else self._draft)

    def action_complete(self, direction: int) -> None:
        """Complete what is typed; again, go on to the next completion."""
        if self.value not in self._cycle:
            self._cycle = self.completions(self.value)
            if self._cycle:
                self._put(self._cycle[0 if direction > 0 else -1])
            if len(self._cycle) == 1:
                self._cycle = []  # The next tab goes on from here.
        else:
            place = self._cycle.index(self.value) + direction
            self._put(self._cycle[place % len(self._cycle)])

    def on_key(self, event: events.Key) -> None:
        """Whatever is typed otherwise begins another completion."""
        if event.key not in {"tab", "shift+tab"}:
            self._cycle = []

    def _put(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = clean_line(text)
        line.cursor_position = len(line.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            if not event.value:
                self.show_candidates(())
            self.post_message(self.Typed(self.purpose, self.text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_open:
            if self.helper.entries is not None:
                self.helper.entries.add(self.text)
            self.post_message(self.Entered(self.purpose, self.text))


_NO_HELP = Helper()
