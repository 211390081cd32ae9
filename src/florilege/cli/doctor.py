"""`doctor`: everything florilege stands on, looked at, with what to do where something is amiss.

Each check gives findings, and never raises. They only look: nothing is repaired or copied unasked.
"""

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import click

from florilege import __version__
from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, CliContext, library_option
from florilege.cli.json_output import DoctorJson, Finding, Verdict
from florilege.cli.output import Style, print_json, print_result
from florilege.commands import keymap
from florilege.desktop.browser import browser_found
from florilege.settings.searches import SearchFile
from florilege.store import Library, LibraryBusy, LibraryError, LibraryLock, NoSuchGroup
from florilege.store.repair import Damage, check, repair
from florilege.text import clean_line, counted
from florilege.urls import redact, scheme_of

_FEED = b"""<rss version="2.0"><channel><title>A feed of three lines</title>
<item><title>One item</title><link>https://example.org/</link></item>
</channel></rss>"""
_SYSTEM_TOOLS = {
    "DISPLAY": ("xclip", "xsel"),
    "WAYLAND_DISPLAY": ("wl-copy",),
}
"""Variable that must be set -> the tools that copy then."""
_ALWAYS_TOOLS = ("pbcopy", "clip.exe", "termux-clipboard-set")
_PACKAGES = ("textual", "rich", "httpx", "feedparser", "tinydb", "msgspec", "click", "pyperclip")


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="First recover what can be read of damaged library files.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@library_option
@click.pass_obj
def doctor(cli: CliContext, repairs: bool, as_json: bool) -> int:
    """Check what florilege stands on, and say what to do.

    Nothing is ever repaired unasked, and a damaged file is kept beside what was recovered of it.
    """
    findings = []
    for finding in chain(_repaired(cli) if repairs else (), _all_findings(cli)):
        findings.append(finding)
        if not as_json:
            _print_finding(finding)
    if as_json:
        print_json(DoctorJson(findings))
    failed = {finding.check for finding in findings if finding.verdict is Verdict.FAIL}
    if "library" in failed:
        return EXIT_LIBRARY
    return EXIT_FAILED if failed else EXIT_DONE


def _ok(check: str, text: str) -> Finding:
    return Finding(check, Verdict.OK, text, None)


def _note(check: str, text: str, advice: str | None = None) -> Finding:
    return Finding(check, Verdict.NOTE, text, advice)


def _fail(check: str, text: str, advice: str | None = None) -> Finding:
    return Finding(check, Verdict.FAIL, text, advice)


def _print_finding(finding: Finding) -> None:
    style = {Verdict.OK: Style.FAINT, Verdict.NOTE: Style.UNREAD, Verdict.FAIL: Style.WRONG}[finding.verdict]
    advice = f" {finding.advice}" if finding.advice else ""
    end = "." if advice and not finding.text.endswith((".", "?")) else ""
    print_result((f"{finding.verdict:<4} ", style), f"{finding.check}: {finding.text}{end}{advice}")


def _repaired(cli: CliContext) -> Iterator[Finding]:
    """What was damaged, and what was recovered of it."""
    folder = cli.places.library
    repaired = repair(folder, lock=_lock(cli), clock=cli.clock)
    for each in repaired:
        yield _note("repair", str(each))
    if not repaired:
        yield _ok("repair", "there was nothing to repair")


def _lock(cli: CliContext) -> LibraryLock:
    return LibraryLock(cli.places.library, clock=cli.clock, program="florilege doctor", timeout=cli.lock_timeout)


def _all_findings(cli: CliContext) -> Iterator[Finding]:
    """Everything there is to find, check after check."""
    yield from library_findings(cli)
    yield from settings_findings(cli)
    yield from search_findings(cli)
    yield from sync_findings(cli)
    yield from access_findings(cli)
    yield from network_findings(cli.environ)
    yield from terminal_findings(cli.environ)
    yield from clipboard_findings(cli.environ)
    yield browser_finding()
    yield parsing_finding()
    yield versions_finding()


def library_findings(cli: CliContext) -> Iterator[Finding]:
    """Whether the library can be read and written, and who holds its lock."""
    folder = cli.places.library
    if not os.access(folder, os.F_OK):
        nearest = next((parent for parent in folder.parents if os.access(parent, os.F_OK)), folder)
        if os.access(nearest, os.W_OK):
            yield _ok("library", f"{folder} is not there yet; the first addition makes it")
        else:
            advice = "Change its permissions, or use --library."
            yield _fail("library", f"{folder} can't be made: {nearest} is not yours to write to", advice)
        return
    yield from _reading(cli.library("florilege doctor"), folder)
    lock = _lock(cli)
    before = lock.holder()
    try:
        with lock:
            pass
    except LibraryBusy as error:
        yield _fail("library", f"its lock is held by {error.holder}", "Wait for it, or end that process.")
    except LibraryError as error:
        yield _fail("library", str(error))
    else:
        last = f"; last written by {before.program}, {before.since.astimezone():%Y-%m-%d %H:%M}" if before else ""
        yield _ok("library", f"it can be written, and nobody holds its lock{last}")


def _reading(library: Library, folder: Path) -> Iterator[Finding]:
    """Whether every log can be read, and what is damaged or missing in those that can't."""
    problems = list(check(folder))
    for problem in problems:
        advice = "Run `florilege doctor --repair`: it recovers the rest." if isinstance(problem, Damage) else None
        yield _fail("library", str(problem), advice)
    if problems:
        return
    groups = library.groups()
    items = 0
    for group in groups:
        with suppress(NoSuchGroup):  # removed by another process since
            items += library.counts(group.id).items
    holds = f"{counted(len(groups), 'group')} and {counted(items, 'item')}"
    yield _ok("library", f"{folder} holds {holds}; every log was read")


def settings_findings(cli: CliContext) -> Iterator[Finding]:
    """What is odd in the settings."""
    from florilege.tui.theme import theme_problem

    config = cli.config()
    place = cli.places.config
    problems = tuple(filter(None, (*config.warnings, *keymap(config.keys).problems, theme_problem(config.look.theme))))
    for problem in problems:
        yield _note("settings", problem, f"Correct it in {place}; `florilege config` tells what is known.")
    if not problems:
        there = "was understood" if place.exists() else "is not there, so the defaults are used"
        yield _ok("settings", f"{place} {there}")


def search_findings(cli: CliContext) -> Iterator[Finding]:
    """What is odd in the saved searches; nothing where they are well."""
    from florilege.lists.saved_searches import understood

    place = cli.places.searches
    searches, problems = SearchFile(place).read()
    for problem in (*problems, *(each.problem for each in understood(searches) if each.problem)):
        yield _note("searches", problem, f"Correct it in {place}.")


def sync_findings(cli: CliContext) -> Iterator[Finding]:
    """Whether the folder that takes reading states to other machines is there; nothing where none is wanted."""
    folder = cli.config().sync.folder
    if folder is None:
        return
    if folder.is_dir():
        yield _ok("sync", f"reading states go through {folder}")
    else:
        advice = "Make that folder, or attach the disk it is on."
        yield _note("sync", f"{folder} is not there, so reading states stay on this machine", advice)


def access_findings(cli: CliContext) -> Iterator[Finding]:
    """Whether the secrets named in the settings are there, and kept from others. None of them is shown."""
    from florilege.net.secrets import SecretMissingError, read_secret

    for rule in cli.config().sources:
        if rule.access is None:
            continue
        where = clean_line(rule.match)
        try:
            read_secret(rule.access, cli.environ)
        except SecretMissingError as error:
            yield _note("access", f"{where} can't be opened: {error}", "Put it there.")
            continue
        file = rule.access.file
        if file is not None and os.name == "posix" and file.stat().st_mode & 0o077:
            advice = f"chmod 600 {clean_line(str(file))}"
            yield _note("access", f"others can read the secret for {where}", advice)
        elif rule.match.lower().startswith("http:"):
            advice = "Use its https address, if it has one."
            yield _note("access", f"the secret for {where} travels in the clear", advice)
        else:
            yield _ok("access", f"the secret for {where} is there")


def network_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Which proxies the environment names, and whose certificates are trusted. Nothing is asked."""
    from florilege.net.addresses import proxies_of, proxy_for

    proxies = proxies_of(environ)
    for scheme in ("http", "https"):
        proxy = proxy_for(f"{scheme}://host.invalid/", {**proxies, "no": ""})
        kind, needs = scheme_of(proxy or ""), "requests go through"
        if proxy is None:
            continue
        if kind in {"socks5", "socks5h"} and find_spec("socksio") is None:
            text = f"{scheme} {needs} {redact(proxy)}, and what SOCKS proxies need is missing"
            yield _note("network", text, "Install florilege[socks], or name an http proxy.")
        elif kind not in {"http", "https", "socks5", "socks5h"}:
            text = f"{scheme} {needs} {redact(proxy)}, which is no proxy florilege can use"
            yield _note("network", text, "Name an http, https or socks5 proxy.")
        else:
            excepted = f", but for {clean_line(proxies['no'])}" if proxies.get("no") else ""
            yield _ok("network", f"{scheme} {needs} {redact(proxy)}{excepted}")
    places = [(name, environ[name]) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)]
    for name, place in places:
        if not Path(place).exists():
            advice = "Correct it, or leave it unset: then the certificates of the system are used."
            yield _note("network", f"{name} names {clean_line(place)}, which is not there", advice)
    trusted = " and ".join(f"{name} ({clean_line(place)})" for name, place in places) or "the system"
    asked = "" if proxies.keys() - {"no"} else "servers are asked without a proxy; "
    yield _ok("network", f"{asked}certificates are those of {trusted}")


def terminal_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the terminal is, and whether the app can be drawn in it."""
    term = environ.get("TERM", "")
    around = [name for name, variable in (("tmux", "TMUX"), ("SSH", "SSH_CONNECTION")) if environ.get(variable)]
    where = f", inside {' and '.join(around)}" if around else ""
    if not (_is_terminal(0) and _is_terminal(1)):
        advice = "The app needs one; everything else works without."
        yield _note("terminal", f"this is no terminal (TERM is {term or 'not set'}{where})", advice)
        return
    if term in {"", "dumb"}:
        advice = "Set TERM to what your terminal is, such as xterm-256color, or read with `florilege read`."
        yield _note("terminal", f"TERM is {term or 'not set'}: the app may not be drawn well", advice)
    size = os.get_terminal_size(1)
    yield _ok("terminal", f"{term}, {size.columns}x{size.lines}, {_colours(environ)}{where}")
    if size.columns < 40 or size.lines < 10:
        advice = "Make the window larger."
        yield _note("terminal", "fewer than 40x10 cells leave little to read", advice)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if environ.get("COLORTERM", "").casefold() in {"truecolor", "24bit"}:
        return "all colours"
    return "256 colours" if "256" in environ.get("TERM", "") else "few colours"


def clipboard_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Which ways to a clipboard there are. Nothing is copied: what the reader has there stays."""
    ways = [tool for variable, tools in _SYSTEM_TOOLS.items() if environ.get(variable) for tool in tools]
    found = [tool for tool in (*ways, *_ALWAYS_TOOLS) if shutil.which(tool)]
    if environ.get("TMUX"):
        found.append("tmux")
    elif _is_terminal(1) and environ.get("TERM", "") not in {"", "dumb", "linux"}:
        found.append("the terminal (OSC 52, if it takes it)")
    if found:
        yield _ok("clipboard", f"copies go through {', '.join(found)}")
    else:
        yield _no_clipboard(environ)


def _no_clipboard(environ: Mapping[str, str]) -> Finding:
    """Why no tool can copy: installing one is no help where there is no display, nor a display without one."""
    otherwise = "use tmux, or a terminal that takes OSC 52"
    idle = {tool: variable for variable, tools in _SYSTEM_TOOLS.items() for tool in tools if shutil.which(tool)}
    shown = [variable for variable in _SYSTEM_TOOLS if environ.get(variable)]
    if shown:
        package = "wl-clipboard" if "WAYLAND_DISPLAY" in shown else "xclip"
        said, advice = "there is a display, but no tool that copies to it", f"Install {package}, or {otherwise}."
    elif idle:
        tool, variable = next(iter(idle.items()))
        said = f"{tool} is here, but no display for it: {variable} is not set"
        advice = f"At the machine itself, set {variable}; from afar, {otherwise}, or ssh -X."
    else:
        said, advice = "there is no display to copy to", f"{otherwise[0].upper()}{otherwise[1:]}."
    return _note("clipboard", said, advice)


def browser_finding() -> Finding:
    """Which browser would open pages."""
    try:
        name = browser_found()
    except ValueError as error:
        return _note("browser", f"BROWSER can't be read ({error})", "Put in it the name of a program, and its options.")
    if name is None:
        return _note("browser", "none was found", "Install one, or name it in BROWSER.")
    return _ok("browser", f"pages are opened with {name}")


def parsing_finding() -> Finding:
    """Whether a parsing process starts and reads a feed."""
    import asyncio

    from florilege.formats import SourceError
    from florilege.formats.pool import Parser

    async def parse() -> int:
        async with Parser(workers=1) as parser:
            return len((await parser.parse(_FEED)).entries)

    started = time.monotonic()
    try:
        entries = asyncio.run(parse())
    except SourceError as error:
        return _fail("parsing", str(error), "Install florilege again: a part of it can't be run.")
    if entries != 1:
        advice = "Install florilege again: a part of it does not fit."
        return _fail("parsing", f"a feed of one item was read as {entries}", advice)
    seconds = time.monotonic() - started
    return _ok("parsing", f"a process of its own read a feed in {seconds:.1f} s")


def versions_finding() -> Finding:
    """What is installed."""
    found = [f"florilege {__version__}", f"Python {platform.python_version()}", f"{platform.system()}"]
    missing = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        advice = "Install florilege again, with what it needs."
        return _fail("versions", f"not installed: {', '.join(missing)}", advice)
    return _ok("versions", f"{', '.join(found)} ({sys.executable})")
