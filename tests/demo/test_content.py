"""What the sample groups contain, and how carefully they are typeset."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from urllib.parse import urlsplit

import msgspec
import pytest

from florilege.demo import SampleGroup, sample_groups
from florilege.model import Comment, Entry, Highlight, thread
from florilege.text import clean, search_key

GROUPS = sample_groups()
FRENCH = {"Encre & Papier", "Café réparation des Tilleuls"}
RESERVED = ("example.org", "example.com", "example.net")
NO_BREAK = "\u00a0"
CODE = re.compile(r"```.*?```|`[^`]*`|https?://\S+", re.DOTALL)


def entries() -> list[Entry]:
    return [entry for group in GROUPS for entry in group.snapshot.entries]


def highlights() -> list[Highlight]:
    return [highlight for entry in entries() for highlight in entry.highlights]


def words_of(entry: Entry) -> list[Comment]:
    threads = (entry.notes, entry.comments, *(highlight.comments for highlight in entry.highlights))
    return [comment for comments in threads for _, comment in thread(comments)]


def prose(group: SampleGroup) -> Iterator[str]:
    """All text of a group that a reader sees, without code and addresses."""
    for entry in group.snapshot.entries:
        texts = [entry.title, entry.description or "", entry.date_text or "", *entry.tags]
        texts += [comment.text for comment in words_of(entry)]
        for highlight in entry.highlights:
            texts += [highlight.prefix or "", highlight.quote, highlight.suffix or ""]
        yield from (CODE.sub("", text) for text in texts if text)


def french_prose() -> list[str]:
    return [text for group in GROUPS if group.title in FRENCH for text in prose(group)]


def all_prose() -> list[str]:
    return [text for group in GROUPS for text in prose(group)]


def files() -> list[str]:
    return sorted(file.name for file in resources.files("florilege.demo").iterdir() if file.name.endswith(".json"))


@pytest.mark.parametrize("name", files())
def test_every_field_in_a_file_is_read(name: str) -> None:
    content = (resources.files("florilege.demo") / name).read_bytes()

    group = msgspec.json.decode(content, type=SampleGroup)

    assert json.loads(msgspec.json.encode(group)) == json.loads(content)


@pytest.mark.parametrize("name", files())
def test_files_are_laid_out_for_people(name: str) -> None:
    content = (resources.files("florilege.demo") / name).read_text(encoding="utf-8")

    assert content == json.dumps(json.loads(content), ensure_ascii=False, indent=2) + "\n"


def test_every_file_is_a_sample_group() -> None:
    assert len(files()) == len(GROUPS)


def test_there_is_enough_to_look_at() -> None:
    assert len(GROUPS) == 4
    assert len(entries()) >= 60
    assert len(highlights()) >= 250
    assert sum(len(words_of(entry)) for entry in entries()) >= 60


def test_sharers_are_people_and_some_are_in_several_groups() -> None:
    groups_of: dict[str, set[str]] = {}
    for group in GROUPS:
        for entry in group.snapshot.entries:
            assert entry.sharer is not None
            groups_of.setdefault(entry.sharer.label, set()).add(group.title)

    assert len(groups_of) >= 12
    assert sum(len(groups) > 1 for groups in groups_of.values()) >= 3


def test_a_few_tags_are_frequent_and_most_are_rare() -> None:
    counts = Counter(tag for entry in entries() for tag in entry.tags)

    assert len(counts) >= 30
    assert sum(count >= 6 for count in counts.values()) in range(4, 12)
    assert sum(count <= 2 for count in counts.values()) > len(counts) / 2


def test_dates_cover_eighteen_months_newest_first() -> None:
    for group in GROUPS:
        dated = [entry.shared_at for entry in group.snapshot.entries if entry.shared_at]
        assert dated == sorted(dated, reverse=True)
    moments = [entry.shared_at for entry in entries() if entry.shared_at]

    assert (max(moments) - min(moments)).days > 500
    assert max(moments) < datetime(2026, 11, 21, tzinfo=UTC)


def test_every_time_has_a_zone_and_no_annotation_precedes_its_item() -> None:
    for entry in entries():
        moments = [comment.made_at for comment in words_of(entry)]
        moments += [highlight.made_at for highlight in entry.highlights]
        for moment in filter(None, moments):
            assert moment.tzinfo is not None
            assert entry.shared_at is None or moment >= entry.shared_at, (entry.native_id, moment)


def test_replies_come_after_what_they_answer() -> None:
    comments = [comment for entry in entries() for comment in words_of(entry)]
    pairs = [(comment, reply) for comment in comments for reply in comment.replies]

    assert len(pairs) >= 15
    assert [
        reply.text for comment, reply in pairs if comment.made_at and reply.made_at and comment.made_at > reply.made_at
    ] == []


def test_every_address_is_at_a_reserved_name() -> None:
    addresses = [entry.url for entry in entries() if entry.url]
    addresses += [group.site for group in GROUPS if group.site]
    addresses += re.findall(r"https?://[^\s)]+", " ".join(c.text for entry in entries() for c in words_of(entry)))

    for address in addresses:
        parts = urlsplit(address)
        assert parts.scheme == "https"
        assert any(parts.hostname == name or str(parts.hostname).endswith(f".{name}") for name in RESERVED), address


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_ids_are_unique_and_references_exist(group: SampleGroup) -> None:
    natives = [entry.native_id for entry in group.snapshot.entries]
    ids = [highlight.id for entry in group.snapshot.entries for highlight in entry.highlights]

    assert None not in natives
    assert len(set(natives)) == len(natives)
    assert len(set(ids)) == len(ids)
    assert all(len(highlight_id) <= 20 for highlight_id in ids)
    assert set(group.read) | set(group.starred) <= set(natives)
    assert set(group.arrived_later) <= set(ids)


def test_no_quote_is_repeated_within_a_group() -> None:
    for group in GROUPS:
        counts = Counter(
            search_key(highlight.quote) for entry in group.snapshot.entries for highlight in entry.highlights
        )
        assert counts.most_common(1)[0][1] == 1


def test_no_comment_is_repeated() -> None:
    counts = Counter(search_key(comment.text) for entry in entries() for comment in words_of(entry))

    assert counts.most_common(1)[0][1] == 1


def test_old_printer_has_forty_four_highlights() -> None:
    (rules,) = [entry for entry in entries() if len(entry.highlights) > 40]

    assert len(rules.highlights) == 44
    assert "quarante-quatre" in rules.title


def test_one_item_has_neither_highlights_nor_tags() -> None:
    (bare,) = [entry for entry in entries() if not entry.highlights]

    assert bare.tags == ()
    assert words_of(bare) == []


def test_one_item_has_no_link_and_another_no_date() -> None:
    (without_link,) = [entry for entry in entries() if entry.url is None]
    (without_date,) = [entry for entry in entries() if entry.shared_at is None]

    assert without_link is not without_date
    assert without_date.date_text == "un mardi de pluie"


def test_one_item_was_folded_and_is_complete() -> None:
    (folded,) = [entry for entry in entries() if entry.folded is not None]

    assert folded.folded is not None
    assert len(folded.highlights) == 3 + folded.folded
    assert not folded.incomplete
    assert not folded.all_highlights
    assert folded.views == 31


def test_some_titles_are_as_wide_as_a_line() -> None:
    titles = [entry.title for entry in entries()]

    assert any(len(title) > 200 for title in titles)
    assert any("和紙" in title for title in titles)
    assert any("👩🏽‍🔧" in title for title in titles)


def test_some_highlights_are_long_and_some_have_two_paragraphs() -> None:
    assert any(len(highlight.quote) > 800 for highlight in highlights())
    assert sum("\n" in highlight.quote for highlight in highlights()) >= 3


def test_seminar_is_about_the_terms_of_annotation() -> None:
    (seminar,) = [group for group in GROUPS if group.snapshot.kind.startswith("hypothesis")]
    marks = [highlight for entry in seminar.snapshot.entries for highlight in entry.highlights]
    depths = [depth for mark in marks for depth, _ in thread(mark.comments)]
    words = [comment.text for entry in seminar.snapshot.entries for comment in words_of(entry)]

    assert all(mark.author and mark.made_at for mark in marks)
    assert {mark.colour for mark in marks} > {None, "yellow"}
    assert any(mark.prefix for mark in marks)
    assert any(mark.suffix for mark in marks)
    assert max(depths) == 2
    assert any(entry.notes for entry in seminar.snapshot.entries)
    assert all(any(sign in text for text in words) for sign in ("**", "`", "](https://", "\n- ", "\n1. ", "```\n"))
    assert all(
        len({mark.author for mark in entry.highlights}) > 1 for entry in seminar.snapshot.entries if entry.highlights
    )


def test_pages_of_the_seminar_are_shared_elsewhere_by_others() -> None:
    shared: dict[str, list[tuple[str, str]]] = {}
    for group in GROUPS:
        for entry in group.snapshot.entries:
            if entry.url and entry.sharer:
                shared.setdefault(entry.url, []).append((group.title, entry.sharer.label))
    several = [hands for hands in shared.values() if len(hands) > 1]

    assert len(several) >= 3
    assert all(len({group for group, _ in hands}) == len({sharer for _, sharer in hands}) == 2 for hands in several)


def test_reading_states_look_lived_in() -> None:
    read = sum(len(group.read) for group in GROUPS)

    assert 0.6 <= 1 - read / len(entries()) <= 0.72
    assert 6 <= sum(len(group.starred) for group in GROUPS) <= 9
    for group in GROUPS:
        assert group.snapshot.entries[0].native_id not in group.read


def test_french_has_typographic_apostrophes() -> None:
    assert [text for text in french_prose() if "'" in text] == []


def test_french_puts_a_no_break_space_before_double_punctuation() -> None:
    wrong = re.compile(rf"(?<![{NO_BREAK}!?])[;:!?»]")

    assert [text for text in french_prose() if wrong.search(text)] == []


def test_french_puts_a_no_break_space_within_quotation_marks() -> None:
    texts = [text for text in all_prose() if "«" in text or "»" in text]

    assert texts
    assert [text for text in texts if re.search(rf"«[^{NO_BREAK}]|[^{NO_BREAK}]»", text)] == []
    assert [text for text in texts if text.count("«") != text.count("»")] == []


def test_french_does_not_use_english_quotation_marks() -> None:
    assert [text for text in french_prose() if re.search('[“”"]', text)] == []


def test_english_has_typographic_apostrophes_and_quotation_marks() -> None:
    texts = [text for group in GROUPS if group.title not in FRENCH for text in prose(group)]

    assert [text for text in texts if "'" in text or '"' in text] == []
    assert [text for text in texts if text.count("“") != text.count("”")] == []


def test_text_is_clean_and_has_no_loose_spaces() -> None:
    for text in all_prose():
        assert clean(text) == text
        assert "  " not in text.replace("\n", "")
        assert "..." not in text
    for highlight in highlights():
        assert highlight.quote == highlight.quote.strip()
