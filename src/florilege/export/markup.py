"""Text as Markdown shows it: hostile characters made harmless, quotes as block quotes. Pure.

Written for CommonMark, with what Obsidian and Logseq read besides (`[[links]]`, `#tags`, `==marks==`, `$formulas$`).
Every backslash here stands before ASCII punctuation, which CommonMark takes for the character itself.
"""

import re

from florilege.model import Comment, Highlight, Item, thread
from florilege.text import clean, clean_line
from florilege.urls import safe_to_open

_SPECIAL = re.compile(
    r"[\\`*\[\]<$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|~(?=~)|(?<=~)~|=(?==)|(?<==)=|%(?=%)|(?<=%)%|(?<![^\s(])#|(?<=\s)\^"
)
"""What has a meaning in the middle of a line."""
_LINE_START = re.compile(r"^(?:([-+=>])|(\d+)(?=[.)](?:\s|$)))", re.MULTILINE)
"""What has one at its beginning: rules, lists, quotes, numbers."""
_INDENT = re.compile(r"^[ \t\u00a0]+|[ \t]+$", re.MULTILINE)


def plain(text: str) -> str:
    """The text on one line, with what Markdown would misread made harmless."""
    return _harmless(clean_line(text))


def paragraphs(text: str) -> str:
    """The text with each of its lines a paragraph."""
    lines = (line.strip() for line in clean(text).split("\n"))
    return "\n\n".join(_harmless(line) for line in lines if line)


def block_quote(text: str) -> str:
    """The passage as a block quote, each of its lines a paragraph; nothing else is added to it."""
    return "\n".join(f"> {line}" if line else ">" for line in paragraphs(text).split("\n"))


def link(text: str, address: str | None) -> str:
    """`[text](address)`; the text alone when no address is known, or none that may be opened."""
    target = safe_to_open(address)
    if target is None:
        return plain(text)
    escaped = re.sub(r"[<>()\\`]", lambda match: f"%{ord(match[0]):02X}", target)
    return f"[{plain(text)}]({escaped})"


def annotations(item: Item) -> list[str]:
    """Highlights with their comments, then notes, then replies, each a block of its own."""
    blocks: list[str] = []
    for highlight in item.highlights:
        blocks += quoted(highlight, item)
    for note in item.notes:
        blocks += _thread((note,))
    blocks += _thread(item.comments)
    return blocks


def quoted(highlight: Highlight, item: Item) -> list[str]:
    """A highlight with its comments, each a block."""
    return [_quote(highlight, item), *_thread(highlight.comments)]


def _quote(highlight: Highlight, item: Item) -> str:
    own = {item.sharer.name, item.sharer.handle} if item.sharer else set()
    if not highlight.author or highlight.author in own:
        return block_quote(highlight.quote)
    return f"{block_quote(highlight.quote)}\n>\n> — {plain(highlight.author)}"


def _thread(comments: tuple[Comment, ...]) -> list[str]:
    """Comments as one list, replies inside what they answer; no list when there are none."""
    lines = []
    for depth, comment in thread(comments):
        indent = "  " * depth
        who = f"**{plain(comment.author)}**: " if comment.author else ""
        text = paragraphs(comment.text).replace("\n\n", f"\n\n{indent}  ")
        lines.append(f"{indent}- {who}{text}")
    return ["\n".join(lines)] if lines else []


def _harmless(text: str) -> str:
    text = _SPECIAL.sub(lambda match: f"\\{match[0]}", _INDENT.sub("", text))
    return _LINE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\", text)
