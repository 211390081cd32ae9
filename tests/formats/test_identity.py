"""Ids of highlights."""

from florilege.formats.collecting import named
from florilege.model import Highlight


def ids(*quotes: str) -> list[str]:
    return [highlight.id for highlight in named(Highlight(id="", quote=quote) for quote in quotes)]


def test_same_quotes_get_the_same_ids() -> None:
    assert ids("a", "b") == ids("a", "b")


def test_accents_case_and_spaces_do_not_change_the_id() -> None:
    assert ids("L’élan\u00a0!") == ids("l'elan !")


def test_equal_quotes_in_one_entry_get_different_ids() -> None:
    first, second, other = ids("a", "A", "b")
    assert len({first, second, other}) == 3
    assert ids("a", "a", "c")[:2] == [first, second]


def test_id_given_by_the_service_is_kept_unless_taken() -> None:
    found = named([Highlight(id="x", quote="a"), Highlight(id="x", quote="b"), Highlight(id="y", quote="c")])
    assert [found[0].id, found[2].id] == ["x", "y"]
    assert found[1].id not in {"x", "y", ""}
