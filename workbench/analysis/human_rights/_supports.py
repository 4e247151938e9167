"""Support given: whether it runs, whether its review is due, and what became of the measures agreed on."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp
from workbench.records.support import MEASURE, RATINGS

SUPPORT_STATES: tuple[str, ...] = (
    "undecided", "past_end", "running", "suspended", "approved", "proposed", "ended", "refused",
)  # fmt: skip
"""How a support stands. Undecided: begun, and only proposed. Past end: approved, its last day gone by, and
not recorded as ended. Approved: begins later."""

ONGOING: tuple[str, ...] = ("undecided", "past_end", "running")
"""States in which support is given, as far as the register tells."""

WATCHED: tuple[str, ...] = (*ONGOING, "suspended")
"""States in which reviews and measures go on."""

REVIEW_STATES: tuple[str, ...] = ("overdue", "no_date", "due_soon", "in_time", "not_needed")

MITIGATION_STANDINGS: tuple[str, ...] = ("overdue", "open", "not_stated", "done", "dropped")

DUE_SOON_DAYS = 14
"""A review is due soon in this many days."""


def supports(register: pd.DataFrame, *, on: date) -> pd.DataFrame:
    """
    Return the register with how each support and its review stand on the day `on`.

    Takes `recipient_unit`, `decision` and, where the reader has them, `started_on`, `ended_on`,
    `reviewed_on`, `next_review_on`, `risk_rating`; all columns pass through. Adds `state` (of
    SUPPORT_STATES; support that is approved and has no first day counts as running, and one without a
    decision as undecided), `review` (of REVIEW_STATES: no_date where none is given, or none later than the
    last review; not_needed unless `state` is in WATCHED), `days_overdue` (Int64: of the review, <NA>
    unless overdue), `days_past_end` (Int64, <NA> unless past its end) and `rank` (Int64: risk from 1, low,
    to 4, <NA> if not rated). Sorted by state, then reviews overdue the longest, then by risk, the highest
    first.
    """
    need(register, "recipient_unit", "decision", what="support")
    today, decision = stamp(on), read(register, "decision", "str")
    start, end = read(register, "started_on", DAY), read(register, "ended_on", DAY)
    approved = decision.isin(["approved", "approved_with_conditions"])
    state = np.select(
        [
            decision.eq("refused").to_numpy(),
            decision.eq("ended").to_numpy(),
            decision.eq("suspended").to_numpy(),
            (decision.eq("proposed") & ~start.le(today)).to_numpy(),
            ~approved.to_numpy(),
            start.gt(today).to_numpy(),
            end.lt(today).to_numpy(),
        ],
        ["refused", "ended", "suspended", "proposed", "undecided", "approved", "past_end"],
        default="running",
    )
    done, due = read(register, "reviewed_on", DAY), read(register, "next_review_on", DAY)
    due = due.mask(done.ge(due))  # the review was made, and nobody wrote down the next one
    review = np.select(
        [
            ~np.isin(state, WATCHED),
            due.isna().to_numpy(),
            due.lt(today).to_numpy(),
            due.le(stamp(on + timedelta(days=DUE_SOON_DAYS))).to_numpy(),
        ],
        ["not_needed", "no_date", "overdue", "due_soon"],
        default="in_time",
    )
    rank = read(register, "risk_rating", "str").map({one: n for n, one in enumerate(RATINGS, start=1)})
    found = register.assign(
        state=pd.array(state, dtype="str"),
        review=pd.array(review, dtype="str"),
        days_overdue=(today - due).dt.days.astype("Int64").where(review == "overdue", pd.NA),
        days_past_end=(today - end).dt.days.astype("Int64").where(state == "past_end", pd.NA),
        rank=rank.astype("Int64"),
    )
    keys = pd.DataFrame(
        {
            "state": [SUPPORT_STATES.index(one) for one in state],
            "days": -found["days_overdue"],
            "rank": -found["rank"],
            "id": read(register, "record_id", "str"),
        },
        index=register.index,
    )
    return in_order(found, keys)


def mitigation(supports: pd.DataFrame, *, on: date) -> pd.DataFrame:
    """
    Return one row for each mitigatory measure of the supports, with how it stands on the day `on`.

    Takes a frame of `supports` and its `mitigation`: measures parted by ";" or a new line, each written
    as `open 2026-11-30: text`, `done: text` or `dropped: text`. Returns `support` (its record_id),
    `activity`, `recipient_unit`, `support_state`, `text`, `due_on`, `standing` (of MITIGATION_STANDINGS;
    what is not written like that keeps its whole text as not_stated) and `days_overdue` (Int64, <NA>
    unless overdue): the longest overdue first, in the order of MITIGATION_STANDINGS.
    """
    rows = []
    told = read(supports, "mitigation", "str")
    for at, text in enumerate(told):
        for part in re.split(r"[;\n]", "" if pd.isna(text) else str(text)):
            if part.strip():
                rows.append((at, *_measure(part.strip())))
    frame = pd.DataFrame(rows, columns=["at", "standing", "due_on", "text"])
    place = frame["at"].astype("int64").to_numpy()
    due = pd.to_datetime(frame["due_on"], errors="coerce").astype(DAY)
    standing = frame["standing"].astype("str")
    late = standing.eq("open") & due.lt(stamp(on))
    found = pd.DataFrame(
        {
            "support": read(supports, "record_id", "str").iloc[place].array,
            "activity": read(supports, "activity", "str").iloc[place].array,
            "recipient_unit": read(supports, "recipient_unit", "str").iloc[place].array,
            "support_state": read(supports, "state", "str").iloc[place].array,
            "text": frame["text"].astype("str"),
            "due_on": due,
            "standing": standing.mask(late, "overdue").astype("str"),
            "days_overdue": (stamp(on) - due).dt.days.astype("Int64").where(late, pd.NA),
        }
    )
    order = found["standing"].map({code: n for n, code in enumerate(MITIGATION_STANDINGS)})
    keys = pd.DataFrame({"order": order, "days": -found["days_overdue"], "due": due})
    return in_order(found, keys).reset_index(drop=True)


def mitigation_counts(measures: pd.DataFrame) -> dict[str, int]:
    """Return how many measures of supports in WATCHED stand how: every one of MITIGATION_STANDINGS."""
    found = measures.loc[measures["support_state"].isin(WATCHED), "standing"].value_counts()
    return {code: int(found.get(code, 0)) for code in MITIGATION_STANDINGS}


def in_order(rows: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by these keys, missing ones last; what is equal keeps its order."""
    placed = keys.assign(_place=np.arange(len(keys)))
    names = [str(name) for name in placed.columns]
    return rows.iloc[placed.sort_values(names, na_position="last", kind="stable")["_place"].to_numpy()]


def _measure(part: str) -> tuple[str, str | None, str]:
    """Return standing, day and text of one measure."""
    said = re.fullmatch(MEASURE, part, re.IGNORECASE)
    if said is None:
        return "not_stated", None, part
    try:
        day = None if said[2] is None else date.fromisoformat(said[2]).isoformat()
    except ValueError:
        return "not_stated", None, part
    return said[1].lower(), day, said[3].strip()
