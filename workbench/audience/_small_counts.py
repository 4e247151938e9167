"""Small counts: what is withheld from tables of counts, so that no small one can be worked out.

The method is cell suppression: primary (the small counts themselves) and complementary (others, so that
sums do not give them back), as in Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter
4. A cell is protected if the counts that agree with everything published, found by integer programmes,
reach down to 0 and up to the threshold: the protection levels of Fischetti and Salazar (Management
Science 47(8), 2001), for readers who know the rule. They choose the pattern of least loss by one large
programme; here it is chosen greedily and then thinned, which withholds a little more and is quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.audience._deduction import (
    ABSENT,
    UNTOLD,
    WITHHELD,
    Issue,
    Line,
    narrow_alone,
    narrow_together,
)
from workbench.errors import ParameterError

COUNT_COLUMNS = ("table", "week", "event_type", "district", "incidents", "killed", "state")
"""The columns of a table of counts, one row a cell; "" for an event type or district means all of them."""

Key = tuple[str, str, str]


def suppress(tables: pd.DataFrame, threshold: int, known: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """
    Return counts as they may be published: COUNT_COLUMNS, `state` being shown, withheld or unknown.

    Takes one row a cell: `table` (a word), `week` (its first day), `event_type` and `district` ("" for all
    of them; a cell that leaves one open is the sum of those that fill it), `incidents` (Int64; missing where
    nobody knows, which is not zero), `told` (False where a count must stand as unknown, such as of a
    district that nobody reports on), and where deaths are told `killed` and `deadly` (Int64: people killed,
    and the incidents they were killed in). `known` are tables of counts as published: earlier issues for the
    same readers, other editions of the same weeks.

    Withheld are the counts from 1 to below the threshold, and as many others as it takes until of no withheld
    cell that may be small a reader can exclude 0, or can exclude that it reaches the threshold. The reader
    knows the sums, the threshold and that where a part is withheld a small count must be the reason; he
    knows `known` as well, and takes as equal what could be equal. Two things the rule itself tells, and no
    pattern hides: that something in a week with withheld cells is small, and so that a total that stands
    alone (in weeks whose parts are not told) is small where it is withheld. What `known` has given away
    already cannot be withheld any more; then nothing of that week that bears on it is shown.

    Of the cells that would do, totals are withheld last, then the higher counts; nothing but the counts
    decides. `killed` is shown where `incidents` is, if it is 0 or at least `threshold` incidents led to it.
    Differences between two issues of counts that are both shown are not protected: 20 and then 21 incidents
    say that one was added. Raises ParameterError if a cell comes twice or a sum is not that of its parts.
    """
    cells = tables.reset_index(drop=True)
    keys = _keys(cells)
    if len(set(keys)) != len(keys):
        raise ParameterError("A cell of the counts comes twice. Pass each once.")
    counts = {
        key: int(count) for key, count in zip(keys, cells["incidents"], strict=True) if not pd.isna(count)
    }
    told = {key: bool(one) for key, one in zip(keys, cells["told"], strict=True)}
    hidden: set[Key] = set()
    if threshold > 1:
        published = [_published(one) for one in known]
        for part in _connected(counts, published):
            hidden |= _hidden(part, counts, told, published, threshold)
    state = [
        "unknown" if key not in counts or not told[key] else "withheld" if key in hidden else "shown"
        for key in keys
    ]
    shown = pd.Series(state, index=cells.index, dtype="str").eq("shown")
    killed = cells["killed"].astype("Int64") if "killed" in cells else pd.Series(pd.NA, cells.index, "Int64")
    if "deadly" in cells:
        killed = killed.where(cells["deadly"].eq(0) | cells["deadly"].ge(threshold))
    return cells.assign(
        incidents=cells["incidents"].astype("Int64").where(shown),
        killed=killed.where(shown),
        state=pd.Series(state, index=cells.index, dtype="str"),
    )[list(COUNT_COLUMNS)]


def _hidden(
    part: tuple[Key, ...],
    counts: dict[Key, int],
    told: dict[Key, bool],
    published: list[dict[Key, int]],
    threshold: int,
) -> set[Key]:
    """Return the cells to withhold of a set of cells that hang together."""
    number = {key: place for place, key in enumerate(part)}

    def issue(said: dict[Key, int]) -> Issue:
        return Issue(tuple(said.get(key, ABSENT) for key in part), _lines(said, number))

    past = dict.fromkeys(issue(said) for said in published)
    past = dict.fromkeys(one for one in past if max(one.said, default=ABSENT) > ABSENT)
    closed = tuple(number[key] for key in part if key in counts and not told[key])
    return {part[cell] for cell in _chosen(issue(counts), closed, tuple(past), threshold)}


@lru_cache(maxsize=4096)
def _chosen(truth: Issue, closed: tuple[int, ...], past: tuple[Issue, ...], threshold: int) -> frozenset[int]:
    """Return the cells to withhold; `closed` are not told in any case."""
    return _choose(truth, closed, past, threshold)


def _choose(truth: Issue, closed: tuple[int, ...], past: tuple[Issue, ...], threshold: int) -> frozenset[int]:
    must = {cell for cell, count in enumerate(truth.said) if 0 < count < threshold} - {*closed}
    totals = {total for total, _ in truth.lines}
    open_cells = [
        cell for cell, count in enumerate(truth.said) if count >= 0 and cell not in {*must, *closed}
    ]
    order = sorted(open_cells, key=lambda cell: (cell in totals, truth.said[cell], cell))
    if not must and not closed and not any(one.withheld for one in past):
        return frozenset()

    found: list[np.ndarray] = []

    def leaks(withheld: Iterable[int]) -> Iterator[tuple[int, int]]:
        told = dict(enumerate(truth.said)) | dict.fromkeys((*must, *withheld), WITHHELD)
        now = Issue(tuple((told | dict.fromkeys(closed, UNTOLD)).values()), truth.lines)
        yield from ((-1, cell) for cell in narrow_alone(now, threshold, found))
        yield from narrow_together((*past, now), threshold) if past else ()

    if next(leaks(()), None) is None:
        return frozenset(must)
    # what is given away though all is withheld was so before, and cannot be helped
    alone = not past and all(len(parts) > 1 for _, parts in truth.lines)
    beyond_help = set() if alone else set(leaks(order))

    def safe(withheld: Iterable[int]) -> bool:
        return all(one in beyond_help for one in leaks(withheld))

    inner = [cell for cell in order if cell not in totals]
    # where all parts together are not enough, the search goes on beneath withheld totals
    base = [] if safe(inner) else [cell for cell in order if cell in totals]
    low, high = -1, 0  # with `high` of the least telling parts it is safe, with `low` it is not
    while high < len(inner) and not safe([*base, *inner[:high]]):
        low, high = high, min(2 * high + 1, len(inner))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if safe([*base, *inner[:middle]]) else (middle, high)
    kept = [*inner[:high], *base]
    for cell in reversed(kept.copy()):
        fewer = [one for one in kept if one != cell]
        if safe(fewer):
            kept = fewer
    return frozenset({*must, *kept})


def _keys(cells: pd.DataFrame) -> list[Key]:
    """Return week, event type and district of each cell as texts, "" where it stands for all."""
    weeks = ["" if pd.isna(day) else day.date().isoformat() for day in cells["week"]]
    types, districts = (cells[name].fillna("").astype(str) for name in ("event_type", "district"))
    return list(zip(weeks, types, districts, strict=True))


def _published(frame: pd.DataFrame) -> dict[Key, int]:
    """Return what a table of counts says of its cells; one of a week of which it knows nothing is absent."""
    told = frame[frame["state"].ne("unknown").groupby(frame["week"], dropna=False).transform("any")]
    said = (
        int(count) if state == "shown" else WITHHELD if state == "withheld" else UNTOLD
        for count, state in zip(told["incidents"], told["state"], strict=True)
    )  # fmt: skip
    return dict(zip(_keys(told), said, strict=True))


def _families(said: Iterable[Key]) -> list[tuple[Key, list[Key]]]:
    """Return each total with its parts, once for each dimension that it leaves open."""
    found: dict[tuple[Key, int], list[Key]] = {}
    cells = set(said)
    for key in sorted(cells):
        week, event_type, district = key
        for place, total in enumerate(
            (("", event_type, district), (week, "", district), (week, event_type, ""))
        ):
            if key[place] and total in cells:
                found.setdefault((total, place), []).append(key)
    return [(total, parts) for (total, _), parts in found.items()]


def _lines(said: dict[Key, int], number: dict[Key, int]) -> tuple[Line, ...]:
    """Return the sums that hold among the cells of one publication; checks those that are known."""
    lines = []
    for total, parts in _families(cell for cell in said if cell in number):
        values = [said[cell] for cell in (total, *parts)]
        if min(values) >= 0 and values[0] != sum(values[1:]):
            raise ParameterError(
                "A total of the counts is not the sum of its parts. Count all from the same rows."
            )
        lines.append((number[total], tuple(number[cell] for cell in parts)))
    return tuple(lines)


def _connected(counts: dict[Key, int], published: list[dict[Key, int]]) -> list[tuple[Key, ...]]:
    """Return the cells in sets that no sum of any publication reaches across, those with counts of now."""
    root: dict[Key, Key] = {key: key for said in (counts, *published) for key in said}

    def find(key: Key) -> Key:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for said in (counts, *published):
        for total, parts in _families(said):
            for cell in parts:
                one, other = sorted((find(total), find(cell)))
                root[other] = one
    sets: dict[Key, list[Key]] = {}
    for key in sorted(root):
        sets.setdefault(find(key), []).append(key)
    return [tuple(cells) for cells in sets.values() if any(cell in counts for cell in cells)]
