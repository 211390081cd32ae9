"""Importing an export merges it with the library and loses nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from florilege.export.formats import FORMATS
from florilege.export.selection import Selection, selected_items
from florilege.formats import own
from florilege.importing import import_library
from florilege.marking import Mark
from florilege.model import FlorilegeError, Highlight, ReadingState, Source
from florilege.store import Library
from support.clocks import Clock
from support.library import store, with_sources
from support.selections import NOW, group, item, rich, row, selection, selections


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", clock=Clock(NOW)) as library:
        yield library


def exported(what: Selection) -> own.OwnLibrary:
    return own.decode("".join(FORMATS["json"].write(what)).encode())


def whole(library: Library) -> Selection:
    summaries = [summary for each in library.groups() for summary in library.summaries(each.id)]
    return Selection(list(selected_items(library, summaries, by_group=True)), NOW, groups=library.groups())


def test_import_into_an_empty_library_restores_the_export(library: Library) -> None:
    what = rich()
    done = import_library(library, exported(what), now=NOW)
    assert (done.groups, done.items, done.revised, done.states) == (2, 2, 0, 1)
    assert [each.item for each in whole(library).rows] == [each.item for each in what.rows]
    assert [each.state for each in whole(library).rows] == [each.state for each in what.rows]
    assert [(each.id, each.title, each.tags, each.site) for each in library.groups()] == [
        ("a1b2", "Encre & Papier", ("papier", "a, b"), "https://example.org/encre"),
        ("c3d4", "Open science", (), None),
    ]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(what=selections())
def test_any_items_are_restored_unchanged(what: Selection, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Library(tmp_path_factory.mktemp("library"), clock=Clock(NOW)) as library:
        import_library(library, exported(what), now=NOW)
        back = whole(library).rows
        assert [each.item for each in back] == [each.item for each in what.rows]
        for theirs, ours in zip(what.rows, back, strict=True):
            assert (ours.state.is_read, ours.state.is_starred) == (theirs.state.is_read, theirs.state.is_starred)
            assert ours.state.new_highlights(ours.item) == theirs.state.new_highlights(theirs.item)


def test_group_keeps_the_time_it_was_added(library: Library) -> None:
    import_library(library, exported(selection(row())), now=NOW + timedelta(days=1))
    assert [each.added_at for each in library.groups()] == [NOW]


def test_second_import_changes_nothing(library: Library) -> None:
    import_library(library, exported(rich()), now=NOW)
    before = list(whole(library).rows)
    again = import_library(library, exported(rich()), now=NOW)
    assert (again.groups, again.items, again.revised, again.unchanged, again.states) == (0, 0, 0, 2, 0)
    assert list(whole(library).rows) == before


def test_dry_run_changes_nothing_and_counts_the_same(library: Library) -> None:
    planned = import_library(library, exported(rich()), now=NOW, dry_run=True)
    assert library.groups() == []
    assert not library.folder.exists()
    assert import_library(library, exported(rich()), now=NOW) == planned


def test_newer_highlight_is_kept(library: Library) -> None:
    old = exported(selection(row(item(highlights=(Highlight(id="h1", quote="Avant"),)))))
    import_library(library, old, now=NOW)
    later = Highlight(id="h2", quote="Depuis", revision=1)
    store(library, "a1b2", item(highlights=(Highlight(id="h1", quote="Avant"), later), revision=1))
    assert import_library(library, old, now=NOW).unchanged == 1
    assert [each.id for each in library.items("a1b2")[0].highlights] == ["h1", "h2"]


def test_newer_mark_is_kept(library: Library) -> None:
    old = exported(selection(row()))
    import_library(library, old, now=NOW)
    library.mark(Mark.READ, {"a1b2": {"00000000000000a1": 0}}, now=NOW + timedelta(days=1))
    import_library(library, old, now=NOW)
    assert library.states("a1b2")["00000000000000a1"].read_at == NOW + timedelta(days=1)


def test_additional_content_is_added_and_new_on_read_items(library: Library) -> None:
    import_library(library, exported(selection(row(item(), read_at=NOW))), now=NOW)
    fuller = item(highlights=(Highlight(id="h1", quote="Nouveau"),))
    done = import_library(library, exported(selection(row(fuller))), now=NOW)
    (known,) = library.items("a1b2")
    assert (done.items, done.revised) == (0, 1)
    assert library.states("a1b2")[known.id].new_highlights(known) == 1


def test_page_known_under_another_id_is_not_duplicated(library: Library) -> None:
    import_library(library, exported(selection(row(item("00000000000000a1", native_id="guid")))), now=NOW)
    done = import_library(
        library, exported(selection(row(item("00000000000000ff", native_id="guid"), read_at=NOW))), now=NOW
    )
    assert (done.items, done.unchanged, done.states) == (0, 1, 1)
    assert [each.id for each in library.items("a1b2")] == ["00000000000000a1"]
    assert library.states("a1b2")["00000000000000a1"].is_read


@pytest.mark.parametrize(("part", "groups"), [(None, 1), ("folder", 2)], ids=["the same", "another part of it"])
def test_group_known_by_its_address_is_not_duplicated(library: Library, part: str | None, groups: int) -> None:
    here = with_sources(library, "Encre", Source(address="http://www.example.org/rss"))
    store(library, here.id, item("00000000000000ff", of=here.id))
    sources = (own.OwnSource("https://example.org/rss", "rss", part),)
    state = ReadingState(item="00000000000000a1", read_at=NOW)
    export = own.OwnLibrary(
        groups=(own.OwnGroup(id="a1b2", title="Encre", sources=sources, items=(item(),), states=(state,)),)
    )

    done = import_library(library, export, now=NOW)

    assert (len(library.groups()), done.groups, done.items) == (groups, groups - 1, groups - 1)
    assert library.states(here.id).get("00000000000000ff", ReadingState(item="")).is_read is (groups == 1)


def test_id_taken_by_another_item_is_replaced(library: Library) -> None:
    import_library(library, exported(selection(row())), now=NOW)
    other = group("ffff", "Autre")
    import_library(library, exported(selection(row(item(of="ffff"), of=other))), now=NOW)
    (first,), (second,) = library.items("a1b2"), library.items("ffff")
    assert first.id != second.id
    assert second.group == "ffff"


def test_id_repeated_in_an_export_is_two_items_every_time(library: Library) -> None:
    twice = own.OwnGroup(id="c0de", title="Twice", items=(item(), item(title="Autre", url="https://example.org/autre")))
    first = import_library(library, own.OwnLibrary(groups=(twice,)), now=NOW)
    second = import_library(library, own.OwnLibrary(groups=(twice,)), now=NOW)
    assert (first.items, second.items, second.revised, second.unchanged) == (2, 0, 0, 2)


def test_same_export_under_another_group_id_gets_ids_of_its_own(library: Library) -> None:
    import_library(library, exported(selection(row())), now=NOW)
    copy = own.OwnGroup(id="c0de", title="Copy", items=(item(), item("00000000000000b2", title="Autre", url=None)))
    done = import_library(library, own.OwnLibrary(groups=(copy, copy)), now=NOW)
    assert (done.groups, done.items, done.unchanged) == (1, 2, 2)
    assert len({each.id for group in library.groups() for each in library.items(group.id)}) == 3


def test_only_absolute_web_addresses_are_kept(library: Library) -> None:
    sources = (
        own.OwnSource("https://example.org/rss", "rss"),
        own.OwnSource("https://example.org/rss/…", "rss", redacted=True),
        own.OwnSource("/etc/passwd"),
        own.OwnSource("exec:rm -rf ~"),
        own.OwnSource("file:///etc/passwd"),
    )
    export = own.OwnLibrary(groups=(own.OwnGroup(id="a1b2", title="Encre", sources=sources),))
    done = import_library(library, export, now=NOW)
    assert library.groups()[0].sources == (Source(address="https://example.org/rss", kind="rss"),)
    assert len(done.notices) == 4
    assert all(notice.endswith(".") for notice in done.notices)


@pytest.mark.parametrize("name", ["../../evil", "", "A1B2", "a" * 65, "a1b2/..", "a1\x00b2"])
def test_id_that_could_be_a_path_is_refused(library: Library, name: str) -> None:
    export = own.OwnLibrary(groups=(own.OwnGroup(id=name, title="Evil"),))
    with pytest.raises(FlorilegeError, match="no id of florilege"):
        import_library(library, export, now=NOW)
    assert not library.folder.exists()


def test_removed_group_comes_back_with_its_content(library: Library) -> None:
    import_library(library, exported(rich()), now=NOW)
    library.trash.remove_group("a1b2")
    import_library(library, exported(rich()), now=NOW)
    assert {each.id for each in library.groups()} == {"a1b2", "c3d4"}
    assert len(library.items("a1b2")) == 1


def test_export_without_state_marks_nothing(library: Library) -> None:
    what = rich()
    import_library(library, exported(Selection(what.rows, NOW, with_state=False, groups=what.groups)), now=NOW)
    assert [each.state.is_read for each in whole(library).rows] == [False, False]


def test_large_export_is_not_refused_for_its_size() -> None:
    words = "x" * (70 << 20)
    big = own.OwnLibrary(groups=(own.OwnGroup(id="a1b2", title="Big", items=(item(description=words),)),))
    assert own.decode(msgspec.json.encode(big)) == big


def test_progress_is_reported_within_a_group(library: Library) -> None:
    many = selection(*(row(item(f"{number:016x}", title=f"Page {number}")) for number in range(1201)))
    reported: list[int] = []

    import_library(library, exported(many), now=NOW, on_progress=reported.append)

    assert (sum(reported), len(reported)) == (1201, 3)


def test_import_cancelled_within_a_group_changes_nothing_of_it(library: Library) -> None:
    def stop(_more: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_library(library, exported(rich()), now=NOW, on_progress=stop)

    assert [library.items(group.id) for group in library.groups()] == [[]]
    assert import_library(library, exported(rich()), now=NOW).items == 2
