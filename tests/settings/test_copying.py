"""The quote template in the settings."""

from pathlib import Path

import pytest

from florilege.settings import load


def settings(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_custom_template_is_read(tmp_path: Path) -> None:
    config = load(settings(tmp_path, '[copy]\nquote = "“{quote}” ({title}, {url})\\n"'))
    assert config.warnings == ()
    assert config.copy.quote is not None
    assert config.copy.quote.fields == {"quote", "title", "url"}


@pytest.mark.parametrize("text", ["{quote.__class__}", "{nope}", "{quote", "{quote!r}", "{quote:>9}", "{0}", " "])
def test_error_is_reported_and_the_default_used(tmp_path: Path, text: str) -> None:
    config = load(settings(tmp_path, f"[copy]\nquote = '{text}'"))
    assert config.copy.quote is None
    (warning,) = config.warnings
    assert "line 2: [copy] quote has to be text with fields such as {quote}, {title}, {url}, {passage}" in warning
    assert warning.endswith("the default is used.")
