"""Old items are purged after a refresh when the settings ask for it, and don't come back."""

from pathlib import Path

from support.commands import Called


def settings(florilege: Called, text: str) -> None:
    place = florilege.home / "config.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def titles(florilege: Called, *query: str) -> list[str]:
    return [item["title"] for item in florilege("list", *query, "--json").json["items"]]


def test_nothing_is_purged_by_default(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    florilege("mark", "read", "is:any")
    florilege.clock.move(days=9999)
    assert florilege("refresh", "--all").said[-1] == "Nothing new"
    assert len(titles(florilege)) == 3


def test_read_items_are_purged_after_keep_days_and_do_not_come_back(florilege: Called, feeds: Path) -> None:
    # Given a feed of three items, of which two are read and one of these starred
    feed = florilege.home / "feed.rss"
    feed.parent.mkdir(parents=True)
    feed.write_bytes((feeds / "encre.rss").read_bytes())
    florilege("add", str(feed))
    first, second, third = titles(florilege)
    florilege("mark", "read", f'"{first}"', "or", f'"{second}"')
    florilege("mark", "starred", f'"{second}"')
    settings(florilege, "[library]\nkeep_days = 30\n")
    florilege.clock.move(days=29)
    florilege("refresh", "--all")
    assert len(titles(florilege)) == 3
    # When the days have passed and the feed has changed
    florilege.clock.move(days=2)
    feed.write_bytes(feed.read_bytes() + b"\n")
    ran = florilege("refresh", "--all")
    assert ran.said[-1] == (
        "1 read item in 1 group removed, as [library] in your settings asks; for a week, florilege restore GROUP "
        "brings them back."
    )
    assert titles(florilege) == [second, third]
    # Then the purged item does not come back with the next change
    feed.write_bytes(feed.read_bytes() + b"\n")
    florilege("refresh", "--all")
    assert titles(florilege) == [second, third]
    # But the reader can restore it
    (group,) = florilege("groups", "--json").json["groups"]
    ran = florilege("restore", group["id"])
    assert (ran.code, ran.lines) == (0, [f"{group['title']}: 1 item brought back"])
    assert sorted(titles(florilege)) == sorted([first, second, third])


def test_only_the_newest_items_are_kept_when_there_are_too_many(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    newest = titles(florilege)[0]
    florilege("mark", "read", "is:any")
    settings(florilege, "[library]\nkeep_items = 1\n")
    florilege("refresh", "--all")
    assert titles(florilege) == [newest]
