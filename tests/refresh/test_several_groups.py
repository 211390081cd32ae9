"""Documents of several groups, documents that name a known group, and groups with several documents."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from florilege.formats import detect
from florilege.model import Group, Item, Outcome
from florilege.net import Fetcher
from florilege.refresh import AddRequest, Refresher, Stage, Step
from florilege.store import Library
from florilege.text import search_key
from support.clocks import Clock
from support.loopback import Loopback, reply
from support.papers import RealParser
from support.snapshots import SAMPLES, sample

CSV = "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
RSS = '<rss version="2.0"><channel><title>{0}</title><item><title>{0} one</title></item></channel></rss>'


@pytest.fixture
async def refresher(library: Library, fetcher: Fetcher, clock: Clock) -> Refresher:
    return Refresher(library, fetcher, RealParser(), clock=clock)


def rss(title: str) -> bytes:
    return RSS.format(title).encode()


def opml(*addresses: str) -> bytes:
    outlines = "".join(
        f'<outline text="Folder"><outline text="List {n}" xmlUrl="{address}" category="a,b"/></outline>'
        for n, address in enumerate(addresses, start=1)
    )
    return f'<opml version="2.0"><head><title>Lists</title></head><body>{outlines}</body></opml>'.encode()


def row(title: str, folder: str = "") -> str:
    return f"{title},{title},,,https://example.org/{title},{folder},,2026-01-02T03:04:05Z,,,false\n"


def written(path: Path, data: bytes | str) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(path)


def groups(library: Library) -> dict[str, list[str]]:
    return {group.title: [item.title for item in library.items(group.id)] for group in library.groups()}


async def test_web_page_instead_of_a_feed_names_the_full_feed_address(
    refresher: Refresher, server: Loopback, library: Library
) -> None:
    elsewhere = "https://feeds.example/encre"
    page = f'<html><title>Encre</title><link rel="alternate" type="application/rss+xml" href="{elsewhere}"></html>'

    result = await refresher.add(AddRequest(server.at("/group/one", reply(page.encode()))))

    assert result.error == f"This is a web page (“Encre”), not a feed: add the feed it names instead, {elsewhere}"
    assert library.groups() == []


async def test_single_feed_advertised_on_its_own_site_is_followed_and_reported(
    refresher: Refresher, server: Loopback, library: Library
) -> None:
    page = b'<html><title>Encre</title><link rel="alternate" type="application/rss+xml" href="../feed?tag=a"></html>'
    address, feed = server.at("/group/one", reply(page)), server.at("/feed?tag=a", reply(rss("Encre")))

    result = await refresher.add(AddRequest(address))

    assert (result.new, result.warnings) == (1, (f"{address} is a web page; the feed it names is followed.",))
    ((source,),) = [group.sources for group in library.groups()]
    assert source.address == feed


async def test_page_advertising_itself_as_feed_ends(refresher: Refresher, server: Loopback) -> None:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/b"></html>'
    server.at("/b", reply(page.replace(b"/b", b"/a")))

    assert (await refresher.add(AddRequest(server.at("/a", reply(page))))).error
    assert server.count() == 2


async def test_reader_chooses_among_several_advertised_feeds(
    refresher: Refresher, server: Loopback, library: Library
) -> None:
    link = '<link rel="alternate" type="application/atom+xml" title="{0}" href="/{0}">'
    page = f"<html><title>Encre</title>{link.format('posts')}{link.format('comments')}</html>"

    result = await refresher.add(AddRequest(server.at("/", reply(page.encode()))))

    posts, comments = server.address("/posts"), server.address("/comments")
    assert result.feeds == ((posts, "posts"), (comments, "comments"))
    assert result.error == (
        f"This is a web page (“Encre”), not a feed: it names several feeds; add the one you want: {posts}, {comments}"
    )
    assert library.groups() == []


# Lists of addresses


async def test_list_creates_and_fetches_its_groups_with_tags(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = written(tmp_path / "lists.opml", opml(server.at("/a", reply(rss("A"))), server.at("/b", reply(rss("B")))))

    result = await refresher.add(AddRequest(path, tags=["mine"]))

    assert groups(library) == {"List 1": ["A one"], "List 2": ["B one"]}
    assert [group.tags for group in library.groups()] == [("mine", "Folder", "a", "b")] * 2
    assert (result.group, result.title, result.outcome, result.new) == ("", "Lists", Outcome.OK, 2)
    assert [(part.title, part.new) for part in result.parts] == [("List 1", 1), ("List 2", 1)]


async def test_known_address_in_a_list_is_refreshed_and_not_duplicated(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    known = server.at("/a", reply(rss("A")), reply(rss("A2")))
    await refresher.add(AddRequest(known, title="Mine"))

    result = await refresher.add(
        AddRequest(written(tmp_path / "l.opml", opml(known + "/", server.at("/b", reply(rss("B"))))))
    )

    assert groups(library) == {"Mine": ["A one", "A2 one"], "List 2": ["B one"]}
    assert result.parts[0].warnings == ("It is already here, as “Mine”.",)


async def test_failing_group_of_a_list_is_kept_and_the_others_arrive(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = written(tmp_path / "l.opml", opml(server.at("/a", reply(status=404)), server.at("/b", reply(rss("B")))))

    result = await refresher.add(AddRequest(path))

    assert (result.outcome, [part.outcome for part in result.parts]) == (Outcome.FAILED, [Outcome.FAILED, Outcome.OK])
    assert [group.outcome for group in library.groups()] == [Outcome.FAILED, Outcome.OK]


async def test_group_of_a_list_removed_before_its_fetch_does_not_stop_the_others(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_groups = library.add_groups

    def add_and_remove_the_first(wanted: Sequence[Group]) -> list[Group]:
        added = add_groups(wanted)
        library.trash.remove_group(added[0].id)
        return added

    monkeypatch.setattr(library, "add_groups", add_and_remove_the_first)
    path = written(tmp_path / "l.opml", opml(server.at("/a", reply(rss("A"))), server.at("/b", reply(rss("B")))))

    result = await refresher.add(AddRequest(path))

    assert [part.outcome for part in result.parts] == [Outcome.SKIPPED, Outcome.OK]
    assert result.parts[0].warnings == ("List 1 was removed meanwhile.",)
    assert groups(library) == {"List 2": ["B one"]}


async def test_list_can_be_added_without_fetching(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    result = await refresher.add(
        AddRequest(written(tmp_path / "l.opml", opml(server.at("/a", reply(rss("A"))))), refresh=False)
    )

    assert groups(library) == {"List 1": []}
    assert (result.outcome, server.count()) == (Outcome.SKIPPED, 0)


async def test_dry_run_of_a_list_reports_its_groups_without_writing_or_fetching(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    result = await refresher.add(
        AddRequest(written(tmp_path / "l.opml", opml(server.at("/a", reply(rss("A"))))), dry_run=True)
    )

    assert [(part.group, part.title, part.outcome) for part in result.parts] == [("", "List 1", Outcome.PLANNED)]
    assert (library.groups(), server.count()) == ([], 0)
    assert not library.folder.exists()


async def test_list_added_into_a_group_gives_it_all_addresses(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    group = library.add_group("Mine")
    path = written(tmp_path / "l.opml", opml(server.at("/a", reply(rss("A"))), server.at("/b", reply(rss("B")))))

    await refresher.add(AddRequest(path, into=group.id))

    assert {title: sorted(items) for title, items in groups(library).items()} == {"Mine": ["A one", "B one"]}


async def test_list_on_standard_input_creates_its_groups(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest("-"), body=opml(server.at("/a", reply(rss("A")))))

    assert groups(library) == {"List 1": ["A one"]}


async def test_source_that_becomes_a_list_fails_and_keeps_its_items(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    await refresher.add(AddRequest(server.at("/a", reply(rss("A")), reply(opml("https://b.example/")))))
    clock.move(days=1)

    (result,) = [result async for result in refresher.refresh()]

    assert "list of groups" in (result.error or "")
    assert groups(library) == {"A": ["A one"]}


# Exports with folders


async def test_folders_become_groups_and_loose_items_another(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = written(tmp_path / "export.csv", CSV + row("one", "Ink") + row("two") + row("three", "Folds"))

    result = await refresher.add(AddRequest(path))

    assert groups(library) == {"Ink": ["one"], "Folds": ["three"], "export.csv": ["two"]}
    assert [(part.title, part.new) for part in result.parts] == [("Ink", 1), ("Folds", 1), ("export.csv", 1)]


async def test_refresh_gives_every_group_its_part_of_the_document(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    await refresher.add(AddRequest(written(path, CSV + row("one", "Ink") + row("two") + row("three", "Folds"))))
    written(path, CSV + row("one", "Ink") + row("four", "Folds") + row("five") + row("six", "New"))

    async for _ in refresher.refresh(insist=True):
        pass

    assert groups(library) == {"Ink": ["one"], "Folds": ["three", "four"], "export.csv": ["two", "five"]}


async def test_adding_the_same_file_again_adds_new_items_and_groups(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    await refresher.add(AddRequest(written(path, CSV + row("one", "Ink") + row("two", "Folds"))))

    await refresher.add(AddRequest(written(path, CSV + row("one", "Ink") + row("two", "Folds") + row("three", "New"))))

    assert groups(library) == {"Ink": ["one"], "Folds": ["two"], "New": ["three"]}


async def test_newer_export_under_another_name_joins_the_same_groups(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    await refresher.add(AddRequest(written(tmp_path / "january.csv", CSV + row("one", "Ink") + row("two", "Folds"))))

    await refresher.add(
        AddRequest(written(tmp_path / "march.csv", CSV + row("one", "Ink") + row("two", "Folds") + row("3", "Ink")))
    )

    assert groups(library) == {"Ink": ["one", "3"], "Folds": ["two"]}


@pytest.mark.parametrize("how", ["into", "title"])
async def test_folders_become_tags_in_a_single_group(
    library: Library, refresher: Refresher, tmp_path: Path, how: str
) -> None:
    path = written(tmp_path / "export.csv", CSV + row("one", "Ink") + row("two") + row("three", "Folds"))

    if how == "into":
        await refresher.add(AddRequest(path, into=library.add_group("Mine").id))
    else:
        await refresher.add(AddRequest(path, title="Mine"))

    (group,) = library.groups()
    assert {item.title: item.tags for item in library.items(group.id)} == {
        "one": ("Ink",),
        "two": (),
        "three": ("Folds",),
    }


async def test_dry_run_counts_what_each_folder_would_add(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    await refresher.add(AddRequest(written(tmp_path / "a.csv", CSV + row("one", "Ink") + row("two", "Folds"))))
    (ink, _) = library.groups()

    result = await refresher.add(
        AddRequest(
            written(tmp_path / "b.csv", CSV + row("one", "Ink") + row("x", "Ink") + row("y", "New")), dry_run=True
        )
    )

    assert [(part.group, part.title, part.new) for part in result.parts] == [(ink.id, "Ink", 1), ("", "New", 1)]
    assert groups(library) == {"Ink": ["one"], "Folds": ["two"]}


async def test_folders_without_a_refresh_are_added_without_a_warning_about_titles(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    library.add_group("Ink")

    result = await refresher.add(
        AddRequest(written(tmp_path / "export.csv", CSV + row("one", "Ink") + row("two", "Folds")), refresh=False)
    )

    assert [(part.title, part.warnings) for part in result.parts] == [("Ink", ()), ("Folds", ())]


async def test_folders_without_a_refresh_make_waiting_groups(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    path = written(tmp_path / "export.csv", CSV + row("one", "Ink") + row("two", "Folds"))

    await refresher.add(AddRequest(path, refresh=False))

    assert groups(library) == {"Ink": [], "Folds": []}
    async for _ in refresher.refresh(insist=True):
        pass
    assert groups(library) == {"Ink": ["one"], "Folds": ["two"]}


async def test_folders_from_standard_input_are_stored_without_a_refresh_too(
    library: Library, refresher: Refresher
) -> None:
    export = CSV + row("one", "Ink") + row("two", "Folds")
    await refresher.add(AddRequest("-", refresh=False), body=export.encode())

    await refresher.add(AddRequest("-", refresh=False), body=(export + row("three", "Ink")).encode())

    assert groups(library) == {"Ink": ["one", "three"], "Folds": ["two"]}


async def test_bad_rows_are_reported_once_and_stored_with_the_groups(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    bad = row("bad", "Ink").replace("2026-01-02T03:04:05Z", "soon")
    path = written(tmp_path / "export.csv", CSV + row("one", "Ink") + bad + row("two", "Folds"))

    result = await refresher.add(AddRequest(path))

    assert len(result.warnings) == 1
    assert "soon" in result.warnings[0]
    assert [part.warnings for part in result.parts] == [(), ()]
    assert [len(group.warnings) for group in library.groups()] == [1, 1]


# Groups named by documents


def by_title(library: Library) -> dict[str, Item]:
    (group,) = library.groups()
    return {item.title: item for item in library.items(group.id)}


PAGE = """Home/ Atelier des Marges/ Group items tagged lecture

Odette Plumier

Lire en marge : pourquoi annoter à plusieurs - 7 views

  • Une note isolée n'aide que son auteur ; la même note, partagée, devient une invitation à relire.
  • Only the page knows this
"""


async def test_page_and_feed_of_a_group_are_merged_with_the_facts_of_both(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    title = "Lire en marge : pourquoi annoter à plusieurs"
    await refresher.add(AddRequest(server.at("/rss", reply(sample("diigo_group.rss")))))
    before = by_title(library)[title]

    result = await refresher.add(AddRequest(written(tmp_path / "page.txt", PAGE)))

    (group,) = library.groups()
    after = by_title(library)[title]
    assert (result.new, result.warnings[0]) == (0, f"It belongs to “{group.title}”, and was added there.")
    assert [source.kind for source in group.sources] == ["diigo-rss", "diigo-page"]
    assert (after.id, after.url, after.shared_at, after.views) == (before.id, before.url, before.shared_at, 7)
    assert set(before.tags) | {"lecture"} == set(after.tags)
    quotes = [search_key(one.quote) for one in after.highlights]
    assert sorted(quotes) == sorted([*(search_key(one.quote) for one in before.highlights), "only the page knows this"])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_feed_and_two_exports_of_one_group_are_one_item_each(
    library: Library, refresher: Refresher, order: tuple[int, ...]
) -> None:
    home = library.add_group("Atelier").id
    names = ("diigo_group.rss", "diigo_apiv2_bookmarks.json", "diigo_csv_export.csv")

    for place in order:
        await refresher.add(AddRequest(str(SAMPLES / names[place]), into=home))

    items = library.items(home)
    for title in ("Lire en marge : pourquoi annoter à plusieurs", "A field guide to paper sizes"):
        (item,) = [item for item in items if item.title == title]
        assert item.sharer is not None
        assert item.sharer.handle in {"odette_plumier", "basilquern"}
    urls = {entry.url for name in names for entry in detect.read(sample(name)).entries if entry.url}
    assert {item.url for item in items if item.url} == urls
    # One item has no link; one link was shared by two people, and the CSV does not say by whom.
    assert len(items) == len(urls) + 1 + 2


@pytest.mark.parametrize("first", ["feed", "page"])
async def test_document_order_makes_no_difference(
    server: Loopback, library: Library, refresher: Refresher, tmp_path: Path, first: str
) -> None:
    address = server.at("/rss", reply((SAMPLES / "diigo_group.rss").read_bytes()))
    page = written(tmp_path / "page.txt", (SAMPLES / "diigo_group_page.txt").read_bytes())

    for source in (address, page) if first == "feed" else (page, address):
        await refresher.add(AddRequest(source))

    found = by_title(library)
    assert len(found) == len(EXPECTED_TITLES)
    assert set(found) == EXPECTED_TITLES


EXPECTED_TITLES = {
    entry.title
    for name in ("diigo_group.rss", "diigo_group_page.txt")
    for entry in detect.read((SAMPLES / name).read_bytes()).entries
}


async def test_several_saved_pages_of_a_group_add_up(library: Library, refresher: Refresher, tmp_path: Path) -> None:
    page = "Home/ Ink & Co/ Group items tagged {0}\n\nAnn\n\n{1} - 3 views\n\n  • A passage of {1}\n"

    await refresher.add(AddRequest(written(tmp_path / "1.txt", page.format("lecture", "One"))))
    await refresher.add(AddRequest("-"), body=page.format("papier", "Two").encode())
    await refresher.add(AddRequest("-"), body=page.format("papier", "Three").encode())

    assert groups(library) == {"Ink & Co": ["One", "Two", "Three"]}
    assert [item.tags for item in by_title(library).values()] == [("lecture",), ("papier",), ("papier",)]


async def test_title_given_by_the_reader_makes_a_separate_group_that_is_found_again(
    library: Library, refresher: Refresher, tmp_path: Path
) -> None:
    data = (SAMPLES / "diigo_group_page.txt").read_bytes()
    await refresher.add(AddRequest(written(tmp_path / "1.txt", data)))

    await refresher.add(AddRequest(written(tmp_path / "2.txt", data), title="Mine"))
    assert len(library.groups()) == 2


async def test_document_naming_no_group_creates_one_and_mentions_the_namesake(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest(server.at("/a", reply(rss("Ink")))))

    result = await refresher.add(AddRequest(server.at("/b", reply(rss("ink")))))

    assert len(library.groups()) == 2
    (warning,) = result.warnings
    assert warning.startswith("Another group is called “ink” too. If this belongs there, remove the new one, and")


async def test_export_of_ours_finds_its_group_by_id(library: Library, refresher: Refresher, tmp_path: Path) -> None:
    group = library.add_group("Mine")
    export = (
        f'{{"florilege":"library","version":1,"groups":[{{"id":"{group.id}","title":"Old name","items":[{{"id":"a",'
        f'"group":"{group.id}","title":"One","added_at":"2026-01-01T00:00:00Z"}}]}}]}}'
    )

    await refresher.add(AddRequest(written(tmp_path / "export.json", export)))

    assert groups(library) == {"Mine": ["One"]}


async def test_storing_progress_has_item_counts(library: Library, refresher: Refresher, tmp_path: Path) -> None:
    steps: list[Step] = []

    await refresher.add(AddRequest(written(tmp_path / "a.csv", CSV + row("one") + row("two")), on_step=steps.append))

    assert [(step.stage, step.items) for step in steps] == [
        (Stage.FETCHING, 0),
        (Stage.READING, 0),
        (Stage.STORING, 2),
    ]


async def test_dry_run_of_a_feed_keeps_nothing(server: Loopback, library: Library, refresher: Refresher) -> None:
    result = await refresher.add(AddRequest(server.at("/a", reply(rss("Ink"))), dry_run=True))

    assert (result.group, result.title, result.outcome, result.new) == ("", "Ink", Outcome.PLANNED, 1)
    assert (await refresher.add(AddRequest(server.at("/b", reply(status=503)), dry_run=True))).outcome is Outcome.FAILED
    assert not library.folder.exists()
