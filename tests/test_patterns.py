"""Every regular expression of the program is linear, or gets short texts only: each is tried with its worst strings."""

import re

import pytest

from support.patterns import FIRST, QUICK, SECONDS, patterns, sample_start, seconds_for, took, units, worst_strings

CASES = dict(patterns())


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_pattern_is_slow(name: str) -> None:
    strings = worst_strings(name, CASES[name])
    assert [worst for worst in strings if seconds_for(name, CASES[name], worst) > SECONDS] == []


@pytest.mark.parametrize("bad", [r"[ \t]*[\n\t][ \n\t]*", r"<b>\s*([^<]{0,40}?)\s*:?\s*</b>", r"class=[^>]*x"])
def test_slow_pattern_is_detected(bad: str) -> None:
    pattern = re.compile(bad)
    starts = {"", sample_start(pattern)[:3]}
    assert any(
        took(pattern, start + unit * (size // len(unit)) + "~", is_searched=True) > QUICK
        for size in (200, 1_000, FIRST)
        for unit in units(pattern)
        for start in starts
    )
