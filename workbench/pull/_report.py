"""What one pull of one source did, as it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

LISTED = 100
"""How many rows without a known label, and how many kept labels, a report names one by one."""


@dataclass(frozen=True, kw_only=True)
class UnmatchedPlace:
    """A district name that no boundary and no alias has, on how many accepted rows, and names like it."""

    name: str
    rows: int
    suggestions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UnlabelledRow:
    """A row whose label is missing or is none that anybody knows: where it stands, and what is wrong."""

    file: str
    row: int
    wrong: str


@dataclass(frozen=True, kw_only=True)
class KeptLabel:
    """A record delivered with a lower label than the store holds: the label it keeps, the one delivered."""

    record_id: str
    kept: str
    delivered: str


@dataclass(frozen=True, kw_only=True)
class LapsedCorrection:
    """A correction that holds no more: its source delivers another value of that record and column now."""

    correction: str
    record_id: str
    column: str


@dataclass(frozen=True, kw_only=True)
class PullReport:
    """
    What one pull of one source did.

    `read`: rows the files held. `new`, `changed`, `unchanged`: accepted rows, against what was known of
    their records; `withdrawn`: records no longer delivered. `rejected`: rows set aside. `unmatched`:
    accepted rows that name or locate a place which is in no district; `unmatched_places` are the names
    among them, most frequent first. `unlabelled`: accepted rows whose label is missing or unknown, which
    count as the highest; `labels_kept`: those that came with a lower label than the store holds of their
    record, and keep that one. Of both, `unlabelled_rows` and `kept_labels` list the first LISTED.
    `corrected`: rows in which the desk set a value right; `lapsed`: corrections whose row is delivered
    otherwise now, of which `lapsed_corrections` lists the first LISTED.
    `first_dated`, `last_dated`: of the accepted rows, None if there are none. `recorded_at`: UTC.
    """

    source: str
    record: str
    files: tuple[str, ...]
    read: int
    new: int
    changed: int
    withdrawn: int
    unchanged: int
    rejected: int
    unmatched: int
    unmatched_places: tuple[UnmatchedPlace, ...]
    unlabelled: int
    unlabelled_rows: tuple[UnlabelledRow, ...]
    labels_kept: int
    kept_labels: tuple[KeptLabel, ...]
    first_dated: date | None
    last_dated: date | None
    recorded_at: datetime
    corrected: int = 0
    lapsed: int = 0
    lapsed_corrections: tuple[LapsedCorrection, ...] = ()
