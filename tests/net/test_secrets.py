"""Secrets of private groups: how they are sent, and where they must never go."""

import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from florilege.net import Answer, FailureReason, Fetched, Fetcher, FetchFailure
from florilege.net.answers import NotFetched
from florilege.net.secrets import Secrets, read_secret
from florilege.settings.rules import Rule
from support.clocks import Clock
from support.loopback import Loopback, redirect, reply

FEED = b"<rss/>"
SECRET = "s3cret-of-ann"
ENVIRON = {"KEY": f" {SECRET}\n"}
BASIC = f"Basic {base64.b64encode(f'ann:{SECRET}'.encode()).decode()}"


@asynccontextmanager
async def fetcher_with(clock: Clock, *rules: Rule, environ: Mapping[str, str] = ENVIRON) -> AsyncIterator[Fetcher]:
    async with Fetcher(clock=clock, secrets=Secrets(rules, environ)) as fetcher:
        yield fetcher


def rule(match: str, *, user: str = "", header: str = "", env: str = "KEY") -> Rule:
    return Rule(match=match, user=user, header=header, secret_env=env)


def sent(server: Loopback, path: str, header: str = "authorization") -> list[str | None]:
    return [request.headers.get(header) for request in server.requests(path)]


def failure_message(answer: Answer) -> str:
    assert isinstance(answer, FetchFailure)
    return answer.sentence


@pytest.mark.parametrize(
    ("way", "header", "value"),
    [
        ({"user": "ann"}, "authorization", BASIC),
        ({}, "authorization", f"Bearer {SECRET}"),
        ({"header": "X-Api-Key"}, "x-api-key", SECRET),
    ],
)
async def test_private_group_is_fetched(
    server: Loopback, clock: Clock, way: dict[str, str], header: str, value: str
) -> None:
    address = server.at("/private/rss", reply(FEED))

    async with fetcher_with(clock, rule(server.address("/private"), **way)) as fetcher:
        assert await fetcher.fetch(address, etag='"1"') == Fetched(FEED)

    assert sent(server, "/private/rss", header) == [value]
    assert sent(server, "/private/rss", "if-none-match") == ['"1"']


@pytest.mark.parametrize("path", ["/", "/privately", "/public/private"])
async def test_no_other_address_of_the_host_gets_the_secret(server: Loopback, clock: Clock, path: str) -> None:
    async with fetcher_with(clock, rule(server.address("/private"))) as fetcher:
        await fetcher.fetch(server.at(path, reply(FEED)))

    assert sent(server, path) == [None]


async def test_longest_match_wins(server: Loopback, clock: Clock) -> None:
    server.at("/a/b/rss", reply(FEED))
    rules = [rule(server.address("/a")), rule(server.address("/a/b"), env="OTHER"), rule(server.address("/"))]

    async with fetcher_with(clock, *rules, environ={"KEY": "wrong", "OTHER": "right"}) as fetcher:
        await fetcher.fetch(server.address("/a/b/rss"))

    assert sent(server, "/a/b/rss") == ["Bearer right"]


def test_token_is_sent_in_the_form_the_site_wants() -> None:
    secrets = Secrets([rule("https://readwise.io"), rule("https://api.raindrop.io")], {"KEY": "t"})

    assert secrets.headers_for("https://readwise.io/api/v2/export/") == {"Authorization": b"Token t"}
    assert secrets.headers_for("https://api.raindrop.io/rest/v1/raindrops/0") == {"Authorization": b"Bearer t"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_to_another_host_or_path_takes_no_secret_along(
    server: Loopback, clock: Clock, status: int
) -> None:
    server.at("/elsewhere", redirect(server.address("/outside"), status))
    server.at("/outside", reply(FEED))
    server.at("/private/rss", redirect(server.address("/elsewhere", host="localhost"), status))

    async with fetcher_with(clock, rule(server.address("/private"))) as fetcher:
        await fetcher.fetch(server.address("/private/rss"))

    assert sent(server, "/private/rss") == [f"Bearer {SECRET}"]
    assert sent(server, "/elsewhere") == [None]
    assert sent(server, "/outside") == [None]


async def test_redirect_within_the_match_keeps_the_secret(server: Loopback, clock: Clock) -> None:
    server.at("/private/new", reply(FEED))

    async with fetcher_with(clock, rule(server.address("/private"))) as fetcher:
        await fetcher.fetch(server.at("/private/rss", redirect("/private/new", 301)))

    assert sent(server, "/private/new") == [f"Bearer {SECRET}"]


async def test_settings_win_over_a_password_in_the_address(server: Loopback, clock: Clock) -> None:
    server.at("/private/rss", reply(FEED))

    async with fetcher_with(clock, rule(server.address("/private"))) as fetcher:
        await fetcher.fetch(server.address("/private/rss", userinfo="bob:old"))

    assert sent(server, "/private/rss") == [f"Bearer {SECRET}"]


async def test_group_with_a_missing_secret_is_not_fetched_and_says_why(server: Loopback, clock: Clock) -> None:
    address = server.at("/private/rss", reply(FEED))

    async with fetcher_with(clock, rule(server.address("/private")), environ={}) as fetcher:
        answer = await fetcher.fetch(address)

    assert failure_message(answer) == (
        f"{address} was not fetched: its secret is not in the environment variable KEY, where the settings look for it."
    )
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, server.count()) == (FailureReason.SECRET_MISSING, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500])
async def test_no_message_repeats_the_secret(server: Loopback, clock: Clock, status: int) -> None:
    address = server.at("/private/rss", reply(SECRET.encode(), status=status))

    async with fetcher_with(clock, rule(server.address("/private"))) as fetcher:
        assert SECRET not in failure_message(await fetcher.fetch(address))


@pytest.mark.parametrize("content", [b"s3cret-of-ann\n", b"\xef\xbb\xbfs3cret-of-ann", b"\r\n s3cret-of-ann \r\n"])
def test_secret_is_read_from_a_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    assert read_secret(Rule(secret_file=path), {}) == SECRET


@pytest.mark.parametrize("content", [b"", b" \n", b"two\nlines", b"t\x1b[31m", b"tok\xffen", "clé".encode()])
def test_unsendable_secret_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)

    with pytest.raises(NotFetched) as refusal:
        read_secret(Rule(secret_file=path), {})

    assert str(path) in str(refusal.value)
    assert content.strip() == b"" or content.decode("utf-8", "replace").strip() not in str(refusal.value)


def test_secret_file_that_is_no_regular_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="is not in the file"):
        read_secret(Rule(secret_file=tmp_path), {})


def test_password_may_have_any_characters() -> None:
    secrets = Secrets([rule("https://groups.example", user="ann")], {"KEY": "clé:d'or"})
    header = secrets.headers_for("https://groups.example/rss")["Authorization"]
    assert base64.b64decode(header.removeprefix(b"Basic ")).decode() == "ann:clé:d'or"


def test_command_prints_the_secret_without_a_shell(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    command = (sys.executable, "-c", "import sys; print(sys.argv[1]); print('user: ann')", f"$(touch {shown})")

    assert read_secret(Rule(user="ann", secret_command=command), os.environ) == f"$(touch {shown})"
    assert not shown.exists()


def test_agent_left_running_by_the_command_is_not_waited_for() -> None:
    leave = "import subprocess; print('a-secret', subprocess.Popen(['sleep', '60']).pid)"

    secret, agent = read_secret(Rule(secret_command=(sys.executable, "-c", leave)), os.environ).split()

    os.kill(int(agent), signal.SIGKILL)  # raises if it has ended before
    assert secret == "a-secret"


@pytest.mark.parametrize("command", [(sys.executable, "-c", "raise SystemExit(1)"), ("no-such-program-here",)])
def test_failing_command_is_reported(command: tuple[str, ...]) -> None:
    with pytest.raises(NotFetched, match="prints, where the settings look for it"):
        read_secret(Rule(secret_command=command), os.environ)
