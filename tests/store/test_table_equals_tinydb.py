"""The same operations on a log and on TinyDB's memory storage give the same results, also after reopening."""

import inspect
import json
import tempfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tinydb import TinyDB, where
from tinydb.operations import delete, increment
from tinydb.queries import QueryLike
from tinydb.storages import MemoryStorage, Storage
from tinydb.table import Document, Table

from florilege.store import LogDB, LogStorage, LogTable

_values = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text(max_size=5)
_documents = st.dictionaries(
    st.sampled_from(["colour", "size", "été"]),
    _values | st.lists(_values, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), _values, max_size=2),
    max_size=3,
)
_ids = st.integers(1, 12)
_conditions = st.one_of(
    st.builds(lambda value: where("size") == value, st.integers(-3, 3)),
    st.just(where("colour").exists()),
    st.just(~where("size").exists()),
    st.builds(lambda part: where("été").test(lambda value: part in str(value)), st.sampled_from(["a", "1", ""])),
)


def _paint(document: Any) -> None:
    document.setdefault("colour", []) if not isinstance(document.get("colour"), dict) else None
    if isinstance(document["colour"], list):
        document["colour"].append("blue")  # changed in place, deep inside


def _is_integer(value: object) -> bool:
    return type(value) is int


class _Memory(MemoryStorage):
    """TinyDB's memory storage, through JSON as in a file, so that no two documents share a list."""

    def read(self) -> Any:
        return json.loads(json.dumps(super().read()))

    def write(self, data: Any) -> None:
        super().write(json.loads(json.dumps(data)))


class EqualsTinyDB(RuleBasedStateMachine):
    """Every rule does one thing to both databases."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "documents.log"
        self.memory: Storage = _Memory()  # type: ignore[no-untyped-call]
        self.open()

    def open(self) -> None:
        self.database = LogDB(self.path, storage=LogStorage)
        self.log = self.database.table("documents")
        self.stock = Table(self.memory, "documents")

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def both(self, step: Callable[[Table], Any]) -> None:
        """Do it to both; the results, or the errors, are the same."""
        outcomes = []
        for table in (self.stock, self.log):
            try:
                outcome: Any = step(table)
            except (ValueError, RuntimeError) as error:
                outcome = (type(error), str(error))
            outcomes.append([(doc.doc_id, doc) if isinstance(doc, Document) else doc for doc in _listed(outcome)])
        assert outcomes[1] == outcomes[0]

    @rule(document=_documents)
    def insert(self, document: dict[str, Any]) -> None:
        self.both(lambda table: table.insert(document))

    @rule(document=_documents, doc_id=_ids)
    def insert_with_an_id(self, document: dict[str, Any], doc_id: int) -> None:
        self.both(lambda table: table.insert(Document(document, doc_id)))

    @rule(documents=st.lists(_documents, max_size=4))
    def insert_multiple(self, documents: list[dict[str, Any]]) -> None:
        self.both(lambda table: table.insert_multiple(documents))

    @rule(documents=st.lists(_documents, max_size=3), doc_id=_ids)
    def insert_multiple_with_ids(self, documents: list[dict[str, Any]], doc_id: int) -> None:
        with_ids = [Document(document, doc_id + place) for place, document in enumerate(documents)]
        self.both(lambda table: table.insert_multiple(with_ids))

    @rule(fields=_documents, condition=_conditions)
    def update_some(self, fields: dict[str, Any], condition: QueryLike) -> None:
        self.both(lambda table: table.update(fields, condition))

    @rule(fields=_documents, doc_ids=st.lists(_ids, max_size=3, unique=True))
    def update_by_id(self, fields: dict[str, Any], doc_ids: list[int]) -> None:
        self.both(lambda table: table.update(fields, doc_ids=doc_ids))

    @rule(fields=_documents)
    def update_all(self, fields: dict[str, Any]) -> None:
        self.both(lambda table: table.update(fields))

    @rule(condition=_conditions)
    def update_in_place(self, condition: QueryLike) -> None:
        self.both(lambda table: table.update(_paint, condition))

    @rule()
    def update_with_operations(self) -> None:
        self.both(lambda table: table.update(delete("colour"), where("colour").exists()))
        self.both(
            lambda table: table.update(
                increment("size"),
                where("size").test(_is_integer),
            )
        )

    @rule(fields=_documents, first=_conditions, second=_conditions)
    def update_multiple(self, fields: dict[str, Any], first: QueryLike, second: QueryLike) -> None:
        self.both(lambda table: table.update_multiple([(deepcopy(fields), first), (_paint, second)]))

    @rule(document=_documents, condition=_conditions)
    def upsert(self, document: dict[str, Any], condition: QueryLike) -> None:
        self.both(lambda table: table.upsert(document, condition))

    @rule(document=_documents, doc_id=_ids)
    def upsert_by_id(self, document: dict[str, Any], doc_id: int) -> None:
        self.both(lambda table: table.upsert(Document(document, doc_id)))

    @rule(condition=_conditions)
    def remove_some(self, condition: QueryLike) -> None:
        self.both(lambda table: table.remove(condition))

    @rule(doc_ids=st.lists(_ids, max_size=3, unique=True))
    def remove_by_id(self, doc_ids: list[int]) -> None:
        self.both(lambda table: table.remove(doc_ids=doc_ids))

    @rule()
    def truncate(self) -> None:
        self.both(lambda table: table.truncate())

    @rule(doc_id=_ids, condition=_conditions)
    def look(self, doc_id: int, condition: QueryLike) -> None:
        self.both(lambda table: table.get(doc_id=doc_id))
        self.both(lambda table: table.get(doc_ids=[doc_id, doc_id + 1]))
        self.both(lambda table: table.get(condition))
        self.both(lambda table: table.contains(condition))
        self.both(lambda table: table.contains(doc_id=doc_id))
        self.both(lambda table: table.search(condition))
        self.both(lambda table: table.search(condition))
        self.both(lambda table: table.count(condition))

    @rule()
    def open_again(self) -> None:
        self.database.close()
        self.open()

    @rule()
    def compact(self) -> None:
        storage = self.database.storage
        assert isinstance(storage, LogStorage)
        storage.log.compact()
        self.open_again()  # both: a compacted log is re-read, so ids of removed documents become free again

    @rule()
    def somebody_else_looks(self) -> None:
        other = TinyDB(self.path, storage=LogStorage)
        assert other.table("documents").all() == self.stock.all()

    @invariant()
    def they_hold_the_same(self) -> None:
        assert len(self.log) == len(self.stock)
        assert [(doc.doc_id, repr(dict(doc))) for doc in self.log] == [
            (doc.doc_id, repr(dict(doc))) for doc in self.stock
        ]


def _listed(outcome: Any) -> list[Any]:
    return outcome if type(outcome) is list else [outcome]


TestEqualsTinyDB = EqualsTinyDB.TestCase
TestEqualsTinyDB.settings = settings(stateful_step_count=30)


def test_overridden_methods_are_still_those_tinydb_calls() -> None:
    # When this fails, TinyDB has changed beneath LogTable: read its table.py before raising the cap in pyproject.toml.
    signatures = {
        name: list(inspect.signature(getattr(Table, name)).parameters)
        for name in ("__init__", "_read_table", "_update_table", "_get_next_id", "insert", "upsert")
    }
    assert signatures == {
        "__init__": ["self", "storage", "name", "cache_size", "persist_empty"],
        "_read_table": ["self"],
        "_update_table": ["self", "updater"],
        "_get_next_id": ["self"],
        "insert": ["self", "document"],
        "upsert": ["self", "document", "cond"],
    }
    callers = {
        name: [
            function
            for function, code in vars(Table).items()
            if inspect.isfunction(code) and name in code.__code__.co_names and function != name
        ]
        for name in ("_read_table", "_update_table", "_get_next_id", "_storage")
    }
    assert set(callers["_read_table"]) == {"search", "get", "__len__", "__iter__", "_get_next_id"}
    assert set(callers["_storage"]) <= {"__repr__", "storage", "__init__", "_read_table", "_update_table"}


@pytest.mark.parametrize("step", ["insert", "update", "remove", "upsert", "truncate"])
def test_every_change_goes_through_the_method_we_override(step: str) -> None:
    # Given a table whose update method is recorded
    called: list[str] = []

    class Watched(Table):
        def _update_table(self, updater: Any) -> None:
            called.append(step)
            super()._update_table(updater)

    table = Watched(MemoryStorage(), "documents")  # type: ignore[no-untyped-call]
    # When an operation changes it
    steps: dict[str, Callable[[], Any]] = {
        "insert": lambda: table.insert({}),
        "update": lambda: table.update({"a": 1}),
        "remove": lambda: table.remove(where("a").exists()),
        "upsert": lambda: table.upsert({}, where("a").exists()),
        "truncate": table.truncate,
    }
    steps[step]()
    # Then TinyDB went through that method, as LogTable relies on
    assert called


def test_touched_but_unchanged_documents_are_not_written(tmp_path: Path) -> None:
    with LogDB(tmp_path / "a.log", storage=LogStorage) as database:
        table = database.table("documents")
        table.insert({"a": 1})
        before = (tmp_path / "a.log").read_bytes()
        table.update({"a": 1})
        table.remove(where("a") == 2)
        assert (tmp_path / "a.log").read_bytes() == before


def test_true_is_not_confused_with_1(tmp_path: Path) -> None:
    with LogDB(tmp_path / "a.log", storage=LogStorage) as database:
        database.table("documents").insert({"a": 1})
        database.table("documents").update({"a": True})
    with LogDB(tmp_path / "a.log", storage=LogStorage) as database:
        assert database.table("documents").all()[0]["a"] is True


def test_two_sessions_never_assign_the_same_id_or_lose_a_change(tmp_path: Path) -> None:
    with (
        LogDB(tmp_path / "a.log", storage=LogStorage) as one,
        LogDB(tmp_path / "a.log", storage=LogStorage) as two,
    ):
        for turn in range(3):
            one.table("documents").insert({"by": "one", "turn": turn})
            two.table("documents").insert_multiple([{"by": "two", "turn": turn}] * 2)
            one.table("documents").update({"seen": True}, where("by") == "two")
            one.table("documents").insert({"by": "one", "turn": turn})
        assert [doc.doc_id for doc in one.table("documents")] == list(range(1, 13))
        assert two.table("documents").all() == one.table("documents").all()
        assert two.table("documents").count(where("seen") == True) == 6  # noqa: E712


class _Intruder:
    """A lock that is acquired only after another session has written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.depth = 0

    def __enter__(self) -> None:
        if self.depth == 0:
            LogDB(self.path, storage=LogStorage).table("documents").insert({"by": "somebody else"})
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


def test_id_is_chosen_under_the_lock_it_is_written_under(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with LogDB(path, storage=LogStorage, lock=_Intruder(path)) as database:
        assert database.table("documents").insert({"by": "us"}) == 2
        assert database.table("documents").upsert({"by": "us"}, where("by") == "nobody") == [4]
        assert database.table("documents").insert_multiple([{"by": "us"}]) == [6]


def test_search_sees_what_another_session_wrote_since_the_last_one(tmp_path: Path) -> None:
    with (
        LogDB(tmp_path / "a.log", storage=LogStorage) as one,
        LogDB(tmp_path / "a.log", storage=LogStorage) as two,
    ):
        assert one.table("documents").search(where("a").exists()) == []
        two.table("documents").insert({"a": 1})
        assert one.table("documents").search(where("a").exists()) == [{"a": 1}]


def test_tables_can_be_listed_and_dropped(tmp_path: Path) -> None:
    with LogDB(tmp_path / "a.log", storage=LogStorage) as database:
        database.table("one").insert({"a": 1})
        database.table("two").insert({"a": 2})
        assert database.tables() == {"one", "two"}
        database.drop_table("one")
        assert database.tables() == {"two"}
        database.drop_tables()
        assert database.tables() == set()
        assert isinstance(database.table("two"), LogTable)
        assert len(database.table("two")) == 0


def test_plain_tinydb_session_keeps_changes_made_between_its_read_and_write(tmp_path: Path) -> None:
    # Given TinyDB's own table class, which reads everything and writes everything
    plain = TinyDB(tmp_path / "a.log", storage=LogStorage)
    plain.table("documents").insert({"by": "plain"})

    def somebody_writes_meanwhile(document: Any) -> None:
        document["touched"] = True
        LogDB(tmp_path / "a.log", storage=LogStorage).table("documents").insert({"by": "another"})

    # When another session writes in between
    plain.table("documents").update(somebody_writes_meanwhile)
    # Then both changes are there
    assert [dict(doc) for doc in plain.table("documents")] == [{"by": "plain", "touched": True}, {"by": "another"}]
    plain.close()
