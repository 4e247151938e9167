"""Revisions: what publishers changed about past weeks since the last issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import countable, weekly_total

_KEY = ["source", "record_id"]

ASPECTS: dict[str, tuple[str, ...]] = {
    "date": ("occurred_on", "occurred_to", "date_precision"),
    "district": ("district",),
    "deaths": ("killed_best", "killed_low", "killed_high", "civilians_killed"),
    "type": ("event_type",),
}
"""What can change about an incident, and the columns that say so. Other columns are no revision."""


@dataclass(frozen=True)
class Revisions:
    """
    What changed about the weeks before this one.

    `rows`: one row for each incident, `source`, `record_id`, `kind` (added, changed, withdrawn),
    `aspects` (codes of ASPECTS joined by ";", "" unless changed), and `occurred_on`, `district`,
    `killed_best` each with `_then` and `_now`. `weeks`: `week`, `incidents_then`, `incidents_now`,
    `killed_then`, `killed_now` of each week whose totals differ, oldest first.
    """

    rows: pd.DataFrame
    weeks: pd.DataFrame

    def count(self, kind: str) -> int:
        """Return how many incidents were `added`, `changed` or `withdrawn`."""
        return int(self.rows["kind"].eq(kind).sum())


def revisions(
    now: pd.DataFrame,
    before: pd.DataFrame,
    *,
    first_day: date,
    districts: Iterable[str],
    weeks: int = 52,
) -> Revisions:
    """
    Compare two states of the incident table, as known now and at the last issue.

    `first_day` is that of the week reported on; the `weeks` weeks before it are compared, and what
    is first heard of the current week is news, not a revision. An incident moved into or out of the
    past is one. Takes `source`, `record_id`, the columns of ASPECTS and `verification`, where the
    reader has them; without the first two `rows` is empty and `weeks` still complete. An incident
    discarded since is withdrawn, one re-instated is added: a page counts neither twice.
    """
    wanted = tuple(dict.fromkeys(districts))
    start = (stamp(first_day) - pd.Timedelta(weeks=weeks)).date()
    past, then = _inside(now, wanted), _inside(before, wanted)
    rows = _rows(past, then, start=start, first_day=first_day)
    totals = [
        weekly_total(frame, districts=wanted, first_day=start, weeks=weeks).set_index("week")
        for frame in (then, past)
    ]
    compared = pd.DataFrame(
        {
            "incidents_then": totals[0]["incidents"],
            "incidents_now": totals[1]["incidents"],
            "killed_then": totals[0]["killed_best"],
            "killed_now": totals[1]["killed_best"],
        }
    )
    same = compared["incidents_then"].eq(compared["incidents_now"])
    same &= compared["killed_then"].eq(compared["killed_now"]).fillna(value=True)
    return Revisions(rows, compared[~same.astype(bool)].reset_index())


def _inside(frame: pd.DataFrame, districts: tuple[str, ...]) -> pd.DataFrame:
    rows = countable(frame)
    if "district" not in rows.columns:
        return rows
    place = read(rows, "district", "str")
    return rows[place.isin(districts) | place.isna()]


def _rows(now: pd.DataFrame, before: pd.DataFrame, *, start: date, first_day: date) -> pd.DataFrame:
    columns = {
        "occurred_on": DAY, "occurred_to": DAY, "date_precision": "str", "district": "str",
        "killed_best": "Int64", "killed_low": "Int64", "killed_high": "Int64",
        "civilians_killed": "Int64", "event_type": "str",
    }  # fmt: skip
    if not {*_KEY} <= {*now.columns} | ({*before.columns} if now.empty else set()):
        now, before = now.iloc[:0], before.iloc[:0]
    sides = []
    for frame in (before, now):
        side = pd.DataFrame({name: read(frame, name, "str") for name in _KEY})
        sides.append(side.assign(**{name: read(frame, name, kind) for name, kind in columns.items()}))
    both = sides[0].merge(sides[1], on=_KEY, how="outer", suffixes=("_then", "_now"), indicator="_in")
    then, last = both["occurred_on_then"], stamp(first_day) - pd.Timedelta(days=1)
    both = both[then.between(stamp(start), last) | both["occurred_on_now"].between(stamp(start), last)]
    aspects = pd.Series("", index=both.index, dtype="str")
    for aspect, names in ASPECTS.items():
        pairs = [_differs(both[f"{name}_then"], both[f"{name}_now"]) for name in names]
        differs = pd.concat(pairs, axis=1).any(axis=1)
        aspects = aspects.where(~differs, aspects + ";" + aspect)
    in_both = both["_in"].eq("both")
    kind = both["_in"].astype("str").map({"left_only": "withdrawn", "right_only": "added", "both": "changed"})
    both = both.assign(kind=kind.astype("str"), aspects=aspects.str.strip(";").where(in_both, ""))
    both = both[~in_both | both["aspects"].ne("")]
    shown = [
        f"{name}_{side}" for name in ("occurred_on", "district", "killed_best") for side in ("then", "now")
    ]
    return both[[*_KEY, "kind", "aspects", *shown]].sort_values(_KEY, ignore_index=True)


def _differs(then: pd.Series, now: pd.Series) -> pd.Series:
    either, neither = then.isna() ^ now.isna(), then.isna() & now.isna()
    return (either | (then.ne(now).fillna(value=False).astype(bool) & ~neither)).astype(bool)
