"""Libraries for screen tests: full, empty and hostile ones. Everything in them is invented."""

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from florilege.marking import Mark
from florilege.model import Comment, Entry, Highlight, Outcome, Sharer, Source
from florilege.refresh import AddRequest, Result, Stage, Step
from florilege.refresh.results import combine_groups as several
from florilege.store import Library
from support.disks import Failing
from support.library import with_sources
from support.reading import NOW, entry, give, sample_library, small_library

HOSTILE = "[bold]Free[/bold] [/] \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x9d0;t\x9c [@click=app.quit]x[/] 紙 👩‍👩‍👧"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
LANGUAGES = [
    ("Oui\u202f!\u00a0«\u00a0L’espace insécable\u00a0», dit-elle\u202f; et puis\u202f?", "français"),
    ("日本語の見出しはとても長いので、枠の中で折り返さなければなりません。", "日本語"),
    ("👩‍🔧 🏳️‍🌈 👨‍👩‍👧‍👦 🇫🇷 ✍🏽 e\u0301a\u0308 Zürich", "émoji 👩‍🔧"),
    ("عنوان طويل من اليمين إلى اليسار يجب ألا يكسر الإطار", "وسم"),
    ("כותרת ארוכה בעברית שלא תשבור את המסגרת", "תגית"),
    ("한국어 제목도 넓은 글자로 되어 있습니다", "한국어"),
]
_PAGE = "https://paper.example/margins"
_MORNING = datetime(2026, 11, 23, 7, 45, tzinfo=UTC)


def nothing(folder: Path) -> Library:
    """A library without groups."""
    return Library(folder, clock=lambda: NOW)


def languages(folder: Path) -> Library:
    """Items in languages and scripts of all kinds."""
    entries = [
        entry(
            title, day=20 - place, native_id=str(place), url=f"https://example.org/{place}", tags=(tag, tag * 3),
            sharer=Sharer(name=title[:20]), description=title,
            highlights=(Highlight(id="1", quote=title * 3, comments=(Comment(text=title, author=tag, made_at=None),)),),
        )
        for place, (title, tag) in enumerate(LANGUAGES)
    ]  # fmt: skip
    return small_library(folder, {"Langues\u202f: 日本語 👩‍🔧 עברית": entries})


def hostile(folder: Path) -> Library:
    """What a feed should never contain."""
    marks = (
        Highlight(id="1", quote=HOSTILE, author=HOSTILE, colour=HOSTILE, comments=(Comment(text=HOSTILE),)),
        Highlight(id="2", quote="מימין לשמאל، مرحبا بالعالم — « l’élan »\nnext line " + LONG_WORD),
        Highlight(id="3", quote=""),
    )
    entries = [
        entry(HOSTILE, day=9, native_id="1", tags=(HOSTILE, "[/]"), description=HOSTILE, highlights=marks,
              sharer=Sharer(name=HOSTILE), url="javascript:alert(1)"),
        entry("", day=8, native_id="2", url=None, notes=(Comment(text=""), Comment(text=LONG_WORD, author=""))),
        entry(LONG_WORD, day=7, native_id="3", url=f"https://{'very-long.' * 30}example/", tags=(LONG_WORD,),
              sharer=Sharer(name=LONG_WORD), views=123_456_789, highlights=(Highlight(id="1", quote=LONG_WORD),)),
        Entry(native_id="4", title="Thousands of tags", tags=tuple(f"tag-{place}" for place in range(2000)),
              date_text="the day before \x07yesterday"),
        entry("\u200b\u2028\u00ad\t\n", day=5, native_id="5", incomplete=True, folded=42, sharer=Sharer(name="\u202e")),
        entry("Z̸̢̛͚̦̤a̷̡͍͇͂l̴͚̯̎g̵̬̈́ö̴̺́ " * 6, day=4, native_id="6", description="\n" * 9 + "far below"),
    ]  # fmt: skip
    return small_library(folder, {HOSTILE: entries, "": [], LONG_WORD: []})


def troubled(folder: Path) -> Library:
    """Groups that fail, have warnings, are empty, or were never fetched."""
    library = Library(folder, clock=lambda: NOW)
    item = entry("How to mend a spine", day=12, sharer=Sharer(name="Ann"), tags=("glue",), highlights=(
        Highlight(id="1", quote="Glue is patience made visible."),))  # fmt: skip
    failing = Source(
        address="https://groups.example.org/paper/rss", kind="diigo-rss", outcome=Outcome.FAILED,
        error="Paper & Ink was not refreshed: groups.example.org asks us to wait 15 minutes (HTTP 429).",
        failing_since=_MORNING, checked_at=_MORNING, next_due=_MORNING + timedelta(hours=2), failures=3,
    )  # fmt: skip
    odd = Source(
        address="https://bindery.example/feed", kind="atom", outcome=Outcome.OK, checked_at=_MORNING,
        warnings=tuple(f"Entry {place} has a date that can't be read: “soon”." for place in range(1, 13)),
    )  # fmt: skip
    never = Source(address="https://silent.example/rss")
    for title, sources, entries in (
        ("Paper & Ink", [failing], [item]),
        ("Bindery", [odd], [item]),
        ("Nothing yet", [never], []),
        ("Failing from the first day", [failing], []),
    ):
        give(library, with_sources(library, title, *sources).id, entries)
    return library


def shared(folder: Path) -> Library:
    """One page shared by several, in two groups."""

    def by(name: str, day: int, *quotes: str) -> Entry:
        marks = tuple(Highlight(id=str(place), quote=quote) for place, quote in enumerate(quotes))
        title = "In praise of wide margins"
        return entry(title, day=day, native_id=name, url=_PAGE, sharer=Sharer(name=name), highlights=marks)

    both = "A margin is where a book listens."
    return small_library(folder, {
        "Paper": [by("Ann", 4, both, "Leave the reader a place to answer."), by("Bob", 3, both, "White space is ink.")],
        "Seminar": [by("Eve", 2, both)],
    })  # fmt: skip


def read(folder: Path) -> Library:
    """The sample groups with everything read and nothing starred."""
    library = sample_library(folder)
    for group in library.groups():
        everything = {group.id: {item.id: item.revision for item in library.items(group.id)}}
        library.mark(Mark.READ, everything, now=NOW)
        library.mark(Mark.UNSTARRED, everything, now=NOW)
    return library


class FullDisk(Failing):
    """A disk on which nothing can be written once `room` is 0."""


def on_a_full_disk(folder: Path) -> Library:
    """A library whose disk is full, at a path that is the same wherever the tests run."""
    with Library(folder, clock=lambda: NOW, new_id=lambda: "0c6e1842c3f8ddec") as library:
        give(library, library.add_group("Encre").id, [entry("Ink", day=3), entry("Paper", day=2)])
    near = folder.relative_to(Path.cwd())
    return Library(near, clock=lambda: NOW, files=FullDisk(errno.ENOSPC, room=0), lock_timeout=0.05)


class Endless:
    """A refresher whose add never ends, after reporting its first steps."""

    async def add(self, request: AddRequest) -> Any:
        """Report progress, and wait for ever."""
        import asyncio

        request.on_step(Step(title=request.source, stage=Stage.FETCHING, page=3, items=1200))
        await asyncio.Event().wait()


class Refusing:
    """A refresher that refuses to add, with a reason."""

    async def add(self, request: AddRequest) -> Any:
        """Refuse."""
        error = (
            f"{request.source} was not added: it answers with a page, not with a feed (a login page, perhaps). "
            "Open it in a browser and look there for the address of its feed."
        )
        return Result(group="", title=request.source, outcome=Outcome.FAILED, error=error)


class Several:
    """A refresher that adds the groups of a list, one of which can't be fetched."""

    async def add(self, request: AddRequest) -> Any:
        """Give a result for each group."""
        came = [Result("", title, Outcome.OK, "rss", new=number) for title, number in (("Encre", 130), ("Papier", 41))]
        failed = Result("", "Reliure", Outcome.FAILED, error="Reliure was not fetched: nobody answers there.")
        return several("Ateliers", [*came, failed], ["1 address is no web address and was left out."], "opml")
