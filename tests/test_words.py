"""Facts in words: dates, spans and unknown values."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from florilege.model import Item, Sharer
from florilege.words import ago, long_date, sharer_of, short_date, title_of

PARIS = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "style", "words"),
    [
        (NOW, "short", "today"),
        (datetime(2026, 11, 22, 23, 10, tzinfo=UTC), "short", "today"),  # past midnight for the reader
        (datetime(2026, 11, 22, 22, 50, tzinfo=UTC), "short", "yesterday"),
        (datetime(2026, 4, 12, 8, tzinfo=UTC), "short", "12 Apr"),
        (datetime(2019, 4, 12, 8, tzinfo=UTC), "short", "12 Apr 2019"),
        (datetime(2019, 4, 12, 23, 59), "iso", "2019-04-12"),  # noqa: DTZ001 -- the source gave no zone
        (datetime(2026, 11, 22, 8, tzinfo=UTC), "relative", "yesterday"),
        (datetime(2026, 11, 21, 8, tzinfo=UTC), "relative", "2 days ago"),
        (datetime(2026, 10, 19, 8, tzinfo=UTC), "relative", "5 weeks ago"),
        (datetime(2024, 11, 19, 8, tzinfo=UTC), "relative", "2 years ago"),
        (None, "short", "date unknown"),
    ],
)
def test_dates_in_a_list(moment: datetime | None, style: str, words: str) -> None:
    assert short_date(moment, NOW, style) == words


def test_dates_in_full() -> None:
    assert long_date(datetime(2019, 4, 12, 8, tzinfo=UTC), NOW) == "12 April 2019"
    assert long_date(None, NOW) == "date unknown"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-90), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=3), "20 Nov"),
    ],
)
def test_how_long_ago(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW) == words


def test_every_missing_fact_has_a_phrase() -> None:
    nothing = Item(id="i", group="g", added_at=NOW)

    assert (title_of(nothing), sharer_of(nothing)) == ("(without title)", "sharer unknown")
    assert sharer_of(Item(id="i", group="g", added_at=NOW, sharer=Sharer(handle="odette"))) == "odette"
