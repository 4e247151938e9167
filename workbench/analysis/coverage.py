"""Contact: whom the office has heard from, so that silence is never read as calm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import MEASURES, TOTAL
from workbench.config import Week

STATES: tuple[str, ...] = ("incidents", "no_incident", "none_known", "no_report", "no_coverage")
"""What can be said of a district's week, in that order of knowledge."""

UNSETTLED_WEEKS = 2
"""For how many weeks reports of a week keep coming in."""

LOW_COVERAGE = 0.5
"""With less than this part of the required contacts met, confidence in a district is low (our own rule)."""

_HEIGHTS = {"low": 0, "moderate": 1, "high": 2}


def last_contact(
    liaison: pd.DataFrame | None,
    *,
    districts: Iterable[str],
    on: date,
    interval_days: int = 14,
    first_day: date | None = None,
) -> pd.DataFrame:
    """
    Return when each district was last heard from.

    Takes `district` and `occurred_on` of liaison entries; contacts after `on` do not count. Returns
    one row a district, in the given order: `district`, `last_contact` (NaT if never), `days` since
    (Int64, <NA> if never), `contacts` from `first_day` (six days before `on` unless given) to `on`,
    and `state`: in_contact, silent (more than `interval_days` ago), never (no entry at all), or
    unknown. Unknown is everything for a reader who has no liaison log: pass None for one who may
    not read it, because entries withheld are not contacts missed.
    """
    wanted = pd.Index(dict.fromkeys(districts), name="district", dtype="str")
    readable = liaison is not None and {"district", "occurred_on"} <= set(liaison.columns)
    rows = liaison if liaison is not None and readable else pd.DataFrame()
    day, place = read(rows, "occurred_on", DAY), read(rows, "district", "str")
    known = place.isin(wanted) & (day <= stamp(on))
    day, place = day[known], place[known]
    last = day.groupby(place).max().reindex(wanted).astype(DAY)
    recent = day >= stamp(first_day or on - timedelta(days=6))
    contacts = recent.groupby(place).sum().reindex(wanted).fillna(0).astype("Int64")
    days = (stamp(on) - last).dt.days.astype("Int64")
    state = np.select(
        [last.isna().to_numpy(), days.gt(interval_days).to_numpy(dtype=bool, na_value=False)],
        ["never", "silent"],
        default="in_contact",
    )
    if not readable:
        state = np.full(len(wanted), "unknown")
        contacts = read(rows, "contacts", "Int64").reindex(wanted)
    return pd.DataFrame(
        {"last_contact": last, "days": days, "contacts": contacts, "state": pd.array(state, dtype="str")},
        index=wanted,
    ).reset_index()


def contact_gaps(contact: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `last_contact` that are silent or never, longest first, never before all."""
    gaps = contact[contact["state"].isin(["silent", "never"])]
    return gaps.sort_values(["days", "district"], ascending=[False, True], na_position="first")


def states(
    now: pd.DataFrame,
    contact: pd.DataFrame,
    *,
    covered: Collection[str] | None = None,
    reached: bool = True,
) -> pd.DataFrame:
    """
    Say of each district what is known of its week.

    `now` is the week's rows of `counts.weekly` (`district`, `incidents`), `contact` comes from
    `last_contact`, `reached` from the function of that name. Returns `district`, `incidents`, `state`
    in the order of `contact`. State is the first that holds of:

    * incidents: some, or the count is not for this reader
    * no_coverage: none, and not among the districts `covered` by any source; left out, all are
    * no_report: none, and no contact within the interval
    * none_known: none, but nobody here can tell silence from calm: this reader does not know whether
      anyone was heard from, or the counted data do not reach this week
    * no_incident: none, and the office is in contact
    """
    count = now.set_index("district")["incidents"].reindex(contact["district"]).astype("Int64")
    some = count.gt(0).to_numpy(dtype=bool, na_value=reached)
    unheard = contact["state"].isin(["silent", "never"]).to_numpy()
    untold = contact["state"].eq("unknown").to_numpy() | (not reached)
    outside = np.zeros(len(contact), dtype=bool)
    if covered is not None:
        outside = ~contact["district"].isin(list(covered)).to_numpy()
    state = np.select(
        [some, outside, unheard, untold],
        ["incidents", "no_coverage", "no_report", "none_known"],
        default="no_incident",
    )
    return pd.DataFrame(
        {
            "district": contact["district"],
            "incidents": count.set_axis(contact.index),
            "state": pd.array(state, dtype="str"),
        }
    )


def told(weekly: pd.DataFrame, states: Mapping[date, pd.DataFrame]) -> pd.DataFrame:
    """
    Return weekly counts whose zeros are <NA> where nobody can say that nothing happened.

    Takes a frame of `counts.weekly` and, by the first day of a week, the frame of `states` of that week. A
    count of 0 in a week and district of state no_report, no_coverage or none_known becomes <NA>, in all
    measures; weeks of which no states are given stay as they are.
    """
    silent = pd.concat(
        [
            found.loc[found["state"].isin(["no_report", "no_coverage", "none_known"]), ["district"]].assign(
                week=stamp(week).as_unit("s")
            )
            for week, found in states.items()
        ]
        or [weekly.iloc[:0][["district", "week"]]]
    )
    keys = pd.MultiIndex.from_frame(weekly[["district", "week"]])
    untold = keys.isin(pd.MultiIndex.from_frame(silent)) & weekly["incidents"].eq(0).fillna(value=False)
    return weekly.assign(**{name: weekly[name].mask(untold, pd.NA) for name in MEASURES if name in weekly})


def state_of_all(states: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row that says of all districts together what `states` says of each, `district` TOTAL.

    One silent district is enough for "none known": nobody can say that nothing happened anywhere.
    """
    found = set(states["state"])
    state = "none_known"
    if "incidents" in found:
        state = "incidents"
    elif len(found) == 1:
        state = found.pop()
    return pd.DataFrame({"district": pd.array([TOTAL], dtype="str"), "state": pd.array([state], dtype="str")})


def reached(*, since: date | None, until: date | None, first_day: date, last_day: date) -> bool:
    """
    Return whether data that run from `since` to `until` (None: there are none) reach into a week.

    A week that they do not reach is unknown, not calm.
    """
    return since is not None and until is not None and since <= last_day and until >= first_day


def unsettled(week: Week, *, on: date) -> int:
    """
    Return how many of the weeks up to `week` are still being reported on the day `on`.

    A week counts as settled UNSETTLED_WEEKS weeks after its last day: more than half of the events of
    a week are in ACLED within two (arXiv 2603.25964). So it is that many on the day after `week`, and
    0 when the week is old.
    """
    return min(UNSETTLED_WEEKS, max(0, UNSETTLED_WEEKS - (on - week.last_day).days // 7))


def confidence(contact: pd.DataFrame, *, interval_days: int = 14) -> pd.DataFrame:
    """
    Return the most confidence that contact allows in any judgement on a district.

    Takes a frame of `last_contact`. Returns `district`, `confidence`: low where the district is
    silent or was never heard from, moderate where the last contact is more than half of
    `interval_days` ago, otherwise high; unknown where this reader has no liaison log. The office's
    own rule: what nobody has spoken to anyone about for weeks cannot be known well.
    """
    late = contact["days"].mul(2).gt(interval_days).to_numpy(dtype=bool, na_value=False)
    capped = np.select(
        [
            contact["state"].eq("unknown").to_numpy(),
            contact["state"].isin(["silent", "never"]).to_numpy(),
            late,
        ],
        ["unknown", "low", "moderate"],
        default="high",
    )
    return pd.DataFrame({"district": contact["district"], "confidence": pd.array(capped, dtype="str")})


def cap(confidence: pd.DataFrame, coverage: pd.DataFrame, *, low: float = LOW_COVERAGE) -> pd.DataFrame:
    """
    Lower the confidence in each district to what the coverage of required contacts allows.

    Takes `district`, `confidence` (from the function of that name, or an assessor's own) and
    `district`, `share` of `liaison.coverage_of`. Returns `district`, `confidence` (low where the share
    is below `low`, otherwise as given) and `limited_by`: coverage where it is low for that reason,
    `nothing` elsewhere. A share that is missing limits nothing: nothing is required there, or this
    reader may not know.
    """
    share = coverage.set_index("district")["share"].reindex(confidence["district"])
    short = share.lt(low).to_numpy(dtype=bool, na_value=False)
    given = confidence["confidence"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "district": confidence["district"],
            "confidence": pd.array(np.where(short, "low", given), dtype="str"),
            "limited_by": pd.array(np.where(short & (given != "low"), "coverage", "nothing"), dtype="str"),
        }
    )


def lower_of(given: pd.DataFrame, allowed: pd.DataFrame) -> pd.DataFrame:
    """
    Return the confidence to print for each district: the lower of what is given and what is allowed.

    Both have `district`, `confidence`: an assessor's (`situation.levels`) and the most that contact and
    coverage allow (`confidence`, `cap`). Returns the same columns in the order of `given`. Unknown, or
    missing, limits nothing; where both are, it is unknown.
    """
    limits = allowed.set_index("district")["confidence"].reindex(given["district"])
    heights = pd.DataFrame(
        {"given": given["confidence"].map(_HEIGHTS).to_numpy(), "allowed": limits.map(_HEIGHTS).to_numpy()},
        dtype="float64",
    )
    words = {height: word for word, height in _HEIGHTS.items()}
    printed = heights.min(axis=1).map(words).fillna("unknown")
    return pd.DataFrame(
        {"district": given["district"], "confidence": printed.astype("str").array}, index=given.index
    )
