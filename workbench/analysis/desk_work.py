"""What people at the desk did with the rows that a week's numbers rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import of_weeks


@dataclass(frozen=True)
class DeskWork:
    """
    Of one week's incidents and what these readers know of the work on them.

    `corrected`: incidents with a value that was set right; `placed`: those whose district a person chose,
    who are among them. `decided`: standing decisions on duplicates that were made since a day. Each is None
    for readers who do not read what would tell.
    """

    corrected: int | None
    placed: int | None
    decided: int | None


def desk_work(incidents: pd.DataFrame, decisions: pd.DataFrame, *, first_day: date, since: date) -> DeskWork:
    """
    Return what the desk did with the incidents of the week from `first_day`, and since the day `since`.

    Takes what `of_weeks` does and, where the reader has them, `flags` and `matched_by`; `decisions` are rows
    of `duplicate_decision` with `decided_on`. `since` itself counts: a day has no hour.
    """
    rows = of_weeks(incidents, first_day=first_day)
    flags = read(rows, "flags", "str").str.split(";").explode()
    corrected = int(flags.eq("corrected").sum()) if "flags" in rows else None
    placed = int(read(rows, "matched_by", "str").eq("desk").sum()) if "matched_by" in rows else None
    made = read(decisions, "decided_on", DAY).ge(stamp(since))
    decided = int(made.sum()) if "decided_on" in decisions else None
    return DeskWork(corrected, placed, decided)
