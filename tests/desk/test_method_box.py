"""What the desk did shows in the method box of the next issue, to those who may read it."""

from dataclasses import replace
from datetime import date

import pandas as pd

from tests.desk.desk_office import AT, BY, WHY, desk_office
from workbench import desk
from workbench.analysis import DeskWork, desk_work
from workbench.desk import Correction
from workbench.document import sections
from workbench.language import words
from workbench.view import Edition, Request, make

PAIR = {"left_source": "log", "left_id": "1", "right_source": "log", "verdict": "same"}


def test_the_method_box_tells_what_was_set_right_placed_and_decided(tmp_path):
    """Numbers of the week are told with what people did to them; nothing is told where nothing was done."""
    office, store = desk_office(tmp_path)

    def box() -> str:
        request = Request(area="north", week="2026-W46", audience="internal", as_of=AT.replace(year=2027))
        edition = Edition(make(office, store, request), words("en"))
        (block,) = sections.method(edition, unmatched=pd.DataFrame(), flagged=0)
        return str(block)

    before = box()
    assert "at the desk" not in before
    assert "were made since" not in before
    corrections = [
        Correction(source="log", record_id="1", column="killed_best", was="3", to="4"),
        Correction(source="log", record_id="4", column="district", was="", to="XA0101"),
    ]
    desk.correct(office, store, corrections, by=BY, reason=WHY, at=AT)
    rows = {f"D-{day}": PAIR | {"right_id": "4", "decided_on": f"2026-11-{day}"} for day in ("01", "22")}
    desk.enter(office, store, "duplicate_decision", rows, by=BY, reason=WHY, at=AT)
    after = box()
    assert "2 incidents of this week were set right at the desk, by corrections on record" in after
    assert "The district of 1 incident of this week was chosen at the desk." in after
    assert "1 decision on duplicates was made since" in after


def test_readers_who_do_not_read_what_would_tell_are_told_nothing():
    """Without flags, ways of matching or days of decisions there is no number, not even nought."""
    incidents = pd.DataFrame(
        {"occurred_on": pd.to_datetime(["2026-11-10"] * 3 + ["2026-11-02"]), "date_precision": "day",
         "event_type": "armed_clash", "flags": ["corrected", "deaths_range;corrected", None, "corrected"],
         "matched_by": ["desk", "name", None, "desk"]}
    )  # fmt: skip
    decisions = pd.DataFrame({"decided_on": pd.to_datetime(["2026-11-15", "2026-11-16", "2026-11-17"])})
    week, since = date(2026, 11, 9), date(2026, 11, 16)
    assert desk_work(incidents, decisions, first_day=week, since=since) == DeskWork(2, 1, 2)
    closed = incidents.drop(columns=["flags", "matched_by"])
    told = desk_work(closed, pd.DataFrame(index=range(3)), first_day=week, since=since)
    assert told == DeskWork(None, None, None)
    assert replace(told, decided=0) == desk_work(closed, decisions.head(0), first_day=week, since=since)
