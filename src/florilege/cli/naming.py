"""Groups by the names a command line gives them: an id, a title, or its beginning."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from florilege.cli.outside import EXIT_DONE, EXIT_FAILED
from florilege.cli.voice import remark

if TYPE_CHECKING:
    from florilege.model import Group


def named(names: Sequence[str], there: "Sequence[Group]") -> "tuple[list[Group], int]":
    """The groups named, each once, and the exit code for names that are wrong, which are told."""
    from florilege.store import AmbiguousGroup, NoSuchGroup, find

    found: dict[str, Group] = {}
    code = EXIT_DONE
    for name in names:
        try:
            group = find(name, there)
        except (NoSuchGroup, AmbiguousGroup) as error:
            remark(str(error))
            code = EXIT_FAILED
        else:
            found[group.id] = group
    return list(found.values()), code
