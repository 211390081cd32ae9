"""Running the reader's own programs, on a text as standard input or a file to show. Never through a shell."""

import asyncio
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from florilege.text import clean_line, counted

LIMIT = 60.0
"""Seconds after which a program is stopped."""
_OUTPUT_LIMIT = 64 << 10
"""Bytes of a program's output that are read."""
_VIEWERS = ("VISUAL", "EDITOR", "PAGER")
"""Environment variables that name the program to show a file; the first one set is used."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of running a program."""

    output: str = ""
    """The first line of its standard output, and the number of further lines."""
    error: str | None = None
    """What went wrong, as the end of a sentence: `failed with exit code 1: no mailer`; None on success."""
    has_started: bool = True


async def run(command: Sequence[str], stdin: bytes, environ: Mapping[str, str], limit: float = LIMIT) -> RunResult:
    """Run a program to completion, without a shell or a terminal.

    Args:
        command: The program and its arguments.
        stdin: Its standard input.
        environ: Its environment.
        limit: Seconds that it may take; then it is killed.
    """
    try:
        with TemporaryFile() as news, TemporaryFile() as out, TemporaryFile() as err:
            # No pipes: background processes left by the program could hold them open.
            news.write(stdin)
            news.seek(0)
            process = await asyncio.create_subprocess_exec(
                *command, stdin=news, stdout=out, stderr=err, env=dict(environ), start_new_session=True
            )
            try:
                async with asyncio.timeout(limit):
                    code = await process.wait()
            except TimeoutError:
                return RunResult(error=f"was stopped: it was not done after {limit:g} s.")
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()
            if code:
                last = next(reversed(_lines(err, from_end=True)), "")
                return RunResult(error=f"failed with exit code {code}{f': {last}' if last else '.'}")
            first, *others = _lines(out) or [""]
            return RunResult(f"{first} ({counted(len(others), 'more line')})" if others else first)
    except (OSError, ValueError) as error:  # there is no such program, or no room for its temporary files
        why = getattr(error, "strerror", None) or error
        return RunResult(error=f"could not be started: {why}.", has_started=False)


def _lines(output: IO[bytes], *, from_end: bool = False) -> list[str]:
    """The non-blank lines from the beginning, or the end, of a program's output."""
    end = output.seek(0, os.SEEK_END)
    output.seek(max(0, end - _OUTPUT_LIMIT) if from_end else 0)
    text = output.read(_OUTPUT_LIMIT).decode("utf-8", "replace")
    return [line for each in text.split("\n") if (line := clean_line(each))]


def words_of(command: str) -> list[str]:
    """Split a typed command as a shell would; nothing is expanded except `~/` at the start of a word.

    Raises:
        ValueError: A quotation mark is not closed.
        RuntimeError: There is no home folder.
    """
    return [str(Path(word).expanduser()) if word.startswith("~/") else word for word in shlex.split(command)]


def view(text: str, name: str, environ: Mapping[str, str]) -> str | None:
    """Show a text in the reader's editor or pager, which takes over the terminal. Edits are discarded.

    Args:
        text: What to show.
        name: The name of the temporary file, without a folder.
        environ: Environment; $VISUAL, $EDITOR or $PAGER names the program, `less` is used when none is set.

    Returns:
        What went wrong, as a sentence; None on success.
    """
    variable = next((each for each in _VIEWERS if environ.get(each, "").strip()), None)
    try:
        command = words_of(environ[variable]) if variable else ["less"]
        with TemporaryDirectory(prefix="florilege-") as folder:
            path = Path(folder, name)
            path.write_text(text, encoding="utf-8", errors="replace")
            code = subprocess.run([*command, str(path)], env=dict(environ), check=False).returncode  # noqa: S603
    except (OSError, ValueError, RuntimeError) as error:
        what = f"${variable}" if variable else "less; name an editor in $EDITOR"
        return clean_line(f"It could not be shown by {what} ({getattr(error, 'strerror', None) or error}).")
    return f"{clean_line(command[0])} ended with exit code {code}." if code else None
