"""`doctor`: everything florilege stands on, looked at, with what to do where something is amiss."""

from itertools import chain
from typing import TYPE_CHECKING

import click

from florilege.cli.json_output import DoctorJson, FindingJson
from florilege.cli.outside import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, Outside, library_option
from florilege.cli.voice import Style, paints, tell_json, tell_painted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from florilege.cli.checks import Finding


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="First recover what can be read of damaged library files.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def doctor(outside: Outside, repairs: bool, as_json: bool) -> int:
    """Check what florilege stands on, and say what to do.

    Nothing is ever repaired unasked, and a damaged file is kept beside what was recovered of it.
    """
    from florilege.cli.checks import Verdict, all_findings

    findings, in_colour = [], paints(outside.environ)
    for finding in chain(_repaired(outside) if repairs else (), all_findings(outside)):
        findings.append(finding)
        if not as_json:
            tell_painted(_line(finding), in_colour=in_colour)
    if as_json:
        tell_json(DoctorJson([FindingJson(each.check, each.verdict, each.text, each.advice) for each in findings]))
    failed = {finding.check for finding in findings if finding.verdict is Verdict.FAIL}
    if "library" in failed:
        return EXIT_LIBRARY
    return EXIT_FAILED if failed else EXIT_DONE


def _repaired(outside: Outside) -> "Iterator[Finding]":
    """What was damaged, and what was recovered of it."""
    from florilege.cli.checks import Finding, Verdict
    from florilege.store import LibraryLock, repair

    folder = outside.places.library
    lock = LibraryLock(folder, clock=outside.clock, program="florilege doctor", timeout=outside.lock_timeout)
    repaired = repair(folder, lock=lock, clock=outside.clock)
    for each in repaired:
        yield Finding("repair", Verdict.NOTE, str(each))
    if not repaired:
        yield Finding("repair", Verdict.OK, "there was nothing to repair")


def _line(finding: "Finding") -> list[tuple[str, Style]]:
    from florilege.cli.checks import Verdict

    style = {Verdict.OK: Style.FAINT, Verdict.NOTE: Style.UNREAD, Verdict.FAIL: Style.WRONG}[finding.verdict]
    advice = f" {finding.advice}" if finding.advice else ""
    end = "." if advice and not finding.text.endswith(".") else ""
    return [(f"{finding.verdict:<4} ", style), (f"{finding.check}: {finding.text}{end}{advice}", Style.PLAIN)]
