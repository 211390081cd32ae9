"""`--template` of `list` and `quotes`: the reader's own lines, for scripts."""

from collections.abc import Mapping

import click

from florilege.cli.voice import tell_raw
from florilege.quotes.templates import Template, TemplateError, template
from florilege.text import clean_line

template_option = click.option(
    "--template",
    "line",
    metavar="TEXT",
    help="A line for each, with fields in braces: '{title}\\t{url}'; \\t is a tab, \\n a new line.",
)


def line_template(line: str, fields: Mapping[str, str]) -> Template:
    """The template that a line is, its tabs and new lines written as shells leave them.

    Raises:
        click.UsageError: It can't be read.
    """
    try:
        return template(line.replace("\\t", "\t").replace("\\n", "\n"), fields)
    except TemplateError as error:
        raise click.UsageError(str(error), click.get_current_context()) from error


def tell_filled(wanted: Template, values: Mapping[str, str]) -> None:
    """Print a template with these values, each on one clean line: tabs and newlines are the template's alone."""
    text = wanted.fill({name: clean_line(value) for name, value in values.items()})
    tell_raw(f"{text}\n".encode("utf-8", "replace"))
