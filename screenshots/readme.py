"""Writes the generated parts of the documentation again: keys and settings, from where the program has them.

A generated part stands between `<!-- NAME -->` and `<!-- /NAME -->`. `python -m screenshots.readme` writes them; a test
compares.
"""

import re
from pathlib import Path

import msgspec

from florilege.cli.json_output import DOCUMENTS
from florilege.commands import as_markdown, keymap
from florilege.settings import describe

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SCHEMA = ROOT / "docs" / "json.schema.json"


def generated(text: str) -> str:
    """A page with its generated parts as they are to be now."""
    for name, part in (("keys", as_markdown(keymap())), ("settings", settings())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}{match[2]}", text)  # type: ignore[misc]
    return text


def settings() -> str:
    """The table of settings."""
    lines = ["| setting | may be | default | what it does |", "|---|---|---|---|"]
    for each in describe():
        default = f"`{each.default}`" if each.default else ""
        lines.append(f"| `{each.field}` | {each.type} | {default} | {each.sentence} |")
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
    return msgspec.json.format(msgspec.json.encode(whole)).decode() + "\n"


def main() -> None:
    """Write the pages again."""
    SCHEMA.write_text(schema(), "utf-8")
    for page in PAGES:
        page.write_text(generated(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
