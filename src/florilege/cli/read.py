"""`read`: shows items one by one in plain lines, with a key after each. For screen readers and simple terminals."""

import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from florilege.cli.args import find_items, query_argument
from florilege.cli.context import CliContext
from florilege.cli.options import command
from florilege.cli.output import flush_results, is_terminal, print_notice, print_result
from florilege.lists.links import numbered
from florilege.marking import Mark
from florilege.model import BodyKind, Comment, thread
from florilege.query.nodes import Field, Query, any_of
from florilege.words import date_of, long_date, title_of

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState

KEYS = "Keys: n next and mark read, p previous, s star, o open, c copy, q quit"
_UNREAD = any_of((Field("is", "unread"), Field("is", "new")))


@command()
@query_argument()
def read(cli: CliContext, query: Query) -> None:
    """Read unread items as plain lines, one after the other.

    Nothing on the screen moves, so that a screen reader can follow. After each item, a key says what to do next; from a
    pipe, the first letter of a line does.
    """
    state, rows = find_items(cli, query.and_(_UNREAD))
    if not rows:
        print_notice("Nothing is unread." if query.is_blank else "Nothing unread matches that.")
        return
    with _keys_at_once():
        place = 0
        while place < len(rows):
            row = rows[place]
            for line in _lines(state, row, f"{place + 1} of {len(rows)}", cli.clock()):
                print_result(line)
            match _answer(cli, state, row):
                case "p" if place:
                    place -= 1
                    state.changes.mark([rows[place]], Mark.UNREAD)
                case "p":
                    print_result("This is the first one.")
                case "n":
                    state.changes.mark([row], Mark.READ)
                    place += 1
                case _:
                    return
        print_result("That was the last one.")


def _answer(cli: CliContext, state: "ReaderState", row: "ItemRow") -> str:
    """Handle keys until one says where to go next: n, p or q."""
    print_result(KEYS)
    while (key := _key()) not in {"n", "p", "q"}:
        match key:
            case "s":
                is_starred = state.state_of(row).is_starred
                state.changes.mark([row], Mark.UNSTARRED if is_starred else Mark.STARRED)
                print_result("No longer starred" if is_starred else "Starred")
            case "o":
                opening = cli.desktop.open_page(row.summary.url)
                takes_terminal = opening.pending and is_terminal(sys.stdin) and is_terminal(sys.stdout)
                print_result(str(opening.finish() if takes_terminal else opening))
            case "c":
                print_result(_copied(cli, state, row))
            case _:
                print_result(KEYS)
    return key


def _key() -> str:
    """The key pressed, or the first letter of a line when stdin is not a terminal; q at the end of input."""
    flush_results()
    if sys.stdin is None:
        return "q"
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip()[:1].casefold() if line else "q"
    key = _byte()
    if key == b"\x1b" and _byte(0) in {b"[", b"O"}:  # an arrow and the like: up to its last byte
        while (part := _byte(0)) and not b"@" <= part <= b"~":
            pass
    if key in {b"", b"\x04"}:
        return "q"
    return "n" if key in {b"\r", b"\n", b" "} else key.decode("ascii", "replace").casefold()


def _byte(wait: float | None = None) -> bytes:
    """The next byte typed; empty when none comes within `wait` seconds, or ever."""
    return os.read(sys.stdin.fileno(), 1) if select.select([sys.stdin], [], [], wait)[0] else b""


@contextmanager
def _keys_at_once() -> Iterator[None]:
    """Within this context, the terminal passes on each key at once, without echo. Keys typed ahead are kept."""
    if not is_terminal(sys.stdin):
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _copied(cli: CliContext, state: "ReaderState", row: "ItemRow") -> str:
    """Copy the quotes of an item, or its link when it has none; gives the message to print."""
    from florilege.quotes.copying import quotes_text

    item = state.item(row)
    if item is None or not (item.highlights or item.url):
        return "There is nothing to copy."
    quotes = [(item, row.group_title)] if item.highlights else []
    text = quotes_text(quotes, now=cli.clock(), template=cli.config().copy.quote) if quotes else item.url or ""
    copied = cli.desktop.copy(text)
    return f"{'Quotes' if quotes else 'Link'} {copied}" if copied.ways else str(copied)


def _lines(state: "ReaderState", row: "ItemRow", place: str, now: datetime) -> Iterator[str]:
    """An item in plain lines: one fact per line, and the first word says which."""
    item = state.item(row)
    if item is None:
        yield f"{place}: another process removed it"
        return
    item, known = numbered(item)[0], state.state_of(row)
    yield f"{place}: {title_of(item)}"
    sharer = item.sharer.label if item.sharer else ""
    day = long_date(date_of(item), now) if date_of(item) else ""
    yield f"In {', '.join(fact for fact in (row.group_title, sharer and f'shared by {sharer}', day) if fact)}"
    yield from (f"{name}: {fact}" for name, fact in (("Link", item.url), ("Tags", ", ".join(item.tags))) if fact)
    yield from _paragraphs("Description", item.description or "")
    for number, highlight in enumerate(item.highlights, 1):
        facts = [highlight.author, highlight.location, "new" if known.has_new(highlight) else ""]
        yield from _paragraphs(", ".join(filter(None, [f"Quote {number}", *facts])), highlight.quote)
        yield from _comment_lines("Comment", highlight.comments)
    yield from _comment_lines("Note", item.notes)
    yield from _comment_lines("Comment", item.comments)
    if item.body_kind is not BodyKind.TAKEN_APART:
        yield from _paragraphs("Text", item.body or "")


def _paragraphs(name: str, text: str) -> Iterator[str]:
    """The non-blank lines of a text, the first prefixed with `name`; nothing when the text is empty."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines:
        yield f"{name}: {lines[0]}"
        yield from lines[1:]


def _comment_lines(name: str, comments: Sequence[Comment]) -> Iterator[str]:
    for depth, comment in thread(tuple(comments)):
        who = f" by {comment.author}" if comment.author else ""
        yield from _paragraphs(f"{'Reply' if depth else name}{who}", comment.text)
