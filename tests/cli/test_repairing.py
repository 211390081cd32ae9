"""`doctor --repair`."""

from pathlib import Path

from support.commands import Called


def test_a_damaged_library_is_repaired_when_asked_and_never_else(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    (log,) = florilege.home.rglob("items/*.log")
    damaged = log.read_bytes() + b"?\n"
    log.write_bytes(damaged)
    ran = florilege("doctor")
    assert ran.code == 3
    place = f"the line that begins after {len(damaged) - 2} bytes"
    assert f"fail library: {log} is damaged: {place} can't be read. Run `florilege doctor --repair`" in ran.out
    assert log.read_bytes() == damaged
    # When asked
    ran = florilege("doctor", "--repair")
    assert ran.lines[0].startswith(f"note repair: {log} is damaged: {place} can't be read. 3 records recovered.")
    assert ran.lines[1].startswith("ok   library: ")
    assert florilege("list", "--json").json["total"] == 3
    # And then there is nothing more to do
    assert florilege("doctor", "--repair").lines[0] == "ok   repair: there was nothing to repair."[:-1]
    assert florilege("doctor", "--repair", "--json").json["findings"][0]["check"] == "repair"


def test_a_group_that_cannot_be_read_costs_itself_in_the_list_of_groups(florilege: Called, feeds: Path) -> None:
    florilege("add", str(feeds / "encre.rss"))
    florilege("add", "https://example.org/feed", "--no-refresh")
    (log,) = florilege.home.rglob("items/*.log")
    log.write_bytes(log.read_bytes() + b"?\n")
    for words in (("groups",), ("groups", "--json")):
        ran = florilege(*words)
        assert ran.code == 3
        assert len(ran.said) == 1
        assert "doctor --repair" in ran.said[0]
        assert "example.org" in ran.out
    log.unlink()
    assert "is missing, and with it 3 items of this group" in florilege("groups").said[0]
