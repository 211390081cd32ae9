"""Items and quotes as Markdown, for copying and for files: hostile characters made harmless. Pure.

Quotes stand exactly as they were marked, with the writer's own quotation marks; the block quote frames them without
adding any. No image, link, tag or formula comes out of what others wrote.

Written for CommonMark, with what Obsidian and Logseq read besides (`[[links]]`, `#tags`, `==marks==`, `$formulas$`).
Every backslash here stands before ASCII punctuation, which CommonMark takes for the character itself.
"""

import re
from datetime import datetime

from florilege.model import Comment, Highlight, Item, thread
from florilege.text import clean, clean_line, digest
from florilege.urls import safe_to_open
from florilege.words import date_of, long_date, other_author, title_of

_SPECIAL = re.compile(
    r"[\\`*\[\]<$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|~(?=~)|(?<=~)~|=(?==)|(?<==)=|%(?=%)|(?<=%)%|(?<![^\s(])#|(?<=\s)\^"
)
"""What has a meaning in the middle of a line."""
_LINE_START = re.compile(r"^(?:([-+=>^])|(\d+)(?=[.)](?:\s|$)))", re.MULTILINE)
"""What has one at its beginning: rules, lists, quotes, numbers."""
_UNSAFE_IN_LINK = re.compile(r"[<>()\\`|\[\]]")
_SPACES = re.compile(r"\s")
_INDENT = re.compile(r"^[ \t\u00a0]++|(?<![ \t])[ \t]++$", re.MULTILINE)


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
    target = safe_to_open(_SPACES.sub("%20", address.strip())) if address else None
    if target is None:
        return plain(text)
    escaped = _UNSAFE_IN_LINK.sub(lambda match: f"%{ord(match[0]):02X}", target)
    return f"[{plain(text)}]({escaped})"


def item_link(item: Item) -> str:
    """Title and link of an item."""
    return link(title_of(item), item.url)


def quote(item: Item, highlight: Highlight, now: datetime) -> str:
    """One highlight as a block quote, followed by its source."""
    return f"{block_quote(highlight.quote)}\n\n— {_source(item, now, highlight)}\n"


def all_quotes(item: Item, now: datetime) -> str:
    """All highlights of an item under its title and source."""
    shared = _shared(item, now)
    blocks = [_quote(highlight, item) for highlight in item.highlights]
    return "\n\n".join(part for part in (f"## {item_link(item)}", _capital(shared), *blocks) if part) + "\n"


def annotations(item: Item, *, with_anchors: bool = False) -> list[str]:
    """Highlights with their comments, then notes, then replies, each a block of its own.

    Args:
        item: The item.
        with_anchors: Whether each highlight bears a block id (`^h3f2a91`), which stays what it is when others come.
    """
    blocks: list[str] = []
    for highlight in item.highlights:
        quote, *comments = quoted(highlight, item)
        blocks += [quote, *([f"^{block_id(highlight)}"] if with_anchors else []), *comments]
    for note in item.notes:
        blocks += _thread((note,))
    blocks += _thread(item.comments)
    return blocks


def block_id(highlight: Highlight) -> str:
    """The id of a highlight in a note: it stays the same when other highlights come."""
    return f"h{digest(highlight.id)[:6]}"


def quoted(highlight: Highlight, item: Item) -> list[str]:
    """A highlight with its comments, each a block."""
    return [_quote(highlight, item), *_thread(highlight.comments)]


def _quote(highlight: Highlight, item: Item) -> str:
    """A highlight, with who made it when that was another than the sharer, and where it stands."""
    facts = [plain(fact) for fact in (other_author(highlight, item), highlight.location) if fact]
    return block_quote(highlight.quote) + (f"\n>\n> — {', '.join(facts)}" if facts else "")


def _source(item: Item, now: datetime, highlight: Highlight) -> str:
    """Where a quote comes from: title with link, place, who highlighted it if not the sharer, who shared it, when."""
    author = other_author(highlight, item)
    parts = [
        item_link(item),
        plain(highlight.location or ""),
        f"highlighted by {plain(author)}" if author else "",
        _shared(item, now),
    ]
    return ", ".join(part for part in parts if part)


def _shared(item: Item, now: datetime) -> str:
    who = f"shared by {plain(item.sharer.label)}" if item.sharer and item.sharer.label else ""
    when = long_date(date_of(item), now) if date_of(item) else ""
    return ", ".join(part for part in (who, when) if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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
