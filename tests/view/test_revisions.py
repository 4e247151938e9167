"""Revisions in a view: what was known of each counted incident, from when until when, as readers may know."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import put_rows
from workbench import sample, view
from workbench.audience import COUNTED
from workbench.config import Office, load
from workbench.pull import pull
from workbench.records import record_type
from workbench.view import Request, View, store_of

FIRST, SECOND = sample.DELIVERIES
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
START = SECOND + AN_HOUR
INCIDENT = record_type("incident")
# so many deaths are in no other row
ROW: dict[str, object] = {
    "record_id": "X1", "killed_best": 977, "level": "public", "occurred_on": "2026-11-11",
    "occurred_to": "2026-11-11", "date_precision": "day", "event_type": "armed_clash",
    "threat_category": "armed_conflict", "district": "KS0101", "admin1": "KS01",
}  # fmt: skip


def view_of(office: Office, audience: str = "internal", **changes: Any) -> View:
    """Return the view of W46 as known twenty days after the second delivery, changed as named."""
    asked: dict[str, Any] = {"area": "kestara", "week": "2026-W46", "as_of": SECOND + 20 * A_DAY} | changes
    return view.make(office, store_of(office), Request(audience=audience, **asked))


def put(office: Office, *states: dict[str, object]) -> list[datetime]:
    """Deliver the row in one state after the other, a day apart, and return when each was recorded."""
    return [
        put_rows(office, "incident", ROW | state, source="meridian", at=START + number * A_DAY)
        for number, state in enumerate(states)
    ]


def mine(seen: View) -> list[tuple[object, ...]]:
    """Return killed, recorded_at and known_until (None: stands) of each revision of our row."""
    rows = seen.revisions("incident")
    rows = rows[rows["killed_best"].between(970, 990)].sort_values("recorded_at")
    until = rows["known_until"].astype(object).where(rows["known_until"].notna(), None)
    return list(zip(rows["killed_best"], rows["recorded_at"], until, strict=True))


def test_each_state_stands_until_the_next(own_office: Office) -> None:
    """A corrected number makes two revisions: the first ends at the moment at which the second begins."""
    first, second = put(own_office, {}, {"killed_best": 980})
    assert mine(view_of(own_office)) == [(977, first, second), (980, second, None)]
    assert mine(view_of(own_office, as_of=first)) == [(977, first, None)]


@pytest.mark.parametrize(
    "away",
    [
        {"district": "XX0101", "admin1": "XX01"},
        {"occurred_on": "2024-01-09", "occurred_to": "2024-01-09"},
        {"occurred_on": "2026-11-16", "occurred_to": "2026-11-16"},
    ],
)
def test_what_moves_away_is_withdrawn_and_may_come_back(away: dict[str, object], own_office: Office) -> None:
    """A row that leaves the area or the time ends then, and begins anew if it returns."""
    first, second, third = put(own_office, {}, away, {})
    assert mine(view_of(own_office)) == [(977, first, second), (977, third, None)]
    assert mine(view_of(own_office, as_of=second)) == [(977, first, second)]


def test_a_state_that_was_closed_leaves_no_gap(own_office: Office) -> None:
    """A row that was closed to the readers for a while, and lowered on record, was never gone to them."""
    first, second, third = put(own_office, {}, {"level": "strictly_confidential", "killed_best": 981}, {})
    assert mine(view_of(own_office)) == [(977, first, None)]
    assert mine(view_of(own_office, as_of=second)) == []
    assert mine(view_of(own_office, "leadership"))[1] == (981, second, third)


def test_a_withdrawn_record_ends_when_its_source_drops_it(own_office: Office) -> None:
    """A complete delivery without the row ends it; later deliveries do not bring it back."""
    [first] = put(own_office, {})
    store = store_of(own_office)
    rows = store.read(INCIDENT, as_of=first, sources=["meridian"])
    kept = rows.loc[rows["record_id"] != "X1", list(INCIDENT.names)]
    with store.delivery(source="meridian", at=START + A_DAY) as delivery:
        delivery.append(INCIDENT, kept, complete=True)
        withdrawn = delivery.recorded_at
    put_rows(own_office, "incident", ROW | {"killed_best": 1, "record_id": "Y"}, source="meridian",
             at=START + 2 * A_DAY)  # fmt: skip
    assert mine(view_of(own_office)) == [(977, first, withdrawn)]


def test_what_was_closed_since_is_closed_in_the_past_too(own_office: Office) -> None:
    """Once a record or its source is labelled higher, no revision of it is left for lower readers."""
    first, second = put(own_office, {}, {"compartments": "protection", "killed_best": 980})
    assert mine(view_of(own_office)) == []
    assert mine(view_of(own_office, "leadership")) == [(977, first, second), (980, second, None)]
    file = own_office.root / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    start = text.index('slug = "meridian"')
    level = text.index('level = "public"', start)
    file.write_text(text[:level] + 'level = "internal"' + text[level + 16 :], encoding="utf-8")
    partners = view_of(load(own_office.root), "partners")
    assert partners.revisions("incident").empty
    assert partners.snapshots == ()


def test_a_change_of_what_is_hidden_is_hidden(own_office: Office) -> None:
    """A new narrative makes no revision for anybody; a new grade makes one only where it is counted by."""
    first, _, third, _ = put(
        own_office, {}, {"narrative": "They came at dawn."}, {"killed_best": 980},
        {"killed_best": 980, "sources": "Radio"},
    )  # fmt: skip
    assert mine(view_of(own_office)) == [(977, first, third), (980, third, None)]


def test_no_text_of_a_past_state_comes_along(own_office: Office) -> None:
    """Columns are those that rows are counted by and the two times; ids only for who may read them."""
    put(own_office, {"headline": "Secret then"}, {"killed_best": 980})
    for audience in ("leadership", "internal", "partners"):
        rows = view_of(own_office, audience).revisions("incident")
        assert set(rows.columns) - COUNTED == {"recorded_at", "known_until"}
        assert rows["recorded_at"].notna().all()
        assert str(rows["known_until"].dtype) == "datetime64[us, UTC]"
    assert "record_id" not in view_of(own_office, "partners").revisions("incident")
    assert "district" in rows


def test_a_licence_that_allows_counts_only_holds_for_the_past(own_office: Office) -> None:
    """The day of a row that may not be listed is its week's first in every revision."""
    put(own_office, {"listable": False}, {"listable": False, "killed_best": 980})
    rows = view_of(own_office).revisions("incident").query("killed_best > 970")
    assert rows["occurred_on"].tolist() == [pd.Timestamp(2026, 11, 9)] * 2
    assert rows["date_precision"].tolist() == ["week"] * 2


@pytest.mark.parametrize("audience", ["leadership", "internal", "partners"])
def test_the_revisions_give_what_was_known_at_every_delivery(audience: str, sample_office: Office) -> None:
    """At each snapshot, the revisions that stood are the counted incidents of the view made then."""
    seen = view_of(sample_office, audience, week="2026-W45")
    revisions = seen.revisions("incident")
    first_day = pd.Timestamp(seen.week.back(view.WEEKS_OF_REVISIONS).first_day)
    assert revisions["occurred_on"].between(first_day, pd.Timestamp(seen.week.last_day)).all()
    assert set(revisions["source"]) == set(seen.area.counts_from)
    assert len(seen.snapshots) >= 2
    for moment in seen.snapshots[-2:]:
        then = view_of(sample_office, audience, week="2026-W45", as_of=moment).counted
        then = then[then["occurred_on"] >= first_day]
        stood = (revisions["recorded_at"] <= moment) & ~(revisions["known_until"] <= moment)
        columns = [name for name in then if name in COUNTED and name not in {"dup_group", "level"}]
        order = [name for name in columns if then[name].notna().any()]
        known, kept = (
            one[columns].sort_values(order).reset_index(drop=True) for one in (then, revisions[stood])
        )
        pd.testing.assert_frame_equal(known, kept)
    assert revisions["known_until"].notna().any()


def test_snapshots_are_the_deliveries_of_the_counted_sources(own_office: Office) -> None:
    """Each completed delivery of the counted source is one, oldest first; other sources' are none."""
    before = view_of(own_office).snapshots
    put_rows(own_office, "incident", ROW, source="concord", at=START)
    [moment] = put(own_office, {})
    assert moment.microsecond > 0
    whole = moment.replace(microsecond=0)
    assert view_of(own_office).snapshots == (*before, whole)
    assert view_of(own_office, as_of=whole - timedelta(microseconds=1)).snapshots == before
    assert list(before) == sorted(before)


def test_a_saved_view_has_its_revisions_and_snapshots(own_office: Office, tmp_path: Path) -> None:
    """Both are read as they were saved, with their types, and a digest of their own."""
    put(own_office, {}, {"killed_best": 980})
    seen = view_of(own_office)
    view.save(seen, tmp_path / "view")
    again = view.read(tmp_path / "view")
    pd.testing.assert_frame_equal(again.revisions("incident"), seen.revisions("incident"))
    assert again.snapshots == seen.snapshots
    assert (tmp_path / "view" / "incident.revisions.parquet").is_file()


def test_a_delivery_of_nothing_new_is_a_snapshot_and_no_news(own_office: Office) -> None:
    """The snapshot is in the view, and the content that decides on a new version is as it was."""
    first = view_of(own_office)
    pull(own_office, store_of(own_office), own_office.source_called("meridian"), at=START)
    again = view_of(own_office)
    assert len(again.snapshots) == len(first.snapshots) + 1
    assert view.content_digest(again) == view.content_digest(first)
    put(own_office, {})
    assert view.content_digest(view_of(own_office)) != view.content_digest(first)


def test_before_the_first_counted_row_there_is_an_empty_table(own_office: Office) -> None:
    """A reader of none of the counted sources has a table without rows, and no snapshots."""
    area = own_office.area[0].model_copy(update={"counts_from": ("liaison",)})
    office = own_office.model_copy(update={"area": (area,)})
    seen = view_of(office, "partners")
    assert seen.revisions("incident").empty
    assert {"recorded_at", "known_until"} <= set(seen.revisions("incident").columns)
