"""The texts of items as they are looked through, kept beside the library so that words are found without reading items.

A cache and never the truth: what it holds is known by the records it was made from, made anew where it is not, and may
be deleted at any time. Knows files and how items are folded; nothing of queries, lists, or where records come from.

    GROUP.index           which texts there are of a group, of which records, and where they lie
    GROUP.TOKEN.text      texts, one after the other; never changed once an index names it
"""

from florilege.store.search_text.making import Making, Stored
from florilege.store.search_text.table import Reader, Table
from florilege.store.search_text.texts import Texts

__all__ = ["Making", "Reader", "Stored", "Table", "Texts"]
