"""Help and palette: the commands with their keys, made from the registry, and what is chosen among them is done.

In the help those of the pane one comes from stand first, and typing narrows it, by words or by a key. The palette has
what makes sense now by name; where one reads, every place too, as *Go to* offers them.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from florilege.commands import COMMANDS, Command, Keymap, Scope, by_section, shown
from florilege.lists.places import SMART, TITLES, Kind, Place
from florilege.lists.reader_state import ReaderState
from florilege.query.nodes import Query, all_of, plain
from florilege.text import holds_all, search_key
from florilege.tui.panes.fitting import Line, marked, width_of, wrap
from florilege.tui.panes.rows import Row
from florilege.tui.screens.dialogue import Dialogue, under_headings
from florilege.tui.screens.picker import Offer, Picker
from florilege.tui.widgets.lines import drawable
from florilege.words import title_of

SIGNS = (
    ("●", "unread"), ("◆ ◇", "selected: unread, read"), ("★", "starred"), ("❝5", "highlights of an item"),
    ("+2", "highlights that are new since you read it"), ("✎1", "notes and comments"),
    ("◉9", "views, where the service counts them"), ("×2", "how often the page was shared"),
    ("15/23", "unread, of all items of a group or tag"), ("▸ ▾", "the tags of a group are hidden, shown"),
    ("!3", "warnings of the last refresh; the overview tells them"),
    ("⚠", "could not be refreshed, or read"), ("↳", "a reply"), ("[1]", "a link: its number, then its key, opens it"),
)  # fmt: skip
"""What is drawn beside words, and what it says."""

_PANES = (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS)


def help_dialogue(keys: Keymap, pane: Scope | None, commands: Sequence[Command] = COMMANDS) -> Dialogue[Command]:
    """What can be done here. Gives the command that was chosen.

    Args:
        keys: The keys as they are.
        pane: The pane one comes from; None where there are no panes.
        commands: Those that have a meaning where one comes from.
    """

    def rows(typed: str) -> list[Row]:
        # A slash before words is a habit of those who look for something; alone, a key.
        return help_rows(keys, pane, typed.removeprefix("/") or typed, commands)

    typing = "type words, or a key, to narrow"
    return Dialogue(
        "help", "What can be done here", rows, verb="does it", empty="No command says that.", typing=typing,
        opened_by="help",
    )  # fmt: skip


def help_rows(keys: Keymap, pane: Scope | None, typed: str = "", commands: Sequence[Command] = COMMANDS) -> list[Row]:
    """Commands under their sections: those of a pane, those of everywhere, then those of the other panes; the signs.

    Args:
        keys: The keys as they are.
        pane: The pane one comes from; None where there are no panes.
        typed: Words that must all occur in what is shown of a command, or a key it has.
        commands: Those that have a meaning where one comes from.
    """
    pressed = having_key(commands, keys, typed)
    left = [each for each in answering(commands, typed) if each not in pressed]
    near = (Scope.ANYWHERE, pane)
    here = [each for each in left if pane and (each.scope is pane or (pane in each.footer_in and each.scope in near))]
    left = [each for each in left if each not in here]
    everywhere = [each for each in left if pane is None or each.scope not in _PANES]
    there = [(f"In the {scope.value}", [each for each in left if each.scope is scope]) for scope in _PANES if pane]
    sections = [
        (f"The key {typed.strip()}", pressed), (f"In the {pane.value}" if pane else "", here),
        *((section.value, theirs) for section, theirs in by_section(everywhere)), *there,
    ]  # fmt: skip
    parts = [(title, command_rows(theirs, keys, typed)) for title, theirs in sections]
    words = search_key(typed).split()
    signs = [each for each in SIGNS if pane and holds_all(f"Signs {each[0]} {each[1]}", words)]
    told = [
        Row(sign, partial(_lines, ("text", sign), meaning, _query(typed)), f"{sign}  {meaning}")
        for sign, meaning in signs
    ]
    return under_headings([*parts, ("Signs", told)])


def having_key(commands: Iterable[Command], keys: Keymap, typed: str) -> list[Command]:
    """The commands that have the key that was typed."""
    return [each for each in commands if typed.strip() in map(shown, keys.of(each.id))]


def answering(commands: Iterable[Command], typed: str) -> list[Command]:
    """The commands in which all words that were typed occur."""
    words = search_key(typed).split()
    return [
        each
        for each in commands
        if holds_all(f"{each.title} {each.sentence} {each.id.replace('-', ' ')} {each.section.value}", words)
    ]


def command_rows(commands: Iterable[Command], keys: Keymap, typed: str, own: Collection[str] = ()) -> list[Row]:
    """Keys at the left, what they do at the right; with the default ones where the reader has given keys of their own.

    Args:
        commands: The commands.
        keys: The keys as they are.
        typed: What was typed, to be marked.
        own: The ids of those whose keys the reader has given.
    """
    found = []
    for each in commands:
        has = " ".join(map(shown, keys.of(each.id)))
        default = f" (default: {' '.join(map(shown, each.keys)) or 'none'})" if each.id in own else ""
        drawn = partial(
            _lines, ("key", has) if has else ("metadata", "palette"), each.sentence + default, _query(typed)
        )
        found.append(Row(each.id, drawn, f"{has or 'palette'}  {each.sentence}{default}", each))
    return found


def _query(typed: str) -> Query:
    return all_of(plain(word) for word in typed.split())


def _lines(name: tuple[str, str], sentence: str, query: Query, width: int) -> list[Line]:
    column = min(24, max(12, width // 4))
    first, *others = marked(wrap(sentence, width - column), "text", query)
    pad = " " * max(1, column - width_of(name[1]))
    return [(name, ("text", pad), *first), *((("text", " " * column), *line) for line in others)]


def palette(commands: Sequence[Command], keys: Keymap, state: ReaderState | None) -> Picker[Any]:
    """Commands by name, and by what they do; and the places of a state."""
    offers: list[Offer[Any]] = [
        Offer(each.title, each, keys.label(each.id), about=each.sentence) for each in commands if each.id != "palette"
    ]
    if state is not None:
        offers += places(state, "Go to ")
    more = tags_of_all(state, "Go to ") if state is not None else None
    return Picker("Commands and places", offers, verb="does it", more=more, opened_by="palette")


def places(state: ReaderState, before: str = "") -> Iterator[Offer[Place]]:
    """All places but the tags, as the groups pane orders them; something may stand before their names."""
    for kind in (*SMART, *([Kind.ARRIVED] if len(state.arrivals) else []), Kind.TODAY):
        yield Offer(before + TITLES[kind], Place(kind), "across all groups")
    for search in state.searches:
        about = f"search · {drawable(search.text)}"
        yield Offer(before + drawable(search.name), Place(Kind.SEARCH, search=search.name), about)
    for group in state.catalogue.groups():
        counts = state.catalogue.counts(group.id)
        yield Offer(before + title_of(group), Place(Kind.GROUP, group.id), f"{counts.unread}/{counts.items}")


async def tags_of_all(state: ReaderState, before: str = "") -> AsyncIterator[list[Offer[Place]]]:
    """The tags of all groups, group by group; each is read in a thread the first time."""
    for group in state.catalogue.groups():
        tags = await asyncio.to_thread(state.catalogue.tags, group.id)
        title = title_of(group)
        yield [Offer(f"{before}#{drawable(tag.label)}", Place(Kind.TAG, group.id, tag.label), title) for tag in tags]
