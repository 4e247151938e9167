"""Histories of incidents: every state of a record with all that its readers may read of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from workbench.audience import policy
from workbench.config import Office
from workbench.keys import keys_of
from workbench.records import record_type
from workbench.sources.places import districts as office_districts
from workbench.store import Store
from workbench.view._codes import coded
from workbench.view._known import deliveries, end_of_second, last_delivery
from workbench.view._labels import Labels
from workbench.view._revisions import states, told
from workbench.view._seen import View
from workbench.view._selection import inside, within

_END = datetime.max.replace(tzinfo=UTC)
_OWN_WORDS = "dup_group"
"""The publisher's word for rows of one incident: a view has a number of its own in its stead."""


def histories(office: Office, store: Store, seen: View, *, of: tuple[str, str] | None = None) -> pd.DataFrame:
    """
    Return every state of incidents as the readers of `seen` may read it, of one record by its time.

    `of`: the (source, record_id) of one record, whatever its days; without it all records, in states that
    lie in the days of the view. Columns: those of the view's incidents but `dup_group`, ids as pseudonyms,
    then `recorded_at` and `known_until` (UTC, whole seconds; missing while it stands), and with `of` also
    `ended`: "" while it stands, "superseded", "withdrawn", or "elsewhere" (it left the area).

    By the rules of `View.revisions`, with labels as they hold at this moment: a revision that is closed to
    the readers leaves no trace, of a record whose last one is closed there is none, and states that differ
    in nothing they read are one. Known is what `seen` knew: nothing that came later. No row for readers who
    are given none. Raises UnknownName if the readers, or their area, are configured no more.
    """
    record, reader = record_type("incident"), office.audience_called(seen.audience.slug)
    area, rules = office.area_called(seen.area.slug), policy(office, reader)
    columns = [str(name) for name in seen.table("incident") if name != _OWN_WORDS]
    known = last_delivery(deliveries(office, store, reader, as_of=seen.as_of), as_of=seen.as_of)
    if of is None:
        every = store.revisions(record, as_of=_END, sources=None, columns=record.names)
    else:
        every = store.history(record, source=of[0], record_id=of[1])
        every = every.drop(columns=["prev_recorded_at", "batch"])
    if known is None or every.empty or not columns:
        return _nothing(columns, of)
    labels = Labels.at(office, store, as_of=end_of_second(known))
    own = every.drop(columns=_OWN_WORDS)
    rows = states(own, record, as_of=known, reader=reader, labels=labels)
    outlines = office_districts(office)
    outlines = outlines[outlines["district"].isin(area.districts)]
    provinces = frozenset(outlines["admin1"] if reader.place_precision != "area" else ())
    rows = inside(rows, area=area, provinces=provinces, own=False)
    if of is None:
        rows = within(record, rows, seen.week)
    if rows.empty:
        return _nothing(columns, of)
    shown = told(record, rows, rules, week=seen.week)
    shown = coded({"incident": shown}, rules, keys_of(office))["incident"]
    shown = shown[[*(name for name in columns if name in shown), "recorded_at", "known_until"]]
    if of is None:
        return shown.reset_index(drop=True)
    withdrawn = set(every.loc[every["retracted"], "recorded_at"].dt.floor("s"))
    shown = shown.sort_values("recorded_at", kind="stable", ignore_index=True)
    return shown.assign(ended=_ended(shown, withdrawn))


def _ended(shown: pd.DataFrame, withdrawn: set[pd.Timestamp]) -> pd.Series:
    until, following = shown["known_until"], shown["recorded_at"].shift(-1)
    ended = pd.Series("elsewhere", index=shown.index, dtype="str")
    ended = ended.mask(until.isin(list(withdrawn)), "withdrawn")
    ended = ended.mask(until == following, "superseded")
    return ended.mask(until.isna(), "")


def _nothing(columns: list[str], of: tuple[str, str] | None) -> pd.DataFrame:
    times = {name: pd.Series(dtype="datetime64[us, UTC]") for name in ("recorded_at", "known_until")}
    frame = pd.DataFrame({name: pd.Series(dtype="object") for name in columns}).assign(**times)
    return frame if of is None else frame.assign(ended=pd.Series(dtype="str"))
