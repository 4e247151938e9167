"""The weeks before: weekly snapshots of what is counted, and the office's own log beside its publisher."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from pandas.testing import assert_frame_equal

from tests.conftest import code_of
from tests.sample.files import LAST_WEEK, files_of, meridian, table
from workbench import sample
from workbench.analysis.duplicates import candidates, undecided
from workbench.config import Office, load
from workbench.pull import PullReport, pull_all
from workbench.records import record_type
from workbench.store import Store
from workbench.view import Request, make


class TestEarlierDeliveries:
    """The sixteen Mondays before, on which only what is counted was pulled."""

    def test_they_are_the_mondays_before(self):
        """Sixteen Mondays, a week apart, and delivery 1 a week after the last of them."""
        moments = (*sample.EARLIER, *sample.DELIVERIES)
        assert len(sample.EARLIER) == 16
        assert {later - one for one, later in pairwise(moments)} == {timedelta(weeks=1)}
        assert all(one.weekday() == 0 for one in moments)

    def test_they_hold_all_that_is_counted(self, second: Path):
        """The sources pulled earlier are those that the area's counts come from."""
        assert load(second).area_called("kestara").counts_from == sample.EARLIER_SOURCES

    def test_same_bytes_and_no_trace(self, second: Path, tmp_path: Path):
        """An earlier delivery is the same bytes each time, and deliveries 1 and 2 do not depend on it."""
        for name in ("one", "two"):
            sample.make(tmp_path / name)
            sample.deliver_earlier(tmp_path / name, 9)
        assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
        sample.deliver(tmp_path / "one", 1)
        sample.deliver(tmp_path / "one", 2)
        assert files_of(tmp_path / "one") == files_of(second)

    def test_nothing_is_known_before_it_was_published(self, tmp_path: Path):
        """No row of an earlier delivery was published, written or dated after it was fetched."""
        for number, at in enumerate(sample.EARLIER, start=1):
            sample.deliver_earlier(tmp_path, number)
            fetched = f"{at - timedelta(hours=1):%Y-%m-%dT%H:%M}"
            assert max(row["first_published"] for row in meridian(tmp_path)) <= fetched
            assert max(row["day"] for row in meridian(tmp_path)) <= fetched[:10]
            assert max(row["written"] for row in table(tmp_path, "incident_log")) <= fetched

    def test_weeks_fill_up(self, weekly: list[dict[str, dict[str, str]]]):
        """Of a week's incidents a half to four fifths are known on Monday, nine tenths two weeks later."""
        final = {key: row for key, row in weekly[-1].items() if row["day_certainty"] == "exact"}
        known = dict.fromkeys(range(3), 0)
        total = 0
        for number, at in enumerate(sample.EARLIER):
            last = at.date() - timedelta(days=1)
            week = [
                key
                for key, row in final.items()
                if (last - timedelta(days=6)).isoformat() <= row["day"] <= last.isoformat()
            ]
            total += len(week)
            for weeks in known:
                known[weeks] += sum(key in weekly[number + weeks] for key in week)
        assert total > 80
        assert 0.5 * total <= known[0] <= 0.8 * total
        assert known[2] >= 0.9 * total

    def test_rows_are_corrected(self, weekly: list[dict[str, dict[str, str]]]):
        """Most weeks correct something; over the four months deaths, checks and places all change."""
        changes = [
            {
                column
                for key in one.keys() & later.keys()
                for column in ("dead_best", "check", "district")
                if one[key][column] != later[key][column]
            }
            for one, later in pairwise(weekly)
        ]
        assert sum(bool(columns) for columns in changes) > 0.7 * len(changes)
        assert set.union(*changes) == {"dead_best", "check", "district"}

    def test_estimates_stay_in_order(self, weekly: list[dict[str, dict[str, str]]]):
        """A first estimate lies between its own bounds, and counts no more civilians than dead."""
        for state in weekly:
            for key, row in state.items():
                if key not in ("MIM-2606-902", "MIM-2605-991"):
                    assert int(row["dead_low"]) <= int(row["dead_best"]) <= int(row["dead_high"])
                    assert int(row["civilians_dead"]) <= int(row["dead_best"]) or not int(row["dead_best"])

    def test_six_are_taken_back(self, weekly: list[dict[str, dict[str, str]]]):
        """Six incidents stand in two to six earlier deliveries, and in neither of the last two."""
        final = weekly[-2].keys() | weekly[-1].keys()
        gone = Counter(key for state in weekly[:-2] for key in state if key not in final)
        assert len(gone) == 6
        assert all(2 <= number <= 6 for number in gone.values())

    def test_store_ends_in_the_same_state(
        self, pulled: tuple[Office, Store, list[list[PullReport]]], tmp_path: Path
    ):
        """With earlier deliveries pulled first, the incidents known in the end are the same."""
        sample.make(tmp_path)
        office = load(tmp_path)
        store = Store(str(tmp_path / "store"), lock_folder=tmp_path / "locks")
        for number in (1, 10, 16):
            sample.deliver_earlier(tmp_path, number)
            _, failed = pull_all(office, store, sample.EARLIER_SOURCES, at=sample.EARLIER[number - 1])
            assert not failed
        for number, at in enumerate(sample.DELIVERIES, start=1):
            sample.deliver(tmp_path, number)
            _, failed = pull_all(office, store, sample.EARLIER_SOURCES, at=at)
            assert not failed
        incident = record_type("incident")
        without = pulled[1].read(incident, as_of=office.now(), sources=list(sample.EARLIER_SOURCES))
        rows = store.read(incident, as_of=office.now(), sources=list(sample.EARLIER_SOURCES))
        key, kept = ["source", "record_id"], list(incident.names)
        assert_frame_equal(
            rows.sort_values(key, ignore_index=True)[kept], without.sort_values(key, ignore_index=True)[kept]
        )


class TestOwnLog:
    """The office's own incident log, and who decided what is the same."""

    UNDECIDED = (
        ("DL-2026-055", "MIM-2610-013"),
        ("DL-2026-056", "MIM-2610-012"),
        ("DL-2026-063", "MIM-2611-021"),
        ("DL-2026-067", "MIM-2611-071"),
    )

    def test_last_twelve_weeks(self, second: Path):
        """Since 24 August the log has 25 sound entries; 18 tell of what Meridian has, 7 of what it lacks."""
        recent = {row["no"] for row in table(second, "incident_log") if row["day"] >= "2026-08-24"}
        recent -= {"DL-2026-998", "DL-2026-999"}
        shared = {row["left"] for row in table(second, "duplicates") if row["verdict"] != "different"}
        shared |= {row["right"] for row in table(second, "duplicates") if row["right"].startswith("DL-")}
        shared |= {one for one, _ in self.UNDECIDED}
        assert len(recent) == 25
        assert len(recent & shared) == 18

    def test_it_makes_no_step(self, second: Path):
        """What only the log has is as frequent in the last twelve weeks as in the two years before."""
        log = table(second, "incident_log")
        days = [date.fromisoformat(row["day"]) for row in log if row["day"] < "2026-08-24"]
        before = len(days) / ((date(2026, 8, 24) - date(2024, 11, 11)).days / 7)
        assert abs(before - 7 / 12) < 0.1
        gaps = [(later - one).days for one, later in pairwise(sorted(days))]
        assert max(gaps) <= 21

    def test_own_ones_are_not_meridians(self, second: Path):
        """Before 24 August 2026 no entry has a row of Meridian's of its kind and district within a week."""
        words = load(second).source_called("meridian").values["event_type"]
        for own in table(second, "incident_log"):
            if own["day"] >= "2026-08-24":
                continue
            for row in meridian(second):
                if row["district"] == own["district"] and words.get(row["kind"]) == own["kind"]:
                    day = "2026-02-28" if row["day"] == "2026-02-30" else row["day"]
                    assert abs((date.fromisoformat(day) - date.fromisoformat(own["day"])).days) > 7

    def test_decisions_name_rows_that_are_there(self, second: Path):
        """Both sides of each decision stand in the file of their source, never the same row twice."""
        known = {("desk_log", row["no"]) for row in table(second, "incident_log")}
        known |= {("meridian", row["event_id"]) for row in meridian(second)}
        for row in table(second, "duplicates"):
            left, right = (row["left source"], row["left"]), (row["right source"], row["right"])
            assert left != right
            assert {left, right} <= known

    def test_four_pairs_wait(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Of the obvious pairs four have no decision that was accepted, and of one a person was unsure."""
        office, store, _ = pulled
        rows = store.read(record_type("duplicate_decision"), as_of=office.now())
        assert rows["verdict"].value_counts().to_dict() == {"same": 13, "different": 4, "unsure": 1}
        decided = set(zip(rows["left_id"], rows["right_id"], strict=True))
        assert not decided & set(self.UNDECIDED)

    def test_waiting_pairs_are_found(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """For Leadership and Internal the search for duplicates names the four, and the one left unsure."""
        office, store, _ = pulled
        for reader in ("leadership", "internal"):
            view = make(office, store, Request("kestara", "2026-W46", reader, office.now()))
            waiting = undecided(candidates(view.counted), view.table("duplicate_decision"))
            found = set(zip(waiting["left_id"], waiting["right_id"], strict=True))
            shown = str if reader == "leadership" else code_of(view)
            waits = {*self.UNDECIDED, ("DL-2026-043", "MIM-2609-001")}
            assert {(shown(left), shown(right)) for left, right in waits} <= found

    def test_pairs_are_alike(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Rows that are the same, or wait, agree on district and type, and within a day and a death."""
        office, store, _ = pulled
        incidents = store.read(record_type("incident"), as_of=office.now()).set_index("record_id")
        rows = store.read(record_type("duplicate_decision"), as_of=office.now())
        same = rows[rows["verdict"] == "same"]
        pairs = [*zip(same["left_id"], same["right_id"], strict=True), *self.UNDECIDED]
        assert len(pairs) == 17
        for left, right in pairs:
            one, other = incidents.loc[left], incidents.loc[right]
            assert one["district"] == other["district"]
            assert one["event_type"] == other["event_type"]
            assert abs((one["occurred_on"] - other["occurred_on"]).days) <= 1
            assert abs(one["killed_best"] - other["killed_best"]) <= 1

    def test_kuro_is_counted_once(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Since 14 September every Kuro entry of the log is decided to be one of Meridian's."""
        office, store, _ = pulled
        rows = store.read(record_type("incident"), as_of=office.now(), sources=["desk_log"])
        kuro = rows[(rows["district_name"] == "Kuro") & (rows["occurred_on"] >= "2026-09-14")]
        decisions = store.read(record_type("duplicate_decision"), as_of=office.now())
        same = decisions[decisions["verdict"] == "same"]
        assert set(kuro["record_id"]) <= set(same["left_id"]) | set(same["right_id"])

    def test_who_counts_what(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """In 2026-W46 Leadership counts 17, Internal and the UNCT 15, and Partners, who lack the log, 12."""
        office, store, _ = pulled
        counts = {}
        for audience in office.audience:
            if audience.count_threshold > 1:
                continue
            seen = make(office, store, Request("kestara", "2026-W46", audience.slug, office.now())).counted
            rows = seen[seen["occurred_on"] >= LAST_WEEK.first_day.isoformat()]
            groups = rows["dup_group"]
            counts[audience.slug] = int(groups.isna().sum()) + groups.nunique()
        assert counts == {"leadership": 17, "internal": 15, "unct": 15, "partners": 12}
