"""Files of the sample as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, delimiter: str = ",") -> str:
    """Return a CSV text with a header, its lines ended by a line feed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
