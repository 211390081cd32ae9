"""What a new format takes: its module, and one line in the list of modules."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from florilege.formats import SourceError, detect
from florilege.formats.detect import Format

MODULE = '''
"""Herbaria: plants pressed between the pages of a book. A format made up for a test."""

from florilege.model import Entry
from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.document import Document
from florilege.formats.detect import Format, has


def read(document: Document) -> Snapshot:
    collection = Collection(document.warnings, "Plant")
    for number, plant in enumerate(document.json["herbarium"], start=1):
        collection.add(number, Entry(title=fields.title(plant.get("name"), is_html=False)))
    return collection.snapshot("herbarium")


def read_list(document: Document) -> Snapshot:
    collection = Collection(document.warnings, "Plant")
    for number, line in enumerate(document.text.splitlines()[1:], start=1):
        collection.add(number, Entry(title=line))
    return collection.snapshot("herbarium-list")


FORMATS = (
    Format("a herbarium", read, is_object=has("herbarium")),
    Format("a list of plants", read_list, is_table=has("plants:"), roots=frozenset({"plants"})),
)
'''


@pytest.fixture
def herbarium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One new file, and one line in the list of modules."""
    (tmp_path / "herbarium.py").write_text(MODULE)
    package = importlib.import_module("florilege.formats")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.setitem(detect.MODULES, "herbarium", "json plants text")
    detect.formats_of.cache_clear()
    yield
    detect.formats_of.cache_clear()
    del sys.modules["florilege.formats.herbarium"]


@pytest.mark.usefixtures("herbarium")
def test_format_of_one_file_and_one_line_is_recognised_and_read() -> None:
    snapshot = detect.read(b'{"herbarium": [{"name": "Fern"}, {"name": ""}]}')

    assert (snapshot.kind, [entry.title for entry in snapshot.entries]) == ("herbarium", ["Fern"])
    assert snapshot.warnings == ("Plant 2 holds neither title nor address and was left out.",)
    assert detect.read(b"\xef\xbb\xbf\n Plants:\nMoss").kind == "herbarium-list"
    assert detect.read("<plants/>\nMoss".encode("utf-16")).kind == "herbarium-list"


@pytest.mark.usefixtures("herbarium")
def test_new_format_takes_nothing_from_the_others() -> None:
    assert (
        detect.read(b'[{"href": "https://example.org", "description": "x", "extended": "", "time": ""}]').kind
        == "pinboard"
    )


def test_unlisted_format_is_unknown() -> None:
    with pytest.raises(SourceError, match="a JSON document of another kind"):
        detect.read(b'{"herbarium": []}')


def formats() -> dict[str, tuple[Format, ...]]:
    return {name: importlib.import_module(f"florilege.formats.{name}").FORMATS for name in detect.MODULES}


def test_format_names_are_unique() -> None:
    names = [each.name for found in formats().values() for each in found]

    assert len(set(names)) == len(names)


def test_every_format_module_is_listed_with_its_document_types() -> None:
    folder = Path(detect.__file__).parent
    written = {path.stem for path in folder.glob("*.py") if "\nFORMATS = (" in path.read_text("utf-8")}
    assert written == set(detect.MODULES)
    for name, found in formats().items():
        kinds = {
            "json": [each for each in found if each.is_object or each.is_element],
            **{root: [each for each in found if root in each.roots] for each in found for root in each.roots},
            "page": [each for each in found if each.is_markup and not each.roots],
            "text": [each for each in found if each.is_table or each.is_text],
            "zip": [each for each in found if each.member],
        }
        assert {kind for kind, some in kinds.items() if some} == set(detect.MODULES[name].split()), name
        assert set(found) == {each for some in kinds.values() for each in some}
