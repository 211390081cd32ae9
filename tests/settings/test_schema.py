"""The JSON Schema of config.toml: it accepts exactly what the program accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomlkit
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from screenshots.documentation import settings_schema

from florilege.settings import describe, load

SCHEMA = settings_schema(["star", "quit"])
CHECKER = jsonschema.Draft7Validator(SCHEMA)
GROUP = "https://groups.example.org/private"
VALUES: list[Any] = [
    True, False, 0, 1, -1, 2, 10, 11, 600, 601, 3600, 3601, 36_500, 10**6, 10**6 + 1, 0.5, 1.5, float("inf"), "", " ",
    "x", "rest", "iso", "none", "compact", "1h", "1 h", "60", "1y", " 1h", "1h ", "{quote} — {title}", "hand", "HAND",
    "a b", "a:b", "A_1", "1A", "X-Key", "Host", "cookie", "héé", "/a/b", "https://x.example", "https://x.example/a?b",
    "https://ann@x.example/a", "ftp://x.example", "~/a", [], [""], [" "], ["a"], ["a", ""], ["a", 1], {}, [[]],
]  # fmt: skip
FIELDS = [each.field for each in describe() if each.section != "keys"] + ["keys.star", "keys.nothing", "look.nothing"]


def agree(path: Path, document: dict[str, Any]) -> None:
    path.write_text(tomlkit.dumps(document), "utf-8")
    found = [error.message for error in CHECKER.iter_errors(json.loads(json.dumps(document)))]
    assert bool(found) == bool(load(path).warnings), (document, found, load(path).warnings)


@pytest.mark.parametrize("field", FIELDS)
def test_schema_and_reader_agree_on_every_value(field: str, tmp_path: Path) -> None:
    section, _, name = field.partition(".")
    if field == "keys.nothing":  # an unknown command is reported by `commands`, where keys are assigned
        assert not CHECKER.is_valid({"keys": {"nothing": "x"}})
        return
    for value in VALUES:
        if section != "source":
            agree(tmp_path / "config.toml", {section: {name: value}})
        elif name == "match":
            agree(tmp_path / "config.toml", {"source": [{name: value}]})
        else:
            table = {"match": GROUP, name: value} | ({} if name.startswith("secret") else {"secret_env": "A"})
            agree(tmp_path / "config.toml", {"source": [table]})


@pytest.mark.parametrize("document", [{"look": 1}, {"keys": []}, {"source": {}}, {"source": [{}]}, {"loook": {}}, {}])
def test_they_agree_on_tables(document: dict[str, Any], tmp_path: Path) -> None:
    agree(tmp_path / "config.toml", document)


SCALARS = st.one_of(st.booleans(), st.integers(-5, 10**7), st.text("1hd msw.x ", max_size=4))


@hypothesis_settings(max_examples=100)
@given(st.sampled_from([field for field in FIELDS if not field.startswith(("source.", "keys."))]), SCALARS)
def test_they_agree_on_random_values(tmp_path_factory: pytest.TempPathFactory, field: str, value: object) -> None:
    section, _, name = field.partition(".")
    agree(tmp_path_factory.mktemp("c") / "config.toml", {section: {name: value}})


def test_schema_is_valid_and_has_each_setting_with_its_default() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["refresh"]["properties"]["every"]["default"] == "1h"
    for each in describe():
        if each.section not in {"keys", "source"}:
            assert SCHEMA["properties"][each.section]["properties"][each.name]["description"] == each.sentence
