"""When a source is fetched again."""

from datetime import UTC, datetime, timedelta

import pytest

from florilege.model import Source
from florilege.refresh import is_due, next_due

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "https://groups.example/rss"


def source(**facts: object) -> Source:
    return Source(**({"address": ADDRESS} | facts))  # type: ignore[arg-type]


def test_new_source_is_due() -> None:
    assert is_due(source(), NOW)


def test_source_is_not_due_before_its_time_unless_the_reader_insists() -> None:
    later = source(checked_at=NOW - HOUR / 4, next_due=NOW + HOUR / 2)

    assert not is_due(later, NOW)
    assert is_due(later, NOW, insist=True)
    assert is_due(later, NOW + HOUR / 2)


def test_hourly_job_that_starts_some_seconds_early_finds_the_source_due() -> None:
    asked = source(checked_at=NOW, next_due=next_due(ADDRESS, NOW, HOUR))

    assert is_due(asked, NOW + HOUR - timedelta(seconds=20))


def test_retry_after_holds_even_when_the_reader_insists() -> None:
    waiting = source(checked_at=NOW, next_due=NOW + HOUR, waits_until=NOW + HOUR)

    assert not is_due(waiting, NOW + HOUR - timedelta(seconds=1), insist=True)
    assert is_due(waiting, NOW + HOUR)


def test_gone_source_is_not_fetched_again() -> None:
    assert not is_due(source(gone=True), NOW, insist=True)


def test_file_is_always_due() -> None:
    assert is_due(Source(address="/home/ann/export.json", next_due=NOW + HOUR), NOW)


def test_clock_that_went_back_does_not_silence_a_source() -> None:
    assert is_due(source(checked_at=NOW + timedelta(days=365), next_due=NOW + timedelta(days=366)), NOW)


def test_retry_after_recorded_before_the_clock_went_back_does_not_silence_a_source() -> None:
    year = timedelta(days=365)
    waiting = source(checked_at=NOW + year, next_due=NOW + year + HOUR, waits_until=NOW + year + HOUR)

    assert is_due(waiting, NOW)
    assert not is_due(waiting, NOW + year)


def test_interval_counts_after_a_success() -> None:
    assert next_due(ADDRESS, NOW, 2 * HOUR) == NOW + 2 * HOUR


@pytest.mark.parametrize(("max_age", "wait"), [(HOUR / 2, HOUR), (3 * HOUR, 3 * HOUR), (240 * HOUR, 24 * HOUR)])
def test_server_may_request_a_longer_interval_but_not_for_ever(max_age: timedelta, wait: timedelta) -> None:
    assert next_due(ADDRESS, NOW, HOUR, max_age=max_age) == NOW + wait


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 24), (1_000, 24)])
def test_interval_doubles_after_failures_up_to_a_day(failures: int, hours: int) -> None:
    wait = next_due(ADDRESS, NOW, HOUR, failures=failures) - NOW

    assert hours * HOUR <= wait <= hours * HOUR * 1.1


def test_interval_longer_than_a_day_is_kept_after_failures() -> None:
    assert next_due(ADDRESS, NOW, 72 * HOUR, failures=3) >= NOW + 72 * HOUR


def test_sources_that_failed_together_are_not_retried_together() -> None:
    waits = {next_due(f"https://groups.example/{number}", NOW, HOUR, failures=1) for number in range(50)}

    assert len(waits) == 50


@pytest.mark.parametrize(("seconds", "wait"), [(60, HOUR), (7_200, 2 * HOUR), (31_536_000, 24 * HOUR)])
def test_document_may_request_a_longer_interval_but_not_for_ever(seconds: int, wait: timedelta) -> None:
    assert next_due(ADDRESS, NOW, HOUR, refresh_after=seconds) == NOW + wait


def test_longest_requested_interval_counts() -> None:
    assert next_due(ADDRESS, NOW, HOUR, max_age=3 * HOUR, refresh_after=7_200) == NOW + 3 * HOUR
    assert next_due(ADDRESS, NOW, HOUR, max_age=2 * HOUR, refresh_after=14_400) == NOW + 4 * HOUR


def test_without_an_interval_a_failing_source_is_still_left_alone_for_a_while() -> None:
    assert next_due(ADDRESS, NOW, timedelta()) == NOW
    assert next_due(ADDRESS, NOW, timedelta(), failures=4) >= NOW + timedelta(minutes=8)
