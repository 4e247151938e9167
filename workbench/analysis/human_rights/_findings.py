"""What the registers say has to be done about support, and the numbers a head of mission reads first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.human_rights._joined import Joined
from workbench.analysis.human_rights._supports import ONGOING, WATCHED, in_order, mitigation_counts
from workbench.analysis.shares import Middle

SUPPORT_FINDINGS: tuple[str, ...] = (
    "credible_unreviewed", "unjudged_unreviewed", "undecided", "past_end", "no_mitigation",
)  # fmt: skip
"""What is found against a support, the gravest first."""


@dataclass(frozen=True)
class RightsNumbers:
    """
    The numbers of the page; each counts records of the view, and nothing is added that was not recorded.

    `ongoing` supports, of which `undecided` and `past_end`; `suspended`; `reviews_overdue`, the longest by
    `longest_review` days, `reviews_undated` without a next day; `measures` as `mitigation_counts`.
    Allegations against recipients of watched support: `alleged_year` in the last 12 months, of which
    `grave_year`, `new` that the office learnt of after `since`, of which `new_grave`; `learnt_unknown`
    have no day on which the office learnt of them. Of all allegations: `waiting` not reported to the Resident
    Representative, `overdue` of them, the longest for `longest_waiting` days; `unmatched` belong to no
    support; `days` from event to report in the last 12 months, from `shortest` to `longest`.
    `since` is None where there was no earlier issue: `new` are then all of them.
    """

    ongoing: int
    undecided: int
    past_end: int
    suspended: int
    reviews_overdue: int
    longest_review: int | None
    reviews_undated: int
    measures: dict[str, int]
    since: datetime | None
    new: int
    new_grave: int
    learnt_unknown: int
    alleged_year: int
    grave_year: int
    waiting: int
    overdue: int
    longest_waiting: int | None
    unmatched: int
    days: Middle
    shortest: int | None
    longest: int | None


def support_findings(joined: Joined, *, on: date) -> pd.DataFrame:
    """
    Return what the registers say against supports, one row for each support and finding, gravest first.

    Takes what `joined_by_unit` made. Support that is given (undecided, past its end, running) is found:
    credible_unreviewed, a credible allegation against its recipient since it began, and no review since the
    office learnt of it; unjudged_unreviewed, the same where none is credible and some cannot be judged;
    undecided; past_end; no_mitigation, rated high or more, or not rated, without any measure. Returns
    `support`, `activity`, `recipient_unit`, `decided_by`, `finding`, `allegations`, `grave` (Int64, <NA> for
    findings without) and `days` (Int64: since the latest allegation, since it began, past its end).
    """
    rows = joined.supports
    given = rows["state"].isin(ONGOING)
    credible, unjudged = rows["credible_unreviewed"], rows["unjudged_unreviewed"]
    none = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    since_latest = (stamp(on) - rows["latest_since"]).dt.days.astype("Int64")
    since_start = (stamp(on) - read(rows, "started_on", DAY)).dt.days.astype("Int64")
    bare = read(rows, "mitigation", "str").fillna("").str.strip(" ;\n").eq("")
    high = rows["rank"].ge(3).fillna(value=True).astype(bool)
    tests = {
        "credible_unreviewed": (credible.gt(0), credible, rows["grave_unreviewed"], since_latest),
        "unjudged_unreviewed": (credible.eq(0) & unjudged.gt(0), unjudged, none, since_latest),
        "undecided": (rows["state"].eq("undecided"), none, none, since_start),
        "past_end": (rows["state"].eq("past_end"), none, none, rows["days_past_end"]),
        "no_mitigation": (bare & high, none, none, none),
    }
    parts = []
    for finding, (holds, n, grave, days) in tests.items():
        kept = rows[given & holds]
        parts.append(
            pd.DataFrame(
                {
                    "support": read(kept, "record_id", "str"),
                    "activity": read(kept, "activity", "str"),
                    "recipient_unit": read(kept, "recipient_unit", "str"),
                    "decided_by": read(kept, "decided_by", "str"),
                    "finding": pd.Series(finding, index=kept.index, dtype="str"),
                    "allegations": n[kept.index],
                    "grave": grave[kept.index],
                    "days": days[kept.index],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    order = found["finding"].map({code: n for n, code in enumerate(SUPPORT_FINDINGS)})
    keys = {"order": order, "grave": -found["grave"], "n": -found["allegations"], "days": -found["days"]}
    return in_order(found, pd.DataFrame(keys)).reset_index(drop=True)


def rights_numbers(
    joined: Joined, measures: pd.DataFrame, *, on: date, since: datetime | None
) -> RightsNumbers:
    """Count what the page opens with: `since` the last issue's cut-off, with `measures` of `mitigation`."""
    supports, alleged = joined.supports, joined.allegations
    state, review = supports["state"], supports["review"]
    held, grave = alleged["watched"].astype(bool), read(alleged, "grave", "boolean").fillna(value=False)
    grave = grave.astype(bool)
    learnt = read(alleged, "reported_at", "datetime64[us, UTC]")
    new = held & (learnt.gt(pd.Timestamp(since)) if since is not None else True)
    year = read(alleged, "occurred_on", DAY).gt(stamp(on) - pd.DateOffset(years=1))
    waiting = alleged["report"].isin(["waiting", "overdue"])
    days = alleged.loc[year, "days_to_report"]
    return RightsNumbers(
        ongoing=int(state.isin(ONGOING).sum()),
        undecided=int(state.eq("undecided").sum()),
        past_end=int(state.eq("past_end").sum()),
        suspended=int(state.eq("suspended").sum()),
        reviews_overdue=int(review.eq("overdue").sum()),
        longest_review=_most(supports["days_overdue"]),
        reviews_undated=int((review.eq("no_date") & state.isin(WATCHED)).sum()),
        measures=mitigation_counts(measures),
        since=since,
        new=int(new.sum()),
        new_grave=int((new & grave).sum()),
        learnt_unknown=int((held & learnt.isna()).sum()),
        alleged_year=int((held & year).sum()),
        grave_year=int((held & year & grave).sum()),
        waiting=int(waiting.sum()),
        overdue=int(alleged["report"].eq("overdue").sum()),
        longest_waiting=_most(alleged["days_waiting"]),
        unmatched=int(alleged["unmatched"].ne("").sum()),
        days=Middle.of(days),
        shortest=None if days.dropna().empty else int(days.min()),
        longest=_most(days),
    )


def _most(days: pd.Series) -> int | None:
    known = days.dropna()
    return None if known.empty else int(known.max())
