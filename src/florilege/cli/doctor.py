"""`doctor`: everything florilege stands on, looked at, with what to do where something is amiss."""

from itertools import chain
from typing import TYPE_CHECKING

import click

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, CliContext, library_option
from florilege.cli.json_output import DoctorJson, FindingJson
from florilege.cli.output import Style, print_json, print_styled, use_colour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from florilege.cli.checks import Finding


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="First recover what can be read of damaged library files.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def doctor(cli: CliContext, repairs: bool, as_json: bool) -> int:
    """Check what florilege stands on, and say what to do.

    Nothing is ever repaired unasked, and a damaged file is kept beside what was recovered of it.
    """
    from florilege.cli.checks import Verdict, all_findings

    findings, in_colour = [], use_colour(cli.environ)
    for finding in chain(_repaired(cli) if repairs else (), all_findings(cli)):
        findings.append(finding)
        if not as_json:
            print_styled(_line(finding), in_colour=in_colour)
    if as_json:
        print_json(DoctorJson([FindingJson(each.check, each.verdict, each.text, each.advice) for each in findings]))
    failed = {finding.check for finding in findings if finding.verdict is Verdict.FAIL}
    if "library" in failed:
        return EXIT_LIBRARY
    return EXIT_FAILED if failed else EXIT_DONE


def _repaired(cli: CliContext) -> "Iterator[Finding]":
    """What was damaged, and what was recovered of it."""
    from florilege.cli.checks import Finding, Verdict
    from florilege.store import LibraryLock
    from florilege.store.repair import repair

    folder = cli.places.library
    lock = LibraryLock(folder, clock=cli.clock, program="florilege doctor", timeout=cli.lock_timeout)
    repaired = repair(folder, lock=lock, clock=cli.clock)
    for each in repaired:
        yield Finding("repair", Verdict.NOTE, str(each))
    if not repaired:
        yield Finding("repair", Verdict.OK, "there was nothing to repair")


def _line(finding: "Finding") -> list[tuple[str, Style]]:
    from florilege.cli.checks import Verdict

    style = {Verdict.OK: Style.FAINT, Verdict.NOTE: Style.UNREAD, Verdict.FAIL: Style.WRONG}[finding.verdict]
    advice = f" {finding.advice}" if finding.advice else ""
    end = "." if advice and not finding.text.endswith((".", "?")) else ""
    return [(f"{finding.verdict:<4} ", style), (f"{finding.check}: {finding.text}{end}{advice}", Style.PLAIN)]
