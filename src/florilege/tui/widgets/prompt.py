"""One line to type in: words to find, or the address of a group. Whoever asks awaits the answer."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from florilege.commands import Scope
from florilege.text import clean_line
from florilege.tui.panes.fitting import fit
from florilege.tui.widgets.lines import drawable

LONGEST = 20_000
"""Characters of a line. With more of them every key would wait; who has so much to add has it in a file."""
_SHOWN = 6
"""Candidates shown above the line."""
_PATIENCE = 0.5
"""Seconds that keys typed after enter or escape wait for the line to be closed; usually it takes none."""


class Entries(msgspec.Struct):
    """What was entered, to be recalled."""

    kept: list[str] = msgspec.field(default_factory=list)
    limit: int = 100

    def add(self, text: str) -> None:
        """Keep a text as the latest; the same one before is forgotten."""
        if text:
            self.kept = [*(each for each in self.kept if each != text), text][-self.limit :]

    def forget(self, text: str) -> None:
        """Forget a text that turned out to be a mistake."""
        self.kept = [each for each in self.kept if each != text]

    @property
    def remembered(self) -> tuple[str, ...]:
        """All of them, the latest last."""
        return tuple(self.kept)


class Question(msgspec.Struct, frozen=True, eq=False):
    """What is asked, and what makes typing the answer easier."""

    label: str
    """A word that says what to type."""
    hint: str = ""
    """What can be typed, shown while nothing is."""
    text: str = ""
    """What stands there already. A blank at its end stays, for what is typed next."""
    typed: Callable[[str], None] = lambda _: None
    """Told what is typed whenever it changes, on one clean line."""
    entries: Entries | None = None
    """What was entered before, for up and down."""
    complete: Callable[[str], Sequence[str]] | None = None
    """What a text may become, the likeliest first. Called in a worker thread, too."""
    move: Callable[[int], None] | None = None
    """What up (-1) and down (1) do instead of recalling what was entered."""
    turn: tuple[str, Callable[[], str]] | None = None
    """What tab does instead of completing: in words, and as a function that gives the label from then on."""
    candidate: Callable[[str], str] | None = None
    """How a completion is shown above the line; they are not shown when None."""
    keys: Sequence[tuple[str, str]] = ()
    """Keys that mean something besides, and what they do."""
    is_live: bool = False
    """Whether what is typed takes effect at once: who goes elsewhere without entering it keeps it."""
    needs: Scope | None = None
    """The pane in which is shown what is typed: it stays in sight where there is room for one."""

    @property
    def hints(self) -> list[tuple[str, str]]:
        """The keys that help with the answer, and what they do."""
        if self.move is not None:
            return [("↑ ↓", "choose"), *self.keys]
        hints = [("tab", "complete")] if self.complete is not None else []
        hints += [("tab", self.turn[0])] if self.turn is not None else []
        return [*hints, *([("↑", "earlier ones")] if self.entries and self.entries.kept else []), *self.keys]


def nothing(why: str) -> Question:
    """A line that says why nothing can be typed, and drops what is: typed ahead, it must not act as commands."""
    return Question(why, "esc or ↵ goes on")


class TypingLine(Input):
    """What is typed, pasted or recalled, as it can be drawn: Textual would pass it to the terminal as it comes."""

    class Cut(Message):
        """What was typed or pasted was too long, and was cut."""

    cursor_blink = var(default=False)  # nothing here moves by itself

    def validate_value(self, value: str) -> str:
        """Without what could drive the terminal, and no longer than a line that keys can be heard in."""
        if len(value) > LONGEST:
            self.post_message(self.Cut())
        return drawable(value[:LONGEST])


class _Line(TypingLine):
    """The line of the prompt."""

    def __init__(self, ghost: Suggester) -> None:
        super().__init__(id="prompt-input", select_on_focus=False, suggester=ghost)
        self._is_left = False
        """Whether it was entered or left: what is typed now is no longer meant for it."""
        self._held: list[events.Key] = []
        self._invitation = ""

    def invite(self, what: str) -> None:
        """Say what can be typed, as far as there is room."""
        self._invitation = what
        self.placeholder = fit(what, self.content_size.width) if self.content_size.width else what

    def on_resize(self) -> None:
        """Keep the place of typing in view."""
        self.invite(self._invitation)
        cells = cell_len(self.value[: self.cursor_position])
        self.scroll_to_region(Region(cells, 0, 2, 1), force=True, animate=False)

    def on_paste(self, event: events.Paste) -> None:
        """Take several lines as one: Textual would take the first."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.split()), *sorted(self.selection))

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


class Prompt(Vertical):
    """A line for typing, hidden while it is not asked anything."""

    DEFAULT_CSS = """
    Prompt { height: auto; display: none; background: $panel; padding: 0 1; }
    Prompt Horizontal { height: 1; }
    Prompt #prompt-label { width: auto; max-width: 60%; color: $florilege-key; text-style: bold; }
    Prompt #prompt-label { text-wrap: nowrap; text-overflow: ellipsis; padding-right: 1; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    Prompt Input:focus { border: none; }
    Prompt Input > .input--placeholder, Prompt Input > .input--suggestion { color: $florilege-metadata; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.question: Question | None = None
        """What is asked; None while nothing is."""
        self._answer: asyncio.Future[str | None] | None = None
        self._on_closed: Callable[[str | None], None] = lambda _: None
        self._recalled = 0
        """How many entries back one is; 0 is what was being typed."""
        self._draft = ""
        self._cycle: list[str] = []
        """What tab goes round."""
        self._candidates = Candidates()
        self._label = Static(id="prompt-label", markup=False)
        self._line = _Line(_Ghost(self))

    def compose(self) -> ComposeResult:
        """What could be meant, above; a word that says what to type, and the line."""
        yield self._candidates
        yield Horizontal(self._label, self._line)

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return self.question is not None

    @property
    def value(self) -> str:
        """What is typed, as it is typed."""
        return self._line.value

    @property
    def text(self) -> str:
        """What is typed, on one clean line."""
        return clean_line(self.value)

    def ask(
        self, question: Question, closed: Callable[[str | None], None] = lambda _: None
    ) -> "asyncio.Future[str | None]":
        """Open and take the focus; whoever asked before gets no answer.

        Args:
            question: What is asked.
            closed: Called at once when the line is closed, with the answer: the screen gives the focus to another.

        Returns:
            What was entered; None when the line was left.
        """
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._on_closed = closed
        self.question = question
        self._recalled, self._draft, self._cycle = 0, question.text, []
        self.show_candidates(())
        self._show_label(question.label)
        line = self._line
        line.invite(question.hint)
        with self.prevent(Input.Changed):
            line.value = clean_line(question.text) + " " * question.text.endswith(" ")
        self.display = True
        line.cursor_position = len(line.value)
        self.screen.set_focus(line)  # at once, and not after what is typed next
        line.go_on()
        return answer

    def leave(self) -> bool:
        """Close without an answer; whether anything was asked."""
        was_open = self.is_open
        if was_open:
            self._close(None)
        return was_open

    def abandon(self) -> None:
        """Close because the reader has gone elsewhere."""
        if self.question is not None:
            self._close(self.text if self.question.is_live else None, has_focus=False)

    def _close(self, text: str | None, *, has_focus: bool = True) -> None:
        answer, self._answer = self._answer, None
        self.question = None
        self.display = False
        if has_focus:
            self._on_closed(text)
        self._line.go_on()
        if answer is not None and not answer.done():
            answer.set_result(text)

    def _show_label(self, label: str) -> None:
        self._label.update(Content(drawable(label)))

    def completions(self, text: str) -> list[str]:
        """What a text may become; clean, for it will be drawn by an ordinary line of typing."""
        complete = self.question.complete if self.question else None
        return [clean_line(each) for each in complete(text)] if complete else []

    def show_candidates(self, candidates: Sequence[str]) -> None:
        """Show above the line what may be meant, when the question shows that at all."""
        label = self.question.candidate if self.question else None
        shown = candidates if label else ()
        lines = [clean_line(label(each)) for each in shown[:_SHOWN]] if label else []
        self._candidates.offer(lines, len(shown))

    def action_recall(self, direction: int) -> None:
        """Go to what was entered before (-1), and back towards what was being typed (1)."""
        question = self.question
        if question is None or question.move is not None:
            if question is not None and question.move is not None:
                question.move(direction)
            return
        kept = question.entries.kept if question.entries else []
        recalled = max(0, min(self._recalled - direction, len(kept)))
        if recalled == self._recalled:
            return
        if self._recalled == 0:
            self._draft = self.value
        self._recalled = recalled
        self._put(kept[-recalled] if recalled else self._draft)

    def action_complete(self, direction: int) -> None:
        """Complete what is typed; again, go on to the next completion."""
        if self.question is not None and self.question.turn is not None:
            self._show_label(self.question.turn[1]())
        elif self.value not in self._cycle:
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
        self._line.value = clean_line(text)
        self._line.cursor_position = len(self._line.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.question is not None:
            if not event.value:
                self.show_candidates(())
            self.question.typed(self.text)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.question is not None:
            if self.question.entries is not None:
                self.question.entries.add(self.text)
            self._close(self.text)


LINE_KEYS = {
    key
    for binding in (*Input.BINDINGS, *Prompt.BINDINGS)
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""Keys that a line for typing has a use for, besides those that type."""
