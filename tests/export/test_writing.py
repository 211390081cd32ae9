"""Files of an export are whole or not there, and never take the place of another unasked."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from florilege.export.formats import AlreadyThere, ExportError, UnknownFormat, format_of, write_file


def test_a_file_holds_what_it_was_given(tmp_path: Path) -> None:
    write_file(tmp_path / "a.md", ["élan\n", "deux\r\n"])
    assert (tmp_path / "a.md").read_bytes() == "élan\ndeux\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    with pytest.raises(AlreadyThere, match=r"a\.md” is there already"):
        write_file(tmp_path / "a.md", ["new"])
    assert (tmp_path / "a.md").read_text() == "mine"


def test_a_file_that_came_to_be_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        (tmp_path / "a.md").write_text("another's")
        yield "new"

    with pytest.raises(AlreadyThere):
        write_file(tmp_path / "a.md", pieces())
    assert (tmp_path / "a.md").read_text() == "another's"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_force_takes_its_place_and_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("old")
    path.chmod(0o600)
    write_file(path, ["new"], force=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failure_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    (tmp_path / "a.md").write_text("old")
    with pytest.raises(ExportError, match="No space left on device"):
        write_file(tmp_path / "a.md", pieces(), force=True)
    assert (tmp_path / "a.md").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "link.md").symlink_to("real.md")
    with pytest.raises(AlreadyThere):
        write_file(tmp_path / "link.md", ["new"])
    write_file(tmp_path / "link.md", ["new"], force=True)
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text() == "new"


def test_what_is_no_file_is_written_to_as_it_is() -> None:
    write_file(Path(os.devnull), ["gone"])
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("name", ["", "no/such/folder/a.md", "nul\0.md", "x" * 300 + ".md"])
def test_a_name_that_can_not_be_used_is_told_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError) as caught:
        write_file(tmp_path / name, ["new"])
    assert str(caught.value).endswith(".")
    assert "\0" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for force in (False, True):
        with pytest.raises(ExportError):
            write_file(tmp_path, ["new"], force=force)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", "json"),
        ("A.JSON", "json"),
        ("notes.md", "markdown"),
        ("a.csl.json", "csl"),
        ("a.feed.json", "jsonfeed"),
        ("/x.csv/a.bib", "bibtex"),
        ("a.jsonld", "webannotation"),
        ("a.opml", "opml"),
        (".csv", "csv"),
    ],
)
def test_the_suffix_names_the_format(name: str, expected: str) -> None:
    assert format_of(name).name == expected


@pytest.mark.parametrize("name", ["", "notes", "a.txt", "a.json.zip", "json"])
def test_an_unknown_suffix_is_told_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownFormat, match=r"\.json, \.md, \.csv"):
        format_of(name)
