"""Addresses and files a reader may add."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from florilege.model import Group, Source
from florilege.refresh.sources import Known, address_of, completed_address, provisional_title


def test_web_address_is_unchanged() -> None:
    assert address_of(" HTTPS://Groups.example/rss?b=1&a=2 ") == "HTTPS://Groups.example/rss?b=1&a=2"


def test_file_becomes_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert address_of("a/../export.json") == str(tmp_path / "export.json")


def test_file_with_a_colon_in_its_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes:2026.json").touch()

    assert address_of("notes:2026.json") == str(tmp_path / "notes:2026.json")


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("feed:https://groups.example/rss", "https://groups.example/rss"),
        ("feed://groups.example/rss", "https://groups.example/rss"),
        ("FEED://http://groups.example/rss", "http://groups.example/rss"),
        ("feed:groups.example/rss", None),
    ],
)
def test_feed_scheme_is_replaced_or_removed(source: str, address: str | None) -> None:
    assert address_of(source) == address


@pytest.mark.parametrize(
    "source", ["ftp://groups.example/rss", "javascript:alert(1)", "exec:rm", f"notes:{'a' * 5000}"]
)
def test_other_schemes_are_refused(source: str) -> None:
    assert address_of(source) is None


@pytest.mark.parametrize(
    ("word", "whole"),
    [
        ("diigo.com/rss", "https://diigo.com/rss"),
        ("groups.example.org", "https://groups.example.org"),
        (" example.org:8080/feed?tag=a ", "https://example.org:8080/feed?tag=a"),
        ("example.zip/feed", "https://example.zip/feed"),
        ("127.0.0.1:8080/rss", "https://127.0.0.1:8080/rss"),
        ("localhost:8080/rss", "https://localhost:8080/rss"),
        ("feed://127.0.0.1:8080/rss", "https://127.0.0.1:8080/rss"),
        ("feed:groups.example.org/rss", "https://groups.example.org/rss"),
        ("feed:https://groups.example.org/rss", None),
        ("export.csv", None),
        ("feeds/rss.xml", None),
        ("../example.org/feed", None),
        ("example", None),
        ("example.org and more", None),
    ],
)
def test_address_without_a_scheme_is_distinguished_from_a_file(word: str, whole: str | None) -> None:
    assert completed_address(word) == whole


def test_existing_file_is_meant_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.org").touch()

    assert completed_address("example.org") is None


def test_untitled_group_is_named_after_its_address() -> None:
    assert provisional_title("https://www.groups.example/group/x/rss") == "groups.example/group/x/rss"
    assert (
        provisional_title("https://groups.example/feed?group=x&token=5f0c1b2a9d8e7f6a5b4c")
        == "groups.example/feed?group=x&token=…"
    )
    assert provisional_title("http://groups.example:8080/") == "groups.example"
    assert provisional_title("http://ann:seven@groups.example:99999/") == "http://…@groups.example:99999/"
    assert provisional_title("/home/ann/Encre & Papier.json") == "Encre & Papier.json"
    assert provisional_title("-") == "Standard input"


def test_address_is_recognised_in_another_spelling() -> None:
    source = Source(address="https://groups.example/rss")
    group = Group(id="a1", title="Encre", added_at=datetime(2026, 1, 1, tzinfo=UTC), sources=(source,))

    assert Known([group]).source("http://GROUPS.example:80/rss/") == (group, source)
    assert Known([group]).source("https://groups.example/atom") is None
