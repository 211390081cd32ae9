"""Binding keys to commands as the reader wants them, now and when they are changed. No key is named here."""

from collections.abc import Iterable

from textual.binding import Binding, BindingsMap

from florilege.commands import Command, Keymap


def bound(bindings: BindingsMap, commands: Iterable[Command], keys: Keymap) -> None:
    """Make these the keys of these commands, whatever they were before.

    Textual's own keymap can't take all keys from a command, nor give one to a command that has none.
    """
    commands = list(commands)
    ours = {each.action for each in commands}
    for key, there in list(bindings.key_to_bindings.items()):
        kept = [binding for binding in there if binding.action not in ours]
        if kept:
            bindings.key_to_bindings[key] = kept
        else:
            del bindings.key_to_bindings[key]
    own = [Binding(key, each.action, each.title, show=False) for each in commands for key in keys.of(each.id)]
    bindings.key_to_bindings |= BindingsMap(own).key_to_bindings
