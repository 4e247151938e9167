"""The outlook: how many incidents the next weeks may bring, and how the last outlook did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import stamp
from workbench.analysis.dispersion import weeks_of
from workbench.analysis.outlook import models
from workbench.analysis.outlook.predictive import batches, quantile
from workbench.analysis.outlook.scores import crps
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HORIZONS = (1, 4)
"""How many weeks ahead the briefing looks."""

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}

_COLUMNS = ("mean", "p_none", *QUANTILES, "crps")


@dataclass(frozen=True)
class LastOutlook:
    """How the last outlook did: a row for each series and horizon, and one for each horizon."""

    rows: pd.DataFrame
    summary: pd.DataFrame


def outlook(counts: pd.DataFrame, *, horizons: Sequence[int] = HORIZONS, settled: int = 0) -> pd.DataFrame:
    """
    Say of each series how many incidents the next weeks may bring, by each model.

    `counts` as `series.series` returns it: one row a series, one column a week, <NA> unknown. Returns a
    row for each series, horizon and model (`models.MODELS`), in that order: the index as columns,
    `horizon` (weeks), `model`, `mean` and `p_none` (chance of none) of the sum over the next `horizon`
    weeks, `q05`, `q25`, `q50`, `q75`, `q95` (Int64) and `reason`: why there is no result, otherwise
    missing: history_too_short, or last_week_unknown (last_value and blend need the last weeks). What each
    model is stands in `models.laws`. `settled` weeks at the end are still being reported: they are left
    out of the fit, and the outlook still begins after the last column. Raises ParameterError for
    negative or fractional counts, weeks with gaps and horizons outside 1 to 12.
    """
    weeks = matrix(counts)
    ahead = [_horizon(h) for h in horizons]
    window = windows(weeks, np.array([weeks.shape[1] - _settled(settled)]))[:, 0]
    shape = (len(weeks), len(ahead), len(models.MODELS))
    numbers = {name: np.full(shape, np.nan) for name in _COLUMNS}
    reasons = np.full(shape, "", dtype=object)
    for at, horizon in enumerate(ahead):
        found = _described(window, horizon=horizon, lead=settled)
        for place, model in enumerate(models.MODELS):
            for name in _COLUMNS:
                numbers[name][:, at, place] = found[model][name]
            reasons[:, at, place] = found[model]["reason"]
    repeated = counts.index.repeat(len(ahead) * len(models.MODELS)).to_frame(index=False)
    framed = pd.DataFrame(
        {
            "horizon": np.tile(np.repeat(np.array(ahead, dtype="int64"), len(models.MODELS)), len(weeks)),
            "model": pd.Series(list(models.MODELS) * (len(weeks) * len(ahead)), dtype="str"),
            **{name: _column(numbers[name].ravel(), name) for name in _COLUMNS if name != "crps"},
            "reason": _codes(reasons.ravel()),
        }
    )
    return pd.concat([repeated, framed], axis=1)


def last_outlook(
    counts_then: pd.DataFrame,
    counts_now: pd.DataFrame,
    *,
    week: date,
    model: str | Mapping[int, str] = "blend",
    horizons: Sequence[int] = HORIZONS,
    settled: int = 0,
) -> LastOutlook:
    """
    Say how the outlook that ended with `week` did: made from what was known then, held against now.

    `counts_then` are the counts as known at the last issue (of `view.counted_before`), `counts_now` as
    known today; of the former only weeks before the ones foretold are used. So for a horizon of 1 it is
    last week's outlook, for 4 that of four weeks ago, made from the counts as they stood at the last
    issue. `model` is one for all horizons, or one for each. `rows`: the index of `counts_now` as columns
    in its order, `horizon`, `model`, `mean`, `low` and `high` (90 %), `actual`, `inside`, `crps`,
    `reason` (as in `outlook`, or actual_unknown). `summary`, one row a horizon: `horizon`, `model`, `n`
    (series with forecast and count), `inside` (how many of them), `crps` (mean; <NA> if n is 0). Raises
    ParameterError for an unknown model and as `outlook` does.
    """
    now, then = matrix(counts_now), counts_then.reindex(index=counts_now.index)
    rows, summaries = [], []
    for horizon in [_horizon(h) for h in horizons]:
        name = model if isinstance(model, str) else model.get(horizon, "")
        if name not in models.MODELS:
            raise ParameterError(
                f'There is no outlook model "{name}". Use one of: {", ".join(models.MODELS)}.'
            )
        first = stamp(week) - timedelta(weeks=horizon - 1)
        wanted = pd.date_range(first, periods=horizon, freq="7D")
        target = np.flatnonzero(counts_now.columns.isin(wanted))
        actual = now[:, target].sum(axis=1) if len(target) == horizon else np.full(len(now), np.nan)
        # weeks nobody has counted yet are unknown, so that the window ends right before the target
        before = pd.date_range(
            end=first - timedelta(weeks=1 + _settled(settled)), periods=models.WINDOW, freq="7D"
        )
        known = then.reindex(columns=pd.Index(before.as_unit("s"), name="week"))
        found = _described(matrix(known), horizon=horizon, lead=settled, actual=actual)[name]
        unknown = (found["reason"] == "") & np.isnan(actual)
        low, high = found["q05"], found["q95"]
        scored = ~np.isnan(found["crps"])
        inside = scored & (low <= actual) & (actual <= high)
        framed = pd.DataFrame(
            {
                "horizon": np.full(len(now), horizon, dtype="int64"),
                "model": pd.Series([name] * len(now), dtype="str"),
                "mean": _column(found["mean"], "mean"),
                "low": _column(low, "q05"),
                "high": _column(high, "q95"),
                "actual": _column(actual, "q50"),
                "inside": pd.Series(inside, dtype="boolean").where(pd.Series(scored), pd.NA),
                "crps": _column(found["crps"], "crps"),
                "reason": _codes(np.where(unknown, "actual_unknown", found["reason"])),
            }
        )
        rows.append(pd.concat([counts_now.index.to_frame(index=False), framed], axis=1))
        n = int(scored.sum())
        mean = float(found["crps"][scored].mean()) if n else np.nan
        summaries.append((horizon, name, n, int(inside.sum()), mean))
    summary = pd.DataFrame(summaries, columns=["horizon", "model", "n", "inside", "crps"])
    order = [frame.assign(_at=np.arange(len(frame))) for frame in rows]
    together = pd.concat(order, ignore_index=True).sort_values("_at", kind="stable", ignore_index=True)
    kinds = {"horizon": "int64", "model": "str", "n": "Int64", "inside": "Int64", "crps": "Float64"}
    return LastOutlook(together.drop(columns="_at"), summary.astype(kinds))


def matrix(counts: pd.DataFrame) -> Floats:
    """Return counts as floats, unknown as NaN; ParameterError unless they are whole and weeks follow."""
    weeks = weeks_of(counts)
    if (np.floor(weeks) != weeks)[~np.isnan(weeks)].any():
        raise ParameterError("An outlook counts whole incidents. Pass whole counts, unknown as <NA>.")
    if isinstance(counts.columns, pd.DatetimeIndex) and len(counts.columns) > 1:
        gaps = np.diff(counts.columns.to_numpy())
        if (gaps != np.timedelta64(7, "D")).any():
            raise ParameterError(
                "The weeks have gaps or are out of order. Pass every week once, oldest first."
            )
    return weeks


def windows(weeks: Floats, ends: NDArray[np.int64]) -> Floats:
    """Return the 26 weeks before each column number of `ends`, rows x ends x 26, NaN before the first."""
    padded = np.pad(weeks, ((0, 0), (models.WINDOW, 0)), constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, models.WINDOW, axis=1)
    chosen: Floats = views[:, np.maximum(ends, 0)]
    return chosen


def _described(
    window: Floats, *, horizon: int, lead: int, actual: Floats | None = None
) -> dict[str, dict[str, Any]]:
    """Return each model's numbers for each row, NaN with a reason where it has none."""
    fitted = models.laws(window, horizon=horizon, lead=lead)
    known, means = models.known(fitted), models.means(fitted)
    found: dict[str, dict[str, Any]] = {}
    late = np.isnan(window[:, -horizon:]).any(axis=1) & ~np.isnan(window).all(axis=1)
    for model in models.MODELS:
        why = "last_week_unknown" if model in {"last_value", "blend"} else "history_too_short"
        missing = np.where(late, why, "history_too_short")
        found[model] = {name: np.full(len(window), np.nan) for name in _COLUMNS}
        found[model]["mean"] = np.where(known[model], means[model], np.nan)
        found[model]["reason"] = np.where(known[model], "", missing).astype(object)
    for rows, grid in batches(np.max([law.reach for law in fitted.values()], axis=0)):
        for model, masses in models.masses(fitted, rows, grid).items():
            there = known[model][rows]
            of_rows, masses_there = rows[there], masses[there]
            found[model]["p_none"][of_rows] = np.minimum(1.0, masses_there[:, 0])
            for name, q in QUANTILES.items():
                found[model][name][of_rows] = quantile(masses_there, q, grid)
            if actual is not None:
                told = ~np.isnan(actual[of_rows])
                scores = crps(masses_there[told], actual[of_rows[told]], step=grid.step)
                found[model]["crps"][of_rows[told]] = scores
    return found


def _horizon(weeks: int) -> int:
    if not 1 <= weeks <= models.LONGEST_HORIZON:
        raise ParameterError(f"An outlook reaches 1 to {models.LONGEST_HORIZON} weeks ahead, not {weeks}.")
    return int(weeks)


def _settled(weeks: int) -> int:
    if weeks < 0:
        raise ParameterError(f"The weeks left out of the fit are 0 or more, not {weeks}.")
    return int(weeks)


def _column(values: Floats, name: str) -> Any:
    return pd.Series(values, dtype="Int64" if name in QUANTILES else "Float64").array


def _codes(values: NDArray[Any]) -> pd.Series:
    codes = pd.Series(values, dtype="str")
    return codes.where(codes != "")
