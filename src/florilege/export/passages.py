"""Items of which only some highlights are wanted. Pure."""

from collections.abc import Collection, Mapping

import msgspec

from florilege.model import Item


def only(item: Item, wanted: Mapping[str, Collection[str]]) -> Item:
    """The item with the wanted highlights alone.

    Args:
        item: The item, whole.
        wanted: Ids of highlights by the id of their item.
    """
    marks = tuple(each for each in item.highlights if each.id in wanted.get(item.id, ()))
    return msgspec.structs.replace(item, highlights=marks)
