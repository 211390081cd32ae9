"""`doctor`: checks everything florilege depends on, and advises what to do about problems.

Checks yield their findings and never raise. They are read-only: nothing is repaired or copied unasked.
"""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

import click

from florilege import __version__
from florilege.cli.context import EXIT_FAILED, EXIT_LIBRARY, CliContext
from florilege.cli.json_output import DoctorJson, Finding, Verdict
from florilege.cli.options import as_json_option, command
from florilege.cli.output import Style, is_terminal, print_json, print_result
from florilege.commands import keymap
from florilege.desktop.browser import browser_found
from florilege.settings.searches import SearchFile
from florilege.store import LibraryBusy, LibraryError, LibraryLock, NoSuchGroup
from florilege.store.repair import Damage, check, repair
from florilege.text import clean_line, counted
from florilege.urls import redact, scheme_of

Findings: TypeAlias = Iterator[tuple[Verdict, str, str]]
"""The findings of a check: verdict, what was found, and what to do about it (or "")."""

OK, NOTE, FAIL = Verdict
_STYLES = {OK: Style.FAINT, NOTE: Style.UNREAD, FAIL: Style.ERROR}
_CLIPBOARD_TOOLS = {
    "xclip": "DISPLAY", "xsel": "DISPLAY", "wl-copy": "WAYLAND_DISPLAY",
    "pbcopy": "", "clip.exe": "", "termux-clipboard-set": "",
}  # fmt: skip
"""Clipboard tool -> the environment variable that it needs, if any."""
_PACKAGES = ("textual", "rich", "httpx", "feedparser", "tinydb", "msgspec", "click", "pyperclip")


@command()
@click.option("--repair", "repairs", is_flag=True, help="First recover what can be read of damaged library files.")
@as_json_option
def doctor(cli: CliContext, repairs: bool, as_json: bool) -> int | None:
    """Check library, terminal and settings, and give advice.

    Nothing is repaired unless you ask, and a damaged file is kept beside what was recovered of it.
    """
    findings = []
    for name, run_check in CHECKS.items():
        for verdict, text, advice in run_check(cli) if repairs or name != "repair" else ():
            findings.append(Finding(name, verdict, text, advice or None))
            if not as_json:
                end = "." if advice and not text.endswith((".", "?")) else ""
                print_result((f"{verdict:<4} ", _STYLES[verdict]), f"{name}: {text}{end} {advice}")
    if as_json:
        print_json(DoctorJson(findings))
    failed = {finding.check for finding in findings if finding.verdict is FAIL}
    return EXIT_LIBRARY if "library" in failed else EXIT_FAILED if failed else None


def _lock(cli: CliContext) -> LibraryLock:
    return LibraryLock(cli.paths.library, clock=cli.clock, program="florilege doctor", timeout=cli.lock_timeout)


def _repair(cli: CliContext) -> Findings:
    """Repair the library, and report what was damaged and what was recovered."""
    repaired = repair(cli.paths.library, lock=_lock(cli), clock=cli.clock)
    for each in repaired:
        yield NOTE, str(each), ""
    if not repaired:
        yield OK, "there was nothing to repair", ""


def _library(cli: CliContext) -> Findings:
    """Check that the library can be read and written, and who holds its lock."""
    folder = cli.paths.library
    if not os.access(folder, os.F_OK):
        nearest = next((parent for parent in folder.parents if os.access(parent, os.F_OK)), folder)
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            yield OK, f"{folder} does not exist yet; the first addition creates it", ""
        else:
            wrong = f"{folder} can't be created: {nearest} is no folder you can write to"
            yield FAIL, wrong, "Change its permissions, or use --library."
        return
    problems = list(check(folder))
    for problem in problems:
        is_damage = isinstance(problem, Damage)
        yield FAIL, str(problem), "Run `florilege doctor --repair`: it recovers the rest." if is_damage else ""
    if not problems:
        library, items = cli.library(), 0
        groups = library.groups()
        for group in groups:
            with suppress(NoSuchGroup):  # removed by another process since
                items += library.counts(group.id).items
        holds = f"{counted(len(groups), 'group')} and {counted(items, 'item')}"
        yield OK, f"{folder} holds {holds}; every log was read", ""
    try:
        with _lock(cli):
            pass  # nothing is printed meanwhile: that may take long
    except LibraryBusy as error:
        yield FAIL, f"its lock is held by {error.holder}", "Wait for it, or end that process."
    except LibraryError as error:
        yield FAIL, str(error), ""
    else:
        yield OK, "it can be written, and is not locked", ""


def _settings(cli: CliContext) -> Findings:
    """Report problems in the settings."""
    from florilege.tui.theme import theme_problem

    config, place = cli.config(), cli.paths.config
    problems = [*config.warnings, *keymap(config.keys).problems, theme_problem(config.look.theme)]
    for problem in filter(None, problems):
        yield NOTE, problem, f"Correct it in {place}; `florilege config` lists the settings."
    if not any(problems):
        there = "was understood" if os.access(place, os.F_OK) else "does not exist, so the defaults are used"
        yield OK, f"{place} {there}", ""


def _searches(cli: CliContext) -> Findings:
    """Report problems in the saved searches; yields nothing when there are none."""
    from florilege.lists.places import parse_searches

    searches, problems = SearchFile(cli.paths.searches).read()
    for problem in filter(None, (*problems, *(each.problem for each in parse_searches(searches)))):
        yield NOTE, problem, f"Correct it in {cli.paths.searches}."


def _sync(cli: CliContext) -> Findings:
    """Check that the folder for sharing reading states exists; yields nothing when none is configured."""
    folder = cli.config().sync.folder
    if folder is not None and folder.is_dir():
        yield OK, f"reading states go through {folder}", ""
    elif folder is not None:
        wrong = f"{folder} is not there, so reading states stay on this machine"
        yield NOTE, wrong, "Make that folder, or attach the disk it is on."


def _access(cli: CliContext) -> Findings:
    """Check that the secrets named in the settings can be read, and not by others. No secret is printed."""
    from florilege.net.answers import NotFetched
    from florilege.net.secrets import read_secret

    for rule in cli.config().sources:
        if not rule.has_secret:
            continue
        where, file = clean_line(rule.match), rule.secret_file
        try:
            read_secret(rule, cli.environ)
        except NotFetched as error:
            yield NOTE, f"{where} can't be opened: {error}", "Put it there."
            continue
        if file is not None and file.stat().st_mode & 0o077:
            yield NOTE, f"others can read the secret for {where}", f"chmod 600 {clean_line(str(file))}"
        elif rule.match.lower().startswith("http:"):
            yield NOTE, f"the secret for {where} travels in the clear", "Use its https address, if it has one."
        else:
            yield OK, f"the secret for {where} is there", ""


def _network(cli: CliContext) -> Findings:
    """Report the proxies set in the environment and the trusted certificates. Sends no request."""
    from florilege.net.http import proxies_of, proxy_for

    proxies = proxies_of(cli.environ)
    for scheme in ("http", "https"):
        proxy = proxy_for(f"{scheme}://host.invalid/", {**proxies, "no": ""})
        if proxy is None:
            continue
        kind, text = scheme_of(proxy), f"{scheme} requests go through {redact(proxy)}"
        if kind not in {"http", "https", "socks5", "socks5h"}:
            yield NOTE, f"{text}, which is no proxy florilege can use", "Name an http, https or socks5 proxy."
        else:
            yield OK, f"{text}, but for {clean_line(proxies['no'])}" if proxies.get("no") else text, ""
    places = {name: cli.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if cli.environ.get(name)}
    for name, place in places.items():
        if not Path(place).exists():
            advice = "Correct it, or leave it unset: then the certificates of the system are used."
            yield NOTE, f"{name} names {clean_line(place)}, which does not exist", advice
    trusted = " and ".join(f"{name} ({clean_line(place)})" for name, place in places.items()) or "the system"
    direct = "" if proxies.keys() - {"no"} else "no proxy is used; "
    yield OK, f"{direct}certificates are those of {trusted}", ""


def _terminal(cli: CliContext) -> Findings:
    """Report what the terminal is, and whether it can show the app."""
    given = cli.environ.get
    term = given("TERM") or "not set"
    around = [name for name, variable in (("tmux", "TMUX"), ("SSH", "SSH_CONNECTION")) if given(variable)]
    where = f"{term}{', inside ' if around else ''}{' and '.join(around)}"
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        yield NOTE, f"this is no terminal (TERM is {where})", "The app needs one; everything else works without."
        return
    if term in {"not set", "dumb"}:
        advice = "Set TERM to what your terminal is, such as xterm-256color, or read with `florilege read`."
        yield NOTE, f"TERM is {term}: the app may not be drawn well", advice
    has_all = given("COLORTERM", "").casefold() in {"truecolor", "24bit"}
    colours = "no colours (NO_COLOR)" if given("NO_COLOR") else f"{'all' if has_all else 'up to 256'} colours"
    size = os.get_terminal_size(1)
    yield OK, f"{where}, {size.columns}x{size.lines}, {colours}", ""
    if size.columns < 40 or size.lines < 10:
        yield NOTE, "fewer than 40x10 cells leave little to read", "Make the window larger."


def _clipboard(cli: CliContext) -> Findings:
    """Report which clipboards can be used. Copies nothing, so the clipboard is left as it is."""
    given = cli.environ.get
    installed = {tool: display for tool, display in _CLIPBOARD_TOOLS.items() if shutil.which(tool)}
    found = [tool for tool, display in installed.items() if not display or given(display)]
    if given("TMUX"):
        found.append("tmux")
    elif is_terminal(sys.stdout) and given("TERM", "") not in {"", "dumb", "linux"}:
        found.append("the terminal (OSC 52, if it accepts that)")
    if found:
        yield OK, f"copies go through {', '.join(found)}", ""
        return
    missing = " and ".join(f"{tool} is installed, but {display} is not set" for tool, display in installed.items())
    advice = "Use tmux, or a terminal that accepts OSC 52; on a desktop, install wl-clipboard or xclip."
    yield NOTE, f"nothing can be copied: {missing or 'no tool for the clipboard was found'}", advice


def _browser(_cli: CliContext) -> Findings:
    """Report which browser would open pages."""
    try:
        name = browser_found()
    except ValueError as error:
        yield NOTE, f"BROWSER can't be read ({error})", "Put in it the name of a program, and its options."
        return
    if name:
        yield OK, f"pages are opened with {name}", ""
    else:
        yield NOTE, "none was found", "Install one, or name it in BROWSER."


def _versions(_cli: CliContext) -> Findings:
    """Report the installed versions."""
    packages = (f"{package} {metadata.version(package)}" for package in _PACKAGES)
    found = [f"florilege {__version__}", f"Python {platform.python_version()}", platform.system(), *packages]
    yield OK, f"{', '.join(found)} ({sys.executable})", ""


_CHECKS = (
    _repair, _library, _settings, _searches, _sync, _access, _network, _terminal, _clipboard, _browser, _versions,
)  # fmt: skip
CHECKS: dict[str, Callable[[CliContext], Findings]] = {check.__name__.removeprefix("_"): check for check in _CHECKS}
"""The checks in their order, by the name printed before their findings. The first runs with `--repair` only."""
