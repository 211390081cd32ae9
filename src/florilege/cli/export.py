"""`export` and `import`: write items and reading states to files, and read our own files back."""

import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from florilege.cli.args import find_items, query_argument
from florilege.cli.context import CliContext
from florilege.cli.options import FILE, WrongUsage, command
from florilege.cli.output import print_notice, print_raw, print_result, progress_bar
from florilege.model import FlorilegeError, Group
from florilege.query.nodes import Query
from florilege.text import clean_line, counted

if TYPE_CHECKING:
    from florilege.export.formats import Format
    from florilege.export.note_template import NoteTemplate
    from florilege.export.selection import Selection


NAMES = ("json", "markdown", "csv", "jsonfeed", "opml", "bibtex", "csl", "webannotation")
"""Names of the formats. Repeated here so that `--help` need not import them; a test keeps them in step."""

PARTS = ("item", "sharer", "tag", "date")
"""What a document can be grouped by; a test keeps it in step with `Grouping`."""

MANY = 5000
"""Above this number of items, a progress bar is shown: as Markdown they take about a second to write."""
_BEGINNING = 1 << 16
"""Number of bytes read to tell whether a file may be one of our exports."""


@command()
@query_argument()
@click.option(
    "--format", "name", type=click.Choice(NAMES), help="The format; by default, that of the file's extension."
)
@click.option(
    "--output",
    default="-",
    metavar="FILE",
    type=FILE,
    help="A file, - for standard output, or FOLDER/ for one note per page.",
)
@click.option("--by", type=click.Choice(PARTS), help="How to group a Markdown document.")
@click.option(
    "--note-template", metavar="FILE", type=FILE, help="Template for notes: a file, or one of ours: logseq or org."
)
@click.option("--dry-run", is_flag=True, help="Write no notes; print the first one.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--no-state", is_flag=True, help="Leave out what you have read, starred and noted.")
@click.option("--with-secrets", is_flag=True, help="Include the secret addresses of private groups.")
def export(
    cli: CliContext,
    query: Query,
    name: str | None,
    output: str,
    by: str | None,
    note_template: str | None,
    dry_run: bool,
    force: bool,
    no_state: bool,
    with_secrets: bool,
) -> None:
    """Write items to a file, all or those that match a query.

    A FOLDER/ (an existing one, or a name that ends with a slash) gets a Markdown note for each page. What you write
    around the exported part of a note stays when you export again.
    """
    from florilege.export.formats import AlreadyThere, write_file
    from florilege.export.selection import Selection, groups_of, selected_items
    from florilege.lists.river import Grouping

    is_folder = output.endswith(("/", "\\")) or (output != "-" and os.path.isdir(output))  # noqa: PTH112 -- never raises
    if not is_folder and (note_template or dry_run):
        raise WrongUsage("--note-template and --dry-run need --output FOLDER/, with a slash at the end.")
    wanted = _format(output, name, is_folder=is_folder)
    if by is not None and (is_folder or wanted.name != "markdown"):
        raise WrongUsage("--by is only for a single Markdown document.")
    template = _note_template(note_template) if note_template else None
    state, rows = find_items(cli, query)
    library, summaries = state.library, [row.summary for row in rows]
    groups = library.groups() if query.is_blank else groups_of(library, summaries)
    if wanted.name in {"json", "opml"} and not with_secrets:
        _report_hidden(groups)
    is_long = len(summaries) > MANY and output != "-"
    with interrupted_by_signals(), progress_bar(len(summaries) if is_long else 0, "Writing") as bar:
        selection = Selection(
            selected_items(library, summaries, by_group=wanted.by_group),
            cli.clock(),
            str(query) or "florilege",
            groups=groups,
            with_state=not no_state,
            with_secrets=with_secrets,
            grouping=Grouping[(by or "item").upper()],
            on_progress=lambda items: bar(advance=items),
        )
        if dry_run:
            _preview(selection, template)
        elif is_folder:
            _to_folder(cli, Path(output), selection, template)
        elif output == "-":
            for piece in wanted.write(selection):
                print_raw(piece.encode("utf-8", "replace"))
        else:
            try:
                write_file(Path(output), wanted.write(selection), force=force)
            except AlreadyThere as error:
                raise AlreadyThere(f"{error} --force overwrites it.") from error
            print_notice(wanted.written(selection, output))


def interrupted_by_signals() -> AbstractContextManager[None]:
    """Within this context, SIGTERM and SIGHUP raise KeyboardInterrupt.

    Otherwise they would end the process at once and leave behind the temporary file of an atomic write.
    """
    from florilege.cli.app import on_termination

    def interrupt() -> None:
        raise KeyboardInterrupt

    return on_termination(interrupt)


def _format(output: str, name: str | None, *, is_folder: bool) -> "Format":
    """The format asked for, or the one given by the file extension.

    Raises:
        WrongUsage: No format is given, or it can't be written to that output.
    """
    from florilege.export.formats import FORMATS, format_of

    if is_folder and name not in {None, "markdown"}:
        raise WrongUsage("Only Markdown can be written to a folder.")
    if name is None and output == "-":
        raise WrongUsage("Choose the format with --format, or name a file with --output.")
    try:
        return FORMATS["markdown"] if is_folder else FORMATS[name] if name else format_of(output)
    except FlorilegeError as error:
        raise WrongUsage(f"{error} Or name it with --format.") from error


def _report_hidden(groups: "Iterable[Group]") -> None:
    """Report how many addresses are left out because they hold a secret."""
    from florilege.export.feeds import holds_secret

    hidden = sum(holds_secret(source.address) for group in groups for source in group.sources)
    if hidden:
        hold = "holds a secret and is" if hidden == 1 else "hold secrets and are"
        print_notice(f"{counted(hidden, 'address', 'addresses')} {hold} left out; --with-secrets writes all.")


def _note_template(name: str) -> "NoteTemplate":
    """The note template from a file, or a bundled one by its name.

    Raises:
        FlorilegeError: The file can't be read.
        WrongUsage: The template is invalid.
    """
    from florilege.export.note_template import read_template, shipped
    from florilege.quotes.templates import TemplateError

    try:
        return read_template(name, shipped().get(name) or _bytes_of(name).decode("utf-8-sig", "replace"))
    except TemplateError as error:
        raise WrongUsage(str(error)) from error


def _preview(selection: "Selection", template: "NoteTemplate | None") -> None:
    """Print the first note as it would be written into an empty folder, and the number of notes."""
    from florilege.export.notes import identity, note_text

    rows = list(selection.each())
    for row in rows[:1]:
        text = note_text(row, identity(row.item), None, with_state=selection.with_state, template=template)
        print_raw(text.encode("utf-8", "replace"))
    print_notice(f"{counted(len(rows), 'note')} would be written")


def _to_folder(cli: CliContext, folder: Path, selection: "Selection", template: "NoteTemplate | None") -> None:
    from florilege.export.notes import LEFT_ALONE, write_notes

    written = write_notes(folder, selection, template)
    print_notice(f"{written} in {folder}")
    for name in written.left_alone:
        cli.report(f"{name} was left alone: {LEFT_ALONE}")


@command("import")
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
def import_file(cli: CliContext, file: str, dry_run: bool) -> None:
    """Import a file that `export` wrote as JSON.

    FILE may be - for standard input. It brings what was read, starred and noted with it. Groups and items you already
    have are merged, and nothing is unmarked. For other formats, use `florilege add`.
    """
    from florilege.formats.own import decode
    from florilege.importing import import_library

    export = decode(_bytes_of(file))
    total = sum(len(group.items) for group in export.groups)
    with interrupted_by_signals(), progress_bar(total if total > MANY else 0, "Importing") as bar:
        result = import_library(
            cli.library(may_be_new=True),
            export,
            now=cli.clock(),
            dry_run=dry_run,
            on_progress=lambda items: bar(advance=items),
        )
    would = "would be " if dry_run else ""
    print_result(
        f"{counted(result.groups, 'group')} and {counted(result.items, 'item')} {would}added, "
        f"{counted(result.revised, 'item')} {would}revised, {result.unchanged} unchanged; "
        f"{'up to ' if dry_run else ''}{counted(result.states, 'reading state')} {would}imported"
    )
    for sentence in result.notices:
        print_notice(sentence)


def _bytes_of(file: str) -> bytes:
    """The content of a file, or only its beginning when that shows that it is not one of our exports.

    Raises:
        FlorilegeError: The file can't be read.
    """
    if file == "-" and sys.stdin is None:
        raise FlorilegeError("Standard input is closed: there is nothing to read. Name a file instead.")
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            beginning = stream.read(_BEGINNING)
            if not beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")):
                return beginning
            return beginning + stream.read()
    except OSError as error:
        raise FlorilegeError(f"“{clean_line(file)}” can't be read: {error.strerror or 'no reason given'}.") from error
    except ValueError as error:
        raise FlorilegeError(f"“{clean_line(file)}” is not a valid file name.") from error
