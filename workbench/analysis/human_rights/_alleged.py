"""Alleged violations: what may be told of each, how credible it is, and how long its report took."""

from __future__ import annotations

from datetime import date, tzinfo
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp, true
from workbench.analysis.human_rights._supports import in_order
from workbench.records.violation import VICTIMS

REPORT_WITHIN_DAYS = 7
"""An allegation the office has known of for longer, and not reported, is marked: the workbench's own mark."""

QUARTERS = 4
"""Three months each, the last one ending on the day reported on."""

_DETAILS = ("account", "response_text", "notes", "place_name", "latitude", "longitude", *VICTIMS)
"""What may tell who a victim is: gone before any page is made, unless the victims agreed."""


def allegations(
    records: pd.DataFrame, *, on: date, zone: tzinfo, within_days: int = REPORT_WITHIN_DAYS
) -> pd.DataFrame:
    """
    Return the alleged violations, the latest first, without any detail that victims did not agree to.

    Takes `occurred_on`, `act` and, where the reader has them, the other columns of the record; they pass
    through. Unless `victim_consent` is true, `account`, `response_text`, `notes`, the exact place and the
    victims by sex and age are missing on the row: their total is all that is told. Adds `victims` (Int64: of
    the counts that are known; <NA> where none is), `credible` (of `credible`), `known_on` and `reported_on`
    (days in `zone` on which the office and the Resident Representative were told), `days_to_report` (Int64:
    from the event to the Resident Representative; <NA> if not told, or if that day lies before the event),
    `days_waiting` (Int64: not told, since the office knew or, where that day is missing, since the event),
    and `report`: reported, days_contradict, waiting, or overdue (waiting longer than `within_days`).
    """
    need(records, "occurred_on", "act", what="violation")
    agreed = true(records, "victim_consent")
    happened = read(records, "occurred_on", DAY)
    counts = pd.DataFrame({name: read(records, name, "Int64") for name in VICTIMS})
    known, reported = (_day(records, name, zone) for name in ("reported_at", "reported_to_rr_at"))
    told = reported.notna()
    took = (reported - happened).dt.days.astype("Int64")
    waiting = (stamp(on) - known.where(known.ge(happened), happened)).dt.days.astype("Int64")
    waiting = waiting.clip(lower=0).where(~told, pd.NA)
    late = waiting.gt(within_days).fillna(value=False).astype(bool)
    report = np.select(
        [(told & took.lt(0).fillna(value=False)).to_numpy(dtype=bool), told.to_numpy(), late.to_numpy()],
        ["days_contradict", "reported", "overdue"],
        default="waiting",
    )
    hidden = {name: records[name].where(agreed) for name in _DETAILS if name in records.columns}
    found = records.assign(
        **hidden,
        victims=counts.sum(axis=1, min_count=1).astype("Int64"),
        credible=credible(read(records, "source_grade", "str")),
        known_on=known,
        reported_on=reported,
        days_to_report=took.where(took.ge(0).fillna(value=False), pd.NA),
        days_waiting=waiting,
        report=pd.array(report, dtype="str"),
    )
    newest = -happened.astype("int64").where(happened.notna(), 0)
    return in_order(found, pd.DataFrame({"day": newest, "id": read(records, "record_id", "str")}))


def credible(grade: pd.Series) -> pd.Series:
    """
    Return what an Admiralty grade says: credible (A to C, and 1 to 3), weak (D, E, 4 or 5) or not_judged.

    Not judged: no grade, or F or 6, which say that it cannot be judged; that is no reason to doubt it.
    """
    letter, digit = grade.str[:1], grade.str[1:]
    return pd.Series(
        np.select(
            [
                (letter.isin(list("ABC")) & digit.isin(list("123"))).to_numpy(dtype=bool),
                (letter.isin(list("DE")) | digit.isin(list("45"))).to_numpy(dtype=bool),
            ],
            ["credible", "weak"],
            default="not_judged",
        ),
        index=grade.index,
        dtype="str",
    )


def report_days(allegations: pd.DataFrame, *, on: date, by: Literal["quarter", "act"]) -> pd.DataFrame:
    """
    Return the days from event to report to the Resident Representative, always with their n.

    Takes a frame of `allegations`. By quarter: the last 12 months in periods of three months, the oldest
    first, each also where nothing is alleged, and before them `earlier` where there is anything. By act: of
    the last 12 months, one row for each act alleged, the most frequent first. Returns `group` (earlier, 1 to
    4; or the act), `first_day`, `last_day`, `alleged`, `reported` (with a day that can be), `median`
    (Float64), `shortest`, `longest` (Int64; <NA> where nothing is reported), `waiting` (not reported),
    `overdue` of them, `longest_waiting` (Int64) and `contradict` (the days contradict each other).
    """
    happened = read(allegations, "occurred_on", DAY)
    ends = [stamp(on) - pd.DateOffset(months=3 * n) for n in range(QUARTERS, -1, -1)]
    if by == "act":
        recent = allegations[happened.gt(ends[0])]
        acts = read(recent, "act", "str").value_counts(sort=False)
        names = sorted(acts.index, key=lambda act: (-int(acts[act]), str(act)))
        spans = {str(act): (ends[0], ends[-1], recent[recent["act"].eq(act)]) for act in names}
    else:
        earlier = allegations[happened.le(ends[0])]
        spans = {"earlier": (happened.min(), ends[0], earlier)} if len(earlier) else {}
        for n, (before, last) in enumerate(pairwise(ends), start=1):
            spans[str(n)] = (before, last, allegations[happened.gt(before) & happened.le(last)])
    day = pd.Timedelta(days=1)
    rows = [
        {
            "group": group,
            "first_day": before if group == "earlier" else before + day,
            "last_day": last,
            "alleged": len(part),
            "reported": int(part["days_to_report"].notna().sum()),
            "median": part["days_to_report"].median(),
            "shortest": part["days_to_report"].min(),
            "longest": part["days_to_report"].max(),
            "waiting": int(part["report"].isin(["waiting", "overdue"]).sum()),
            "overdue": int(part["report"].eq("overdue").sum()),
            "longest_waiting": part["days_waiting"].max(),
            "contradict": int(part["report"].eq("days_contradict").sum()),
        }
        for group, (before, last, part) in spans.items()
    ]
    whole = [
        "alleged",
        "reported",
        "shortest",
        "longest",
        "waiting",
        "overdue",
        "longest_waiting",
        "contradict",
    ]
    names = ["group", "first_day", "last_day", "alleged", "reported", "median", *whole[2:]]
    kinds = {"group": "str", "first_day": DAY, "last_day": DAY, "median": "Float64"}
    return pd.DataFrame(rows, columns=names).astype(kinds | dict.fromkeys(whole, "Int64"))


def _day(records: pd.DataFrame, name: str, zone: tzinfo) -> pd.Series:
    moments = read(records, name, "datetime64[us, UTC]")
    days: pd.Series = moments.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize().astype(DAY)
    return days
