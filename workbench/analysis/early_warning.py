"""Early warning: whether alerts were checked, answered and right, and serious incidents foreseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp, true
from workbench.analysis.counts import countable, harm
from workbench.analysis.shares import Middle, Share, shares
from workbench.errors import ParameterError

ALERT_STATES: tuple[str, ...] = ("open", "verified", "responded", "closed")
"""How far an alert has come; each is in one of them."""

QUALITY_WEEKS = 26
"""Weeks looked back on: alerts are few, and a quarter holds too few to say anything."""

_INSTANT = "datetime64[us, UTC]"
_OUTCOMES = ("occurred", "averted", "false", "unknown")


@dataclass(frozen=True)
class AlertQuality:
    """
    How good the alerts raised from `first_day` to `last_day` were. None: this reader may not know.

    `raised`, and by state `open`, `verified`, `responded`, `closed` (they add up to it). By outcome
    `occurred`, `averted`, `false`, `unknown` and `pending` (they add up to it too): pending has
    none yet, unknown has none though its days are over. `hours_to_verification` and
    `hours_to_response` run from the moment it was raised.
    `right`: occurred, of those that occurred or were false (positive predictive value);
    `right_or_averted`: the same with the averted ones as right. Whether an averted threat was real
    cannot be known, so both are given and neither is the truth alone.
    `foreseen`: serious incidents that an alert preceded, of all of them (sensitivity); `lead_days`:
    how long before. `left_out`: serious incidents without a district or a day of their own.
    `by_indicator`: see `by_indicator`.
    """

    first_day: date
    last_day: date
    raised: int
    open: int | None
    verified: int | None
    responded: int | None
    closed: int | None
    occurred: int | None
    averted: int | None
    false: int | None
    unknown: int | None
    pending: int | None
    hours_to_verification: Middle | None
    hours_to_response: Middle | None
    right: Share | None
    right_or_averted: Share | None
    foreseen: Share | None
    lead_days: Middle | None
    left_out: int | None
    by_indicator: pd.DataFrame


def alert_states(alerts: pd.DataFrame, *, on: date) -> pd.DataFrame:
    """
    Return the alerts with how far each has come by the day `on`.

    Takes `occurred_on` and, where the reader has them, `horizon_days`, `verified_at`, `responded_at`,
    `outcome`; all columns pass through, alerts raised after `on` are left out. Adds `result`
    (occurred, averted, false, unknown, pending) and `state`: closed (occurred, averted or false, or
    unknown once its days are over), responded, verified, open: the furthest of them. An outcome
    "unknown" is pending while the days last in which the threat was expected, and no outcome is
    unknown once they are over. An alert without `horizon_days` is pending until it has an outcome.
    """
    need(alerts, "occurred_on", what="alert")
    rows = alerts[read(alerts, "occurred_on", DAY).le(stamp(on))]
    outcome = read(rows, "outcome", "str")
    horizon = read(rows, "horizon_days", "Int64").astype("Float64")
    ends = read(rows, "occurred_on", DAY) + pd.to_timedelta(horizon, unit="D")
    over = ends.lt(stamp(on))
    settled = outcome.isin(_OUTCOMES[:3])
    lapsed = ~settled & (over | (outcome.eq("unknown") & ends.isna()))
    result = outcome.where(settled, "pending").mask(lapsed, "unknown")
    state = np.select(
        [
            settled | (outcome.eq("unknown") & lapsed),
            read(rows, "responded_at", _INSTANT).notna(),
            read(rows, "verified_at", _INSTANT).notna(),
        ],
        ["closed", "responded", "verified"],
        default="open",
    )
    return rows.assign(result=result.astype("str"), state=pd.array(state, dtype="str"))


def serious(incidents: pd.DataFrame) -> pd.DataFrame:
    """
    Return the countable incidents an early warning should have foreseen.

    Somebody was killed (best estimate), somebody was abducted, or aid was affected. Takes what
    `counts.harm` does, and `abducted_best`. The office's own definition.
    """
    rows = countable(incidents)
    found = harm(rows)["killed_best"].gt(0).fillna(value=False).astype(bool)
    found |= read(rows, "event_type", "str").eq("abduction")
    found |= read(rows, "abducted_best", "Int64").gt(0).fillna(value=False).astype(bool)
    return rows[found | true(rows, "aid_affected")]


def foreseen(
    alerts: pd.DataFrame, incidents: pd.DataFrame, *, first_day: date, last_day: date
) -> pd.DataFrame:
    """
    Return the serious incidents of these days, each with the alert that preceded it.

    Takes `district`, `occurred_on`, `horizon_days` of alerts and what `serious` does. Columns of the
    incidents pass through; adds `warned` (boolean) and `lead_days` (Int64): the days from the earliest
    alert of its district that was raised on an earlier day and whose `horizon_days` reach the first
    day of the incident. On the same day nobody can tell which came first, so that is no warning.
    `warned` is <NA> for an incident that has no district, or whose day is not known (date_precision
    week, month, longer).
    """
    need(alerts, "district", "occurred_on", "horizon_days", what="alert")
    need(incidents, "district", what="incident")
    rows = serious(incidents)
    rows = rows[read(rows, "occurred_on", DAY).between(stamp(first_day), stamp(last_day))]
    day, place = read(rows, "occurred_on", DAY), read(rows, "district", "str")
    usable = place.notna() & read(rows, "date_precision", "str").isin(["day", "days"])
    happened = pd.DataFrame(
        {"_row": np.arange(len(rows)), "district": place.to_numpy(), "day": day.to_numpy()}
    )
    raised = pd.DataFrame(
        {
            "district": read(alerts, "district", "str"),
            "raised": read(alerts, "occurred_on", DAY),
            "horizon": read(alerts, "horizon_days", "Int64").astype("float64"),
        }
    ).dropna()
    pairs = happened[usable.to_numpy()].merge(raised, on="district")
    lead = (pairs["day"] - pairs["raised"]).dt.days
    fits = lead.ge(1) & lead.le(pairs["horizon"])
    longest = lead[fits].groupby(pairs.loc[fits, "_row"]).max().reindex(happened["_row"]).astype("Int64")
    warned = pd.Series(longest.notna().to_numpy(), index=rows.index, dtype="boolean").mask(~usable)
    return rows.assign(warned=warned, lead_days=longest.set_axis(rows.index))


def by_indicator(alerts: pd.DataFrame) -> pd.DataFrame:
    """
    Return how the alerts of each indicator came out.

    Takes a frame of `alert_states` with `indicator`. Returns `indicator`, `raised`, `occurred`,
    `averted`, `false`, `unknown`, `pending`, `judged` (occurred or false), all Int64, and `right`,
    `right_low`, `right_high`: occurred of judged with its interval, <NA> where fewer than 5 are judged.
    Most raised first, then by name. Without rows or without the column there is no row.
    """
    codes = (*_OUTCOMES, "pending")
    counted = pd.DataFrame(
        {"raised": 1, **{code: alerts["result"].eq(code).astype("int64") for code in codes}},
        index=alerts.index,
    )
    summed = counted.groupby(read(alerts, "indicator", "str").str.strip()).sum().astype("Int64")
    judged = summed["occurred"] + summed["false"]
    found = shares(summed["occurred"], judged)
    table = summed.assign(
        judged=judged, right=found["share"], right_low=found["low"], right_high=found["high"]
    )
    table = table.rename_axis("indicator").reset_index()
    return table.sort_values(["raised", "indicator"], ascending=[False, True], ignore_index=True)


def alert_quality(
    alerts: pd.DataFrame | None, incidents: pd.DataFrame | None, *, on: date, weeks: int = QUALITY_WEEKS
) -> AlertQuality | None:
    """
    Measure the alerts of the last `weeks` weeks up to `on`, and the serious incidents of that time.

    Takes `occurred_on` and, where the reader has them, `reported_at` (when it was raised), `district`,
    `indicator` and what `alert_states` does; `incidents` as in `foreseen`, None if not to be judged. An
    alert raised earlier still counts as a warning of what it reached. An alert without `reported_at`
    has no hours; one verified before it was raised has 0. None for a reader without the register.
    Raises ParameterError if `weeks` is below 1.
    """
    if weeks < 1:
        raise ParameterError(f"Alerts cannot be looked back on for {weeks} weeks. Give 1 or more.")
    if alerts is None or (len(alerts) and "occurred_on" not in alerts.columns):
        return None
    first_day = on - timedelta(days=7 * weeks - 1)
    past = alert_states(alerts, on=on)
    rows = past[read(past, "occurred_on", DAY).ge(stamp(first_day))]
    has = set(alerts.columns) if len(alerts) else {*alerts.columns, *_REGISTER}
    states = _numbers(rows["state"], ALERT_STATES, told={"verified_at", "responded_at", "outcome"} <= has)
    results = _numbers(rows["result"], (*_OUTCOMES, "pending"), told={"outcome", "horizon_days"} <= has)
    settled, lead, left_out = _foresight(past, incidents, has, (first_day, on))
    return AlertQuality(
        first_day=first_day,
        last_day=on,
        raised=len(rows),
        **states,
        **results,
        hours_to_verification=_hours(rows, "verified_at", has),
        hours_to_response=_hours(rows, "responded_at", has),
        right=_right(rows["result"], ("occurred",)) if "outcome" in has else None,
        right_or_averted=_right(rows["result"], ("occurred", "averted")) if "outcome" in has else None,
        foreseen=settled,
        lead_days=lead,
        left_out=left_out,
        by_indicator=by_indicator(rows if {"outcome", "horizon_days"} <= has else rows.iloc[:0]),
    )


_REGISTER = ("district", "horizon_days", "outcome", "reported_at", "responded_at", "verified_at")


def _numbers(codes: pd.Series, known: tuple[str, ...], *, told: bool) -> dict[str, int | None]:
    found = codes.value_counts()
    return {code: int(found.get(code, 0)) if told else None for code in known}


def _right(result: pd.Series, right: tuple[str, ...]) -> Share:
    good = int(result.isin(right).sum())
    return Share(good, good + int(result.eq("false").sum()))


def _hours(rows: pd.DataFrame, until: str, has: set[str]) -> Middle | None:
    if not {"reported_at", until} <= has:
        return None
    waited = read(rows, until, _INSTANT) - read(rows, "reported_at", _INSTANT)
    return Middle.of((waited.dt.total_seconds() / 3600).clip(lower=0))


def _foresight(
    alerts: pd.DataFrame, incidents: pd.DataFrame | None, has: set[str], days: tuple[date, date]
) -> tuple[Share | None, Middle | None, int | None]:
    told = incidents is not None and (incidents.empty or {"district", "killed_best"} <= set(incidents))
    if incidents is None or not told or not {"district", "horizon_days"} <= has:
        return None, None, None
    rows = foreseen(alerts, incidents, first_day=days[0], last_day=days[1])
    judged = rows["warned"].dropna()
    return (
        Share(int(judged.sum()), len(judged)),
        Middle.of(rows["lead_days"]),
        int(rows["warned"].isna().sum()),
    )
