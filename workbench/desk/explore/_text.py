"""A cell as text: for tables, histories and files alike."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd


def text_of(value: object) -> str:
    """Return a cell as people read it: days and instants (UTC) by ISO 8601, yes or no, "" where missing."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 (only NaN)
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):  # a day in a frame is a moment without a zone
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
