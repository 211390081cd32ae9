"""Readable colours: on every surface, in our themes and all of Textual's, and without colours at all."""

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from florilege.tui.theme import (
    LAMP,
    PAPER,
    QUIET_CONTRAST,
    TEXT_CONTRAST,
    THEMES,
    contrast,
    in_few_colours,
    palettes_of,
    readable,
    semantic_variables,
)

ALL = (*THEMES, *BUILTIN_THEMES.values())
COLORED = tuple(theme for theme in ALL if not theme.ansi)
ANSI = tuple(theme for theme in ALL if theme.ansi)
TEXT = ("quote", "unread", "read", "new", "error", "crumb", "key", "metadata", "tag")
QUIET = ("quote-bar", "star", "cursor-mark")
GROUNDS = ("background", "surface", "panel", "florilege-cursor", "florilege-cursor-blurred")


def variables_of(theme: Theme) -> dict[str, str]:
    return {**semantic_variables(theme), **theme.to_color_system().generate(), **theme.variables}


def color_of(color: RichColor | None) -> Color:
    assert color is not None
    return Color.from_rich_color(color)


def name_of(theme: Theme) -> str:
    return theme.name


@pytest.mark.parametrize("theme", THEMES, ids=name_of)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_of_our_themes_is_readable_on_every_surface(theme: Theme, ground: str) -> None:
    variables = variables_of(theme)
    under = Color.parse(variables[ground])
    weak = {
        name: round(contrast(Color.parse(variables[f"florilege-{name}"]), under), 2)
        for name in (*TEXT, *QUIET)
        if contrast(Color.parse(variables[f"florilege-{name}"]), under)
        < (TEXT_CONTRAST if name in TEXT else QUIET_CONTRAST)
    }
    assert weak == {}
    assert contrast(Color.parse(variables["foreground"]), under) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", THEMES, ids=name_of)
def test_quiet_text_of_our_themes_is_easy_to_read_in_the_row_under_the_cursor(theme: Theme) -> None:
    variables = variables_of(theme)
    quiet, under = (Color.parse(variables[f"florilege-{name}"]) for name in ("metadata", "cursor"))
    assert contrast(quiet, under) >= 5.25


@pytest.mark.parametrize("theme", COLORED, ids=name_of)
def test_every_style_of_every_theme_is_readable_where_it_is_used(theme: Theme) -> None:
    palettes = palettes_of(variables_of(theme))
    for palette in (palettes.page, palettes.cursor, palettes.cursor_blurred):
        for name, style in palette.items():
            least = QUIET_CONTRAST if name in QUIET else TEXT_CONTRAST
            assert contrast(color_of(style.color), color_of(style.bgcolor)) >= least, name


@pytest.mark.parametrize("theme", COLORED, ids=name_of)
def test_variables_of_any_theme_are_readable_on_its_background(theme: Theme) -> None:
    variables = variables_of(theme)
    page = Color.parse(variables["background"])
    for name in (*TEXT, *QUIET):
        least = TEXT_CONTRAST if name in TEXT else QUIET_CONTRAST
        assert contrast(Color.parse(variables[f"florilege-{name}"]), page) >= least, name


@pytest.mark.parametrize("theme", ANSI, ids=name_of)
def test_themes_in_terminal_colours_reverse_the_cursor_row(theme: Theme) -> None:
    palettes = palettes_of(variables_of(theme))
    assert palettes.cursor["ground"].reverse
    assert palettes.page["text"].color is None


def test_cursor_row_is_reversed_without_colours_only_in_the_focused_list() -> None:
    palettes = palettes_of(variables_of(PAPER), has_colors=False)
    cursor = palettes.cursor
    assert cursor["ground"].reverse
    inks = {style.color for style in cursor.values()}
    assert len(inks) == 1, "reversed, each ink is a ground: several make patches of the bar"
    assert not palettes.cursor_blurred["ground"].reverse


def test_unread_titles_differ_from_read_ones_by_weight() -> None:
    page = palettes_of(variables_of(LAMP)).page
    assert page["unread"].bold
    assert not page["read"].bold


def test_three_backgrounds_of_a_list_differ() -> None:
    for theme in COLORED:
        palettes = palettes_of(variables_of(theme))
        grounds = {p["ground"].bgcolor for p in (palettes.page, palettes.cursor, palettes.cursor_blurred)}
        assert len(grounds) == 3, theme.name


def test_list_on_another_surface_is_readable_there() -> None:
    page = palettes_of(variables_of(LAMP), Color.parse("#808080")).page
    assert color_of(page["ground"].bgcolor) == Color.parse("#808080")
    assert contrast(color_of(page["quote"].color), Color.parse("#808080")) >= TEXT_CONTRAST


def test_variables_set_by_a_theme_are_not_derived() -> None:
    theme = Theme(name="own", primary="#336699", variables={"florilege-quote-bar": "#ABCDEF"})
    assert semantic_variables(theme)["florilege-quote-bar"] == "#ABCDEF"


def test_every_theme_gives_the_same_variables() -> None:
    assert len({frozenset(semantic_variables(theme)) for theme in ALL}) == 1


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast(Color.parse("black"), Color.parse("white")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("white")) == pytest.approx(4.48, abs=0.01)


def test_readable_colour_is_unchanged() -> None:
    madder = Color.parse("#9B2D3A")
    assert readable(madder, (Color.parse("white"),), TEXT_CONTRAST) == madder


def test_combined_style_has_the_second_colour_and_both_weights() -> None:
    page = palettes_of(variables_of(PAPER)).page
    both = page["unread+match"]
    assert both == page["unread"] + page["match"]
    assert (both.color, both.bold, both.underline) == (page["match"].color, True, True)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_256_colours_are_perceptually_close_and_readable(theme: Theme) -> None:
    there = in_few_colours(theme, 256)
    colors = {name: Color.parse(value) for name, value in there.variables.items() if "%" not in value}
    for name in ("border-blurred", "scrollbar", "florilege-cursor"):  # frames are quiet, and never olive
        assert len(set(colors[name].rgb)) == 1, name
    assert colors["florilege-cursor"] != colors["florilege-cursor-blurred"]
    for name, color in colors.items():
        shown = color.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        assert max(abs(one - other) for one, other in zip(shown, color.rgb, strict=True)) <= 12, (
            name
        )  # a neighbouring grey
    grounds = [Color.parse(value or "") for value in (there.background, there.surface, there.panel)]
    for name in ("read", "metadata", "tag"):
        assert min(contrast(colors[f"florilege-{name}"], ground) for ground in grounds) >= TEXT_CONTRAST, name


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_sixteen_colours_are_those_of_the_terminal_on_one_background_and_readable(theme: Theme) -> None:
    there = in_few_colours(theme, 16)
    colors = {name: Color.parse(value) for name, value in there.variables.items() if "%" not in value}
    for name, color in colors.items():
        number = color.rich_color.downgrade(ColorSystem.STANDARD).number
        assert number is not None
        assert STANDARD_PALETTE[number] == color.rgb, name
    assert there.background == there.surface == there.panel == colors["florilege-cursor"].hex
    for name in ("read", "metadata", "tag"):
        assert contrast(colors[f"florilege-{name}"], Color.parse(there.background or "")) >= TEXT_CONTRAST, name
    assert contrast(Color.parse(there.accent or ""), Color.parse(there.background or "")) >= TEXT_CONTRAST
