"""What commands print on success, as lines and as JSON."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from florilege.cli.output import log_file
from florilege.model import FlorilegeError
from support.clocks import Clock
from support.commands import Called
from support.loopback import Loopback, redirect, reply, validated

Expected = Callable[[str], Any]


def _without_times_and_ports(document: Any, server: Loopback) -> Any:
    """The document without the parts that differ from run to run."""
    assert document.pop("seconds", 0.0) >= 0
    for group in document["groups"]:
        for source in group.get("sources", ()):
            source["source"] = source["source"].replace(server.authority, "127.0.0.1:PORT")
    return document


def test_add_prints_one_line_per_group(florilege: Called, feeds: Path) -> None:
    ran = florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))

    assert ran.lines == ["Encre & Papier: 3 new items", "Open Reading: 1 new item"]
    assert ran.said == []
    assert ran.code == 0


def test_add_as_json(florilege: Called, server: Loopback, feeds: Path, expected: Expected) -> None:
    address = server.at("/rss", reply((feeds / "encre.rss").read_bytes()))

    ran = florilege("add", address, "--title", "My own", "--tag", "papier", "--json")

    assert _without_times_and_ports(ran.json, server) == expected("add.json")
    assert ran.code == 0


def test_add_without_refresh_sends_no_request(florilege: Called, server: Loopback) -> None:
    address = server.at("/rss", reply(b"never sent"))

    ran = florilege("add", address, "--no-refresh")

    assert ran.lines == ["127.0.0.1/rss: added, not fetched yet"]
    assert server.count() == 0
    assert florilege("groups", "--json").json["groups"][0]["outcome"] == "never"


def test_add_into_a_group_creates_no_other(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("add", str(feeds / "open_reading.rss"), "--into", "encre")

    assert ran.code == 0
    (group,) = florilege("groups", "--json").json["groups"]
    assert (group["title"], group["items"], len(group["sources"])) == ("Encre & Papier", 4, 2)


def test_adding_a_known_source_says_so(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("add", str(feeds / "encre.rss"))

    assert ran.lines == ["Encre & Papier: unchanged"]
    assert ran.said == ["Encre & Papier: It is already here, as “Encre & Papier”."]
    assert ran.code == 0


def test_groups_as_lines(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    florilege("mark", "read", "marges")
    florilege.clock.move(minutes=3)

    ran = florilege("groups")

    assert ran.lines == ["Encre & Papier: 2 unread of 3, refreshed 3 min ago"]


def test_groups_as_json_hide_secrets(florilege: Called, server: Loopback, feeds: Path, expected: Expected) -> None:
    body = (feeds / "encre.rss").read_bytes()
    server.at("/group/rss/0123456789abcdef0123456789abcdef?token=s3cret", reply(body))
    address = server.address("/group/rss/0123456789abcdef0123456789abcdef?token=s3cret", userinfo="ann:hunter2")
    florilege("add", address, "--tag", "papier")

    ran = florilege("groups", "--json")

    assert _without_times_and_ports(ran.json, server) == expected("groups.json")


def test_empty_library_says_what_to_do(florilege: Called) -> None:
    ran = florilege("groups")

    assert ran.lines == []
    assert "`florilege add SOURCE`" in ran.said[0]
    assert florilege("groups", "--json").json == {"groups": []}


def test_refresh_reports_what_is_new_and_a_total(florilege: Called, server: Loopback, feeds: Path) -> None:
    address = server.at("/rss", *(reply((feeds / name).read_bytes()) for name in ("encre.rss", "encre_later.rss")))
    florilege("add", address)
    florilege("mark", "read", "is:any")

    ran = florilege("refresh", "--all")

    assert ran.lines == ["Encre & Papier: 1 new item, 1 new highlight"]
    assert ran.said == ["1 new item, 1 new highlight in 1 group"]
    assert ran.code == 0


def test_refresh_as_json(florilege: Called, server: Loopback, feeds: Path, expected: Expected) -> None:
    address = server.at("/rss", *(reply((feeds / name).read_bytes()) for name in ("encre.rss", "encre_later.rss")))
    florilege("add", str(feeds / "open_reading.rss"), address)
    florilege("mark", "read", "is:any")

    ran = florilege("refresh", "--all", "--json")

    assert _without_times_and_ports(ran.json, server) == expected("refresh.json")
    assert ran.said == []


def test_groups_that_are_not_due_are_not_fetched(florilege: Called, server: Loopback, feeds: Path) -> None:
    address = server.at("/rss", validated((feeds / "encre.rss").read_bytes(), etag='"1"'))
    florilege("add", address)

    ran = florilege("refresh")

    assert ran.lines == []
    assert ran.said == ["Nothing new", "1 group was not due: --all asks it too"]
    assert server.count() == 1
    assert florilege("refresh", "encre").lines == ["Encre & Papier: unchanged"]
    assert server.count() == 2
    florilege.clock.move(hours=2)
    assert florilege("refresh").lines == ["Encre & Papier: unchanged"]
    assert server.count() == 3


def test_quiet_prints_only_failures(florilege: Called, server: Loopback, feeds: Path) -> None:
    florilege("add", server.at("/rss", reply((feeds / "encre.rss").read_bytes())))
    florilege("add", server.at("/down", reply(status=503)))

    ran = florilege("refresh", "--all", "--quiet")

    assert ran.lines == []
    assert [sentence.partition(" has a problem")[0] for sentence in ran.said] == ["127.0.0.1/down: 127.0.0.1"]
    assert florilege("refresh", "--quiet").said == []


def test_refresh_log_is_written_to_the_file_named(
    florilege: Called, server: Loopback, feeds: Path, tmp_path: Path
) -> None:
    florilege("add", server.at("/rss", reply((feeds / "encre.rss").read_bytes())))
    florilege("add", server.at("/down", reply(status=503)))

    log = tmp_path / "other" / "log"

    florilege("refresh", "--all", "--quiet", "--log", str(log))
    florilege("refresh", "--log", str(log))

    down, encre = sorted(log.read_text("utf-8").splitlines())
    assert down.startswith("2026-03-20T12:00:00+00:00 127.0.0.1/down: 127.0.0.1 has a problem")
    assert encre == "2026-03-20T12:00:00+00:00 Encre & Papier: unchanged"


def test_unwritable_log_is_reported_before_any_request(florilege: Called, server: Loopback, tmp_path: Path) -> None:
    florilege("add", "--no-refresh", server.at("/rss", reply(b"never sent")))

    ran = florilege("refresh", "--log", str(tmp_path))

    assert (ran.code, server.count()) == (1, 0)
    assert ran.said == [f"The log {tmp_path} can't be written: Is a directory."]


def test_log_may_be_a_device_and_creates_no_folder(tmp_path: Path) -> None:
    with log_file(Path(os.devnull), Clock(), size=0) as log:
        log("a line")
    with pytest.raises(FlorilegeError), log_file(tmp_path, Clock(), size=1):
        pass
    assert tmp_path.is_dir()


def test_log_on_a_pipe_nobody_reads_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    with pytest.raises(FlorilegeError, match="can't be written"), log_file(tmp_path / "log", Clock()):
        pass


def test_full_log_is_rotated_and_log_lines_cannot_be_forged(tmp_path: Path) -> None:
    for number in range(30):
        with log_file(tmp_path / "log", Clock(), size=200) as log:
            log(f"{number}\nforged \x1b[31m")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert all(line.startswith("2026-11-20T12:00:00+00:00 ") and line.endswith(" forged [31m") for line in lines)


def test_anew_fetches_a_document_the_server_calls_unchanged(florilege: Called, server: Loopback, feeds: Path) -> None:
    florilege("add", server.at("/rss", validated((feeds / "encre.rss").read_bytes(), etag='"1"')))

    florilege("refresh", "--anew", "encre")

    assert "if-none-match" not in server.requests()[1].headers
    assert florilege("refresh", "--anew").code == 2


def test_highlights_of_unread_items_count_as_revised(florilege: Called, server: Loopback) -> None:
    def feed(quote: str) -> bytes:
        body = f"&lt;p&gt;words&lt;/p&gt;&lt;ul&gt;&lt;li&gt;{quote}&lt;/li&gt;&lt;/ul&gt;"
        item = f"<item><title>One</title><link>https://example.org/1</link><description>{body}</description></item>"
        return f'<rss version="2.0"><channel><title>Encre</title>{item}</channel></rss>'.encode()

    florilege("add", server.at("/rss", reply(feed("one")), reply(feed("another"))))

    assert florilege("refresh", "--all").said == ["1 item revised in 1 group"]


def test_failing_group_does_not_stop_the_others(florilege: Called, server: Loopback, feeds: Path) -> None:
    body = (feeds / "encre.rss").read_bytes()
    address = server.at("/rss", reply(body), reply(b"gone", status=500))
    florilege("add", address, str(feeds / "open_reading.rss"))

    ran = florilege("refresh", "--all", "nobody", "encre", "open")

    assert ran.lines == ["Open Reading: unchanged"]
    assert ran.said[0].startswith("No group is called “nobody”.")
    assert ran.said[1].startswith("Encre & Papier: ")
    assert ran.code == 1
    assert len(florilege("list").lines) == 4


def test_list_is_newest_first_with_unknown_dates_last(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    florilege("mark", "read", "papier")
    florilege("mark", "starred", "papier")

    ran = florilege("list")

    assert ran.lines == [
        "● 2026-03-12  L’élan des marges  (Odette Plumier, Encre & Papier) ❝2",
        "  2026-03-11  Paper sizes & their names  (Basil Quern, Encre & Papier) ★",
        "● 2026-03-10  The same page, elsewhere  (Basil Quern, Open Reading)",
        "● date unknown  Une page sans date  (Odette Plumier, Encre & Papier) ❝1",
    ]
    assert ran.said == ["4 items"]


def test_list_shows_new_highlights(florilege: Called, server: Loopback, feeds: Path) -> None:
    address = server.at("/rss", *(reply((feeds / name).read_bytes()) for name in ("encre.rss", "encre_later.rss")))
    florilege("add", address)
    florilege("mark", "read", "is:any")
    florilege("refresh", "--all")

    ran = florilege("list", "is:new")

    assert ran.lines == ["  2026-03-11  Paper sizes & their names  (Basil Quern, Encre & Papier) ❝1 +1"]


def test_list_as_json(florilege: Called, feeds: Path, expected: Expected) -> None:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    florilege("mark", "read", "papier")

    assert florilege("list", "--json").json == expected("list.json")


def test_json_keys_are_in_their_documented_order(florilege: Called, feeds: Path, expected: Expected) -> None:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    listed = florilege("list", "--json").json["items"][0]

    assert list(listed) == list(expected("list.json")["items"][0])
    assert list(florilege("groups", "--json").json["groups"][0]) == list(expected("groups.json")["groups"][0])


def test_jsonl_is_one_item_per_line(florilege: Called, feeds: Path, expected: Expected) -> None:
    florilege("add", str(feeds / "encre.rss"), str(feeds / "open_reading.rss"))
    florilege("mark", "read", "papier")

    ran = florilege("list", "--jsonl")

    assert [json.loads(line) for line in ran.lines] == expected("list.json")["items"]


def test_limit_does_not_change_the_total(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    assert florilege("list", "--limit", "1").said == ["the first 1 of 3 items"]
    assert florilege("list", "--limit", "9" * 30).said == ["3 items"]
    document = florilege("list", "--limit", "1", "--json").json
    assert (document["total"], len(document["items"])) == (3, 1)


def test_query_words_are_joined_and_accents_ignored(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    assert len(florilege("list", "elan", "MARGES").lines) == 1
    assert len(florilege("list", "not", "elan").lines) == 2
    assert len(florilege("list", "--", "-elan").lines) == 2


def test_no_match_is_no_failure(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("list", "zeppelin")

    assert (ran.lines, ran.said, ran.code) == ([], ["0 items"], 0)
    assert florilege("list", "zeppelin", "--json").json == {"total": 0, "items": []}


def test_mark_counts_what_it_changed(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    assert florilege("mark", "read", "elan").lines == ["1 item marked read"]
    again = florilege("mark", "read", "is:any")
    assert again.lines == ["2 items marked read"]
    assert again.said == ["1 of 3 items already was"]
    assert florilege("list", "is:unread").lines == []
    assert florilege("mark", "unread", "is:any").lines == ["3 items marked unread"]
    assert florilege("mark", "starred", "elan").lines == ["1 item marked starred"]
    assert len(florilege("list", "is:starred").lines) == 1
    assert florilege("mark", "unstarred", "is:any").lines == ["1 item marked unstarred"]


def test_marking_nothing_is_no_failure(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))

    ran = florilege("mark", "read", "zeppelin")

    assert (ran.lines, ran.said, ran.code) == (["0 items marked read"], ["0 items"], 0)


def test_permanent_move_is_reported_in_text_and_json(florilege: Called, server: Loopback, feeds: Path) -> None:
    for path in ("/a", "/b"):
        server.at(path, reply((feeds / "encre.rss").read_bytes()))
    florilege("add", server.address("/a"))
    server.at("/a", redirect("/b", 301))
    server.at("/b", reply((feeds / "encre.rss").read_bytes()), redirect("/c", 301))
    server.at("/c", reply((feeds / "encre.rss").read_bytes()))

    said = "It has moved for good, from {} to {}, and is followed there."
    there = said.format(server.address("/a"), server.address("/b"))
    assert f"Encre & Papier: {there}" in florilege("refresh", "--all").said
    (group,) = florilege("refresh", "--all", "--json").json["groups"]
    assert group["warnings"] == [said.format(server.address("/b"), server.address("/c"))]
