"""Actions: what the last issue asked for, and what authorities undertook, each with how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp
from workbench.analysis.shares import Share, shares
from workbench.config import Week

ACTION_STANDINGS: tuple[str, ...] = ("overdue", "open", "accepted", "not_stated", "done", "declined")
"""From what needs attention to what is settled."""

RECORDED: tuple[str, ...] = ("kept", "partly", "broken", "withdrawn", "overdue", "open")
"""How a commitment stands on a day; each is in one of them, and overdue is none of the open ones."""


@dataclass(frozen=True)
class CommitmentRecord:
    """
    What became of the commitments made by a day.

    `made`, and of those `kept`, `partly`, `broken`, `withdrawn`, `overdue` (still open after its day)
    and `open` (not yet due, or due on no given day): they add up to it. `kept_of_due`: kept, of those
    that were kept, kept in part, broken or are overdue; one that was withdrawn was never due.
    `by_authority`: `made_by` and the same columns (Int64), `due` and `kept_share`, `kept_low`,
    `kept_high` (<NA> where fewer than 5 were due); most overdue first, then most broken, then by name.
    No row where this reader may not know who undertook them.
    """

    made: int
    kept: int
    partly: int
    broken: int
    withdrawn: int
    overdue: int
    open: int
    kept_of_due: Share
    by_authority: pd.DataFrame


def actions(assessments: pd.DataFrame, *, week: Week, on: date) -> pd.DataFrame:
    """
    Return the recommendations of the last issue before `week`, each with how it stands on the day `on`.

    Takes `part`, `week`, `occurred_on` and, where the reader has them, `position`, `state`, `due_on` of
    assessment statements; all columns pass through. The last issue is the latest week before `week`
    with any statement, usually the one before; its slug stands in `week`. Adds `standing`, a code of
    ACTION_STANDINGS: overdue (open, accepted or without state, and due before `on`, or said to be),
    otherwise the state given, not_stated if none; and `days_overdue` (Int64, <NA> unless overdue and
    due on a known day). In the order of the issue. Empty where there was no issue.
    """
    need(assessments, "part", "week", "occurred_on", what="assessment")
    day = read(assessments, "occurred_on", DAY)
    before = assessments[day.lt(stamp(week.first_day))]
    last = day[before.index].max()
    rows = before[day[before.index].eq(last) & read(before, "part", "str").eq("recommendation")]
    rows = rows.assign(_order=read(rows, "position", "Int64")).sort_values("_order", kind="stable")
    rows = rows.drop(columns="_order")
    due, state = read(rows, "due_on", DAY), read(rows, "state", "str")
    waiting = state.isin(["open", "accepted"]) | state.isna()
    late = (waiting & due.lt(stamp(on))) | state.eq("overdue")
    days = (stamp(on) - due).dt.days.astype("Int64")
    return rows.assign(
        standing=state.fillna("not_stated").mask(late, "overdue").astype("str"),
        days_overdue=days.where(late & days.gt(0).fillna(value=False), pd.NA),
    )


def action_counts(actions: pd.DataFrame) -> dict[str, int]:
    """Return how many recommendations stand how: every one of ACTION_STANDINGS, zeros explicit."""
    found = actions["standing"].value_counts()
    return {code: int(found.get(code, 0)) for code in ACTION_STANDINGS}


def commitment_record(register: pd.DataFrame, *, on: date) -> CommitmentRecord:
    """
    Count what became of the commitments made by the day `on`, over all and by authority.

    Takes `made_on`, `state` and, where the reader has them, `due_on`, `made_by`. A commitment that is
    open counts as overdue from the day after it was due; without its day it stays open.
    """
    need(register, "made_on", "state", what="commitment")
    rows = register[read(register, "made_on", DAY).le(stamp(on))]
    state = read(rows, "state", "str")
    late = state.eq("open") & read(rows, "due_on", DAY).lt(stamp(on))
    stands = state.mask(late, "overdue")
    flags = pd.DataFrame(
        {"made": 1, **{code: stands.eq(code).astype("int64") for code in RECORDED}}, index=rows.index
    )
    flags = flags.assign(due=flags["kept"] + flags["partly"] + flags["broken"] + flags["overdue"])
    whole = flags.sum()
    table = flags.groupby(read(rows, "made_by", "str").str.strip()).sum().astype("Int64")
    found = shares(table["kept"], table["due"])
    table = table.assign(kept_share=found["share"], kept_low=found["low"], kept_high=found["high"])
    table = table.rename_axis("made_by").reset_index()
    return CommitmentRecord(
        made=len(rows),
        **{code: int(whole[code]) for code in RECORDED},
        kept_of_due=Share(int(whole["kept"]), int(whole["due"])),
        by_authority=table.sort_values(
            ["overdue", "broken", "made_by"], ascending=[False, False, True], ignore_index=True
        ),
    )
