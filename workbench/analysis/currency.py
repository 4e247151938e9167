"""What is due: commitments of authorities, sites of programmes, early warnings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp

DUE_SOON_DAYS = 14
"""A commitment is due soon in this many days."""

STANDINGS: tuple[str, ...] = ("overdue", "due_soon", "open", "closed")

SITE_STATES: tuple[str, ...] = ("running", "reduced", "suspended", "stopped")
"""From best to worst."""


@dataclass(frozen=True)
class AlertCounts:
    """
    The alerts of one week: `raised`, and of those `verified`, `responded`, `open`.

    Open means that nothing is known to have come of it yet. None where this reader may not know.
    """

    raised: int
    verified: int | None
    responded: int | None
    open: int | None


def commitments(register: pd.DataFrame, *, on: date, first_day: date) -> pd.DataFrame:
    """
    Return the commitments that matter this week, each with how it stands on the day `on`.

    Takes `made_on`, `state` and, where the reader has them, `due_on`, `checked_on`; other columns
    pass through. Adds `standing` and `days_overdue` (Int64, <NA> unless overdue). Standing is
    overdue (open, due before `on`), due_soon (open, due within 14 days), open (due later, or on no
    given day) or closed (no longer open, found out on `first_day` or since). Sorted in that order,
    the longest overdue first, then by `due_on`. One made after `on` is left out, and so is one closed
    before `first_day` or at an unknown time.
    """
    need(register, "made_on", "state", what="commitment")
    rows = register[read(register, "made_on", DAY).le(stamp(on))]
    due, checked = read(rows, "due_on", DAY), read(rows, "checked_on", DAY)
    is_open = read(rows, "state", "str").eq("open").to_numpy()
    standing = np.select(
        [
            is_open & due.lt(stamp(on)).to_numpy(),
            is_open & due.le(stamp(on + timedelta(days=DUE_SOON_DAYS))).to_numpy(),
            is_open,
            checked.ge(stamp(first_day)).to_numpy(),
        ],
        STANDINGS,
        default="",
    )
    days = (stamp(on) - due).dt.days.astype("Int64").where(standing == "overdue", pd.NA)
    rows = rows.assign(
        standing=pd.Series(standing, index=rows.index, dtype="str"), days_overdue=days, due_on=due
    )
    rows = rows[rows["standing"].ne("")]
    order = rows["standing"].map({code: place for place, code in enumerate(STANDINGS)})
    keys = ["_order", "due_on", *(c for c in ("source", "record_id") if c in rows.columns)]
    rows = rows.assign(_order=order).sort_values(keys, kind="stable", na_position="last")
    return rows.drop(columns="_order")


def standing_counts(commitments: pd.DataFrame) -> dict[str, int]:
    """Return how many commitments stand how: every one of STANDINGS, zeros explicit."""
    found = commitments["standing"].value_counts()
    return {code: int(found.get(code, 0)) for code in STANDINGS}


def sites(programme_sites: pd.DataFrame, *, districts: Iterable[str], on: date) -> pd.DataFrame:
    """
    Return the worst state of the programme sites of each district.

    Takes `district`, `state`, `state_since`; a state that began after `on` is left out. Returns one
    row a district, in the given order: `district`, `state` (no_site where there is none), `since`
    (the earliest day a site has been in that state; NaT without one), `sites`, `affected` (those not
    running).
    """
    need(programme_sites, "district", "state", "state_since", what="programme site")
    wanted = pd.Index(dict.fromkeys(districts), name="district", dtype="str")
    since = read(programme_sites, "state_since", DAY)
    rows = pd.DataFrame(
        {
            "district": read(programme_sites, "district", "str"),
            "rank": read(programme_sites, "state", "str").map({s: i for i, s in enumerate(SITE_STATES)}),
            "since": since,
        }
    )[since.le(stamp(on))]
    rows = rows[rows["district"].isin(wanted) & rows["rank"].notna()]
    grouped = rows.groupby("district")["rank"]
    worst = grouped.max().reindex(wanted)
    in_worst = rows[rows["rank"].eq(grouped.transform("max"))]
    names = worst.map(dict(enumerate(SITE_STATES))).fillna("no_site")
    return pd.DataFrame(
        {
            "state": names.astype("str"),
            "since": in_worst.groupby("district")["since"].min().reindex(wanted).astype(DAY),
            "sites": grouped.size().reindex(wanted).fillna(0).astype("Int64"),
            "affected": rows["rank"].gt(0).groupby(rows["district"]).sum().reindex(wanted)
            .fillna(0).astype("Int64"),
        },
        index=wanted,
    ).reset_index()  # fmt: skip


def alert_counts(alerts: pd.DataFrame, *, first_day: date, last_day: date) -> AlertCounts:
    """
    Count the alerts raised from `first_day` to `last_day`, both included.

    Takes `occurred_on` and, where the reader has them, `verified_at`, `responded_at`, `outcome`.
    """
    need(alerts, "occurred_on", what="alert")
    day = read(alerts, "occurred_on", DAY)
    rows = alerts[day.between(stamp(first_day), stamp(last_day))]

    def known(name: str) -> int | None:
        return int(rows[name].notna().sum()) if name in rows.columns else None

    settled = known("outcome")
    return AlertCounts(
        raised=len(rows),
        verified=known("verified_at"),
        responded=known("responded_at"),
        open=None if settled is None else len(rows) - settled,
    )
