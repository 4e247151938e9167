"""Acts on labels that lower nothing are told: of records nobody delivered, and of what came after them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from tests.pull_office import log, office_in, write_log
from workbench.cli import app
from workbench.publish.check import examine
from workbench.pull import UnknownAct, pull_all, unknown_acts
from workbench.view import HeldAgain, held_again, present, store_of

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTER = """
[[source]]
slug = "acts"
title = "Label changes"
record = "label_change"
reader = "table"
path = "acts.csv"
licence = "None"
attribution = "Invented"
level = "internal"
[source.columns]
record_id = "No"
changed_record = "Record"
changed_source = "Source"
changed_id = "Id"
from_level = "From"
to_level = "To"
changed_by = "By"
changed_on = "Day"
reason = "Why"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office whose log holds records 1 and 2, and whose register has acts on these and on others."""
    folder = tmp_path_factory.mktemp("acts") / "office"
    # the column of deaths passes for the label, so that acts can lower its rows
    made = office_in(folder, log().replace('killed_best = "Dead"', 'level = "Dead"'), REGISTER)
    write_log(folder, *((number, "2026-11-09", "confidential", "Kuro") for number in (1, 2)))
    named = [
        ("A1", "incident", "log", "1"), ("A2", "incident", "log", ""), ("A3", "incident", "log", "9"),
        ("A4", "incident", "lag", "1"), ("A5", "alert", "log", ""),
    ]  # fmt: skip
    lines = ["No,Record,Source,Id,From,To,By,Day,Why"]
    said = "confidential,internal,Head of office,2026-11-10,It was printed"
    lines += [f"{','.join(one)},{said}" for one in named]
    (folder / "acts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pull_all(made, store_of(made), None, at=AT)
    return made


def test_an_act_on_an_unknown_record_is_told(office) -> None:
    """An unknown id, source or type of record is named with the act's number; what is known is not told."""
    store = store_of(office)
    assert unknown_acts(office, store, as_of=present(office, store)) == (
        UnknownAct(source="acts", act="A3", named="incident of log 9"),
        UnknownAct(source="acts", act="A4", named="incident of lag 1"),
        UnknownAct(source="acts", act="A5", named="alert of log"),
    )
    assert unknown_acts(office, store, as_of=AT - DAY) == ()


def test_pull_counts_them_and_details_name_them(office) -> None:
    """The count is for any log; numbers and ids are shown only where values are. `check` counts them too."""
    short = CliRunner().invoke(app, ["pull", "acts", "--office", str(office.root)])
    assert "3 acts on labels name a record that nobody delivered" in short.output
    assert "A3" not in short.output
    shown = CliRunner().invoke(app, ["pull", "acts", "--details", "--office", str(office.root)])
    assert "incident of log 9" in " ".join(shown.output.split())
    found = [one for one in examine(office.root) if one.part == "label changes"]
    assert [one.what.startswith("3 acts") and one.remedy is not None for one in found] == [True]


def test_an_act_may_come_before_its_record(office) -> None:
    """It is not rejected, and known once the record comes; but it holds for nothing that came after it, and
    the pull says so: of each record that it would lower, as long as that stands.
    """
    store = store_of(office)
    assert held_again(office, store, as_of=present(office, store)) == ()
    again = HeldAgain(record="incident", source="log", record_id="9", acts=("A2", "A3"))
    store = store_of(office)
    for numbers, told in (((1, 9), (again,)), ((1,), ())):
        write_log(office.root, *((n, "2026-11-09", "confidential", "Kuro") for n in numbers))
        pull_all(office, store, ["log"], at=present(office, store) + DAY)
        acts = unknown_acts(office, store, as_of=present(office, store))
        assert [one.act for one in acts] == ["A4", "A5"]
        assert held_again(office, store, as_of=present(office, store)) == told


def test_what_was_written_anew_after_its_act_is_told(office) -> None:
    """A record that changed is held as stored again; the count is for any log, ids only where values are."""
    store = store_of(office)
    write_log(office.root, (1, "2026-11-10", "confidential", "Kuro"))
    pull_all(office, store, ["log"], at=present(office, store) + DAY)
    assert [one.record_id for one in held_again(office, store, as_of=present(office, store))] == ["1"]
    short = CliRunner().invoke(app, ["pull", "acts", "--office", str(office.root)])
    assert "1 records came, or changed, after the act that would lower their label" in short.output
    assert "A1" not in short.output
    shown = CliRunner().invoke(app, ["pull", "acts", "--details", "--office", str(office.root)])
    assert "incident log 1 A1, A2" in " ".join(shown.output.split())
    acts = office.root / "acts.csv"
    line = "A6,incident,log,1,confidential,internal,Head of office,2026-11-11,Read again"
    acts.write_text(acts.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    pull_all(office, store, ["acts"], at=present(office, store) + DAY)
    assert held_again(office, store, as_of=present(office, store)) == ()
