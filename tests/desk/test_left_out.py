"""What an audience is not shown, counted by the policy itself; and its edition, made on its view alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import put_rows
from tests.small_notebook import put
from workbench.config import Office
from workbench.desk import Choice, Compared, left_out, opened, previewed
from workbench.desk._left_out import OTHER
from workbench.errors import DisclosureRefused
from workbench.view import Request, View, make, present, store_of

HEADLINES = """\
texts = view.table("incident").get("headline")
texts = [] if texts is None else [one for one in texts.dropna() if "anary" in one]
Table("Incidents", (TableColumn("Headline"),), tuple((Cell(one),) for one in ["Of these", *texts]))
"""
CANARY = "Canary at the mill"


def view_of(office: Office, audience: str, week: str = "2026-W46") -> View:
    """Return the present view of an audience."""
    store = store_of(office)
    return make(office, store, Request("kestara", week, audience, present(office, store)))


def compared(office: Office, audience: str) -> Compared:
    """Return what an audience is not shown of the last week."""
    return left_out(office, store_of(office), view_of(office, audience))


def of(found: Compared, record: str) -> tuple[int, int, dict[str, int]]:
    """Return rows of the desk, rows read, and rows absent by reason, of one record type."""
    one = next(one for one in found.records if one.record == record)
    return one.held, one.read, {part.reason: part.rows for part in one.absent}


class TestLeftOut:
    """Rows of the week that the desk reads and an audience does not, each under one rule."""

    @pytest.mark.parametrize("audience", ["internal", "unct", "partners", "public"])
    def test_every_row_is_read_or_has_its_reason(self, sample_office: Office, audience: str):
        """What is read is what the audience's view holds; the rest adds up, under rules of the policy."""
        found, seen = compared(sample_office, audience), view_of(sample_office, audience)
        assert found.records
        for one in found.records:
            assert one.held - one.read == sum(part.rows for part in one.absent)
            assert OTHER not in {part.reason for part in one.absent}
            if one.record in {"commitment", "risk_line", "programme_site", "support"}:
                assert one.read == len(seen.table(one.record))
        rows = seen.table("incident")
        if "occurred_on" in rows:
            week = rows["occurred_on"].between(str(seen.week.first_day), str(seen.week.last_day))
            assert of(found, "incident")[1] == week.sum()

    def test_nothing_is_left_out_for_the_desk(self, sample_office: Office):
        """Who reads everything is shown all of it."""
        found = compared(sample_office, "leadership")
        assert all(one.nothing for one in found.records)

    def test_rows_stand_under_the_rule_that_keeps_them(self, own_office: Office):
        """Above the level, or of a compartment that is lacking, which is named."""
        before = of(compared(own_office, "internal"), "incident")
        at = present(own_office, store_of(own_office)) + timedelta(seconds=1)
        given = {
            "occurred_on": view_of(own_office, "leadership").week.first_day, "date_precision": "day",
            "event_type": "armed_clash", "threat_category": "armed_conflict", "district": "KS0101",
        }  # fmt: skip
        put_rows(
            own_office, "incident",
            {"record_id": "high", "level": "strictly_confidential", **given},
            {"record_id": "apart", "level": "internal", "compartments": "personnel", **given},
            {"record_id": "open", "level": "internal", **given},
            source="meridian", at=at,
        )  # fmt: skip
        found = compared(own_office, "internal")
        held, read, absent = of(found, "incident")
        assert (held - before[0], read - before[1]) == (3, 1)
        assert {reason: count - before[2].get(reason, 0) for reason, count in absent.items()} == {
            "level": 1, "compartment": 1
        }  # fmt: skip
        said = [part.why for one in found.records for part in one.absent if part.reason == "compartment"]
        assert any("personnel" in one for one in said)

    def test_readers_of_counts_get_no_rows_and_hear_what_is_withheld(self, sample_office: Office):
        """No incident row is theirs; of their table, the withheld counts of the week are counted."""
        found, seen = compared(sample_office, "public"), view_of(sample_office, "public")
        held, read, absent = of(found, "incident")
        assert (read, absent) == (0, {"counts": held})
        cells = seen.table("count")
        cells = cells[cells["week"].astype("str").str[:10] == str(seen.week.first_day)]
        assert found.cells == (len(cells), (cells["state"] == "withheld").sum())
        assert 0 < found.cells[1] < found.cells[0]

    def test_texts_without_released_words_are_counted(self, sample_office: Office):
        """Texts that the UN country team does not read, and those for which nobody wrote a releasable one."""
        found = next(one for one in compared(sample_office, "unct").records if one.record == "incident")
        rows = view_of(sample_office, "leadership").table("incident")
        rows = rows[rows["occurred_on"].between("2026-11-09", "2026-11-15")]
        rows = rows[rows["level"].isin(["public", "internal"]) & rows["compartments"].isna()]
        withheld = rows[["headline", "narrative"]].notna().any(axis=1)
        assert found.less.texts == withheld.sum() > 0
        assert found.less.nothing_released == (withheld & rows["releasable_text"].isna()).sum() > 0


class TestPreviewed:
    """An edition is made on its own readers' view, and kept while nothing that decides it changes."""

    def test_it_is_made_on_that_view_alone(self, own_office: Office):
        """A row above the readers is in the wider edition and nowhere in theirs; it is made once."""
        store = store_of(own_office)
        row = {
            "record_id": "canary", "level": "confidential", "occurred_on": "2026-11-10", "headline": CANARY,
            "date_precision": "day", "event_type": "armed_clash", "threat_category": "armed_conflict",
            "district": "KS0101",
        }  # fmt: skip
        at = present(own_office, store) + timedelta(seconds=1)
        put_rows(own_office, "incident", row, source="desk_log", at=at)
        put(own_office, HEADLINES)
        choice, made = {}, {}
        for one in ("internal", "partners"):
            choice[one] = opened(own_office, Choice(audience=one), desk=False)
            made[one] = previewed(own_office, store, "weekly_conflict", choice[one])
        assert CANARY in made["internal"].html
        assert CANARY not in made["partners"].html
        assert "FOR PARTNERS" in made["partners"].html
        again = previewed(own_office, store, "weekly_conflict", choice["partners"])
        assert again is made["partners"]
        assert not list(own_office.path(own_office.outputs).rglob("*.html"))
        put(own_office, HEADLINES, "#md Another page")
        assert previewed(own_office, store, "weekly_conflict", choice["partners"]) is not again

    def test_who_does_not_get_the_briefing_gets_no_preview(self, sample_office: Office):
        """The refusal is that of a run."""
        choice = opened(sample_office, Choice(audience="public"), desk=False)
        with pytest.raises(DisclosureRefused, match="does not receive"):
            previewed(sample_office, store_of(sample_office), "weekly_conflict", choice)
