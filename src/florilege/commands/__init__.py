"""The single registry of commands: id, description, keys, and where and when each applies. Nothing is executed here.

The key bindings, the help screen, the footer, the palette, docs/keys.md, the names used to rebind keys in
config.toml, and the tests that each of these is complete are all derived from it. No Textual, but keys have Textual's
names, because that is how people write them in config.toml. `registry` lists the commands, `keymaps` applies the
reader's own key bindings.
"""

from florilege.commands.keymaps import RESERVED, Keymap, character_of, footer, keymap, shown
from florilege.commands.registry import COMMANDS, Command, Need, Scope, Section, by_section, command

__all__ = [
    "COMMANDS",
    "RESERVED",
    "Command",
    "Keymap",
    "Need",
    "Scope",
    "Section",
    "by_section",
    "character_of",
    "command",
    "footer",
    "keymap",
    "shown",
]
