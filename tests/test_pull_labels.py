"""Labels at the pull: what is missing is told, what is stored is never lowered, and schemes are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from tests.pull_office import log, office_in, write_log
from workbench.pull import LISTED, PullReport, label, pull
from workbench.records import record_type, validate
from workbench.store import Store

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
MARKS = '\n[marks.tlp]\npublic = "TLP:CLEAR"\ninternal = "GREEN"\nconfidential = ["AMBER", "AMBER+STRICT"]\n'


class Labelled:
    """An office with one source whose columns of deaths and district are its labels, and its store."""

    def __init__(self, folder, *, more="", marks=""):
        source = log(more=more).replace('killed_best = "Dead"', 'level = "Dead"')
        source = source.replace('district_given = "District"', 'compartments = "District"')
        self.office = office_in(folder, source + marks)
        self.store = Store(folder / "store", lock_folder=folder / "locks")
        self.at = AT

    def deliver(self, *labels: tuple[str, str], ids: list[int] | None = None) -> PullReport:
        """Pull a delivery with one row for each (level, compartments), a day after the last one."""
        numbers = ids or range(len(labels))
        rows = [(n, "2026-11-09", level, more) for n, (level, more) in zip(numbers, labels, strict=True)]
        write_log(self.office.root, *rows)
        self.at += DAY
        return pull(self.office, self.store, self.office.source[0], at=self.at, accept_shrink=True)

    def stored(self) -> list[tuple[str, str | None]]:
        """Level and compartments of each record as known in the end."""
        rows = self.store.read(record_type("incident"), as_of=self.at + DAY)
        pairs = rows[["level", "compartments"]].astype("object")
        return list(pairs.where(pairs.notna(), None).itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("before", "after", "stored", "kept"),
    [
        (("confidential", ""), ("public", ""), ("confidential", None), 1),
        (("confidential", "protection"), ("confidential", ""), ("confidential", "protection"), 1),
        (("internal", "protection"), ("confidential", "personnel"),
         ("confidential", "protection;personnel"), 1),
        (("internal", "protection;personnel"), ("internal", "personnel;protection"),
         ("internal", "personnel;protection"), 0),
        (("public", ""), ("confidential", "protection"), ("confidential", "protection"), 0),
        (("", ""), ("public", ""), ("strictly_confidential", None), 1),
    ],
)  # fmt: skip
def test_a_delivery_never_lowers_what_the_store_holds(before, after, stored, kept, tmp_path):
    """A lower level or a compartment that vanished is kept and counted; a stricter label is taken at once."""
    one = Labelled(tmp_path)
    one.deliver(before)
    report = one.deliver(after)
    assert one.stored() == [stored]
    assert report.labels_kept == kept
    assert one.deliver(after).labels_kept == kept  # told again, as long as the file says so
    assert (report.new, report.read) == (0, 1)


def test_a_record_that_was_away_comes_back_as_it_was_held(tmp_path):
    """Withdrawing a record and delivering it again with a lower label does not lower it."""
    one = Labelled(tmp_path)
    one.deliver(("confidential", "protection"), ("public", ""))
    assert one.deliver(("public", ""), ids=[1]).withdrawn == 1
    report = one.deliver(("public", ""), ("public", ""))
    assert one.stored() == [("confidential", "protection"), ("public", None)]
    assert [(kept.record_id, kept.kept, kept.delivered) for kept in report.kept_labels] == [
        ("0", "confidential + protection", "public")
    ]


def test_rows_without_a_known_label_are_counted_and_named(tmp_path):
    """A label that is missing or misspelt counts as the highest, and the report says in which rows."""
    one = Labelled(tmp_path)
    report = one.deliver(("public", ""), ("", ""), ("secret", ""), ("public", "human_right"))
    assert report.unlabelled == 3
    assert [(row.row, row.wrong) for row in report.unlabelled_rows] == [
        (3, "level: missing"), (4, "level: secret"), (5, "compartments: human_right"),
    ]  # fmt: skip
    levels = [level for level, _ in one.stored()]
    assert levels == ["public", "strictly_confidential", "strictly_confidential", "public"]
    assert len(one.stored()[3][1].split(";")) == 5


def test_compartments_are_stored_as_they_are_known(tmp_path):
    """Capitals, commas and blanks in a list of compartments close nothing to those who have them."""
    one = Labelled(tmp_path)
    one.deliver(("public", "Protection; PERSONNEL"), ("public", "protection;personnel"))
    assert [frozenset(named.split(";")) for _, named in one.stored()] == [{"protection", "personnel"}] * 2


def test_a_report_lists_the_first_of_many(tmp_path):
    """Of a file without labels the report counts all rows, and names no more than it can show."""
    report = Labelled(tmp_path).deliver(*[("", "")] * (LISTED + 5))
    assert (report.unlabelled, len(report.unlabelled_rows)) == (LISTED + 5, LISTED)


def test_a_source_speaks_the_marks_it_names(tmp_path):
    """Level words of a scheme are read by its mapping; ours, and any others, are unknown there."""
    one = Labelled(tmp_path, more='marks = "tlp"', marks=MARKS)
    words = ("TLP:AMBER+STRICT", "amber", "tlp : green", "CLEAR", "confidential", "public", "")
    report = one.deliver(*((word, "") for word in words))
    highest = "strictly_confidential"
    assert [level for level, _ in one.stored()] == [
        "confidential", "confidential", "internal", "public", highest, highest, highest,
    ]  # fmt: skip
    assert report.unlabelled == 3


def test_marks_never_lower_the_source(tmp_path):
    """A mark below the source's own level is raised to it, as any other word is."""
    one = Labelled(tmp_path, more='marks = "tlp"\nlevel = "internal"', marks=MARKS)
    one.deliver(("CLEAR", ""), ("AMBER", ""))
    assert [level for level, _ in one.stored()] == ["internal", "confidential"]


@pytest.mark.parametrize("more", ['level = "public"', 'level = "internal"\ncompartments = ["personnel"]'])
def test_a_blank_level_is_a_label_left_out(more, tmp_path):
    """In a delivery with a level column a blank cell counts as the highest; no other row stands in."""
    one = Labelled(tmp_path, more=more)
    report = one.deliver(("", ""), ("internal", ""), (" ", ""), ("", ""), ("public", ""), ids=[1, 2, 3, 4, 4])
    assert [level for level, _ in one.stored()] == [
        "strictly_confidential", "internal", "strictly_confidential", "strictly_confidential",
    ]  # fmt: skip
    assert [(row.row, row.wrong) for row in report.unlabelled_rows] == [
        (2, "level: missing"), (4, "level: missing"), (5, "level: missing"),
    ]  # fmt: skip


def test_without_a_level_column_the_sources_level_stands(tmp_path):
    """A delivery that labels no row at all has the label of its source; nothing is told as missing."""
    office = office_in(tmp_path, log(more='level = "internal"'))
    store = Store(tmp_path / "store", lock_folder=tmp_path / "locks")
    write_log(tmp_path, (1, "2026-11-09", 1, "Kuro"))
    report = pull(office, store, office.source[0], at=AT)
    assert report.unlabelled == 0
    assert store.read(record_type("incident"), as_of=AT + DAY)["level"].tolist() == ["internal"]


def test_a_closed_type_labels_its_rows_and_its_faults(tmp_path):
    """Rows of a register of human rights are held as it is, whatever its entry in workbench.toml says."""
    source = Labelled(tmp_path).office.source[0].model_copy(update={"record": "support", "level": "internal"})
    rows = label(source, pd.DataFrame({"record_id": ["1"], "level": ["public"]}, dtype="str"))
    assert rows[["level", "compartments"]].to_numpy().tolist() == [["strictly_confidential", "human_rights"]]


# ---- the register of label changes ---------------------------------------------------------------

GOOD = {
    "record_id": "L1", "source": "s", "level": "internal", "listable": "yes", "changed_record": "incident",
    "changed_source": "log", "changed_id": "7", "from_level": "confidential", "to_level": "internal",
    "from_compartments": "protection;personnel", "to_compartments": "personnel",
    "changed_by": "Head of office", "changed_on": "2026-11-20", "reason": "It was in the press.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"changed_id": ""}, None),
        ({"to_level": "confidential"}, None),
        ({"from_compartments": "", "to_compartments": ""}, None),
        ({"to_level": "confidential", "to_compartments": "protection;personnel"}, "to_level"),
        ({"to_level": "strictly_confidential"}, "to_level"),
        ({"to_compartments": "human_rights"}, "to_compartments"),
        ({"to_level": "low"}, "to_level"),
        ({"from_compartments": "protecton"}, "from_compartments"),
        ({"changed_record": "incidents"}, "changed_record"),
        ({"changed_source": ""}, "changed_source"),
        ({"changed_on": "2026-11-22"}, "changed_on"),
        ({"reason": ""}, "reason"),
        ({"changed_by": ""}, "changed_by"),
    ],
)
def test_an_act_lowers_and_says_who_when_and_why(changes, fault):
    """An act that raises, changes nothing, lies ahead, or lacks its reason is set aside with the column."""
    frame = pd.DataFrame([GOOD | changes]).astype("str").assign(file="f.csv", row=2)
    result = validate(record_type("label_change"), frame, today=date(2026, 11, 21))
    assert (len(result.accepted) == 1) == (fault is None)
    assert fault is None or fault in set(result.rejected["column"])
