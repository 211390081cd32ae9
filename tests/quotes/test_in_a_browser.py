"""A real browser scrolls to the passage. Skipped where Chromium is not installed."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from florilege.quotes.passages import passage_url

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")

LONG = " ".join(f"mot{number}, l’encre & le papier;" for number in range(30))
PARAGRAPHS = {
    "first": "Top of the page: the same words.",
    "plain": "Un passage sur la marge, l’encre & le papier-monnaie (100 %).",
    "equal": "Before the passage: the same words, after it there is more.",
    "long": LONG,
    "one": "The first paragraph of several.",
    "two": "The last paragraph of several.",
    "cut": "Extraordinary sentences can be cut in unbelievable places.",
    "last": "Nothing comes after this.",
}
SCRIPT = """addEventListener("load", () => setTimeout(() => {
  const seen = [...document.querySelectorAll("p")].filter(p => {
    const box = p.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  });
  document.documentElement.dataset.seen = seen.map(p => p.id).join(" ");
}, 1000))"""


def page() -> bytes:
    paragraphs = "".join(f'<p id="{name}">{escape(text)}</p>\n' for name, text in PARAGRAPHS.items())
    style = "<style>p { margin: 0 0 3000px; max-width: 30em }</style>"
    return (
        f"<!doctype html><meta charset=utf-8><title>Marges</title>{style}{paragraphs}<script>{SCRIPT}</script>".encode()
    )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = page()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the standard library
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/marges"
        finally:
            server.shutdown()
            serving.join()


def seen(link: str, folder: Path) -> str:
    """The paragraph on screen once the page has settled."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--no-first-run", f"--user-data-dir={folder}", "--virtual-time-budget=4000", "--dump-dom", link,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, done.stdout
    return found[1]


def test_page_without_a_fragment_is_at_its_top(address: str, tmp_path: Path) -> None:
    assert seen(address, tmp_path) == "first"


@pytest.mark.parametrize(
    ("passage", "prefix", "suffix", "there"),
    [
        (PARAGRAPHS["plain"], None, None, "plain"),
        ("la marge, l’encre & le papier-monnaie (100 %)", None, None, "plain"),
        ("LA  MARGE", None, None, "plain"),
        ("the same words", "efore the passage: ", ", after it there is mo", "equal"),
        ("the same words", None, ", after it there is mo", "equal"),
        ("the same words", "efore the passage: ", None, "equal"),
        (LONG, None, None, "long"),
        ("The first paragraph of several.\nThe last paragraph of several.", None, None, "one"),
        ("ordinary sentences can be cut in unbeliev", "Extra", "able places.", "cut"),
    ],
    ids=["whole", "characters", "case", "both", "suffix", "prefix", "long", "paragraphs", "cut"],
)
def test_browser_scrolls_to_the_passage(
    address: str, tmp_path: Path, passage: str, prefix: str | None, suffix: str | None, there: str
) -> None:
    assert seen(passage_url(address, passage, prefix, suffix), tmp_path) == there


def test_missing_passage_does_no_harm(address: str, tmp_path: Path) -> None:
    assert seen(passage_url(address, "words that nobody wrote"), tmp_path) == "first"
