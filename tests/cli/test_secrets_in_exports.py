"""Exports leave secrets out, say so, and leave out nothing else."""

import pytest

from support.commands import Called

PLAIN = "https://example.org/feed?keywords=poetry&author=jane"
PRIVATE = "https://www.diigo.com/rss/12/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("name", ["opml", "json"])
def test_address_left_out_for_its_secret_is_reported(florilege: Called, name: str) -> None:
    florilege("add", PLAIN, PRIVATE, "--no-refresh")
    ran = florilege("export", "--format", name)
    assert ran.said == ["1 address holds a secret and is left out; --with-secrets writes all."]
    assert "keywords=poetry" in ran.out
    assert "0123456789abcdef" not in ran.out
    whole = florilege("export", "--format", name, "--with-secrets")
    assert whole.said == []
    assert PRIVATE in whole.out
