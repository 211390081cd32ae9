"""Colours and styles: florilege's two themes, and colours for the same meanings derived from any other Textual theme.

Pure: variables of a theme in, colours and styles out. There are no widgets, screens or texts of the interface here.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache

import msgspec
from rich.style import Style as RichStyle
from textual.color import BLACK, WHITE, Color, Lab, rgb_to_lab
from textual.style import Style
from textual.theme import BUILTIN_THEMES, Theme

PAPER = Theme(
    name="florilege-light",
    dark=False,
    primary="#2A5C66",
    secondary="#6B5A2E",
    accent="#9B2D3A",
    warning="#8A5A00",
    error="#A61B1B",
    success="#3C6627",
    foreground="#2B2622",
    background="#FBF7EF",
    surface="#F6F0E4",
    panel="#EEE6D6",
    variables={
        "florilege-cursor": "#DBE5E2",
        "florilege-cursor-blurred": "#EFE8DA",
        "florilege-cursor-mark": "#2A5C66",
        "florilege-read": "#4F463E",
        "florilege-metadata": "#625950",
        "florilege-tag": "#2F5F68",
        "florilege-quote-bar": "#9B2D3A",
        "border": "#2A5C66",
        "border-blurred": "#D9CFBC",
        "scrollbar": "#D3C8B3",
        "scrollbar-hover": "#B8AB93",
        "scrollbar-active": "#2A5C66",
        "scrollbar-background": "#FBF7EF",
        "input-selection-background": "#2A5C66 25%",
    },
)
"""Paper: warm off-white, dark ink, madder red for quotes, a quiet blue-green for the cursor."""

LAMP = Theme(
    name="florilege-dark",
    dark=True,
    primary="#86B5B8",
    secondary="#C9B583",
    accent="#DC7F80",
    warning="#DDAA5C",
    error="#EE7B6C",
    success="#A5BF83",
    foreground="#E8DFD0",
    background="#1D1916",
    surface="#241F1B",
    panel="#2D2722",
    variables={
        "florilege-cursor": "#283535",
        "florilege-cursor-blurred": "#2B2520",
        "florilege-cursor-mark": "#86B5B8",
        "florilege-read": "#C4B9A9",
        "florilege-metadata": "#B5A99D",
        "florilege-tag": "#93B4B3",
        "florilege-quote-bar": "#C9666B",
        "border": "#86B5B8",
        "border-blurred": "#40382F",
        "scrollbar": "#453C34",
        "scrollbar-hover": "#5C5147",
        "scrollbar-active": "#86B5B8",
        "scrollbar-background": "#1D1916",
        "input-selection-background": "#86B5B8 30%",
    },
)
"""Lamp: a page read by lamplight, dark and warm, never pure black."""

THEMES = (PAPER, LAMP)
"""The themes the app registers; the first is light, the second dark."""


def theme_names() -> list[str]:
    """The names of all available themes, florilege's own first."""
    return [*sorted(theme.name for theme in THEMES), *sorted(BUILTIN_THEMES)]


def theme_problem(wanted: str | None) -> str:
    """What is wrong with the name of a theme, as a sentence; empty when nothing is."""
    known = theme_names()
    if wanted is None or wanted in known:
        return ""
    near = get_close_matches(wanted, known, n=1)
    return f"There is no theme “{wanted}”." + (
        f" Did you mean {near[0]}?" if near else f" There are {', '.join(known)}."
    )


TEXT_CONTRAST = 4.5
QUIET_CONTRAST = 3.0
"""Minimum WCAG 2.1 contrast of text (quiet text too) and of signs, on every surface they may lie on."""

_PLAIN, _BOLD = Style(), Style(bold=True)
_STYLES = {
    "text": ("foreground", TEXT_CONTRAST, _PLAIN),
    "quote": ("foreground", TEXT_CONTRAST, _PLAIN),
    "quote-bar": ("accent", QUIET_CONTRAST, _PLAIN),
    "metadata": ("foreground", TEXT_CONTRAST, _PLAIN),
    "tag": ("secondary", TEXT_CONTRAST, _PLAIN),
    "unread": ("foreground", TEXT_CONTRAST, _BOLD),
    "read": ("foreground", TEXT_CONTRAST, _PLAIN),
    "new": ("success", TEXT_CONTRAST, _BOLD),
    "star": ("warning", QUIET_CONTRAST, _BOLD),
    "error": ("error", TEXT_CONTRAST, _BOLD),
    "crumb": ("foreground", TEXT_CONTRAST, _BOLD),
    "key": ("accent", TEXT_CONTRAST, _BOLD),
    "cursor-mark": ("primary", QUIET_CONTRAST, _BOLD),
    "emphasis": ("foreground", TEXT_CONTRAST, Style(italic=True)),
    "strong": ("foreground", TEXT_CONTRAST, _BOLD),
    "code": ("secondary", TEXT_CONTRAST, _PLAIN),
    "match": ("accent", TEXT_CONTRAST, Style(underline=True)),
}
"""The styles of text: the theme colour each is derived from when the theme does not define it, its minimum contrast,
and weight, slant or underline, which repeat what colour says, so that nothing is lost without colour."""

_FADED = {"metadata": 0.35, "read": 0.12}
"""How far a colour is blended into the background, from 0 to 1, before its contrast is ensured."""

_SURFACES = ("background", "surface", "panel")


class Palette(dict[str, RichStyle]):
    """The styles of text on one background (the page, a cursor row) by their names. Made by `palettes_of`.

    `quote+match` is the second style on top of the first. `ground` is that of the line itself: background and text
    colour, reversed where there is no colour to show it.
    """

    def __missing__(self, name: str) -> RichStyle:
        first, plus, second = name.partition("+")
        if not plus:
            raise KeyError(name)
        style = self[name] = self[first] + self[second]
        return style


class Palettes(msgspec.Struct, frozen=True):
    """The palettes of one list: for ordinary rows, and for the cursor row of a list with and without the focus."""

    page: Palette
    cursor: Palette
    cursor_blurred: Palette


def in_few_colours(theme: Theme, number: int) -> Theme:
    """One of florilege's themes in 256 or 16 colours: the perceptually nearest that keep text readable.

    Rich would round each channel separately, which makes warm greys olive and paper pink. What has no meaning of its
    own (backgrounds, borders, scrollbars) becomes grey. With 16 colours all backgrounds are the same, and the cursor
    row is reversed instead.
    """

    def nearest(color: Color, least: float = 0.0, among: Sequence[Color] = ()) -> Color:
        few = among or colors
        near = [each for each in few if not least or min(contrast(each, ground) for ground in grounds) >= least]
        return min(near or [BLACK, WHITE], key=lambda each: _distance(each, color))

    colors, grounds = _xterm() if number == 256 else _STANDARD, list[Color]()
    greys = [each for each in colors if each.r == each.g == each.b]
    named = {name: Color.parse(getattr(theme, name) or "") for name in (*_SURFACES, *_NAMED)}
    named |= {name: Color.parse(value) for name, value in theme.variables.items() if "%" not in value}
    found = {name: nearest(named[name], among=greys) for name in (*_SURFACES, "florilege-cursor-blurred")}
    others = [each for each in greys if each not in found.values()]
    found["florilege-cursor"] = nearest(named["florilege-cursor"], among=others)
    if number != 256:
        found = dict.fromkeys(found, found["background"])
    grounds += found.values()
    for name, color in named.items():
        needs = (least for use, (source, least, _) in _STYLES.items() if name in {source, f"florilege-{use}"})
        least = max(needs, default=0.0)
        found[name] = found.get(name) or nearest(color, least, greys if name in _GREY else ())
    values = {name: found[name].hex if name in found else value for name, value in theme.variables.items()}
    near = dataclasses.replace(theme, variables=values)
    for name in (*_SURFACES, *_NAMED):
        setattr(near, name, found[name].hex)
    return near


_GREY = frozenset({"border-blurred", "scrollbar", "scrollbar-hover", "scrollbar-background"})
_STANDARD = tuple(Color(*triplet) for triplet in (
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
    (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255),
    (255, 255, 255),
))  # fmt: skip
"""The values Rich assumes for a terminal's sixteen colours (`rich.palette`), so that it rounds none of them."""
_NAMED = ("primary", "secondary", "accent", "warning", "error", "success", "foreground")


@cache
def _xterm() -> tuple[Color, ...]:
    """The colours that 256-colour terminals agree on: a cube of 6 steps, and greys. Source: xterm's 256colres.h."""
    steps = (0, 95, 135, 175, 215, 255)
    greys = (Color(8 + 10 * step, 8 + 10 * step, 8 + 10 * step) for step in range(24))
    return (*(Color(red, green, blue) for red in steps for green in steps for blue in steps), *greys)


def _distance(one: Color, other: Color) -> float:
    """How different two colours look (CIE76, squared)."""
    (light, red, blue), (other_light, other_red, other_blue) = _lab(one), _lab(other)
    return (light - other_light) ** 2 + (red - other_red) ** 2 + (blue - other_blue) ** 2


@lru_cache(maxsize=512)
def _lab(color: Color) -> Lab:
    return rgb_to_lab(color)


def contrast(one: Color, other: Color) -> float:
    """WCAG 2.1 contrast of two opaque colours, from 1 to 21. Source: w3.org/TR/WCAG21, relative luminance."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(color: Color, grounds: tuple[Color, ...], least: float) -> Color:
    """The colour, moved towards black or white just far enough to reach the contrast on all backgrounds.

    If no colour can (the backgrounds are too far apart), the better of black and white.
    """

    def worst(candidate: Color) -> float:
        return min(contrast(candidate, ground) for ground in grounds)

    if worst(color) >= least:
        return color
    pole = max((BLACK, WHITE), key=worst)
    for step in range(1, 21):
        candidate = color.blend(pole, step / 20, alpha=1.0)
        if worst(candidate) >= least:
            return candidate
    return pole


def semantic_variables(theme: Theme) -> dict[str, str]:
    """Our variables (`florilege-quote-bar`, `florilege-metadata`...) for any theme; the theme's own values win.

    `App.get_theme_variable_defaults` returns them, so that style sheets can use `$florilege-metadata`. Every colour is
    readable on the page, the surface, the panel and both cursor rows of that theme.
    """
    own = {name: value for name, value in theme.variables.items() if name.startswith("florilege-")}
    return {**_derived({**theme.to_color_system().generate(), **theme.variables}), **own}


def palettes_of(variables: Mapping[str, str], page: Color | None = None, *, has_colors: bool = True) -> Palettes:
    """The palettes for the variables of the current theme (`App.theme_variables`).

    Args:
        variables: Variables of the theme, florilege's among them (`semantic_variables`).
        page: The background of ordinary rows; that of the theme when None.
        has_colors: False if NO_COLOR is set, or there are only sixteen colours: the cursor row is then reversed.
    """
    return _palettes_of(tuple(variables.items()), page, has_colors=has_colors)


@lru_cache(maxsize=16)
def _palettes_of(named: tuple[tuple[str, str], ...], page: Color | None, *, has_colors: bool) -> Palettes:
    """The cached part of `palettes_of`, which every list and sign calls each time it is redrawn."""
    variables = dict(named)
    if variables["background"].startswith("ansi"):
        return _terminal_palettes(variables)
    focused, blurred = (Color.parse(variables[f"florilege-{name}"]) for name in ("cursor", "cursor-blurred"))
    return Palettes(
        page=_palette(variables, page or Color.parse(variables["background"])),
        cursor=_palette(variables, focused) if has_colors else _reversed(variables, focused),
        cursor_blurred=_palette(variables, blurred),
    )


def _derived(variables: Mapping[str, str]) -> dict[str, str]:
    """All of florilege's variables, derived from Textual's."""
    if variables["background"].startswith("ansi"):
        # The terminal's own sixteen colours: their contrast cannot be known, so text keeps the terminal's own.
        signs = {name: variables[source] for name, (source, *_) in _STYLES.items()}
        signs |= {"cursor": "ansi_default", "cursor-blurred": "ansi_default"}
        return {f"florilege-{name}": value for name, value in signs.items()}
    page, foreground = Color.parse(variables["background"]), Color.parse(variables["foreground"])
    cursor = page.blend(Color.parse(variables["primary"]), 0.2, alpha=1.0)
    blurred = page.blend(foreground, 0.08, alpha=1.0)
    cursor, blurred = (
        Color.parse(variables.get(f"florilege-{name}", color.hex))
        for name, color in (("cursor", cursor), ("cursor-blurred", blurred))
    )
    grounds = (*(Color.parse(variables[name]) for name in _SURFACES), cursor, blurred)
    colors = {"cursor": cursor, "cursor-blurred": blurred}
    for name, (source, least, _) in _STYLES.items():
        wanted = Color.parse(variables[source]).blend(page, _FADED.get(name, 0.0), alpha=1.0)
        colors[name] = readable(wanted, grounds, least)
    return {f"florilege-{name}": color.hex for name, color in colors.items()}


def _reversed(known: Mapping[str, str], under: Color) -> Palette:
    """The palette of a reversed row: a single text colour, which becomes its background; several would look patchy."""
    ink = readable(Color.parse(known["florilege-text"]), (under,), TEXT_CONTRAST)
    return _written(lambda _: ink, Style(background=under, foreground=ink, reverse=True))


def _palette(known: Mapping[str, str], under: Color) -> Palette:
    """The palette for one background: florilege's colours, moved if necessary until they are readable there."""

    def ink(name: str) -> Color:
        return readable(Color.parse(known[f"florilege-{name}"]), (under,), _STYLES[name][1])

    return _written(ink, Style(background=under, foreground=ink("text")))


def _terminal_palettes(known: Mapping[str, str]) -> Palettes:
    """Palettes in the terminal's own colours; the cursor row is reversed, since the actual background is unknown."""

    def ink(name: str) -> Color | None:
        value = Color.parse(known[f"florilege-{name}"])
        return None if value.ansi == -1 else value

    rows = _written(ink, Style())
    return Palettes(rows, _written(lambda _: None, Style(reverse=True)), rows)


def _written(ink: Callable[[str], Color | None], ground: Style) -> Palette:
    """Build a palette from text colours."""
    palette = Palette(ground=ground.rich_style)
    for name, (*_, weight) in _STYLES.items():
        palette[name] = (ground + Style(foreground=ink(name)) + weight).rich_style
    return palette


@lru_cache(maxsize=1024)
def _luminance(color: Color) -> float:
    """Relative luminance as WCAG 2.1 defines it, from 0 (black) to 1 (white)."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = color.normalized
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
