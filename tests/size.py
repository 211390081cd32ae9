"""`make size`: how large florilege is, and how much of it one feed, one key and a start run through.

Lines of code are those that hold something besides comments and docstrings. What runs is observed from outside: every
process is started with a profile function that records the modules of ours in which a function is called. Class bodies
and comprehensions don't count, so importing a module is not running it. `m` is pressed twice and its second press
counts, because by then everything is loaded.
"""

import ast
import importlib
import io
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import florilege
from support.terminal import COMMAND, Terminal

_SOURCE = Path(florilege.__file__).parent
_FEED = Path(__file__).parent / "samples" / "diigo_group.rss"
_FIRST_ITEM = "Lire en marge"
_TRACER = """
import inspect, os, signal, sys, threading
seen, out = set(), os.open(os.environ["FLORILEGE_TRACE"], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
def profile(frame, event, _):
    code = frame.f_code
    is_function = code.co_flags & inspect.CO_OPTIMIZED and not code.co_name.endswith(("comp>", "expr>"))
    kind = "import" if code.co_name == "<module>" else "call" if is_function else None
    if event == "call" and kind and (code.co_filename, kind) not in seen:
        seen.add((code.co_filename, kind))
        if "/florilege/" in code.co_filename:
            os.write(out, f"{kind} {code.co_filename}\\n".encode())
def begin_anew(*_):
    seen.clear()
    os.write(out, b"anew\\n")
signal.signal(signal.SIGUSR1, begin_anew)
threading.setprofile(profile)
sys.setprofile(profile)
"""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(source: str) -> int:
    """Lines that hold code: neither blank, comment nor docstring."""
    passed = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in passed and token.string:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        for statement in getattr(node, "body", ()) if isinstance(node, _DOCUMENTED) else ():
            if isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str):
                lines -= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return len(lines)


def classes() -> Iterator[type]:
    """Every class of ours."""
    for module in pkgutil.walk_packages([str(_SOURCE)], "florilege."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and value.__module__ == module.name:
                    yield value


def methods(cls: type) -> int:
    """Methods and properties of a class, including those inherited from classes of ours."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("florilege")]
    kinds = (staticmethod, classmethod, property)
    return len(
        {name for base in ours for name, value in vars(base).items() if callable(value) or isinstance(value, kinds)}
    )


def _traced(folder: Path) -> dict[str, str]:
    """A launcher that makes every Python process record which modules of ours run."""
    (folder / "sitecustomize.py").write_text(_TRACER)
    return {"PYTHONPATH": str(folder), "FLORILEGE_TRACE": str(folder / "trace")}


def _modules(folder: Path, event: str) -> set[str]:
    """The modules recorded since the start, or since the recording was reset."""
    noted = (folder / "trace").read_text().rpartition("anew\n")[2].splitlines()
    return {line.partition(" ")[2] for line in noted if line.startswith(event)}


def _one_feed(folder: Path) -> int:
    """Modules in which a function is called while one file is added, in all processes."""
    environ = {**os.environ, **_traced(folder), "FLORILEGE_HOME": str(folder / "florilege"), "HOME": str(folder)}
    subprocess.run([COMMAND, "add", str(_FEED)], env=environ, check=True, capture_output=True)
    return len(_modules(folder, "call"))


def _start_and_mark(folder: Path) -> tuple[int, int]:
    """Modules imported until the first item is shown; and those in which a function is called by a second `m`."""
    (folder / "trace").unlink()
    with Terminal(home=folder, environ=_traced(folder)) as terminal:
        terminal.shows(_FIRST_ITEM)
        imported = len(_modules(folder, "import"))
        terminal.press("l")
        _settle(terminal)
        for key in "mM":
            terminal.press(key)
            _settle(terminal)
        os.kill(terminal.process.pid or 0, signal.SIGUSR1)
        terminal.press("m")
        terminal.shows("read")
        _settle(terminal)
        return imported, len(_modules(folder, "call"))


def _settle(terminal: Terminal) -> None:
    """Wait until nothing more is drawn."""
    while terminal._read(0.5):
        pass


def main() -> None:
    """Print the table."""
    files = sorted(_SOURCE.rglob("*.py"))
    biggest = max(classes(), key=methods)
    with tempfile.TemporaryDirectory() as name:
        feed = _one_feed(Path(name))
        imported, marked = _start_and_mark(Path(name))
    rows = {
        "lines of code": sum(code_lines(path.read_text("utf-8")) for path in files),
        "modules": len(files),
        f"methods of the biggest class ({biggest.__name__})": methods(biggest),
        "modules one feed runs through, wire to disk": feed,
        "modules one `m` runs through": marked,
        "our modules imported before the first paint": imported,
    }
    for what, number in rows.items():
        sys.stdout.write(f"{what:<60} {number:>7,}\n")


if __name__ == "__main__":
    main()
