"""Settings, file locations and session: what the reader has chosen, and where things are kept.

`config` describes every setting, `toml_files` reads and changes config.toml, and `session` has the file locations and
the state remembered between runs. The environment is passed in as an argument; nothing is read at import.
"""

from florilege.settings.config import Config, Copy, Keeping, Look, Reading, Refresh, describe
from florilege.settings.session import FirstScreen, Paths, SavedRow, Session
from florilege.settings.toml_files import load

__all__ = [
    "Config",
    "Copy",
    "FirstScreen",
    "Keeping",
    "Look",
    "Paths",
    "Reading",
    "Refresh",
    "SavedRow",
    "Session",
    "describe",
    "load",
]
