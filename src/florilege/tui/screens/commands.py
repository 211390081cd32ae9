"""Help and palette: dialogues of the registered commands and their keys. The command chosen there is run.

Help lists the commands of the current pane first, and can be filtered by words or by a key. The palette lists the
commands that apply now by name and, on the reading screen, all places too, as *Go to* does.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from florilege.commands import COMMANDS, Command, Keymap, Scope, by_section, shown
from florilege.lists.places import SMART, TITLES, Place, PlaceKind
from florilege.lists.reader_state import ReaderState
from florilege.query.nodes import Query, all_of, plain
from florilege.text import holds_all, search_key
from florilege.tui.panes.fitting import marked
from florilege.tui.screens.dialogue import Dialogue, under_headings
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.widgets.lines import Line, drawable, width_of, wrap
from florilege.tui.widgets.rows import Row
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.tui.command_screen import CommandScreen

SIGNS = (
    ("●", "unread"), ("◆ ◇", "selected: unread, read"), ("★", "starred"), ("❝5", "highlights of an item"),
    ("+2", "highlights that are new since you read it"), ("✎1", "notes and comments"),
    ("◉9", "views, where the service counts them"), ("×2", "how often the page was shared"),
    ("15/23", "unread, of all items of a group or tag"), ("▸ ▾", "the tags of a group are hidden, shown"),
    ("!3", "warnings of the last refresh; the overview lists them"),
    ("⚠", "could not be refreshed, or read"), ("↳", "a reply"), ("[1]", "a link: its number, then its key, opens it"),
)  # fmt: skip
"""The signs used on the screen, and their meanings."""

_PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


class CommandLists:
    """The commands that show all commands, and run the one that is chosen."""

    def __init__(self, screen: "CommandScreen[Any]") -> None:
        self._screen = screen

    async def action_help(self) -> None:
        """Show the commands of this screen."""
        screen = self._screen
        chosen = await screen.choose(help_dialogue(screen.context.keys, screen.pane, screen.commands))
        await screen.do(chosen)

    async def action_palette(self) -> None:
        """Choose a command or a place by name."""
        screen = self._screen
        state = screen.state if screen.pane else None
        await screen.do(await screen.choose(palette(screen.commands_here(), screen.context.keys, state)))


def help_dialogue(keys: Keymap, pane: Scope | None, commands: Sequence[Command] = COMMANDS) -> Dialogue[Command]:
    """The help: commands that can be used here. Returns the one that was chosen.

    Args:
        keys: The current keys.
        pane: The pane that has the focus; None on a screen without panes.
        commands: The commands of the screen.
    """

    def rows(typed: str) -> list[Row]:
        # A slash before words is dropped: people type it out of habit to search. Alone it is a key.
        return help_rows(keys, pane, typed.removeprefix("/") or typed, commands)

    typing = "type words or a key to filter"
    return Dialogue(
        "help", "Keys and commands", rows, verb="runs it", empty="No command matches.", typing=typing,
        opened_by="help",
    )  # fmt: skip


def help_rows(keys: Keymap, pane: Scope | None, typed: str = "", commands: Sequence[Command] = COMMANDS) -> list[Row]:
    """Rows of commands by section: with the typed key, in this pane, anywhere, in the other panes; then the signs.

    Args:
        keys: The current keys.
        pane: The pane that has the focus; None on a screen without panes.
        typed: The filter: words that must all occur in the text of a command, or one of its keys.
        commands: The commands of the screen.
    """
    words, query = search_key(typed).split(), all_of(plain(word) for word in typed.split())
    pressed = [each for each in commands if typed.strip() in map(shown, keys.of(each.id))]
    left = [each for each in commands if each not in pressed and holds_all(_text(each), words)]
    near = (Scope.ANYWHERE, pane)
    here = [each for each in left if pane and (each.scope is pane or (pane in each.footer_in and each.scope in near))]
    left = [each for each in left if each not in here]
    everywhere = [each for each in left if pane is None or each.scope not in _PANES]
    there = [(f"In the {scope.value}", [each for each in left if each.scope is scope]) for scope in _PANES if pane]
    sections = [
        (f"The key {typed.strip()}", pressed), (f"In the {pane.value}" if pane else "", here),
        *((section.value, theirs) for section, theirs in by_section(everywhere)), *there,
    ]  # fmt: skip
    parts = [(title, [_command_row(each, keys, query) for each in theirs]) for title, theirs in sections]
    signs = [
        Row(sign, partial(_lines, ("text", sign), meaning, query), f"{sign}  {meaning}")
        for sign, meaning in SIGNS
        if pane and holds_all(f"Signs {sign} {meaning}", words)
    ]
    return under_headings([*parts, ("Signs", signs)])


def _text(command: Command) -> str:
    return f"{command.title} {command.sentence} {command.id.replace('-', ' ')} {command.section.value}"


def _command_row(command: Command, keys: Keymap, query: Query) -> Row:
    """A command: its keys at the left, what it does at the right."""
    has = " ".join(map(shown, keys.of(command.id)))
    name = ("key", has) if has else ("metadata", "palette")
    return Row(command.id, partial(_lines, name, command.sentence, query), f"{name[1]}  {command.sentence}", command)


def _lines(name: tuple[str, str], sentence: str, query: Query, width: int) -> list[Line]:
    column = min(24, max(12, width // 4))
    first, *others = marked(wrap(sentence, width - column), "text", query)
    pad = " " * max(1, column - width_of(name[1]))
    return [(name, ("text", pad), *first), *((("text", " " * column), *line) for line in others)]


def palette(commands: Sequence[Command], keys: Keymap, state: ReaderState | None) -> Picker[Any]:
    """The palette: a picker of commands (found by name or description) and, if there is a state, places."""
    offers: list[Offer[Any]] = [
        Offer(each.title, each, keys.label(each.id), about=each.sentence) for each in commands if each.id != "palette"
    ]
    if state is not None:
        offers += places(state, "Go to ")
    more = tags_of_all(state, "Go to ") if state is not None else None
    return Picker("Commands and places", offers, verb="runs it", more=more, opened_by="palette")


def places(state: ReaderState, before: str = "") -> Iterator[Offer[Place]]:
    """Offers for all places except tags, in the order of the groups pane; `before` is prefixed to their names."""
    for kind in (*SMART, *([PlaceKind.ARRIVED] if len(state.arrivals) else []), PlaceKind.TODAY):
        yield Offer(before + TITLES[kind], Place(kind), "across all groups")
    for search in state.searches:
        about = f"search · {drawable(search.text)}"
        yield Offer(before + drawable(search.name), Place(PlaceKind.SEARCH, search=search.name), about)
    for group in state.catalogue.groups():
        counts = state.catalogue.counts(group.id)
        yield Offer(before + title_of(group), Place(PlaceKind.GROUP, group.id), f"{counts.unread}/{counts.items}")


async def tags_of_all(state: ReaderState, before: str = "") -> AsyncIterator[list[Offer[Place]]]:
    """Offers for the tags of all groups, group by group; a group not loaded yet is read in a thread."""
    for group in state.catalogue.groups():
        tags = await asyncio.to_thread(state.catalogue.tags, group.id)
        title = title_of(group)
        yield [
            Offer(f"{before}#{drawable(tag.label)}", Place(PlaceKind.TAG, group.id, tag.label), title) for tag in tags
        ]
