"""Selections to export: a plain one, a hostile one, and random ones."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby

from hypothesis import strategies as st

from florilege.export.selection import SelectedItem, Selection
from florilege.model import BodyKind, Comment, Entry, Group, Highlight, Item, ReadingState, Sharer, Source
from florilege.text import clean

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=1)))
SECRET = "https://groups.example.org/rss/12/0123456789abcdef0123456789abcdef"
"""The secret address of a private group."""

HOSTILE = (
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "# no heading",
    "- no list",
    "1. no list",
    "> no quote",
    "```\nno fence",
    "---",
    "<script>alert(1)</script>",
    "<!-- florilege: until here -->",
    "[a](javascript:alert(1)) ![b](x) [[c]] *d* _e_ **f** `g` ~~h~~ ==i== $j$ %%k%%",
    "&lt;b&gt; &#42; &amp;",
    "}, @online{evil, title={x}}",
    "\\input{/etc/passwd} \\write18{x} 100% #1 $x_1^2$ ~ {",
    '"]}, "items": [], "x": "',
    'x" onload="y',
    "]]> <![CDATA[ --> <?pi?>",
    "a, b; c\n\nd\r\ne",
    "\x1b[31mred\x1b[0m \x00 \x9b \u202e right",
    "l’encre « élan » 漢字 😀",
    "---\ntitle: evil\n---",
    "{quote.__class__} {0} %s ${x} $(x) `x`",
    "\ud800 alone",
    "![tracker](https://evil.example/pixel.png)",
    "[click](<javascript:alert(1)>)",
    "<img src=x onerror=alert(1)>",
    "[ref]: https://evil.example/ 'title'",
    "<https://evil.example/>",
    "<javascript:alert(1)>",
    "[[wiki|link]] ![[embed]] #tag ^block",
    "Heading\n=======",
    "| a | b |\n|---|---|\n| c | d |",
    "    four spaces of code",
    "~~~\ntildes\n~~~",
    "* * *",
    "- [ ] task",
    "\\[a\\](b) \\",
    "key: value\n- list: [x",
    "&anchor *alias !tag %directive",
    "null",
    "yes",
    "2026-11-23",
    "\t=1+1",
    'DDE("cmd";"/C calc";"!A0")A0',
    "@string{x = {y}} @comment{ @preamble{",
    "$$\\immediate\\write18{ls}$$",
    "\x1b]8;;https://evil.example\x07text\x1b]8;;\x07",
    "a\u2028b\u2029c\u0085d\u200be\ufefff",
    "con.txt",
)
"""Strings with a special meaning in one format or another."""


def group(name: str = "a1b2", title: str = "Encre & Papier", **facts: object) -> Group:
    return Group(id=name, title=title, added_at=NOW, **facts)  # type: ignore[arg-type]


def item(name: str = "00000000000000a1", of: str = "a1b2", **facts: object) -> Item:
    facts.setdefault("title", "Lire en marge")
    facts.setdefault("url", "https://example.org/marges")
    return Item(id=name, group=of, added_at=NOW, **facts)  # type: ignore[arg-type]


def row(one: Item | None = None, *, of: Group | None = None, **state: object) -> SelectedItem:
    one = one or item()
    return SelectedItem(of or group(one.group), one, ReadingState(item=one.id, **state))  # type: ignore[arg-type]


def selection(*rows: SelectedItem, **facts: object) -> Selection:
    facts.setdefault("exported_at", NOW)
    facts.setdefault("title", "Encre & Papier")
    facts.setdefault("groups", [each for each, _ in groupby(one.group for one in rows)])
    return Selection(rows, **facts)  # type: ignore[arg-type]


def rich() -> Selection:
    """Two groups; an item with every fact, and one with nothing but an id."""
    encre = group(
        tags=("papier", "a, b"), site="https://example.org/encre", sources=(Source(address=SECRET, kind="rss"),)
    )
    science = group("c3d4", "Open science", sources=(Source(address="https://example.org/feed", kind="atom"),))
    full = item(
        native_id="guid-1",
        discussion_url="https://example.org/talk/1",
        sharer=Sharer("Odette Plumier", "odette"),
        shared_at=datetime(2019, 4, 12, 8, 0, tzinfo=timezone(timedelta(hours=2))),
        updated_at=datetime(2019, 4, 13, 8, 0, tzinfo=UTC),
        tags=("lecture", "papier"),
        description="Sur les marges.\nDeuxième paragraphe.",
        views=5,
        folded=1,
        notes=(Comment("Une note", "Ann", NOW, (Comment("une réponse", "Bob"),)),),
        comments=(Comment("D’accord", "Bob"),),
        highlights=(
            Highlight(
                id="h1",
                quote="« La marge est un lieu. »",
                author="Bob",
                made_at=datetime(2019, 4, 12, 9, 0),  # noqa: DTZ001 -- some sources give no zone
                colour="yellow",
                tags=("papier",),
                location="p. xii",
                prefix="avant ",
                suffix=" après",
                comments=(Comment("oui", "Ann", None, (Comment("non", "Odette"),)),),
            ),
            Highlight(id="h2", quote="Deux\nparagraphes", revision=1),
        ),
        revision=1,
        body="<p>corps</p>",
    )
    bare = item("00000000000000b2", "c3d4", title="", url=None)
    return selection(
        SelectedItem(encre, full, ReadingState(item=full.id, read_at=NOW, starred_at=NOW, seen=0)),
        SelectedItem(science, bare, ReadingState(item=bare.id)),
    )


def hostile(word: str) -> Selection:
    """One item with this string in every field."""
    comment = Comment(word, word, NOW, (Comment(word, word),))
    one = item(
        name=word,
        native_id=word,
        title=word,
        url=f"https://example.org/{word}",
        discussion_url=word,
        sharer=Sharer(word, word),
        shared_at=NOW,
        tags=(word,),
        description=word,
        notes=(comment,),
        comments=(comment,),
        highlights=(
            Highlight(
                id=word,
                quote=word,
                author=word,
                colour=word,
                tags=(word,),
                location=word,
                prefix=word,
                suffix=word,
                comments=(comment,),
            ),
        ),
        body=word,
    )
    where = group(title=word, tags=(word,), site=word, sources=(Source(address=word, kind=word),))
    return selection(SelectedItem(where, one, ReadingState(item=one.id)), title=word)


words = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).map(clean)
"""Texts as they are in a library: cleaned."""
moments = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
comments = st.recursive(
    st.builds(Comment, words, st.none() | words, st.none() | moments),
    lambda inner: st.builds(
        Comment, words, st.none() | words, st.none() | moments, st.lists(inner, max_size=2).map(tuple)
    ),
    max_leaves=4,
)
highlights = st.builds(
    Highlight,
    id=words,
    quote=words.filter(str.strip),
    author=st.none() | words.filter(str.strip),
    made_at=st.none() | moments,
    prefix=st.none() | words,
    suffix=st.none() | words,
    comments=st.lists(comments, max_size=2).map(tuple),
    revision=st.integers(0, 3),
)
addresses = st.none() | st.just("https://example.org/a?b=c&d=e#f") | words.map("https://example.org/{}".format)


@st.composite
def items(draw: st.DrawFn, number: int) -> Item:
    marked = draw(st.lists(highlights, max_size=3, unique_by=lambda one: one.id).map(tuple))
    return Item(
        id=f"{number:016x}",
        group="a1b2",
        added_at=draw(moments),
        order=number,
        revision=max((one.revision for one in marked), default=0),
        native_id=draw(st.none() | words),
        title=draw(words),
        url=draw(addresses),
        sharer=draw(st.none() | st.builds(Sharer, words.filter(str.strip), st.none() | words)),
        shared_at=draw(st.none() | moments),
        tags=draw(st.lists(words.filter(str.strip), max_size=3, unique=True).map(tuple)),
        description=draw(st.none() | words),
        notes=draw(st.lists(comments, max_size=2).map(tuple)),
        comments=draw(st.lists(comments, max_size=2).map(tuple)),
        highlights=marked,
        views=draw(st.none() | st.integers(0, 10**6)),
        body=draw(st.none() | words),
        body_kind=draw(st.sampled_from(BodyKind)),
    )


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    """Up to three items of one group, with their states."""
    where = Group(id="a1b2", title=draw(words.filter(str.strip)), added_at=draw(moments))
    rows = []
    for number in range(draw(st.integers(0, 3))):
        one = draw(items(number))
        state = ReadingState(
            item=one.id,
            read_at=draw(st.none() | moments),
            starred_at=draw(st.none() | moments),
            seen=draw(st.integers(0, 3)),
        )
        rows.append(SelectedItem(where, one, state))
    return Selection(rows, NOW, title=draw(words), groups=[where])


def entry_of(one: Item) -> Entry:
    """The entry of an item, with its highlights not new."""
    facts = {name: getattr(one, name) for name in Entry.__struct_fields__}
    facts["highlights"] = tuple(
        Highlight(**{name: getattr(each, name) for name in Highlight.__struct_fields__ if name != "revision"})
        for each in one.highlights
    )
    return Entry(**facts)
