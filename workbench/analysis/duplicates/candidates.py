"""Pairs of rows that may be one incident: close in place and time, of kinds that go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.analysis._columns import need, read
from workbench.analysis.duplicates import _agreement as agreement
from workbench.analysis.duplicates._extent import DISTRICT, NEAR_KM, NOWHERE, POINT, PROVINCE, extent
from workbench.analysis.duplicates._pairs import gap, kilometres, near
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

KM, DAYS = 10.0, 2
"""Widest windows in use for merging conflict events: 10 km and 2 days (domain.md 4.1)."""

LEAST_SCORE = 0.5
WEIGHTS = {"type": 0.4, "actor": 0.3, "deaths": 0.3}
"""How much each kind of agreement counts; place and time then scale their sum."""


REASONS: tuple[str, ...] = (
    "same_day", "within_1_day", "within_2_days", "within_more_days", "dates_overlap",
    "same_place", "within_5_km", "within_10_km", "within_more_km",
    "same_district", "same_province", "place_unknown",
    "same_type", "related_type",
    "same_actor", "similar_actor", "different_actor",
    "same_deaths", "no_deaths", "deaths_overlap", "deaths_differ",
    "verification_differs",
)  # fmt: skip
"""Every reason code, in the order in which a pair lists them."""

_COLUMNS = {
    "left_source": "str", "left_id": "str", "right_source": "str", "right_id": "str", "across": "boolean",
    "km": "Float64", "days": "Int64", "score": "Float64", "reasons": "str",
}  # fmt: skip
_VAGUE_DAYS = 14.0
"""Two rows whose spans are together this much longer than two days agree half as well on the time."""

_SAME_PLACE_KM = 1.0


def candidates(
    incidents: pd.DataFrame, *, km: float = KM, days: int = DAYS, least: float = LEAST_SCORE
) -> pd.DataFrame:
    """
    Return pairs of rows that a person should look at, as they may be one incident; nothing is merged.

    Takes `source`, `record_id`, `occurred_on` and, where the reader has them, `occurred_to`,
    `date_precision`, `latitude`, `longitude`, `place_precision`, `district`, `admin1`, `event_type`,
    `actor1`, `actor2`, `killed_best`, `killed_low`, `killed_high`, `verification`, `dup_group`. Rows are a
    pair if their days are at most `days` apart and their places at most `km`, both widened by what each row
    knows (see `_extent.extent`), and their types are the same, related or unknown. Where one of them is no
    point, the district decides, else the province, else nothing but the rest of the row. Left out are pairs
    with the same `dup_group`, which is decided; two discarded rows; non-violent developments.

    Returns `left_source`, `left_id`, `right_source`, `right_id` (the lesser key left), `across` (two
    sources), `km` (<NA> without two points), `days` between them at least, `score` and `reasons` (codes of
    REASONS, ";"-joined), those of a `score` of `least` or more, by score, then keys; the order of rows given
    does not matter. The score is how far type, actors and deaths agree, by WEIGHTS, what a row does not tell
    counting half, times the root of closeness in time x closeness in place: 1 on the same day at the same
    point, half as close at the edge of a window, less where a row is vague. Rows that share no more than a
    province so reach 0.5 only if all the rest agrees, and only across sources: a source knows its own vague
    rows. A pair of which one row is discarded says verification_differs.

    The idea of windows and a taxonomy is MELTT's (Donnay, Dunford, McGrath, Backer and Cunningham 2019, J.
    Conflict Resolution 63:1337); types that go together are `_agreement.RELATED_TYPES`. Pairs are found by
    cells and days, so time grows with the rows and the pairs, not with the square of the rows. Raises
    ParameterError for windows below 0 and rows without source or day. No pair for a reader without ids.
    """
    if km < 0 or days < 0 or not np.isfinite(km):
        raise ParameterError(f"Windows of {km} km and {days} days cannot be searched. Pass 0 or more.")
    need(incidents, "source", "occurred_on", what="incident")
    # a reader who has no record ids could not be told which rows a pair is
    rows = _comparable(incidents) if "record_id" in incidents.columns else incidents.iloc[:0]
    if rows.empty:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _COLUMNS.items()})
    pairs = _Pairs(rows, km, days)
    kept = [pairs.likely(left, right, least) for left, right in near(pairs.where, km=km, days=days)]
    left, right = np.concatenate(kept, axis=1) if kept else np.empty((2, 0), dtype=np.int64)
    parts = pairs.agree(left, right)
    score = pairs.score(parts)
    order = np.lexsort((pairs.rank[right], pairs.rank[left], -score))
    left, right, score = left[order], right[order], score[order]
    parts = {name: part[order] for name, part in parts.items()}
    source, name = rows["source"].to_numpy(dtype=object), rows["record_id"].to_numpy(dtype=object)
    found = {
        "left_source": source[left], "left_id": name[left],
        "right_source": source[right], "right_id": name[right],
        "across": source[left] != source[right],
        "km": np.round(pairs.apart(left, right), 3), "days": gap(pairs.where, left, right), "score": score,
        "reasons": pairs.reasons(left, right, parts),
    }  # fmt: skip
    return pd.DataFrame({name: pd.Series(found[name], dtype=kind) for name, kind in _COLUMNS.items()})


class _Pairs:
    """What is known of the rows, and what follows for pairs of them, given as positions."""

    def __init__(self, rows: pd.DataFrame, km: float, days: int) -> None:
        self.where, self.rank, self._km, self._days = extent(rows), _rank(rows), km, days
        self._kind, self._types = agreement.type_codes(rows), agreement.type_agreement()
        self._group = np.asarray(pd.factorize(read(rows, "dup_group", "str"))[0], dtype=np.int64)
        self._discarded = read(rows, "verification", "str").eq("discarded").to_numpy()
        self._source = np.asarray(pd.factorize(rows["source"])[0], dtype=np.int64)
        self._actors, self._dead = agreement.ActorAgreement(rows), agreement.deaths(rows)

    def likely(self, left: NDArray[np.int64], right: NDArray[np.int64], least: float) -> NDArray[np.int64]:
        """Return the pairs worth a look, two rows of positions, the lesser key first."""
        wanted = self._types[self._kind[left], self._kind[right]] != agreement.UNRELATED
        wanted &= (self.rank[left] != self.rank[right]) & ~(self._discarded[left] & self._discarded[right])
        wanted &= (self._group[left] != self._group[right]) | (self._group[left] < 0)
        vague = np.maximum(self.where.level[left], self.where.level[right]) >= PROVINCE
        wanted &= ~vague | (self._source[left] != self._source[right])
        left, right = left[wanted], right[wanted]
        swap = self.rank[left] > self.rank[right]
        pair = np.stack([np.where(swap, right, left), np.where(swap, left, right)])
        good: NDArray[np.int64] = pair[:, self.score(self.agree(*pair)) >= least]
        return good

    def agree(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Return how far the rows agree on each question, NaN where one of them does not tell."""
        return {
            "time": self._time(left, right),
            "place": self._place(left, right),
            "type": self._types[self._kind[left], self._kind[right]],
            "actor": self._actors.of(left, right),
            "deaths": agreement.death_agreement(self._dead[left], self._dead[right]),
        }

    def score(self, parts: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the score of each pair from 0 to 1."""
        # publishers name one actor in many ways: another name says little against a pair
        who = 0.25 + 0.75 * parts["actor"]
        agreed = [
            weight * np.nan_to_num(who if name == "actor" else parts[name], nan=agreement.UNKNOWN)
            for name, weight in WEIGHTS.items()
        ]
        close = np.sqrt(parts["time"] * parts["place"])
        return np.asarray(np.round(close * np.sum(agreed, axis=0), 3), dtype=float)

    def apart(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the km between points, NaN where one of the rows is none."""
        points = (self.where.level[left] == POINT) & (self.where.level[right] == POINT)
        return np.where(points, kilometres(self.where, left, right), np.nan)

    def _time(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        where = self.where
        wide = where.last[left] - where.first[left] + where.last[right] - where.first[right]
        edge = 1 - 0.5 * gap(where, left, right) / max(self._days, 1)
        return np.asarray(edge / (1 + wide / _VAGUE_DAYS), dtype=float)

    def _place(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        vague = self.where.slack[left] + self.where.slack[right]
        edge = 1 - 0.5 * self.apart(left, right) / np.maximum(self._km + vague, 1.0)
        points = edge / (1 + vague / (2 * NEAR_KM))
        coarser = np.maximum(self.where.level[left], self.where.level[right])
        levels = [coarser == level for level in (POINT, DISTRICT, PROVINCE)]
        return np.select(levels, [points, 0.6, 0.3], 0.25)

    def reasons(
        self, left: NDArray[np.int64], right: NDArray[np.int64], parts: dict[str, NDArray[np.float64]]
    ) -> NDArray[np.object_]:
        """Return the codes that hold of each pair, joined."""
        exact = self.where.one_day[left] & self.where.one_day[right]
        coarser = np.maximum(self.where.level[left], self.where.level[right])
        apart, between = self.apart(left, right), gap(self.where, left, right)
        dead, who = parts["deaths"], parts["actor"]
        holds = {
            "same_day": (between == 0) & exact,
            "within_1_day": between == 1,
            "within_2_days": between == 2,
            "within_more_days": between > 2,
            "dates_overlap": (between == 0) & ~exact,
            "same_place": apart <= _SAME_PLACE_KM,
            "within_5_km": (apart > _SAME_PLACE_KM) & (apart <= 5),
            "within_10_km": (apart > 5) & (apart <= 10),
            "within_more_km": apart > 10,
            "same_district": coarser == DISTRICT,
            "same_province": coarser == PROVINCE,
            "place_unknown": coarser == NOWHERE,
            "same_type": parts["type"] == agreement.SAME,
            "related_type": parts["type"] == agreement.RELATED,
            "same_actor": who == 1,
            "similar_actor": (who > 0) & (who < 1),
            "different_actor": who == 0,
            "same_deaths": dead == agreement.SAME_DEATHS,
            "no_deaths": dead == agreement.NO_DEATHS,
            "deaths_overlap": dead == agreement.RANGES_OVERLAP,
            "deaths_differ": dead < agreement.NO_DEATHS,
            "verification_differs": self._discarded[left] != self._discarded[right],
        }
        # few combinations occur: number them by their bits, and write each once
        bits = np.zeros(len(left), dtype=np.int64)
        for n, code in enumerate(REASONS):
            bits |= holds[code].astype(np.int64) << n
        kinds, inverse = np.unique(bits, return_inverse=True)
        words = [";".join(code for n, code in enumerate(REASONS) if kind >> n & 1) for kind in kinds.tolist()]
        return np.array(words, dtype=object)[inverse.ravel()]


def _comparable(incidents: pd.DataFrame) -> pd.DataFrame:
    silent = read(incidents, "event_type", "str").eq("non_violent_development")
    keyed = pd.Series(data=True, index=incidents.index)
    for name in ("source", "record_id", "occurred_on"):
        keyed &= incidents[name].notna() if name in incidents.columns else False
    return incidents[keyed & ~silent].reset_index(drop=True)


def _rank(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Return the place of each row's key among all keys in order; rows of the same key share it."""
    keys = pd.MultiIndex.from_arrays([rows["source"].astype("str"), rows["record_id"].astype("str")])
    return np.asarray(pd.factorize(keys, sort=True)[0], dtype=np.int64)
