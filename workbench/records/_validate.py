"""Rows as a source gives them -> accepted rows of a record type, and rejected rows with reasons."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.records._schema import DTYPES, RecordType


@dataclass(frozen=True)
class Validated:
    """
    What validation made of a delivery.

    `accepted`: one row per record, exactly the columns of the record type, in order and with its
    dtypes. `rejected`: `file, row, column, value, reason`, one line per fault.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame


def empty(record: RecordType) -> pd.DataFrame:
    """Return a frame of `record` without rows, with its columns and dtypes."""
    return pd.DataFrame({c.name: pd.Series(dtype=DTYPES[c.kind]) for c in record.columns})


def validate(record: RecordType, rows: pd.DataFrame) -> Validated:
    """To be written."""
    raise NotImplementedError
