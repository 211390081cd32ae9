"""The keys of commands as the reader wants them. No key is named here."""

from collections.abc import Iterable

from textual.binding import Binding, BindingsMap

from florilege.commands import Command, Keymap


def bound(others: BindingsMap, commands: Iterable[Command], keys: Keymap) -> BindingsMap:
    """Bindings with the keys of commands besides: each does `action_command` of its screen, with the command's name.

    Textual's own keymap can't take all keys from a command, nor give one to a command that has none.
    """
    own = [
        Binding(key, f"command('{each.id}')", each.title, show=False) for each in commands for key in keys.of(each.id)
    ]
    together = others.copy()
    together.key_to_bindings |= BindingsMap(own).key_to_bindings
    return together
