"""Transforms snapshots once it is known where they came from and which group they are for. Pure.

Folders and collections become groups or, if everything goes into one group, tags of its items. Relative addresses are
resolved. Size is limited to what can be shown.
"""

from collections import Counter

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.model import Entry
from florilege.text import counted, grouped, search_key

ENTRIES = 100_000
"""Maximum number of entries of a document."""
TAGS, HIGHLIGHTS, COMMENTS = 500, 10_000, 10_000
"""Maximum numbers for one entry; notes and comments together count as comments."""
TITLE = 1_000
"""Maximum length of a title in characters."""
WARNINGS = 200
"""Maximum number of warnings about a document: nobody reads 100,000 of them."""


def split_groups(snapshot: Snapshot) -> tuple[Snapshot, ...]:
    """The groups that a document describes, each with a title and identity; empty unless there are several.

    Entries in no folder form a group of their own after the others, with the title of the document.
    """
    found: dict[str, list[Snapshot]] = {}
    for part in snapshot.parts:
        name = part.identity or f"{snapshot.kind}:part:{search_key(part.title or '')}"
        found.setdefault(name, []).append(part)
    if rest := _rest(snapshot):
        name = snapshot.identity or f"{snapshot.kind}:rest:{search_key(snapshot.title or '')}"
        found.setdefault(name, []).append(replace(snapshot, entries=rest, parts=()))
    if len(found) < 2:
        return ()
    return tuple(
        replace(
            parts[0],
            kind=snapshot.kind,
            entries=tuple(entry for part in parts for entry in part.entries),
            identity=name,
            warnings=snapshot.warnings,
        )
        for name, parts in found.items()
    )


def part_of(snapshot: Snapshot, part: str | None) -> Snapshot:
    """The content of a document for one group.

    Args:
        snapshot: The document.
        part: The identity of one of the groups in it; None to put everything into one group.
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
    """A document as a single group; a single folder gives it the title and identity that it lacks."""
    if len(snapshot.parts) != 1:
        return snapshot
    folder = snapshot.parts[0]
    title, identity = snapshot.title or folder.title, snapshot.identity or folder.identity
    return replace(snapshot, parts=(), title=title, identity=identity)


def _rest(snapshot: Snapshot) -> tuple[Entry, ...]:
    """The entries that are in no part."""
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
    """All entries, with the names of their folders added after their own tags."""
    folders: dict[Entry, list[str | None]] = {}
    for part in snapshot.parts:
        for entry in part.entries:
            folders.setdefault(entry, []).append(part.title)
    return tuple(
        replace(entry, tags=fields.tags((*entry.tags, *folders[entry]))) if entry in folders else entry
        for entry in snapshot.entries
    )


def resolved(snapshot: Snapshot, address: str) -> Snapshot:
    """Resolve the relative addresses in a snapshot.

    Args:
        snapshot: The snapshot; addresses were already resolved against those given in the document itself.
        address: Where the document came from. If it is not a web address, nothing is resolved.
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
    """Limit the size of a snapshot to what can be shown, with warnings about what is left out."""
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
    """Limit an entry to what can be shown, with a warning; returns the same object if nothing is too large."""
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
        f"{grouped(len(entry.notes) + len(entry.comments))} notes and comments": len(entry.notes) + len(entry.comments)
        > COMMENTS,
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
