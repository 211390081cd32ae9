r"""The cache: groups, their items, and what has been read of them, on disk. Only this room knows TinyDB.

`Library` is all that others need. Content and reading state are apart: no method writes both. No parsing, no network.

A library is a folder of append-only logs, lines of JSON that anything can read:

    groups.log               the groups, those removed in the last week too, and a table of their counts
    items/<group id>.log     the items of a group, and what is left of those that were purged
    states/<group id>.log    what has been read of them; never touched by a refresh
    lock                     held for one write; says by whom
    NAME.previous            the generation before the last time a log was written anew
    NAME.damaged-DATE        a log as it was before `florilege doctor --repair`

`lines.py` says what a line means. With plain Python, the whole of it is:

    import json

    def documents(path, name):                       # documents("items/4f2a91c0d3e8b7a6.log", "items")
        table = {}
        with open(path, "rb") as log:
            lines = log.read().split(b"\n")[1:-1]     # without the header, and without a line cut by a crash
        for line in lines:
            for doc_id, document in json.loads(line).get(name, {}).items():
                if document is None:
                    table.pop(doc_id, None)
                else:
                    table[doc_id] = document
        return table

And with TinyDB, reading while florilege runs or not:

    from tinydb import Query, TinyDB
    from florilege.store import LogStorage

    with TinyDB("items/4f2a91c0d3e8b7a6.log", storage=LogStorage) as log:
        log.table("items").search(Query().sharer.name == "Odette Plumier")

`LogDB` in the place of `TinyDB` does the same, and writes only what a change touches. A session that writes gives
`lock=LibraryLock(folder, clock=...)`, or is alone. A search looks at every document: nothing to do on a key press.
"""

from florilege.store.errors import (
    AmbiguousGroup,
    LibraryBusy,
    LibraryError,
    LibraryGone,
    LibraryNewer,
    LibraryNotWritable,
    LibraryUnreadable,
    NoSuchGroup,
)
from florilege.store.library import Library, StoredItems, find
from florilege.store.lock import LibraryLock
from florilege.store.pending import Pending
from florilege.store.tables import LogDB, LogStorage, LogTable

__all__ = [
    "AmbiguousGroup",
    "Library",
    "LibraryBusy",
    "LibraryError",
    "LibraryGone",
    "LibraryLock",
    "LibraryNewer",
    "LibraryNotWritable",
    "LibraryUnreadable",
    "LogDB",
    "LogStorage",
    "LogTable",
    "NoSuchGroup",
    "Pending",
    "StoredItems",
    "find",
]
