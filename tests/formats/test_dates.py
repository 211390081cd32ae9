"""Dates as feeds write them."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import dates
from florilege.formats.dates import read_date
from florilege.formats.worker import seconds_for

NINE = datetime(2026, 3, 12, 9, 14, 5)  # noqa: DTZ001 -- the naive case is what is tested


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 12 Mar 2026 09:14:05 GMT", NINE.replace(tzinfo=UTC)),
        ("Thu, 12 Mar 2026 09:14:05 -0000", NINE.replace(tzinfo=UTC)),
        ("Thu, 12 Mar 2026 09:14:05 +0000", NINE.replace(tzinfo=UTC)),
        ("Thu, 12 Mar 2026 09:14:05 Z", NINE.replace(tzinfo=UTC)),
        ("Thu, 12 Mar 2026 09:14:05 +0530", NINE.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("Thu, 12 Mar 2026 09:14:05 EST", NINE.replace(tzinfo=timezone(timedelta(hours=-5)))),
        ("12 Mar 26 09:14:05 GMT", NINE.replace(tzinfo=UTC)),
        ("Thu, 12 Mar 2026 09:14:05", NINE),
        ("2026-03-12T09:14:05Z", NINE.replace(tzinfo=UTC)),
        ("2026-03-12T09:14:05.25Z", NINE.replace(tzinfo=UTC, microsecond=250_000)),
        ("2026-03-12T09:14:05.1234567+00:00", NINE.replace(tzinfo=UTC, microsecond=123_456)),
        ("2026-03-12T09:14:05+08:00", NINE.replace(tzinfo=timezone(timedelta(hours=8)))),
        ("2026-03-12 09:14:05", NINE),
        ("2026/03/12 09:14:05 +0800", NINE.replace(tzinfo=timezone(timedelta(hours=8)))),
        ("2026-03-12T09:14", NINE.replace(second=0)),
        ("2026-03-12", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026.03.12", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("12 de marzo de 2026 9:14:05 a. m.", NINE),
        ("jeudi 12 mars 2026 09 h 14 min 05 s", NINE),
        ("2026. 3. 12.", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026. 03. 12. 09:14", NINE.replace(second=0)),
        ("12.03.2026", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("Do, 12.03.2026 09:14 Uhr", NINE.replace(second=0)),
        ("03/12/2026 9:14:05 AM", NINE),
        ("2026-03-12 09:14:05 AM", NINE),
        ("2026-03-12, 09:14", NINE.replace(second=0)),
        ("2026-03-12 at 09:14", NINE.replace(second=0)),
        ("20260312091405", NINE),
        ("2026-03-12T09", NINE.replace(minute=0, second=0)),
        ("2026-071", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026-03-12/2026-03-14", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026-03-11T24:00:00Z", datetime(2026, 3, 12, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("3/13/2026 9:14:05 PM", datetime(2026, 3, 13, 21, 14, 5)),  # noqa: DTZ001
        ("4.5.2026", datetime(2026, 5, 4)),  # noqa: DTZ001
        ("12.03.2026, 09:14", NINE.replace(second=0)),
        ("2026年03月12日", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026年11月2日(月) 10:00", datetime(2026, 11, 2, 10)),  # noqa: DTZ001
        ("2026年3月12日 09時14分05秒", NINE),
        ("2026-03-12T09:14:05Z[Etc/UTC]", NINE.replace(tzinfo=UTC)),
        ("２０２６-03-12", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026-W45-1", datetime(2026, 11, 2)),  # noqa: DTZ001
        ("20260312T091405Z", NINE.replace(tzinfo=UTC)),
        ("20260312", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("2026-03-12 09:14:05 +5:30", NINE.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("2026-03-12T09:14:05-08", NINE.replace(tzinfo=timezone(timedelta(hours=-8)))),
        ("2026-03-12 09:14:05 PST", NINE.replace(tzinfo=timezone(timedelta(hours=-8)))),
        ("Thu, 12 Mar 2026 09:14:05 PST", NINE.replace(tzinfo=timezone(timedelta(hours=-8)))),
        ("Thu, 12 Mar 2026 09:14:05 +5:30", NINE.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("Thu, 12 Mar 2026 09:14:05 CET", NINE.replace(tzinfo=timezone(timedelta(hours=1)))),
        ("Thu Mar 12 09:14:05 UTC 2026", NINE.replace(tzinfo=UTC)),
        ("Thu Mar 12 09:14:05 +0800 2026", NINE.replace(tzinfo=timezone(timedelta(hours=8)))),
        ("Thu Mar 12 2026 09:14:05 GMT+0800 (CST)", NINE.replace(tzinfo=timezone(timedelta(hours=8)))),
        ("Mar 12, 2026 09:14:05 -0000", NINE.replace(tzinfo=UTC)),
        ("Mar 12, 2026 09:14:05 -08:00", NINE.replace(tzinfo=timezone(timedelta(hours=-8)))),
        ("March 12 2026 09:14:05+1", NINE.replace(tzinfo=timezone(timedelta(hours=1)))),
        ("Thu, Mar 12 2026 09:14:05GMT", NINE.replace(tzinfo=UTC)),
        ("12 mars 2026", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("12. März 2026 09:14", NINE.replace(second=0)),
        ("12 марта 2026", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("12 de março de 2026", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("Mar 12, 2026", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("Thursday, March 12, 2026 at 9:14 AM", NINE.replace(second=0)),
        ("12 Mar 26", datetime(2026, 3, 12)),  # noqa: DTZ001
        ("Qui, 12 Mar 2026 09:14:05 -0300", NINE.replace(tzinfo=timezone(timedelta(hours=-3)))),
    ],
)
def test_date_keeps_its_offset(text: str, moment: datetime) -> None:
    found = read_date(f" {text}\n")
    assert found == moment
    assert found is not None
    assert found.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "not a date at all",
        "01/10/2013",
        "04-05-2021",
        "2026-400",
        "Mon 04/05/2021",
        "Mon 4/5/2021 UTC",
        "2026-03",
        "2026",
        "March 2026",
        "mars 2026",
        "12 March",
        "next week",
        "yesterday",
        "2026-03-12 09:14:05 XYZ",
        "Thu, 12 Mar 2026 09:14:05 at noon",
        "2026-02-30",
        "2026-03-12T25:00:00Z",
        "2026-03-12T09:14:05+99:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "Thu, 12 Mar 0001 00:00:00 GMT",
        "Mar 12, 0026 09:14:05",
        "Mar 12 2026 09:14:05 2027",
        "Thu, 32 Mar 2026 00:00:00 GMT",
        "31 Feb 26",
        "1" * 5000,
    ],
)
def test_unreadable_or_senseless_date_is_unknown(text: str | None) -> None:
    assert read_date(text) is None


@given(st.from_regex(dates._STRICT, fullmatch=True))
def test_fast_path_for_usual_dates_gives_the_same_result(text: str) -> None:
    moment, at_length = read_date(text), dates._in_figures(text)

    assert moment == at_length or "W" in text or (moment is None and at_length and at_length.year not in dates._YEARS)
    assert moment is None or at_length is None or moment.utcoffset() == at_length.utcoffset()


def test_first_date_in_another_language_leaves_the_document_time_to_be_read() -> None:
    code = (
        "import time; from florilege.formats.dates import read_date; began = time.process_time(); "
        "assert read_date('Qui, 12 Mar 2026 09:14:05 -0300'); print(time.process_time() - began)"
    )
    took = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert took < 0.7 * seconds_for(0)


def test_date_in_words_is_the_same_whatever_was_read_before() -> None:
    def cleared(text: str) -> datetime | None:
        dates._months.clear()
        dates._failures.clear()
        dates._known.cache_clear()
        return read_date(text)

    texts = [
        *(f"quinta-feira, {day} de março de 2026 {hour}:14:05" for day in (1, 12, 31, 32) for hour in ("09", "14")),
        *(f"12 de marzo de 2026 {hour}:14:05 {half}. m." for hour in (1, 9, 12) for half in "ap"),
        *(f"2026년 3월 12일 오후 {hour}:14" for hour in (1, 12)),
    ]
    expected = [cleared(text) for text in texts]
    dates._known.cache_clear()
    assert [read_date(text) for text in texts + texts] == expected + expected


def test_thousands_of_dates_in_words_are_read_within_the_limit_of_their_document() -> None:
    read_date("quinta-feira, 12 de março de 2026 14:14:05")
    began = time.process_time()
    for number in range(3000):
        text = f"quinta-feira, {number % 28 + 1} de março de {2000 + number // 100} {number % 24:02}:14:05"
        assert read_date(text) is not None
    assert time.process_time() - began < 1
