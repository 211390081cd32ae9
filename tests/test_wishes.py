"""The twenty-five wishes of readers, a test for each, in the room where it is granted."""

import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from threading import Event

import pytest
from msgspec.structs import replace
from screenshots import documentation
from textual.widgets import Input

from bench.library import filled
from florilege.commands import COMMANDS, keymap
from florilege.desktop.clipboard import Way, copy
from florilege.export.formats import format_of
from florilege.export.selection import Selection, rows_of
from florilege.formats import SourceError
from florilege.formats.detect import read
from florilege.marking import Mark
from florilege.model import Highlight, Item, ItemSummary, Outcome, ReadingState, Sharer, Source
from florilege.net import Fetcher
from florilege.refresh import Refresher
from florilege.settings import Config, Reading, Refresh, Session
from florilege.store import Library, LibraryBusy, LibraryLock, StoredItems
from florilege.tui.app import FlorilegeApp
from support.clocks import Clock
from support.loopback import Loopback, reply
from support.papers import PaperParser, paper
from support.reading import (
    BY_HAND,
    NOW,
    FakeDesktop,
    Open,
    entry,
    give,
    reading,
    sample_library,
    small_library,
    world,
)

ANN, BOB = Sharer(name="Ann"), Sharer(name="Bob")


def two_groups(folder: Path) -> Library:
    """Two groups that share one page."""
    page = "https://example.org/shared"
    return small_library(
        folder,
        {
            "Ink": [
                entry("a", day=4, sharer=ANN, tags=("ink",), highlights=(Highlight(id="1", quote="Première."),)),
                entry("b", day=3, sharer=BOB, tags=("paper", "ink"), url=page),
                entry("c", day=2, sharer=ANN),
            ],
            "Rest": [entry("d", day=1, sharer=BOB, url=page, highlights=(Highlight(id="1", quote="Second."),))],
        },
    )


async def to_group(running: Open) -> None:
    await running.press("j", "j", "j", "j", "l")


@asynccontextmanager
async def fetching(library: Library, clock: Clock) -> AsyncIterator[Refresher]:
    async with Fetcher(clock=clock) as fetcher:
        yield Refresher(library, fetcher, PaperParser(), clock=clock)


async def refreshed(library: Library, clock: Clock) -> list[object]:
    async with fetching(library, clock) as refresher:
        return [result async for result in refresher.refresh(insist=True)]


async def test_wish_1_parent_lists_keep_their_place(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("j", "l", "j", "h")
        before = running.cursors
        await running.press("h", "l", "l", "h")
        assert running.cursors == before


async def test_wish_2_a_just_read_item_stays_where_it_is(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await running.press("l", "m")
        assert running.titles[0] == "a"
        await running.screen.moves.rebuild()
        assert running.titles[0] == "a"
        await running.press("h", "j", "k")
        assert "a" not in running.titles


async def test_wish_3_every_mark_can_be_undone_and_a_bulk_mark_says_its_scope_and_count(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("s", "m", "A")
        assert running.said[-1] == "2 items marked read in Ink. u takes it back."
        await running.press("u", "u", "u")
        assert running.unread == ["a", "b", "c"]
        assert running.screen.state.totals().starred == 0


async def test_wish_4_marking_read_and_unread_are_verbs_safe_to_repeat(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("m", "m", "M", "M", "m")
        assert running.unread == ["b", "c"]


async def test_wish_5_everything_above_and_below_the_cursor_is_marked_as_shown(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("j", "left_parenthesis")
        assert running.unread == ["b", "c"]
        await running.press("right_parenthesis")
        assert running.unread == ["b"]


@pytest.mark.parametrize(("mark", "left"), [("rest", 2), ("hand", 3)])
async def test_wish_6_resting_marks_only_as_the_reader_wants(tmp_path: Path, mark: str, left: int) -> None:
    config = Config(reading=Reading(mark=mark, mark_after=0.0), refresh=Refresh(on_start=False))
    async with reading(two_groups(tmp_path), config=config) as running:
        await to_group(running)
        await running.until(lambda: len(running.unread) == left)
        await running.press("l", "o", "y", "m")
        assert "a" not in running.unread
        assert running.outside.opened, "opening, copying and marking work from the annotations too"
        assert running.outside.copied


async def test_wish_7_back_and_forward_through_visited_items(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("j", "j", "left_square_bracket")
        assert running.title == "b"
        await running.press("right_square_bracket")
        assert running.title == "c"


async def test_wish_8_a_failing_group_says_why_since_when_and_when_next_and_success_clears_it(
    server: Loopback, tmp_path: Path
) -> None:
    clock = Clock(NOW)
    library = Library(tmp_path, clock=clock)
    library.add_group("Ink", sources=[Source(address=server.at("/rss", reply(status=500), reply(paper("a"))))])
    await refreshed(library, clock)
    async with reading(library) as running:
        assert any("⚠" in line for line in running.lines(running.screen.groups.list))
        await running.press("j", "j", "j", "j")
        said = " ".join(running.lines(running.screen.items.list))
        assert "500" in said
        assert "since" in said.lower()
    clock.move(days=2)
    await refreshed(library, clock)
    (group,) = library.groups()
    assert (group.outcome, group.error) == (Outcome.OK, None)


async def test_wish_9_a_server_is_not_asked_again_before_it_wants(server: Loopback, tmp_path: Path) -> None:
    clock = Clock(NOW)
    library = Library(tmp_path, clock=clock)
    busy = reply(status=429, headers={"Retry-After": "1800"})
    library.add_group("Ink", sources=[Source(address=server.at("/rss", busy))])
    await refreshed(library, clock)
    await refreshed(library, clock)
    assert server.count() == 1
    clock.move(minutes=31)
    await refreshed(library, clock)
    assert server.count() == 2


class Touched(Library):
    """A library that notes what is read of it, and gives no list before it may."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        super().__init__(folder, clock=clock)
        self.may_list = Event()
        self.touched: Counter[str] = Counter()

    def heads(self, group_id: str) -> list[ItemSummary]:
        assert self.may_list.wait(20)
        self.touched["lists"] += 1
        return super().heads(group_id)

    def items(self, group_id: str, item_ids: Iterable[str] | None = None) -> list[Item]:
        self.touched["groups read whole"] += 1
        return super().items(group_id, item_ids)

    def item(self, group_id: str, item_id: str) -> Item | None:
        self.touched["items"] += 1
        return super().item(group_id, item_id)

    def stored(self, group_id: str, item_ids: Iterable[str] | None = None) -> StoredItems:
        self.touched["groups folded"] += 1
        return super().stored(group_id, item_ids)

    def states(self, group_id: str) -> Mapping[str, ReadingState]:
        self.touched["states"] += 1
        return super().states(group_id)


async def test_wish_10_the_first_screen_and_every_key_read_what_is_shown_and_not_what_is_stored(tmp_path: Path) -> None:
    filled(tmp_path, groups=10, each=200).close()
    async with reading(Library(tmp_path, clock=lambda: NOW), session=Session(view="everything")) as running:
        await running.press("l", "q")
        session = running.outside.remembered[-1]

    library = Touched(tmp_path, clock=lambda: NOW)
    app = FlorilegeApp(world(library, FakeDesktop(), config=BY_HAND, session=session))
    async with app.run_test(size=(120, 36)) as pilot:
        running = Open(app, pilot, library, FakeDesktop())
        assert any("Encre" in line for line in running.lines(running.screen.items.list))  # no list has been read yet
        assert set(library.touched) <= {"items"}
        assert library.touched.total() <= 1  # the one that lies open

        library.may_list.set()
        await running.until(lambda: len(running.titles) == 2_000)
        await running.settled()
        library.touched.clear()
        moves = ("j", "j", "pagedown", "G", "k", "g", "J", "K")
        await running.press(*moves)
        assert set(library.touched) == {"items"}
        assert library.touched["items"] <= 2 * len(moves)

        library.touched.clear()
        await running.press("slash")
        running.screen.prompt.query_one(Input).value = "tag:encre"  # at once: a mere t is looked for in every text
        await running.settled()
        assert 0 < len(running.titles) < 2_000
        assert set(library.touched) <= {"items"}  # tags stand in the lists, which have been read

        await running.press("escape", "slash", *"filigrane")
        await running.settled()
        # Once each, in the background; a letter typed meanwhile has one group gone on with where it was.
        assert 10 <= library.touched["groups folded"] <= 10 + len("filigrane")
        library.touched.clear()
        for _ in range(4):
            await running.press("backspace")
        await running.press(*"pulpe")
        await running.settled()
        assert set(library.touched) <= {"items"}


async def test_wish_11_stored_items_are_there_before_anything_is_fetched(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:  # its network refuses everything
        assert running.titles == ["a", "b", "c", "d"]
        await running.press("l", "m", "s", "o", "y", "slash", *"premiere", "enter")
        assert running.titles == ["a"]


def test_wish_12_read_items_do_not_come_back_unread(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Ink": [entry("old title", native_id="1", url="https://example.org/1")]})
    (group,) = library.groups()
    (item,) = library.items(group.id)
    library.mark(Mark.READ, {group.id: {item.id: 0}}, now=NOW)
    again = entry("new title", day=9, native_id="other guid", url="https://example.org/1")
    give(library, group.id, [again, again])
    (same,) = library.items(group.id)
    assert same.id == item.id
    assert library.states(group.id)[same.id].is_read


async def test_wish_13_one_link_in_two_groups_is_separate_by_default_and_common_if_wished(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await to_group(running)
        await running.press("j", "m")
        assert "also in Rest" in " ".join(running.lines(running.screen.annotations.list))
        assert running.screen.state.totals().unread == 3
    common = replace(BY_HAND, reading=Reading(mark_after=None, same_page="common"))
    async with reading(Library(tmp_path, clock=lambda: NOW), config=common) as running:
        await to_group(running)
        await running.press("j", "M", "m")
        assert running.screen.state.totals().unread == 2


def test_wish_14_a_lock_that_can_not_be_had_names_its_holder(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, datetime; from florilege.store import LibraryLock\n"
        "now = lambda: datetime.datetime.now(datetime.UTC)\n"
        "lock = LibraryLock(pathlib.Path(sys.argv[1]), clock=now, program='other')\n"
        "with lock: print('held', flush=True); sys.stdin.read()"
    )  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        lock = LibraryLock(tmp_path, clock=Clock(), program="florilege", timeout=0.05)
        with pytest.raises(LibraryBusy, match=f"other \\(process {other.pid}"), lock:
            pass
        other.kill()
    with LibraryLock(tmp_path, clock=Clock(), program="florilege", timeout=0.05):
        pass  # what a killed process held is free


def test_wish_15_copying_reaches_the_terminal_over_ssh_and_tmux_and_a_missing_tool_is_no_exception() -> None:
    written: list[str] = []
    ssh = {"TERM": "xterm", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}

    def missing(*_: object) -> CompletedProcess[str]:
        raise FileNotFoundError("xclip")

    copied = copy("ink", ssh, written.append, run=missing)
    assert Way.TERMINAL in copied.ways
    assert written[0].startswith("\x1b]52;c;")
    in_tmux = copy("ink", {"TERM": "screen", "TMUX": "/tmp/x,1,0"}, run=lambda *_: CompletedProcess([], 0))
    assert Way.TMUX in in_tmux.ways


async def test_wish_16_one_key_copies_the_link_and_for_a_selection_a_list(tmp_path: Path) -> None:
    library = small_library(tmp_path, {"Ink": [entry("a", day=3), entry("b", day=2), entry("none", day=1, url=None)]})
    async with reading(library) as running:
        await running.press("l", "y", "Y", "v", "v", "y")
        assert running.outside.copied == [
            "https://example.org/a",
            "[a](https://example.org/a)",
            "https://example.org/a\nhttps://example.org/b",
        ]
        await running.press("escape", "y")
        assert running.said[-1] == "No link is known for this item."


async def test_wish_17_no_words_from_outside_are_read_as_markup(tmp_path: Path) -> None:
    evil = "[/] [b [/foo] \\[ [@click=app.quit]x[/]"
    library = small_library(tmp_path, {evil: [entry(evil, tags=(evil,), description=evil, sharer=Sharer(name=evil))]})
    async with reading(library, size=(200, 50)) as running:
        await running.press("j", "j", "j", "j", "x", "l", "l", "m", "t", "escape", "apostrophe", "escape", "v", "f")
        assert evil in "\n".join(running.lines())


async def test_wish_18_every_command_can_be_bound_anew_and_clashes_are_said(tmp_path: Path) -> None:
    default = [key for each in COMMANDS for key in each.keys]
    assert len(default) == len(set(default)), "no key means two things"
    assert not {"ctrl+j", "ctrl+o"} & set(default), "tmux and terminals keep these"
    keys = keymap({"mark-read": ["ctrl+r"], "star": ["ctrl+r"]})
    assert any("both" in problem for problem in keys.problems)
    async with reading(two_groups(tmp_path), keys=keys) as running:
        await running.press("l", "ctrl+r")
        assert "a" not in running.unread


async def test_wish_19_help_and_readme_are_made_from_the_commands(tmp_path: Path) -> None:
    table = documentation.keys()
    assert all(each.sentence in table for each in COMMANDS)
    async with reading(sample_library(tmp_path), size=(120, 36)) as running:
        assert "help" in running.lines()[-1]
        await running.press("question_mark")
        assert "Fold or unfold" in "\n".join(running.lines()) or "Show or hide the tags" in "\n".join(running.lines())


async def test_wish_20_tags_combine_as_all_any_and_none_and_untagged_is_a_choice(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await running.press("j", "j", "j", "l", "t", *"ink", "tab", "tab", "tab", "enter")
        assert running.titles == ["c", "d"]
        await running.press("escape", "t", *"untagged", "enter")
        assert running.titles == ["c", "d"]
        await running.press("escape", "t", *"paper", "enter")
        assert running.titles == ["b"]


async def test_wish_21_under_a_filter_marking_the_list_marks_only_the_matches(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await running.press("j", "j", "j", "l", "slash", *"tag:ink", "enter", "A", "escape")
        assert running.unread == ["c", "d"]


async def test_wish_22_a_refresh_keeps_cursor_scroll_selection_and_focus(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    (ink, _) = library.groups()
    async with reading(library) as running:
        await to_group(running)
        await running.press("v", "j", "l")
        before = (running.cursors, running.pane, list(running.screen.state.view.selected), running.title)
        give(library, ink.id, [entry("newest", day=20), entry("newer", day=19)])
        await running.screen.fetching.take_in([ink.id])
        await running.settled()
        assert (running.cursors, running.pane, list(running.screen.state.view.selected), running.title) == before
        assert running.titles[0] == "newest"


async def test_wish_23_a_star_has_a_sign_and_a_list_and_leaves_in_exports(tmp_path: Path) -> None:
    library = two_groups(tmp_path)
    async with reading(library) as running:
        await to_group(running)
        await running.press("s")
        assert any("★" in line for line in running.lines(running.screen.items.list))
        await running.press("apostrophe", *"starred", "enter")
        assert running.titles == ["a"]
        rows = rows_of(library, [row.head for row in running.screen.state.rows])
    assert "starred_at" in "".join(format_of("all.json").write(Selection(rows, NOW)))


async def test_wish_24_highlights_are_copied_gathered_filtered_and_read_across_groups(tmp_path: Path) -> None:
    async with reading(two_groups(tmp_path)) as running:
        await running.press("l", "l", "c", "C")
        assert running.outside.copied[0].startswith("> Première.\n\n— [a](https://example.org/a), shared by Ann")
        await running.press("h", "slash", *"has:quote", "enter")
        assert running.titles == ["a", "d"]
        await running.press("H")
        river = "\n".join(running.lines())
        assert "Première." in river
        assert "Second." in river


def test_wish_25_opml_keeps_titles_and_tags_and_can_name_no_file_and_no_command(tmp_path: Path) -> None:
    library = Library(tmp_path, clock=lambda: NOW)
    source = Source(address="https://example.org/rss")
    library.add_group("Encre & <Papier>", sources=[source], tags=["lecture", "papier"])
    written = "".join(format_of("groups.opml").write(Selection((), NOW, groups=library.groups())))
    (kept,) = read(written.encode()).subscriptions
    assert (kept.title, kept.tags, kept.address) == ("Encre & <Papier>", ("lecture", "papier"), source.address)
    for evil in ("file:///etc/passwd", "/etc/passwd", "exec:rm -rf /", "|rm", "filter:x:https://example.org/"):
        document = written.replace(source.address, evil)
        with pytest.raises(SourceError):
            read(document.encode())


def test_every_wish_has_its_test() -> None:
    named = {int(name.split("_")[2]) for name in globals() if name.startswith("test_wish_")}
    assert named == set(range(1, 26))
