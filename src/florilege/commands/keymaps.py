"""The keys of the commands, including the reader's own bindings, and how keys are spelt and shown. Pure."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from florilege.commands.registry import BY_ID, COMMANDS, Command, Scope, command

RESERVED = {"ctrl+q": "it always quits", "ctrl+c": "it copies what is selected"}
"""Keys that Textual uses and that can't be bound to a command, and why. `ctrl+p` and `tab` do have commands."""

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
    """A key as displayed: `/` for `slash`, `ctrl+d` unchanged."""
    return _SHOWN.get(key) or _character(key) or key


def character_of(key: str) -> str:
    """The character that a key types in a text input; empty when it types none."""
    return key if len(key) == 1 else " " if key == "space" else _character(key)


def _character(key: str) -> str:
    """The character that a key is named after; empty when there is none."""
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
"""Unicode name -> Textual's name, for characters where they differ. Source: textual.keys."""


def spelt(key: str) -> str:
    """A key as Textual spells it: `slash` for `/`. Either spelling is accepted."""
    if len(key) != 1 or key.isalnum():
        return "space" if key == " " else key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_BASES = {*_SHOWN, "insert", "delete", *(f"f{number}" for number in range(1, 25))}
_MODIFIERS = ("ctrl+", "shift+", "alt+", "super+", "hyper+", "meta+")


def is_key(key: str) -> bool:
    """Whether a name, as Textual spells it, names a key."""
    while key.startswith(_MODIFIERS):
        key = key.partition("+")[2]
    return len(key) == 1 or key in _BASES or bool(_character(key))


class Keymap(msgspec.Struct, frozen=True):
    """The keys of each command, including the reader's own bindings."""

    keys: Mapping[str, tuple[str, ...]]
    """Command id -> keys. Holds every command, some of them without a key."""
    problems: tuple[str, ...] = ()
    """One sentence for each binding that was refused, or that took a key from another command."""

    def of(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command."""
        return self.keys[command_id]

    def label(self, command_id: str) -> str:
        """The first two keys of a command as displayed: `j ↓`."""
        return " ".join(shown(key) for key in self.keys[command_id][:2])


def keymap(own: Mapping[str, Sequence[str]] | None = None) -> Keymap:
    """The keys of all commands, with the reader's own bindings applied to the defaults.

    A binding for an unknown command, to an unknown or reserved key, or to a key that another binding already took is
    refused and reported in `problems`. A default key that the reader gives to another command is lost to its own; that
    is reported too, unless the reader has bound that command as well.
    """
    own = own or {}
    problems: list[str] = []
    given: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for command_id, keys in own.items():
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
                problems.append(f'Keys: "{key}", given to "{command_id}", is not a key.')
            elif owner.get(key, command_id) != command_id:
                problems.append(
                    f'Keys: {shown(key)} was given to both "{owner[key]}" and "{command_id}"; "{owner[key]}" keeps it.'
                )
            else:
                owner[key] = command_id
                accepted += [key] if key not in accepted else []
        if accepted or not any(not is_key(spelt(key)) for key in keys):  # a typo must not unbind the command
            given[command_id] = tuple(accepted)
    for each in COMMANDS:
        if each.id not in given:
            given[each.id] = tuple(key for key in each.keys if key not in owner)
            problems += _lost_keys(each, given[each.id], owner)
    return Keymap({each.id: given[each.id] for each in COMMANDS}, tuple(problems))


def _lost_keys(each: Command, kept: Sequence[str], owner: Mapping[str, str]) -> list[str]:
    """Sentences about the default keys of a command that the reader has given to other commands."""
    owners: dict[str, list[str]] = {}
    for key in each.keys:
        if key in owner:
            owners.setdefault(owner[key], []).append(shown(key))
    left = f"keeps {' '.join(map(shown, kept))}" if kept else "has no key left"
    return [
        f'Keys: {" ".join(keys)} {"are" if keys[1:] else "is"} "{other}" now, as set in [keys]; "{each.id}" {left}.'
        for other, keys in owners.items()
    ]


def footer(
    scope: Scope, keys: Keymap, makes_sense: Callable[[Command], bool] = lambda _: True
) -> list[tuple[str, str]]:
    """The footer of a pane: key and label of each command shown there that makes sense now."""
    last = command("help")
    in_turn = sorted(COMMANDS, key=lambda each: (each is last, each.footer_late))
    return [
        (shown(keys.of(each.id)[0]), each.footer)
        for each in in_turn
        if scope in each.footer_in and keys.of(each.id) and makes_sense(each)
    ]
