"""Clocks that are centuries off, and dates at either end of time, crash nothing."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from florilege.cli.context import LocalZone
from florilege.words import ago
from support.clocks import Clock
from support.commands import Called

COMMANDS = (
    "refresh --all", "groups", "list", "list --json", "list after:7d", "mark read --yes is:any",
    "mark unread --yes is:any", "undo", "note title:a hello", "quotes", "export --format json",
    "export --format jsonfeed", "export --format webannotation", "export --format csl",
    "doctor", "remove --yes Encre", "restore", "restore Encre",
)  # fmt: skip


@pytest.fixture(params=["Asia/Tokyo", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_zone(request.param, monkeypatch)


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_zone("Europe/Paris", monkeypatch)


def in_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", name)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("paris")
def test_summer_and_winter_are_each_shown_by_their_own_time(florilege: Called, tmp_path: Path) -> None:
    called = replace(florilege, clock=Clock(datetime(2026, 11, 20, 12, tzinfo=LocalZone())))
    feed = tmp_path / "feed.json"
    items = [
        f'{{"id": "{at}", "url": "https://example.org/{at[:7]}", "title": "At {at}", "date_published": "{at}"}}'
        for at in ("2026-01-01T22:30:00Z", "2026-01-01T23:30:00Z", "2026-07-01T21:30:00Z", "2026-07-01T22:30:00Z")
    ]
    feed.write_text(
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Times", "items": [{", ".join(items)}]}}'
    )
    called("add", str(feed))

    days = ["2026-07-02", "2026-07-01", "2026-01-02", "2026-01-01"]
    assert [line.split()[1] for line in called("list").lines] == days
    assert len(called("list", "after:2026-07-02").lines) == 1
    assert len(called("list", "before:2026-07-02", "after:2026-01-02").lines) == 2
    read = [line for line in called("read").lines if line.startswith("In ")]
    assert read == ["In Times, 2 July 2026"]


@pytest.mark.usefixtures("paris")
def test_repeated_hour_is_two_hours() -> None:
    before, after = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(LocalZone()) for hour in (0, 1))
    assert f"{before:%H:%M %Z}, {after:%H:%M %Z}" == "02:30 CEST, 02:30 CET"
    assert (after - before).total_seconds() == 3600
    assert before < after
    assert ago(before, after) == "1 h ago"


@pytest.mark.usefixtures("paris")
def test_next_fetch_is_an_hour_ahead_on_the_night_the_clocks_go_back(florilege: Called) -> None:
    now = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    called = replace(florilege, clock=Clock(now.astimezone(LocalZone())))
    called("add", "--no-refresh", "http://127.0.0.1:9/feed")
    assert called("refresh").code == 1
    [group] = json.loads(called("groups", "--json").out)["groups"]
    due = datetime.fromisoformat(group["sources"][0]["next_due"])
    assert timedelta(hours=1) <= due - now <= timedelta(hours=1.1)


def crashes(florilege: Called) -> list[str]:
    ran = [(command, florilege(*command.split())) for command in COMMANDS]
    return [f"{command}: {each.err}" for command, each in ran if "wrong" in each.err or each.code == 70]


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_clock_at_either_end_of_time_crashes_nothing(florilege: Called, feeds: Path, moment: datetime) -> None:
    called = replace(florilege, clock=Clock(moment))
    assert called("add", str(feeds / "encre.rss")).code == 0
    assert crashes(called) == []


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("now", [UTC, LocalZone()], ids=["UTC", "local"])
def test_dates_at_either_end_of_time_are_read_and_exported(
    florilege: Called, feeds: Path, tmp_path: Path, moment: str, now: tzinfo
) -> None:
    florilege = replace(florilege, clock=Clock(datetime(2026, 3, 20, 12, tzinfo=now)))
    florilege("add", str(feeds / "encre.rss"))
    florilege("mark", "read", "--yes", "is:any")
    exported = tmp_path / "export.json"
    exported.write_text(re.sub(r'"\d{4}-\d\d-\d\dT[^"]*"', f'"{moment}"', florilege("export", "--format", "json").out))
    there = replace(florilege, home=tmp_path / "there")
    assert there("import", str(exported)).code == 0
    assert crashes(there) == []


def test_words_that_look_like_the_end_of_time_stay_as_they_were_written(florilege: Called, tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    feed.write_text(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Times", "items": [{"id": "1", "url": '
        '"https://example.org/1", "title": "9999-12-31T23:59:59Z", "date_published": "0001-01-01T00:00:00Z"}]}'
    )
    florilege("add", str(feed))
    exported = tmp_path / "export.json"
    florilege("export", "--output", str(exported))

    assert "1 unchanged" in florilege("import", str(exported)).lines[0]
    there = replace(florilege, home=tmp_path / "there")
    there("import", str(exported))
    assert there("list", "--json").json["items"][0]["title"] == "9999-12-31T23:59:59Z"
