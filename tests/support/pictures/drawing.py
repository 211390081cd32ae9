"""Pictures drawn as SVG, one or several on a sheet: to be looked at by people, never compared."""

import re
from collections.abc import Sequence
from html import escape

from rich.cells import cell_len

from support.pictures.picture import Picture

CELL, LINE = 8.43, 17.0
"""Width and height of a cell, for letters of 14 pixels."""
_MARGIN = 12.0
_FONTS = "DejaVu Sans Mono, Noto Sans Mono CJK JP, Noto Serif CJK JP, Noto Color Emoji, Menlo, Consolas, monospace"


def size_of(picture: Picture) -> tuple[float, float]:
    """Width and height of a picture, in pixels."""
    return sum(cells for cells, _ in picture.rows[0].runs) * CELL, len(picture.rows) * LINE


def drawn(pictures: Sequence[tuple[float, float, Picture]]) -> str:
    """A sheet of pictures, each with the place of its upper left corner, in pixels."""
    sizes = [size_of(picture) for _, _, picture in pictures]
    width = max(left + size[0] for (left, _, _), size in zip(pictures, sizes, strict=True)) + 2 * _MARGIN
    height = max(top + size[1] for (_, top, _), size in zip(pictures, sizes, strict=True)) + 2 * _MARGIN
    shapes = [shape for left, top, picture in pictures for shape in _shapes(picture, left + _MARGIN, top + _MARGIN)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}">\n'
        f'<rect width="100%" height="100%" fill="#888"/>\n<g font-family="{_FONTS}" font-size="14">\n'
        + "\n".join(shapes)
        + "\n</g>\n</svg>\n"
    )


def _shapes(picture: Picture, left: float, top: float) -> list[str]:
    grounds: list[str] = []
    texts: list[str] = []
    for number, row in enumerate(picture.rows):
        y = top + number * LINE
        for column, text, look in row.pieces():
            ink, ground, attributes = _read(look)
            x, width = left + column * CELL, cell_len(text) * CELL
            grounds.append(f'<rect x="{x:.2f}" y="{y:.1f}" width="{width + 0.3:.2f}" height="{LINE}" fill="{ground}"/>')
            for word in re.finditer(r"[^ ]+", text):
                at = x + cell_len(text[: word.start()]) * CELL
                texts.append(
                    f'<text x="{at:.2f}" y="{y + 13:.1f}" fill="{ink}" xml:space="preserve"{_style(attributes)}>'
                    f"{escape(word[0])}</text>"
                )
    return grounds + texts


def _read(look: str) -> tuple[str, str, set[str]]:
    before, after = f" {look}".split(" on ", 1)
    ground, *attributes = after.split()
    colours = [before.strip() or "#000000", ground]
    if "reverse" in attributes:
        colours.reverse()
    ink, ground = ("#808080" if colour == "default" else colour for colour in colours)
    return ink, ground, set(attributes)


def _style(attributes: set[str]) -> str:
    lines = [name for name, line in (("underline", "underline"), ("line-through", "strike")) if line in attributes]
    return (
        (' font-weight="bold"' if "bold" in attributes else "")
        + (' font-style="italic"' if "italic" in attributes else "")
        + (f' text-decoration="{" ".join(lines)}"' if lines else "")
    )
