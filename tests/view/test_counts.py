"""The table `count` of readers who are given counts and no rows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench import analysis, view
from workbench.audience import audit
from workbench.config import Office, Week
from workbench.errors import StoreError
from workbench.records import DTYPES, record_type
from workbench.view import Request, View
from workbench.view._counts import WEEKS_SPLIT, WEEKS_TOLD, counts


def seen(office: Office, **asked: Any) -> View:
    """Return the public's view of the sample week."""
    request = Request("kestara", asked.pop("week", "2026-W46"), asked.pop("audience", "public"), office.now())
    return view.make(office, view.store_of(office), replace(request, **asked))


def test_the_public_gets_counts_and_no_rows(sample_office: Office, tmp_path: Path) -> None:
    """No incident, earlier state or revision is in the view; its counts are clean and saved with it."""
    made = seen(sample_office)
    for name in ("incident", "incident.before", "incident.revisions"):
        assert made.tables[name].empty
        assert not list(made.tables[name].columns)
    count = made.table("count")
    assert set(count["table"]) == {"week", "week_type", "week_district"}
    assert not count["incidents"].between(1, 4).any()
    assert (audit([count], 5)["finding"] == "").all()
    view.save(made, tmp_path / "view")
    again = view.read(tmp_path / "view")
    pd.testing.assert_frame_equal(again.table("count"), count)
    assert again.audience.count_threshold == 5
    assert view.save(again, tmp_path / "again") == view.save(seen(sample_office), tmp_path / "third")


def test_counts_shown_are_those_of_an_edition_of_the_same_rows(sample_office: Office) -> None:
    """Partners read the same rows one by one: where the public's total is shown, it is theirs."""
    made, partners = seen(sample_office), seen(sample_office, audience="partners")
    counted = analysis.merged(partners.counted, order=partners.area.counts_from)
    weekly = analysis.weekly_total(
        counted, districts=partners.area.districts, first_day=made.week.back(25).first_day, weeks=26
    )
    count = made.table("count")
    shown = count[count["table"].eq("week") & count["state"].eq("shown")].merge(weekly, on="week")
    assert len(shown) > 10
    assert shown["incidents_x"].tolist() == shown["incidents_y"].tolist()
    told = shown[shown["killed"].notna()]
    assert told["killed"].tolist() == told["killed_best"].tolist()


def test_what_was_published_is_taken_as_known(sample_office: Office) -> None:
    """Last week's issue and this one, and this one twice, give nothing away together."""
    last = seen(sample_office, week="2026-W45").table("count")
    now = seen(sample_office, published=(last,)).table("count")
    assert (audit([last, now], 5)["finding"] == "").all()
    pd.testing.assert_frame_equal(seen(sample_office, published=(last, now)).table("count"), now)


def test_two_weeks_of_the_same_rows_withhold_the_same(sample_office: Office) -> None:
    """Issues of weeks four apart, made at one time, say the same of each cell both have."""
    early, late = (seen(sample_office, week=week).table("count") for week in ("2026-W42", "2026-W46"))
    both = early.merge(late, on=["table", "week", "event_type", "district"])
    assert len(both) >= 22
    assert both["state_x"].tolist() == both["state_y"].tolist()
    assert (audit([early, late], 5)["finding"] == "").all()


def test_readers_of_the_area_only_get_no_districts(office_edited: Any) -> None:
    """Where the place precision is the area, there is no table by district."""
    district, area = (
        f'place_precision = "{one}"\nfree_text = "releasable"\ncount_threshold'
        for one in ("district", "area")
    )
    office = office_edited({district: area})
    assert set(seen(office).table("count")["table"]) == {"week", "week_type"}


def test_a_file_of_counts_is_read_back(sample_office: Office) -> None:
    """`counts.csv` says in words what is not shown, holds no small number, and comes back as it was."""
    count = seen(sample_office).table("count")
    content = view.counts_csv(count)
    lines = content.decode("utf-8").splitlines()
    assert lines[0] == "table,week,event_type,district,incidents,killed,state"
    assert len(lines) == 1 + len(count)
    assert any(",withheld," in line for line in lines)
    pd.testing.assert_frame_equal(view.read_counts_csv(content), count)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"\xff\xfe",
        b"table,week,event_type,district,incidents,killed,state\nweek,2026-11-09,,,3,,withheld\n",
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    """Anything else than a table of counts is refused without saying what stood in it."""
    with pytest.raises(StoreError, match="workbench verify"):
        view.read_counts_csv(content)


AREA: Any = SimpleNamespace(districts=("KS0101", "KS0102"), not_covered=())
WEEK = Week(date(2026, 11, 9), "monday")


def drawn(rng: random.Random, n: int) -> pd.DataFrame:
    """Return incident rows of two sources with groups, gaps and every date precision."""
    record = record_type("incident")
    rows = []
    for number in range(n):
        day = pd.Timestamp("2026-11-15") - pd.Timedelta(days=rng.randrange(220))
        longer = day + pd.Timedelta(days=rng.randrange(9))
        best, low, civil = (rng.choice([None, 0, 1, 2, 5]) for _ in range(3))
        rows.append(
            {
                "record_id": f"r{rng.randrange(10**6):06}-{number}", "source": rng.choice(["a", "b"]),
                "occurred_on": day, "occurred_to": rng.choice([None, day, longer]),
                "date_precision": rng.choice(["day", "days", "week", "month"]),
                "event_type": rng.choice(["armed_clash", "hazard", "non_violent_development"]),
                "verification": rng.choice([None, "reported", "discarded"]),
                "district": rng.choice([None, "KS0101", "KS0102", "KS0109"]),
                "killed_best": best, "killed_low": low, "killed_high": rng.choice([None, 5]),
                "civilians_killed": civil, "dup_group": rng.choice([None, None, "g1", "g2", "g3"]),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.astype({name: DTYPES[record.column(name).kind] for name in frame})


@pytest.mark.parametrize("seed", range(12))
def test_counting_agrees_with_the_analysis(seed: int) -> None:
    """Without a threshold the table says what `analysis` counts of the same rows: totals, dead, parts."""
    rows = drawn(random.Random(seed), 160)  # noqa: S311  (rows to count, no secrets)
    made = counts(rows, area=AREA, counts_from=("b", "a"), week=WEEK, until=WEEK.last_day, threshold=1)
    merged = analysis.merged(rows, order=("b", "a"))
    span = {
        "districts": AREA.districts,
        "first_day": WEEK.back(WEEKS_TOLD - 1).first_day,
        "weeks": WEEKS_TOLD,
    }
    weekly = analysis.weekly_total(merged, **span)
    totals = made[made["table"].eq("week")]
    assert totals["incidents"].tolist() == weekly["incidents"].tolist()
    assert totals["killed"].tolist() == weekly["killed_best"].tolist()
    split = made[made["table"].eq("week_district")].sort_values(["district", "week"])
    by_district = analysis.weekly(merged, **span).groupby("district", sort=False).tail(WEEKS_SPLIT)
    assert split["incidents"].tolist() == by_district["incidents"].tolist()
    by_type = made[made["table"].eq("week_type")].groupby("week")["incidents"].sum()
    assert by_type.tolist() == weekly["incidents"].tail(WEEKS_SPLIT).tolist()


@pytest.mark.parametrize("told", [1, 2])
def test_weeks_withhold_the_same_however_many_districts_are_reported_on(told: int) -> None:
    """Issues four weeks apart, of the same rows, agree on every total, also where one district is told."""
    codes = ("KS0101", "KS0102", "KS0109")
    area: Any = SimpleNamespace(districts=codes, not_covered=codes[told:])
    rows = drawn(random.Random(2), 900)  # noqa: S311  (rows to count, no secrets)
    early, late = (
        counts(rows, area=area, counts_from=("a", "b"), week=week, until=WEEK.last_day, threshold=3)
        for week in (WEEK.back(WEEKS_SPLIT), WEEK)
    )
    key = ["table", "week", "event_type", "district"]
    both = early[early["table"].eq("week")].merge(late, on=key)
    assert len(both) == WEEKS_TOLD - WEEKS_SPLIT
    assert both["state_x"].eq("shown").any()
    assert both["state_x"].tolist() == both["state_y"].tolist()


def test_weeks_without_data_are_unknown() -> None:
    """After the last delivery and before the first record all is unknown, as in uncovered districts."""
    rows = drawn(random.Random(1), 40)  # noqa: S311  (rows to count, no secrets)
    rows = rows[rows["occurred_on"] >= pd.Timestamp("2026-09-01")]
    area: Any = SimpleNamespace(districts=AREA.districts, not_covered=("KS0102",))
    made = counts(rows, area=area, counts_from=("a", "b"), week=WEEK, until=date(2026, 11, 3), threshold=5)
    weeks = made[made["table"].eq("week")].set_index("week")["state"]
    assert weeks[pd.Timestamp(WEEK.first_day)] == "unknown"
    assert weeks[pd.Timestamp("2026-11-02")] != "unknown"
    assert weeks[pd.Timestamp("2026-08-24")] == "unknown"
    assert made.loc[made["district"].eq("KS0102"), "state"].eq("unknown").all()
    nothing = counts(rows.iloc[:0], area=area, counts_from=("a",), week=WEEK, until=None, threshold=5)
    assert nothing["state"].eq("unknown").all()
