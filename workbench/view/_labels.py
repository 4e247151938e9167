"""Labels of rows in a view: as they were known at its instant, and never less strict than they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from workbench.audience import labelled, standing_acts, stricter
from workbench.config import Office, Source
from workbench.records import RecordType, record_type
from workbench.store import Store
from workbench.view._groups import KEY

_END = datetime.max.replace(tzinfo=UTC)
_LABEL = ("level", "compartments", "listable")


@dataclass(frozen=True)
class Labels:
    """The acts on labels of one office: those known at an instant, and those that stand now."""

    store: Store
    sources: tuple[Source, ...]
    then: pd.DataFrame
    now: pd.DataFrame

    @classmethod
    def at(cls, office: Office, store: Store, *, as_of: datetime) -> Labels:
        """Return the labels of an office as known at `as_of`; acts count from the sources configured now."""
        revisions = acts_of(office, store, as_of=_END)
        return cls(
            store=store,
            sources=office.source,
            then=standing_acts(revisions[revisions["recorded_at"] <= as_of]),
            now=standing_acts(revisions),
        )

    def of(
        self, record: RecordType, rows: pd.DataFrame, *, newest: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """
        Return revisions of one record type with the strictest of the labels that bear on each.

        These are its own as known at the instant, its own now, and that of the latest revision of its record
        now, which may have been withdrawn: `newest`, read from the store if it is not given. So what was
        raised, written anew, or lowered by an act that was taken back since is closed in the past too.
        """
        if rows.empty:
            return rows
        held = labelled(rows, self.sources, record, changes=self.then)
        if not self.then.equals(self.now):
            held = stricter(held, labelled(rows, self.sources, record, changes=self.now))
        last = self.newest(record) if newest is None else newest
        last = labelled(last, self.sources, record, changes=self.now)
        return no_less(held, last)

    def newest(self, record: RecordType) -> pd.DataFrame:
        """Return the latest revision of each record that the store ever held: its keys, label and time."""
        return newest_of(self.store.revisions(record, as_of=_END, sources=None, columns=_LABEL))


def acts_of(office: Office, store: Store, *, as_of: datetime) -> pd.DataFrame:
    """Return every revision of the acts that lower a label, of the sources configured now."""
    record = record_type("label_change")
    slugs = [source.slug for source in office.source if source.record == record.name]
    return store.revisions(record, as_of=as_of, sources=slugs, columns=record.names)


def newest_of(revisions: pd.DataFrame) -> pd.DataFrame:
    """Return the last of the `revisions` of each record, which come by record, in time."""
    return revisions[~revisions.duplicated(KEY, keep="last")]


def no_less(rows: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Return `rows` held as closely as the row of `last` with the same key; the highest if there is none."""
    keys = rows[KEY].reset_index(drop=True)
    return stricter(rows, keys.merge(last[[*KEY, "level", "compartments"]], on=KEY, how="left"))
