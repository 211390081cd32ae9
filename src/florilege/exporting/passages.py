"""Items of which only some highlights are wanted. Pure."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from florilege.exporting.selection import Row


def only(rows: Iterable[Row], wanted: Mapping[str, Collection[str]]) -> list[Row]:
    """These items with the wanted highlights alone.

    Args:
        rows: The items, whole.
        wanted: Ids of highlights by the id of their item.
    """
    kept = []
    for row in rows:
        marks = tuple(each for each in row.item.highlights if each.id in wanted.get(row.item.id, ()))
        kept.append(row._replace(item=msgspec.structs.replace(row.item, highlights=marks)))
    return kept
