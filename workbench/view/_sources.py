"""What a view tells of its sources: how old their data are, and how many rows were set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pandas as pd

from workbench.audience import Policy, readable
from workbench.config import Source, Week
from workbench.sources import is_register
from workbench.view._seen import SOURCE_TIMES

_DATING = ("record_id", "source", "level", "compartments", "listable", "occurred_to", "date_precision")


_NEVER_OLD = timedelta.max.days
"""Limit of a register: that nothing was entered does not make it old."""


def shown(nameable: Iterable[Source], *, last_dated: Mapping[str, pd.Timestamp]) -> tuple[Source, ...]:
    """
    Return the sources that a view tells of: all that may be named, of registers only those it has rows of.

    A register that holds nothing yet is no source of anything: who has one and no other log has no log. That
    one holds nothing which the audience reads must look the same. `last_dated` as in `sources`.
    """
    return tuple(one for one in nameable if not is_register(one) or one.slug in last_dated)


def sources(
    nameable: Iterable[Source],
    *,
    deliveries: pd.DataFrame,
    last_dated: Mapping[str, pd.Timestamp],
    rejected: pd.DataFrame,
    rules: Policy,
) -> pd.DataFrame:
    """
    Return what the audience may know of the sources it may name.

    `deliveries` are theirs, as known. `last_dated`: of the rows the audience reads, not of all that were
    delivered. `rejected`: the rows about rows set aside that it reads, before columns are left out. How many
    rows were read, and how many lie in no district, is told to those only who read every row: from the
    difference to what they read, others could tell how much is withheld.
    """
    aside = rejected.drop_duplicates(["source", "file", "row"])["source"].value_counts()
    latest = {row["source"]: row for row in deliveries.to_dict("records")}
    rows = []
    for source in nameable:
        last = latest.get(source.slug)
        rows.append(
            {
                "source": source.slug,
                "title": source.title,
                "record": source.record,
                "licence": source.licence,
                "attribution": source.attribution,
                "max_age_days": _NEVER_OLD if is_register(source) else source.max_age_days,
                "delivered_at": None if last is None else last["recorded_at"].floor("s"),
                "last_dated": last_dated.get(source.slug),
                "rejected": int(aside.get(source.slug, 0)),
                **{
                    name: int(last[name]) if last is not None and rules.reads_everything else None
                    for name in ("read", "unmatched")
                },
            }
        )
    frame = pd.DataFrame(
        rows,
        columns=[
            "source", "title", "record", "licence", "attribution", "max_age_days",
            "delivered_at", "last_dated", "read", "rejected", "unmatched",
        ],
    )  # fmt: skip
    return frame.astype({**SOURCE_TIMES, "read": "Int64", "rejected": "Int64", "unmatched": "Int64"})


def last_days(
    record: str, rows: pd.DataFrame, rules: Policy, *, week: Week, sources: Iterable[Source]
) -> dict[str, pd.Timestamp]:
    """
    Return the last day that the rows of each of `sources` of a record type tell of, all areas together.

    Nothing where the audience does not read their day; its week's first where a licence leaves only that.
    """
    rows = rows[rows["source"].isin([one.slug for one in sources if one.record == record])]
    if rows.empty:
        return {}
    dated_by = rules.records[record].dated_by
    rows = rows[[name for name in rows if name in {*_DATING, dated_by}]]
    seen = readable(rules.records[record], rows, rules, week=week)
    if dated_by not in seen or "source" not in seen:
        return {}
    days = seen.groupby("source")[dated_by].max().dropna()
    return {str(source): day for source, day in days.items()}
