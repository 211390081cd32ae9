"""Opening the app on the reader's library, on sources just added, or on the sample groups."""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from florilege.cli.context import EXIT_DONE, CliContext
from florilege.cli.output import is_terminal, print_notice
from florilege.files import read_file
from florilege.gc_paused import gc_paused
from florilege.model import FlorilegeError
from florilege.settings import Session

if TYPE_CHECKING:
    from florilege.refresh import Refresher, Result
    from florilege.store import Library
    from florilege.tui.app import AppContext, FlorilegeApp

KEYBOARD = "/dev/tty"
"""The controlling terminal of this process, whatever its standard input is."""
_PATIENCE = 1.0
"""Seconds to wait for the folder of reading states when the app closes."""
_SWITCH = 0.001
"""Seconds after which a running thread hands the interpreter to another one that asks for it."""


def open_demo(cli: CliContext) -> int:
    """Open the app on sample groups, in a temporary library."""
    _need_terminal(cli, reads_input=False)
    from florilege.demo import offer

    with tempfile.TemporaryDirectory(prefix="florilege-demo-") as folder:
        own, cli = cli.paths.config, msgspec.structs.replace(cli, folder=Path(folder))
        library = cli.library()
        offer(library, now=cli.clock())
        with suppress(OSError):
            cli.paths.config.write_bytes(read_file(own))  # changes made in the demo are discarded with it
        with gc_paused():
            return _run(msgspec.structs.replace(app_context(cli, library), sync=None))


def open_app(cli: CliContext, sources: Sequence[str] = ()) -> int:
    """Add sources, open the app on the last group added, and return the exit code.

    Raises:
        FlorilegeError: There is no terminal to open the app in.
    """
    _need_terminal(cli, reads_input="-" in sources)
    library, session = cli.library(may_be_new=True), Session.load(cli.paths.session)
    problems: tuple[str, ...] = ()
    if sources:
        from florilege.cli.add import add_sources
        from florilege.cli.fetch import code_of, print_failure

        results = add_sources(cli, library, sources, print_failure)
        each = [part for result in results for part in result.parts or (result,)]
        shown = [result.group for result in each if result.group]
        if not shown:
            return code_of(results)
        if "-" in sources:
            terminal = os.open(KEYBOARD, os.O_RDWR)  # standard input has been read to its end
            os.dup2(terminal, 0)
            os.close(terminal)
        from florilege.lists.places import Place, PlaceKind

        view = Place(PlaceKind.GROUP, shown[-1]).key
        session = msgspec.structs.replace(session, view=view, item=None, query=None)
        problems = tuple(result.error for result in each if result.error)  # printed above, and shown again in the app
        cli.problems.extend(problems)
    with gc_paused():
        return _run(app_context(cli, library, session, problems))


def app_context(
    cli: CliContext,
    library: "Library",
    session: Session | None = None,
    problems: tuple[str, ...] = (),
) -> "AppContext":
    """The outside world as the app is given it.

    Args:
        cli: The context of the command.
        library: The library to read.
        session: The session remembered from the last run.
        problems: Messages to show at the start, before those about the settings.
    """
    from florilege.commands import keymap  # imported here, while the garbage collector is paused
    from florilege.lists.reader_state import ReaderState
    from florilege.tui.app import AppContext

    def refreshing() -> "AbstractAsyncContextManager[Refresher]":
        from florilege.cli.fetch import open_refresher

        return open_refresher(cli, library, ahead=True)

    async def after_refresh(results: "Sequence[Result]") -> str | None:
        from florilege.cli.refresh import after_refresh as run_hook

        return await run_hook(cli, library, results)

    config = cli.config()
    keys = keymap(config.keys)
    return AppContext(
        state=ReaderState(library, clock=cli.clock, texts=cli.paths.cache / "texts"),
        config=config,
        keys=keys,
        session=session or Session(),
        remember=lambda kept: kept.save(cli.paths.session),  # failing to save it is no error
        desktop=cli.desktop,
        refreshing=refreshing,
        after_refresh=after_refresh,
        sync=cli.sync(library),
        settings=cli.paths.config,
        searches=cli.paths.searches,
        problems=(*problems, *config.warnings, *keys.problems),
        settled=freeze_long_lived,
    )


def _run(context: "AppContext") -> int:
    """Run the app until it exits; gives the exit code.

    Raises:
        Exception: Whatever the app failed with; the terminal has been restored.
    """
    from florilege.store import LibraryError
    from florilege.threads import run
    from florilege.tui.app import FlorilegeApp

    app = FlorilegeApp(context)
    # Python's default of 5 ms is too long: the main thread needs the interpreter several times for one key press,
    # while other threads read and search.
    sys.setswitchinterval(_SWITCH)
    with on_termination(lambda: _leave(app)):
        run(app.run_async())
    context.state.changes.retry()
    if context.state.changes.lost:
        print_notice(context.state.changes.lost)
    from florilege.cli.groups import purge  # imports modules not needed at the start

    library = context.state.library
    with suppress(LibraryError):  # this only frees space and speeds up the next start
        library.trash.empty()
        context.state.catalogue.texts.keep_only({group.id for group in library.groups()})
        if gone := purge(library, context.config, library.groups(), clock=context.state.clock):
            print_notice(gone)
        if context.sync is not None and (problem := context.sync.within(_PATIENCE).problem):
            print_notice(problem)
        library.remember_counts()
    if app.failure is not None:
        raise app.failure
    return app.return_code or EXIT_DONE


def _leave(app: "FlorilegeApp") -> None:
    """Quit as `q` does, on `kill` or when the terminal is gone, so that no temporary files are left behind.

    A closed window sends SIGHUP to its first process, often a shell, but not always to those that the shell runs;
    `tui.terminal` then sends it.
    """
    import asyncio

    with suppress(RuntimeError):  # the loop is not running yet, or no longer
        loop = asyncio.get_running_loop()
        app.call_later(app.action_quit)
        loop.call_soon_threadsafe(lambda: None)  # wakes the loop if it is waiting for a key


def freeze_long_lived() -> None:
    """Enable the garbage collector, but exempt long-lived objects: widgets, modules, the list that was read.

    Measured at 100,000 rows: the slowest key in a hundred took 217 to 301 ms without this, and 30 to 174 ms with it.
    Frozen objects are still freed once nothing refers to them; only cycles among them stay until the process ends.
    The young generation is collected often: 50,000 objects, mostly cycles left by drawing, delayed keys by 20 to 60 ms.
    """
    gc.freeze()
    gc.set_threshold(5_000, 50, 100)
    gc.enable()


def _need_terminal(cli: CliContext, *, reads_input: bool) -> None:
    """Make sure that there is a terminal, and that it can draw the app.

    Args:
        cli: The context of the command.
        reads_input: Whether standard input is read as a document, so that keys must be read from `KEYBOARD`.

    Raises:
        FlorilegeError: There is no suitable terminal.
    """
    if cli.environ.get("TERM") == "dumb":
        raise FlorilegeError("This terminal can't draw (TERM is dumb); `florilege read` reads in plain lines.")
    if not is_terminal(sys.stdout):
        instead = "florilege add -" if reads_input else "florilege list"
        raise FlorilegeError(f"florilege needs a terminal; try `{instead}`.")
    if reads_input:
        try:
            os.close(os.open(KEYBOARD, os.O_RDWR))
        except OSError as error:
            raise FlorilegeError("florilege needs a terminal for its keys; try `florilege add -`.") from error
    elif not is_terminal(sys.stdin):
        sentence = "florilege needs a terminal for its keys; to read a document from a pipe, write `florilege -`."
        raise FlorilegeError(sentence)


@contextmanager
def on_termination(react: Callable[[], None]) -> Iterator[None]:
    """Within this context, SIGTERM and SIGHUP call `react` instead of ending the process."""
    try:
        before = {number: signal.signal(number, lambda *_: react()) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not in the main thread: handlers can't be set there
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
