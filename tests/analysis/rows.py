"""Small incident tables, written as the few columns that matter in a test."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbench import records

MONDAY = date(2026, 11, 9)


def incidents(*rows: dict[str, object]) -> pd.DataFrame:
    """Return an incident table with all its columns; what a row leaves out is filled with something plain."""
    record = records.record_type("incident")
    plain = {
        "source": "log", "level": "internal", "listable": True, "occurred_on": MONDAY,
        "date_precision": "day", "event_type": "armed_clash", "threat_category": "armed_conflict",
        "district": "A", "killed_best": 0,
    }  # fmt: skip
    filled = [{"record_id": str(n), **plain, **row} for n, row in enumerate(rows, 1)]
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [row.get(column.name) for row in filled], dtype=records.DTYPES[column.kind]
            )
            for column in record.columns
        }
    )


def series(*counts: int | None, last: date = MONDAY, district: str = "A") -> pd.DataFrame:
    """Return weekly counts of one district that end with the week of `last`."""
    weeks = pd.date_range(end=pd.Timestamp(last), periods=len(counts), freq="7D").astype("datetime64[s]")
    return pd.DataFrame(
        {
            "district": pd.Series([district] * len(counts), dtype="str"),
            "week": weeks,
            "incidents": pd.array(list(counts), dtype="Int64"),
        }
    )
