"""Text to query and back: the grammar, its errors and the round trip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.query.fields import FIELDS
from florilege.query.language import QueryError, parse
from florilege.query.nodes import All, Everything, Field, Not, Or, Query, Words, all_of, any_of, none_of, plain

INK, PAPER, MARGIN = Words("ink"), Words("paper"), Words("margin")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Everything()),
        (" \t\u00a0\n", Everything()),
        ("ink", INK),
        ("  ink  ", INK),
        ("ink paper", All((INK, PAPER))),
        ("ink\u00a0paper", All((INK, PAPER))),
        ("ink and paper", All((INK, PAPER))),
        ("ink ink", INK),
        ("ink or paper", Or((INK, PAPER))),
        ("ink OR paper", Or((INK, PAPER))),
        ("ink paper or margin", Or((All((INK, PAPER)), MARGIN))),
        ("ink (paper or margin)", All((INK, Or((PAPER, MARGIN))))),
        ("ink or (paper or margin)", Or((INK, PAPER, MARGIN))),
        ("((ink))", INK),
        ("-ink", Not(INK)),
        ("not ink", Not(INK)),
        ("not ink paper", All((Not(INK), PAPER))),
        ("-(ink paper)", Not(All((INK, PAPER)))),
        ("- ink", All((Words("-"), INK))),
        ("Title - Site", All((Words("Title"), Words("-"), Words("Site")))),
        ("well-known", Words("well-known")),
        ("l’encre", Words("l’encre")),
        ('"ink or paper"', Words("ink or paper")),
        ("“ink or paper”", Words("ink or paper")),
        ("« ink or paper »", Words("ink or paper")),
        (r'"the \"ink\" and \\"', Words('the "ink" and \\')),
        ('"not"', Words("not")),
        ("tag:lecture", Field("tag", "lecture")),
        ("TAG:Lecture", Field("tag", "Lecture")),
        ('tag:"marges du livre"', Field("tag", "marges du livre")),
        ("tag:lect*", Field("tag", "lect", beginning=True)),
        ('tag:"lect*"', Field("tag", "lect*")),
        ('tag:"open sc"*', Field("tag", "open sc", beginning=True)),
        ("tag:*", Field("tag", "", beginning=True)),
        ("title:what*", Field("title", "what*")),
        ("-tag:a:b", Not(Field("tag", "a:b"))),
        ("before:2019-04", Field("before", "2019-04")),
        ("after:7d", Field("after", "7d")),
        ("is:unread", Field("is", "unread")),
        ("is:Any", Field("is", "any")),
        ("has:quote", Field("has", "quote")),
        ("https://example.org/a:b", Words("https://example.org/a:b")),
        ("12:30", Words("12:30")),
        ("tag://", Field("tag", "//")),
        ("Paper: ink", All((Words("Paper:"), INK))),
        (":", Words(":")),
        ("#paper", Field("tag", "paper")),
        ("-#paper", Not(Field("tag", "paper"))),
        ("#lect*", Field("tag", "lect", beginning=True)),
        ('#"marges du livre"', Field("tag", "marges du livre")),
        ("#", Words("#")),
        ("C#", Words("C#")),
        ('"#paper"', Words("#paper")),
    ],
)
def test_text_is_parsed_by_the_grammar(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ('ink "paper', 4, 'add a "'),
        ("«paper", 0, "add a »"),
        ('ink ""', 4, "empty"),
        ("(ink", 0, "add a )"),
        ("ink )", 4, "no ("),
        (")", 0, "no ("),
        ("ink ()", 4, "holds nothing"),
        ("(", 0, "holds nothing"),
        ("ink or", 4, "follow or"),
        ("or ink", 0, "stand before or"),
        ("and", 0, "stand before and"),
        ("ink or or paper", 4, "follow or"),
        ("ink -", 4, "follow -, as in: -paper"),
        ("not", 0, "follow not"),
        ("ink tag:", 4, "tag:lecture"),
        ('by:" "', 0, "wants a name"),
        ("tag: lecture", 0, "right after the colon"),
        ("ink tga:lecture", 4, "did you mean tag:?"),
        ('zzz:"ink"', 0, "there are tag:, by:"),
        ("ink is:unraed", 7, "did you mean is:unread?"),
        ("is:zzz", 3, "one of read, unread, starred, new and any"),
        ("has:quotes", 4, "did you mean has:quote?"),
        ("before:soon", 7, "2019-04-12"),
        ("before:2019-02-30", 7, "2019-04-12"),
        ("after:7", 6, "7d"),
        ("after:2019-4-1", 6, "2019-04-12"),
        ("after:0000", 6, "2019-04-12"),
    ],
)
def test_error_points_at_its_place_and_says_what_would_be_right(text: str, column: int, said: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)

    assert raised.value.column == column
    assert said in str(raised.value)


@pytest.mark.parametrize("unit", ["(", "-", "not ", "a or ("])
def test_deep_nesting_is_refused_with_a_sentence(unit: str) -> None:
    with pytest.raises(QueryError, match="nested"):
        parse(unit * 5000 + "a")


def test_query_of_too_many_terms_is_refused_quickly() -> None:
    with pytest.raises(QueryError, match="more than 1000"):
        parse("ink or paper " * 50_000)


def test_deep_query_within_the_limit_can_be_parsed_and_printed() -> None:
    in_parentheses = parse("-(a or b " * 50 + "c" + ")" * 50)
    negated = parse("not " * 100 + "a")

    assert parse(str(in_parentheses)) == in_parentheses
    assert parse(str(negated)) == negated


def test_every_example_of_the_table_can_be_parsed() -> None:
    for rule in FIELDS.values():
        assert not parse(f"{rule.name}:{rule.example}").is_blank


def test_blank_query_is_blank_and_is_any_is_not() -> None:
    assert parse(" ").is_blank
    assert not parse("is:any").is_blank


def test_plain_words_are_never_operators() -> None:
    assert plain("not") == Words("not")
    assert plain("tag:x") == Words("tag:x")
    assert plain("-x") == Words("-x")
    assert str(plain("#x")) == '"#x"'
    assert plain("ink") == INK
    assert plain("two words") == Words("two words")
    assert plain(" ") == Everything()


def test_each_conjunct_is_a_crumb_that_can_be_removed() -> None:
    query = parse("ink tag:lecture (is:new or is:unread)")

    assert query.crumbs() == [
        ("ink", parse("tag:lecture (is:new or is:unread)")),
        ("tag:lecture", parse("ink (is:new or is:unread)")),
        ("is:new or is:unread", parse("ink tag:lecture")),
    ]
    assert INK.crumbs() == [("ink", Everything())]
    assert Everything().crumbs() == []


def test_queries_are_combined_without_repeating_a_part() -> None:
    assert parse("tag:a").and_(parse("ink tag:a")) == parse("tag:a ink")
    assert Everything().and_(INK) == INK
    assert INK.and_(Everything()) == INK
    assert INK.and_(parse("a or b")) == parse("ink (a or b)")


texts = st.text(min_size=1).filter(lambda text: bool(text.strip()))
dates = st.one_of(
    st.dates().map(lambda date: date.isoformat()),
    st.dates().map(lambda date: date.isoformat()[:7]),
    st.builds("{}{}".format, st.integers(0, 999999), st.sampled_from("dwmyDWMY")),
)
terms: st.SearchStrategy[Query] = st.one_of(
    texts.map(plain),
    texts.map(Words),
    st.builds(Field, st.just("is"), st.sampled_from(FIELDS["is"].choices)),
    st.builds(Field, st.just("has"), st.sampled_from(FIELDS["has"].choices)),
    st.builds(Field, st.sampled_from(["by", "group", "quote", "note", "title", "body", "site"]), texts),
    st.builds(Field, st.sampled_from(["before", "after"]), dates),
    st.builds(Field, st.just("tag"), texts, st.booleans()),
    st.just(Field("tag", "", beginning=True)),
)
queries: st.SearchStrategy[Query] = st.recursive(
    terms,
    lambda inner: st.one_of(
        inner.map(none_of), st.lists(inner, max_size=4).map(all_of), st.lists(inner, max_size=4).map(any_of)
    ),
    max_leaves=12,
)


@given(queries)
def test_printed_query_is_parsed_back_to_itself(query: Query) -> None:
    assert parse(str(query)) == query


def outcome(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@given(st.text(alphabet=st.sampled_from('ab -"()«»“”„:*\\\n\u00a0') | st.characters()))
def test_any_text_is_parsed_or_refused_with_a_column_inside_it(text: str) -> None:
    result = outcome(text)

    if isinstance(result, QueryError):
        assert 0 <= result.column < len(text)
        assert str(result)
    else:
        assert parse(str(result)) == result


@given(queries)
def test_crumbs_combined_are_the_query(query: Query) -> None:
    assert all_of(parse(text) for text, _ in query.crumbs()) == query
