"""The label of a source in workbench.toml goes down only by an act on record, whatever was pulled before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.pull_office import log, office_in, write_log
from workbench import audit
from workbench.config import Office
from workbench.errors import ConfigurationError
from workbench.publish.check import examine
from workbench.pull import pull, pull_all, unrecorded
from workbench.records import record_type
from workbench.store import Store

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
DAY = timedelta(days=1)
ACT = '\nlowered_by = "Head of office"\nlowered_on = 2026-11-15\nbecause = "The publisher opened it."'


class Held:
    """An office whose one source is held as each step says, and its store; a day passes at each pull."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store(folder / "store", lock_folder=folder / "locks")
        self.at = AT
        self.number = 0

    def office(self, more: str) -> Office:
        """Return the office with this in the source's entry."""
        return office_in(self.folder, log(more=more))

    def pull(self, more: str) -> str:
        """Pull one more row, and return the level and compartments it is stored with."""
        self.number += 1
        self.at += DAY
        write_log(self.folder, *((n, "2026-11-09", 1, "Kuro") for n in range(1, self.number + 1)))
        office = self.office(more)
        pull(office, self.store, office.source[0], at=self.at)
        rows = self.store.read(record_type("incident"), as_of=self.at)
        row = rows.set_index("record_id").loc[str(self.number)].fillna("")
        return f"{row['level']} {row['compartments']}".strip()


@pytest.fixture
def held(tmp_path) -> Held:
    """An office without a delivery."""
    return Held(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('level = "confidential"', 'level = "internal"'),
        ('level = "internal"\ncompartments = ["protection"]', 'level = "confidential"'),
        ('level = "confidential"', ""),  # no row would be held at least at confidential
        ("", 'level = "confidential"'),  # a row without a label was strictly confidential
    ],
)
def test_a_lowered_source_is_refused_without_an_act(before, after, held):
    """A lower level or fewer compartments stop the pull, and nothing is stored."""
    held.pull(before)
    with pytest.raises(ConfigurationError, match="lowered_by"):
        held.pull(after)
    assert len(held.store.read(record_type("incident"), as_of=held.at)) == 1
    assert len(held.store.read(record_type("delivery"), as_of=held.at)) == 1


def test_old_rows_keep_their_label_and_new_ones_have_the_lower(held):
    """The act opens what comes after it; what was stored before keeps its stricter label."""
    held.pull('level = "confidential"')
    assert held.pull('level = "internal"' + ACT) == "internal"
    assert held.store.read(record_type("incident"), as_of=held.at)["level"].tolist() == [
        "confidential", "internal",
    ]  # fmt: skip


def test_an_act_covers_what_it_lowered_and_no_more(held):
    """The act stays needed; taken out, or used for a lower label still, it stops the pull."""
    held.pull('level = "confidential"')
    held.pull('level = "internal"' + ACT)
    with pytest.raises(ConfigurationError, match="without an act"):
        held.pull('level = "internal"')
    with pytest.raises(ConfigurationError, match="an earlier one"):
        held.pull('level = "public"' + ACT)
    assert held.pull('level = "confidential"').startswith("confidential")
    assert held.pull('level = "strictly_confidential"').startswith("strictly")
    assert held.pull('level = "public"' + ACT.replace("2026-11-15", "2026-11-30")) == "public"


def test_the_audit_log_holds_the_act_once(held):
    """Who, when, from and to, by slugs and labels only; the reason stays in workbench.toml."""
    held.pull('level = "confidential"\ncompartments = ["protection"]')
    for _ in range(2):
        held.pull('level = "internal"' + ACT)
    office = held.office('level = "internal"' + ACT)
    written = audit.acts(office)
    assert [(one.act, one.by) for one in written] == [("lowered_label", "Head of office")]
    ids = written[0].ids
    assert (ids["source"], ids["from"], ids["to"], ids["on"]) == (
        "log", "confidential+protection", "internal", "2026-11-15",
    )  # fmt: skip
    assert "publisher" not in (office.path(office.private) / "audit.jsonl").read_text(encoding="utf-8")


def test_a_constant_of_the_source_is_part_of_its_label(held):
    """A level given to every row as a constant cannot be lowered on the quiet either."""
    office = held.office('level = "public"')
    source = office.source[0]
    write_log(held.folder, (1, "2026-11-09", 1, "Kuro"))
    closed = source.model_copy(update={"constants": {**source.constants, "level": "confidential"}})
    pull(office, held.store, closed, at=AT)
    with pytest.raises(ConfigurationError, match="lowered_by"):
        pull(office, held.store, source, at=AT + DAY)


def test_other_sources_go_on_and_check_names_it(held):
    """One refused source stops no other; `workbench check` says the same before anything is pulled."""
    closed = log(more='level = "confidential"')
    other = log("other", more='level = "internal"')
    write_log(held.folder, (1, "2026-11-09", 1, "Kuro"))
    write_log(held.folder, (1, "2026-11-09", 1, "Kuro"), name="other.csv")
    office = office_in(held.folder, closed, other)
    pull_all(office, held.store, None, at=AT)
    lowered = office_in(held.folder, log(more='level = "public"'), other)
    reports, failures = pull_all(lowered, held.store, None, at=AT + DAY)
    assert [report.source for report in reports] == ["other"]
    assert ["lowered_by" in str(one) for one in failures] == [True]
    said = unrecorded(lowered, held.store, lowered.source[0], as_of=AT + DAY)
    assert said is not None
    found = [one for one in examine(held.folder) if one.what == said]
    assert [(one.part, one.remedy is None) for one in found] == [("source log", False)]
    # as of before the first pull there is nothing that it could be lower than
    assert unrecorded(lowered, held.store, lowered.source[0], as_of=AT - DAY) is None


def test_half_an_act_is_no_act(held):
    """Who without when and why is an error of workbench.toml."""
    with pytest.raises(ConfigurationError, match="lowered_on, because is not given"):
        held.office('level = "internal"\nlowered_by = "Head of office"')
