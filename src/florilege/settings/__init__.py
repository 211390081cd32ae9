"""Settings, file locations and session: what the reader has chosen, and where things are kept.

`config` describes every setting, `loading` reads config.toml, `places` gives the file locations, and `session` is the
state remembered between runs. The environment is passed in as an argument; nothing is read at import.
"""

from florilege.settings.config import Config, Copy, Keeping, Look, Reading, Refresh, describe
from florilege.settings.kinds import Setting
from florilege.settings.loading import load
from florilege.settings.places import Places
from florilege.settings.session import FirstScreen, SavedRow, Session

__all__ = [
    "Config",
    "Copy",
    "FirstScreen",
    "Keeping",
    "Look",
    "Places",
    "Reading",
    "Refresh",
    "SavedRow",
    "Session",
    "Setting",
    "describe",
    "load",
]
