"""Circles around places, what they hold, and how they compare with what chance would put into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PLACES = 4_000
"""Every circle around every place is looked at, so memory grows with the square of the places."""

_CELLS = 4_000_000
"""Most numbers of a matrix held at a time: 32 MB."""

_SAME = 1e-9
"""Relative difference below which two distances or two ratios are the same."""


@dataclass(frozen=True)
class Windows:
    """
    Every circle around a place that reaches to another and holds at most the share allowed.

    `centre` and `reach` (its farthest member) are positions of places, `size` counts the members,
    `rank[i, j]` is how many places are nearer to i than j is.
    """

    centre: NDArray[np.int64]
    reach: NDArray[np.int64]
    size: NDArray[np.int64]
    rank: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.centre)

    def members(self, window: int) -> NDArray[np.bool_]:
        """Return which places a window holds."""
        inside: NDArray[np.bool_] = self.rank[self.centre[window]] < self.size[window]
        return inside

    def blocks(self, columns: int) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Yield the windows in turn with their members (1 or 0), one row a window, a few at a time."""
        step = max(1, _CELLS // max(columns, self.rank.shape[1], 1))
        for start in range(0, len(self), step):
            part = slice(start, start + step)
            inside = self.rank[self.centre[part]] < self.size[part, None]
            yield part, inside.astype(np.float64)


def circles(distance: NDArray[np.float64], expected: NDArray[np.float64], share: float) -> Windows:
    """
    Return the circles whose expected number is above 0 and at most `share` of the whole.

    Places at the same distance enter together: a circle holds everything within its radius. Of
    circles that hold the same places only the smallest is kept. They come by radius.
    """
    if not 0 < share <= 1:
        raise ParameterError(f"A window cannot hold {share} of all that is expected. Pass a share up to 1.")
    n = len(distance)
    if n > MOST_PLACES:
        raise ParameterError(f"{n} places are too many to scan. Gather them into larger cells.")
    order = np.argsort(distance, axis=1, kind="stable")
    sorted_distance = np.take_along_axis(distance, order, axis=1)
    held = np.cumsum(expected[order], axis=1)
    step = np.full((n, n), np.inf)
    step[:, :-1] = np.diff(sorted_distance, axis=1)
    complete = step > _SAME * np.maximum(sorted_distance, _SAME)
    allowed = complete & (held > 0) & (held <= share * expected.sum() * (1 + _SAME))
    rank = np.empty((n, n), dtype=np.int32)
    np.put_along_axis(rank, order, np.arange(n, dtype=np.int32)[None, :], axis=1)
    centre, last = np.nonzero(allowed)
    by_radius = np.argsort(sorted_distance[centre, last], kind="stable")
    centre, last = centre[by_radius], last[by_radius]
    # the same set of places has the same exclusive or of 128 bits drawn for each; the draw is fixed
    bits = np.random.default_rng(0).integers(0, 2**63, size=(n, 2), dtype=np.int64)
    mixed = np.bitwise_xor.accumulate(bits[order], axis=1)[centre, last]
    _, first = np.unique(mixed, axis=0, return_index=True)
    first.sort()
    centre, last = centre[first], last[first]
    return Windows(centre, order[centre, last], last + 1, rank)


def likelihood_ratio(
    cases: NDArray[np.float64], expected: NDArray[np.float64], total: float, *, least: int = 1
) -> NDArray[np.float64]:
    """
    Return the log-likelihood ratio of each window, 0 where there are no more cases than expected.

    c ln(c/E) + (C-c) ln((C-c)/(C-E)) for c > E, with C = `total` and expectations that add up to C
    (Kulldorff 1997, Communications in Statistics 26:1481, section 4, Poisson model). Windows of fewer
    than `least` cases count as 0.
    """
    inside = np.where((cases > expected) & (cases >= least), cases, 0.0)
    outside, rest = total - inside, total - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = inside * np.log(inside / expected)
        ratio += np.where(outside > 0, outside * np.log(outside / rest), 0.0)
    found: NDArray[np.float64] = np.where(inside > 0, np.maximum(ratio, 0.0), 0.0)
    return found


class Ratios:
    """The log-likelihood ratio of many whole counts with the same total, from a table of logarithms."""

    def __init__(self, total: int, *, least: int) -> None:
        count = np.arange(total + 1, dtype=float)
        entropy = np.where(count > 0, count * np.log(np.maximum(count, 1.0)), 0.0)
        self._both = entropy + entropy[::-1]
        self._total, self._least = total, least

    def lift(
        self, highest: NDArray[np.float64], cases: NDArray[np.floating], expected: NDArray[np.float64]
    ) -> None:
        """
        Raise the highest ratio of each column to what these windows reach; `cases` has one row a window.

        The ratio grows with the count, so most counts are known to be too small without computing it.
        """
        fewest = self._fewest(expected, float(highest.min())).astype(cases.dtype)
        row, column = np.nonzero(cases >= fewest[:, None])
        reached = self._ratio(cases[row, column].astype(np.int64), expected[row])
        np.maximum.at(highest, column, reached)

    def _ratio(self, cases: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
        # a window that expects nothing holds no case, one that expects all has none outside: both give 0
        log_in = np.log(np.maximum(expected, np.finfo(float).tiny))
        log_out = np.log(np.maximum(self._total - expected, np.finfo(float).tiny))
        found: NDArray[np.float64] = self._both[cases] - cases * (log_in - log_out) - self._total * log_out
        return found

    def _fewest(self, expected: NDArray[np.float64], above: float) -> NDArray[np.int64]:
        """Return the smallest count of each window whose ratio is above a number, found by bisection."""
        low = np.minimum(np.floor(expected).astype(np.int64), self._total)
        high = np.full(len(expected), self._total + 1)
        while (high - low > 1).any():
            middle = (low + high) // 2
            over = self._ratio(middle, expected) > above
            high, low = np.where(over, middle, high), np.where(over, low, middle)
        return np.asarray(np.maximum(high, self._least), dtype=np.int64)


def draws(
    rng: np.random.Generator,
    total: int,
    expected: NDArray[np.float64],
    past: NDArray[np.float64] | None,
    replicas: int,
) -> NDArray[np.int64]:
    """
    Return what chance alone would put into places (and weeks): `replicas` x the shape of `expected`.

    Multinomial with the shares expected. `past`, one number a place, is how many incidents its expectation
    was learnt from: then each replica first draws the places' rates from what is known of them, a Gamma
    distribution of shape past + 1/2 (that of `change.against_baseline`), so that a rate learnt from little is
    not taken for certain.
    """
    if past is None:
        drawn = rng.multinomial(total, expected.ravel() / expected.sum(), size=replicas)
    else:
        shape = (past + 0.5).reshape(-1, *[1] * (expected.ndim - 1))
        rates = rng.gamma(shape, size=(replicas, *shape.shape)) / shape
        shares = (expected * rates).reshape(replicas, -1)
        drawn = rng.multinomial(total, shares / shares.sum(axis=1, keepdims=True))
    return np.asarray(drawn.reshape(replicas, *expected.shape), dtype=np.int64)


def chance(found: NDArray[np.float64], replicas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Monte-Carlo p-values: the rank of each ratio among the highest of the replicas (Dwass 1957)."""
    ordered = np.sort(replicas)
    at_least = len(ordered) - np.searchsorted(ordered, found * (1 - _SAME) - _SAME, side="left")
    return np.asarray((1 + at_least) / (1 + len(ordered)))


def apart(windows: Windows, ratio: NDArray[np.float64], window_of: NDArray[np.int64], most: int) -> list[int]:
    """
    Return the positions in `ratio` of the best windows that share no place, best first, at most `most`.

    `window_of` says which circle each position stands for. Of equal ratios the one of fewer places, then
    the first, is taken.
    """
    taken = np.zeros(windows.rank.shape[0], dtype=bool)
    rounded = np.round(ratio, 9)
    candidates = np.flatnonzero(rounded > 0)
    chosen: list[int] = []
    size = windows.size[window_of]
    for position in candidates[np.lexsort((candidates, size[candidates], -rounded[candidates]))]:
        if len(chosen) == most:
            break
        inside = windows.members(int(window_of[position]))
        if not (inside & taken).any():
            taken |= inside
            chosen.append(int(position))
    return chosen
