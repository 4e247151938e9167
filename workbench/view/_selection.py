"""Which rows of the store a view is made of: those of its area and time, with what belongs to them."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from workbench.config import Area, Office, Week
from workbench.records import RecordType, record_names, record_type
from workbench.store import Store
from workbench.view._groups import KEY

WEEKS_OF_HISTORY = 110
"""Two years and the weeks a baseline needs before the same week two years ago."""

WHENEVER = frozenset({"duplicate_decision", "rejected_row"})
"""Written down when the week is over, at the pull or after it, and yet about the rows of the week."""

_NOT_IN_VIEWS = frozenset({"correction", "delivery", "label_change"})


def record_types() -> list[RecordType]:
    """Return the record types that views have tables of: none sealed, none of the workbench's books."""
    records = [record_type(name) for name in record_names() if name not in _NOT_IN_VIEWS]
    return [record for record in records if not record.sealed]


def window(record: RecordType, week: Week) -> tuple[date, date] | None:
    """Return the first and last day of the rows that the view of a week holds; None for all days."""
    if record.name in WHENEVER:
        return None
    return (date(1900, 1, 1) if record.lasting else week.back(WEEKS_OF_HISTORY).first_day, week.last_day)


def within(record: RecordType, rows: pd.DataFrame, week: Week) -> pd.DataFrame:
    """Keep the rows of `window`."""
    days = window(record, week)
    if days is None:
        return rows
    return rows[rows[record.dated_by].between(pd.Timestamp(days[0]), pd.Timestamp(days[1]))]


def standing_decisions(office: Office, store: Store, as_of: datetime) -> pd.DataFrame:
    """
    Return all decisions on duplicates: not all readers are shown them, and for all they hold.

    That two rows are one incident counts for every reader of both, or two editions of a week would count
    differently: the effect of a decision (one group) is as open as the rows are. Its texts, its day and
    that it exists are in no view but of those who may read the decision itself.
    """
    sources = [source.slug for source in office.source]
    return store.read(record_type("duplicate_decision"), as_of=as_of, sources=sources)


def of_these_pairs(decisions: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Keep the decisions of which both rows are among `incidents`: the others tell of what is held back."""
    present = pd.MultiIndex.from_frame(incidents[KEY])
    sides = [
        pd.MultiIndex.from_frame(decisions[[f"{side}_source", f"{side}_id"]]) for side in ("left", "right")
    ]
    return decisions[sides[0].isin(present) & sides[1].isin(present)]


def of_these_lines(
    measures: pd.DataFrame, lines: pd.DataFrame, *, known: pd.DataFrame, gone: pd.DataFrame
) -> pd.DataFrame:
    """
    Keep the measures against `lines`, and those whose line nobody ever delivered: a slip must not hide one.

    A measure inherits the label of its line: it says what the line is about, so it is read only by those
    who read both. `known` are all lines that stand. `gone` are the last revisions of lines the store ever
    held, `open` (boolean) those that may be read: a closed one that leaves its register opens no measure.
    """
    others = gone[~gone["record_id"].isin(known["record_id"])]
    told = set(lines["record_id"]) | set(others.loc[others["open"], "record_id"])
    elsewhere = {*known["record_id"], *others["record_id"]} - told
    return measures[~measures["risk"].isin(elsewhere)]


def inside(rows: pd.DataFrame, *, area: Area, provinces: frozenset[str], own: bool) -> pd.DataFrame:
    """
    Keep the rows of the area: by district, or by province where the district is not known.

    `provinces` are those whose unplaced rows a reader can tell from placed ones; others get none, or
    their totals would count incidents that no other edition of the week counts. The office's `own`
    records are in with no place at all: a name that matched no district must not make a contact vanish.
    """
    if "area" in rows:
        return rows[rows["area"] == area.slug]
    if "district" not in rows:
        return rows
    near = rows["admin1"].isin(provinces)
    if own and provinces:
        near |= rows["admin1"].isna()
    unplaced = rows["district"].isna() & near
    return rows[rows["district"].isin(area.districts) | unplaced]
