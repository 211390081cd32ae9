"""Where settings, library, session and cache are kept on this machine."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from platformdirs import PlatformDirs
from platformdirs.api import PlatformDirsABC


class Places(msgspec.Struct, frozen=True):
    """Paths of the settings, library, session and cache. Nothing is created here, and nothing needs to exist."""

    config: Path
    """The settings file."""
    library: Path
    """The library folder."""
    session: Path
    """The session file."""
    cache: Path
    """The folder for data that can be rebuilt from the library at any time."""

    @property
    def searches(self) -> Path:
        """The file of saved searches, beside the settings."""
        return self.config.with_name("searches.toml")

    @property
    def log(self) -> Path:
        """The log of internal errors, beside the session."""
        return self.session.with_name("florilege.log")

    @property
    def refresh_log(self) -> Path:
        """The log of refreshes, beside the session."""
        return self.session.with_name("refresh.log")

    @classmethod
    def within(cls, home: Path) -> "Places":
        """Everything in one given folder."""
        home = home.absolute()
        return cls(home / "config.toml", home / "library", home / "session.json", home / "cache")

    @classmethod
    def find(
        cls, environ: Mapping[str, str], library: Path | None = None, *, standard: PlatformDirsABC | None = None
    ) -> "Places":
        """The paths to use.

        Args:
            environ: Environment; FLORILEGE_HOME in it, unless empty, is the folder for everything.
            library: The folder given with `--library`; takes precedence over the environment.
            standard: The standard folders of this system; those of platformdirs when None.
        """
        if library is not None:
            return cls.within(library)
        if home := environ.get("FLORILEGE_HOME"):
            return cls.within(Path(home))
        folders = standard or PlatformDirs("florilege", appauthor=False)
        return cls(
            folders.user_config_path / "config.toml",
            folders.user_data_path / "library",
            folders.user_state_path / "session.json",
            folders.user_cache_path,
        )
