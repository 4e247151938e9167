"""Liaison: whether the office speaks to those it must, how often, and how well that is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Protocol

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp
from workbench.analysis.counts import of_weeks
from workbench.analysis.shares import Middle, Share, shares
from workbench.errors import ParameterError

CONTACT_STATES: tuple[str, ...] = ("met", "late", "never", "unknown", "not_required")

CORROBORATION_DAYS = 3
"""An entry so many days from an incident, in its district, counts as a second voice on that place."""

_INSTANT = "datetime64[us, UTC]"
_SHARED = "shared_with_undss_at"


class RequiredContact(Protocol):
    """One rule of the office: speak to this kind of organisation every so many days."""

    @property
    def organisation_kind(self) -> str:
        """The kind of organisation."""

    @property
    def every_days(self) -> int:
        """The longest interval between two contacts, in days."""

    @property
    def districts(self) -> Iterable[str]:
        """The districts it holds for; none means all."""


@dataclass(frozen=True)
class CoverageOfAll:
    """Required contacts of all districts: `met` of `required`; None where this reader may not know."""

    met: int | None
    required: int

    @property
    def share(self) -> float | None:
        """The part that is met, a fraction of 1; None where nothing is required or known."""
        return None if self.met is None or not self.required else self.met / self.required


@dataclass(frozen=True)
class Grades:
    """
    How the entries were graded, by the Admiralty scale; every entry is in exactly one of the four.

    `good`: C3 or better, both letter and digit. `poor`: letter D or E, or digit 4 or 5.
    `not_judged`: F or 6, which mean "cannot be judged" and count neither way, unless the other half
    is poor. `ungraded`: no grade.
    """

    good: int
    poor: int
    not_judged: int
    ungraded: int

    @property
    def good_of_judged(self) -> Share:
        """Those graded C3 or better, of those whose grade says how good they are."""
        return Share(self.good, self.good + self.poor)

    @property
    def graded(self) -> Share:
        """Those with any grade, of all entries."""
        graded = self.good + self.poor + self.not_judged
        return Share(graded, graded + self.ungraded)


@dataclass(frozen=True)
class LiaisonQuality:
    """
    How well contact was kept and recorded from `first_day` to `last_day`.

    None stands wherever this reader's columns cannot tell. `entries` of which `unplaced` name no
    district; `organisations` and `kinds`: how many different ones were spoken to (depth).
    `single_source`: districts where all entries come from one kind of organisation, of the districts
    with an entry; `single_source_incidents`: the same of the incidents in `corroborated`.
    `follow_ups`: done by the day they were due, of those due in the period and before its last day;
    `follow_ups_open`: of these, not done at all. `hours_to_log`: from the end of the day of contact to
    the entry. `hours_to_undss`: from the entry to UNDSS being told; `shared`: entries UNDSS was told
    of. `corroborated`: incidents with an entry near them, see `corroboration`.
    """

    first_day: date
    last_day: date
    entries: int
    unplaced: int | None
    organisations: int | None
    kinds: int | None
    single_source: Share | None
    single_source_incidents: Share | None
    grades: Grades | None
    follow_ups: Share | None
    follow_ups_open: int | None
    hours_to_log: Middle | None
    hours_to_undss: Middle | None
    shared: Share | None
    corroborated: Share | None


def required_contacts(
    liaison: pd.DataFrame | None,
    required: Iterable[RequiredContact],
    *,
    districts: Iterable[str],
    on: date,
) -> pd.DataFrame:
    """
    Set the contacts made against those the office requires: district by kind of organisation.

    Takes `district`, `organisation_kind`, `occurred_on` of liaison entries; those after `on` do not
    count. Returns one row for each of `districts` and each kind that is required anywhere, in the
    order given: `district`, `organisation_kind`, `every_days` (of two rules the shorter; <NA> where
    none holds), `last_contact` (NaT if never), `days` since (<NA> if never), `contacts` within
    `every_days` of `on` (where none is required, within the longest interval of that kind) and
    `state`: met (the last contact is at most `every_days` old), late, never (no entry at all),
    not_required, or unknown. Every required contact is unknown to a reader who has no liaison log:
    pass None for one who may not read it. Of one who may read some entries only, late and never mean "as
    far as these readers know". Raises ParameterError for an interval below one day.
    """
    wanted, rules = tuple(dict.fromkeys(districts)), tuple(required)
    if any(rule.every_days < 1 for rule in rules):
        raise ParameterError(
            "A required contact has an interval below one day. Give every_days as 1 or more."
        )
    kinds = tuple(dict.fromkeys(rule.organisation_kind for rule in rules))
    every = pd.DataFrame(
        [
            (place, rule.organisation_kind, rule.every_days)
            for rule in rules
            for place in (tuple(rule.districts) or wanted)
        ],
        columns=["district", "organisation_kind", "every_days"],
    ).astype({"district": "str", "organisation_kind": "str", "every_days": "Int64"})
    pairs = pd.MultiIndex.from_product(
        [pd.Index(wanted, dtype="str"), pd.Index(kinds, dtype="str")],
        names=["district", "organisation_kind"],
    )
    interval = every.groupby(["district", "organisation_kind"])["every_days"].min().reindex(pairs)
    longest = every.groupby("organisation_kind")["every_days"].max()
    window = interval.fillna(
        pd.Series(longest.reindex(pairs.get_level_values(1)).array, index=pairs, dtype="Int64")
    )

    readable = liaison is not None and {"district", "organisation_kind", "occurred_on"} <= set(liaison)
    rows = _until(liaison, on) if liaison is not None and readable else pd.DataFrame()
    keys = [read(rows, "district", "str"), read(rows, "organisation_kind", "str")]
    day = read(rows, "occurred_on", DAY)
    last = day.groupby(keys).max().reindex(pairs).astype(DAY)
    age = (stamp(on) - day).dt.days
    near = age.to_numpy() <= window.reindex(pd.MultiIndex.from_arrays(keys)).to_numpy(float, na_value=-1)
    contacts = pd.Series(near, index=rows.index, dtype="Int64").groupby(keys).sum().reindex(pairs)
    days = (stamp(on) - last).dt.days.astype("Int64")
    state = np.select(
        [
            interval.isna().to_numpy(),
            np.full(len(pairs), not readable),
            last.isna().to_numpy(),
            days.gt(interval).to_numpy(dtype=bool, na_value=False),
        ],
        ["not_required", "unknown", "never", "late"],
        default="met",
    )
    return pd.DataFrame(
        {
            "every_days": interval,
            "last_contact": last,
            "days": days,
            "contacts": contacts.fillna(0).astype("Int64") if readable else contacts.astype("Int64"),
            "state": pd.array(state, dtype="str"),
        },
        index=pairs,
    ).reset_index()


def coverage_of(matrix: pd.DataFrame) -> pd.DataFrame:
    """
    Return how much of the required contact each district has.

    Takes a frame of `required_contacts`. Returns `district`, `required`, `met` (Int64) and `share`
    (Float64), in the order given; `met` and `share` are <NA> where this reader may not know, `share`
    also where nothing is required.
    """
    state = matrix["state"]
    counted = pd.DataFrame(
        {
            "required": state.ne("not_required").astype("Int64"),
            "met": state.eq("met").astype("Int64").mask(state.eq("unknown")),
            "untold": state.eq("unknown").astype("Int64"),
        }
    )
    summed = counted.groupby(matrix["district"], sort=False).sum()
    met = summed["met"].mask(summed["untold"].gt(0))
    share = met.astype("Float64") / summed["required"].astype("Float64").mask(summed["required"].eq(0))
    return pd.DataFrame({"required": summed["required"], "met": met, "share": share}).reset_index()


def coverage_of_all(coverage: pd.DataFrame) -> CoverageOfAll:
    """Add up the rows of `coverage_of`; one district that nobody may know of makes the sum unknown."""
    untold = bool(coverage["met"].isna().any())
    return CoverageOfAll(None if untold else int(coverage["met"].sum()), int(coverage["required"].sum()))


def silent_kinds(matrix: pd.DataFrame) -> pd.DataFrame:
    """
    Return the required contacts that are late or were never made: the silence alarm for each kind.

    Takes a frame of `required_contacts`, whose columns pass through. Adds `days_late` (<NA> if never).
    Never comes first, then the longest late, then the order given.
    """
    rows = matrix[matrix["state"].isin(["late", "never"])]
    rows = rows.assign(days_late=rows["days"] - rows["every_days"])
    return rows.sort_values("days_late", ascending=False, na_position="first", kind="stable")


def corroboration(
    liaison: pd.DataFrame | None,
    incidents: pd.DataFrame,
    *,
    districts: Iterable[str],
    first_day: date,
    on: date,
) -> pd.DataFrame:
    """
    Count the incidents of each district that a liaison entry stands beside.

    Takes what `counts.of_weeks` does, with `district`, and `district`, `occurred_on` and, where the
    reader has it, `organisation_kind` of liaison entries. Counts the incidents that `of_weeks` puts
    into the weeks from `first_day` and that lie at or before `on`. One is corroborated if an entry of
    its district lies at most CORROBORATION_DAYS before its first or after its last day. That is a
    second voice from the place, not proof that it spoke of the same thing. Returns one row a district,
    in the order given: `district`, `incidents`, `corroborated` and `single_source` (of those, the
    ones whose entries are all of one kind of organisation), Int64, and `share`, `low`, `high` of
    `corroborated` (<NA> below 5 incidents). <NA> where this reader may not know.
    """
    wanted = pd.Index(dict.fromkeys(districts), name="district", dtype="str")
    weeks = max(1, -(-((on - first_day).days + 1) // 7))
    rows = of_weeks(incidents, first_day=first_day, weeks=weeks)
    day = read(rows, "occurred_on", DAY)
    rows = pd.DataFrame(
        {
            "district": read(rows, "district", "str"),
            "first": day,
            "last": read(rows, "occurred_to", DAY).fillna(day).where(lambda end: end >= day, day),
        }
    )[day.le(stamp(on))]
    rows = rows[rows["district"].isin(wanted)].reset_index(names="_row").assign(_row=lambda f: range(len(f)))
    counted = rows.groupby("district").size().reindex(wanted).fillna(0).astype("Int64")
    unknown = pd.Series(pd.NA, index=wanted, dtype="Int64")
    if len(incidents) and "district" not in incidents.columns:
        counted = unknown
    beside = alone = unknown
    if liaison is not None and {"district", "occurred_on"} <= set(liaison) and counted.notna().all():
        kinds = _kinds_beside(rows, _until(liaison, on))
        place = rows.set_index("_row")["district"].reindex(kinds.index)
        beside = kinds.groupby(place).size().reindex(wanted).fillna(0).astype("Int64")
        if "organisation_kind" in liaison.columns:
            alone = kinds.eq(1).groupby(place).sum().reindex(wanted).fillna(0).astype("Int64")
    numbers = {"incidents": counted, "corroborated": beside, "single_source": alone}
    return pd.DataFrame(numbers, index=wanted).join(shares(beside, counted)).reset_index()


def liaison_quality(
    liaison: pd.DataFrame | None,
    incidents: pd.DataFrame | None,
    *,
    districts: Iterable[str],
    first_day: date,
    on: date,
    zone: tzinfo = UTC,
) -> LiaisonQuality | None:
    """
    Measure how well contact was kept and recorded from `first_day` to `on`, both included.

    Takes `occurred_on` and, where the reader has them, `district`, `organisation`,
    `organisation_kind`, `info_grade`, `reported_at`, `shared_with_undss_at`, `follow_up_due`,
    `follow_up_done` of liaison entries; `incidents` as in `corroboration`. `zone` is the office's time
    zone, in which days end. None for a reader without the log. Hours are never negative: an entry of
    the same day was written after 0 hours. Follow-ups belong to the period by the day they were due,
    whenever the contact was; one that is due on `on` is not yet due.
    """
    if liaison is None or (len(liaison) and "occurred_on" not in liaison.columns):
        return None
    wanted = tuple(dict.fromkeys(districts))
    known = _until(liaison, on)
    rows = known[read(known, "occurred_on", DAY).ge(stamp(first_day))]
    has = set(liaison.columns)
    beside = None
    if incidents is not None:
        by_district = corroboration(liaison, incidents, districts=wanted, first_day=first_day, on=on)
        beside = by_district.sum(numeric_only=True, skipna=False)
    follow_ups, still_open = _follow_ups(known, first_day=first_day, on=on)
    placed = {"district", "organisation_kind"} <= has
    return LiaisonQuality(
        first_day=first_day,
        last_day=on,
        entries=len(rows),
        unplaced=int(rows["district"].isna().sum()) if "district" in has else None,
        organisations=_different(rows, "organisation"),
        kinds=_different(rows, "organisation_kind"),
        single_source=_single(rows, wanted) if placed else None,
        single_source_incidents=_share(beside, "single_source", "corroborated"),
        grades=_grades(rows["info_grade"]) if "info_grade" in has else None,
        follow_ups=follow_ups,
        follow_ups_open=still_open,
        hours_to_log=Middle.of(_hours_to_log(rows, zone)) if "reported_at" in has else None,
        hours_to_undss=Middle.of(_hours_to_undss(rows)) if {"reported_at", _SHARED} <= has else None,
        shared=Share(int(rows[_SHARED].notna().sum()), len(rows)) if _SHARED in has else None,
        corroborated=_share(beside, "corroborated", "incidents"),
    )


def _until(liaison: pd.DataFrame, on: date) -> pd.DataFrame:
    need(liaison, "occurred_on", what="liaison entry")
    return liaison[read(liaison, "occurred_on", DAY).le(stamp(on))]


def _kinds_beside(incidents: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """Return, by `_row`, how many kinds of organisation have an entry beside each incident that has any."""
    said = pd.DataFrame(
        {
            "district": read(entries, "district", "str"),
            "day": read(entries, "occurred_on", DAY),
            "kind": read(entries, "organisation_kind", "str").fillna(""),
        }
    )
    said = said[said["district"].notna()].drop_duplicates()
    reach = timedelta(days=CORROBORATION_DAYS)
    if len(incidents):
        said = said[said["day"].between(incidents["first"].min() - reach, incidents["last"].max() + reach)]
    pairs = incidents.merge(said, on="district")
    pairs = pairs[pairs["day"].between(pairs["first"] - reach, pairs["last"] + reach)]
    return pairs.groupby("_row")["kind"].nunique()


def _different(rows: pd.DataFrame, name: str) -> int | None:
    if name not in rows.columns:
        return None
    return int(read(rows, name, "str").str.strip().str.casefold().nunique())


def _single(rows: pd.DataFrame, districts: tuple[str, ...]) -> Share:
    kinds = read(rows, "organisation_kind", "str").groupby(read(rows, "district", "str")).nunique()
    kinds = kinds[kinds.index.isin(districts) & kinds.gt(0)]
    return Share(int(kinds.eq(1).sum()), len(kinds))


def _grades(grade: pd.Series) -> Grades:
    grades = grade.astype("str").str.strip().str.upper()
    given = grades.str.fullmatch("[A-F][1-6]").fillna(value=False).astype(bool)
    letter, digit = grades.str[:1], grades.str[1:2]
    poor = given & (letter.isin(["D", "E"]) | digit.isin(["4", "5"]))
    unclear = given & ~poor & (letter.eq("F") | digit.eq("6"))
    good = given & ~poor & ~unclear
    return Grades(int(good.sum()), int(poor.sum()), int(unclear.sum()), int((~given).sum()))


def _follow_ups(known: pd.DataFrame, *, first_day: date, on: date) -> tuple[Share | None, int | None]:
    if not {"follow_up_due", "follow_up_done"} <= set(known.columns):
        return None, None
    due, done = read(known, "follow_up_due", DAY), read(known, "follow_up_done", DAY)
    falls = due.ge(stamp(first_day)) & due.lt(stamp(on))
    in_time = falls & done.le(due)
    still = falls & ~done.le(stamp(on))
    return Share(int(in_time.sum()), int(falls.sum())), int(still.sum())


def _hours_to_log(rows: pd.DataFrame, zone: tzinfo) -> pd.Series:
    ends = read(rows, "occurred_on", DAY) + timedelta(days=1)
    ended = ends.dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return ((read(rows, "reported_at", _INSTANT) - ended).dt.total_seconds() / 3600).clip(lower=0)


def _hours_to_undss(rows: pd.DataFrame) -> pd.Series:
    waited = read(rows, _SHARED, _INSTANT) - read(rows, "reported_at", _INSTANT)
    return (waited.dt.total_seconds() / 3600).clip(lower=0)


def _share(sums: pd.Series | None, part: str, whole: str) -> Share | None:
    if sums is None or pd.isna(sums[part]) or pd.isna(sums[whole]):
        return None
    return Share(int(sums[part]), int(sums[whole]))
