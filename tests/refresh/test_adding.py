"""Adding groups: what is kept, and what is not."""

import asyncio
import errno
from pathlib import Path

import pytest

from florilege.model import Outcome, Source
from florilege.net import Fetcher
from florilege.refresh import AddRequest, Refresher, Result, Step
from florilege.store import Library
from florilege.store.disk import Files
from support.clocks import Clock
from support.library import with_sources
from support.loopback import Loopback, after, redirect, reply
from support.papers import PaperParser, paper


def only_group(library: Library) -> tuple[str, list[str]]:
    (group,) = library.groups()
    return group.title, [item.title for item in library.items(group.id)]


async def test_feed_becomes_a_group_named_by_its_document(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    result = await refresher.add(AddRequest(server.at("/rss", reply(paper("one", "two"), etag='"1"')), tags=["papier"]))

    (group,) = library.groups()
    ids = tuple(item.id for item in library.items(group.id))
    assert result == Result(group.id, "Encre & Papier", Outcome.OK, "rss", new=2, arrived=ids)
    assert (group.title, group.tags, group.site) == ("Encre & Papier", ("papier",), "https://example.org/")
    (source,) = group.sources
    assert (source.etag, source.outcome) == ('"1"', Outcome.OK)
    assert len(library.items(group.id)) == 2


async def test_title_given_by_the_reader_wins(server: Loopback, library: Library, refresher: Refresher) -> None:
    await refresher.add(AddRequest(server.at("/rss", reply(paper("one"))), title="Mine"))

    assert only_group(library) == ("Mine", ["one"])


async def test_untitled_document_is_named_after_its_address(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    await refresher.add(AddRequest(server.at("/rss", reply(paper("one", group=None)))))

    assert only_group(library) == ("127.0.0.1/rss", ["one"])


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"<!doctype html><title>Log in</title>"),
        reply(b""),
        reply(b"x" * 70_000),
        reply(b"x", headers={"Content-Encoding": "br"}),
        reply(status=401),
        reply(status=404),
        reply(status=410),
        redirect("file:///etc/passwd"),
    ],
    ids=["page", "empty", "too large", "unpacked", "401", "404", "410", "bad redirect"],
)
async def test_address_without_a_feed_keeps_nothing(
    server: Loopback, library: Library, refresher: Refresher, answer: object
) -> None:
    address = server.at("/rss", answer)  # type: ignore[arg-type]

    result = await refresher.add(AddRequest(address))

    assert (result.group, result.title, result.outcome) == ("", address, Outcome.FAILED)
    assert result.error
    assert "florilege tries again" not in result.error
    assert library.groups() == []


@pytest.mark.parametrize(
    "answer", [reply(status=503), reply(status=429), reply(b"cut", length=99)], ids=["503", "429", "cut"]
)
async def test_network_error_keeps_the_group_as_failing(
    server: Loopback, library: Library, refresher: Refresher, answer: object
) -> None:
    result = await refresher.add(AddRequest(server.at("/rss", answer)))  # type: ignore[arg-type]

    (group,) = library.groups()
    assert (result.group, result.title, result.outcome) == (group.id, "127.0.0.1/rss", Outcome.FAILED)
    assert group.error == result.error
    assert group.outcome is Outcome.FAILED


async def test_failing_group_gets_its_title_once_it_works(
    server: Loopback, library: Library, refresher: Refresher, clock: Clock
) -> None:
    await refresher.add(AddRequest(server.at("/rss", reply(status=503), reply(paper("one")))))
    clock.move(days=1)

    async for _ in refresher.refresh():
        pass

    assert only_group(library) == ("Encre & Papier", ["one"])


@pytest.mark.parametrize("source", ["ftp://groups.example/rss", "javascript:alert(1)", "http://", "/no/such/file.rss"])
async def test_address_that_cannot_be_followed_keeps_nothing(
    library: Library, refresher: Refresher, source: str
) -> None:
    result = await refresher.add(AddRequest(source))

    assert (result.group, result.outcome) == ("", Outcome.FAILED)
    assert library.groups() == []


async def test_known_address_is_refreshed(server: Loopback, library: Library, refresher: Refresher) -> None:
    address = server.at("/rss", reply(paper("one")), reply(paper("one", "two")))
    await refresher.add(AddRequest(address))

    result = await refresher.add(AddRequest(f"{address}/"))

    assert (result.outcome, result.new) == (Outcome.OK, 1)
    assert result.warnings == ("It is already here, as “Encre & Papier”.",)
    assert only_group(library) == ("Encre & Papier", ["one", "two"])


async def test_concurrent_adds_of_one_address_make_one_group(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    address = server.at("/rss", reply(paper("one")))

    await asyncio.gather(refresher.add(AddRequest(address)), refresher.add(AddRequest(address)))

    assert only_group(library) == ("Encre & Papier", ["one"])


async def test_adding_a_gone_source_fetches_it_once_more(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    address = server.at("/rss", reply(paper("one")))
    with_sources(library, "Encre", Source(address=address, gone=True, outcome=Outcome.FAILED, error="Gone."))

    result = await refresher.add(AddRequest(address))

    assert result.outcome is Outcome.OK
    assert not library.groups()[0].sources[0].gone


async def test_address_moved_to_a_known_one_makes_no_second_group(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    new = server.at("/new", reply(paper("one")))
    await refresher.add(AddRequest(new))

    await refresher.add(AddRequest(server.at("/old", redirect("/new", 301))))

    assert only_group(library) == ("Encre & Papier", ["one"])
    assert [source.address for source in library.groups()[0].sources] == [new]


async def test_moved_address_is_stored_as_it_is_now(server: Loopback, library: Library, refresher: Refresher) -> None:
    new = server.at("/new", reply(paper("one")))

    await refresher.add(AddRequest(server.at("/old", redirect("/new", 308))))

    assert [source.address for source in library.groups()[0].sources] == [new]


async def test_untitled_document_that_moved_is_named_after_its_new_address_until_it_has_a_title(
    server: Loopback, library: Library, refresher: Refresher
) -> None:
    server.at("/new", reply(paper("one", group=None)), reply(paper("two", group="Encre")))
    added = await refresher.add(AddRequest(server.at("/old", redirect("/new", 308))))

    refreshed = [result async for result in refresher.refresh(insist=True)]

    assert [added.title, refreshed[0].title] == ["127.0.0.1/new", "Encre"]


async def test_source_can_be_added_to_a_group(server: Loopback, library: Library, refresher: Refresher) -> None:
    group = with_sources(library, "Mine", Source(address=server.at("/a", reply(paper("one")))))

    result = await refresher.add(AddRequest(server.at("/b", reply(paper("two"))), into=group.id))

    assert (result.group, result.title, result.new) == (group.id, "Mine", 1)
    assert [source.outcome for source in library.group(group.id).sources] == [Outcome.NEVER, Outcome.OK]


async def test_non_feed_is_not_added_to_a_group(server: Loopback, library: Library, refresher: Refresher) -> None:
    group = library.add_group("Mine")

    result = await refresher.add(AddRequest(server.at("/b", reply(b"<html>")), into=group.id))

    assert (result.group, result.outcome) == (group.id, Outcome.FAILED)
    assert library.group(group.id).sources == ()


async def test_unknown_group_gets_no_source(server: Loopback, library: Library, refresher: Refresher) -> None:
    result = await refresher.add(AddRequest(server.at("/rss", reply(paper("one"))), into="abcd"))

    assert result.outcome is Outcome.FAILED
    assert "No group is called" in (result.error or "")
    assert server.count() == 0


async def test_without_refresh_nothing_is_fetched(server: Loopback, library: Library, refresher: Refresher) -> None:
    result = await refresher.add(AddRequest(server.at("/rss", reply(paper("one"))), refresh=False))

    assert result.outcome is Outcome.SKIPPED
    assert only_group(library) == ("127.0.0.1/rss", [])
    assert server.count() == 0


async def test_file_is_added_by_its_absolute_path(
    library: Library, refresher: Refresher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "export.json").write_bytes(paper("one", group=None))

    await refresher.add(AddRequest("export.json"))

    assert only_group(library) == ("export.json", ["one"])
    assert library.groups()[0].sources[0].address == str(tmp_path / "export.json")


async def test_folder_keeps_nothing(library: Library, refresher: Refresher, tmp_path: Path) -> None:
    result = await refresher.add(AddRequest(str(tmp_path)))

    assert "is a folder" in (result.error or "")
    assert library.groups() == []


async def test_standard_input_has_no_source(library: Library, refresher: Refresher) -> None:
    result = await refresher.add(AddRequest("-"), body=paper("one", group=None))

    assert (result.outcome, result.new) == (Outcome.OK, 1)
    assert only_group(library) == ("Standard input", ["one"])
    assert library.groups()[0].sources == ()


async def test_standard_input_can_be_added_to_a_group(library: Library, refresher: Refresher) -> None:
    group = library.add_group("Mine")

    await refresher.add(AddRequest("-", into=group.id), body=paper("one"))

    assert only_group(library) == ("Mine", ["one"])


async def test_standard_input_without_a_feed_keeps_nothing(library: Library, refresher: Refresher) -> None:
    result = await refresher.add(AddRequest("-"), body=b"no")

    assert (result.group, result.title, result.outcome) == ("", "Standard input", Outcome.FAILED)
    assert library.groups() == []


async def test_progress_shows_no_secret(server: Loopback, refresher: Refresher) -> None:
    token = "0123456789abcdef0123456789abcdef"
    server.at(f"/rss/{token}", reply(paper("one")))
    steps: list[Step] = []

    await refresher.add(AddRequest(server.address(f"/rss/{token}", userinfo="ann:hush"), on_step=steps.append))

    assert steps
    assert not any(secret in step.title for step in steps for secret in (token, "hush"))


async def test_cancelled_add_keeps_nothing(
    server: Loopback, library: Library, refresher: Refresher, parser: PaperParser
) -> None:
    address = server.at("/rss", after(server.gate(), reply()))
    adding = asyncio.create_task(refresher.add(AddRequest(address)))
    await server.until(lambda server: server.count() == 1)

    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding

    assert library.groups() == []


class Narrow(Files):
    """A disk with room for short lines only."""

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        if len(data) > 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(descriptor, data, offset)


async def test_group_whose_items_cannot_be_written_is_not_kept(
    server: Loopback, tmp_path: Path, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    address = server.at("/rss", reply(paper(*(f"one of many, {number}" for number in range(50)))))
    with Library(tmp_path / "narrow", clock=clock, files=Narrow()) as library:
        result = await Refresher(library, fetcher, parser, clock=clock).add(AddRequest(address))

        assert (result.outcome, result.unusable) == (Outcome.FAILED, True)
        assert "the disk is full. Nothing was changed." in (result.error or "")
        assert (library.groups(), library.trash.groups()) == ([], [])


async def test_group_does_not_keep_a_source_whose_items_cannot_be_written(
    server: Loopback, tmp_path: Path, fetcher: Fetcher, parser: PaperParser, clock: Clock
) -> None:
    address = server.at("/rss", reply(paper(*(f"one of many, {number}" for number in range(50)))))
    with Library(tmp_path / "narrow", clock=clock, files=Narrow()) as library:
        group = with_sources(library, "Mine", Source(address="https://example.org/mine"))
        result = await Refresher(library, fetcher, parser, clock=clock).add(AddRequest(address, into=group.id))

        assert (result.outcome, result.unusable) == (Outcome.FAILED, True)
        assert library.groups() == [group]
