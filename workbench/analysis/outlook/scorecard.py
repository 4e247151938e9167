"""The scorecard: how each model of the outlook would have done in the weeks behind us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.analysis.outlook import models, scores
from workbench.analysis.outlook.forecast import HORIZONS, matrix, outlook, windows
from workbench.analysis.outlook.predictive import batches, quantile
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ORIGINS = 26
"""From how many weeks back forecasts are made and scored."""

ROWS = 50_000
"""How many forecasts are made at once."""

LEAST_COVERAGE = 0.85
"""A range called 90 % must have held at least this share of past weeks (our own rule)."""

SCORES = ("crps", "log_score", "coverage_50", "coverage_90", "brier")


@dataclass(frozen=True)
class Best:
    """
    The model a page shows, and why.

    `beats` says whether it beats every baseline; if none does, `model` is the best `baseline`. `gain` is
    1 - its CRPS / that of the best baseline, `skill` the same against last_value; None where not scored.
    `reason` is none_beats_baselines, not_scored (then `model` is eight_weeks) or None.
    """

    model: str
    baseline: str
    beats: bool
    n: int
    crps: float | None
    skill: float | None
    gain: float | None
    reason: str | None


@dataclass(frozen=True)
class Foretold:
    """The outlook by the model chosen for each horizon: `rows` as of `outlook`, and why, by horizon."""

    rows: pd.DataFrame
    best: Mapping[int, Best]
    cards: Mapping[int, pd.DataFrame]

    @property
    def models(self) -> dict[int, str]:
        """The model of each horizon."""
        return {horizon: one.model for horizon, one in self.best.items()}


def scorecard(
    counts: pd.DataFrame, *, horizon: int, origins: int = ORIGINS, settled: int = 0
) -> pd.DataFrame:
    """
    Score every model on forecasts of the past, each made only from the weeks before its origin.

    `counts` as in `outlook`. The last `origins` weeks from which `horizon` weeks ahead are known are the
    origins; `settled` weeks are left out of every fit and at the end, as in `outlook`. All models are
    scored on the same forecasts: those for which each of them has an answer and the count is known.
    Returns one row a model: `model`, `horizon`, `n` (forecasts), `crps` and `log_score` (means), `brier`
    (any incident), `coverage_50` and `coverage_90` (shares of counts within q25-q75 and q05-q95, both
    ends included, so above 0.5 and 0.9 where counts are small), `skill` (1 - crps / crps of last_value),
    `pit` (tuple of 10 shares, `scores.pit`) and `reason`; <NA> and history_too_short where n is 0.
    Raises ParameterError as `outlook` does, and for `origins` below 1.
    """
    if origins < 1 or settled < 0 or not 1 <= horizon <= models.LONGEST_HORIZON:
        raise ParameterError(
            f"A scorecard needs 1 origin or more, 0 settled weeks or more and a horizon of 1 to "
            f"{models.LONGEST_HORIZON} weeks, not {origins}, {settled} and {horizon}."
        )
    weeks = matrix(counts)
    ends = np.arange(weeks.shape[1] - settled - horizon + 1)[-origins:]
    ends = ends[ends > settled]
    sums = {model: np.zeros(len(SCORES)) for model in models.MODELS}
    bars = {model: np.zeros(scores.BINS) for model in models.MODELS}
    n = 0
    at_once = max(1, ROWS // max(1, len(ends)))
    for start in range(0, len(weeks) if len(ends) else 0, at_once):
        some = weeks[start : start + at_once]
        window = windows(some, ends - settled).reshape(-1, models.WINDOW)
        ahead = np.lib.stride_tricks.sliding_window_view(some, horizon, axis=1).sum(axis=-1)
        actual = ahead[:, ends].ravel()
        n += _score(window, actual, horizon=horizon, lead=settled, sums=sums, bars=bars)
    return _framed(sums, bars, n=n, horizon=horizon)


def best(card: pd.DataFrame, *, least_coverage: float = LEAST_COVERAGE) -> Best:
    """
    Return the model to show: the one with the lowest CRPS, of those whose 90 % range holds what comes.

    A model whose `coverage_90` is below `least_coverage` is left out, unless all are: a page must not call a
    range 90 % that was right in three of four weeks.

    Takes a frame of `scorecard`. Where no model has a lower CRPS than the best baseline, that baseline is
    the one to show, and the answer says so. A small `gain` from few forecasts (`n`) may be chance.
    """
    scored = card.set_index("model")
    if not scored["n"].gt(0).all():
        return Best("eight_weeks", "eight_weeks", beats=False, n=0, crps=None, skill=None, gain=None,
                    reason="not_scored")  # fmt: skip
    crps = scored["crps"].astype(float)
    honest = [str(one) for one in scored.index[scored["coverage_90"].ge(least_coverage)]] or [*scored.index]
    plain = [one for one in models.BASELINES if one in honest] or list(models.BASELINES)
    baseline, lowest = str(crps[plain].idxmin()), str(crps[honest].idxmin())
    beats = lowest not in models.BASELINES and crps[lowest] < crps[baseline]
    shown = lowest if beats or baseline not in honest else baseline
    skill = scored["skill"][shown]
    return Best(
        model=shown,
        baseline=baseline,
        beats=bool(beats),
        n=int(scored["n"][shown]),
        crps=float(crps[shown]),
        skill=None if pd.isna(skill) else float(skill),
        gain=float(1 - crps[shown] / crps[baseline]) if crps[baseline] > 0 else None,
        reason=None if beats else "none_beats_baselines",
    )


def foretell(counts: pd.DataFrame, *, horizons: Sequence[int] = HORIZONS, settled: int = 0) -> Foretold:
    """
    Say what the next weeks may bring, for each horizon by the model that did best at that horizon.

    Takes what `outlook` does. A model that is good for one week may be wrong about four together, so each
    horizon is scored for itself.
    """
    cards = {h: scorecard(counts, horizon=h, settled=settled) for h in horizons}
    found = {h: best(card) for h, card in cards.items()}
    rows = outlook(counts, horizons=horizons, settled=settled)
    chosen = rows["model"].eq(rows["horizon"].map({h: one.model for h, one in found.items()}))
    return Foretold(rows[chosen].reset_index(drop=True), found, cards)


def _score(
    window: Floats,
    actual: Floats,
    *,
    horizon: int,
    lead: int,
    sums: dict[str, Floats],
    bars: dict[str, Floats],
) -> int:
    """Add the scores of these forecasts to `sums` and `bars`; return how many there were."""
    window, actual = window[~np.isnan(actual)], actual[~np.isnan(actual)]
    if not len(window):
        return 0
    fitted = models.laws(window, horizon=horizon, lead=lead)
    usable = np.flatnonzero(models.known(fitted)["blend"])
    reach = np.max([law.reach for law in fitted.values()], axis=0)[usable]
    for places, grid in batches(reach):
        rows = usable[places]
        y = actual[rows]
        seen = np.ceil(y / grid.step) * grid.step
        for model, masses in models.masses(fitted, rows, grid).items():
            inside = [
                (quantile(masses, low, grid) <= seen) & (seen <= quantile(masses, high, grid))
                for low, high in ((0.25, 0.75), (0.05, 0.95))
            ]
            sums[model] += [
                scores.crps(masses, y, step=grid.step).sum(),
                scores.log_score(masses, y, step=grid.step).sum(),
                *(held.sum() for held in inside),
                scores.brier(masses, y).sum(),
            ]
            bars[model] += len(y) * np.array(scores.pit(masses, y, step=grid.step))
    return len(usable)


def _framed(sums: dict[str, Floats], bars: dict[str, Floats], *, n: int, horizon: int) -> pd.DataFrame:
    table = np.array([sums[model] / n if n else np.full(len(SCORES), np.nan) for model in models.MODELS])
    framed = pd.DataFrame(table, columns=list(SCORES)).astype("Float64")
    first = table[0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        skill = 1 - table[:, 0] / first
    framed["skill"] = pd.Series(np.where(np.isfinite(skill), skill, np.nan), dtype="Float64")
    framed["pit"] = [tuple((bars[m] / n).tolist()) if n else () for m in models.MODELS]
    framed["reason"] = pd.Series([None if n else "history_too_short"] * len(models.MODELS), dtype="str")
    framed.insert(0, "model", pd.Series(models.MODELS, dtype="str"))
    framed.insert(1, "horizon", horizon)
    framed.insert(2, "n", pd.Series([n] * len(models.MODELS), dtype="Int64"))
    return framed
