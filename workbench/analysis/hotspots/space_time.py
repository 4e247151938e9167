"""Kulldorff's space-time scan: the circle of places and the run of weeks with the most beyond the usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.analysis.hotspots._distance import counted, distances, located
from workbench.analysis.hotspots._windows import (
    Ratios,
    Windows,
    apart,
    chance,
    circles,
    draws,
    likelihood_ratio,
)
from workbench.analysis.hotspots.places import rate, split
from workbench.analysis.hotspots.scan import (
    FEWEST_CASES,
    LARGEST_SHARE,
    REPLICAS,
    check,
    clusters,
    described,
    measured,
)
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXACT = 2**24
"""Whole numbers up to here are exact in 32 bits, which doubles the speed of the draws."""


@dataclass(frozen=True)
class Cylinders:
    """
    Which circles and runs of weeks are looked at.

    The last `weeks` weeks are searched, runs of at most `longest` of them; the `baseline` weeks before say
    what is usual. `prospective`: only runs that end with the last week, which asks what is going on now;
    otherwise all runs, which asks what there was. `share`, `replicas`, `most`: as in `scan`.
    """

    weeks: int = 8
    longest: int = 4
    baseline: int = 52
    prospective: bool = True
    share: float = LARGEST_SHARE
    replicas: int = REPLICAS
    most: int = 5

    def runs(self) -> NDArray[np.int64]:
        """Return the runs of weeks, one row each: first week, and the one after the last."""
        starts = range(self.weeks)
        stops = (self.weeks,) if self.prospective else range(1, self.weeks + 1)
        return np.array([(a, b) for b in stops for a in starts if 0 < b - a <= self.longest], dtype=np.int64)


PROSPECTIVE = Cylinders()
RETROSPECTIVE = Cylinders(weeks=26, longest=8, prospective=False, replicas=199)
"""Half a year, with fewer replicas, as there are 45 times as many runs; its smallest p is 0.005."""


def scan_space_time(
    counts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    rng: np.random.Generator,
    expected: pd.DataFrame | None = None,
    design: Cylinders = PROSPECTIVE,
) -> pd.DataFrame:
    """
    Find the circles of places and runs of weeks that hold more than chance would put there.

    `counts` has one row a place and one column a week, oldest first (as from `series.series` or
    `event_places`), `places` one row a place with its coordinates (as in `scan`). `expected`, named like
    `counts` and holding the weeks of the study, says what was to be expected; without it, each place
    expects its own weekly rate of the baseline, (sum + 1/2) / weeks, in every week. Expected numbers are
    scaled to the number of cases in the study, so a rise everywhere is no cluster. An unknown week of a
    place expects nothing. Places without coordinates, or with fewer than 8 known weeks of baseline, are
    left out.

    Returns what `scan` does, with `first_week` and `last_week` (the weeks' first days) after `members`;
    clusters after the first share no place with those before. `attrs["state"]` of the frame says why it is
    empty (no_weeks, history_too_short, no_cases, no_cluster) or is found, and `attrs["left_out"]` how many
    places were. The p-value holds for all cylinders of this analysis; it is not adjusted for having looked
    last week too. Without `expected` it allows for rates learnt from few incidents, which SaTScan does not:
    then each replica draws them anew (see `_windows.draws`). Source: Kulldorff 2001, J. R. Statist. Soc. A
    164:61 (prospective) and Kulldorff et al. 1998, Am. J. Public Health 88:1377 (retrospective). Raises
    ParameterError as `scan`.
    """
    if design.weeks < 1 or not 1 <= design.longest <= design.weeks:
        raise ParameterError(
            f"Runs of {design.longest} weeks cannot be searched in {design.weeks}. Ask for 1 to as many."
        )
    at, degrees = located(places)
    if counts.shape[1] < design.weeks:
        return _none("no_weeks", len(places))
    names, now, before = split(counts, places, weeks=design.weeks, baseline=design.baseline)
    usual = _usual(expected, names, counts.columns[-design.weeks :], before)
    known = ~np.isnan(at).any(axis=1) & ~np.isnan(usual).all(axis=1)
    left_out = int((~known).sum())
    if not known.any():
        return _none("history_too_short", left_out)
    now, usual, at, names = now[known], usual[known], at[known], names[known]
    told = ~(np.isnan(now) | np.isnan(usual))
    # sums of one memory layout: the last bit of a share decides what the same chance draws
    now, usual = (np.ascontiguousarray(np.where(told, values, 0.0)) for values in (now, usual))
    total = check(now, usual, design.replicas)
    if total == 0 or usual.sum() == 0:
        return _none("no_cases", left_out)
    usual = usual * (total / usual.sum())
    distance = distances(at, degrees=degrees)
    windows, runs = circles(distance, usual.sum(axis=1), design.share), design.runs()
    inside, held = _sums(windows, runs, now), _sums(windows, runs, usual)
    inside = np.rint(inside)
    ratio = likelihood_ratio(inside, held, total, least=FEWEST_CASES)
    window_of = np.tile(np.arange(len(windows)), len(runs))
    best = apart(windows, ratio.ravel(), window_of, design.most)
    if not best:
        return _none("no_cluster", left_out)
    learnt = None if expected is not None else np.nansum(before[known], axis=1)
    drawn = draws(rng, total, usual, learnt, design.replicas)
    p = chance(ratio.ravel()[best], _highest(windows, runs, drawn, held))
    weeks = counts.columns[-design.weeks :]
    rows = []
    for n, position in enumerate(best):
        run, window = divmod(position, len(windows))
        first, after = runs[run]
        rows.append(
            described(windows, window, distance, names)
            | measured(inside[run, window], held[run, window], total)
            | {"first_week": weeks[first], "last_week": weeks[after - 1]}
            | {"llr": ratio[run, window], "p": p[n], "rank": n + 1}
        )
    return clusters(rows, state="found", left_out=left_out, weeks=True)


def _usual(
    expected: pd.DataFrame | None, names: NDArray[np.object_], weeks: pd.Index, before: NDArray[np.float64]
) -> NDArray[np.float64]:
    if expected is None:
        return np.repeat(rate(before)[:, None], len(weeks), axis=1)
    return counted(expected.reindex(index=names, columns=weeks), what="expected numbers")


def _sums(windows: Windows, runs: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum in each run (row) and window (column)."""
    until = np.concatenate([np.zeros((len(values), 1)), values.cumsum(axis=1)], axis=1)
    of_runs = until[:, runs[:, 1]] - until[:, runs[:, 0]]
    parts = [(inside @ of_runs).T for _, inside in windows.blocks(len(runs))]
    return np.concatenate(parts, axis=1) if parts else np.empty((len(runs), 0))


def _highest(
    windows: Windows, runs: NDArray[np.int64], drawn: NDArray[np.int64], held: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the highest ratio of each replica; `drawn` is replicas x places x weeks."""
    total = int(drawn[0].sum())
    kind = np.float32 if total < _EXACT else np.float64
    until = np.zeros((drawn.shape[2] + 1, drawn.shape[1], drawn.shape[0]), dtype=kind)
    np.cumsum(drawn.transpose(2, 1, 0), axis=0, out=until[1:])
    ratios, highest = Ratios(total, least=FEWEST_CASES), np.zeros(len(drawn))
    for part, inside in windows.blocks(len(drawn)):
        members = inside.astype(kind)
        for (first, after), usual in zip(runs, held[:, part], strict=True):
            ratios.lift(highest, members @ (until[after] - until[first]), usual)
    return highest


def _none(state: str, left_out: int) -> pd.DataFrame:
    return clusters([], state=state, left_out=left_out, weeks=True)
