"""Following a Hypothes.is group: added by its search address, then refreshed as people annotate."""

import json

from support.commands import Called
from support.loopback import Loopback, reply

SEARCH = "/api/search?group=abc&limit=200"
PAGE = "https://example.org/page"


def annotation(number: int, user: str, quote: str, text: str = "") -> dict[str, object]:
    return {
        "id": f"a{number}", "created": f"2026-03-0{number}T10:00:00+00:00", "user": f"acct:{user}@hypothes.is",
        "uri": PAGE, "group": "abc", "text": text, "document": {"title": ["A page"]},
        "target": [{"source": PAGE, "selector": [{"type": "TextQuoteSelector", "exact": quote}]}],
    }  # fmt: skip


FIRST = annotation(1, "ann", "The first passage.", "*Mine*.")
SECOND = annotation(2, "bob", "The second passage.")


def answer(*rows: object) -> bytes:
    return json.dumps({"total": len(rows), "rows": rows}).encode()


def test_group_added_by_its_search_address_brings_new_highlights(florilege: Called, server: Loopback) -> None:
    server.at(SEARCH, reply(answer(FIRST)), reply(answer(SECOND, FIRST)))
    ran = florilege("add", server.address(SEARCH), "--json")
    assert (ran.code, ran.json["groups"][0]["kind"], ran.json["groups"][0]["new"]) == (0, "hypothesis", 1)
    florilege("mark", "read", "is:any")
    florilege.clock.move(hours=2)
    refreshed = florilege("refresh", "--all", "--json").json["groups"][0]
    assert (refreshed["new"], refreshed["revised"], refreshed["new_highlights"]) == (0, 1, 1)
    (item,) = florilege("list", "--json").json["items"]
    assert (item["title"], item["url"], item["sharer"]["name"], item["new_highlights"]) == ("A page", PAGE, "ann", 1)
    assert item["group"]["title"] == "Hypothes.is group abc"
    assert [highlight["new"] for highlight in item["highlights"]] == [False, True]


def test_export_added_to_the_group_extends_its_items(florilege: Called, server: Loopback) -> None:
    server.at(SEARCH, reply(answer(FIRST)))
    florilege("add", server.address(SEARCH))
    export = florilege.home.parent / "export.json"
    export.write_text(json.dumps({"export_date": "2026-03-03", "annotations": [SECOND]}))
    ran = florilege("add", str(export), "--into", "Hypothes.is group abc", "--json")
    assert ran.code == 0
    (item,) = florilege("list", "--json").json["items"]
    assert len(item["highlights"]) == 2
