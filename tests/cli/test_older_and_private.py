"""Older pages, private groups and failing groups on the command line."""

import base64
import json

import pytest

from support.commands import Called
from support.loopback import Behaviour, Loopback, reply

RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Encre</title>{link}
<item><title>Page {number}</title><guid>{number}</guid></item></channel></rss>"""


def page(number: int, following: str | None = None) -> Behaviour:
    link = f'<atom:link rel="next" href="{following}"/>' if following else ""
    return reply(RSS.format(number=number, link=link).encode())


@pytest.fixture
def archive(server: Loopback) -> str:
    """An archive of five pages; gives the address of the first."""
    for number in range(1, 6):
        server.at(f"/p{number}", page(number, f"/p{number + 1}" if number < 5 else None))
    return server.address("/p1")


def test_add_with_all_pages_fetches_the_history(florilege: Called, server: Loopback, archive: str) -> None:
    ran = florilege("add", "--all-pages", archive)

    assert (ran.lines, ran.said, ran.code) == (["Encre: 5 new items"], [], 0)
    assert (server.count(), florilege.paused) == (5, [1.0] * 4)


def test_refresh_with_all_pages_fetches_the_history_later(florilege: Called, server: Loopback, archive: str) -> None:
    florilege("add", archive)

    ran = florilege("refresh", "--all-pages", "Encre")

    assert (ran.lines, ran.said, ran.code) == (["Encre: 4 new items"], ["4 new items in 1 group"], 0)


def test_failing_page_is_reported_and_the_next_run_resumes(florilege: Called, server: Loopback, archive: str) -> None:
    server.at("/p3", reply(status=500), page(3, "/p4"))

    first = florilege("add", "--all-pages", archive)
    second = florilege("refresh", "--all-pages", "Encre")

    assert first.code == 1
    assert "An older page is missing" in first.said[0]
    assert "Ask again to go on from there." in first.said[0]
    assert (second.lines, second.code) == (["Encre: 3 new items"], 0)
    assert server.count("/p1") == 1


def test_all_pages_needs_a_group(florilege: Called) -> None:
    ran = florilege("refresh", "--all-pages")

    assert ran.code == 2
    assert "name a GROUP" in ran.err


def test_all_pages_conflicts_with_no_refresh(florilege: Called, archive: str) -> None:
    assert florilege("add", "--all-pages", "--no-refresh", archive).code == 2


def test_private_group_is_fetched_with_the_secret_of_the_settings_which_is_stored_nowhere(
    florilege: Called, server: Loopback
) -> None:
    address = server.at("/private/rss", page(1), reply(status=401))
    florilege.environ["PASS"] = "hunter2"
    florilege.home.mkdir()
    rule = f'[[source]]\nmatch = "{server.address("/private")}"\nuser = "ann"\nsecret_env = "PASS"\n'
    (florilege.home / "config.toml").write_text(rule)

    said = [
        florilege("add", address),
        florilege("refresh", "--all"),
        florilege("refresh", "--all", "--json"),
        florilege("groups", "--json"),
        florilege("groups"),
        florilege("config"),
        florilege("doctor"),
    ]

    pair = base64.b64encode(b"ann:hunter2").decode()
    assert {request.headers["authorization"] for request in server.requests()} == {f"Basic {pair}"}
    assert said[0].lines == ["Encre: 1 new item"]
    written = [path.read_bytes() for path in florilege.home.rglob("*") if path.is_file()]
    printed = [(ran.out + ran.err).encode() for ran in said]
    assert len(written) > 1
    assert not [text for text in written + printed if b"hunter2" in text or pair.encode() in text]


def test_doctor_reports_a_missing_secret(florilege: Called) -> None:
    florilege.home.mkdir()
    rule = '[[source]]\nmatch = "https://groups.example/private"\nsecret_env = "TOKEN"\n'
    (florilege.home / "config.toml").write_text(rule)

    lines = [line for line in florilege("doctor").lines if " access: " in line]
    florilege.environ["TOKEN"] = "hunter2"
    later = [line for line in florilege("doctor").lines if " access: " in line]

    assert "its secret is not in the environment variable TOKEN" in lines[0]
    assert later == ["ok   access: the secret for https://groups.example/private is there"]


def test_doctor_reports_a_secret_that_others_can_read_or_overhear(florilege: Called) -> None:
    florilege.home.mkdir()
    secret = florilege.home / "secret"
    secret.write_text("hunter2")
    rule = f'[[source]]\nmatch = "https://groups.example/private"\nsecret_file = "{secret}"\n'
    (florilege.home / "config.toml").write_text(rule + rule.replace("https:", "http:").replace("private", "plain"))

    found = {}
    for mode in (0o640, 0o600):
        secret.chmod(mode)
        found[mode] = [line[5:] for line in florilege("doctor").lines if " access: " in line]

    assert "others can read the secret for https://groups.example/private" in found[0o640][0]
    assert "is there" in found[0o600][0]
    assert "travels in the clear" in found[0o600][1]


def test_failing_group_says_since_when_and_when_it_is_retried(florilege: Called, server: Loopback) -> None:
    florilege("add", server.at("/rss", page(1), reply(status=500)))
    florilege.clock.move(hours=1)
    florilege("refresh")
    florilege.clock.move(minutes=5)

    (line,) = florilege("groups").lines
    (source,) = json.loads(florilege("groups", "--json").out)["groups"][0]["sources"]

    assert "has a problem" in line
    assert "Failing since 13:00; next attempt at 14:0" in line
    assert (source["failing_since"], source["failures"]) == ("2026-03-20T13:00:00Z", 1)
    assert source["next_due"] > "2026-03-20T14:00:00Z"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "ok   network: no proxy is used; certificates are those of the system"),
        (
            {"HTTPS_PROXY": "http://ann:pw@proxy.example:3128", "NO_PROXY": "localhost"},
            "ok   network: https requests go through http://…@proxy.example:3128, but for localhost",
        ),
        (
            {"all_proxy": "gopher://proxy.example"},
            "note network: http requests go through gopher://proxy.example, which",
        ),
        ({"SSL_CERT_FILE": "/no/such.pem"}, "note network: SSL_CERT_FILE names /no/such.pem, which does not exist."),
    ],
)
def test_doctor_reports_proxies_and_certificates(florilege: Called, environ: dict[str, str], said: str) -> None:
    florilege.environ |= environ

    assert any(line.startswith(said) for line in florilege("doctor").lines)
