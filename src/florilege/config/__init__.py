"""Settings, places and session: what the reader has chosen, and where things are kept.

`settings` reads config.toml and describes every setting, `places` says where files are, `session` is the little that is
remembered from one start to the next. The environment enters as an argument; nothing is read at import.
"""

from florilege.config.places import Places
from florilege.config.session import FirstScreen, SavedRow, Session
from florilege.config.settings import Config, Copy, Described, Keeping, Look, Reading, Refresh, describe, load

__all__ = [
    "Config",
    "Copy",
    "Described",
    "FirstScreen",
    "Keeping",
    "Look",
    "Places",
    "Reading",
    "Refresh",
    "SavedRow",
    "Session",
    "describe",
    "load",
]
