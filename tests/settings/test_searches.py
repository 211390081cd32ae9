"""The file of saved searches: reading it, and changing it without touching the rest."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.files import NotWritten
from florilege.settings.searches import Search, SearchFile

BY_HAND = """\
# My searches

# what I owe the seminar
"Ink, unread" = "is:unread encre"   # most urgent
b = 'tag:"deux mots"'

# about c
c = "x"
"""


@pytest.fixture
def file(tmp_path: Path) -> SearchFile:
    path = tmp_path / "searches.toml"
    path.write_text(BY_HAND, "utf-8")
    return SearchFile(path)


def names(file: SearchFile) -> list[str]:
    searches, problems = file.read()
    assert problems == []
    return [each.name for each in searches]


def test_searches_are_in_the_order_of_the_file(file: SearchFile) -> None:
    assert file.read() == (
        [Search("Ink, unread", "is:unread encre"), Search("b", 'tag:"deux mots"'), Search("c", "x")], [],
    )  # fmt: skip


def test_missing_file_is_empty_and_created_by_the_first_search(tmp_path: Path) -> None:
    file = SearchFile(tmp_path / "new" / "searches.toml")
    assert file.read() == ([], [])

    file.add(Search("a.b “é”", "one 'two' \"three\""))
    file.add(Search("second", "tag:x"))

    assert file.read() == ([Search("a.b “é”", "one 'two' \"three\""), Search("second", "tag:x")], [])
    assert file.path.read_text("utf-8").startswith("# Searches saved in florilege")


def test_adding_changes_nothing_else(file: SearchFile) -> None:
    file.add(Search("d", "y"))
    assert file.path.read_text("utf-8") == BY_HAND + 'd = "y"\n'


def test_changed_query_stays_on_its_line_with_its_comments(file: SearchFile) -> None:
    file.replace("Ink, unread", Search("Ink, unread", "is:new"))
    assert file.path.read_text("utf-8") == BY_HAND.replace('"is:unread encre"', '"is:new"')


def test_changed_name_stays_on_its_line_with_its_comments(file: SearchFile) -> None:
    file.replace("Ink, unread", Search("Ink", "is:unread encre"))
    assert file.path.read_text("utf-8") == BY_HAND.replace('"Ink, unread"', "Ink")


def test_deleted_search_takes_its_own_comment_only(file: SearchFile) -> None:
    file.remove("c")
    assert file.path.read_text("utf-8") == BY_HAND.replace('# about c\nc = "x"\n', "")


def test_invalid_search_is_reported_and_kept(file: SearchFile) -> None:
    file.path.write_text(BY_HAND + "[odd]\nname = 1\n", "utf-8")

    searches, problems = file.read()
    file.add(Search("d", "y"))

    assert len(searches) == 3
    assert problems == [f'{file.path}: "odd" has to be a query in quotes; it is left out.']
    assert names_of_text(file) == ["Ink, unread", "b", "c", "d"]
    assert file.path.read_text("utf-8").endswith("[odd]\nname = 1\n")


def names_of_text(file: SearchFile) -> list[str]:
    return [each.name for each in file.read()[0]]


@pytest.mark.parametrize("damage", [b"a = = b\n", b"a = 'x'\na = 'y'\n", b"\xff\xfe", b"[" * 5000])
def test_damaged_file_is_reported_in_one_sentence_and_never_written(tmp_path: Path, damage: bytes) -> None:
    file = SearchFile(tmp_path / "searches.toml")
    file.path.write_bytes(damage)

    searches, problems = file.read()

    assert searches == []
    assert len(problems) == 1
    with pytest.raises(NotWritten):
        file.add(Search("a", "b"))
    assert file.path.read_bytes() == damage


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.add(Search("b", "y")),
        lambda file: file.replace("c", Search("b", "x")),
        lambda file: file.replace("gone", Search("new", "x")),
        lambda file: file.remove("gone"),
    ],
)
def test_senseless_change_is_refused_with_a_sentence(file: SearchFile, change: object) -> None:
    with pytest.raises(NotWritten, match=r"There is (no search|a search) called"):
        change(file)  # type: ignore[operator]
    assert file.path.read_text("utf-8") == BY_HAND


def test_target_of_a_symbolic_link_is_changed_and_keeps_its_permissions(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(BY_HAND, "utf-8")
    real.chmod(0o600)
    link = tmp_path / "searches.toml"
    link.symlink_to(real)

    SearchFile(link).add(Search("d", "y"))

    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert real.read_text("utf-8").endswith('d = "y"\n')
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dotfiles.toml", "searches.toml"]


def test_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match=r"can't be (written|opened)"):
        SearchFile(tmp_path / "file" / "searches.toml").add(Search("a", "b"))


NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda name: name.strip() == name
)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=5, unique_by=lambda pair: pair[0]))
def test_any_name_and_any_query_can_be_stored(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    import tomllib

    file = SearchFile(tmp_path_factory.mktemp("s") / "searches.toml")
    for name, text in pairs:
        file.add(Search(name, text))
    written = tomllib.loads(file.path.read_text("utf-8")) if pairs else {}
    assert list(written.items()) == pairs
