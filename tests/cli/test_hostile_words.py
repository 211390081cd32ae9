"""Hostile text in every command that prints it: no escape sequence, one line per fact, and valid JSON."""

import json
import re

import pytest
from msgspec.structs import replace

from florilege.export.formats import FORMATS
from florilege.text import clean
from support.commands import Called
from support.selections import HOSTILE, group, hostile, row, selection

UNSAFE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
COMMANDS = (
    ("list",),
    ("list", "--json"),
    ("list", "--jsonl"),
    ("list", "--template", "{title}\\t{url}\\t{tags}\\t{note}"),
    ("quotes",),
    ("quotes", "--json"),
    ("quotes", "--template", "{quote}\\t{author}\\t{location}"),
    ("tags",),
    ("sharers",),
    ("groups",),
    ("groups", "--json"),
)


@pytest.fixture
def filled(florilege: Called) -> Called:
    """A library in which every field holds every hostile string, cleaned as it would be when stored."""
    rows = []
    for number, word in enumerate(HOSTILE):
        (one,) = hostile(clean(word)).rows
        where = group(f"{number:04x}", clean(word) or "-", tags=(clean(word),))
        own = replace(one.item, id=f"{number:016x}", group=where.id, native_id=str(number))
        rows.append(row(own, of=where))
    path = florilege.home.parent / "all.json"
    path.write_text("".join(FORMATS["json"].write(selection(*rows))), "utf-8", "replace")
    assert florilege("import", str(path)).code == 0
    return florilege


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nothing_that_is_shown_drives_a_terminal(filled: Called, words: tuple[str, ...]) -> None:
    ran = filled(*words)

    assert ran.code == 0, ran.err
    assert UNSAFE.findall(ran.out + ran.err) == []
    if "--json" in words:
        json.loads(ran.out)
    if "--jsonl" in words:
        assert len([json.loads(line) for line in ran.lines]) == len(HOSTILE)
    if words == ("list",):
        assert len(ran.lines) == len(HOSTILE)
    if "--template" in words:
        assert {line.count("\t") for line in ran.lines} == {words[-1].count("\\t")}
