"""The message about a group that could not be refreshed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from florilege.model import Group, Outcome, Source
from florilege.words import failure_of

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=timezone(timedelta(hours=1)))
WHY = "groups.example has a problem."


def group(**facts: object) -> Group:
    source = Source(address="https://groups.example/rss", **({"outcome": Outcome.FAILED, "error": WHY} | facts))  # type: ignore[arg-type]
    working = Source(address="https://other.example/rss", outcome=Outcome.OK)
    return Group(id="1", title="Encre", added_at=NOW, sources=(working, source))


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "due", "said"),
    [
        (at(23, 13, 5), at(23, 16, 0), "Failing since 14:05; next attempt at 17:00."),
        (at(22, 23, 30), at(23, 23, 30), "Failing since 00:30; next attempt tomorrow at 00:30."),
        (at(22, 13, 5), at(24, 8, 0), "Failing since yesterday, 14:05; next attempt tomorrow at 09:00."),
        (at(3, 13, 5), at(1, 8, 0, month=12), "Failing since 3 Nov, 14:05; next attempt on 1 Dec at 09:00."),
        (at(3, 13, 5, year=2025), at(23, 14, 0), "Failing since 3 Nov 2025; next attempt at the next refresh."),
        (at(23, 13, 5), None, "Failing since 14:05; next attempt at the next refresh."),
        (None, at(23, 16, 0), "Next attempt at 17:00."),
    ],
)
def test_message_has_reason_start_and_next_attempt(since: datetime | None, due: datetime | None, said: str) -> None:
    assert failure_of(group(failing_since=since, next_due=due), NOW) == f"{WHY} {said}"


def test_next_attempt_is_never_rounded_down() -> None:
    due = at(23, 16) + timedelta(seconds=1)
    assert "next attempt at 17:01" in (failure_of(group(next_due=due, failing_since=at(23, 13)), NOW) or "")


def test_gone_source_is_not_retried() -> None:
    assert failure_of(group(gone=True, failing_since=at(23, 13)), NOW) == f"{WHY} Failing since 14:00."


def test_working_group_has_no_message() -> None:
    assert failure_of(group(outcome=Outcome.UNCHANGED, error=None), NOW) is None
