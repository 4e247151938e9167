"""The chain ladder: how counts grew from one age to the next, carried forward, with standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import ParameterError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChainLadder:
    """
    What a triangle grows to.

    `factors`: `delay`, `pairs` (origins known at this delay and the next), `factor`, `sigma` (square
    root of Mack's variance), `factor_se`; one row for each delay but the last. `origins`: `origin` (the
    row's label), `delay` (last known), `known`, `ultimate`, `to_come`, `process_se`, `parameter_se`,
    `se` and `code` (estimated, complete, not_known, no_factor). `total`: the same measures over all
    origins with an ultimate; its `se` counts that they share their factors. Float64, <NA> where a
    number does not exist.
    """

    factors: pd.DataFrame
    origins: pd.DataFrame
    total: pd.Series


def chain_ladder(
    triangle: pd.DataFrame, *, last_sigma: Literal["mack", "log_linear"] = "mack"
) -> ChainLadder:
    """
    Carry cumulative counts forward to the last column, with Mack's standard errors.

    One row an origin (any index), one column an age, cumulative, <NA> where not known; rows may also
    begin late or have holes. A factor is the sum of an age over the sum of the age before, over the
    rows known at both; `code` is no_factor where one is needed that no row gives, or whose sums are 0.
    Standard errors are <NA> where a variance cannot be estimated. The last variance, which one pair
    of values cannot give, is the smaller of the last two or the next of their falling series (Mack), or
    is read off a line through the logarithms of the others, where there are two. Raises ParameterError
    for negative counts or fewer than two ages.

    Mack 1993 (ASTIN Bulletin 23(2):213-225): factors and variances section 2, standard errors theorem 3
    and its corollary for the total, with the sums over the rows each factor rests on. Holds where the
    expected growth is in proportion to the count; for small counts use `nowcast`.
    """
    known = triangle.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if known.shape[1] < 2 or (known < 0).any():
        raise ParameterError(
            "A chain ladder needs counts of 0 or more at two ages at least. "
            "Pass cumulative counts, one column an age."
        )
    both = ~np.isnan(known[:, :-1]) & ~np.isnan(known[:, 1:])
    now, then = np.where(both, known[:, :-1], 0.0), np.where(both, known[:, 1:], 0.0)
    pairs, base, grown = both.sum(axis=0), now.sum(axis=0), then.sum(axis=0)
    factor = np.divide(grown, base, out=np.full(len(base), np.nan), where=base > 0)
    variance = _variances(now, then, factor, last_sigma=last_sigma)
    # of a factor of 0 the share of its error is not defined; then nothing is left that could vary
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(factor > 0, variance / factor**2, np.nan)
        share = np.where(base > 0, relative / base, np.nan)

    last, path = _forward(known, factor)
    rows = np.arange(len(known))
    present, ultimate = known[rows, np.maximum(last, 0)], path[:, -1]
    to_grow = (np.arange(len(factor))[None, :] >= last[:, None]) & (last >= 0)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(to_grow, relative / path[:, :-1], 0.0).sum(axis=1)
    process = _finite_only(ultimate**2 * each)
    parameter = _finite_only(ultimate**2 * np.where(to_grow, share, 0.0).sum(axis=1))
    # origins of nothing grow to nothing, whatever the factors' error
    process, parameter = (np.where(ultimate == 0, 0.0, part) for part in (process, parameter))
    code = np.select(
        [last < 0, last == known.shape[1] - 1, np.isnan(ultimate)],
        ["not_known", "complete", "no_factor"],
        default="estimated",
    )
    labels: Any = triangle.index.to_flat_index() if triangle.index.nlevels > 1 else triangle.index
    origins = pd.DataFrame(
        {
            "origin": labels,
            "delay": pd.array(np.where(last < 0, np.nan, last), dtype="Float64").astype("Int64"),
            "known": _float64(np.where(last < 0, np.nan, present)),
            "ultimate": _float64(ultimate),
            "to_come": _float64(ultimate - present),
            "process_se": _float64(np.sqrt(process)),
            "parameter_se": _float64(np.sqrt(parameter)),
            "se": _float64(np.sqrt(process + parameter)),
            "code": pd.array(code, dtype="str"),
        }
    )
    factors = pd.DataFrame(
        {
            "delay": pd.array(np.arange(len(factor)), dtype="Int64"),
            "pairs": pd.array(pairs, dtype="Int64"),
            "factor": _float64(factor),
            "sigma": _float64(np.sqrt(variance)),
            "factor_se": _float64(np.sqrt(np.where(base > 0, variance, np.nan) / np.maximum(base, 1e-300))),
        }
    )
    return ChainLadder(factors, origins, _total(present, ultimate, process, share, to_grow))


def _variances(now: Floats, then: Floats, factor: Floats, *, last_sigma: str) -> Floats:
    """Return Mack's variance of each factor; rows that grow from 0 tell nothing of it."""
    used = now > 0
    grown = np.divide(then, now, out=np.zeros_like(now), where=used)
    squares = np.where(used, now * (grown - factor) ** 2, 0.0).sum(axis=0)
    free = used.sum(axis=0) - 1
    variance: Floats = np.divide(
        squares, free, out=np.full(len(factor), np.nan), where=(free > 0) & ~np.isnan(factor)
    )
    if len(variance) < 2 or not np.isnan(variance[-1]) or np.isnan(factor[-1]):
        return variance
    if last_sigma == "log_linear":
        seen = np.flatnonzero(np.nan_to_num(variance) > 0)
        if len(seen) > 1:
            slope, level = np.polyfit(seen, np.log(variance[seen]), 1)
            variance[-1] = np.exp(level + slope * (len(variance) - 1))
            return variance
    before = variance[-3:-1]
    if len(before) == 2 and before[0] > 0:
        variance[-1] = min(before[1] ** 2 / before[0], before[0], before[1])
    elif not np.isnan(before).all():
        variance[-1] = np.nanmin(before)
    return variance


def _forward(known: Floats, factor: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the last known age of each row (-1: none) and the row carried forward from there."""
    ages = np.arange(known.shape[1])
    last = np.where(np.isnan(known), -1, ages).max(axis=1, initial=-1)
    path = np.where(ages[None, :] <= last[:, None], known, np.nan)
    for age in ages[1:]:
        path[:, age] = np.where(last < age, path[:, age - 1] * factor[age - 1], path[:, age])
    return last, path


def _total(present: Floats, ultimate: Floats, process: Floats, share: Floats, to_grow: Any) -> pd.Series:
    """Add up the origins; the error of a factor hits all origins that still need it together."""
    told = ~np.isnan(ultimate)
    reach = np.where(to_grow & told[:, None] & (ultimate > 0)[:, None], ultimate[:, None], 0.0).sum(axis=0)
    parameter = float(np.where(reach > 0, reach**2 * share, 0.0).sum())
    own = float(process[told].sum())
    sums = {
        "known": present[told].sum(),
        "ultimate": ultimate[told].sum(),
        "to_come": (ultimate - present)[told].sum(),
        "process_se": np.sqrt(own),
        "parameter_se": np.sqrt(parameter),
        "se": np.sqrt(own + parameter),
    }
    values = np.array([*sums.values()]) if told.any() else np.full(len(sums), np.nan)
    return pd.Series(_float64(values), index=pd.Index([*sums], dtype="str"), name="total")


def _finite_only(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _float64(values: Floats) -> Any:
    return pd.Series(_finite_only(np.asarray(values, dtype=float)), dtype="Float64").array
