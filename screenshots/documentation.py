"""Writes what is generated of the documentation: keys, settings, the schema of `--json`, the manual page, completions.

A generated part of a page stands between `<!-- NAME -->` and `<!-- /NAME -->`. `python -m screenshots.documentation`
writes everything; a test compares.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from florilege.cli.config import completion_script
from florilege.cli.entry import root
from florilege.cli.json_output import DOCUMENTS
from florilege.commands import COMMANDS, by_section, keymap, shown
from florilege.settings import describe
from florilege.settings.config import KEY, SECTIONS, SOURCE, settings_of
from florilege.settings.kinds import Kind, Setting

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
_COMPLETIONS = {"bash": "florilege.bash", "zsh": "_florilege", "fish": "florilege.fish"}


def generated(text: str) -> str:
    """A page with its generated parts as they are to be now."""
    for name, part in (("keys", keys()), ("settings", settings())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}{match[2]}", text)  # type: ignore[misc]
    return text


def files() -> dict[Path, str]:
    """The files that are generated whole."""
    completions = {DOCS / "completions" / name: completion_script(shell) for shell, name in _COMPLETIONS.items()}
    settings = _written(settings_schema(command.id for command in COMMANDS))
    schemas = {DOCS / "json.schema.json": schema(), DOCS / "settings.schema.json": settings}
    return {**schemas, DOCS / "man" / "florilege.1": manual(), **completions}


_BAR = r"\|"
"""A vertical bar in a cell of a table."""


def keys() -> str:
    """The table of keys."""
    lines = ["| key | what it does |", "|---|---|"]
    known = keymap()
    for section, commands in by_section():
        lines.append(f"| **{section}** | |")
        for each in commands:
            label = " ".join(f"`{shown(key)}`" for key in known.of(each.id)) or "(palette)"
            lines.append(f"| {label.replace('|', _BAR)} | {each.sentence} |")
    return "\n".join(lines) + "\n"


def settings() -> str:
    """The table of settings."""
    lines = ["| setting | may be | default | what it does |", "|---|---|---|---|"]
    for each in describe():
        default = f"`{each.default}`" if each.default else ""
        lines.append(f"| `{each.field}` | {each.kind.words} | {default} | {each.sentence} |")
    return "\n".join(lines) + "\n"


def schema() -> str:
    """The JSON Schema of everything `--json` writes."""
    documents, definitions = msgspec.json.schema_components(DOCUMENTS, ref_template="#/$defs/{name}")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What florilege writes with --json",
        "anyOf": documents,
        "$defs": definitions,
    }
    return _written(whole)


def settings_schema(commands: Iterable[str]) -> dict[str, Any]:
    """The JSON Schema of config.toml, in a draft that editors support. It accepts the same values as `load`.

    Args:
        commands: Ids of the commands that keys can be bound to.
    """
    tables = {section: _table(settings_of(section)) for section in SECTIONS}
    rules = {"type": "array", "items": {**tables.pop(SOURCE), "required": ["match"]}}
    keys = {
        "type": "object",
        "properties": {command: {"$ref": "#/definitions/keys"} for command in commands},
        "additionalProperties": False,
        "description": KEY.sentence,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The settings of florilege: config.toml",
        "type": "object",
        "properties": {**tables, "keys": keys, SOURCE: rules},
        "additionalProperties": False,
        "definitions": {"keys": _kind_schema(KEY.kind)},
    }


def _table(settings: Mapping[str, Setting]) -> dict[str, Any]:
    properties = {}
    for name, each in settings.items():
        default = {} if each.default_value is None else {"default": each.default_value}
        properties[name] = {**_kind_schema(each.kind), "description": each.sentence, **default}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _kind_schema(kind: Kind) -> dict[str, Any]:
    schema = msgspec.json.schema(kind.type)
    return {"anyOf": [schema, {"enum": [False]}]} if kind.may_be_off else schema


def _written(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def manual() -> str:
    """The manual page, in the macros of man(7)."""
    context = click.Context(root, info_name="florilege")
    lines = [
        '.TH FLORILEGE 1 "" "florilege" "User Commands"',
        ".SH NAME",
        r"florilege \- read the links that groups share, and the passages they highlighted",
        ".SH SYNOPSIS",
        r".B florilege",
        "[SOURCE... | COMMAND ...]",
        ".SH DESCRIPTION",
        *_paragraphs(root.help),
        ".SH COMMANDS",
    ]
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is None:
            continue
        own = click.Context(command, info_name=name, parent=context)
        lines += [
            ".TP",
            f".B {_roff(' '.join([name, *command.collect_usage_pieces(own)]))}",
            *_paragraphs(command.help),
        ]
        for parameter in command.params:
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(own)):
                lines += [".RS", ".TP", f".B {_roff(record[0])}", _roff(record[1]), ".RE"]
    lines += [".SH EXIT STATUS", *_paragraphs(root.epilog)]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str | None) -> list[str]:
    paragraphs = [_roff(" ".join(each.split())) for each in (text or "").replace("\b", "").split("\n\n")]
    return "\n.sp\n".join(paragraphs).split("\n")


def _roff(text: str) -> str:
    """Text as man(7) takes it: no line of it is a request, and a hyphen can be copied."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


def main() -> None:
    """Write everything again."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    for page in PAGES:
        page.write_text(generated(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
