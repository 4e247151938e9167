"""Required contacts and the risk table: what the office sets, and what is refused with its key named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.config import Risk, load, shipped
from workbench.errors import ConfigurationError
from workbench.records import record_type

CONTACT = '[[area.required_contact]]\norganisation_kind = "police"\nevery_days = 14\n'
RISK = """
[risk]
basis = "The office's own table, 2026"
likelihoods = ["rare", "frequent"]
impacts = ["small", "middling", "great"]
levels = ["low", "high"]
table = { rare = ["low", "low", "high"], frequent = ["low", "high", "high"] }
criticality = { PC1 = "high" }
"""


@pytest.fixture
def office_with(tmp_path: Path) -> Callable[..., Path]:
    """Give a way to make a fresh office whose area has contacts, and whose file ends with more text."""

    def make(contacts: str = "", more: str = "") -> Path:
        text = shipped("templates").joinpath("office.toml").read_text(encoding="utf-8")
        audiences = "# ---- Audiences"
        assert text.count(audiences) == 1
        text = text.replace(audiences, f"{contacts}\n{audiences}") + more
        (tmp_path / "workbench.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def refused(folder: Path) -> str:
    """Return what is said of a configuration that cannot be used."""
    with pytest.raises(ConfigurationError) as problem:
        load(folder)
    return str(problem.value)


def test_a_district_not_covered_is_one_of_the_areas(office_with: Callable[..., Path]) -> None:
    """What no source reports on is named among the area's own districts; another code is refused."""
    text = "not_covered = "
    assert load(office_with(f'{text}["XX0101"]')).area[0].not_covered == ("XX0101",)
    said = refused(office_with(f'{text}["ZZ99"]'))
    assert 'not_covered names "ZZ99"' in said
    assert "XX0101" in said


def test_without_either_there_is_none(office_with: Callable[..., Path]) -> None:
    """Both are optional: a fresh office requires no contact and has no risk table."""
    office = load(office_with())
    assert office.area[0].required_contact == ()
    assert office.risk is None


def test_a_contact_is_required_of_all_districts_or_of_some(office_with: Callable[..., Path]) -> None:
    """Contacts stand in the order given; without districts they hold for all."""
    contacts = CONTACT + CONTACT + 'districts = ["XX0101"]\n'
    first, second = load(office_with(contacts)).area[0].required_contact
    assert (first.organisation_kind, first.every_days, first.districts) == ("police", 14, ())
    assert second.districts == ("XX0101",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"police"', '"army"'), r'required_contact.0.organisation_kind: "army" is not a kind of org'),
        (("= 14", "= 0"), r"required_contact.0.every_days: .*greater than or equal to 1"),
        (("every_days = 14\n", ""), r"required_contact.0.every_days: Field required"),
        (("every_days", "every_day"), r"required_contact.0.every_day: is not a key the workbench knows"),
        (
            ("= 14\n", '= 14\ndistricts = ["XX0909"]\n'),
            r'required_contact number 1: districts names "XX0909"',
        ),
    ],
)
def test_a_wrong_contact_is_named(
    change: tuple[str, str], said: str, office_with: Callable[..., Path]
) -> None:
    """Each mistake is refused with the area's slug and the key."""
    message = refused(office_with(CONTACT.replace(*change)))
    assert '[[area]] "area"' in message
    assert re.search(said, message)


def test_every_kind_of_a_liaison_log_can_be_required(office_with: Callable[..., Path]) -> None:
    """The vocabulary is the liaison log's own."""
    kinds = record_type("liaison_entry").column("organisation_kind").vocabulary
    contacts = "".join(CONTACT.replace("police", kind) for kind in kinds)
    office = load(office_with(contacts))
    assert tuple(one.organisation_kind for one in office.area[0].required_contact) == kinds


def test_a_risk_table_of_any_size(office_with: Callable[..., Path]) -> None:
    """Two likelihoods, three impacts and two levels are a table; so is the suggested one of five by five."""
    risk = load(office_with(more=RISK)).risk
    assert isinstance(risk, Risk)
    assert (risk.likelihoods, risk.impacts, risk.levels) == (
        ("rare", "frequent"), ("small", "middling", "great"), ("low", "high"),
    )  # fmt: skip
    assert risk.table == {"rare": ("low", "low", "high"), "frequent": ("low", "high", "high")}
    assert risk.criticality == {"PC1": "high"}


def test_the_suggested_table_is_complete(office_with: Callable[..., Path]) -> None:
    """What the fresh office suggests in comments loads as it stands, and is called nobody's rule."""
    text = shipped("templates").joinpath("office.toml").read_text(encoding="utf-8")
    lines = text[text.index("# [risk]") : text.index("# ---- Audiences")].splitlines()
    suggested = "\n".join(line.removeprefix("# ") for line in lines if re.match(r"# (\[|\w+ = )", line))
    risk = load(office_with(more="\n" + suggested + "\n")).risk
    assert risk is not None
    assert tomllib.loads(suggested)["risk"]["table"]["imminent"][-1] == "unacceptable"
    assert {word: row[2] for word, row in risk.table.items()} == {
        "imminent": "high", "very_likely": "high", "likely": "medium", "moderately_likely": "medium",
        "unlikely": "low",
    }  # fmt: skip
    assert set(risk.criticality) == {"PC1", "PC2", "PC3", "PC4"}
    assert "nobody's rule" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('rare = ["low", "low", "high"], ', ""), 'risk: table has no row "rare"'),
        (('"low", "low", "high"]', '"low", "low"]'), "risk: table.rare has 2 levels; it needs 3"),
        (
            ('"low", "low", "high"]', '"low", "lwo", "high"]'),
            'risk: table.rare: "lwo" is none of levels: low',
        ),
        (
            ("{ rare", '{ often = ["low"], rare'),
            'risk: table has a row "often", which is none of likelihoods',
        ),
        (('PC1 = "high"', 'PC1 = "higher"'), 'risk: criticality.PC1: "higher" is none of levels'),
        (('["rare", "frequent"]', '["rare", "rare"]'), 'risk: likelihoods names "rare" twice'),
        (("PC1", "PC9"), "risk.criticality.PC9"),
        (('basis = "The office\'s own table, 2026"\n', ""), "risk.basis: Field required"),
        (("impacts = [", "impact = ["), "risk.impact: is not a key the workbench knows"),
        (('["low", "high"]\ntable', "[]\ntable"), "risk.levels: "),
    ],
)
def test_a_wrong_table_is_named(change: tuple[str, str], said: str, office_with: Callable[..., Path]) -> None:
    """Each mistake is refused with the key it stands under."""
    assert RISK.count(change[0]) >= 1
    assert said in refused(office_with(more=RISK.replace(*change, 1)))
