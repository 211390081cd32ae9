"""Pictures of one state kept in a file one can read: for each size the rows, then how their cells look.

A look has a letter, which stands for it in both themes at once; the table of looks comes first. Nothing is drawn here.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len

from support.pictures.picture import Picture, Row

Size = tuple[int, int]
THEMES = ("florilege-dark", "florilege-light")
SIZES: tuple[Size, ...] = ((40, 10), (60, 20), (80, 24), (120, 36), (200, 50))

Pictures = Mapping[tuple[Size, str], Picture]
"""Pictures of one state by size and theme."""
Looks = tuple[str, ...]
"""How a cell looks in each theme."""

_KEPT_AS_IT_IS = "\N{ZERO WIDTH JOINER}"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def written(pictures: Pictures, before: Mapping[Looks, str] | None = None) -> str:
    """Pictures as the text of a file.

    Args:
        pictures: In every size, in both themes.
        before: Letters that looks have had so far; they keep them, so that a small change stays small.
    """
    letters = dict(before or {})
    sizes = [_written_size(pictures, size, letters) for size in SIZES]
    used = set(re.findall(r"[a-zA-Z]+(?=\d)", "\n".join(looks for _, looks in sizes)))
    table = sorted(((letter, looks) for looks, letter in letters.items() if letter in used), key=lambda each: (
        len(each[0]), _LETTERS.index(each[0][-1]), each[0]
    ))  # fmt: skip
    width = max(len(looks[0]) for _, looks in table)
    lines = [f"{letter:<3}{looks[0]:<{width}}  |  {looks[1]}" for letter, looks in table]
    blocks = [f"{size[0]}x{size[1]}\n{rows}\n{looks}" for size, (rows, looks) in zip(SIZES, sizes, strict=True)]
    return "\n\n".join(["\n".join([" | ".join(THEMES), *lines]), *blocks]) + "\n"


def kept(path: Path) -> tuple[dict[tuple[Size, str], Picture], dict[Looks, str]]:
    """The pictures of a file, and its letters; none when there is no file."""
    if not path.exists():
        return {}, {}
    head, *blocks = path.read_text("utf-8").removesuffix("\n").split("\n\n")
    letters: dict[str, Looks] = {}
    for line in head.split("\n")[1:]:
        letter, rest = line.split(maxsplit=1)
        dark, light = rest.split("  |  ")
        letters[letter] = (dark.rstrip(), light)
    pictures = dict(_pictures(blocks, letters))
    return pictures, {looks: letter for letter, looks in letters.items()}


def _written_size(pictures: Pictures, size: Size, letters: dict[Looks, str]) -> tuple[str, str]:
    """The rows of one size, and how their cells look."""
    shown = [pictures[size, theme].rows for theme in THEMES]
    rows: list[str] = []
    looks: list[str] = []
    for number, (first, *others) in enumerate(zip(*shown, strict=True), 1):
        rows.append(f"{number:>2}│{_escaped(first.text)}")
        rows += [f"{number:>2}┊{_escaped(other.text)}" for other in others if other.text != first.text]
        cells = zip(first.looks, *(other.looks for other in others), strict=True)
        runs = [(letters.setdefault(pair, _letter(letters)), len(list(same))) for pair, same in groupby(cells)]
        looks.append(" ".join(f"{letter}{count}" for letter, count in runs))
    lines = []
    for runs_of_rows, numbered in groupby(enumerate(looks, 1), key=lambda each: each[1]):
        numbers = [number for number, _ in numbered]
        span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        lines.append(f"{span}: {runs_of_rows}")
    return "\n".join(rows), "\n".join(lines)


def _letter(letters: Mapping[Looks, str]) -> str:
    """A letter no look has yet."""
    taken = set(letters.values())
    singles = iter(_LETTERS)
    doubles = (one + other for one in _LETTERS for other in _LETTERS)
    return next(each for source in (singles, doubles) for each in source if each not in taken)


def _pictures(blocks: list[str], letters: Mapping[str, Looks]) -> Iterator[tuple[tuple[Size, str], Picture]]:
    for block in blocks:
        title, *lines = block.split("\n")
        width, height = map(int, title.split("x"))
        texts: list[list[str]] = [[] for _ in range(height)]
        looks: list[str] = [""] * height
        for line in lines:
            if row := re.match(r" ?(\d+)[│┊]", line):
                text = _unescaped(line[row.end() :])
                texts[int(row[1]) - 1].append(text + " " * (width - cell_len(text)))
            else:
                span, runs = line.split(": ")
                first, _, last = span.partition("-")
                looks[int(first) - 1 : int(last or first)] = [runs] * (int(last or first) - int(first) + 1)
        for place, theme in enumerate(THEMES):
            rows = zip(texts, looks, strict=True)
            yield ((width, height), theme), Picture(tuple(_row(shown, runs, letters, place) for shown, runs in rows))


def _row(texts: list[str], runs: str, letters: Mapping[str, Looks], place: int) -> Row:
    merged: list[tuple[int, str]] = []
    for letter, cells in re.findall(r"([a-zA-Z]+)(\d+)", runs):
        look = letters[letter][place]
        if merged and merged[-1][1] == look:
            merged[-1] = (merged[-1][0] + int(cells), look)
        else:
            merged.append((int(cells), look))
    return Row(texts[min(place, len(texts) - 1)], tuple(merged))


def _escaped(text: str) -> str:
    """The text without the blanks at its end, and with names in the place of what can't be seen."""
    return "".join(
        f"\\u{{{ord(letter):x}}}"
        if letter == "\\" or (unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} and letter != _KEPT_AS_IT_IS)
        else letter
        for letter in text.rstrip(" ")
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), text)
