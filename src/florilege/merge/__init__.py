"""Merging new documents into a group. Pure: no I/O, no clock.

`identity` matches entries with known items, `items` and `highlights` merge two versions, `decide` determines what to
store for a document or for an export of ours, and `retention` determines which items need not be kept.
"""

from florilege.merge.decide import Decision, decide, restore
from florilege.merge.identity import Tombstone, find, find_by_keys, keys_of, match, tombstone
from florilege.merge.retention import spent

__all__ = [
    "Decision",
    "Tombstone",
    "decide",
    "find",
    "find_by_keys",
    "keys_of",
    "match",
    "restore",
    "spent",
    "tombstone",
]
