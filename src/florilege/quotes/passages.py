"""Links to a passage in a page: text fragments as in the WICG specification "Text Fragments" (scroll-to-text). Pure.

`#:~:text=[prefix-,]start[,end][,-suffix]`. The browser searches for the words in the page text, ignoring white space
and case; start, end, prefix and suffix must each lie within one paragraph and begin and end with a word. A long
passage, or one of several paragraphs, is therefore identified by its first and last words. If the browser finds no
match or does not support text fragments, it opens the page at the top, so the link is never worse than a plain one.
"""

import re
from datetime import UTC
from urllib.parse import quote as percent_encoded

from florilege.model import Highlight, Item
from florilege.text import clean
from florilege.urls import redact, safe_to_open
from florilege.words import date_of

LONG = 300
"""Maximum length in characters of a passage included in full. Our own choice: the specification sets no limit."""
EDGE_WORDS = 6
"""Number of words that identify the beginning or the end of a long passage."""
CONTEXT_WORDS = 4
"""Number of words before or after a passage that distinguish it from identical ones."""
_WORD = re.compile(r"[^\W_]")


def passage_link(item: Item, highlight: Highlight) -> str | None:
    """The address of the page with a text fragment for the passage; None if the item has no page."""
    return passage_url(item.url, highlight.quote, highlight.prefix, highlight.suffix) if item.url else None


def archived_link(item: Item, highlight: Highlight | None) -> str | None:
    """The Wayback Machine address of the page as it was when the passage was highlighted, or else the page shared.

    The Wayback Machine shows the snapshot nearest to that time, scrolled to the passage; whether one exists is not
    checked. Secrets are removed from the address. None if the item has no page that is safe to open.
    """
    address = safe_to_open(item.url)
    if address is None:
        return None
    then = (highlight.made_at if highlight else None) or date_of(item) or item.added_at
    moment = (then if then.tzinfo else then.replace(tzinfo=UTC)).astimezone(UTC)
    page = redact(address)
    link = passage_url(page, highlight.quote, highlight.prefix, highlight.suffix) if highlight else page
    return f"https://web.archive.org/web/{moment:%Y%m%d%H%M%S}/{link}"


def passage_url(address: str, passage: str, prefix: str | None = None, suffix: str | None = None) -> str:
    """The address with a text fragment that makes a browser scroll to a passage.

    Args:
        address: The page. Returned unchanged if it is not a web address.
        passage: The passage, with paragraphs separated by newlines.
        prefix: The text just before the passage, if known.
        suffix: The text just after the passage, if known.
    """
    start, end, before, after = _parts(passage, prefix or "", suffix or "")
    if not start or safe_to_open(address) is None:
        return address
    directive = ",".join(
        [
            *([f"{_encoded(before)}-"] if before else []),
            _encoded(start),
            *([_encoded(end)] if end else []),
            *([f"-{_encoded(after)}"] if after else []),
        ]
    )
    page = address.partition(":~:")[0]
    return f"{page}{'' if '#' in page else '#'}:~:text={directive}"


def _parts(passage: str, prefix: str, suffix: str) -> tuple[str, str, str, str]:
    """Start, end, prefix and suffix of the text directive; empty where not needed."""
    lines = [" ".join(line.split()) for line in clean(passage).split("\n")]
    lines = [line for line in lines if _WORD.search(line)]
    if not lines:
        return "", "", "", ""
    before, after = _nearest_words(clean(prefix), are_last=True), _nearest_words(clean(suffix), are_last=False)
    # If the passage begins or ends inside a word, drop that partial word: browsers match only whole words.
    if _ends_in_word(prefix[-1:]) and _ends_in_word(lines[0][:1]) and " " in lines[0]:
        lines[0], before = lines[0].partition(" ")[2], ""
    if _ends_in_word(suffix[:1]) and _ends_in_word(lines[-1][-1:]) and " " in lines[-1]:
        lines[-1], after = lines[-1].rpartition(" ")[0], ""
    if len(lines) == 1 and (len(lines[0]) <= LONG or lines[0].count(" ") < 2 * EDGE_WORDS):
        return lines[0], "", before, after
    return " ".join(lines[0].split(" ")[:EDGE_WORDS]), " ".join(lines[-1].split(" ")[-EDGE_WORDS:]), before, after


def _nearest_words(text: str, *, are_last: bool) -> str:
    """The whole words nearest to a passage, within one paragraph; empty if there are none a browser can search for.

    Args:
        text: The text before or after the passage; a partial word at its far end is dropped.
        are_last: Whether the text precedes the passage, so that its last words are the nearest.
    """
    text = text.rstrip() if are_last else text.lstrip()
    line = text.rpartition("\n")[2] if are_last else text.partition("\n")[0]
    words = line.split()
    if words and len(line) == len(text) and not (line[:1] if are_last else line[-1:]).isspace():
        del words[0 if are_last else -1]
    found = " ".join(words[-CONTEXT_WORDS:] if are_last else words[:CONTEXT_WORDS])
    return found if _WORD.search(found) else ""


def _ends_in_word(character: str) -> bool:
    return bool(_WORD.match(character))


def _encoded(text: str) -> str:
    """Percent-encode text, including the special characters of a text directive: `-`, `,` and `&`."""
    return percent_encoded(text, safe="").replace("-", "%2D")
