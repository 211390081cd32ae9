"""The groups that a list names by their addresses, as they are read one after the other. Pure; knows no format."""

from collections.abc import Iterable

import msgspec

from florilege.formats import Subscription, fields
from florilege.urls import canonical, safe_to_open, scheme_of

MOST = 10_000
"""Groups that are read of one list."""

_SHOWN = 60
"""Characters of a title shown in a warning."""


class Subscriptions:
    """Groups by their addresses, each once. Unsafe addresses are refused with a warning, and never kept.

    Args:
        warnings: What was odd before; more is added here.
    """

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self._found: dict[str, Subscription] = {}
        self._left_out = 0

    @property
    def all(self) -> tuple[Subscription, ...]:
        """What was kept, in the order of the list."""
        return tuple(self._found.values())

    def add(self, name: str | None, address: str, tags: Iterable[str | None] = (), site: str | None = None) -> None:
        """One more; one that is there gets the tags too."""
        if safe_to_open(address) is None:
            scheme = scheme_of(address)
            why = f"not {scheme}:" if scheme not in {None, "http", "https"} else "and its address is no such"
            self.warnings.append(f"{shown(name)} was left out: florilege follows http and https addresses only, {why}.")
            return
        key = canonical(address)
        known = self._found.get(key)
        if known is not None:
            self._found[key] = msgspec.structs.replace(known, tags=fields.tags((*known.tags, *tags)))
        elif len(self._found) < MOST:
            site = safe_to_open(fields.line(site))
            self._found[key] = Subscription(address=address, title=name, tags=fields.tags(tags), site=site)
        elif not self._left_out:
            self._left_out = 1
            self.warnings.append(f"The list names more than {MOST} groups: the others were left out.")


def shown(name: str | None) -> str:
    """The name of an outline as it stands in a warning."""
    return f"“{name[:_SHOWN]}”" if name else "An entry without a name"
