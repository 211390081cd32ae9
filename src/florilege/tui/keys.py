"""The keys of commands as the reader wants them. No key is named here."""

from collections.abc import Iterable

from textual.binding import Binding

from florilege.commands import Command, Keymap


def bindings(commands: Iterable[Command], keys: Keymap) -> list[Binding]:
    """The bindings of some commands: each does `action_command` of its screen, with the name of the command.

    Textual's own keymap can't take all keys from a command, nor give one to a command that has none.
    """
    return [
        Binding(key, f"command('{each.id}')", each.title, show=False) for each in commands for key in keys.of(each.id)
    ]
