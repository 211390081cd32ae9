"""A prompt of one line: for words to find, or the address of a group. The caller awaits the answer."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.suggester import Suggester
from textual.widgets import Input, Static

from florilege.text import clean_line, grouped
from florilege.tui.widgets.lines import drawable, fit

if TYPE_CHECKING:
    from florilege.tui.command_screen import Question

LONGEST = 20_000
"""Most characters in a line. With more of them every key press would lag; text that long belongs in a file."""
_SHOWN = 6
"""Most candidates shown above the line."""
_PATIENCE = 0.5
"""Seconds that keys typed after enter or escape are held back until the line closes; usually it closes at once."""


class TypingLine(Input):
    """An input that keeps its text drawable; Textual would pass it on to the terminal as it comes."""

    class Cut(Message):
        """The text was too long, and was cut."""

        sentence = f"That is too long: the line holds its first {grouped(LONGEST)} characters."

    cursor_blink = var(default=False)  # nothing here moves by itself

    def validate_value(self, value: str) -> str:
        """Remove what could control the terminal, and cut the text to a length that stays responsive."""
        if len(value) > LONGEST:
            self.post_message(self.Cut())
        return drawable(value[:LONGEST])


class _Line(TypingLine):
    """The input line of the prompt."""

    def __init__(self, ghost: Suggester) -> None:
        super().__init__(id="prompt-input", select_on_focus=False, suggester=ghost)
        self._is_left = False
        """Whether the line was submitted or left: keys typed now are no longer meant for it."""
        self._held: list[events.Key] = []
        self._hint = ""

    def hint(self, what: str) -> None:
        """Show what can be typed, as far as there is room."""
        self._hint = what
        self.placeholder = fit(what, self.content_size.width) if self.content_size.width else what

    def on_resize(self) -> None:
        """Keep the cursor in view, and cut the hint to what there is room for."""
        self.hint(self._hint)
        cells = cell_len(self.value[: self.cursor_position])
        self.scroll_to_region(Region(cells, 0, 2, 1), force=True, animate=False)

    def on_paste(self, event: events.Paste) -> None:
        """Paste several lines as one; Textual would take only the first."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.split()), *sorted(self.selection))

    def on_key(self, event: events.Key) -> None:
        """Hold back keys typed between the key that leaves the line and the moment it is closed."""
        if self._is_left:
            event.stop()
            event.prevent_default()
            self._held.append(event)
        elif event.key in {"enter", "escape"}:
            self._is_left = True
            self.set_timer(_PATIENCE, self.go_on)

    def go_on(self) -> None:
        """Accept typing again, and pass the keys held back to whatever has the focus now."""
        self._is_left = False
        held, self._held = self._held, []
        for event in held:
            self.app.post_message(events.Key(event.key, event.character))


class _Ghost(Suggester):
    """Suggests behind the cursor what tab would add."""

    def __init__(self, prompt: "Prompt") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._prompt = prompt

    async def get_suggestion(self, value: str) -> str | None:
        """The first completion that begins with the text. All completions become the candidates shown."""
        found = await asyncio.to_thread(self._prompt.completions, value) if value else []
        if value == self._prompt.value:
            self._prompt.show_candidates(found)
        return next((drawable(each) for each in found if each.startswith(value)), None)


class Prompt(Vertical):
    """A label and an input line, hidden while nothing is asked."""

    DEFAULT_CSS = """
    Prompt { height: auto; display: none; background: $panel; padding: 0 1; }
    Prompt Horizontal { height: 1; }
    Prompt #prompt-candidates { color: $florilege-metadata; text-wrap: nowrap; text-overflow: ellipsis; }
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
        """What is being asked; None while nothing is."""
        self._answer: asyncio.Future[str | None] | None = None
        self._on_closed: Callable[[str | None], None] = lambda _: None
        self._recalled = 0
        """How many entries back the recalled one is; 0 is the draft."""
        self._draft = ""
        self._cycle: list[str] = []
        """The completions that tab cycles through."""
        self._candidates = Static(id="prompt-candidates", markup=False)
        self._label = Static(id="prompt-label", markup=False)
        self._line = _Line(_Ghost(self))

    def compose(self) -> ComposeResult:
        """The candidates above; below them the label and the input line."""
        yield self._candidates
        yield Horizontal(self._label, self._line)

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return self.question is not None

    @property
    def value(self) -> str:
        """The text exactly as typed."""
        return self._line.value

    @property
    def text(self) -> str:
        """The text as one clean line."""
        return clean_line(self.value)

    def ask(
        self, question: "Question", closed: Callable[[str | None], None] = lambda _: None
    ) -> "asyncio.Future[str | None]":
        """Open and take the focus; a previous caller still waiting gets no answer.

        Args:
            question: What to ask.
            closed: Called with the answer as soon as the line is closed, for the screen to move the focus.

        Returns:
            The text entered; None if the line was left.
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
        line.hint(question.hint)
        with self.prevent(Input.Changed):
            line.value = clean_line(question.text) + " " * question.text.endswith(" ")
        self.display = True
        line.cursor_position = len(line.value)
        self.screen.set_focus(line)  # at once, so that the next key goes there
        line.go_on()
        return answer

    def leave(self) -> bool:
        """Close without an answer; returns whether anything was being asked."""
        was_open = self.is_open
        if was_open:
            self._close(None)
        return was_open

    def abandon(self) -> None:
        """Close because the reader went elsewhere; the text of a live question is kept."""
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

    @staticmethod
    def uses(key: str) -> bool:
        """Whether the line uses a key itself, besides those that type characters."""
        return any(
            key in each.key.split(",") for each in (*Input.BINDINGS, *Prompt.BINDINGS) if isinstance(each, Binding)
        )

    def completions(self, text: str) -> list[str]:
        """The completions of a text; cleaned, because an ordinary input line will draw them."""
        complete = self.question.complete if self.question else None
        return [clean_line(each) for each in complete(text)] if complete else []

    def show_candidates(self, candidates: Sequence[str]) -> None:
        """Show candidates above the line, if the question wants that, on at most a third of the screen."""
        label = self.question.candidate if self.question else None
        shown, most = candidates if label else (), min(_SHOWN, max(1, self.app.size.height // 3))
        if len(shown) > most:
            most = min(_SHOWN, max(1, self.app.size.height // 3) - 1)
        lines = [clean_line(label(each)) for each in shown[:most]] if label else []
        lines += [f"and {len(shown) - most} more"] if len(shown) > most else []
        self._candidates.update(Content("\n".join(lines)))
        self._candidates.display = bool(lines)

    def action_recall(self, direction: int) -> None:
        """Recall an older entry (-1), or go back towards the draft (1)."""
        kept = self.question.entries.texts if self.question and self.question.entries else []
        recalled = max(0, min(self._recalled - direction, len(kept)))
        if recalled == self._recalled:
            return
        if self._recalled == 0:
            self._draft = self.value
        self._recalled = recalled
        self._put(kept[-recalled] if recalled else self._draft)

    def action_complete(self, direction: int) -> None:
        """Complete the text, or replace the completion by the next one; or do what the question has tab do."""
        if self.question is not None and self.question.on_tab is not None:
            self._show_label(self.question.on_tab[1]())
        elif self.value not in self._cycle:
            self._cycle = self.completions(self.value)
            if self._cycle:
                self._put(self._cycle[0 if direction > 0 else -1])
            if len(self._cycle) == 1:
                self._cycle = []  # The next tab completes from here.
        else:
            place = self._cycle.index(self.value) + direction
            self._put(self._cycle[place % len(self._cycle)])

    def on_key(self, event: events.Key) -> None:
        """Let any key but tab end the cycle of completions."""
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
