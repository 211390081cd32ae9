"""What a snapshot becomes once it is known where it came from, and where it goes. Pure.

No more of it is kept than can be shown. Folders and collections become groups; put into one group, their names become
tags of the items instead. Relative addresses become whole.
"""

from collections import Counter
from collections.abc import Mapping

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.model import Entry
from florilege.text import counted, grouped, search_key

ENTRIES = 100_000
"""Entries of a document at most."""
TAGS, HIGHLIGHTS, COMMENTS = 500, 10_000, 10_000
"""Of one entry at most."""
TITLE = 1_000
"""Characters of a title at most."""
WARNINGS = 200
"""Warnings about a document at most: who has 100,000 damaged rows does not read 100,000 sentences."""


def split_groups(snapshot: Snapshot) -> tuple[Snapshot, ...]:
    """The groups a document describes, each with a title and identity; empty when it describes no more than one.

    What is in no folder makes a group of its own, after the others, under the title of the document.
    """
    found: dict[str, Snapshot] = {}
    for part in snapshot.parts:
        name = part.identity or f"{snapshot.kind}:part:{search_key(part.title or '')}"
        known = found.get(name)
        found[name] = replace(
            part if known is None else replace(known, entries=known.entries + part.entries),
            kind=snapshot.kind,
            identity=name,
            warnings=snapshot.warnings,
        )
    if rest := _rest(snapshot):
        name = snapshot.identity or f"{snapshot.kind}:rest:{search_key(snapshot.title or '')}"
        found[name] = replace(snapshot, entries=rest, parts=(), identity=name)
    return tuple(found.values()) if len(found) > 1 else ()


def part_of(snapshot: Snapshot, part: str | None) -> Snapshot:
    """What a document says about one group.

    Args:
        snapshot: The document.
        part: The identity of one of the groups in it; None for everything in one group.
    """
    groups = split_groups(snapshot) if snapshot.parts else ()
    if part is None:
        return replace(snapshot, parts=(), entries=_tagged(snapshot)) if groups else _alone(snapshot)
    for group in groups or (_alone(snapshot),):
        if group.identity == part:
            return group
    warning = "The document no longer holds anything of this group. Your items are unchanged."
    return replace(snapshot, title=None, entries=(), parts=(), identity=None, warnings=(*snapshot.warnings, warning))


def _alone(snapshot: Snapshot) -> Snapshot:
    """A document of one group; one whose only folder holds everything is known by that folder."""
    if len(snapshot.parts) != 1:
        return snapshot
    folder = snapshot.parts[0]
    title, identity = snapshot.title or folder.title, snapshot.identity or folder.identity
    return replace(snapshot, parts=(), title=title, identity=identity)


def _rest(snapshot: Snapshot) -> tuple[Entry, ...]:
    """The entries in no part."""
    if not snapshot.parts or sum(len(part.entries) for part in snapshot.parts) >= len(snapshot.entries):
        return ()
    placed = Counter(entry for part in snapshot.parts for entry in part.entries)
    rest = []
    for entry in snapshot.entries:
        if placed[entry] > 0:
            placed[entry] -= 1
        else:
            rest.append(entry)
    return tuple(rest)


def _tagged(snapshot: Snapshot) -> tuple[Entry, ...]:
    """All entries, each with the names of its folders as tags, after its own."""
    folders: dict[Entry, list[str | None]] = {}
    for part in snapshot.parts:
        for entry in part.entries:
            folders.setdefault(entry, []).append(part.title)
    return tuple(
        replace(entry, tags=fields.tags((*entry.tags, *folders[entry]))) if entry in folders else entry
        for entry in snapshot.entries
    )


def with_known(snapshot: Snapshot, known: Mapping[str, Entry]) -> Snapshot:
    """A snapshot with the entries that were known, in the place of their digests."""
    if not known:
        return snapshot
    return replace(snapshot, entries=tuple(known.get(each.digest or "", each) for each in snapshot.entries))


def resolved(snapshot: Snapshot, address: str) -> Snapshot:
    """A snapshot whose relative addresses are whole.

    Args:
        snapshot: What a document says; it has resolved what it could against addresses that it names itself.
        address: Where the document came from. When it is no web address, nothing can be resolved against it.
    """
    if not address.lower().startswith(("http://", "https://")) or not any(map(_is_relative, snapshot.entries)):
        return snapshot
    return replace(
        snapshot,
        entries=tuple(_whole(entry, address) for entry in snapshot.entries),
        parts=tuple(resolved(part, address) for part in snapshot.parts),
    )


def _is_relative(entry: Entry) -> bool:
    return any(link is not None and ":" not in link for link in (entry.url, entry.discussion_url))


def _whole(entry: Entry, address: str) -> Entry:
    if not _is_relative(entry):
        return entry
    return replace(
        entry,
        digest=None,
        url=fields.address(entry.url, address),
        discussion_url=fields.address(entry.discussion_url, address),
    )


def bounded(snapshot: Snapshot) -> Snapshot:
    """A snapshot with no more in it than can be shown; what is left out costs a warning."""
    warnings: list[str] = []
    entries = snapshot.entries
    if not (entries or snapshot.subscriptions or snapshot.warnings):
        warnings.append("The document holds no items.")
    if len(entries) > ENTRIES:
        rest = counted(len(entries) - ENTRIES, "item")
        warnings.append(f"The document holds more than {grouped(ENTRIES)} items: the last {rest} were left out.")
    cut = {entry: smaller for entry in entries[:ENTRIES] if (smaller := _shortened(entry, warnings)) is not entry}
    if len(snapshot.warnings) > WARNINGS:
        rest = counted(len(snapshot.warnings) - WARNINGS, "more warning")
        warnings.append(f"There are {rest} about this document.")
    if not warnings:
        return snapshot
    return replace(
        snapshot,
        entries=tuple(cut.get(entry, entry) for entry in entries[:ENTRIES]) if cut else entries[:ENTRIES],
        parts=tuple(
            replace(part, entries=tuple(cut.get(entry, entry) for entry in part.entries[:ENTRIES]))
            for part in snapshot.parts
        ),
        warnings=(*snapshot.warnings[:WARNINGS], *warnings[:WARNINGS]),
    )


def _shortened(entry: Entry, warnings: list[str]) -> Entry:
    """An entry with no more in it than can be shown; itself when it is no larger."""
    if (
        len(entry.title) <= TITLE
        and len(entry.tags) <= TAGS
        and len(entry.highlights) <= HIGHLIGHTS
        and len(entry.notes) + len(entry.comments) <= COMMENTS
    ):
        return entry
    name = f"“{entry.title[:60]}”" if entry.title else "An item"
    said = {
        f"its title is longer than {grouped(TITLE)} characters": len(entry.title) > TITLE,
        f"{grouped(len(entry.tags))} tags": len(entry.tags) > TAGS,
        f"{grouped(len(entry.highlights))} highlights": len(entry.highlights) > HIGHLIGHTS,
        f"{grouped(len(entry.notes) + len(entry.comments))} remarks": len(entry.notes) + len(entry.comments) > COMMENTS,
    }
    too_much = ", ".join(each for each, is_so in said.items() if is_so)
    warnings.append(f"{name} holds more than florilege keeps ({too_much}): the rest was left out.")
    return replace(
        entry,
        digest=None,
        title=entry.title[: TITLE - 1] + "…" if len(entry.title) > TITLE else entry.title,
        tags=entry.tags[:TAGS],
        all_tags=entry.all_tags and len(entry.tags) <= TAGS,
        highlights=entry.highlights[:HIGHLIGHTS],
        all_highlights=entry.all_highlights and len(entry.highlights) <= HIGHLIGHTS,
        notes=entry.notes[:COMMENTS],
        comments=entry.comments[:COMMENTS],
    )
