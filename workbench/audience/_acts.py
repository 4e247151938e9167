"""Acts on record that lower labels, applied when a view is made: the store keeps what it was told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.config import COMPARTMENTS, LEVELS
from workbench.records import RecordType

_HEIGHTS = {word: height for height, word in enumerate(LEVELS)}

_SAID = (
    "changed_record", "changed_source", "changed_id", "from_level", "to_level", "from_compartments",
    "to_compartments", "changed_on",
)  # fmt: skip
"""What an act does; who took it and why may be written anew, and it stays the same act."""


def standing_acts(revisions: pd.DataFrame) -> pd.DataFrame:
    """
    Return the acts that stand after `revisions`, with `recorded_at`: since when each has said what it says.

    Takes every revision of `label_change` so far, each with `recorded_at` and `retracted`. An act that was
    taken back is none; one that came back, or says something else, is new from then on. One whose reason
    alone was written anew is as old as it was: it must not open what was written into a row meanwhile.
    """
    key = ["source", "record_id"]
    acts = revisions.sort_values([*key, "recorded_at"], kind="stable", ignore_index=True)
    same = (acts[key] == acts[key].shift()).all(axis=1) & ~acts["retracted"].shift(fill_value=True)
    for name in _SAID:
        same &= (acts[name] == acts[name].shift()) | (acts[name].isna() & acts[name].shift().isna())
    since = acts["recorded_at"].groupby((~same).cumsum()).transform("first")
    last = ~acts.duplicated(key, keep="last") & ~acts["retracted"]
    return acts.assign(recorded_at=since)[last].drop(columns="retracted").reset_index(drop=True)


def lowered(rows: pd.DataFrame, changes: pd.DataFrame, record: RecordType) -> pd.DataFrame:
    """
    Return the rows of `record` with their labels lowered by the standing `changes`; no floor is applied.

    Takes `source`, `record_id`, `level` and `compartments` as stored, `recorded_at`, and the columns of a
    `label_change` with `recorded_at` (`standing_acts`). An act holds for the rows of its record, source and
    id, or of all ids if it names none, as they were recorded before it: who took it had not seen what was
    written into them later, which keeps its stored label until another act says so. It lowers a row only if
    the label that the row has in the store, or that the acts before it gave it, is exactly the act's `from`
    label: a row that was raised since stays raised, and a later act on the stored label takes the place of
    an earlier one. Acts are taken by changed_on, then recorded_at; of several at once, the strictest last.
    An act that would raise a label is not taken.
    """
    acts = changes[changes["changed_record"] == record.name]
    touched = _touched(rows, acts)
    if not touched.any():
        return rows
    subset = rows.loc[touched, ["source", "record_id", "level", "compartments", "recorded_at"]]
    source, ids = (subset[name].to_numpy(dtype=object) for name in ("source", "record_id"))
    recorded = subset["recorded_at"]
    stored = _labels(subset["level"], subset["compartments"])
    now = stored.copy()
    for act in _in_order(acts).to_dict("records"):
        before = _label(act["from_level"], act["from_compartments"])
        after = _label(act["to_level"], act["to_compartments"])
        if not _lower(before, after):
            continue
        at = (source == act["changed_source"]) & ((stored == before) | (now == before))
        at &= recorded.le(act["recorded_at"]).to_numpy(dtype=bool)
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


def stricter(rows: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """
    Return `rows` with the higher level and the compartments of both labels: its own, and that of `other`.

    `other` has `level` and `compartments`, one row for each of `rows`, in their order; a level that is
    missing or unknown counts as the highest, and a word that nobody knows stays.
    """
    also = other.set_axis(rows.index)
    differs = pd.Series(data=False, index=rows.index)
    for name in ("level", "compartments"):
        differs |= rows[name].ne(also[name]) & ~(rows[name].isna() & also[name].isna())
    places = np.flatnonzero(differs.to_numpy(dtype=bool))
    if not len(places):
        return rows
    own, also = (one.iloc[places] for one in (rows, also))
    level, compartments = rows["level"].copy(), rows["compartments"].copy()
    level.iloc[places] = [_higher(*both) for both in zip(own["level"], also["level"], strict=True)]
    named = zip(own["compartments"], also["compartments"], strict=True)
    compartments.iloc[places] = [_together(*both) for both in named]
    return rows.assign(level=level, compartments=compartments)


def _higher(one: object, other: object) -> object:
    heights = [_HEIGHTS.get(str(word), len(LEVELS) - 1) for word in (one, other)]
    return other if heights[1] > heights[0] else one


def _together(one: object, other: object) -> object:
    held = _named(one)
    more = [name for name in _named(other) if name not in held]
    return ";".join((*held, *more)) if more else one


def _named(compartments: object) -> list[str]:
    text = compartments if isinstance(compartments, str) else ""
    return [one.strip() for one in text.split(";") if one.strip()]


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
    named = set(_named(compartments))
    if level not in LEVELS or not named <= set(COMPARTMENTS):
        return "?"
    return f"{level}|{';'.join(one for one in COMPARTMENTS if one in named)}"


def _lower(before: str, after: str) -> bool:
    if "?" in (before, after) or before == after:
        return False
    (high, held), (low, kept) = (label.split("|") for label in (before, after))
    return _HEIGHTS[low] <= _HEIGHTS[high] and set(kept.split(";")) - {""} <= set(held.split(";"))
