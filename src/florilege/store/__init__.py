r"""The library on disk: groups, their items and their reading states. The only package that uses TinyDB.

Other packages need only `Library`. Content and reading states are kept apart: no method writes both. No parsing, no
network.

A library is a folder of append-only logs, each made of lines of JSON that any program can read:

    groups.log               the groups, including those removed in the last week, and a table of their counts
    items/<group id>.log     the items of a group, and tombstones of those that were purged
    states/<group id>.log    the reading states of those items; never touched by a refresh
    lock                     held during a write; names its holder
    NAME.previous            the previous generation of a log, from before it was last rewritten
    NAME.damaged-DATE        a log as it was before `florilege doctor --repair`

The format of the lines is described in `lines.py`. In plain Python, a log is read like this:

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

With TinyDB, a log can be read whether or not florilege is running:

    from tinydb import Query, TinyDB
    from florilege.store import LogStorage

    with TinyDB("items/4f2a91c0d3e8b7a6.log", storage=LogStorage) as log:
        log.table("items").search(Query().sharer.name == "Odette Plumier")

`LogDB` instead of `TinyDB` does the same, but writes only the documents that changed. A session that writes must pass
`lock=LibraryLock(folder, clock=...)`, unless no other process uses the library. A search looks at every document, so it
is too slow for a key press.
"""

from florilege.store.disk import LibraryLock
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
    "StoredItems",
    "find",
]
