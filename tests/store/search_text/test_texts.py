"""The texts of groups: made once, taken over where a record is the same, made anew where in doubt."""

import os
from pathlib import Path

import pytest

from florilege.model import Highlight, Item
from florilege.query import searchable
from florilege.store.search_text import Making, Reader, Table, Texts
from support.asking import NOW
from support.stored import Stack

GROUP = "ab12"


def item(name: str, quote: str = "Une œuvre") -> Item:
    return Item(id=name, group=GROUP, added_at=NOW, title=name, highlights=(Highlight(id="1", quote=quote),))


@pytest.fixture
def stack() -> Stack:
    return Stack({GROUP: [item("a"), item("b", "Élan"), item("c", "墨")]})


def made(texts: Texts, stack: Stack) -> Table:
    """The texts of the group, made where they are not known."""
    stamp, _ = stack.stamps(GROUP)
    known = texts.known(GROUP, stamp)
    if known is not None:
        return known
    making = texts.making(GROUP, stamp, lambda: stack.stored(GROUP))
    while making.made is None:
        making.go_on()
    return making.made


def read(table: Table, *ids: str, needles: tuple[str, ...] = ()) -> dict[str, str]:
    """The texts of items by their ids."""
    batches = Reader(table, ids).texts([1] * len(ids), needles)
    return {ids[place]: text for batch in batches for place, text in batch}


def expected(stack: Stack) -> dict[str, str]:
    return {each.id: searchable(each) for each in stack.groups_of[GROUP]}


@pytest.fixture(params=["in files", "in memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "texts" if request.param == "in files" else None


def test_texts_are_those_of_the_items_in_the_order_asked_for(stack: Stack, folder: Path | None) -> None:
    assert read(made(Texts(folder), stack), "c", "a", "b") == expected(stack)


def test_what_was_made_is_there_for_the_next_one_who_asks(stack: Stack, tmp_path: Path) -> None:
    made(Texts(tmp_path), stack)
    stack.decoded.clear()

    assert read(made(Texts(tmp_path), stack), "a", "b", "c") == expected(stack)
    assert stack.decoded == {}


def test_only_records_that_changed_are_folded_again(stack: Stack, folder: Path | None) -> None:
    texts = Texts(folder)
    made(texts, stack)
    stack.groups_of[GROUP] = [item("a"), item("b", "Autre"), item("c", "墨"), item("d")]
    stack.version += 1
    stack.decoded.clear()

    table = made(texts, stack)

    assert read(table, "a", "b", "c", "d") == expected(stack)
    assert stack.decoded[GROUP] == 2


def test_what_is_scattered_is_made_anew_in_one_place(stack: Stack, tmp_path: Path) -> None:
    texts = Texts(tmp_path)
    for number in range(30):
        stack.groups_of[GROUP] = [item(f"{number}-{each}", f"{number}") for each in range(number)]
        stack.version += 1
        table = made(texts, stack)

    assert read(table, *expected(stack)) == expected(stack)
    files = list(tmp_path.glob(f"{GROUP}.*.text"))
    assert sum(file.stat().st_size for file in files) <= 2 * sum(len(text) for text in expected(stack).values())


@pytest.mark.parametrize("damage", ["cut", "gone", "other index", "no index", "torn index"])
def test_what_is_damaged_is_made_anew(stack: Stack, tmp_path: Path, damage: str) -> None:
    made(Texts(tmp_path), stack)
    (text,), index = tmp_path.glob("*.text"), tmp_path / f"{GROUP}.index"
    match damage:
        case "cut":
            os.truncate(text, 3)
        case "gone":
            text.unlink()
        case "other index":
            index.write_bytes(b"not ours")
        case "torn index":
            index.write_bytes(index.read_bytes()[:-9])
        case _:
            index.unlink()

    assert read(made(Texts(tmp_path), stack), "a", "b", "c") == expected(stack)


def test_texts_that_can_not_be_written_stay_in_memory(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    texts = Texts(tmp_path / "file" / "texts")
    made(texts, stack)
    stack.decoded.clear()

    assert read(made(texts, stack), "a", "b", "c") == expected(stack)
    assert stack.decoded == {}


def test_files_are_for_the_reader_alone(stack: Stack, tmp_path: Path) -> None:
    made(Texts(tmp_path / "texts"), stack)

    assert {path.stat().st_mode & 0o077 for path in [tmp_path / "texts", *(tmp_path / "texts").iterdir()]} == {0}


def test_texts_of_groups_that_are_gone_are_let_go_of(stack: Stack, folder: Path | None) -> None:
    texts = Texts(folder)
    made(texts, stack)
    stamp, _ = stack.stamps(GROUP)

    texts.keep_only({"cd34"})

    assert texts.known(GROUP, stamp) is None
    assert folder is None or list(folder.iterdir()) == []


def test_an_item_without_a_text_is_said_to_be_unknown(stack: Stack, folder: Path | None) -> None:
    assert Reader(made(Texts(folder), stack), ["a", "new"]).unknown == [1]


def test_texts_that_lack_a_needle_may_be_left_out_and_no_others(stack: Stack, folder: Path | None) -> None:
    table = made(Texts(folder), stack)

    assert "b" in read(table, "a", "b", "c", needles=("elan",))
    assert read(table, "a", "b", "c", needles=("elan", "nowhere")) == {}


def test_who_comes_second_helps_with_what_the_first_has_begun(stack: Stack) -> None:
    texts = Texts()
    stamp, _ = stack.stamps(GROUP)

    first, second = (texts.making(GROUP, stamp, lambda: stack.stored(GROUP)) for _ in range(2))

    assert isinstance(first, Making)
    assert first is second
