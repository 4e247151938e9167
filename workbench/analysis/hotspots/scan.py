"""Kulldorff's spatial scan: the circle of places with the most cases beyond what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis.hotspots._distance import counted, distances, key_of, located
from workbench.analysis.hotspots._windows import (
    Ratios,
    Windows,
    apart,
    chance,
    circles,
    draws,
    likelihood_ratio,
)
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

REPLICAS = 999
"""How many draws under chance alone a p-value rests on; the smallest is then 0.001."""

LARGEST_SHARE = 0.5
"""Largest share of all that is expected that one window may hold (SaTScan's default)."""

FEWEST_CASES = 2
"""A window of one case is no concentration (SaTScan's default)."""


def seeded(seed: int) -> np.random.Generator:
    """Return a generator of random numbers for a scan: the same seed gives the same p-values."""
    return np.random.default_rng(seed)


def scan(
    places: pd.DataFrame,
    *,
    rng: np.random.Generator,
    share: float = LARGEST_SHARE,
    replicas: int = REPLICAS,
    most: int = 5,
) -> pd.DataFrame:
    """
    Find the circles of places that hold more cases than chance would put there.

    Takes one row a place: `district` or `place` (its name, once each), `latitude` and `longitude`
    (degrees; distances are great circles) or `x` and `y` (a plane), `cases`, and `expected` or else
    `population`; also `past`, where there: how many incidents the expected number was learnt from (as from
    `with_past`), so that chance is drawn with rates no surer than that. Expected numbers are scaled to the
    number of cases, so only their shares matter. A place whose cases, coordinates or expected number are
    missing is left out. Circles are centred on places and hold at most `share` of all expected and at least
    2 cases.

    Returns the likeliest circle and, of the others, the next likeliest that share no place with those
    before, at most `most` rows, none without cases or where no circle holds more than expected: `rank`
    (from 1), `members` (tuple of names, nearest to the centre first), `cases`, `expected`, `ratio` (cases /
    expected), `relative_risk` (inside against outside; <NA> where no case is outside), `llr`, `p`, `centre`
    (name), `radius` (km, or the plane's unit). `p` compares with the highest ratio of each of `replicas`
    multinomial draws, so it holds for all circles together and is conservative from rank 2 on; the same
    `rng` gives the same result. `attrs["state"]` of the frame says why it is empty (no_cases, no_cluster) or
    is found, and `attrs["left_out"]` how many places were.

    Count incidents, not deaths: many die in one incident, so deaths cluster far more than the model allows.
    Model and ratio: Kulldorff 1997 (Communications in Statistics 26:1481), the discrete Poisson model of
    SaTScan. Raises ParameterError for counts below 0, for cases where none can be expected, and for a
    share or a number of replicas out of range.
    """
    key, (at, degrees) = key_of(places), located(places)
    cases, expected = _given(places)
    known = ~(np.isnan(at).any(axis=1) | np.isnan(cases) | np.isnan(expected))
    cases, expected, at, left_out = cases[known], expected[known], at[known], int((~known).sum())
    total = check(cases, expected, replicas)
    if total == 0:
        return clusters([], state="no_cases", left_out=left_out)
    expected = expected * (total / expected.sum())
    distance = distances(at, degrees=degrees)
    windows = circles(distance, expected, share)
    inside, held = _sums(windows, cases, expected)
    ratio = likelihood_ratio(inside, held, total, least=FEWEST_CASES)
    best = apart(windows, ratio, np.arange(len(windows)), most)
    if not best:
        return clusters([], state="no_cluster", left_out=left_out)
    past = counted(places["past"], what="past numbers")[known] if "past" in places.columns else None
    drawn = draws(rng, total, expected, past, replicas).T.astype(float)
    p = chance(ratio[best], _highest(windows, drawn, held, total))
    names = places[key].to_numpy()[known]
    rows = [
        described(windows, one, distance, names)
        | measured(inside[one], held[one], total)
        | {"llr": ratio[one], "p": p[n], "rank": n + 1}
        for n, one in enumerate(best)
    ]
    return clusters(rows, state="found", left_out=left_out)


def check(cases: NDArray[np.float64], expected: NDArray[np.float64], replicas: int) -> int:
    """Return the number of cases; raises ParameterError where cases stand against nothing expected."""
    if replicas < 1:
        raise ParameterError(f"{replicas} replicas give no p-value. Ask for 1 or more; 999 is usual.")
    if ((cases > 0) & (expected == 0)).any():
        raise ParameterError(
            "A place has cases where none can be expected. "
            "Pass an expected number above 0 for it, or leave it out."
        )
    if (cases != np.floor(cases)).any():
        raise ParameterError("Some cases are not whole numbers. Pass counts.")
    return int(cases.sum())


def measured(inside: float, held: float, total: float) -> dict[str, Any]:
    """Return what a page says of a window with these cases and this expected number."""
    outside = total - inside
    relative = (inside / held) / (outside / (total - held)) if outside > 0 else np.nan
    return {"cases": inside, "expected": held, "ratio": inside / held, "relative_risk": relative}


def described(
    windows: Windows, window: int, distance: NDArray[np.float64], names: NDArray[Any]
) -> dict[str, Any]:
    """Return where a window lies."""
    centre, reach = windows.centre[window], windows.reach[window]
    inside = np.flatnonzero(windows.members(window))
    nearest = inside[np.argsort(windows.rank[centre][inside], kind="stable")]
    return {
        "members": tuple(str(names[n]) for n in nearest),
        "centre": str(names[centre]),
        "radius": distance[centre, reach],
    }


def clusters(rows: list[dict[str, Any]], *, state: str, left_out: int, weeks: bool = False) -> pd.DataFrame:
    """Return clusters as a frame with its columns and types, also without any row."""
    kinds: dict[str, Any] = {"rank": "Int64", "members": "object"}
    if weeks:
        kinds |= {"first_week": "datetime64[s]", "last_week": "datetime64[s]"}
    kinds |= {"cases": "Int64"}
    kinds |= dict.fromkeys(("expected", "ratio", "relative_risk", "llr", "p"), "Float64")
    kinds |= {"centre": "str", "radius": "Float64"}
    framed = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()}
    )
    framed.attrs = {"state": state, "left_out": left_out}
    return framed


def _given(places: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    base = next((name for name in ("expected", "population") if name in places.columns), None)
    if "cases" not in places.columns or base is None:
        raise ParameterError(
            "A scan needs what happened and what was to be expected. "
            "Pass a column cases and a column expected or population."
        )
    return counted(places["cases"], what="cases"), counted(places[base], what=f"{base} numbers")


def _sums(
    windows: Windows, cases: NDArray[np.float64], expected: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    both = np.column_stack([cases, expected])
    parts = [inside @ both for _, inside in windows.blocks(len(cases))]
    summed = np.concatenate(parts) if parts else np.empty((0, 2))
    return np.rint(summed[:, 0]), summed[:, 1]


def _highest(
    windows: Windows, drawn: NDArray[np.float64], held: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    ratios = Ratios(total, least=FEWEST_CASES)
    highest = np.zeros(drawn.shape[1])
    for part, inside in windows.blocks(drawn.shape[1]):
        ratios.lift(highest, inside @ drawn, held[part])
    return highest
