"""Which keys the commands have, once the reader's wishes are heard; and how keys are spelt and shown. Pure."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from florilege.commands.registry import BY_ID, COMMANDS, Command, Scope, command

RESERVED = {"ctrl+q": "it always quits", "ctrl+c": "it copies what is selected"}
"""Keys that are Textual's own and can't be given to a command, and why. `ctrl+p` and `tab` have commands."""

_SHOWN = {
    "apostrophe": "'", "slash": "/", "question_mark": "?", "comma": ",",
    "space": "space", "escape": "esc", "enter": "↵", "down": "↓",
    "up": "↑", "left": "←", "right": "→", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End",
    "tab": "tab", "shift+tab": "shift+tab", "full_stop": ".", "colon": ":",
    "left_square_bracket": "[", "right_square_bracket": "]", "left_parenthesis": "(",
    "right_parenthesis": ")", "greater_than_sign": ">", "less_than_sign": "<", "semicolon": ";", "minus": "-",
    "backspace": "⌫",
}  # fmt: skip


def shown(key: str) -> str:
    """A key as people read it: `/` for `slash`, `ctrl+d` as it is."""
    return _SHOWN.get(key) or _character(key) or key


def character_of(key: str) -> str:
    """The character a key types where there is a line for typing; empty when it types none."""
    return key if len(key) == 1 else " " if key == "space" else _character(key)


def _character(key: str) -> str:
    """The character a key is named after; empty when it is named after none."""
    names = {textual: unicode for unicode, textual in _RENAMED.items()}
    try:
        found = unicodedata.lookup(names.get(key, key).replace("_", " "))
    except KeyError:
        return ""
    return found if found.isprintable() and len(key) > 1 else ""


_RENAMED = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
"""Characters whose keys have other names in Textual than in Unicode. Source: textual.keys."""


def spelt(key: str) -> str:
    """A key as Textual spells it: `slash` for `/`. People write either."""
    if len(key) != 1 or key.isalnum():
        return "space" if key == " " else key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_BASES = {*_SHOWN, "insert", "delete", *(f"f{number}" for number in range(1, 25))}
_MODIFIERS = ("ctrl+", "shift+", "alt+", "super+", "hyper+", "meta+")


def is_key(key: str) -> bool:
    """Whether a name, as Textual spells it, is that of a key."""
    while key.startswith(_MODIFIERS):
        key = key.partition("+")[2]
    return len(key) == 1 or key in _BASES or bool(_character(key))


class Keymap(msgspec.Struct, frozen=True):
    """Which keys each command has, once the reader's wishes are heard."""

    keys: Mapping[str, tuple[str, ...]]
    """Command id to keys; every command is there, some with no key."""
    problems: tuple[str, ...] = ()
    """One sentence for each wish that could not be fulfilled."""

    def of(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command."""
        return self.keys[command_id]

    def label(self, command_id: str) -> str:
        """Its keys as people read them, the first two: `j ↓`."""
        return " ".join(shown(key) for key in self.keys[command_id][:2])


def keymap(wishes: Mapping[str, Sequence[str]] | None = None) -> Keymap:
    """The keys of all commands with the reader's own.

    A wish for an unknown command, a reserved key, or a key that another wish took is refused with a sentence. A key
    taken from another command's defaults leaves that command, and a sentence says so, unless that command's keys are
    wished for, too.
    """
    wishes = wishes or {}
    problems: list[str] = []
    given: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for command_id, keys in wishes.items():
        if command_id not in BY_ID:
            near = get_close_matches(command_id, BY_ID, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            problems.append(f'Keys: there is no command "{command_id}".{hint}')
            continue
        accepted = []
        for key in map(spelt, keys):
            if key in RESERVED:
                problems.append(f'Keys: {shown(key)} can\'t be given to "{command_id}": {RESERVED[key]}.')
            elif not is_key(key):
                problems.append(f'Keys: "{key}", wished for "{command_id}", is no key.')
            elif owner.get(key, command_id) != command_id:
                problems.append(
                    f'Keys: {shown(key)} was given to both "{owner[key]}" and "{command_id}"; "{owner[key]}" keeps it.'
                )
            else:
                owner[key] = command_id
                accepted += [key] if key not in accepted else []
        if accepted or not any(not is_key(spelt(key)) for key in keys):  # a slip of the pen takes no key away
            given[command_id] = tuple(accepted)
    for each in COMMANDS:
        if each.id not in given:
            given[each.id] = tuple(key for key in each.keys if key not in owner)
            problems += _taken(each, given[each.id], owner)
    return Keymap({each.id: given[each.id] for each in COMMANDS}, tuple(problems))


def _taken(each: Command, kept: Sequence[str], owner: Mapping[str, str]) -> list[str]:
    """What to say of the usual keys of a command that wishes for other commands have taken."""
    takers: dict[str, list[str]] = {}
    for key in each.keys:
        if key in owner:
            takers.setdefault(owner[key], []).append(shown(key))
    left = f"keeps {' '.join(map(shown, kept))}" if kept else "has no key left"
    return [
        f'Keys: {" ".join(keys)} {"are" if keys[1:] else "is"} "{taker}" now, as you wish; "{each.id}" {left}.'
        for taker, keys in takers.items()
    ]


def footer(
    scope: Scope, keys: Keymap, makes_sense: Callable[[Command], bool] = lambda _: True
) -> list[tuple[str, str]]:
    """What the footer shows in a pane: key and word of each command that matters there, and makes sense now."""
    last = command("help")
    in_turn = sorted(COMMANDS, key=lambda each: (each is last, each.footer_late))
    return [
        (shown(keys.of(each.id)[0]), each.footer)
        for each in in_turn
        if scope in each.footer_in and keys.of(each.id) and makes_sense(each)
    ]
