"""What the office requires, its risk table, and the newer registers, as one audience's view has them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import code_of, frame, put_rows
from workbench import sample, view
from workbench.config import Office, RequiredContact, Risk
from workbench.records import record_type
from workbench.view import Request, RequiredContactSeen, RiskSeen, View, store_of

SOON = sample.DELIVERIES[-1] + timedelta(minutes=10)
DESK = "liaison"  # any source whose rows internal readers may read
HERE: dict[str, object] = {"district": "KS0101", "admin1": "KS01"}
ELSEWHERE: dict[str, object] = {"district": "XX0101", "admin1": "XX01"}
LINE: dict[str, object] = {
    "level": "internal", "area_name": "Kestara", "valid_from": "2026-10-01", "valid_to": "2027-03-31",
    "threat_event": "Convoy is stopped", "threat_category": "crime", "likelihood_present": "likely",
    "impact_present": "severe", "likelihood_residual": "unlikely", "impact_residual": "severe",
}  # fmt: skip
MEASURE: dict[str, object] = {
    "level": "internal", "recorded_on": "2026-10-01", "text": "Drive in pairs.", "kind": "control",
    "state": "agreed",
}  # fmt: skip
ASSESSED: dict[str, object] = {
    "level": "internal", "assessed_on": "2026-11-13", "rating": 4, "direction": "deteriorated",
    "reason": "The Olmen band is back.", "confidence": "low",
}  # fmt: skip


def view_of(office: Office, audience: str = "internal", **changes: Any) -> View:
    """Return the view of W46 as known an hour after what is put in here, changed as named."""
    asked: dict[str, Any] = {"area": "kestara", "week": "2026-W46", "as_of": SOON + timedelta(hours=1)}
    return view.make(office, store_of(office), Request(audience=audience, **asked | changes))


NAMES = (
    "here", "elsewhere", "unmatched", "old", "later", "none", "closed", "office_wide", "to_come", "misspelt",
    "one",
)  # fmt: skip
OWN = [f"own {name}" for name in NAMES]


def ids(seen: View, name: str) -> set[str]:
    """Return the ids of the rows of a table that are of this file, told by their codes."""
    told = code_of(seen)
    named = {told(own): own for own in OWN} | {own: own for own in OWN}
    return {named[one] for one in seen.table(name)["record_id"] if one in named}


def put(office: Office, record: str, **rows: dict[str, object]) -> None:
    """Add rows to one register; each record_id is "own " and the name."""
    put_rows(office, record, *(row | {"record_id": f"own {name}"} for name, row in rows.items()),
             source=DESK, at=SOON)  # fmt: skip


@pytest.fixture
def office(own_office: Office) -> Office:
    """Return the sample office with required contacts and a risk table of its own."""
    [area] = own_office.area
    contacts = (
        RequiredContact(organisation_kind="police", every_days=7),
        RequiredContact(organisation_kind="un", every_days=30, districts=area.districts[:1]),
    )
    risk = Risk(
        likelihoods=("rare", "frequent"), impacts=("small", "great"), levels=("low", "high"),
        basis="The office's table of 2026", criticality={"PC1": "high"},
        table={"rare": ("low", "low"), "frequent": ("low", "high")},
    )  # fmt: skip
    return own_office.model_copy(
        update={"area": (area.model_copy(update={"required_contact": contacts}),), "risk": risk}
    )


def test_required_contacts_name_their_districts(office: Office) -> None:
    """A contact without districts is required in all of the area's; order is the configuration's."""
    seen = view_of(office).area
    assert seen.required_contacts == (
        RequiredContactSeen("police", 7, seen.districts),
        RequiredContactSeen("un", 30, seen.districts[:1]),
    )


def test_the_risk_table_is_the_offices(office: Office) -> None:
    """
    Who may know of risk lines sees all of it, and nobody can change it; what it says may stand on a page.

    For others the office's rule is as absent as what it is about, and so are the contacts it requires.
    """
    partners = view_of(office, "partners")
    nameable = set(partners.sources["record"])
    assert (partners.office.risk is not None) == ("risk_line" in nameable)
    assert bool(partners.area.required_contacts) == ("liaison_entry" in nameable)
    seen = view_of(office, "leadership")
    risk = seen.office.risk
    assert isinstance(risk, RiskSeen)
    assert (risk.likelihoods, risk.impacts, risk.levels) == (("rare", "frequent"), ("small", "great"),
                                                             ("low", "high"))  # fmt: skip
    assert dict(risk.table) == {"rare": ("low", "low"), "frequent": ("low", "high")}
    assert dict(risk.criticality) == {"PC1": "high"}
    with pytest.raises(TypeError):
        risk.table["rare"] = ()  # type: ignore[index]  # that it cannot be set is what is tested
    assert "The office's table of 2026" in view.shown_values(seen)
    assert view_of(office.model_copy(update={"risk": None})).office.risk is None


def test_both_are_saved_and_are_content(office: Office, tmp_path: Path) -> None:
    """A saved view has them as they were; another interval or another level is another content."""
    seen = view_of(office)
    digest = view.save(seen, tmp_path / "view")
    again = view.read(tmp_path / "view")
    assert (again.area, again.office) == (seen.area, seen.office)
    assert view.save(again, tmp_path / "again") == digest
    without = view_of(office.model_copy(update={"risk": None}))
    view.save(without, tmp_path / "without")
    assert view.read(tmp_path / "without").office.risk is None
    [area] = office.area
    fewer = area.model_copy(update={"required_contact": area.required_contact[:1]})
    others = [without, view_of(office.model_copy(update={"area": (fewer,)}))]
    assert len({view.content_digest(one) for one in (seen, *others)}) == 3


def test_assessments_of_districts_belong_to_the_area(office: Office) -> None:
    """Those of its districts are in, also old ones, and those of no district; others are out."""
    put(
        office, "district_assessment", here=ASSESSED | HERE, unmatched=ASSESSED,
        elsewhere=ASSESSED | ELSEWHERE, old=ASSESSED | HERE | {"assessed_on": "2021-01-04"},
        later=ASSESSED | HERE | {"assessed_on": "2026-11-16"},
    )  # fmt: skip
    assert ids(view_of(office), "district_assessment") == {"own here", "own unmatched", "own old"}


def test_a_reason_that_is_held_back_is_searched_for(office: Office) -> None:
    """The reasons people give, and measures, are texts that must not leave, though columns are called so."""
    row = ASSESSED | HERE | {"level": "public", "record_id": "own here"}
    put_rows(office, "district_assessment", row, source="meridian", at=SOON)  # a source held openly
    put(office, "risk_measure", here=MEASURE | {"risk": "none"})
    seen = view_of(office, "partners")
    hidden = view.hidden_values(store_of(office), seen)
    assert {"The Olmen band is back.", "Drive in pairs."} <= set(hidden)
    rows = seen.table("district_assessment")
    assert rows.loc[rows["rating"] == 4, "direction"].eq("deteriorated").any()
    assert "reason" not in rows
    put(office, "risk_line", here=LINE | HERE)
    hidden = view.hidden_values(store_of(office), view_of(office, "partners", as_of=SOON + timedelta(days=1)))
    # codes of the office's own risk table are ordinary words, and no secrets
    assert not {"likely", "severe", "unlikely"} & set(hidden)
    assert "Convoy is stopped" in hidden


def test_a_measure_is_seen_with_its_risk(office: Office) -> None:
    """A measure against a line that is held back or elsewhere is not in; one that names no line is."""
    put(
        office, "risk_line", here=LINE | HERE, elsewhere=LINE | ELSEWHERE,
        closed=LINE | HERE | {"level": "strictly_confidential"}, office_wide=LINE,
        to_come=LINE | HERE | {"valid_from": "2026-12-01"},
    )  # fmt: skip
    lines = ("here", "elsewhere", "closed", "office_wide", "to_come", "misspelt")
    put(office, "risk_measure", **{line: MEASURE | {"risk": f"own {line}"} for line in lines})
    seen = view_of(office)
    assert ids(seen, "risk_line") == {"own here", "own office_wide"}
    assert ids(seen, "risk_measure") == {"own here", "own office_wide", "own misspelt"}
    assert "own closed" in ids(view_of(office, "leadership"), "risk_measure")


@pytest.mark.parametrize("level", ["internal", "strictly_confidential"])
def test_a_measure_is_as_closed_as_a_line_that_left_its_register(level: str, office: Office) -> None:
    """Taking a line out of the register opens no measure against it; one that was readable still is."""
    put(office, "risk_line", here=LINE | HERE | {"level": level})
    put(office, "risk_measure", here=MEASURE | {"risk": "own here"})
    told = {"own here"} if level == "internal" else set()
    assert ids(view_of(office), "risk_measure") == told
    with store_of(office).delivery(source=DESK, at=SOON + timedelta(minutes=1)) as delivery:
        delivery.append(record_type("risk_line"), frame("risk_line", source=DESK), complete=True)
    put_rows(office, "liaison_entry", source=DESK, at=SOON + timedelta(minutes=2))
    assert not ids(view_of(office, "leadership"), "risk_line")
    assert ids(view_of(office), "risk_measure") == told
    assert ids(view_of(office, "leadership"), "risk_measure") == {"own here"}


def test_headcounts_are_of_the_whole_office(office: Office) -> None:
    """A count has no place: it is in every view whose readers may read it, and in no other."""
    row: dict[str, object] = {
        "level": "internal", "counted_on": "2026-11-13", "organisation": "Mill Aid", "category": "national",
        "ceiling": 9, "present": 8,
    }  # fmt: skip
    put(office, "headcount", one=row)
    assert ids(view_of(office), "headcount") == {"own one"}
    partners = view_of(office, "partners").table("headcount")
    assert partners.empty
    assert "present" not in partners


@pytest.mark.parametrize("name", ["risk_line", "risk_measure", "headcount"])
def test_partners_are_told_that_nothing_is_known_to_them(name: str, office: Office) -> None:
    """A register whose source readers may not name is None to them, which is not the same as empty."""
    assert view_of(office, "partners").known(name) is None
    assert record_type(name).lasting
