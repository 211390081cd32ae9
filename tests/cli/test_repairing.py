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
    assert any("`florilege doctor --repair` recovers what can be read of it" in line for line in ran.lines)
    assert log.read_bytes() == damaged
    # When asked
    ran = florilege("doctor", "--repair")
    assert ran.lines[0].startswith(
        f"note repair: {log} was damaged: 3 records recovered, lost 1 line that can't be read."
    )
    assert ran.lines[1].startswith("ok   library: ")
    assert florilege("list", "--json").json["total"] == 3
    # And then there is nothing more to do
    assert florilege("doctor", "--repair").lines[0] == "ok   repair: there was nothing to repair."[:-1]
    assert florilege("doctor", "--repair", "--json").json["findings"][0]["check"] == "repair"
