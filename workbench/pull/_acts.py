"""Acts on labels that name a record nobody delivered: to be told, since they lower nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench.config import Office
from workbench.records import record_names, record_type
from workbench.store import Store


@dataclass(frozen=True, kw_only=True)
class UnknownAct:
    """An act that lowers no row: its own number, and what it names that is not known."""

    source: str
    act: str
    named: str


def unknown_acts(office: Office, store: Store, *, as_of: datetime) -> tuple[UnknownAct, ...]:
    """
    Return the standing acts, by register and number, that name no record known at `as_of`.

    A record that was withdrawn is known. An act on all rows of a source names them all: it is unknown while
    that source has delivered none of that type. `named` is `type of source`, and the record_id if it has one.
    """
    registers = [source.slug for source in office.source if source.record == "label_change"]
    acts = store.read(record_type("label_change"), as_of=as_of, sources=registers)
    found = []
    for (record, source), some in acts.groupby(["changed_record", "changed_source"], sort=False):
        known = _ids(store, str(record), str(source), as_of=as_of)
        wrong = ~some["changed_id"].isin(known) if known else pd.Series(data=True, index=some.index)
        wrong &= some["changed_id"].notna() | (not known)
        for one in some[wrong].to_dict("records"):
            of_one = "" if pd.isna(one["changed_id"]) else f" {one['changed_id']}"
            named = f"{record} of {source}{of_one}"
            found.append(UnknownAct(source=str(one["source"]), act=str(one["record_id"]), named=named))
    return tuple(sorted(found, key=lambda one: (one.source, one.act)))


def _ids(store: Store, record: str, source: str, *, as_of: datetime) -> frozenset[str]:
    if record not in record_names():
        return frozenset()  # a later version of the package may know it no more
    rows = store.revisions(record_type(record), as_of=as_of, sources=[source], columns=["record_id"])
    return frozenset(rows["record_id"])
