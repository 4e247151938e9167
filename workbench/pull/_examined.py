"""What a pull makes of delivered rows: corrected, located, labelled and validated; nothing is stored."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import pandas as pd

from workbench.config import Office, Source
from workbench.pull._corrected import Corrections, holding
from workbench.pull._labels import label, marks_of
from workbench.records import Validated, record_type, validate
from workbench.sources.places import Gazetteer


class Examined(NamedTuple):
    """Rows corrected, located and labelled, what validation made of them, and which corrections held."""

    rows: pd.DataFrame
    result: Validated
    corrections: Corrections


def examine(
    office: Office,
    source: Source,
    rows: pd.DataFrame,
    *,
    at: datetime,
    corrections: pd.DataFrame | None = None,
) -> Examined:
    """
    Return what a pull at `at` would make of `rows` of `source`: text as its reader gives it, `file`, `row`.

    `corrections`: those that stand, as rows of `correction`; none if left out. Reads no file of the source
    and stores nothing. Raises ConfigurationError for the office's boundaries.
    """
    gazetteer = Gazetteer.load(office) if "district" in record_type(source.record).names else None
    return examined(office, source, rows, gazetteer, at=at, corrections=corrections)


def examined(
    office: Office, source: Source, rows: pd.DataFrame, gazetteer: Gazetteer | None, *, at: datetime,
    corrections: pd.DataFrame | None,
) -> Examined:  # fmt: skip
    """Return what `examine` does, with the office's boundaries read already, None where none are needed."""
    record = record_type(source.record)
    codes = frozenset() if gazetteer is None else frozenset(gazetteer.districts["district"])
    none = pd.DataFrame(columns=["corrected_id"])
    held = holding(rows, none if corrections is None else corrections, record, districts=codes)
    rows = held.given(rows)
    if gazetteer is not None:
        rows = gazetteer.locate(rows, dated_by=record.dated_by)
        rows = held.placed(rows, gazetteer.districts)
    rows = held.flagged(held.labelled(label(source, rows, marks=marks_of(office, source))))
    result = validate(record, rows, today=at.astimezone(office.zone).date())
    return Examined(rows, result, held)
