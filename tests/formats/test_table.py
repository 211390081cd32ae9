"""Tables with odd rows: each costs a warning, and no row its neighbours."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import detect
from florilege.formats.table import Row, cells, read_rows


def rows(text: str) -> tuple[list[Row], list[str]]:
    warnings: list[str] = []
    return list(read_rows(text, warnings)), warnings


def test_rows_are_numbered_as_in_a_spreadsheet_and_blank_ones_left_out() -> None:
    found, _ = rows("A,b\n1,2\n\n,\n3,4\n")
    assert [(row.number, dict(row.cells)) for row in found] == [(2, {"a": "1", "b": "2"}), (5, {"a": "3", "b": "4"})]


@pytest.mark.parametrize(("line", "what"), [("1", "1 cell where 2 were expected"), ("1,2,3", "3 cells where 2")])
def test_a_row_with_too_few_or_too_many_cells_is_kept_and_says_so(line: str, what: str) -> None:
    (row, _), _ = rows(f"a,b\n{line}\n5,6\n")
    assert row.cells["a"] == "1"
    assert row.lost[0].startswith(what)


def test_a_quotation_mark_left_open_costs_its_row_and_not_those_after_it() -> None:
    found, warnings = rows('a,b\n1,"two\n3,4\n5,6\n')
    assert [row.cells["a"] for row in found] == ["1", "3", "5"]
    assert warnings == ["Row 2: a quotation mark is not closed."]


def test_a_table_cut_inside_a_cell_keeps_what_is_there() -> None:
    found, warnings = rows('a,b\n1,2\n3,"a passage that\nspans lines and is')
    assert found[-1].cells["b"] == "a passage that\nspans lines and is"
    assert warnings == ["Row 3: a quotation mark is not closed."]


def test_very_large_cells_are_read_and_the_limit_of_the_process_stays() -> None:
    before = csv.field_size_limit()
    found, _ = rows("a,b\n" + "x" * 500_000 + ",2\n")
    assert len(found[0].cells["a"]) == 500_000
    assert csv.field_size_limit() == before


def test_the_first_of_two_columns_of_one_name_counts() -> None:
    (row,), _ = rows("a,b,a\n1,2,3\n")
    assert dict(row.cells) == {"a": "1", "b": "2"}


def test_many_quotation_marks_left_open_are_read_in_bounded_time() -> None:
    found, warnings = rows("a,b\n" + '1,x"\n"2,y\n' * 5000)
    assert found
    assert len(warnings) <= 21


@given(st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", "a", "é", "\ufdd0", "\n\ufdd0\n"]), max_size=30))
def test_a_table_is_the_same_whether_read_at_one_go_or_row_by_row(pieces: list[str]) -> None:
    text = "".join(pieces)
    at_one_go: list[str] = []
    by_rows: list[str] = []

    found = cells(text, at_one_go)

    assert found == cells(text, by_rows, rows=len(text) + 1)
    assert at_one_go == by_rows


HEADER = "title,url,tags,description,comments,annotations,created_at"
BOOKMARK = '"A, b; c","https://example.org/","x","","","Highlight:Quote\n","2025-07-29 11:21:15"'


@pytest.mark.parametrize(
    ("before", "delimiter"), [("", ","), ("", ";"), ("", "\t"), ("sep=,\n", ","), ("sep=;\r\n", ";"), ("SEP=|\n", "|")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_may_come_from_a_spreadsheet(before: str, delimiter: str, end: str) -> None:
    rows = [HEADER.replace(",", delimiter), BOOKMARK.replace('","', f'"{delimiter}"')]
    snapshot = detect.read((before + end.join([*rows, ""])).encode())
    (entry,) = snapshot.entries

    assert snapshot.kind == "diigo-csv"
    assert (entry.title, entry.url, entry.tags) == ("A, b; c", "https://example.org/", ("x",))
    assert [each.quote for each in entry.highlights] == ["Quote"]
