"""Acknowledged marks survive kill -9; and other programs can read the files."""

import ast
import inspect
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tinydb import Query, TinyDB

import florilege.store
from florilege.marking import Mark
from florilege.model import Sharer
from florilege.store import Library, LogDB, LogStorage
from florilege.store.tables import doc_id_of
from support.clocks import Clock
from support.library import THEN, item, store

_MARK_FOR_EVER = """
import sys, pathlib, datetime, itertools
from florilege.store import Library
from florilege.marking import Mark
from florilege.store import LibraryLock, LogDB, LogStorage
folder, group, name = sys.argv[1:]
now = lambda: datetime.datetime.now(datetime.UTC)
lock = LibraryLock(pathlib.Path(folder), clock=now)
log = LogDB(pathlib.Path(folder, "states", f"{group}.log"), lock=lock, storage=LogStorage).storage.log
with Library(pathlib.Path(folder), clock=now) as library:
    for number in itertools.count():
        library.mark(Mark.READ, {group: {f"{name}-{number}": 0, f"{name}-{number}-too": 0}}, now=now())
        print(f"{name}-{number}", flush=True)
        if number % 20 == 7:
            with lock:
                log.compact()
"""


@pytest.mark.parametrize("turn", range(6))
def test_every_acknowledged_mark_survives_a_kill(tmp_path: Path, turn: int) -> None:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
    acknowledged: list[str] = []
    # Given a process that marks and acknowledges each mark, killed at some moment; and then another one
    for life in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", _MARK_FOR_EVER, str(tmp_path), group, f"life{life}"],
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            for _ in range(random.randrange(1, 40)):
                acknowledged.append(child.stdout.readline().strip())
            child.kill()
            acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
        # Then all acknowledged marks are there, no partial ones, and the library can be written to
        with Library(tmp_path, clock=Clock()) as library:
            marked = library.states(group).keys()
            assert set(acknowledged) <= marked
            assert {name for name in marked if not name.endswith("-too")} == {
                name.removesuffix("-too") for name in marked if name.endswith("-too")
            }
            library.mark(Mark.STARRED, {group: {"after": 0, "after-too": 0}}, now=THEN)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    with Library(tmp_path, clock=Clock()) as library:
        group = library.add_group("Ink").id
        store(library, group, item("one", group, title="Du papier"), item("two", group))
        store(library, group, item("two", group, title="De l’encre"), item("three", group))
    return tmp_path / "items" / f"{group}.log"


def test_plain_python_can_read_a_log(log: Path) -> None:
    # Given the code of the package's docstring
    shown = inspect.getdoc(florilege.store) or ""
    start = shown.index("    import json")
    code = inspect.cleandoc(shown[start : shown.index("With TinyDB")])
    names: dict[str, Any] = {}
    exec(compile(ast.parse(code), "docstring", "exec"), names)
    # Then it reads what TinyDB reads, despite a torn tail and a removed document
    with LogDB(log, storage=LogStorage) as database:
        database.table("items").remove(Query().id == "three")
    with log.open("ab") as torn:
        torn.write(b'{"items":{"1":nu')
    table = names["documents"](log, "items")
    assert [(document["id"], document["title"]) for document in table.values()] == [
        ("one", "Du papier"),
        ("two", "De l’encre"),
    ]
    # And the header is JSON like the rest
    assert json.loads(log.read_bytes().splitlines()[0]) == {"florilege": "items", "schema": 1, "generation": 1}


def test_docs_example_reads_the_library(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "library.md").read_text("utf-8")
    (shown,) = [part.split("```")[0] for part in page.split("```python\n")[1:] if "LogStorage" in part]
    with Library(log.parent.parent, clock=Clock()) as library:
        sharer = Sharer(name="Odette Plumier")
        store(library, log.stem, replace(item("four", log.stem, title="Des marges"), sharer=sharer))
    monkeypatch.chdir(log.parent.parent)
    exec(compile(shown.replace("4f2a91c0d3e8b7a6", log.stem), "library.md", "exec"), {})
    assert capsys.readouterr().out == "Des marges\n"


@pytest.mark.parametrize("database", [TinyDB, LogDB])
def test_tinydb_session_reads_and_writes_a_log(log: Path, database: type[TinyDB]) -> None:
    before = log.read_bytes()
    with database(log, storage=LogStorage) as session:
        items = session.table("items")
        assert [doc["title"] for doc in items.search(Query().title.search("pap|enc"))] == ["Du papier", "De l’encre"]
        assert [doc.doc_id for doc in items] == [doc_id_of(name) for name in ("one", "two", "three")]
        items.update({"title": "Papier"}, Query().id == "one")
    # And it appended one line with its change
    assert log.read_bytes().startswith(before)
    assert log.read_bytes().count(b"\n") == before.count(b"\n") + 1
    with Library(log.parent.parent, clock=Clock()) as library:
        group = library.groups()[0].id
        assert [each.title for each in library.items(group)] == ["Papier", "De l’encre", "About three"]


def test_removal_in_a_tinydb_session_shows_in_an_open_library(log: Path) -> None:
    with Library(log.parent.parent, clock=Clock()) as library:
        group = library.groups()[0].id
        assert library.item(group, "two") is not None
        with LogDB(log, storage=LogStorage) as session:
            session.table("items").remove(Query().id == "two")
        assert library.item(group, "two") is None
        store(library, group, item("two", group, title="Again"))
        assert [each.title for each in library.items(group)] == ["Du papier", "About three", "Again"]


def test_library_leaves_no_file_open(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("open files are counted through /proc")
    before = _open_files()
    library = Library(tmp_path, clock=Clock())
    for number in range(30):
        group = library.add_group(f"Group {number}").id
        store(library, group, item("one", group))
        library.mark(Mark.READ, {group: {"one": 0}}, now=THEN)
        library.counts(group)
    assert _open_files() == before
    library.close()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
