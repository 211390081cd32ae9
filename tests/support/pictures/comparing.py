"""What differs between a picture that was kept and one just taken, said so that one finds it."""

import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

from support.pictures.picture import Picture, Row


@dataclass(frozen=True)
class Difference:
    """The first place in which two pictures differ, counted from 1."""

    row: int
    column: int
    rows: int
    """How many rows differ."""
    told: str
    """Both rows, and what differs in them."""


def difference(kept: Picture, taken: Picture) -> Difference | None:
    """Where two pictures of the same size differ; None when they are the same to the letter."""
    pairs = list(zip(kept.rows, taken.rows, strict=True))
    numbers = [number for number, (one, other) in enumerate(pairs) if one != other]
    if not numbers:
        return None
    one, other = pairs[numbers[0]]
    column, told = _in_text(one, other) if one.text != other.text else _in_looks(one, other)
    return Difference(numbers[0] + 1, column + 1, len(numbers), told)


def _in_text(kept: Row, taken: Row) -> tuple[int, str]:
    ends = (place for place, (one, other) in enumerate(zip(kept.text, taken.text, strict=False)) if one != other)
    place = next(ends, min(len(kept.text), len(taken.text)))
    column = cell_len(kept.text[:place])
    names = [_named(row.text[place : place + 1]) for row in (kept, taken)]
    return column, _both(kept.text, taken.text, column) + f"\n  letter: {names[0]}, now {names[1]}"


def _in_looks(kept: Row, taken: Row) -> tuple[int, str]:
    looks = list(zip(kept.looks, taken.looks, strict=True))
    column = next(place for place, (one, other) in enumerate(looks) if one != other)
    return column, _both(kept.text, taken.text, column) + f"\n  look:  {looks[column][0]}, now {looks[column][1]}"


def _both(kept: str, taken: str, column: int) -> str:
    return f"  kept:  {kept.rstrip()}\n  taken: {taken.rstrip()}\n  {' ' * (column + 7)}^"


def _named(letter: str) -> str:
    return f"{letter!r} ({unicodedata.name(letter, 'nameless')})" if letter else "nothing"
