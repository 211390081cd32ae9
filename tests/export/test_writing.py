"""Export files are complete or absent, and never replace another file unasked."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from florilege.export.formats import AlreadyThere, format_of, write_file
from florilege.model import FlorilegeError


def test_file_holds_what_was_written(tmp_path: Path) -> None:
    write_file(tmp_path / "a.md", ["élan\n", "deux\r\n"])
    assert (tmp_path / "a.md").read_bytes() == "élan\ndeux\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_existing_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    with pytest.raises(AlreadyThere, match=r"a\.md” is there already"):
        write_file(tmp_path / "a.md", ["new"])
    assert (tmp_path / "a.md").read_text() == "mine"


def test_file_created_meanwhile_is_kept(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        (tmp_path / "a.md").write_text("another's")
        yield "new"

    with pytest.raises(AlreadyThere):
        write_file(tmp_path / "a.md", pieces())
    assert (tmp_path / "a.md").read_text() == "another's"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_force_replaces_the_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("old")
    path.chmod(0o600)
    write_file(path, ["new"], force=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_failure_half_way_keeps_the_existing_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    (tmp_path / "a.md").write_text("old")
    with pytest.raises(FlorilegeError, match="No space left on device"):
        write_file(tmp_path / "a.md", pieces(), force=True)
    assert (tmp_path / "a.md").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "link.md").symlink_to("real.md")
    with pytest.raises(AlreadyThere):
        write_file(tmp_path / "link.md", ["new"])
    write_file(tmp_path / "link.md", ["new"], force=True)
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text() == "new"


def test_device_or_pipe_is_written_to_directly() -> None:
    write_file(Path(os.devnull), ["gone"])
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("name", ["", "no/such/folder/a.md", "nul\0.md", "x" * 300 + ".md"])
def test_unusable_name_is_reported_in_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(FlorilegeError) as caught:
        write_file(tmp_path / name, ["new"])
    assert str(caught.value).endswith(".")
    assert "\0" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_folder_is_refused_as_a_file(tmp_path: Path) -> None:
    for force in (False, True):
        with pytest.raises(FlorilegeError):
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
def test_suffix_selects_the_format(name: str, expected: str) -> None:
    assert format_of(name).name == expected


@pytest.mark.parametrize("name", ["", "notes", "a.txt", "a.json.zip", "json"])
def test_unknown_suffix_is_reported_with_the_known_ones(name: str) -> None:
    with pytest.raises(FlorilegeError, match=r"\.json, \.md, \.csv"):
        format_of(name)
