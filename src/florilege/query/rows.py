"""Many heads that can be asked at once: the rows of a list, seen by what is written in their columns.

Asking one head after the other costs a call each, and 100,000 calls take longer than a key may. Pure; whoever keeps a
list says how its columns are looked through.
"""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from florilege.query.subject import Predicate

Mask: TypeAlias = int
"""Which rows of a list: a byte for each, 1 or 0, the first row in the lowest one. As a number, for two of them are
combined in microseconds where a loop takes milliseconds."""


class Rows(Protocol):
    """Some rows of a list."""

    @property
    def every(self) -> Mask:
        """All of them."""

    @property
    def unread(self) -> Mask:
        """Those that are unread."""

    def titled(self, needle: str) -> Mask:
        """Those whose title holds this, folded."""

    def tagged(self, matches: Callable[[str], bool]) -> Mask:
        """Those with a tag that matches, folded and without blanks around it."""

    def shared_by(self, needle: str) -> Mask:
        """Those shared by a member whose name or handle holds this, folded."""

    def one_by_one(self, test: Predicate, among: Mask) -> Mask:
        """Those among these that pass a test, which asks only what a list shows."""


Together: TypeAlias = Callable[[Rows], Mask]
"""Which rows answer with yes."""
