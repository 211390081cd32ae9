"""`[[source]]` tables of config.toml, and the warnings about invalid ones."""

from datetime import timedelta
from pathlib import Path

import pytest

from florilege.settings import load
from florilege.settings.rules import Rule, matches, rule_for

GROUPS = "https://groups.example.org"


def rules(tmp_path: Path, text: str) -> tuple[Rule, ...]:
    config = load(written(tmp_path, text))
    assert config.warnings == ()
    return config.sources


def warning(tmp_path: Path, text: str) -> str:
    config = load(written(tmp_path, text))
    assert config.sources == ()
    (sentence,) = config.warnings
    return sentence


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('user = "ann"\nsecret_env = "PASS"', Rule(match=GROUPS, user="ann", secret_env="PASS")),
        ('secret_env = "TOKEN"', Rule(match=GROUPS, secret_env="TOKEN")),
        ('header = "X-Api-Key"\nsecret_env = "KEY"', Rule(match=GROUPS, header="X-Api-Key", secret_env="KEY")),
        ('secret_command = ["pass", "show"]', Rule(match=GROUPS, secret_command=("pass", "show"))),
    ],
)
def test_secret_is_named_by_its_variable(tmp_path: Path, line: str, rule: Rule) -> None:
    assert rules(tmp_path, f'[[source]]\nmatch = "{GROUPS}"\n{line}') == (rule,)


def test_scheme_of_an_address_may_be_in_capitals(tmp_path: Path) -> None:
    assert rules(tmp_path, f'[[source]]\nmatch = "HTTPS{GROUPS.removeprefix("https")}"\nevery = "6h"')


def test_relative_secret_file_is_beside_the_settings(tmp_path: Path) -> None:
    (rule,) = rules(tmp_path, f'[[source]]\nmatch = "{GROUPS}"\nsecret_file = "secret"')
    assert rule.secret_file == tmp_path / "secret"


def test_longest_match_applies(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        f'[[source]]\nmatch = "{GROUPS}"\nevery = "6h"\n'
        f'[[source]]\nmatch = "{GROUPS}/slow"\nevery = "2d"\n'
        f'[[source]]\nmatch = "{GROUPS}/slow/private"\nsecret_env = "TOKEN"\n',
    )

    every, slow, private = found
    assert rule_for(found, f"{GROUPS}/rss") == every
    assert rule_for(found, f"{GROUPS}/slow/rss") == slow
    assert rule_for(found, f"{GROUPS}/slow/private/rss") == private
    assert rule_for((rule for rule in found if rule.every), f"{GROUPS}/slow/private/rss") == slow
    assert rule_for(found, "https://example.org/rss") is None


@pytest.mark.parametrize(
    ("address", "is_matched"),
    [
        ("https://groups.example.org/private", True),
        ("https://GROUPS.example.org:443/private/rss?x=1", True),
        ("https://ann@groups.example.org/private/rss", True),
        ("https://groups.example.org/privately", False),
        ("https://groups.example.org/", False),
        ("http://groups.example.org/private", False),
        ("https://groups.example.org:8443/private", False),
        ("https://groups.example.org.evil.example/private", False),
        ("https://groups.example.org@evil.example/private", False),
        ("https://evil.example/?https://groups.example.org/private", False),
        ("https://groups.example.org:x/private", False),
        ("/private", False),
    ],
)
def test_rule_applies_to_its_own_origin_and_whole_path_segments(address: str, is_matched: bool) -> None:
    for ending in ("", "/"):
        if address.endswith("/private") and ending:
            continue
        assert matches(Rule(match="https://groups.example.org/private" + ending), address) is is_matched


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('secret_env = "X"', "match is missing: the beginning of an http or https address"),
        ('match = "groups.example.org"', "match has to be"),
        ('match = "https://ann:hunter2@groups.example.org"', "match has to be"),
        ('match = "https://groups.example.org/?key=hunter2"', "match has to be"),
        (f'match = "{GROUPS}"\npassword = "hunter2"', "password is not known"),
        (f'match = "{GROUPS}"\nsecret_env = "hunter-2"', "secret_env has to be the name of an environment variable"),
        (
            f'match = "{GROUPS}"\nsecret_env = "A"\nsecret_file = "b"',
            "secret_env and secret_file can't be used together",
        ),
        (f'match = "{GROUPS}"\nuser = "a"\nheader = "b"\nsecret_env = "A"', "user and header can't be used together"),
        (f'match = "{GROUPS}"\nuser = "a"', "user needs one of secret_env, secret_file, secret_command"),
        (f'match = "{GROUPS}"\nuser = "a:b"\nsecret_env = "A"', "user has to be a user name without a colon"),
        (f'match = "{GROUPS}"\nheader = "Host"\nsecret_env = "A"', "header has to be the name of a header"),
        (f'match = "{GROUPS}"\nsecret_command = "hunter2"', "secret_command has to be a program and its arguments"),
        (f'match = "{GROUPS}"\nevery = 5', "every has to be a length of time"),
    ],
)
def test_invalid_table_is_ignored_with_a_warning_that_repeats_no_secret(tmp_path: Path, table: str, said: str) -> None:
    sentence = warning(tmp_path, f"[look]\ndates = 'iso'\n\n[[source]]\n{table}\n")

    assert f"config.toml, line 4: [[source]] {said}" in sentence
    assert sentence.endswith("the table is left out.")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("text", ["source = 5", "[source]\nmatch = 'x'"])
def test_source_must_be_a_list_of_tables(tmp_path: Path, text: str) -> None:
    assert "write [[source]]" in warning(tmp_path, text)


def test_one_invalid_table_leaves_the_others(tmp_path: Path) -> None:
    config = load(written(tmp_path, f'[[source]]\nmatch = "{GROUPS}"\nevery = "6h"\n[[source]]\nevery = "1h"\n'))

    assert config.sources == (Rule(match=GROUPS, every=timedelta(hours=6)),)
    assert "line 4" in config.warnings[0]
