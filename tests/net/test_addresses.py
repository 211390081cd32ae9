"""Where a redirect may lead."""

import pytest

from florilege.net import FailureReason
from florilege.net.answers import NotFetched
from florilege.net.http import is_private, next_address, take_credentials


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("https://other.example/rss", "https://other.example/rss"),
        ("/new", "https://groups.example/new"),
        ("new?a=1#part", "https://groups.example/old/new?a=1"),
        ("//other.example/rss", "https://other.example/rss"),
        ("https://mallory:x@other.example/rss", "https://other.example/rss"),
    ],
)
def test_redirect_on_the_web_is_followed(location: str, address: str) -> None:
    assert next_address("https://groups.example/old/rss", location) == address


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://groups.example/rss",
        "http://",
        "https://[broken/",
        "http://other.example/rss",
        "https://127.0.0.1/rss",
        "https://[::1]/rss",
        "https://localhost/rss",
        "https://192.168.1.1/admin",
        "https://169.254.169.254/latest",
        "https://2130706433/",
    ],
)
def test_every_other_redirect_is_refused(location: str | None) -> None:
    with pytest.raises(NotFetched) as refusal:
        next_address("https://groups.example/rss", location)

    assert refusal.value.reason is FailureReason.BAD_REDIRECT


def test_private_host_may_redirect_within_its_network() -> None:
    assert next_address("http://192.168.1.7/rss", "http://192.168.1.8/rss") == "http://192.168.1.8/rss"


def test_credentials_stay_with_their_origin() -> None:
    assert next_address("https://ann:secret@groups.example/rss", "/new") == "https://ann:secret@groups.example/new"
    assert next_address("https://ann:secret@groups.example/rss", "https://groups.example:443/new") == (
        "https://ann:secret@groups.example:443/new"
    )


@pytest.mark.parametrize("location", ["https://other.example/", "https://groups.example:8443/", "//other.example/"])
def test_credentials_never_go_to_another_origin(location: str) -> None:
    following = next_address("https://ann:secret@groups.example/rss", location)

    assert isinstance(following, str)
    assert "secret" not in following


def test_credentials_are_removed_from_an_address() -> None:
    assert take_credentials("https://ann:p%40ss@groups.example:8443/rss?a=1") == (
        "https://groups.example:8443/rss?a=1",
        "Basic YW5uOnBAc3M=",
    )
    assert take_credentials("https://groups.example/rss") == ("https://groups.example/rss", None)


@pytest.mark.parametrize(
    "host", ["localhost", "app.localhost", "127.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "fe80::1"]
)
def test_local_hosts_are_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["groups.example", "8.8.8.8", "2a00:1450:4007::1", "localhost.example"])
def test_public_hosts_are_not_private(host: str) -> None:
    assert not is_private(host)
