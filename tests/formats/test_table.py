"""Odd table rows: each gives a warning and affects no other row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege.formats import detect
from florilege.formats.document import Document
from florilege.formats.table import TableRow, cells, read_rows


def rows(text: str) -> tuple[list[TableRow], list[str]]:
    document = Document(b"x")
    document.text = text
    return list(read_rows(document)), document.warnings


def test_rows_are_numbered_as_in_a_spreadsheet_and_blank_ones_skipped() -> None:
    found, _ = rows("A,b\n1,2\n\n,\n3,4\n")
    assert [(row.number, dict(row.cells)) for row in found] == [(2, {"a": "1", "b": "2"}), (5, {"a": "3", "b": "4"})]


@pytest.mark.parametrize(("line", "what"), [("1", "1 cell where 2 were expected"), ("1,2,3", "3 cells where 2")])
def test_row_with_too_few_or_too_many_cells_is_kept_with_a_warning(line: str, what: str) -> None:
    (row, _), _ = rows(f"a,b\n{line}\n5,6\n")
    assert row.cells["a"] == "1"
    assert row.lost[0].startswith(what)


def test_unclosed_quotation_mark_loses_only_its_row() -> None:
    found, warnings = rows('a,b\n1,"two\n3,4\n5,6\n')
    assert [row.cells["a"] for row in found] == ["1", "3", "5"]
    assert warnings == ["Row 2: a quotation mark is not closed."]


def test_table_cut_inside_a_cell_keeps_the_rest() -> None:
    found, warnings = rows('a,b\n1,2\n3,"a passage that\nspans lines and is')
    assert found[-1].cells["b"] == "a passage that\nspans lines and is"
    assert warnings == ["Row 3: a quotation mark is not closed."]


HYPOTHESIS = "Creation Date,URL,Group,Annotation/Reply Type,Quote,Comment,Tags\n2026-01-01,{0}/a,G,Annotation,q,c,t\n"


@pytest.mark.parametrize(
    ("whole", "rest"),
    [
        ("title,url,tags\nA,{0}/a,x\n", "B,{0}"),
        ("title,url,tags\nA,{0}/a,x\n", '"B, {0}'),
        (HYPOTHESIS, "2026-01-02,{0}"),
        ('{{"title": "A", "url": "{0}/a"}}\n' * 2, '{{"title": "B", "ur'),
        ('<opml version="2.0"><body><outline text="A" xmlUrl="{0}/a"/>', '<outline text="B" xmlUrl="{0}'),
    ],
)
def test_truncated_table_says_so_and_drops_the_incomplete_row(whole: str, rest: str) -> None:
    address = "https://example.org"
    snapshot = detect.read((whole + rest).format(address).encode())
    addresses = [each.url for each in snapshot.entries] + [each.address for each in snapshot.subscriptions]
    assert snapshot.cut
    assert snapshot.warnings
    assert set(addresses) == {f"{address}/a"}
    assert not detect.read(whole.format(address).encode()).cut or "opml" in whole


@pytest.mark.parametrize("before", ["Export of Ann\n2026-03-01\n\n", "My bookmarks,,\n"])
def test_lines_before_the_header_are_skipped_with_a_warning(before: str) -> None:
    snapshot = detect.read(f"{before}Title,URL,Tags\nA,https://example.org/a,x\n".encode())
    assert [(entry.title, entry.url) for entry in snapshot.entries] == [("A", "https://example.org/a")]
    assert "before the names of the columns left out" in snapshot.warnings[0]


def test_markdown_table_is_read() -> None:
    snapshot = detect.read(b"| Title | URL |\n|---|:-:|\n| A | https://example.org/a |\n")
    assert [(entry.title, entry.url) for entry in snapshot.entries] == [("A", "https://example.org/a")]


def test_very_large_cells_are_read() -> None:
    found, _ = rows("a,b\n" + "x" * 500_000 + ",2\n")
    assert len(found[0].cells["a"]) == 500_000


def test_first_of_two_columns_of_one_name_counts() -> None:
    (row,), _ = rows("a,b,a\n1,2,3\n")
    assert (row.cells["a"], row.cells["b"]) == ("1", "2")


def test_many_unclosed_quotation_marks_are_read_in_bounded_time() -> None:
    found, warnings = rows("a,b\n" + '1,x"\n"2,y\n' * 5000)
    assert found
    assert len(warnings) <= 21


@given(st.lists(st.sampled_from(['""', ",", "\n", "\r\n", "\r", "a", "é", "\ufdd0", "\n\ufdd0\n"]), max_size=30))
def test_table_without_unclosed_quotation_marks_is_read_as_python_does(pieces: list[str]) -> None:
    text = "".join(pieces)
    warnings: list[str] = []
    assert cells(text, warnings) == list(csv.reader(io.StringIO(text, newline="")))
    assert warnings == []


HEADER = "title,url,tags,description,comments,annotations,created_at"
BOOKMARK = '"A, b; c","https://example.org/","x","","","Highlight:Quote\n","2025-07-29 11:21:15"'


@pytest.mark.parametrize(
    ("before", "delimiter"), [("", ","), ("", ";"), ("", "\t"), ("sep=,\n", ","), ("sep=;\r\n", ";"), ("SEP=|\n", "|")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_spreadsheet_separators_and_line_ends_are_read(before: str, delimiter: str, end: str) -> None:
    rows = [HEADER.replace(",", delimiter), BOOKMARK.replace('","', f'"{delimiter}"')]
    snapshot = detect.read((before + end.join([*rows, ""])).encode())
    (entry,) = snapshot.entries

    assert snapshot.kind == "diigo-csv"
    assert (entry.title, entry.url, entry.tags) == ("A, b; c", "https://example.org/", ("x",))
    assert [each.quote for each in entry.highlights] == ["Quote"]


def test_value_that_is_true_is_no_text() -> None:
    snapshot = detect.read(b'[{"title": "A", "url": "https://example.org/", "tags": [true, 1, "ink"], "note": true}]')

    assert (snapshot.entries[0].tags, snapshot.entries[0].notes) == (("1", "ink"), ())
    assert snapshot.warnings == ("Bookmark 1 “A”: 2 fields could not be read (tags, note).",)
