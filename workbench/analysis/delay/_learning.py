"""What a triangle teaches about delay: the share known at each age, and whether that is enough to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import ParameterError

Floats = NDArray[np.float64]

LEAST_PAIRS = 8
"""Weeks seen at both ends of each step: with fewer, one missed delivery weighs more than an eighth."""

LEAST_INCIDENTS = 30
"""Incidents behind each step: with 30, a share of one half has a standard error of 9 points of 100."""

KNOWN_SHARE = 0.95
"""A week counts as complete from the delay on at which this share of its last count is known."""


@dataclass(frozen=True)
class DelayKnown:
    """
    What is known about delay, and whether it is enough to print an estimate.

    `code`: enough, too_few_snapshots (fewer than LEAST_PAIRS weeks were seen at both ends of some
    step) or too_few_incidents (fewer than LEAST_INCIDENTS behind some step). `window`: from how many
    weeks after its end a week counts as complete; None unless enough; equal to the triangle's last
    delay if counts still changed there, which asks for a triangle with more delays. `pairs` and
    `incidents`: those of the step with fewest. `delays`: `delay`, `share` (of the last count, expected
    to be known by then), `kept` (of what is known then, expected to stand at last).
    """

    code: str
    window: int | None
    pairs: int
    incidents: int
    delays: pd.DataFrame


@dataclass(frozen=True)
class Learnt:
    """Shares and their spread for each delay; the spread holds ignorance and differences between weeks."""

    share: Floats
    share_spread: Floats
    kept: Floats
    kept_spread: Floats
    pairs: int
    incidents: int

    @property
    def code(self) -> str:
        """Return whether this is enough to print an estimate."""
        if self.pairs < LEAST_PAIRS:
            return "too_few_snapshots"
        return "too_few_incidents" if self.incidents < LEAST_INCIDENTS else "enough"


def delay_known(triangle: pd.DataFrame) -> DelayKnown:
    """
    Say how fast counts become complete, and whether the triangle is enough to tell.

    Takes a frame of `triangle`; with one triangle for each of several series, delay is learnt from all of
    them together. The last delay counts as final: nothing later is known of. For LEAST_PAIRS weeks at
    each step the store needs LEAST_PAIRS + 1 weekly snapshots, and the triangle as many weeks more
    than delays. Raises ParameterError for negative counts or a frame that is no triangle.
    """
    learnt = learn(blocks(triangle)[1])
    complete = (learnt.share >= KNOWN_SHARE) & (learnt.kept >= KNOWN_SHARE)
    enough = learnt.code == "enough"
    delays = pd.DataFrame(
        {
            "delay": pd.array(range(len(complete)), dtype="Int64"),
            "share": pd.array(learnt.share, dtype="Float64"),
            "kept": pd.array(learnt.kept, dtype="Float64"),
        }
    )
    window = int(np.argmax(complete)) if enough else None
    return DelayKnown(learnt.code, window, learnt.pairs, learnt.incidents, delays)


def blocks(triangle: pd.DataFrame) -> tuple[pd.DataFrame, Floats]:
    """Return the series of a triangle (no columns if it has but one) and its series x weeks x delays."""
    values = triangle.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if values.shape[1] < 2 or (values < 0).any():
        raise ParameterError(
            "This is no triangle: it needs counts of 0 or more at two delays at least. "
            "Pass a frame of `triangle`."
        )
    if triangle.index.nlevels == 1:
        return pd.DataFrame(index=range(1)), values[None, :, :]
    names = triangle.index.names[:-1]
    keys = triangle.index.to_frame(index=False).iloc[:, :-1]
    series = keys.drop_duplicates().reset_index(drop=True)
    weeks = len(values) // max(1, len(series))
    newest = np.asarray(triangle.index.get_level_values(-1)).reshape(-1)
    repeated = len(series) * weeks == len(values) and (np.tile(newest[:weeks], len(series)) == newest).all()
    if not repeated or not keys.iloc[:: max(1, weeks)].reset_index(drop=True).equals(series):
        raise ParameterError(
            f"Each {', '.join(map(str, names))} needs the same weeks in one block. "
            "Pass a frame of `triangle`."
        )
    return series, values.reshape(len(series), weeks, values.shape[1])


def learn(values: Floats) -> Learnt:
    """
    Learn from series x weeks x delays how counts change from each delay to the next.

    Of the count at a delay, `kept` is the smaller of it and the one before, the rest was added since;
    what the one before had more was withdrawn. Added and withdrawn at the same step offset each other:
    only net change can be seen. The share of a count known one step earlier is beta distributed, its
    prior worth one incident spread evenly over the delays (a generalised Dirichlet, as in Höhle and
    an der Heiden 2014, Biometrics 70:993); so is the share kept. A share at a delay is the product of
    its steps, taken as beta with the same mean and variance. Weeks differ by more than chance where
    deliveries come in batches: the moment estimate of the correlation within a week is added.
    """
    steps = values.shape[2] - 1
    both = ~np.isnan(values[:, :, :-1]) & ~np.isnan(values[:, :, 1:])
    now, then = np.where(both, values[:, :, :-1], 0.0), np.where(both, values[:, :, 1:], 0.0)
    kept = np.minimum(now, then)
    held, added, lost = (part.sum(axis=(0, 1)) for part in (kept, then - kept, now - kept))
    little = 1 / (steps + 1)
    known = _steps(held + little * np.arange(1, steps + 1), added + little, _within(kept, then))
    stayed = _steps(held + 1, lost + little, _within(kept, now))
    seen = both.any(axis=0).sum(axis=0)
    return Learnt(
        *_backwards(*known), *_backwards(*stayed), int(seen.min()), int(then.sum(axis=(0, 1)).min())
    )


def _steps(yes: Floats, no: Floats, within: Floats) -> tuple[Floats, Floats]:
    """Return mean and mean square of the share of each step, for a week not seen yet."""
    mean, weight = yes / (yes + no), 1 / (yes + no + 1)
    return mean, mean**2 + mean * (1 - mean) * (weight + within * (1 - weight))


def _within(part: Floats, whole: Floats) -> Floats:
    """Return the correlation within a week of each step, by moments of the beta-binomial, 0 to 0.95."""
    size, share = whole.sum(axis=(0, 1)), np.zeros(whole.shape[2])
    np.divide(part.sum(axis=(0, 1)), size, out=share, where=size > 0)
    spread = share * (1 - share)
    squares = ((part - whole * share) ** 2).sum(axis=(0, 1))
    by_chance = size - np.divide((whole**2).sum(axis=(0, 1)), size, out=np.zeros_like(size), where=size > 0)
    pairs = (whole * (whole - 1)).sum(axis=(0, 1))
    usable = (spread > 0) & (pairs > 0)
    excess = np.divide(squares, spread, out=by_chance.copy(), where=usable) - by_chance
    found: Floats = np.clip(np.divide(excess, pairs, out=np.zeros_like(pairs), where=usable), 0.0, 0.95)
    return found


def _backwards(mean: Floats, square: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance at each delay, from the steps that are still to come; none at the last."""
    means = np.append(np.cumprod(mean[::-1])[::-1], 1.0)
    squares = np.append(np.cumprod(square[::-1])[::-1], 1.0)
    return means, np.maximum(squares - means**2, 0.0)


def beta_of(mean: Any, variance: Any) -> tuple[Floats, Floats]:
    """Return the parameters of the beta distributions with these means and variances."""
    inside = np.clip(np.asarray(mean, dtype=float), 1e-9, 1 - 1e-9)
    weight = np.maximum(inside * (1 - inside) / np.maximum(variance, 1e-15) - 1, 0.02)
    return inside * weight, (1 - inside) * weight
