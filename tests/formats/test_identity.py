"""Names of highlights."""

from florilege.formats.collecting import named
from florilege.model import Highlight


def ids(*quotes: str) -> list[str]:
    return [highlight.id for highlight in named(Highlight(id="", quote=quote) for quote in quotes)]


def test_the_same_quotes_have_the_same_names_each_time() -> None:
    assert ids("a", "b") == ids("a", "b")


def test_accents_case_and_spaces_make_no_other_name() -> None:
    assert ids("L’élan\u00a0!") == ids("l'elan !")


def test_equal_quotes_in_one_entry_have_names_of_their_own() -> None:
    first, second, other = ids("a", "A", "b")
    assert len({first, second, other}) == 3
    assert ids("a", "a", "c")[:2] == [first, second]


def test_a_name_given_by_the_service_stays_unless_it_is_taken() -> None:
    found = named([Highlight(id="x", quote="a"), Highlight(id="x", quote="b"), Highlight(id="y", quote="c")])
    assert [found[0].id, found[2].id] == ["x", "y"]
    assert found[1].id not in {"x", "y", ""}
