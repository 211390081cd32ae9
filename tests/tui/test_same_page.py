"""The same page shared several times: shown together with names, and marked together if the reader wants that."""

from pathlib import Path

from florilege.model import Comment, Highlight, Sharer
from florilege.settings import Config, Reading, Refresh
from florilege.store import Library
from support.reading import Open, entry, reading, small_library

PAGE = "https://example.org/page"
COMMON = Config(reading=Reading(mark_after=None, same_page="common"), refresh=Refresh(on_start=False))
HOSTILE = "[/] [b]\x1b[31m"


def shared(folder: Path) -> Library:
    """One page shared by Ann and Bob in one group and by Eve in another; and a different page."""
    return small_library(
        folder,
        {
            "Paper": [
                entry("ann", day=4, url=PAGE, sharer=Sharer(name="Ann"), highlights=(
                    Highlight(id="1", quote="Both of us."), Highlight(id="2", quote="Ann alone."))),
                entry("bob", day=3, url=PAGE + "?utm_source=x", sharer=Sharer(name="Bob"), description="Bob's words",
                      highlights=(Highlight(id="1", quote="Both  of\u00a0us."), Highlight(id="2", quote="Bob alone."))),
                entry("alone", day=1),
            ],
            "Rest": [
                entry("eve", day=2, url="http://www.example.org/page/", sharer=Sharer(name="Eve"),
                      notes=(Comment(text=HOSTILE, author=None, made_at=None),),
                      highlights=(Highlight(id="1", quote="both of us."),)),
            ],
        },
    )  # fmt: skip


def text(running: Open) -> str:
    return "\n".join(running.lines(running.screen.annotations.list))


async def to_ann(running: Open) -> None:
    await running.press("j", "j", "j", "j", "l")
    assert running.title == "ann"


async def test_highlights_of_all_sharers_are_shown_together_with_names_each_quote_once(tmp_path: Path) -> None:
    async with reading(shared(tmp_path), size=(140, 40)) as running:
        await to_ann(running)
        assert "Bob alone." not in text(running)
        await running.press("w")
        shown = text(running)
        assert shown.lower().count("of us.") == 1
        assert "— Ann, Bob, Eve in Rest" in shown
        assert shown.index("Ann alone.") < shown.index("Bob alone.") < shown.index("— Bob")
        assert "Bob, " in shown
        assert "Bob's words" in shown
        assert "Eve in Rest: [/] [b]" in shown
        assert running.said[-1] == "Together with 2 other items of the same page."
        await running.press("w")
        assert "Bob alone." not in text(running)


async def test_showing_together_stays_on_from_item_to_item(tmp_path: Path) -> None:
    async with reading(shared(tmp_path), size=(140, 40)) as running:
        await to_ann(running)
        await running.press("w", "j")
        assert "Ann alone." in text(running)
        await running.press("j", "w", "w")
        assert running.said[-1] == "Items of one page are shown together; nobody else has shared this one."


async def test_quote_of_another_sharer_is_copied_with_their_name(tmp_path: Path) -> None:
    async with reading(shared(tmp_path)) as running:
        await to_ann(running)
        await running.press("w", "J", "J", "c")
        assert running.outside.copied[-1].startswith("> Bob alone.")
        assert "highlighted by Bob" in running.outside.copied[-1]
        await running.press("w", "c", "C")


async def test_row_says_in_how_many_other_groups_its_page_is(tmp_path: Path) -> None:
    async with reading(shared(tmp_path), size=(140, 40)) as running:
        await to_ann(running)
        lines = running.lines(running.screen.items.list)
        assert sum("×2" in line for line in lines) == 2
        assert "also in this group (Bob), Rest" in text(running)


async def test_by_default_each_item_is_read_separately(tmp_path: Path) -> None:
    async with reading(shared(tmp_path)) as running:
        await to_ann(running)
        await running.press("m")
        assert running.unread == ["bob", "alone"]


async def test_one_setting_marks_all_items_of_a_page_and_one_undo_takes_it_back(tmp_path: Path) -> None:
    async with reading(shared(tmp_path), config=COMMON) as running:
        await to_ann(running)
        await running.press("m")
        assert running.unread == ["alone"]
        assert running.screen.state.totals().unread == 1
        await running.press("u")
        assert running.screen.state.totals().unread == 4
        await running.press("s")
        assert running.screen.state.totals().starred == 1, "stars are for one item"


async def test_setting_for_common_pages_takes_effect_at_once(tmp_path: Path) -> None:
    async with reading(shared(tmp_path)) as running:
        await to_ann(running)
        running.app.adopt(COMMON)
        await running.press("m")
        assert running.said[-1] == "Marked read: ann (2 other items of this page too)"
        assert [running.screen.state.state_of(row).is_read for row in running.screen.state.rows[:2]] == [True, True]


async def test_group_brought_back_by_undo_shares_its_pages_again(tmp_path: Path) -> None:
    async with reading(shared(tmp_path), size=(140, 40)) as running:
        await running.press("G", "delete", "y", "enter", "k")
        assert "also in Rest" not in text(running)
        await running.press("u", "k", "l")
        assert running.title == "ann"
        assert "Rest" in text(running)
