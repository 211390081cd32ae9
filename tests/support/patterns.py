"""Every regular expression of the program, with the strings that may be its worst."""

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
from support.trials import Row

LENGTH, FIRST = 100_000, 8_000
"""Characters of a worst string, and of the first look at it: what is quick then is not asked again."""
SECONDS, QUICK = 0.5, 0.002
"""Of processor time for so many characters; a linear pattern takes a hundredth."""
SHORT = {
    # Patterns that meet no more than so many characters, which the code around them sees to.
    "florilege.formats.dates": 100,
    "florilege.formats.detect": 20_000,
    "florilege.formats.diigo_page": 20_000,
}
_SOURCE = Path(florilege.__file__).parent
_USED = re.compile(
    r"\b(_?[A-Z][A-Z0-9_]*)(?:\[[^\]\n]*\])?\.(search|match|fullmatch|sub|subn|findall|finditer|split)\("
)


def patterns() -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """All patterns that stand in modules, also in their collections, and the literal ones inside functions."""
    for found in pkgutil.walk_packages([str(_SOURCE)], "florilege."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for each in _inside(value):
                yield f"{found.name}.{name}", each
        path = Path(str(module.__file__))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr != "compile"  # those are in the module
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str | bytes)
            ):
                yield f"{found.name}.{node.func.attr}:{node.lineno}", re.compile(node.args[0].value)


def _inside(value: object) -> "Iterator[re.Pattern[Any]]":
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _inside(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _inside(each)


@cache
def methods() -> dict[str, set[str]]:
    """How each pattern is asked, by the name of its module and its own. One that is handed on is only matched."""
    used: dict[str, set[str]] = {}
    for path in _SOURCE.rglob("*.py"):
        module = ".".join(("florilege", *path.relative_to(_SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        for name, method in _USED.findall(path.read_text("utf-8")):
            used.setdefault(f"{module}.{name}", set()).add(method)
    return used


def sample(tree: Any, repeats: int) -> str:
    """A text that a pattern matches in large part: each part of it, repeated so often where it may be."""
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
    """Strings that, repeated, may be the worst: pieces of what the pattern matches."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    found: set[str] = {" ", "\n", "a"}
    for repeats in (0, 1, 2):
        whole = sample(tree, repeats)[:60]
        found |= {whole, whole[:-1], whole[1:], f"{whole} ", whole[: len(whole) // 2], whole[len(whole) // 2 :]}
        found |= set(whole[:20]) | {whole[:size] for size in range(2, min(12, len(whole)))}
    return {unit for unit in found if unit}


def is_searched(name: str) -> bool:
    """Whether a pattern looks for itself in a text, and is not only held against it."""
    how = methods().get(name) or {name.rpartition(".")[2].partition(":")[0]}
    return bool(how & {"search", "sub", "subn", "findall", "finditer", "split"})


def worst_strings(name: str, pattern: "re.Pattern[Any]") -> Iterator[tuple[str, str, str]]:
    """What may be worst for a pattern: a beginning, what is repeated, an end."""
    for unit in sorted(units(pattern)):
        for prefix, suffix in (("", ""), ("~", "~"), (unit[:1], "\x00"), (sample_start(pattern), "~")):
            yield prefix, unit, suffix


def seconds_for(name: str, pattern: "re.Pattern[Any]", worst: tuple[str, str, str]) -> float:
    """Seconds of processor time for one of them, which are looked at again when a short one takes long."""
    prefix, unit, suffix = worst
    length, seconds = SHORT.get(name.rpartition(".")[0], LENGTH), 0.0
    for most in (min(FIRST, length), length):
        seconds = took(pattern, prefix + unit * (most // len(unit)) + suffix, is_searched=is_searched(name))
        if seconds < QUICK:
            break
    return seconds


def took(pattern: "re.Pattern[Any]", text: str, *, is_searched: bool) -> float:
    """Seconds of processor time in which a pattern has looked through a text."""
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
    """Feed the patterns their worst strings, each in turn.

    To see this row go red: write ` * *b` for a pattern.
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
