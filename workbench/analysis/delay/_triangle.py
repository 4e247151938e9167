"""The reporting triangle: what was known of each week, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis._columns import DAY, need, read, stamp
from workbench.analysis.counts import MEASURES, harm, of_weeks, unrecorded
from workbench.errors import ParameterError

IN_TIME = timedelta(hours=12)
"""A snapshot this much late can stand for a past moment, if nearer than the last: pulls run minutes apart."""

_WEEK = timedelta(days=7)
_INSTANT: Any = "datetime64[us]"
_SERIES = ("district", "event_type")


def triangle(  # noqa: PLR0913 - a table, its clock and the grid to count it on
    revisions: pd.DataFrame,
    snapshots: Iterable[datetime],
    *,
    districts: Iterable[str],
    week: date,
    weeks: int,
    delays: int,
    as_of: datetime,
    zone: tzinfo,
    measure: str = "incidents",
    by: Sequence[str] = (),
    types: Iterable[str] = (),
) -> pd.DataFrame:
    """
    Count each week as it was known at one moment after the other.

    `revisions`: every revision of the incidents, with the columns `counts.weekly` takes, `recorded_at`
    (instant it became known) and `known_until` (instant it was replaced or withdrawn, NaT if it
    stands). `snapshots`: instants of the deliveries. `week` is the first day of the newest of `weeks`
    event weeks, `delays` the largest delay in weeks, `as_of` the instant up to which all is known,
    `zone` the office's. One row an event week, oldest first (with `by`, "district" and "event_type"
    or one of them, one for each of `districts`, `types` and weeks); columns 0 to `delays`; Int64.

    A week ends at midnight after its seventh day, in `zone`. `as_of` lies some whole weeks and a rest
    after the end of `week`, on the clock of the wall. Column d is what was known d weeks and that same
    rest after the end of the row's week: so each week's last known cell is what is known at `as_of`,
    and weeks are compared at equal age. With `as_of` at the end of a week the rest is nothing.
    A revision is known then if it was recorded by that moment and not yet replaced; it counts in the
    week and district it stated, by the rules of `counts`: discarded ones, and those known only to a
    month, do not. What was known at a past moment is what the last snapshot by then brought, or one
    taken up to IN_TIME later if that is nearer.

    <NA>: moments after `as_of`, and moments with no new snapshot since the one a week before. So a
    store that began late knows nothing of before, and its first delivery of a whole history is no
    report of anything. <NA> everywhere if this reader may not know the measure, or, with `by`, the
    column. Raises ParameterError if `as_of` has no zone, or weeks or delays are too few.
    """
    keys = _checked(by, types, weeks=weeks, delays=delays, as_of=as_of, measure=measure)
    need(revisions, "recorded_at", "known_until", what="revision")
    wanted, kinds = tuple(dict.fromkeys(districts)), tuple(dict.fromkeys(types))
    first = week - (weeks - 1) * _WEEK
    moments, told = _moments(snapshots, week=week, weeks=weeks, delays=delays, as_of=as_of, zone=zone)

    rows = of_weeks(revisions, first_day=first, weeks=weeks)
    levels = {"district": wanted, "event_type": kinds}
    inside = pd.Series(data=True, index=rows.index)
    codes = np.zeros(len(rows), dtype=np.int64)
    for name in _SERIES:
        if name in keys or (name == "district" and name in revisions.columns):
            place = pd.Index(levels[name]).get_indexer(pd.Index(read(rows, name, "str")))
            inside &= place >= 0
            codes = codes * len(levels[name]) + place if name in keys else codes
    rows, codes = rows[inside], codes[inside.to_numpy(dtype=bool)]
    number = int(np.prod([len(levels[name]) for name in keys], dtype=np.int64))

    event = ((rows["week"] - stamp(first)).dt.days // 7).to_numpy(dtype=np.int64)
    begun = np.searchsorted(moments, _instants(rows, "recorded_at"), side="left") - event
    ended = _instants(rows, "known_until")
    over = np.where(np.isnat(ended), len(moments), np.searchsorted(moments, ended, side="left")) - event
    amount = harm(rows)[measure].fillna(0).to_numpy(dtype=float)

    # a revision adds its amount from the first moment it is known and takes it away when it ends
    cells, width = np.zeros(number * weeks * (delays + 2)), delays + 2
    start = (codes * weeks + event) * width
    live = over > np.maximum(begun, 0)
    for at, sign in ((begun, 1.0), (over, -1.0)):
        where = (start + np.clip(at, 0, delays + 1))[live]
        cells += sign * np.bincount(where, weights=amount[live], minlength=cells.size)
    counted = cells.reshape(number, weeks, width)[:, :, :-1].cumsum(axis=2)

    age = np.arange(weeks)[:, None] + np.arange(delays + 1)[None, :]
    hidden = ~told[age] | _untold(revisions, measure, keys)
    masked = np.broadcast_to(hidden, counted.shape).reshape(-1, delays + 1)
    values = np.rint(counted).astype(np.int64).reshape(-1, delays + 1)
    starts = pd.date_range(stamp(first), periods=weeks, freq="7D").astype(DAY)
    index = (
        pd.MultiIndex.from_product(
            [*(pd.Index(levels[name], dtype="str") for name in keys), starts], names=[*keys, "week"]
        )
        if keys
        else pd.Index(starts, name="week")
    )
    columns = {
        delay: pd.arrays.IntegerArray(values[:, delay].copy(), masked[:, delay].copy())
        for delay in range(delays + 1)
    }
    return pd.DataFrame(columns, index=index).rename_axis(columns="delay")


def _checked(
    by: Sequence[str], types: Iterable[str], *, weeks: int, delays: int, as_of: datetime, measure: str
) -> tuple[str, ...]:
    if weeks < 1 or delays < 1:
        raise ParameterError(
            f"A triangle of {weeks} weeks and {delays} delays tells nothing. Ask for 1 or more of both."
        )
    if as_of.tzinfo is None:
        raise ParameterError(f"The instant {as_of} has no zone. Pass it with one, such as UTC.")
    if measure not in MEASURES:
        raise ParameterError(f'There is no measure "{measure}". Use one of: {", ".join(MEASURES)}.')
    if not {*by} <= {*_SERIES} or ("event_type" in by and not tuple(types)):
        raise ParameterError(
            f"Triangles can be made by {' and '.join(_SERIES)}, not by {', '.join(by)}. "
            "Name the types to count by event_type."
        )
    return tuple(name for name in _SERIES if name in by)


def _moments(
    snapshots: Iterable[datetime], *, week: date, weeks: int, delays: int, as_of: datetime, zone: tzinfo
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return the moments of the diagonals, oldest first, and at which of them anything could be told."""
    end = datetime(week.year, week.month, week.day) + _WEEK  # noqa: DTZ001 - a reading of the office's clock
    age, rest = divmod(as_of.astimezone(zone).replace(tzinfo=None) - end, _WEEK)
    clock = [end + rest + (k - weeks + 1) * _WEEK for k in range(weeks + delays)]
    moments = pd.DatetimeIndex([pd.Timestamp(at.replace(tzinfo=zone)) for at in clock]).tz_convert("UTC")
    at = moments.tz_localize(None).to_numpy().astype(_INSTANT)
    now = np.datetime64(pd.Timestamp(as_of).tz_convert("UTC").tz_localize(None), "us")
    newest = weeks - 1 + age
    taken = np.sort(_instants(pd.DataFrame({"at": list(snapshots)}), "at"))
    never = np.array(["NaT"], dtype=_INSTANT)
    after = np.searchsorted(taken, at, side="right")
    since = at - np.append(never, taken)[after]
    until = np.append(taken, never)[after] - at
    # NaT is never smaller: without a snapshot before, the one shortly after is the nearer
    nearer = (until <= np.timedelta64(IN_TIME)) & ~(since <= until)
    at = np.where(nearer, at + until, at)
    newest = weeks - 1 + age
    if 0 <= newest < len(at):
        at[newest] = now
    by_then = np.searchsorted(taken, at, side="right")
    before = np.searchsorted(taken, at[:1] - np.timedelta64(_WEEK), side="right")
    told: NDArray[np.bool_] = (np.diff(by_then, prepend=before) > 0) & (np.arange(len(at)) <= newest)
    return at, told


def _untold(revisions: pd.DataFrame, measure: str, keys: tuple[str, ...]) -> bool:
    """Return whether no cell can be known, for want of a column or of anybody who fills it."""
    if revisions.empty:
        return False
    made_from = {"killed_low": "killed_best", "killed_high": "killed_best"}.get(measure, measure)
    if made_from == "killed_best":
        hidden = made_from not in revisions.columns
    else:
        hidden = made_from in {"civilians_killed", "aid_affected"} and unrecorded(revisions, made_from)
    return hidden or ("district" in keys and "district" not in revisions.columns)


def _instants(rows: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    """Return instants as UTC without a zone, NaT where there is none."""
    moments = pd.DatetimeIndex(pd.to_datetime(rows[column], utc=True) if len(rows) else [], tz="UTC")
    found: NDArray[np.datetime64] = moments.tz_localize(None).to_numpy().astype(_INSTANT)
    return found
