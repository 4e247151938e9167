"""Short incidents for the store's tests: only what an as-of rule can change."""

from datetime import UTC, date, datetime

import pandas as pd

from workbench.records import DTYPES, RecordType, record_type

INCIDENT = record_type("incident")
DELIVERY = record_type("delivery")

Told = tuple[str, date | None, str, int | None]  # record_id, occurred_on, district, killed_best


def frame(record: RecordType, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return rows of any record type; a column that a row does not name is missing."""
    return pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in rows], dtype=object).astype(
                DTYPES[column.kind]
            )
            for column in record.columns
        }
    )


def incidents(told: list[Told], *, source: str = "a") -> pd.DataFrame:
    """Return incidents of one source as a reader and validation would hand them over."""
    return frame(
        INCIDENT,
        [
            {
                "record_id": record_id,
                "source": source,
                "level": "internal",
                "listable": True,
                "occurred_on": occurred_on,
                "date_precision": "day",
                "district": district,
                "killed_best": killed,
            }
            for record_id, occurred_on, district, killed in told
        ],
    )


def delivery_row(source: str, number: int, *, read: int = 0) -> pd.DataFrame:
    """Return the row that closes a delivery."""
    return frame(
        DELIVERY,
        [
            {
                "record_id": f"{source}/{number}",
                "source": source,
                "level": "internal",
                "listable": True,
                "occurred_on": day(1),
                "record": "incident",
                "read": read,
            }
        ],
    )


def told(rows: pd.DataFrame) -> list[tuple[str, str, str, int | None]]:
    """Return (source, record_id, district, killed_best) of each row, in the frame's order."""
    return [
        (row.source, row.record_id, row.district, None if pd.isna(row.killed_best) else int(row.killed_best))
        for row in rows.itertuples()
    ]


def day(number: int) -> date:
    """Return a day of November 2026."""
    return date(2026, 11, number)


def at(number: int, hour: int = 6, microsecond: int = 0) -> datetime:
    """Return an instant of November 2026, UTC."""
    return datetime(2026, 11, number, hour, microsecond=microsecond, tzinfo=UTC)
