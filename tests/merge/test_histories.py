"""Marks stay on their items through any history: random changes such as feeds make to their items.

Each item has its name in a highlight that never changes and that no rule looks at, so the test knows which item an
entry is without using identity rules. Between two documents links, ids, titles and order change; a document may be
cut, repeat entries, or bring one entry alone or all of them.
"""

import random
from dataclasses import dataclass, field

import pytest

from florilege.model import Entry, Item
from support.decisions import after, decided, entry, quoted, stored


@dataclass
class Page:
    """An item as its feed writes it."""

    name: str
    native_id: str | None
    url: str
    title: str
    bears_id: bool = field(init=False)

    def __post_init__(self) -> None:
        self.bears_id = self.native_id is not None

    def entry(self) -> Entry:
        """What its feed says of it now."""
        return entry(self.title, native_id=self.native_id, url=self.url, highlights=(quoted(self.name, id=self.name),))


def new_page(number: int, chance: random.Random) -> Page:
    """A page with or without an id; some share a link, some a title, none without an id shares both."""
    name = f"page-{number}"
    with_id = chance.random() < 0.6
    url = "https://example.org/" if with_id and chance.random() < 0.2 else f"https://example.org/{number}"
    title = "Sans titre" if with_id and url.endswith(str(number)) and chance.random() < 0.2 else f"Titre {number}"
    return Page(name, f"id-{number}" if with_id else None, url, title)


def changed(page: Page, turn: int, chance: random.Random) -> None:
    """Change one thing about a page, as feeds do, leaving enough to recognise it."""
    unambiguous = page.url != "https://example.org/"
    match chance.choice(["link", "title", "id", "tracking", "nothing"]):
        case "link" if page.bears_id:
            page.url = f"https://moved.example/{turn}/{page.name}"
        case "title" if page.bears_id or unambiguous:
            page.title = f"Titre {turn} {page.name}"
        case "id" if page.bears_id and unambiguous and page.title != "Sans titre":
            page.native_id = f"renewed-{turn}-{page.name}"
        case "tracking" if unambiguous:
            page.url = page.url.partition("?")[0] + f"?utm_source={turn}&at_medium=rss"


def document(pages: list[Page], chance: random.Random) -> list[Entry]:
    """A window on the pages, in any order, some of them twice."""
    shown = chance.sample(pages, chance.randint(1, len(pages)))
    entries = [page.entry() for page in shown]
    entries += [page.entry() for page in shown if chance.random() < 0.1]
    if chance.random() < 0.5:
        chance.shuffle(entries)
    return entries


@pytest.mark.parametrize("block", range(4))
def test_marks_stay_on_their_items_through_any_history(block: int) -> None:
    for number in range(block * 100, (block + 1) * 100):
        chance = random.Random(number)
        pages = [new_page(each, chance) for each in range(chance.randint(1, 6))]
        known: list[Item] = after([page.entry() for page in pages])
        names = {item.id: item.highlights[0].quote for item in known}
        for turn in range(6):
            if chance.random() < 0.3:
                pages.append(new_page(100 * (turn + 1), chance))
                fresh = decided(known, pages[-1].entry())
                known = stored(known, fresh)
                names |= {item.id: pages[-1].name for item in fresh.items}
            for page in pages:
                if chance.random() < 0.5:
                    changed(page, turn, chance)
                    known = stored(known, decided(known, page.entry(), *(p.entry() for p in pages if p is not page)))
            known = stored(known, decided(known, *document(pages, chance)))
            assert {item.id: item.highlights[0].quote for item in known} == names, f"history {number}, turn {turn}"
            assert all(len(item.highlights) == 1 for item in known)
