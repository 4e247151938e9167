"""Labels in views: as known at the instant, and never less strict than they are now."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import put_rows
from workbench import sample, view
from workbench.config import Office
from workbench.view import Request, View, store_of

START = sample.DELIVERIES[-1] + timedelta(hours=1)
DAY = timedelta(days=1)
ROW: dict[str, object] = {
    "record_id": "X1", "killed_best": 977, "level": "public", "occurred_on": "2026-11-11",
    "occurred_to": "2026-11-11", "date_precision": "day", "event_type": "abduction",
    "threat_category": "crime", "district": "KS0101", "admin1": "KS01", "verification": "confirmed",
}  # fmt: skip
ACT: dict[str, object] = {
    "record_id": "L1", "level": "strictly_confidential", "changed_record": "incident",
    "changed_source": "meridian", "changed_id": "X1", "from_level": "internal", "to_level": "public",
    "changed_by": "Head of office", "changed_on": "2026-11-12", "reason": "A theft everybody knows of",
}  # fmt: skip


def view_of(office: Office, audience: str, as_of: datetime) -> View:
    """Return the view of W46 as known at an instant."""
    return view.make(office, store_of(office), Request("kestara", "2026-W46", audience, as_of))


def seen(office: Office, audience: str = "partners", as_of: datetime = START + 9 * DAY) -> set[str]:
    """Return in which tables of a view our row is: now, before, revisions."""
    made = view_of(office, audience, as_of)
    names = ("incident", "incident.before", "incident.revisions")
    return {one for one in names if made.tables[one].get("killed_best", pd.Series()).ge(970).any()}


def put(office: Office, day: int, **changes: object) -> datetime:
    """Deliver our row, changed as named."""
    return put_rows(office, "incident", ROW | changes, source="meridian", at=START + day * DAY)


def lower(office: Office, day: int, **changes: object) -> datetime:
    """Deliver the act, changed as named."""
    return put_rows(office, "label_change", ACT | changes, source="label_changes", at=START + day * DAY)


def test_a_row_raised_by_a_delivery_nobody_may_know_of_is_closed(own_office: Office) -> None:
    """Rows of a source without a level are read by their own; that one was raised closes it at once, though
    its readers' view is still that of the last delivery they may know of, and for every as-of before.
    """
    sources = [
        one.model_copy(update={"level": None}) if one.slug == "meridian" else one for one in own_office.source
    ]
    office = own_office.model_copy(update={"source": tuple(sources)})
    put(office, 0)
    put_rows(office, "incident", {**ROW, "record_id": "X2", "killed_best": 1}, source="concord",
             at=START + DAY)  # fmt: skip
    before = view_of(office, "partners", START + 9 * DAY)
    assert seen(office) >= {"incident"}
    put(office, 2, level="internal")
    after = view_of(office, "partners", START + 9 * DAY)
    assert after.as_of == before.as_of
    assert seen(office) == set()
    assert seen(office, as_of=START + DAY) == set()
    assert "incident" in seen(office, "internal")


def test_what_is_written_into_a_lowered_row_later_is_closed(own_office: Office) -> None:
    """An act opens the row that was there; the row as it was written anew is closed until another act."""
    put(own_office, 0, level="internal")
    assert seen(own_office) == set()
    lower(own_office, 1)
    put_rows(own_office, "incident", {**ROW, "record_id": "X2", "killed_best": 1}, source="meridian",
             at=START + 2 * DAY)  # fmt: skip
    assert "incident" in seen(own_office)
    put(own_office, 3, level="internal", event_type="sexual_violence")
    assert seen(own_office, as_of=START + 2.5 * DAY) == set()
    lower(own_office, 4, reason="Its reason is written anew, and it is no other act")
    assert seen(own_office) == set()
    lower(own_office, 5, record_id="L2")
    put_rows(own_office, "incident", {**ROW, "record_id": "X2", "killed_best": 2}, source="meridian",
             at=START + 6 * DAY)  # fmt: skip
    assert "incident" in seen(own_office)


def test_an_act_on_a_source_does_not_open_what_it_delivers_later(own_office: Office) -> None:
    """An act that names no id lowers the rows that were there, and none that come after it."""
    put(own_office, 0, level="internal")
    lower(own_office, 1, changed_id=None)
    put(own_office, 2, level="internal", record_id="X2", killed_best=978)
    for audience, dead in (("partners", {977}), ("internal", {977, 978})):
        rows = view_of(own_office, audience, START + 9 * DAY).table("incident")
        assert set(rows.loc[rows["killed_best"] > 900, "killed_best"]) == dead


@pytest.mark.parametrize("audience", ["leadership", "public"])
def test_a_past_issue_made_again_is_the_same_bytes(audience: str, own_office: Office, tmp_path: Path) -> None:
    """Rows that came, changed, were withdrawn or lowered since leave a view as of then as it was."""
    put(own_office, 0)
    put(own_office, 0, record_id="X3", level="internal", killed_best=979)
    then = START + 0.5 * DAY
    first = view.save(view_of(own_office, audience, then), tmp_path / "first")
    put(own_office, 1, killed_best=978, event_type="armed_clash")
    put(own_office, 2, record_id="X2", level="internal")
    lower(own_office, 3)
    lower(own_office, 3, record_id="L2", changed_id="X3")
    put_rows(own_office, "liaison_entry", source="liaison", at=START + 4 * DAY)
    assert view.save(view_of(own_office, audience, then), tmp_path / "again") == first
    put(own_office, 6, level="internal")
    assert view.save(view_of(own_office, audience, then), tmp_path / "closed") != first
