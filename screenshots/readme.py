"""Writes the generated parts of the README again: the key table and the settings, from where the program has them.

A generated part stands between `<!-- NAME -->` and `<!-- /NAME -->`. `python -m screenshots.readme` writes them; a test
compares.
"""

import re
from pathlib import Path

from florilege.commands import as_markdown, keymap
from florilege.settings import describe

README = Path(__file__).parent.parent / "README.md"


def generated(text: str) -> str:
    """The README with its generated parts as they are to be now."""
    for name, part in (("keys", as_markdown(keymap())), ("settings", settings())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"The README has no place for the generated part {name!r}.")
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}{match[2]}", text)  # type: ignore[misc]
    return text


def settings() -> str:
    """The table of settings."""
    lines = ["| setting | may be | default | what it does |", "|---|---|---|---|"]
    for each in describe():
        default = f"`{each.default}`" if each.default else ""
        lines.append(f"| `{each.field}` | {each.type} | {default} | {each.sentence} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the README again."""
    README.write_text(generated(README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
