"""Shares and medians that never leave their n: k of n, with an interval only where n can carry one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SMALLEST_N = 5
"""Below this n only "k of n" is said: a share of 2 of 3 would pass for knowledge."""

LEVEL = 0.95
"""Confidence level of the intervals."""


@dataclass(frozen=True)
class Share:
    """
    `count` out of `of`: two whole numbers, of which the first is part of the second.

    `share`, `low` and `high` (Wilson, 95 %) are fractions of 1, and None where `of` is below
    SMALLEST_N. Raises ParameterError unless 0 <= count <= of.
    """

    count: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise ParameterError(
                f"{self.count} of {self.of} is no share. Count a part of the whole: from 0 to {self.of}."
            )

    @property
    def share(self) -> float | None:
        """The share, or None where n is too small."""
        return self.count / self.of if self.of >= SMALLEST_N else None

    @property
    def low(self) -> float | None:
        """The lower bound of the interval, or None where n is too small."""
        return None if self.of < SMALLEST_N else self._interval()[0]

    @property
    def high(self) -> float | None:
        """The upper bound of the interval, or None where n is too small."""
        return None if self.of < SMALLEST_N else self._interval()[1]

    def _interval(self) -> tuple[float, float]:
        found = _wilson(np.array([self.count], dtype=float), np.array([self.of], dtype=float), level=LEVEL)
        return float(found["low"][0]), float(found["high"][0])


@dataclass(frozen=True)
class Middle:
    """The median of `n` values; `value` is None where there is none."""

    value: float | None
    n: int

    @classmethod
    def of(cls, values: pd.Series) -> Middle:
        """Return the median of the values that are known."""
        known = values.dropna().astype("float64")
        return cls(float(known.median()) if len(known) else None, len(known))


def wilson(count: object, of: object, *, level: float = LEVEL) -> pd.DataFrame:
    """
    Return shares with Wilson's score interval.

    `count` and `of` are whole numbers, one for each share. Returns `share`, `low`, `high` (Float64),
    fractions of 1; <NA> where `of` is 0. With p = k / n and z the normal quantile of `level`:
    (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n) (Wilson 1927, JASA 22:209; method 3 of
    Newcombe 1998, Statistics in Medicine 17:857). Raises ParameterError unless 0 <= count <= of.
    """
    k = np.atleast_1d(np.asarray(count, dtype=float))
    n = np.atleast_1d(np.asarray(of, dtype=float))
    if k.shape != n.shape or not ((k >= 0) & (k <= n)).all():
        raise ParameterError("A share needs a count from 0 to its n. Pass as many counts as n.")
    found = _wilson(k, n, level=level)
    return pd.DataFrame(
        {name: pd.Series(np.where(n > 0, one, np.nan), dtype="Float64") for name, one in found.items()}
    )


def _wilson(k: Floats, n: Floats, *, level: float) -> dict[str, Floats]:
    from scipy import special

    z = special.ndtri(1 - (1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        whole = 1 + z**2 / n
        # exact where nothing or everything is counted, so that rounding never shows as -0.0000001
        low = np.where(k == 0, 0.0, (middle - half) / whole)
        high = np.where(k == n, 1.0, (middle + half) / whole)
    return {"share": p, "low": low, "high": high}


def shares(count: pd.Series, of: pd.Series) -> pd.DataFrame:
    """
    Return `share`, `low`, `high` as `wilson` does, with the index of `count`.

    <NA> where either is missing or `of` is below SMALLEST_N: there "k of n" is all that can be said.
    """
    known = (count.notna() & of.ge(SMALLEST_N)).fillna(value=False).astype(bool)
    k, n = count.where(known, 0).astype("float64"), of.where(known, 0).astype("float64")
    found = wilson(k.to_numpy(), n.to_numpy()).set_axis(count.index, axis=0)
    found[~known] = pd.NA
    return found
