"""Adding files people export: what is read, which states are taken over, what is refused."""

from pathlib import Path

import pytest

from support.commands import Called
from support.snapshots import SAMPLES


def titles(ran: Called, query: str) -> list[str]:
    return sorted(item["title"] for item in ran("list", query, "--json").json["items"])


def test_new_items_from_instapaper_keep_their_starred_and_archived_state(florilege: Called) -> None:
    path = str(SAMPLES / "instapaper_export.html")
    assert florilege("add", "--title", "Instapaper", path).code == 0

    assert titles(florilege, "is:starred") == ["Quatre"]
    assert titles(florilege, "is:read") == ["Trois"]

    florilege("mark", "unread", "is:any")
    florilege("mark", "unstarred", "is:any")
    florilege("add", path)
    assert titles(florilege, "is:starred") == []
    assert titles(florilege, "is:read") == []


@pytest.mark.parametrize(
    "content",
    ['[{"href": null, "description": "", "extended": "", "time": ""}]', '{"annotations": [{"id": "a", "uri": null}]}'],
)
def test_unreadable_document_makes_no_group(florilege: Called, tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content)

    ran = florilege("add", str(path))

    assert ran.code == 1
    assert "Nothing in this document could be read" in ran.err
    assert florilege("groups", "--json").json["groups"] == []
