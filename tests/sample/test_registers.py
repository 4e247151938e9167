"""The registers of the sample office: they hold together, and each part of a page has something to show."""

from datetime import timedelta
from pathlib import Path

from tests.sample.files import LAST_WEEK, known_ids, table
from workbench.config import Office
from workbench.pull import PullReport
from workbench.records import record_type
from workbench.sample import _geography
from workbench.store import Store


class TestRegisters:
    """District assessments, risk, headcount and the plan of contacts."""

    def test_districts_are_assessed(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Each district but Mécor has two assessments or three; those of a district share one label."""
        office, store, _ = pulled
        rows = store.read(record_type("district_assessment"), as_of=office.now())
        by = rows.groupby("district_name")
        assert set(by.groups) == {d.name for d in _geography.DISTRICTS} - {"Mécor"}
        assert by.size().between(2, 3).all()
        assert (by["level"].nunique() == 1).all()
        last = by["assessed_on"].max()
        ages = (LAST_WEEK.last_day - last.dt.date).map(lambda age: age.days)
        assert ages.min() <= 1
        assert ages["Ibrane"] > 60

    def test_directions_follow_ratings(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """From one assessment of a district to the next the direction is that of the rating."""
        office, store, _ = pulled
        rows = store.read(record_type("district_assessment"), as_of=office.now())
        for _, history in rows.sort_values("assessed_on").groupby("district"):
            for before, now, said in zip(
                history["rating"], history["rating"][1:], history["direction"][1:], strict=False
            ):
                moved = "deteriorated" if now > before else "improved" if now < before else "unchanged"
                assert said == moved

    def test_basis_of_ratings(self, first: Path, second: Path):
        """Every record a rating rests on stands in the files of its delivery."""
        for number, folder in ((1, first), (2, second)):
            known = known_ids(folder, number=number)
            for row in table(folder, "district_assessments"):
                assert set(filter(None, row["basis"].split(";"))) <= known

    def test_risk_lines(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Eight lines in the words of the risk table: one expired, one about to, one that nobody decided."""
        office, store, _ = pulled
        rows = store.read(record_type("risk_line"), as_of=office.now())
        for moment in ("present", "residual"):
            assert set(rows[f"likelihood_{moment}"]) <= set(office.risk.likelihoods)
            assert set(rows[f"impact_{moment}"]) <= set(office.risk.impacts)
        left = (rows.set_index("record_id")["valid_to"].dt.date - LAST_WEEK.last_day).map(
            lambda one: one.days
        )
        assert len(rows) == 8
        assert set(left[left < 0].index) == {"RL-2026-05"}
        assert set(left[left.between(0, 14)].index) == {"RL-2026-04"}
        assert set(rows[rows["decided_on"].isna()]["record_id"]) == {"RL-2026-02"}

    def test_risk_never_rises_by_measures(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """The residual risk of a line is never above its present one, and lower in most."""
        office, store, _ = pulled
        risk = office.risk
        rows = store.read(record_type("risk_line"), as_of=office.now())
        heights = {
            moment: [
                risk.levels.index(risk.table[likelihood][risk.impacts.index(impact)])
                for likelihood, impact in zip(
                    rows[f"likelihood_{moment}"], rows[f"impact_{moment}"], strict=True
                )
            ]
            for moment in ("present", "residual")
        }
        steps = [now - then for now, then in zip(heights["present"], heights["residual"], strict=True)]
        assert min(steps) == 0
        assert sum(step > 0 for step in steps) > len(steps) / 2

    def test_measures_have_a_risk(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Every measure belongs to a line; some are done and seen, one is done and unseen, some are late."""
        office, store, _ = pulled
        rows = store.read(record_type("risk_measure"), as_of=office.now())
        lines = store.read(record_type("risk_line"), as_of=office.now())
        assert set(rows["risk"]) <= set(lines["record_id"])
        done = rows[rows["state"] == "done"]
        assert set(done[done["verified_on"].isna()]["record_id"]) == {"RM-02"}
        late = rows[(rows["state"] == "agreed") & (rows["due_on"] <= LAST_WEEK.last_day.isoformat())]
        assert set(late["record_id"]) == {"RM-03", "RM-06"}

    def test_headcount(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """In the last count of each line one organisation is above its ceiling, and one count is old."""
        office, store, _ = pulled
        rows = store.read(record_type("headcount"), as_of=office.now()).sort_values("counted_on")
        last = rows.drop_duplicates(["organisation", "category"], keep="last")
        above = last[(last["present"] > last["ceiling"]).fillna(value=False)]
        assert above[["organisation", "category"]].to_numpy().tolist() == [
            ["Harbour Relief", "international"]
        ]
        assert (last["counted_on"] < "2026-11-01").sum() == 1

    def test_contacts_that_are_required(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Of 34 contacts that are asked for, 17 were made in time; none of them in Ibrane and Mécor."""
        office, store, _ = pulled
        rows = store.read(record_type("liaison_entry"), as_of=office.now())
        area, last = office.area_called("kestara"), LAST_WEEK.last_day
        made: list[tuple[str, bool]] = []
        for contact in area.required_contact:
            for district in contact.districts or area.districts:
                kept = rows[
                    (rows["district"] == district)
                    & (rows["organisation_kind"] == contact.organisation_kind)
                    & (rows["occurred_on"] >= (last - timedelta(days=contact.every_days)).isoformat())
                ]
                made.append((district, not kept.empty))
        assert len(made) == 34
        assert sum(kept for _, kept in made) == 17
        assert not any(kept for district, kept in made if district in ("KS0107", "KS0108"))

    def test_criticality_rule_is_broken(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """The market hall at Dunmar (PC3) runs where the residual risk is high, above what is allowed."""
        office, store, _ = pulled
        risk = office.risk
        line = (
            store.read(record_type("risk_line"), as_of=office.now()).set_index("record_id").loc["RL-2026-02"]
        )
        level = risk.table[line["likelihood_residual"]][risk.impacts.index(line["impact_residual"])]
        site = (
            store.read(record_type("programme_site"), as_of=office.now())
            .set_index("record_id")
            .loc["SITE-02"]
        )
        assert (site["district"], site["criticality"], site["state"]) == (line["district"], "PC3", "reduced")
        assert risk.levels.index(level) > risk.levels.index(risk.criticality["PC3"])
