"""What is old or silent before an issue is made: sources past their limit, areas without a contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from workbench.config import Office
from workbench.schedule._facts import Key

if TYPE_CHECKING:
    from workbench.store import Store


@dataclass(frozen=True)
class Raised:
    """What a gate found of an issue: sources past their `max_age_days`, or an area nobody wrote of."""

    step: Literal["freshness", "coverage"]
    names: tuple[str, ...]

    @property
    def remedy(self) -> str:
        """What to do about it; slugs of sources or areas only."""
        named = ", ".join(self.names)
        if self.step == "freshness":
            return (
                f"Older than max_age_days: {named}. Bring new files and run: workbench pull "
                f"{' '.join(self.names)}"
            )
        return (
            f"No entry of the liaison log tells of a contact in {named} in that week: enter them, and pull."
        )


def raised(
    office: Office, store: Store, keys: Iterable[Key], *, as_of: datetime, today: date
) -> dict[Key, tuple[Raised, ...]]:
    """
    Return what the gates find of each issue, by what the store knows at `as_of`; of most issues nothing.

    Freshness looks at the sources that the issue's own pages name: registers, and of the incident sources
    those that the area counts from. As on those pages, a source is as old as its last delivery, incidents
    are also as old as the last day they tell of (an old file that is pulled again brings nothing), and what
    never came is past every limit. The desk's own registers are never old: nothing was entered. `today` is
    the office's day. Coverage looks for one liaison
    entry of that week, of any label, in a district of the area. Raises StoreError.
    """
    import pandas as pd

    from workbench.records import record_type
    from workbench.sources import is_register
    from workbench.view import nameable

    rows = store.read(record_type("delivery"), as_of=as_of)
    newest = rows.sort_values("recorded_at", kind="stable").drop_duplicates("source", keep="last")
    days_pulled = newest["recorded_at"].dt.tz_convert(office.zone).dt.date
    pulled = dict(zip(newest["source"], days_pulled, strict=True))
    told = dict(zip(newest["source"], newest["last_dated"].dt.date, strict=True))
    old = set()
    for one in office.source:
        if is_register(one):
            continue
        days = [pulled.get(one.slug), *([told.get(one.slug)] if one.record == "incident" else [])]
        if any(pd.isna(day) or (today - day).days > one.max_age_days for day in days):
            old.add(one.slug)

    @cache
    def heard(period: str) -> frozenset[str]:
        week = office.week(period)
        entries = store.read(
            record_type("liaison_entry"), as_of=as_of, window=(week.first_day, week.last_day)
        )  # fmt: skip
        return frozenset(entries["district"].dropna())

    found: dict[Key, tuple[Raised, ...]] = {}
    for key in keys:
        area = office.area_called(key.area)
        named = [
            one.slug
            for one in nameable(office, office.audience_called(key.audience))
            if one.slug in old and (one.record != "incident" or one.slug in area.counts_from)
        ]
        of_this = [Raised("freshness", tuple(named))] if named else []
        if heard(key.period).isdisjoint(area.districts):
            of_this.append(Raised("coverage", (key.area,)))
        if of_this:
            found[key] = tuple(of_this)
    return found
