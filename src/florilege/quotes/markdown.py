"""Items and quotes as Markdown, for copying and for files, with special characters escaped. Pure.

Quotes are reproduced exactly as marked, with the writer's own quotation marks; the block quote adds none. External
text never produces an image, link, tag or formula.

The target is CommonMark plus the extensions of Obsidian and Logseq (`[[links]]`, `#tags`, `==marks==`, `$formulas$`).
Backslashes are only put before ASCII punctuation, where CommonMark reads them as escapes.
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
"""Characters with a special meaning within a line."""
_LINE_START = re.compile(r"^(?:([-+=>^])|(\d+)(?=[.)](?:\s|$)))", re.MULTILINE)
"""Characters with a special meaning at the start of a line: rules, lists, quotes, numbers."""
_UNSAFE_IN_LINK = re.compile(r"[<>()\\`|\[\]]")
_SPACES = re.compile(r"\s")
_INDENT = re.compile(r"^[ \t\u00a0]++|(?<![ \t])[ \t]++$", re.MULTILINE)


def plain(text: str) -> str:
    """The text on one line, with Markdown syntax escaped."""
    return _harmless(clean_line(text))


def paragraphs(text: str) -> str:
    """The text, escaped, with each line as a paragraph."""
    lines = (line.strip() for line in clean(text).split("\n"))
    return "\n\n".join(_harmless(line) for line in lines if line)


def block_quote(text: str) -> str:
    """The passage as a block quote, with each line as a paragraph; nothing else is added."""
    return "\n".join(f"> {line}" if line else ">" for line in paragraphs(text).split("\n"))


def link(text: str, address: str | None) -> str:
    """`[text](address)`; only the text if there is no address or it is not safe to open."""
    target = safe_to_open(_SPACES.sub("%20", address.strip())) if address else None
    if target is None:
        return plain(text)
    escaped = _UNSAFE_IN_LINK.sub(lambda match: f"%{ord(match[0]):02X}", target)
    return f"[{plain(text)}]({escaped})"


def item_link(item: Item) -> str:
    """The title of an item, linked to its page."""
    return link(title_of(item), item.url)


def quote(item: Item, highlight: Highlight, now: datetime) -> str:
    """One highlight as a block quote, followed by its source."""
    return f"{block_quote(highlight.quote)}\n\n— {_source(item, now, highlight)}\n"


def all_quotes(item: Item, now: datetime) -> str:
    """All highlights of an item under its title and source."""
    shared = _shared(item, now)
    blocks = [_quote(highlight, item) for highlight in item.highlights]
    return (
        "\n\n".join(part for part in (f"## {item_link(item)}", shared[:1].upper() + shared[1:], *blocks) if part) + "\n"
    )


def annotations(item: Item, *, with_anchors: bool = False) -> list[str]:
    """Highlights with their comments, then notes, then replies, each as a separate block.

    Args:
        item: The item.
        with_anchors: Whether each highlight gets a block id (`^h3f2a91`), which is stable when highlights are added.
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
    """The block id of a highlight in a note, stable when other highlights are added."""
    return f"h{digest(highlight.id)[:6]}"


def quoted(highlight: Highlight, item: Item) -> list[str]:
    """A highlight and its comments, each as a block."""
    return [_quote(highlight, item), *_thread(highlight.comments)]


def _quote(highlight: Highlight, item: Item) -> str:
    """A highlight, with its author if different from the sharer, and its location."""
    facts = [plain(fact) for fact in (other_author(highlight, item), highlight.location) if fact]
    return block_quote(highlight.quote) + (f"\n>\n> — {', '.join(facts)}" if facts else "")


def _source(item: Item, now: datetime, highlight: Highlight) -> str:
    """The source of a quote: linked title, location, its author if not the sharer, the sharer, the date."""
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


def _thread(comments: tuple[Comment, ...]) -> list[str]:
    """Comments as a single list with replies nested; no block if there are none."""
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
