"""What became of groups, in lines and in one exit code: shared by `add`, `refresh` and the opening of sources."""

from collections.abc import Iterable, Sequence

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY
from florilege.cli.json_output import ResultJson, result_json
from florilege.cli.output import Style, print_notice, print_styled
from florilege.model import Group, Outcome
from florilege.refresh import Result
from florilege.text import counted

FIRST_WARNINGS = 10
"""Warnings of one document that are printed; the others are counted."""


def print_outcome(result: Result, *, in_colour: bool) -> None:
    """Print what became of a group: on standard error when it failed or was not asked."""
    title = result.title
    if result.notice:
        print_notice(f"{title}: {result.notice}")
    if result.error:
        print_notice(result.error if title in result.error else f"{title}: {result.error}")
    elif result.outcome is Outcome.OK:
        is_news = bool(result.new or result.new_highlights)
        said = (result.news, Style.PLAIN if is_news else Style.FAINT)
        print_styled([(f"{title}: ", Style.UNREAD if is_news else Style.PLAIN), said], in_colour=in_colour)
    elif result.outcome is Outcome.UNCHANGED:
        print_styled([(f"{title}: ", Style.PLAIN), ("unchanged", Style.FAINT)], in_colour=in_colour)
    elif result.outcome is Outcome.PLANNED:
        bringing = result.news if result.kind else "not fetched yet"
        would = "would be added to" if result.group else "would be made"
        print_styled([(f"{title}: ", Style.UNREAD), (f"{would}, {bringing}", Style.PLAIN)], in_colour=in_colour)


def results_as_json(results: Iterable[Result], groups: Iterable[Group]) -> list[ResultJson]:
    """What became of groups, as `add --json` and `refresh --json` give it.

    The outcome is that of the group as `groups --json` has it; whether anything was asked now, `asked` says.

    Args:
        results: What became of them.
        groups: The groups as they are now.
    """
    last = {group.id: group.outcome for group in groups}
    written = []
    for result in results:
        was_asked = result.outcome not in {Outcome.SKIPPED, Outcome.PLANNED}
        outcome = Outcome(result.outcome.value) if was_asked else last.get(result.group, Outcome.NEVER)
        written.append(result_json(result, outcome, asked=was_asked))
    return written


def print_warnings(result: Result) -> None:
    """Say what was odd: the first ten sentences, then a number."""
    for warning in result.warnings[:FIRST_WARNINGS]:
        print_notice(f"{result.title}: {warning}")
    if (more := len(result.warnings) - FIRST_WARNINGS) > 0:
        print_notice(f"{result.title}: and {counted(more, 'more warning')}")


def code_of(results: Sequence[Result]) -> int:
    """The exit code for all of them."""
    if any(result.unusable for result in results):
        return EXIT_LIBRARY
    return EXIT_FAILED if any(result.outcome is Outcome.FAILED or result.cut for result in results) else EXIT_DONE
