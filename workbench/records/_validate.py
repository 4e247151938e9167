"""Rows as a source gives them -> accepted rows of a record type, and rejected rows with reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, LEVELS
from workbench.records._parse import Parsed, as_text, cleaned, join, parse, split
from workbench.records._schema import DTYPES, Column, RecordType

VALUE_LENGTH = 200
"""How much of a faulty value is kept, in characters."""

_REJECTED = {"file": "str", "row": "Int64", "column": "str", "value": "str", "reason": "str"}
_Rows = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Validated:
    """
    What validation made of a delivery.

    `accepted`: one row per record, exactly the columns of the record type, in order and with its
    dtypes. `rejected`: `file, row, column, value, reason`, one line per fault, in the order of the
    rows; a row with any fault is in no other place than here. Each input row is in exactly one.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame


def empty(record: RecordType) -> pd.DataFrame:
    """Return a frame of `record` without rows, with its columns and dtypes."""
    return pd.DataFrame({c.name: pd.Series(dtype=DTYPES[c.kind]) for c in record.columns})


def validate(record: RecordType, rows: pd.DataFrame, *, today: date) -> Validated:
    """
    Read text rows as records of one type, and set aside every row with a fault.

    `rows` holds text or missing values in any of the record's columns, plus `file` and `row` (where
    the row stands, header = 1); other columns are dropped, absent ones are missing. `today` is the
    day of the pull in the office's time zone.

    Read as: days ISO 8601, a time after them dropped; moments without a zone as UTC, without a time
    as midnight; whole numbers also as 12.0; booleans true/false, yes/no, y/n, 1/0; codes without
    regard to case; lists of codes parted by ; or ,. A day or moment outside 1900-2199 is a fault.
    Text loses outer blanks and control characters; in one-line text a line break becomes a space;
    text without anything in it is missing.

    A row whose `record_id` stood in an earlier row of the same source is set aside, whatever became
    of that earlier row. A missing or unknown level counts as the highest and an unknown compartment
    as all of them, with a flag (`label_missing`, `label_unknown`, `compartments_unknown`): labels
    never cost a row. The record type's own checks come last. No input raises.
    """
    rows = rows.reset_index(drop=True)
    faults = _Faults(rows)
    flags: dict[str, _Rows] = {}
    frame: dict[str, pd.Series] = {}
    for column in record.columns:
        values = _given(rows, column.name)
        if column.name == "level":
            frame[column.name] = _levels(values, flags)
        elif column.name == "compartments":
            frame[column.name] = _compartments(values, flags)
        else:
            frame[column.name] = _values(column, values, faults)
    typed = pd.DataFrame(frame, index=rows.index)
    _find_repeated(typed, rows, faults)
    for check in record.checks:
        offends = check.offends(typed, today).fillna(value=False).to_numpy(dtype=bool)
        if check.severity == "reject":
            faults.add(check.columns[0], np.flatnonzero(offends), check.reason)
        else:
            flags[check.name] = np.flatnonzero(offends)
    typed["flags"] = _flagged(typed["flags"], flags)
    accepted = typed.loc[~faults.rejected, list(record.names)].reset_index(drop=True)
    return Validated(accepted, faults.report(record))


@dataclass
class _Faults:
    """Faults found so far, by place in the delivery."""

    rows: pd.DataFrame
    found: list[tuple[str, _Rows, str | list[str]]] = field(default_factory=list)

    def add(self, column: str, at: _Rows, reason: str | list[str]) -> None:
        if at.size:
            self.found.append((column, at, reason))

    @property
    def rejected(self) -> _Rows:
        wrong = np.zeros(len(self.rows), dtype=bool)
        for _, at, _ in self.found:
            wrong[at] = True
        return wrong

    def report(self, record: RecordType) -> pd.DataFrame:
        if not self.found:
            return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _REJECTED.items()})
        order = {name: position for position, name in enumerate(record.names)}
        parts = [
            pd.DataFrame(
                {
                    "at": at,
                    "order": order[column],
                    "column": column,
                    "value": _given(self.rows, column).iloc[at].str.slice(0, VALUE_LENGTH).array,
                    "reason": reason,
                }
            )
            for column, at, reason in self.found
        ]
        report = pd.concat(parts, ignore_index=True)
        report = report.sort_values(["at", "order"], kind="stable", ignore_index=True)
        at = report["at"].to_numpy()
        report["file"] = _given(self.rows, "file").iloc[at].array
        report["row"] = pd.to_numeric(self.rows["row"], errors="coerce").iloc[at].array
        return report[list(_REJECTED)].astype(_REJECTED)


def _given(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series(np.nan, index=rows.index, dtype="str")
    return as_text(rows[name])


def _values(column: Column, values: pd.Series, faults: _Faults) -> pd.Series:
    parsed: Parsed = parse(column, values)
    wrong = np.zeros(len(values), dtype=bool)
    for reason, at in parsed.faults.items():
        faults.add(column.name, at, reason)
        wrong[at] = True
    if column.required:
        missing = parsed.values.isna().to_numpy(dtype=bool)
        faults.add(column.name, np.flatnonzero(missing & ~wrong), "is missing")
    # Checks and duplicates must not judge a row twice by a value that is at fault already.
    return parsed.values.mask(wrong) if wrong.any() else parsed.values


def _levels(values: pd.Series, flags: dict[str, _Rows]) -> pd.Series:
    words = cleaned(values, one_line=True).str.lower()
    known = words.isin(LEVELS)
    flags["label_missing"] = np.flatnonzero(words.isna())
    flags["label_unknown"] = np.flatnonzero(words.notna() & ~known)
    return words.where(known, HIGHEST.slug)


def _compartments(values: pd.Series, flags: dict[str, _Rows]) -> pd.Series:
    places, unique = pd.factorize(cleaned(values, one_line=True))
    lists = [split(str(word).lower()) for word in unique]
    unknown = [place for place, words in enumerate(lists) if not set(words) <= set(COMPARTMENTS)]
    flags["compartments_unknown"] = np.flatnonzero(np.isin(places, unknown))
    kept = [join(list(COMPARTMENTS) if place in set(unknown) else words) for place, words in enumerate(lists)]
    typed = pd.Series(kept, dtype="str")
    return pd.Series(typed.mask(typed == "").array.take(places, allow_fill=True), index=values.index)


def _find_repeated(typed: pd.DataFrame, rows: pd.DataFrame, faults: _Faults) -> None:
    keys = typed[["source", "record_id"]]
    again = keys.duplicated(keep="first") & keys["record_id"].notna()
    if not again.any():
        return
    repeated = keys[again]
    first = (
        keys[~again]
        .reset_index(names="first")
        .merge(repeated.reset_index(names="at"), on=["source", "record_id"], how="inner")
    )
    first = first.sort_values("at", kind="stable")
    numbers = rows["row"].iloc[first["first"].to_numpy()].astype("str")
    files = _given(rows, "file")
    same = files.iloc[first["first"].to_numpy()].array == files.iloc[first["at"].to_numpy()].array
    reasons = [
        f"stands already in row {number}" + ("" if one else " of another file")
        for number, one in zip(numbers, np.asarray(same), strict=True)
    ]
    faults.add("record_id", first["at"].to_numpy(), reasons)


def _flagged(given: pd.Series, flags: dict[str, _Rows]) -> pd.Series:
    changed = np.unique(np.concatenate([np.empty(0, dtype=int), *flags.values()]))
    if not changed.size:
        return given
    words = [[] if pd.isna(one) else split(str(one)) for one in given.iloc[changed]]
    for flag, places in flags.items():
        for at in np.searchsorted(changed, places):
            words[at].append(flag)
    result = given.copy()
    result.iloc[changed] = [join(one) for one in words]
    return result
