"""Merging: what a newer document changes in a group. Pure: reads nothing, writes nothing, never looks at a clock.

`identity` says which known item an entry is, `items` and `highlights` what becomes of the two together, `decide` what
is to be stored for a document or an export of ours, `retention` which items need not be kept.
"""

from florilege.merge.decide import Decision, decide, restore
from florilege.merge.identity import Tombstone, find, find_by_keys, keys_of, match, tombstone
from florilege.merge.retention import Retention, spent

__all__ = [
    "Decision",
    "Retention",
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
