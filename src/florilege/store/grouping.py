"""The groups of a library: added, saved, renamed, removed and brought back."""

from collections.abc import Collection, Sequence

import msgspec

from florilege.model import Group, Source
from florilege.store.catalogue import find
from florilege.store.lines import encode
from florilege.store.opened import Opened
from florilege.store.shelf import Kind
from florilege.store.trash import Removed


class Grouping(Opened):
    """The part of `Library` that concerns groups."""

    def groups(self) -> list[Group]:
        """All groups, in the order they were added."""
        with self._memory:
            return [group for _, group in self._catalogue.known().values()]

    def group(self, group_id: str) -> Group:
        """The group with this id."""
        with self._memory:
            return self._catalogue.place_of(group_id)[1]

    def find_group(self, word: str) -> Group:
        """The group a word means: its id, its title, or the beginning of either; accents and case don't matter.

        Raises:
            NoSuchGroup: No group is called so; the text lists those there are.
            AmbiguousGroup: Several are; the text lists them.
        """
        return find(word, self.groups())

    def add_group(
        self, title: str, *, sources: Sequence[Source] = (), tags: Sequence[str] = (), site: str | None = None
    ) -> Group:
        """A new group, after all others."""
        group = Group(
            id=self._new_id(),
            title=title,
            added_at=self._clock(),
            sources=tuple(sources),
            tags=tuple(tags),
            site=site,
        )
        with self._writing():
            (doc_id,) = self._shelf.open(Kind.GROUPS).table.next_ids(1)
            self._shelf.put(Kind.GROUPS, "", {doc_id: encode(group)})
        return group

    def adopt_group(self, group: Group) -> Group:
        """A group that brings its own id, after all others; the one that is here when it has this id already.

        One in the trash comes back with all it had: two groups of one id would share their logs, and emptying the
        trash would take those of the other.

        Raises:
            NoSuchGroup: The id is none of ours.
        """
        with self._writing():
            known = self._catalogue.known().get(group.id)
            if known is not None:
                return known[1]
            if any(each.group.id == group.id for each in self._trash.contents()):
                return self._trash.take_back(group.id)
            self._shelf.open(Kind.ITEMS, group.id)  # refuses a word that can't be a file name
            (doc_id,) = self._shelf.open(Kind.GROUPS).table.next_ids(1)
            self._shelf.put(Kind.GROUPS, "", {doc_id: encode(group)})
        return group

    def save_group(self, group: Group) -> None:
        """Store a group that is there, in the place of what was known of it."""
        with self._writing():
            doc_id, before = self._catalogue.place_of(group.id)
            if group != before:
                self._shelf.put(Kind.GROUPS, "", {int(doc_id): encode(group)})

    def save_source(self, group_id: str, source: Source) -> Group:
        """Store one source of a group as it is on disk now: in the place of the one with its address, else last."""
        with self._writing():
            group = self._catalogue.place_of(group_id)[1]
            sources = [source if old.address == source.address else old for old in group.sources]
            if source not in sources:
                sources.append(source)
            group = msgspec.structs.replace(group, sources=tuple(sources))
            self.save_group(group)
            return group

    def rename_group(self, group_id: str, title: str) -> Group:
        """Give a group another title; all else stays as it is on disk now."""
        with self._writing():
            group = msgspec.structs.replace(self._catalogue.place_of(group_id)[1], title=title)
            self.save_group(group)
            return group

    def remove_group(self, group_id: str) -> Removed:
        """Remove a group, its items and their states, until `restore_group` brings it back or the trash is emptied."""
        with self._writing():
            self._trash.empty((), now=self._clock())
            self._tally.forget(group_id)
            return self._trash.put(group_id, self._clock())

    def removed_groups(self) -> list[Removed]:
        """The groups that can be brought back, in the order they were removed."""
        with self._memory:
            return self._trash.contents()

    def restore_group(self, group_id: str) -> Group:
        """Bring a removed group back where it was, with everything it had.

        Raises:
            NoSuchGroup: It is not in the trash.
        """
        with self._writing():
            return self._trash.take_back(group_id)

    def empty_trash(self, group_ids: Collection[str] = ()) -> list[Group]:
        """Let go for good of these removed groups, and of those removed a week ago or more.

        Args:
            group_ids: The groups that this process has removed. Those that others removed they may still want back.
        """
        if not self.removed_groups():
            return []
        with self._writing():
            return self._trash.empty(group_ids, now=self._clock())
