"""Marks of other schemes and labels of columns: what the configuration refuses, and what it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.config import HIGHEST, Level, load, shipped
from workbench.config.marks import levels_of, plain
from workbench.errors import ConfigurationError

HEAD = "# ---- Readers -"


@pytest.fixture
def office_with(tmp_path: Path) -> Callable[..., Path]:
    """Give a way to make a folder with the sample's configuration, with more text before its readers."""

    def make(more: str, *, before: str = "", after: str = "") -> Path:
        text = shipped("workbench.toml").read_text(encoding="utf-8")
        assert HEAD in text
        assert before in text
        text = text.replace(before, after, 1) if before else text
        (tmp_path / "workbench.toml").write_text(text.replace(HEAD, more + "\n" + HEAD, 1), encoding="utf-8")
        return tmp_path

    return make


def refused(folder: Path) -> str:
    """Return what is said against an office's configuration."""
    with pytest.raises(ConfigurationError) as problem:
        load(folder)
    return str(problem.value)


def test_each_level_has_its_names_in_the_order_of_the_file() -> None:
    """The sample office maps all four levels to the three schemes, and prints the first name of each."""
    office = load(shipped("workbench.toml").parent)
    assert office.equivalents(Level.INTERNAL) == (
        ("un", "Unclassified (internal use)"), ("ocha", "Moderate / Restricted"), ("tlp", "TLP:GREEN"),
    )  # fmt: skip
    assert [dict(office.equivalents(one))["tlp"] for one in Level] == [
        "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:RED",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "word", "level"),
    [
        ("tlp", "TLP:AMBER+STRICT", "confidential"),
        ("tlp", "tlp: amber + strict", "confidential"),
        ("tlp", "Amber", "confidential"),
        ("tlp", "  RED ", "strictly_confidential"),
        ("tlp", "ＴＬＰ：ＲＥＤ", "strictly_confidential"),  # full width, as some keyboards write it
        ("tlp", "AMBER STRICT", None),
        ("tlp", "confidential", None),
        ("un", "unclassified (PUBLIC)", "public"),
        ("un", "Unclassified", None),
        ("ocha", "high/confidential", "confidential"),
        ("ocha", "Severe", "strictly_confidential"),
    ],
)
def test_a_mark_is_read_without_case_blanks_and_prefix(scheme: str, word: str, level: str | None) -> None:
    """A mark is the level it is mapped to however it is spaced; what is not in the scheme is unknown."""
    office = load(shipped("workbench.toml").parent)
    assert levels_of(scheme, office.marks[scheme]).get(plain(scheme, word)) == level


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('[marks.nato]\ninternal = "Restricted"\nconfidential = ["Secret", "RESTRICTED"]',
         '"RESTRICTED" stands for both internal and confidential'),
        ('[marks.x]\npublic = "X: A"\ninternal = "a"', '"a" stands for both public and internal'),
        ('[marks.x]\nsecret = "A"', '"secret" is not a level'),
        ("[marks.x]\npublic = []", "give a name, or a list of names"),
        ('[marks.x]\npublic = " "', "give a name, or a list of names"),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"', "changes nothing"),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"\nlevel = "secret"', '"secret" is not a level'),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"\ncompartments = ["x"]',
         '"x" is not a compartment'),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"\nlevel = "public"\nlowered_by = "Head"',
         "lowered_on, because is not given"),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"\nlevel = "internal"\nlowerd_by = "Head"',
         "lowerd_by: is not a key the workbench knows"),
        ('[[column]]\nrecord = "incident"\ncolumn = "actor1"\nlevel = "internal"\n' * 2,
         "two [[column]] entries are about incident.actor1"),
    ],
)  # fmt: skip
def test_a_label_that_could_be_taken_two_ways_is_refused(
    more: str, message: str, office_with: Callable[..., Path]
) -> None:
    """Ambiguous names, unknown words, half an act and doubled entries stop the office at once."""
    assert message in refused(office_with(more))


def test_a_source_is_marked_by_a_scheme_that_is_there(office_with: Callable[..., Path]) -> None:
    """A source that names a scheme nobody mapped is refused; its words would all be unknown."""
    source = 'slug = "desk_log"'
    assert 'marks names "tpl"' in refused(office_with("", before=source, after=f'{source}\nmarks = "tpl"'))
    office = load(office_with("", before=source, after=f'{source}\nmarks = "tlp"'))
    assert office.source_called("desk_log").marks == "tlp"


def test_the_template_maps_the_same_marks_as_the_sample(tmp_path: Path) -> None:
    """A fresh office starts with the mapping of the sample office, and five audiences."""
    text = (shipped("templates") / "office.toml").read_text(encoding="utf-8")
    (tmp_path / "workbench.toml").write_text(text, encoding="utf-8")
    fresh, own = load(tmp_path), load(shipped("workbench.toml").parent)
    assert fresh.marks == own.marks
    for part in (fresh, own):
        assert [one.slug for one in part.audience] == ["leadership", "internal", "unct", "partners", "public"]
        leadership = part.audience_called("leadership")
        assert (leadership.clearance, len(leadership.compartments)) == (HIGHEST, 5)
        assert all(not one.compartments for one in part.audience if one is not leadership)
        assert part.audience_called("public").count_threshold == 5
