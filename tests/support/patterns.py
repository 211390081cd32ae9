"""Every regular expression of the program, with strings that may be its worst case."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import florilege
from support.snapshots import leaves
from support.trials import Row

LENGTH, FIRST = 100_000, 8_000
"""Characters of a worst string, and of its first try; a pattern that is fast then is not tried again."""
SECONDS, QUICK = 0.5, 0.002
"""Limit in processor seconds for that length; a linear pattern takes a hundredth of it."""
SHORT = {
    # Patterns whose callers limit their input to this many characters.
    "florilege.formats.dates": 100,
    "florilege.formats.detect": 20_000,
    "florilege.formats.diigo_page": 20_000,
}
_SOURCE = Path(florilege.__file__).parent
_USED = re.compile(
    r"\b(_?[A-Z][A-Z0-9_]*)(?:\[[^\]\n]*\])?\.(search|match|fullmatch|sub|subn|findall|finditer|split)\("
)


def patterns() -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """All patterns in modules, including in their collections, and literal ones inside functions."""
    for found in pkgutil.walk_packages([str(_SOURCE)], "florilege."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for each in leaves(value, re.Pattern):
                yield f"{found.name}.{name}", each
        path = Path(str(module.__file__))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr != "compile"  # those are listed with their module
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str | bytes)
            ):
                yield f"{found.name}.{node.func.attr}:{node.lineno}", re.compile(node.args[0].value)


@cache
def methods() -> dict[str, set[str]]:
    """The methods each pattern is used with, by module and name; a pattern passed elsewhere counts as matched only."""
    used: dict[str, set[str]] = {}
    for path in _SOURCE.rglob("*.py"):
        module = ".".join(("florilege", *path.relative_to(_SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        for name, method in _USED.findall(path.read_text("utf-8")):
            used.setdefault(f"{module}.{name}", set()).add(method)
    return used


def sample(tree: Any, repeats: int) -> str:
    """A text that a pattern largely matches: each part of it, repeated this often where allowed."""
    pieces = []
    for operation, argument in tree:
        if operation in {ops.LITERAL, ops.NOT_LITERAL}:
            pieces.append(chr(argument) if operation is ops.LITERAL else "~")
        elif operation is ops.ANY:
            pieces.append("x")
        elif operation is ops.IN:
            pieces.append(_one_of(argument))
        elif operation in {ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT}:
            least, most, inside = argument
            pieces.append(sample(inside, repeats) * max(least, min(most, repeats)))
        elif operation is ops.SUBPATTERN:
            pieces.append(sample(argument[-1], repeats))
        elif operation is ops.ATOMIC_GROUP:
            pieces.append(sample(argument, repeats))
        elif operation is ops.BRANCH:
            pieces.append(sample(argument[1][repeats % len(argument[1])], repeats))
        elif operation is ops.GROUPREF:
            pieces.append("'")
    return "".join(pieces)


def _one_of(choices: Any) -> str:
    operation, argument = choices[0]
    if operation is ops.NEGATE:
        excluded = {argument for kind, argument in choices if kind is ops.LITERAL}
        return next(letter for letter in "x -=.:;'~" if ord(letter) not in excluded)
    if operation is ops.RANGE:
        return chr(argument[0])
    if operation is ops.CATEGORY:
        return {"SPACE": " ", "DIGIT": "1", "WORD": "x"}.get(str(argument).rpartition("_")[2], "-")
    return chr(argument)


def units(pattern: "re.Pattern[Any]") -> set[str]:
    """Strings that may be the worst when repeated: pieces of what the pattern matches."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    found: set[str] = {" ", "\n", "a"}
    for repeats in (0, 1, 2):
        whole = sample(tree, repeats)[:60]
        found |= {whole, whole[:-1], whole[1:], f"{whole} ", whole[: len(whole) // 2], whole[len(whole) // 2 :]}
        found |= set(whole[:20]) | {whole[:size] for size in range(2, min(12, len(whole)))}
    return {unit for unit in found if unit}


def is_searched(name: str) -> bool:
    """Whether a pattern is searched for, not only matched at a position."""
    how = methods().get(name) or {name.rpartition(".")[2].partition(":")[0]}
    return bool(how & {"search", "sub", "subn", "findall", "finditer", "split"})


def worst_strings(name: str, pattern: "re.Pattern[Any]") -> Iterator[tuple[str, str, str]]:
    """Candidates for the worst string: a beginning, a repeated part, an end."""
    for unit in sorted(units(pattern)):
        for prefix, suffix in (("", ""), ("~", "~"), (unit[:1], "\x00"), (sample_start(pattern), "~")):
            yield prefix, unit, suffix


def seconds_for(name: str, pattern: "re.Pattern[Any]", worst: tuple[str, str, str]) -> float:
    """Processor seconds for one of them; measured again if a short one takes long."""
    prefix, unit, suffix = worst
    length, seconds = SHORT.get(name.rpartition(".")[0], LENGTH), 0.0
    for most in (min(FIRST, length), length):
        seconds = took(pattern, prefix + unit * (most // len(unit)) + suffix, is_searched=is_searched(name))
        if seconds < QUICK:
            break
    return seconds


def took(pattern: "re.Pattern[Any]", text: str, *, is_searched: bool) -> float:
    """Processor seconds a pattern takes for a text."""
    subject = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    if is_searched:
        for _ in pattern.finditer(subject):
            pass
    else:
        pattern.match(subject)
        pattern.fullmatch(subject)
    return time.process_time() - began


def sample_start(pattern: "re.Pattern[Any]") -> str:
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return sample(parser.parse(text), 1)[:30]


def worst(row: Row) -> None:
    """Try every pattern with its worst strings.

    To see this trial fail: use ` * *b` as a pattern.
    """
    cases = [
        (name, pattern, each) for name, pattern in dict(patterns()).items() for each in worst_strings(name, pattern)
    ]
    row.chance.shuffle(cases)
    row.wanted = min(row.wanted, len(cases))
    for name, pattern, each in cases:
        if not row.goes_on:
            break
        with row.trying():
            seconds = seconds_for(name, pattern, each)
        if seconds > SECONDS:
            row.failures.append(f"{name}: {seconds:.1f} s for {each}")
