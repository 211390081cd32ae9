"""What `list` and `quotes` share: their options, and the four forms in which a list is told. Reads nothing itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import TypeAlias

import click
import msgspec

from florilege.cli import suggesting
from florilege.cli.outside import library_option
from florilege.cli.templating import line_template, tell_filled, template_option
from florilege.cli.voice import Style, remark, tell_painted, tell_raw
from florilege.query.fields import FIELDS
from florilege.text import counted, grouped

Block: TypeAlias = Iterable[Iterable[tuple[str, Style]]]
"""Lines that belong together, each in pieces."""


def listing_options(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The query, the forms, `--limit` and `--library`, for a list of such things."""
    options = (
        click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=suggesting.queries),
        click.option("--json", "as_json", is_flag=True, help=f"As JSON: the total, and every {name}."),
        click.option("--jsonl", "as_lines", is_flag=True, help=f"As JSON, one {name} a line."),
        template_option,
        click.option("--limit", type=click.IntRange(min=0), metavar="N", help="No more than the first N."),
        library_option,
        click.pass_obj,
    )
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


def fields_told(fields: Mapping[str, str]) -> str:
    """The end of a help: what a query and a template may say."""
    known = ", ".join(f"{name}:" for name in FIELDS)
    braces = "; ".join(f"{{{name}}} {meaning}" for name, meaning in fields.items())
    return f"Fields of a query: {known}. Fields of a template: {braces}."


@dataclass(frozen=True, slots=True)
class Form:
    """In which form a list is wanted, and how much of it."""

    as_json: bool
    as_lines: bool
    line: str | None
    """A template for each line."""
    limit: int | None

    def checked(self) -> "Form":
        """The form, if it is one.

        Raises:
            click.UsageError: It is several.
        """
        if sum((self.as_json, self.as_lines, self.line is not None)) > 1:
            sentence = "Of --json, --jsonl and --template only one can be had."
            raise click.UsageError(sentence, click.get_current_context())
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in each form; made only in the one that is wanted."""

    name: str
    """What one is called: `item`."""
    elements: Callable[[], Iterable[msgspec.Struct]]
    """Each as JSON."""
    fields: Mapping[str, str]
    """The fields of a template."""
    values: Callable[[], Iterable[Mapping[str, str]]]
    """Their values for each."""
    blocks: Callable[[], Iterable[Block]]
    """Each for people."""
    total: int | None = None
    """How many there are; None when only going through them tells."""


def tell_all(found: Found, form: Form, *, in_colour: bool) -> None:
    """Tell what was found in the form that is wanted.

    Raises:
        click.UsageError: The template can't be read.
    """
    wanted = line_template(form.line, found.fields) if form.line is not None else None
    if form.as_json:
        _tell_as_json(found, form.limit)
    elif form.as_lines:
        for element in islice(found.elements(), form.limit):
            tell_raw(msgspec.json.encode(element) + b"\n")
    elif wanted is not None:
        for values in islice(found.values(), form.limit):
            tell_filled(wanted, values)
    else:
        _tell_to_people(found, form.limit, in_colour=in_colour)


def _tell_to_people(found: Found, limit: int | None, *, in_colour: bool) -> None:
    """Lines, then how many there are."""
    blocks = iter(found.blocks())
    shown = 0
    for block in islice(blocks, limit):
        for line in block:
            tell_painted(line, in_colour=in_colour)
        shown += 1
    total = shown + sum(1 for _ in blocks) if found.total is None else found.total
    first = f"the first {grouped(shown)} of " if shown < total else ""
    remark(f"{first}{counted(total, found.name)}")


def _tell_as_json(found: Found, limit: int | None) -> None:
    """The total stands first: where only the end tells it, everything waits for that, encoded."""
    elements = iter(found.elements())
    encoded: Iterable[bytes] = map(msgspec.json.encode, islice(elements, limit))
    total = found.total
    if total is None:
        kept = list(encoded)
        total, encoded = len(kept) + sum(1 for _ in elements), kept
    tell_raw(b'{"total":%d,"%ss":[' % (total, found.name.encode()))
    for place, element in enumerate(encoded):
        tell_raw((b",\n" if place else b"\n") + element)
    tell_raw(b"]}\n")
