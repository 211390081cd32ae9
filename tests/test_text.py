"""Cleaning and folding text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florilege import text as texts
from florilege.text import cached, clean, clean_line, counted, digest, fold_with_places, grouped, search_key, tag_key

hostile = st.text(
    alphabet=st.characters() | st.sampled_from("\x00\x07\x1b\x7f\x9b\x9d\u202e\u2066\ufeff\ud800\r\n\t\v\f\x85\u2028")
)


western = st.text(st.sampled_from([bytes([code]).decode("cp1252", "ignore") or "\x81" for code in range(256)]))
latin = st.text(st.characters(max_codepoint=255))
any_text = hostile | western | latin


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("\x1b]52;c;aGE=\x07", "]52;c;aGE="),
        ("\x9b31m\x9d", "31m"),
        ("a\x00b\x7f", "ab"),
        ("\u202eabc\u202c \u2066x\u2069 \u200e", "abc x "),
        ("soft\u00adhyphen\u200b\ufeff\u2060", "softhyphen"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("a\tb", "a    b"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\u00a0«\u202fquoi\u00a0?\u202f»", "\u00a0«\u202fquoi\u00a0?\u202f»"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("[/foo] [bold] \\[", "[/foo] [bold] \\["),
        ("日本語 עברית", "日本語 עברית"),
    ],
)
def test_nothing_that_drives_a_terminal_is_left(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(hostile)
def test_clean_text_has_no_control_character_but_newline(text: str) -> None:
    cleaned = clean(text)

    assert {character for character in cleaned if unicodedata.category(character) in {"Cc", "Cs", "Zl"}} <= {"\n"}
    assert clean(cleaned) == cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  ends  ", "ends"),
        ("one\ntwo", "one two"),
        ("one \n\n  two", "one two"),
        ("one\t two", "one two"),
        ("élan\tvital", "élan vital"),
        ("\n\tone", "one"),
        ("two  spaces", "two  spaces"),
        ("un\u00a0papier\u00a0!", "un\u00a0papier\u00a0!"),
        ("a\u200b\n\u200bb", "a b"),
        ("", ""),
    ],
)
def test_line_is_one_line(text: str, line: str) -> None:
    assert clean_line(text) == line


@given(hostile)
def test_cleaning_a_line_twice_changes_nothing(text: str) -> None:
    line = clean_line(text)

    assert clean_line(line) == line == clean(line)
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élan", "elan"),
        ("ÉLAN", "e\u0301lan"),
        ("l’encre", "L'ENCRE"),
        ("« vélin »", '"\u00a0velin\u00a0"'.replace("\u00a0", " ")),
        ("un\u00a0papier", "un papier"),
        ("un\u202fpapier", "un  papier"),
        ("un\tpapier", "un\npapier"),
        ("deux  mots", "deux mots"),
        ("œuvre", "OEUVRE"),
        ("Ǽ", "ae"),
        ("ﬁn", "fin"),
        ("Straße", "STRASSE"),
        ("1–2", "1-2"),
        ("﹘", "-"),
        ("attends…", "attends..."),
        ("so\u00adft", "soft"),
        ("ＡＢＣ", "abc"),
        ("Łódź", "lodz"),
        ("Đorđe", "dorde"),
        ("Þingvellir", "thingvellir"),
        ("IŞIK", "ışık"),
        ("كتـــاب", "كتاب"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0f", "❤"),
        ("a\x1bb", "ab"),
    ],
)
def test_text_a_reader_takes_for_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(("one", "other"), [("ink", "inks"), ("日", "本"), ("a b", "ab"), ("1", "2"), ("?", "!")])
def test_different_text_stays_different(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


@given(hostile)
def test_folded_text_is_one_line_with_single_spaces(text: str) -> None:
    folded = search_key(text)

    assert "  " not in folded
    assert len(folded.splitlines()) <= 1


@given(hostile)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@given(hostile, hostile)
def test_part_of_a_text_folds_to_a_part_of_the_folded_text(before: str, after: str) -> None:
    assert search_key(before).strip() in search_key(before + after)


@given(hostile)
def test_offsets_correspond_to_the_folded_text(text: str) -> None:
    folded, places = fold_with_places(text)

    assert folded == search_key(text)
    assert len(places) == len(folded)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


def test_offset_of_a_letter_includes_its_accents() -> None:
    assert fold_with_places("e\u0301 \u00a0œ") == ("e oe", [(0, 2), (2, 4), (4, 5), (4, 5)])


@given(st.text())
def test_tag_is_the_same_in_any_case_and_normal_form(tag: str) -> None:
    assert tag_key(unicodedata.normalize("NFD", tag)) == tag_key(unicodedata.normalize("NFC", tag))
    assert tag_key(f" {tag} ") == tag_key(tag)


def test_case_and_accents_do_not_count_in_tags() -> None:
    assert tag_key("Élan") == tag_key("élan") == tag_key("elan ") != tag_key("e lan")


def test_digest_depends_on_the_boundaries_of_its_parts() -> None:
    assert digest("a", "b") == digest("a", "b")
    assert digest("a", "b") != digest("ab") != digest("b", "a")
    assert len(digest("\ud800")) == 16


def test_numbers_agree_with_their_nouns() -> None:
    assert counted(0, "item") == "0 items"
    assert counted(1, "item") == "1 item"
    assert counted(1302, "item") == "1\u202f302 items"
    assert counted(2, "reply", "replies") == "2 replies"
    assert grouped(1234567) == "1\u202f234\u202f567"


def test_no_printable_character_needs_cleaning() -> None:
    printable = "".join(chr(code) for code in range(0x110000) if chr(code).isprintable())
    assert len(printable) > 100_000
    assert clean("\x00" + printable) == printable
    assert clean_line("\x00" + printable) == printable.strip(" ")


@given(any_text)
def test_cleaning_shortcut_gives_the_same_result(text: str) -> None:
    long_way = texts._UNSAFE.sub("", texts._LINE_BREAKS.sub("\n", text)).replace("\t", "    ")

    assert clean(text) == long_way


@given(any_text)
def test_folding_shortcut_gives_the_same_result(text: str) -> None:
    long_way = texts._SPACES.sub(" ", texts._folded_but_spaces(text))

    assert search_key(text) == long_way


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_each_western_character_folds_the_same_between_letters(encoding: str) -> None:
    characters = bytes(range(256)).decode(encoding, "ignore")

    assert [search_key(f"A{one}B") for one in characters] == [
        texts._SPACES.sub(" ", texts._folded_but_spaces(f"A{one}B")) for one in characters
    ]


def test_long_texts_are_not_kept_in_a_cache() -> None:
    calls: list[str] = []

    @cached(8)
    def noted(text: str, more: str | None = None) -> int:
        calls.append(text)
        return len(text)

    for _ in range(2):
        assert [noted("ink"), noted("x" * 2_000), noted("y" * 600, "z" * 600)] == [3, 2_000, 600]

    assert [len(call) for call in calls] == [3, 2_000, 600, 2_000, 600]
