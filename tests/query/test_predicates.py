"""What each part of the query language finds."""

import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.model import Comment, Highlight, Item, ItemSummary, OwnNote, ReadingState, Sharer
from florilege.query.fields import is_moment, moment
from florilege.query.language import parse
from florilege.query.subject import Section, Subject, searchable
from support.strategies import items, summary_of

NOW = datetime(2024, 3, 31, 12, 0, tzinfo=UTC)
ITEM = Item(
    id="i",
    group="g",
    added_at=NOW,
    title="L’Encre & le papier",
    url="https://blog.example.org/page",
    sharer=Sharer("Odette Plumier", "odette_p"),
    shared_at=datetime(2019, 4, 12, 8, 30, tzinfo=UTC),
    tags=("Élan vital", "lecture"),
    description="Une belle œuvre",
    notes=(Comment("A note on it", replies=(Comment("An answer"),)),),
    comments=(Comment("Seen before"),),
    highlights=(
        Highlight(id="h", quote="Le «\u00a0vélin\u00a0» est\nfin", comments=(Comment("Indeed, supple"),), revision=2),
    ),
    revision=2,
)
BARE = Item(id="b", group="g", added_at=NOW)
READ = ReadingState(item="i", read_at=NOW, seen=1)
UNREAD = ReadingState(item="i")


def finds(query: str, item: Item | ItemSummary = ITEM, state: ReadingState = READ, now: datetime = NOW) -> bool:
    return parse(query).predicate(now=now)(Subject(item, state, "Encre & Papier"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "encre",
        "l'encre",
        "L’ENCRE",
        "papi",
        "elan",
        "oeuvre",
        "plumier",
        "odette_p",
        "answer",
        "before",
        "supple",
        '"le « vélin » est fin"',
        "velin",
        "papier velin",
        "nothing or velin",
        "-nothing",
        "tag:lecture",
        "tag:LECTURE",
        'tag:"elan vital"',
        "tag:elan*",
        "tag:*",
        "-tag:lect",
        "by:odette",
        "by:plumier",
        "by:odette_p",
        "group:papier",
        "title:encre",
        "quote:velin",
        'quote:"est fin"',
        "note:answer",
        "note:supple",
        "note:seen",
        "site:example.org",
        "site:example",
        "site:www.example.org",
        "site:BLOG.example.org",
        "is:read",
        "is:new",
        "is:any",
        "has:quote",
        "has:note",
        "has:comment",
        "has:link",
        "after:2019",
        "after:2019-04-12",
        "before:2019-04-13",
        "before:2020",
        "before:1y",
        "after:99y",
        "after:999999d",
    ],
)
def test_item_is_found(query: str) -> None:
    assert finds(query)


@pytest.mark.parametrize(
    "query",
    [
        "nothing",
        '"papier encre"',
        '"papier Odette"',
        "papier -velin",
        "not (papier velin)",
        "tag:lect",
        "tag:vital",
        "-tag:*",
        "by:supple",
        "group:velin",
        "title:velin",
        "quote:papier",
        "note:velin",
        "site:ample.org",
        "site:exam",
        "is:unread",
        "is:starred",
        "before:2019",
        "before:2019-04-12",
        "after:2019-04-13",
        "after:2020",
        "after:1y",
        "before:999999y",
    ],
)
def test_item_is_not_found(query: str) -> None:
    assert not finds(query)


@pytest.mark.parametrize(
    "query",
    [
        "tag:*", "tag:x", "by:x", "site:x", "quote:x", "note:x", "title:x",
        "has:quote", "has:note", "has:comment", "has:link", "before:2030", "after:1000", "day:today", "is:new",
    ],
)  # fmt: skip
def test_unknown_values_match_no_field(query: str) -> None:
    assert not finds(query, BARE)
    assert finds(f"-{query}", BARE)


def test_states_are_those_of_the_reader() -> None:
    starred = ReadingState(item="i", starred_at=NOW)

    assert finds("is:starred is:unread", state=starred)
    assert not finds("is:new", state=starred)
    assert not finds("is:new", state=ReadingState(item="i", read_at=NOW, seen=2))


def test_reply_to_a_note_is_a_comment() -> None:
    assert finds("has:comment", Item(id="n", group="g", added_at=NOW, notes=ITEM.notes))


def test_item_without_share_date_is_dated_by_its_update() -> None:
    assert finds("after:2021", Item(id="u", group="g", added_at=NOW, updated_at=datetime(2021, 1, 1, tzinfo=UTC)))


def test_days_are_in_the_readers_time_zone() -> None:
    late = Item(id="l", group="g", added_at=NOW, shared_at=datetime(2019, 4, 11, 23, 0, tzinfo=UTC))
    paris = NOW.astimezone(timezone(timedelta(hours=2)))

    assert finds("after:2019-04-12", late, now=paris)
    assert not finds("after:2019-04-12", late)


def test_note_on_a_highlight_is_found_by_its_item_and_that_highlight_only() -> None:
    mine = ReadingState(item="i", notes=(OwnNote("For the Élan seminar", "h"),))
    other = msgspec.structs.replace(ITEM, highlights=(Highlight(id="other", quote="vélin"),))
    for query in ("seminar", "mine:seminar", "has:mine"):
        assert finds(query, state=mine)
        assert query == "seminar" or finds(query, summary_of(ITEM), state=mine)
        assert not finds(query, other, state=mine)


def test_day_today_uses_the_date_of_the_highlight_if_known() -> None:
    then = NOW.replace(year=2019)
    made = msgspec.structs.replace(ITEM.highlights[0], made_at=then)
    assert not finds("day:today")
    assert finds("day:today", msgspec.structs.replace(ITEM, highlights=(made, *ITEM.highlights)))
    other = msgspec.structs.replace(made, made_at=then - timedelta(days=1))
    assert not finds("day:today", msgspec.structs.replace(ITEM, shared_at=then, highlights=(other,)))
    assert finds("day:today", msgspec.structs.replace(ITEM, shared_at=then))
    assert not finds("day:today", msgspec.structs.replace(ITEM, shared_at=NOW.replace(year=1)))
    assert finds("2019", msgspec.structs.replace(ITEM, title="2019", shared_at=then))
    assert not finds("2019", msgspec.structs.replace(ITEM, shared_at=then)), "a day is no word"


def test_plain_words_find_own_notes_too() -> None:
    mine = ReadingState(item="i", notes=(OwnNote("For the Élan seminar"),))
    assert finds("seminar", state=mine)
    assert finds("seminar velin", state=mine)
    assert not finds("seminar velin", state=UNREAD)
    assert not finds("body:seminar", state=mine)
    assert not finds("-seminar", state=mine)


def test_day_today_means_earlier_years_in_the_readers_time_zone() -> None:
    late = Item(id="l", group="g", added_at=NOW, shared_at=datetime(2019, 3, 31, 23, 0, tzinfo=UTC))
    paris = timezone(timedelta(hours=2))

    assert finds("day:today", late)
    assert not finds("day:today", late, now=NOW.astimezone(paris))
    assert finds("day:today", late, now=datetime(2024, 4, 1, 12, 0, tzinfo=paris))
    assert not finds("day:today", late, now=late.shared_at or NOW)
    assert finds("day:today", Item(id="n", group="g", added_at=NOW, shared_at=datetime(2019, 3, 31, 9, 0)))  # noqa: DTZ001


def test_date_without_zone_counts_as_it_is_shown() -> None:
    naive = Item(id="l", group="g", added_at=NOW, shared_at=datetime(2019, 4, 12, 0, 30))  # noqa: DTZ001
    paris = NOW.astimezone(timezone(timedelta(hours=2)))

    assert finds("after:2019-04-12 before:2019-04-13", naive, now=paris)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019", "2019-01-01T00:00:00+00:00"),
        ("2019-04", "2019-04-01T00:00:00+00:00"),
        ("2019-04-12", "2019-04-12T00:00:00+00:00"),
        ("7d", "2024-03-24T12:00:00+00:00"),
        ("2w", "2024-03-17T12:00:00+00:00"),
        ("1m", "2024-02-29T12:00:00+00:00"),
        ("13M", "2023-02-28T12:00:00+00:00"),
        ("1y", "2023-03-31T12:00:00+00:00"),
        ("0d", "2024-03-31T12:00:00+00:00"),
        ("999999y", "0001-01-01T00:00:00+00:00"),
        ("999999w", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_dates_and_spans_name_an_instant(text: str, expected: str) -> None:
    assert is_moment(text)
    assert moment(text, NOW).isoformat() == expected


@given(st.text() | st.from_regex(r"\d{1,7}([dwmyx]|-\d\d?(-\d\d?)?)?"))
def test_date_is_parsed_or_refused(text: str) -> None:
    if is_moment(text):
        assert moment(text, NOW).tzinfo is not None
    else:
        with pytest.raises(ValueError):  # noqa: PT011 -- any refusal will do
            moment(text, NOW)


def test_no_match_spans_two_parts_of_an_item() -> None:
    item = Item(id="x", group="g", added_at=NOW, title="ink", tags=("paper",))

    assert not finds('"ink paper"', item)


def test_known_text_is_not_built_again() -> None:
    subject = Subject(ITEM, READ, known_text="something else")

    assert parse("else").predicate(now=NOW)(subject)
    assert not parse("encre").predicate(now=NOW)(subject)


def test_text_has_its_sections_and_is_one_line() -> None:
    subject = Subject(ITEM, READ, known_text=searchable(ITEM).encode())

    assert [subject.section(section).split("\x1e")[1:] for section in Section] == [
        ["l'encre & le papier"],
        ["odette plumier", "odette_p"],
        ["elan vital", "lecture"],
        ["une belle oeuvre"],
        ["a note on it"],
        ["an answer", "seen before", "indeed, supple"],
        ['le " velin " est fin'],
        [],
        [],
        [],
    ]


@given(items)
def test_text_is_one_line_whatever_an_item_holds(item: Item) -> None:
    assert not {"\n", "\t"} & set(searchable(item))
    assert searchable(item).count("\x1d") == len(Section) - 2, "your own words are no part of it"


def test_filtering_costs_little_more_than_searching_the_texts() -> None:
    known = [f"{searchable(ITEM)}{'words of a long quote ' * 60}{number}" for number in range(3_000)]
    subjects = [Subject(ITEM, READ, "", text) for text in known]
    predicate = parse("absent").predicate(now=NOW)

    def fastest(ask: Callable[[], bool]) -> float:
        return min(timeit.repeat(ask, timer=time.process_time, number=1, repeat=9))

    bare = fastest(lambda: any("absent" in text for text in known))
    asked = fastest(lambda: any(map(predicate, subjects)))

    assert asked < 3 * bare
