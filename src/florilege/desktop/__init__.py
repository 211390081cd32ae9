"""Access to the reader's desktop: clipboard, browser and other programs, each loaded when first used. No Textual."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from florilege.desktop.browser import OpenResult
    from florilege.desktop.clipboard import CopyResult
    from florilege.desktop.programs import RunResult


class Desktop:
    """The reader's desktop. All but `run` may take seconds: the app calls them in a thread.

    Args:
        environ: The environment of this process, which says how to reach clipboard, browser and editor.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> "CopyResult":
        """Copy a text to every available clipboard; to the terminal's only if `write_terminal` is given."""
        from florilege.desktop.clipboard import copy

        return copy(text, self._environ, write_terminal)

    def open_page(self, address: str | None) -> "OpenResult":
        """Open an address in the browser, if it is safe to open."""
        from florilege.desktop.browser import open_page

        return open_page(address)

    async def run(self, command: Sequence[str], given: bytes) -> "RunResult":
        """Run one of the reader's own programs with a text on its standard input."""
        from florilege.desktop.programs import run

        return await run(command, given, self._environ)

    def view(self, text: str, name: str) -> str | None:
        """Show a text, in a file of this name, in the reader's editor or pager, which takes over the terminal.

        Returns:
            What went wrong, as a sentence; None on success.
        """
        from florilege.desktop.programs import view

        return view(text, name, self._environ)
