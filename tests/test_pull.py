"""Pulling: deliveries become revisions, faults become rejected rows, and nothing is lost on the way."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from tests.pull_office import SHARED, log, office_in, write_log
from workbench.config import load
from workbench.errors import ShrinkRefused, SourceError, UnknownName
from workbench.pull import label, pull, pull_all
from workbench.records import record_type
from workbench.store import Store

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
LATER = AT + timedelta(days=1)
END = AT + timedelta(days=365)
COUNTS = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "unmatched")


class Pulled:
    """An office with one source, its store, and shorthands for what a test asks of them."""

    def __init__(self, folder, *sources):
        self.office = office_in(folder, *sources)
        self.store = Store(folder / "store", lock_folder=folder / "locks")

    def deliver(self, *rows, at=AT, accept_shrink=False, slug="log"):
        """Write a delivery of these rows and pull it."""
        write_log(self.office.root, *rows, name=f"{slug}.csv")
        source = self.office.source_called(slug)
        return pull(self.office, self.store, source, at=at, accept_shrink=accept_shrink)

    def table(self, name):
        """Return everything known of a record type in the end."""
        return self.store.read(record_type(name), as_of=END)

    def ids(self):
        """Return the record_ids of the incidents known in the end."""
        return self.table("incident")["record_id"].tolist()


def _counts(report):
    return tuple(getattr(report, name) for name in COUNTS)


def _row(number, day="2026-11-09", dead="1", district="Kuro"):
    return (number, day, dead, district)


@pytest.fixture
def pulled(tmp_path):
    """Make an office whose only source is a log."""
    return Pulled(tmp_path)


def test_a_delivery_becomes_records(pulled):
    """Accepted rows are stored with their district, their label and the source's name."""
    report = pulled.deliver(_row(1), _row(2, day="2026-11-03", district="Nowhere"))
    assert _counts(report) == (2, 2, 0, 0, 0, 0, 1)
    assert (report.source, report.record, report.files) == ("log", "incident", ("log.csv",))
    assert (report.first_dated, report.last_dated) == (date(2026, 11, 3), date(2026, 11, 9))
    assert report.recorded_at == AT
    assert [(one.name, one.rows) for one in report.unmatched_places] == [("Nowhere", 1)]
    rows = pulled.table("incident")
    assert rows["district"].fillna("-").tolist() == ["XA0102", "-"]
    assert rows["matched_by"].tolist() == ["name", "unmatched"]
    assert rows[["source", "level"]].drop_duplicates().to_numpy().tolist() == [["log", "internal"]]
    assert rows["listable"].all()


def test_the_same_delivery_again_adds_only_its_delivery_row(pulled):
    """A repeated pull changes no record and no rejected row; the store still knows that it happened."""
    rows = [_row(1), _row(2), _row(3, dead="many")]
    pulled.deliver(*rows)
    report = pulled.deliver(*rows, at=LATER)
    assert _counts(report) == (3, 0, 0, 0, 2, 1, 0)
    for name in ("incident", "rejected_row"):
        assert (pulled.table(name)["recorded_at"] == AT).all()
    assert pulled.table("rejected_row")["occurred_on"].tolist() == [pd.Timestamp(AT.date())]
    assert pulled.table("delivery")["record_id"].tolist() == ["log/1", "log/2"]


def test_changes_and_withdrawals_are_counted(pulled):
    """A delivery that differs is stored as what is new, what changed and what is gone."""
    pulled.deliver(_row(1), _row(2), _row(3))
    report = pulled.deliver(_row(1), _row(2, dead="4"), _row(4), at=LATER)
    assert _counts(report) == (3, 1, 1, 1, 1, 0, 0)
    assert pulled.ids() == ["1", "2", "4"]


def test_silence_of_a_source_of_additions_means_nothing(tmp_path):
    """A source that covers additions keeps what a later delivery does not repeat."""
    pulled = Pulled(tmp_path, log(more='level = "internal"\ncovers = "additions"'))
    pulled.deliver(_row(1), _row(2))
    report = pulled.deliver(_row(3), at=LATER)
    assert _counts(report) == (1, 1, 0, 0, 0, 0, 0)
    assert pulled.ids() == ["1", "2", "3"]


def test_rejected_rows_are_kept_and_mended_ones_withdrawn(pulled):
    """A faulty row is a record of its own until a delivery in which it is right."""
    pulled.deliver(_row(1), _row(2, day="soon", dead="-1"))
    faults = pulled.table("rejected_row")
    told = faults.sort_values("column")[["record", "file", "row", "column", "value", "level"]]
    assert told.to_numpy().tolist() == [
        ["incident", "log.csv", 3, "killed_best", "-1", "internal"],
        ["incident", "log.csv", 3, "occurred_on", "soon", "internal"],
    ]
    assert pulled.ids() == ["1"]
    report = pulled.deliver(_row(1), _row(2), at=LATER)
    assert (report.rejected, report.new) == (0, 1)
    assert pulled.table("rejected_row").empty


def test_a_rejected_row_is_held_as_closely_as_itself(tmp_path):
    """That a closed record exists is closed too; and its number does not give the faulty value away."""
    # the column of deaths passes for the label, so that each row can have its own
    pulled = Pulled(tmp_path, log().replace('killed_best = "Dead"', 'level = "Dead"'))
    labels = ("strictly_confidential", "who knows", "public", "confidential")
    pulled.deliver(*(_row(n, day="soon", dead=label) for n, label in enumerate(labels)))
    faults = pulled.table("rejected_row").sort_values("row")
    highest = "strictly_confidential"
    assert faults["level"].tolist() == [highest, highest, "internal", "confidential"]
    pulled.deliver(*(_row(n, day="later", dead=label) for n, label in enumerate(labels)), at=LATER)
    again = pulled.table("rejected_row").sort_values("row")
    assert again["record_id"].tolist() == faults["record_id"].tolist()
    assert set(again["value"]) == {"later"}


def test_a_slip_in_a_known_record_does_not_withdraw_it(pulled):
    """A record whose row became unreadable keeps its last good revision: it is still delivered."""
    pulled.deliver(_row(1), _row(2, dead="7"))
    report = pulled.deliver(_row(1), _row(2, dead="seven"), at=LATER)
    assert _counts(report) == (2, 0, 0, 0, 1, 1, 0)
    assert pulled.table("incident")["killed_best"].tolist() == [1, 7]


def test_a_statement_the_reader_sets_aside_keeps_its_last_good_revision(tmp_path):
    """A judgement that loses its basis is set aside with its line; what it said before still stands."""
    assessments = log(slug="written").replace('"incident"', '"assessment"').replace('"table"', '"assessment"')
    assessments = assessments[: assessments.index("[source.constants]")].replace("written*.csv", "*.md")
    pulled = Pulled(tmp_path, log(), assessments)
    source, file = pulled.office.source_called("written"), tmp_path / "north-2026-W46.md"
    judgement = (
        'text = "It is likely that raids go on."\nlikelihood = "likely"\nconfidence = "low"\nbecause = "x"'
    )
    head = f'+++\narea = "north"\nweek = "2026-W46"\nlevel = "internal"\n[[judgement]]\n{judgement}\n'
    for basis, at in (('basis = ["log/1"]', AT), ("basis = []", LATER)):
        file.write_text(f"{head}{basis}\n+++\n\n## Bottom line\n\nRaids go on.\n", encoding="utf-8")
        report = pull(pulled.office, pulled.store, source, at=at)
    assert (report.withdrawn, report.rejected) == (0, 1)
    assert pulled.table("assessment")["part"].tolist() == ["bottom_line", "judgement"]


def test_a_day_after_the_pull_is_judged_in_the_offices_zone(pulled):
    """At 23:00 UTC it is already tomorrow in Maputo, so an incident of that day is no mistake."""
    report = pulled.deliver(_row(1, day="2026-11-17"), at=datetime(2026, 11, 16, 23, tzinfo=UTC))
    assert report.new == 1
    with pytest.raises(ShrinkRefused):
        pulled.deliver(_row(1, day="2026-11-17"), at=datetime(2026, 11, 16, 21, tzinfo=UTC))


def test_the_delivery_row_says_what_was_done(pulled):
    """Each pull leaves one row with its counts, from which a page says how old its data are."""
    pulled.deliver(_row(1), _row(2, dead="?"), _row(3, district="?"))
    row = pulled.table("delivery").iloc[0]
    assert tuple(row[name] for name in COUNTS) == (3, 2, 0, 0, 0, 1, 1)
    assert (row["record"], row["files"], len(row["digest"])) == ("incident", 1, 64)
    assert row["last_dated"] == pd.Timestamp("2026-11-09")
    assert pulled.store.cut_off(END) == AT


@pytest.mark.parametrize(
    ("before", "now", "refused"), [(4, 2, False), (4, 1, True), (5, 2, True), (1, 1, False)]
)
def test_a_delivery_of_less_than_half_is_refused(pulled, before, now, refused):
    """Half a file is likelier than half a war: it stops before anything is written, naming both counts."""
    pulled.deliver(*(_row(n) for n in range(before)))
    rows = [_row(n) for n in range(now)]
    if not refused:
        assert pulled.deliver(*rows, at=LATER).read == now
        return
    with pytest.raises(ShrinkRefused, match=rf"holds {now} rows.* held {before}\..*--accept-shrink"):
        pulled.deliver(*rows, at=LATER)
    assert len(pulled.ids()) == before
    assert len(pulled.table("delivery")) == 1
    assert pulled.deliver(*rows, at=LATER, accept_shrink=True).withdrawn == before - now


def test_a_delivery_without_an_acceptable_row_is_refused(pulled):
    """If every row is at fault, the file is: its records stay until someone has looked."""
    pulled.deliver(_row(1), _row(2))
    with pytest.raises(ShrinkRefused, match="no row that can be accepted"):
        pulled.deliver(_row(1, day="x"), _row(2, day="x"), at=LATER)
    assert pulled.table("rejected_row").empty


def test_a_first_delivery_without_an_acceptable_row_is_stored(pulled):
    """There is nothing to lose yet, and its rejected rows are what the analyst must see."""
    report = pulled.deliver(_row(1, day="x"))
    assert _counts(report) == (1, 0, 0, 0, 0, 1, 0)
    assert len(pulled.table("rejected_row")) == 1


@pytest.mark.parametrize(
    ("source", "own", "level", "compartments"),
    [
        ('level = "internal"', {}, "internal", None),
        ('level = "internal"', {"level": "public"}, "internal", None),
        ('level = "internal"', {"level": " Confidential "}, "confidential", None),
        ('level = "internal"', {"level": "secret"}, "secret", None),
        ("", {"level": "public"}, "public", None),
        ("", {}, None, None),
        ('compartments = ["personnel"]', {"compartments": "protection"}, None, "personnel;protection"),
        ('compartments = ["personnel"]', {}, None, "personnel"),
    ],
)
def test_a_row_may_only_raise_its_label(tmp_path, source, own, level, compartments):
    """The source's label is the least; with neither, the level is missing and so counts as the highest."""
    office = office_in(tmp_path, log(more=source))
    rows = label(office.source[0], pd.DataFrame([own | {"record_id": "1"}]).astype("str"))
    found = [None if pd.isna(rows[name][0]) else rows[name][0] for name in ("level", "compartments")]
    assert found == [level, compartments]


@pytest.mark.parametrize(
    ("source", "own", "listable"), [(True, None, "true"), (True, "no", "no"), (False, "yes", "false")]
)
def test_a_row_may_only_be_withheld_from_lists(tmp_path, source, own, listable):
    """A licence that allows counts only cannot be widened by a cell."""
    office = office_in(tmp_path, log(more=f"listable = {str(source).lower()}"))
    rows = label(office.source[0], pd.DataFrame({"listable": pd.Series([own], dtype="str")}))
    assert rows["listable"].tolist() == [listable]


def test_a_source_without_a_label_is_held_as_the_highest(tmp_path):
    """Forgetting the label in workbench.toml closes the rows; it never opens them."""
    pulled = Pulled(tmp_path, log(more=""))
    pulled.deliver(_row(1))
    row = pulled.table("incident").iloc[0]
    assert (row["level"], row["flags"]) == ("strictly_confidential", "label_missing")


def test_one_failing_source_never_stops_the_others(tmp_path):
    """Each source is pulled by itself; what failed is returned beside what was done."""
    pulled = Pulled(tmp_path, log("bad"), log("log"), log("absent"))
    write_log(tmp_path, _row(1))
    (tmp_path / "bad.csv").write_text("Other,header\n1,2\n", encoding="utf-8")
    seen: list[str] = []
    reports, failures = pull_all(pulled.office, pulled.store, None, at=AT, progress=seen.append)
    assert seen == ["bad", "log", "absent"]
    assert [report.source for report in reports] == ["log"]
    assert [type(failure) for failure in failures] == [SourceError, SourceError]
    assert pulled.table("delivery")["source"].tolist() == ["log"]


def test_only_named_sources_are_pulled_and_an_unknown_one_stops_all(tmp_path):
    """A misspelt source is told before anything is read."""
    pulled = Pulled(tmp_path, log("log"), log("other"))
    write_log(tmp_path, _row(1))
    reports, failures = pull_all(pulled.office, pulled.store, ["log"], at=AT)
    assert ([report.source for report in reports], failures) == (["log"], [])
    with pytest.raises(UnknownName, match="lgo"):
        pull_all(pulled.office, pulled.store, ["log", "lgo"], at=AT)
    assert len(pulled.table("delivery")) == 1


def test_a_slow_clock_does_not_hide_the_last_delivery(pulled):
    """If the clock went back, the shrink rule still sees the delivery made in its future."""
    pulled.deliver(*(_row(n) for n in range(4)), at=LATER)
    with pytest.raises(ShrinkRefused):
        pulled.deliver(_row(1), at=AT)


# --- real files -----------------------------------------------------------------------------------

REAL = """
[[source]]
slug = "log"
title = "UCDP"
record = "incident"
reader = "ucdp"
path = "ged*.csv"
licence = "CC BY 4.0"
attribution = "UCDP"
level = "public"
"""

real = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")


def _real_office(folder, *files):
    office_in(folder, REAL)
    for file in files:
        shutil.copy(SHARED / "ucdp" / file, folder)
    return load(folder)


@real
def test_the_july_release_is_a_second_delivery(tmp_path):
    """43 rows, then 7 more; deaths as the publisher gives them, also where high is less than best."""
    first, second = "ged_candidate_v26_01_26_06_mozambique.csv", "ged_candidate_v26_0_7_mozambique.csv"
    office = _real_office(tmp_path, first)
    store = Store(tmp_path / "store", lock_folder=tmp_path / "locks")
    assert _counts(pull(office, store, office.source[0], at=AT)) == (43, 43, 0, 0, 0, 0, 43)
    shutil.copy(SHARED / "ucdp" / second, tmp_path)
    report = pull(office, store, office.source[0], at=LATER)
    assert _counts(report) == (50, 7, 0, 0, 43, 0, 50)
    rows = store.read(record_type("incident"), as_of=END)
    assert rows["killed_best"].sum() == 146 + 60
    crossed = rows[rows["flags"] == "deaths_range"]
    assert set(crossed["record_id"]) == {"628283", "637028"}
    assert (crossed["killed_high"] < crossed["killed_best"]).all()


@real
def test_all_of_myanmar_sums_as_the_file_does(tmp_path):
    """7,374 events, none rejected; deaths by year are what pandas gives on the CSV."""
    office = _real_office(tmp_path, "ged_v24_1_myanmar.csv")
    store = Store(tmp_path / "store", lock_folder=tmp_path / "locks")
    report = pull(office, store, office.source[0], at=AT)
    assert (report.read, report.new, report.rejected) == (7374, 7374, 0)
    rows = store.read(record_type("incident"), as_of=END)
    file = pd.read_csv(SHARED / "ucdp" / "ged_v24_1_myanmar.csv", low_memory=False)
    by_year = rows.groupby(rows["occurred_on"].dt.year)["killed_best"].sum()
    expected = file.groupby(pd.to_datetime(file["date_start"]).dt.year)["best"].sum()
    assert by_year.to_dict() == expected.to_dict()
    assert rows["killed_best"].sum() == 28721


def test_a_row_set_aside_still_says_how_closely_it_is_held(tmp_path):
    """A label raised in a row that has a slip elsewhere, or in a second row of the record, is not lost."""
    more = 'level = "public"\n'
    source = log(more=more).replace("[source.columns]", '[source.columns]\nlevel = "Label"')
    pulled = Pulled(tmp_path, source)
    head = "No,Day,Dead,District,Label\n"
    first = head + "1,2026-11-09,1,Kuro,public\n2,2026-11-09,1,Kuro,public\n"
    second = head + (
        "1,2026-11-09,1x,Kuro,confidential\n2,2026-11-09,1,Kuro,public\n2,2026-11-09,1,Kuro,confidential\n"
    )
    for text, at in ((first, AT), (second, LATER)):
        (tmp_path / "log.csv").write_text(text, encoding="utf-8")
        pull(pulled.office, pulled.store, pulled.office.source_called("log"), at=at)
    rows = pulled.table("incident")
    assert rows["record_id"].tolist() == ["1", "2"]
    assert rows["level"].tolist() == ["confidential", "confidential"]


def test_a_small_delivery_of_additions_is_no_shrinking(tmp_path):
    """A source of additions delivers what is new: one row after many is an ordinary week."""
    pulled = Pulled(tmp_path, log(more='level = "internal"\ncovers = "additions"'))
    pulled.deliver(*(_row(n) for n in range(6)))
    assert pulled.deliver(_row(7), at=LATER).new == 1
