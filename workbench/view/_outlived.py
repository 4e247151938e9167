"""Records that came, or were written anew, after the act that would lower their label: for who pulls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from workbench.audience import labelled, standing_acts
from workbench.config import Office
from workbench.records import record_names, record_type
from workbench.store import Store
from workbench.view._labels import acts_of, newest_of

_LABEL = ("level", "compartments", "listable")


@dataclass(frozen=True, kw_only=True, order=True)
class HeldAgain:
    """A record that keeps its stored label, and the numbers of the acts that would lower what it was."""

    record: str
    source: str
    record_id: str
    acts: tuple[str, ...]


def held_again(office: Office, store: Store, *, as_of: datetime) -> tuple[HeldAgain, ...]:
    """
    Return the records standing at `as_of` that an act would lower if it had come after their last revision.

    An act holds for what was recorded before it. What came later is as closed as its source delivered it,
    until somebody who has read it writes another act.
    """
    acts = standing_acts(acts_of(office, store, as_of=as_of))
    found = []
    for name, some in acts.groupby("changed_record", sort=False):
        if name not in record_names():
            continue  # a later version of the package may know it no more
        record = record_type(str(name))
        slugs = some["changed_source"].unique()
        rows = newest_of(store.revisions(record, as_of=as_of, sources=slugs, columns=_LABEL))
        rows = rows[~rows["retracted"]].reset_index(drop=True)
        held = labelled(rows, office.source, record, changes=some)
        early = rows.assign(recorded_at=pd.Timestamp(0, tz=UTC).as_unit("us"))
        would = labelled(early, office.source, record, changes=some)
        label = ["level", "compartments"]
        same = (held[label] == would[label]) | (held[label].isna() & would[label].isna())
        for row in rows[~same.all(axis=1)].to_dict("records"):
            about = some["changed_source"].eq(row["source"]) & (some["recorded_at"] < row["recorded_at"])
            about &= some["changed_id"].isna() | some["changed_id"].eq(row["record_id"])
            found.append(
                HeldAgain(
                    record=record.name,
                    source=str(row["source"]),
                    record_id=str(row["record_id"]),
                    acts=tuple(sorted(map(str, some.loc[about, "record_id"]))),
                )
            )
    return tuple(sorted(found))
