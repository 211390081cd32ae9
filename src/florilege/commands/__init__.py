"""ONE registry of what a reader can do: id, sentence, keys, where, when. Nothing here does anything.

From it come the key bindings, the help screen, the footer, the palette, the table in the README, the names used to
rebind keys in config.toml, and the tests that each of them is complete. No Textual; keys are spelt as Textual spells
them, because that is how people write them in config.toml. `registry` lists them all, `keymaps` gives them the
keys a reader wants.
"""

from florilege.commands.keymaps import RESERVED, Keymap, character_of, footer, keymap, shown, spelt
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
    "spelt",
]
