"""Thresholds audited: no count of a table may be so small, or be found out, that it tells of somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.gate._parts import Expected, Opened
from workbench.gate._text import fold

COUNTS = "counts.csv"
_WHOLE = re.compile(r"[+-]?\d+(?:[.,]0+)?")


def small_counts(cells: Iterable[str], expected: Expected, opened: Opened) -> None:
    """
    Note (`small_count`) that a cell is a bare whole number from 1 to below the audience's threshold.

    A cell that says more than the number is not a count here. Nothing is noted for a threshold of 1.
    """
    if expected.count_threshold < 2:
        return
    found = sum(_is_small(cell, expected.count_threshold) for cell in cells)
    if found:
        opened.breaks("small_count", f"{found} in tables")


def _is_small(cell: str, threshold: int) -> bool:
    text = fold(cell).strip()
    if not _WHOLE.fullmatch(text):
        return False
    return 0 < abs(float(text.replace(",", "."))) < threshold


def audit_counts(content: bytes, expected: Expected, opened: Opened) -> None:
    """
    Note (`recoverable_count`) what readers could work out from this table and those they may hold already.

    What the earlier tables tell by themselves is not held against this one. Raises what the reader of
    such tables and the auditor raise: a table that cannot be audited is refused.
    """
    if expected.count_threshold < 2:
        return
    from workbench.audience import audit
    from workbench.view import read_counts_csv

    earlier = [read_counts_csv(one) for one in expected.published]
    columns = ["issue", "week", "event_type", "district", "finding"]
    found = audit([*earlier, read_counts_csv(content)], expected.count_threshold)
    found = found.loc[found["finding"].ne(""), columns]
    if earlier and len(found):
        before = audit(earlier, expected.count_threshold)[columns]
        found = found.merge(before, how="left", indicator="known")
        found = found[found["known"].eq("left_only")]
    if len(found):
        opened.breaks("recoverable_count", f"{len(found)} cells")
