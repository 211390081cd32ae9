"""The groups of a library: where each is in its log, and which one a word means. No items, no writing."""

from collections.abc import Sequence

import msgspec

from florilege.model import Group
from florilege.store.errors import AmbiguousGroup, NoSuchGroup
from florilege.store.lines import Records
from florilege.store.shelf import Kind, Shelf
from florilege.text import fold

_groups = msgspec.json.Decoder(Group)


class Catalogue:
    """The groups as they are on disk now, decoded anew only when their log has changed.

    Args:
        shelf: Where the logs are.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._read: tuple[Records | None, int, int] = (None, 0, 0)
        self._known: dict[str, tuple[str, Group]] = {}

    def known(self) -> dict[str, tuple[str, Group]]:
        """Id -> (`doc_id`, group), in the order they were added."""
        volume = self._shelf.open(Kind.GROUPS)
        records = volume.records
        now = (records, len(records.journal), records.removals)
        if now != self._read:
            groups = volume.decoded(_groups, records.raws.values())
            # By number and not as they stand in the log: one that was removed and brought back stands at its end.
            placed = sorted(zip(records.raws, groups, strict=True), key=lambda pair: int(pair[0]))
            self._known = {group.id: (doc_id, group) for doc_id, group in placed}
            self._read = now
        return self._known

    def place_of(self, group_id: str) -> tuple[str, Group]:
        """The `doc_id` of a group, and the group.

        Raises:
            NoSuchGroup: There is no group with this id.
        """
        known = self.known()
        if group_id not in known:
            raise NoSuchGroup(group_id, [group.title for _, group in known.values()])
        return known[group_id]


def find(word: str, groups: Sequence[Group]) -> Group:
    """The group a word means: its id, its title, or the beginning of either; accents and case don't matter.

    Raises:
        NoSuchGroup: No group is called so; the text lists those there are.
        AmbiguousGroup: Several are; the text lists them.
    """
    wanted = fold(word).strip()
    names = [(group, (group.id, fold(group.title).strip())) for group in groups]
    found = [group for group, called in names if wanted and wanted in called]
    if not found:
        found = [group for group, called in names if wanted and any(name.startswith(wanted) for name in called)]
    if not found:
        raise NoSuchGroup(word, [group.title for group in groups])
    if len(found) > 1:
        raise AmbiguousGroup(word, [f"{group.title} ({group.id})" for group in found])
    return found[0]
