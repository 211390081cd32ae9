"""What loads what: the core never loads Textual, and heavy modules load only when needed."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
CORE = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in (SOURCE / "florilege").rglob("*.py")
    if "tui" not in path.parts and path.name != "__main__.py"
)
HEAVY = {"textual", "httpx", "feedparser", "rich.progress", "pyperclip"}


def loaded_by(statement: str) -> set[str]:
    """The modules a fresh interpreter has loaded after a statement."""
    program = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_core_never_loads_textual() -> None:
    assert len(CORE) > 30
    assert "textual" not in loaded_by("\n".join(f"import {module}" for module in CORE))


@pytest.mark.parametrize("package", ["cli", "formats.pool", "lists.reader_state", "net", "refresh", "store"])
def test_heavy_modules_load_when_needed(package: str) -> None:
    assert loaded_by(f"import florilege.{package}") & HEAVY == set()


@pytest.mark.parametrize("module", ["importing", "cli.list", "cli.mark", "cli.groups", "cli.export"])
def test_commands_that_contact_nobody_load_no_event_loop(module: str) -> None:
    assert "asyncio" not in loaded_by(f"import florilege.{module}")


def test_app_starts_without_network_packages() -> None:
    loaded = loaded_by("import florilege.tui.app")
    assert "textual" in loaded
    assert loaded & {"httpx", "feedparser", "pyperclip", "florilege.net", "florilege.refresh"} == set()


def test_app_starts_without_what_its_first_screen_does_not_show() -> None:
    loaded = loaded_by("import florilege.tui.app")
    upon = {"commands", "overview", "picker", "river", "settings"}
    assert loaded & {f"florilege.tui.screens.{screen}" for screen in upon} == set()
    assert loaded & {"florilege.export", "florilege.formats.own"} == set()
    assert "florilege.formats.markup" not in loaded
    assert loaded & {"html.parser", "urllib.request", "xml.sax", "csv"} == set()


def test_app_starts_without_what_a_key_or_a_refresh_needs_first() -> None:
    loaded = loaded_by("import florilege.cli.app, florilege.tui.app")
    later = {"florilege.merge", "florilege.formats", "florilege.quotes.copying", "florilege.tui.screens.commands"}
    later |= {"florilege.cli.args", "florilege.cli.fetch", "florilege.lists.counts", "florilege.store.repair"}
    later |= {
        "click",
        "florilege.tui.reading.annotations",
        "florilege.tui.reading.marker",
        "florilege.tui.widgets.prompt",
    }
    assert loaded & later == set()
