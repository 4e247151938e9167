"""What a view is: the office, area and audience it was made for, and the rows they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd

from workbench.config import Week
from workbench.errors import ParameterError
from workbench.records import record_type

SOURCE_TIMES = {"delivered_at": "datetime64[us, UTC]", "last_dated": "datetime64[s]"}
"""Types of the times in `View.sources`; Parquet knows no seconds."""


@dataclass(frozen=True)
class RequiredContactSeen:
    """A contact the office means to make at least every `every_days` days in each of `districts`."""

    organisation_kind: str
    every_days: int
    districts: tuple[str, ...]


@dataclass(frozen=True)
class RiskSeen:
    """
    The office's risk table: codes from the least to the gravest, and a level for each pair of them.

    `table` has, for each likelihood, one level for each of `impacts`; `criticality` the highest residual
    level at which a programme of that criticality may run; `basis` says where the table is from.
    """

    likelihoods: tuple[str, ...]
    impacts: tuple[str, ...]
    levels: tuple[str, ...]
    basis: str
    table: Mapping[str, tuple[str, ...]]
    criticality: Mapping[str, str]


@dataclass(frozen=True)
class AreaSeen:
    """
    The area a view is about: slug, name, target districts by p-code, contact interval in days.

    `required_contacts` each name their districts, also where they are all of the area's; `not_covered` are
    districts that no source of counts reports on.
    """

    slug: str
    name: str
    districts: tuple[str, ...]
    contact_interval_days: int
    counts_from: tuple[str, ...]
    required_contacts: tuple[RequiredContactSeen, ...] = ()
    not_covered: tuple[str, ...] = ()

    @property
    def covered(self) -> tuple[str, ...]:
        """The districts that some source of counts reports on, in their order."""
        return tuple(code for code in self.districts if code not in self.not_covered)


@dataclass(frozen=True)
class AudienceSeen:
    """The audience a view was made for."""

    slug: str
    name: str
    marking: str
    free_text: Literal["full", "releasable"]
    place_precision: Literal["exact", "district", "area"]
    count_threshold: int = 1


@dataclass(frozen=True)
class OfficeSeen:
    """What a page says about the office; `risk` is None where no risk table is configured."""

    name: str
    prepared_by: str
    standing_note: str
    fictional: bool
    likelihood_scale: str
    time_zone: str
    boundaries: str
    risk: RiskSeen | None = None


@dataclass(frozen=True)
class View:
    """
    What one audience may see of one area and week, as known at `as_of`.

    `on` is the day from which ages and overdue days are counted: the last day of the week, or the
    day of `as_of` if that is earlier. `compared_with` is the cut-off of the issue that this one is
    compared with, None if nothing was known then. `snapshots` are the instants (UTC, oldest first) of the
    completed deliveries of the counted sources: at each of them all that they held was known. All times
    are whole seconds. `own_ids` are the stored ids of the rows it holds, for the gate; they are not saved.
    """

    office: OfficeSeen
    area: AreaSeen
    audience: AudienceSeen
    week: Week
    as_of: datetime
    compared_with: datetime | None
    on: date
    week_is_over: bool
    tables: Mapping[str, pd.DataFrame]
    sources: pd.DataFrame
    districts: pd.DataFrame
    snapshots: tuple[datetime, ...] = ()
    own_ids: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone, in which days and weeks begin."""
        return ZoneInfo(self.office.time_zone)

    @property
    def known_on(self) -> date:
        """The day of `as_of` in the office's time zone."""
        return self.as_of.astimezone(self.zone).date()

    def table(self, name: str) -> pd.DataFrame:
        """
        Return a copy of one record type's rows; columns the audience may not read are absent.

        Raises ParameterError for a table that the view does not hold, as "count" for readers of rows.
        """
        return self._copy(name)

    def before(self, name: str) -> pd.DataFrame:
        """Return a record type's rows as known at `compared_with`."""
        return self._copy(f"{name}.before")

    def revisions(self, name: str) -> pd.DataFrame:
        """
        Return every revision of the counted records, as far as the audience may read it.

        For `incident`: event days of the last 60 weeks, the columns that rows are counted by, and
        `recorded_at` and `known_until` (UTC): when it became known, and when it was superseded, withdrawn
        or moved out of the area, missing while it stands. Rows with recorded_at <= t < known_until are
        what was known at t; a date or a place that was corrected makes two rows.
        """
        return self._copy(f"{name}.revisions")

    def known(self, name: str) -> pd.DataFrame | None:
        """
        Return a record type's rows, or None if the audience may read none of its sources, or not its days.

        The difference matters: entries that are withheld are not contacts that were missed.
        """
        rows = self.table(name)
        told = self.sources["record"].eq(name).any() and record_type(name).dated_by in rows
        return rows if told else None

    @property
    def counted(self) -> pd.DataFrame:
        """
        The incidents that counts come from: those of the area's `counts_from` sources.

        Raises ParameterError for readers who are given counts, and no incidents to count.
        """
        return self._to_count(self.table("incident"))

    @property
    def counted_before(self) -> pd.DataFrame:
        """The same as known at `compared_with`."""
        return self._to_count(self.before("incident"))

    def _to_count(self, rows: pd.DataFrame) -> pd.DataFrame:
        if self.audience.count_threshold > 1:
            raise ParameterError(
                f'The readers "{self.audience.slug}" are given counts, and no rows of incidents. In the '
                "first cell name an audience that has no count_threshold in workbench.toml."
            )
        return rows[rows["source"].isin(self.area.counts_from)].reset_index(drop=True)

    def _copy(self, name: str) -> pd.DataFrame:
        if name == "count" and name not in self.tables:
            raise ParameterError(
                f'The readers "{self.audience.slug}" are given rows, and no tables of counts. In the first '
                "cell name an audience that has a count_threshold in workbench.toml."
            )
        if name not in self.tables:
            raise ParameterError(f'The view holds no table "{name}". It holds: {", ".join(self.tables)}.')
        return self.tables[name].copy()
