"""The texts of items as they are looked through, kept beside the library so that words are found without reading items.

A cache and never the truth: what it holds is known by the records it was made from, made anew where it is not, and may
be deleted at any time. Knows files and how items are folded; nothing of queries, lists, or where records come from.

    GROUP.index           which texts there are of a group, of which records, and where they lie
    GROUP.TOKEN.text      texts, one after the other; never changed once an index names it
"""

from florilege.folding.making import Making, Stored
from florilege.folding.table import Reader, Table
from florilege.folding.texts import Texts

__all__ = ["Making", "Reader", "Stored", "Table", "Texts"]
