"""The search text of groups: built once, reused for unchanged records, rebuilt when in doubt."""

import os
from pathlib import Path

import pytest

from florilege.model import Highlight, Item
from florilege.query.subject import searchable
from florilege.store.search_text import SearchText, matching
from support.stored import Stack
from support.strategies import NOW

GROUP = "ab12"


def item(name: str, quote: str = "Une œuvre") -> Item:
    return Item(id=name, group=GROUP, added_at=NOW, title=name, highlights=(Highlight(id="1", quote=quote),))


@pytest.fixture
def stack() -> Stack:
    return Stack({GROUP: [item("a"), item("b", "Élan"), item("c", "墨")]})


@pytest.fixture(params=["in a folder", "temporary"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "texts" if request.param == "in a folder" else None


def read(texts: SearchText, stack: Stack, *needles: str) -> dict[str, str]:
    """The text of each item of the group that contains all needles."""
    blocks = texts.blocks(GROUP, stack.stamps(GROUP)[0], lambda: stack.stored(GROUP))
    wanted = [needle.encode() for needle in needles]
    return {name: block[start:end].decode() for block in blocks for name, start, end in matching(block, wanted)}


def expected(stack: Stack) -> dict[str, str]:
    return {each.id: searchable(each) for each in stack.groups_of[GROUP]}


def test_texts_are_the_same_while_being_built_and_afterwards(stack: Stack, folder: Path | None) -> None:
    texts = SearchText(folder)

    assert read(texts, stack) == expected(stack)
    assert read(texts, stack) == expected(stack)
    assert stack.decoded == {GROUP: 3}


def test_texts_are_there_for_the_next_process(stack: Stack, tmp_path: Path) -> None:
    read(SearchText(tmp_path), stack)
    stack.decoded.clear()

    assert read(SearchText(tmp_path), stack) == expected(stack)
    assert stack.decoded == {}


def test_only_items_containing_all_needles_are_given(stack: Stack, folder: Path | None) -> None:
    texts = SearchText(folder)

    assert read(texts, stack, "elan").keys() == {"b"}
    assert read(texts, stack, "墨").keys() == {"c"}
    assert read(texts, stack, "oeuvre", "elan") == {}
    assert read(texts, stack, "une oeuvre").keys() == {"a"}


def test_id_and_digest_of_an_item_are_not_part_of_its_text() -> None:
    stack = Stack({GROUP: [item(f"deadbeef{number}") for number in range(9)]})
    stack.groups_of[GROUP] = [Item(id=each.id, group=GROUP, added_at=NOW) for each in stack.groups_of[GROUP]]

    assert not any(read(SearchText(), stack, letter) for letter in "0123456789abcdef")


def test_only_changed_records_are_folded_again(stack: Stack, folder: Path | None) -> None:
    texts = SearchText(folder)
    read(texts, stack)
    stack.groups_of[GROUP] = [item("a"), item("b", "Autre"), item("d"), item("c", "墨")]
    stack.version += 1
    stack.decoded.clear()

    assert read(texts, stack) == expected(stack)
    assert stack.decoded[GROUP] == 2


def test_stopping_half_way_keeps_what_was_built(folder: Path | None) -> None:
    stack = Stack({GROUP: [item(f"{number}") for number in range(100)]})
    texts = SearchText(folder)
    blocks = texts.blocks(GROUP, stack.stamps(GROUP)[0], lambda: stack.stored(GROUP))
    next(blocks), next(blocks)
    del blocks
    before = stack.decoded[GROUP]

    assert read(texts, stack) == expected(stack)
    assert (before, stack.decoded[GROUP]) == (48, 100)


def test_stopping_earlier_than_before_keeps_what_was_built(tmp_path: Path) -> None:
    stack = Stack({GROUP: [item(f"{number}") for number in range(100)]})
    for steps in (2, 1):
        blocks = SearchText(tmp_path).blocks(GROUP, stack.stamps(GROUP)[0], lambda: stack.stored(GROUP))
        for _ in range(steps):
            next(blocks)
        del blocks
    stack.decoded.clear()
    read(SearchText(tmp_path), stack)

    assert stack.decoded[GROUP] == 52


def test_stopping_half_way_keeps_the_complete_file_of_before(tmp_path: Path) -> None:
    stack = Stack({GROUP: [item(f"{number}") for number in range(100)]})
    texts = SearchText(tmp_path)
    read(texts, stack)
    stack.version += 1
    next(texts.blocks(GROUP, stack.stamps(GROUP)[0], lambda: stack.stored(GROUP)))
    stack.decoded.clear()

    assert read(texts, stack) == expected(stack)
    assert stack.decoded[GROUP] == 0


@pytest.mark.parametrize("damage", ["cut", "gone", "foreign", "empty", "folder", "longer", "header", "lines", "binary"])
def test_damaged_or_foreign_file_is_rebuilt(stack: Stack, tmp_path: Path, damage: str) -> None:
    read(SearchText(tmp_path), stack)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    match damage:
        case "cut":
            os.truncate(file, len(data) - 9)
        case "gone":
            file.unlink()
        case "foreign":
            file.write_bytes(b"not ours\n" * 99)
        case "empty":
            file.write_bytes(b"")
        case "folder":
            file.unlink()
            file.mkdir()
        case "longer":
            file.write_bytes(data + b"more\n")
        case "header":
            file.write_bytes(b"\xff" + data[1:])
        case "lines":
            file.write_bytes(data[:64].replace(data[17:33], b"0" * 16) + b"\n" * (len(data) - 64))
        case _:
            file.write_bytes(os.urandom(len(data)))

    assert read(SearchText(tmp_path), stack) == expected(stack)
    assert read(SearchText(tmp_path), stack, "elan").keys() == {"b"}


def test_unwritable_texts_are_temporary(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    texts = SearchText(tmp_path / "file" / "texts")
    read(texts, stack)
    stack.decoded.clear()

    assert read(texts, stack) == expected(stack)
    assert stack.decoded == {}


def test_files_are_private_and_nothing_else_is_left(stack: Stack, tmp_path: Path) -> None:
    read(SearchText(tmp_path / "texts"), stack)

    assert [path.name for path in (tmp_path / "texts").iterdir()] == [f"{GROUP}.text"]
    assert {path.stat().st_mode & 0o077 for path in [tmp_path / "texts", *(tmp_path / "texts").iterdir()]} == {0}


def test_texts_of_removed_groups_and_unfinished_ones_are_deleted(stack: Stack, tmp_path: Path) -> None:
    texts = SearchText(tmp_path)
    read(texts, stack)
    (tmp_path / f"{GROUP}.0.new").write_bytes(b"left behind by a process that was killed")
    (tmp_path / "mine.txt").write_text("not ours to delete")

    texts.keep_only({GROUP})
    assert {path.name for path in tmp_path.iterdir()} == {f"{GROUP}.text", "mine.txt"}
    texts.keep_only({"cd34"})
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt"}
