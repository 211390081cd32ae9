"""What became of groups, in lines and in one exit code: shared by `add`, `refresh` and the opening of sources."""

from collections.abc import Sequence

from florilege.cli.outside import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY
from florilege.cli.voice import remark, tell
from florilege.refreshing import Ending, Result
from florilege.text import counted

FIRST_WARNINGS = 10
"""Warnings of one document that are printed; the others are counted."""


def tell_result(result: Result) -> None:
    """Print what became of a group: on standard error when it failed or was not asked."""
    title = result.title
    if result.error:
        remark(result.error if title in result.error else f"{title}: {result.error}")
    elif result.outcome is Ending.OK:
        tell(f"{title}: {result.news}")
    elif result.outcome is Ending.UNCHANGED:
        tell(f"{title}: unchanged")
    elif result.outcome is Ending.PLANNED:
        bringing = result.news if result.kind else "not fetched yet"
        tell(f"{title}: {'would be added to' if result.group else 'would be made'}, {bringing}")


def tell_warnings(result: Result) -> None:
    """Say what was odd: the first ten sentences, then a number."""
    for warning in result.warnings[:FIRST_WARNINGS]:
        remark(f"{result.title}: {warning}")
    if (more := len(result.warnings) - FIRST_WARNINGS) > 0:
        remark(f"{result.title}: and {counted(more, 'more warning')}")


def code_of(results: Sequence[Result]) -> int:
    """The exit code for all of them."""
    if any(result.unusable for result in results):
        return EXIT_LIBRARY
    return EXIT_FAILED if any(result.outcome is Ending.FAILED or result.cut for result in results) else EXIT_DONE
