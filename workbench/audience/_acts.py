"""Acts on record that lower labels, applied to rows when a view is made; the store keeps what it was told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.config import COMPARTMENTS, LEVELS
from workbench.records import RecordType

_HEIGHTS = {word: height for height, word in enumerate(LEVELS)}


def lowered(rows: pd.DataFrame, changes: pd.DataFrame, record: RecordType) -> pd.DataFrame:
    """
    Return the rows of `record` with their labels lowered by the standing `changes`; no floor is applied.

    Takes `source`, `record_id`, `level` and `compartments` as stored, and the columns of a `label_change`
    with `recorded_at`. An act holds for the rows of its record, source and id, or of all ids if it names
    none. It lowers a row only if the label that the row has in the store, or that the acts before it gave
    it, is exactly the act's `from` label: a row that was raised since stays raised, and a later act on the
    stored label takes the place of an earlier one. Acts are taken by changed_on, then recorded_at; of
    several at once, the strictest last. An act that would raise a label is not taken.
    """
    acts = changes[changes["changed_record"] == record.name]
    touched = _touched(rows, acts)
    if not touched.any():
        return rows
    subset = rows.loc[touched, ["source", "record_id", "level", "compartments"]]
    source, ids = (subset[name].to_numpy(dtype=object) for name in ("source", "record_id"))
    stored = _labels(subset["level"], subset["compartments"])
    now = stored.copy()
    for act in _in_order(acts).to_dict("records"):
        before = _label(act["from_level"], act["from_compartments"])
        after = _label(act["to_level"], act["to_compartments"])
        if not _lower(before, after):
            continue
        at = (source == act["changed_source"]) & ((stored == before) | (now == before))
        if isinstance(act["changed_id"], str):
            at &= ids == act["changed_id"]
        now[at] = after
    changed = now != stored
    places = np.flatnonzero(touched.to_numpy())[changed]
    level, compartments = rows["level"].copy(), rows["compartments"].copy()
    parts = [str(one).split("|") for one in now[changed]]
    level.iloc[places] = [word for word, _ in parts]
    compartments.iloc[places] = [named or np.nan for _, named in parts]
    return rows.assign(level=level, compartments=compartments)


def _touched(rows: pd.DataFrame, acts: pd.DataFrame) -> pd.Series:
    whole = acts.loc[acts["changed_id"].isna(), "changed_source"]
    return rows["source"].isin(whole) | (
        rows["source"].isin(acts["changed_source"]) & rows["record_id"].isin(acts["changed_id"].dropna())
    )


def _in_order(acts: pd.DataFrame) -> pd.DataFrame:
    strict = acts["to_level"].map(_HEIGHTS).astype("float64")
    held = acts["to_compartments"].fillna("").str.count("[^;]+")
    ordered = acts.assign(strict=strict, held=held)
    return ordered.sort_values(["changed_on", "recorded_at", "strict", "held", "record_id"], kind="stable")


def _labels(levels: pd.Series, compartments: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    pairs = list(zip(levels.astype("object"), compartments.astype("object"), strict=True))
    known = {pair: _label(*pair) for pair in dict.fromkeys(pairs)}
    return np.array([known[pair] for pair in pairs], dtype=object)


def _label(level: object, compartments: object) -> str:
    """Return a label in one way of writing it, "level|compartments"; "?" for one that nobody knows."""
    text = compartments if isinstance(compartments, str) else ""
    named = {one.strip() for one in text.split(";")} - {""}
    if level not in LEVELS or not named <= set(COMPARTMENTS):
        return "?"
    return f"{level}|{';'.join(one for one in COMPARTMENTS if one in named)}"


def _lower(before: str, after: str) -> bool:
    if "?" in (before, after) or before == after:
        return False
    (high, held), (low, kept) = (label.split("|") for label in (before, after))
    return _HEIGHTS[low] <= _HEIGHTS[high] and set(kept.split(";")) - {""} <= set(held.split(";"))
