"""The documents that `--json` writes. Items and quotes, and the rules for them, are those of `export.jsonlines`.

`docs/json.schema.json` is generated from here, with the docstrings of the classes as descriptions.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from florilege.export.jsonlines import ItemJson, QuoteJson, copied
from florilege.model import Counts, Group, Outcome
from florilege.urls import redact

if TYPE_CHECKING:
    from florilege.refresh import Result


class SourceJson(Struct):
    """Where a group comes from, without its secrets."""

    source: str
    kind: str | None
    outcome: Outcome
    error: str | None
    failing_since: datetime | None
    failures: int
    checked_at: datetime | None
    next_due: datetime | None
    gone: bool


class GroupJson(Struct):
    """A group with its counts: an element of `groups --json`."""

    id: str
    title: str
    tags: Sequence[str]
    site: str | None
    items: int
    unread: int
    highlights: int
    new_highlights: int
    outcome: Outcome
    warnings: Sequence[str]
    """Permanent moves of a source, and problems in the documents fetched last."""
    sources: list[SourceJson]


class ResultJson(Struct):
    """What became of a group: an element of `add --json` and `refresh --json`."""

    id: str | None
    title: str
    outcome: Outcome
    """How its last fetch ended, whether now or earlier."""
    asked: bool
    """Whether it was fetched or read now; false if it was not due, has no source, or with `--dry-run`."""
    kind: str | None
    new: int
    revised: int
    new_highlights: int
    warnings: Sequence[str]
    error: str | None


class TagJson(Struct):
    """A tag: an element of `tags --json`."""

    tag: str
    items: int
    unread: int


class SharerCountJson(Struct):
    """Who shared, and how much: an element of `sharers --json`."""

    name: str
    items: int
    highlights: int
    unread: int


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    """Nothing is broken, but it is worth knowing."""
    FAIL = "fail"


class Finding(Struct):
    """The result of one check: an element of `doctor --json`."""

    check: str
    """The name of the check: `library`, `settings`, `searches`, `sync`, `access`, `network`, `terminal`, `clipboard`,
    `browser`, `versions`; or `repair`."""
    verdict: Verdict
    text: str
    advice: str | None
    """What to do, as a sentence; None when there is nothing to do."""


class ItemsJson(Struct):
    """`list --json`."""

    items: list[ItemJson]
    total: int


class QuotesJson(Struct):
    """`quotes --json`."""

    quotes: list[QuoteJson]
    total: int


class GroupsJson(Struct):
    """`groups --json`."""

    groups: list[GroupJson]


class ResultsJson(Struct):
    """`add --json` and `refresh --json`."""

    groups: list[ResultJson]
    warnings: list[str]
    """Warnings about documents of several groups."""
    seconds: float


class TagsJson(Struct):
    """`tags --json`."""

    tags: list[TagJson]


class SharersJson(Struct):
    """`sharers --json`."""

    sharers: list[SharerCountJson]


class DoctorJson(Struct):
    """`doctor --json`."""

    findings: list[Finding]


class NewJson(Struct):
    """What a refresh brought, as a hook is given it."""

    items: list[ItemJson]
    """Items never seen before."""
    quotes: list[QuoteJson]
    """New highlights in items already read."""


DOCUMENTS = (ItemsJson, QuotesJson, GroupsJson, ResultsJson, TagsJson, SharersJson, DoctorJson, NewJson)
"""The documents that commands write with `--json`; the last is for hooks. `--jsonl` writes the elements of the first
two, one per line."""


def group_json(group: Group, counts: Counts) -> GroupJson:
    """A group and its counts as JSON."""
    numbers = {name: getattr(counts, name) for name in ("items", "unread", "highlights", "new_highlights")}
    sources = [copied(SourceJson, source, source=redact(source.address)) for source in group.sources]
    return copied(GroupJson, group, sources=sources, **numbers)


def results_json(results: "Sequence[Result]", groups: Iterable[Group], *, started: float) -> ResultsJson:
    """Results as `add --json` and `refresh --json` write them.

    The outcome is that of the group's last fetch, as in `groups --json`; `asked` says whether it was fetched now.

    Args:
        results: The results; of a document of several groups, each is written.
        groups: The groups as they are now.
        started: When the command began, by `time.monotonic`.
    """
    last = {group.id: group.outcome for group in groups}
    written = []
    for result in chain.from_iterable(each.parts or (each,) for each in results):
        asked = result.outcome not in {Outcome.SKIPPED, Outcome.PLANNED}
        outcome = result.outcome if asked else last.get(result.group, Outcome.NEVER)
        warnings = [*([result.notice] if result.notice else []), *result.warnings]
        facts = {"id": result.group or None, "outcome": outcome, "asked": asked, "warnings": warnings}
        written.append(copied(ResultJson, result, **facts))
    about_lists = [warning for result in results if result.parts for warning in result.warnings]
    return ResultsJson(written, about_lists, round(time.monotonic() - started, 3))
