"""What would tell of rows that are not there: ids, references, numbers and the order of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

import pandas as pd

from workbench.audience import Policy
from workbench.keys import Keys
from workbench.records import ANY_RECORD, Column, RecordType, record_type

RECORDS = ANY_RECORD
"""The kind of pseudonym of every record id: one column may refer to several types, and all must join."""

_GROUP = "dup_group"


def pseudonyms(keys: Keys, audience: str, kind: str, values: Iterable[str]) -> dict[str, str]:
    """
    Return one code for each of `values`, no two alike.

    Six letters and digits; of values whose six are the same, each has twelve. A code depends on the values
    given, the audience and the office's key alone.
    """
    short = {value: keys.pseudonym(audience, kind, value) for value in sorted(set(values))}
    taken = Counter(short.values())
    return {
        value: code if taken[code] == 1 else longer(keys, audience, kind, value)
        for value, code in short.items()
    }


def longer(keys: Keys, audience: str, kind: str, value: str) -> str:
    """Return the code of twelve letters and digits, for values that share their six with another."""
    return keys.pseudonym(audience, kind, value) + keys.pseudonym(audience, f"{kind} longer", value)


def kind_of(column: Column) -> str:
    """Return the kind of pseudonym that stands for the values of a column."""
    named = column.refers_to not in ("", ANY_RECORD)
    return column.refers_to if named and record_type(column.refers_to).sealed else RECORDS


def coded(tables: Mapping[str, pd.DataFrame], rules: Policy, keys: Keys) -> dict[str, pd.DataFrame]:
    """
    Return the tables of a view with pseudonyms in the columns that `rules` says so of.

    The same record has one code in all tables, also as `codes` joined by ";".
    """
    places = [
        (name, record.column(column))
        for name, rows in tables.items()
        if len(rows)
        for record in [rules.records[name.partition(".")[0]]]
        for column in rules.pseudonyms(record.name)
        if column in rows
    ]
    said: dict[str, set[str]] = {}
    for name, column in places:
        said.setdefault(kind_of(column), set()).update(_words(column, tables[name][column.name]))
    known = {kind: pseudonyms(keys, rules.audience.slug, kind, values) for kind, values in said.items()}
    made = dict(tables)
    for name, column in places:
        words = known[kind_of(column)]
        values = made[name][column.name].map(partial(_coded, column, words), na_action="ignore")
        made[name] = made[name].assign(**{column.name: values.astype("str")})
    return made


def without_dangling(record: RecordType, rows: pd.DataFrame, *, held: frozenset[str]) -> pd.DataFrame:
    """
    Return the rows without references to records that the view does not hold: a code of nothing is a trace.

    `held` are the ids of those that it does. Of the ids a statement rests on one stays in any case, or it
    would seem to have no basis. A measure keeps its risk: it is in because no line held back is meant.
    """
    for column in record.columns:
        if column.name not in rows or column.refers_to in ("", "risk_line") or kind_of(column) != RECORDS:
            continue
        values = rows[column.name]
        if column.kind == "codes":
            kept = values.map(partial(_held_words, held), na_action="ignore").astype("str")
        else:
            kept = values.where(values.isin(held))
        rows = rows.assign(**{column.name: kept})
    return rows


def renumbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return statements with `position` counted anew in their part: 1, 2, 4 tells of a third."""
    if "position" not in rows or rows.empty:
        return rows
    parts = [name for name in ("area", "week", "part") if name in rows]
    counted = (rows.groupby(parts) if parts else rows)["position"].rank(method="dense")
    return rows.assign(position=counted.astype("Int64"))


def regrouped(tables: Mapping[str, pd.DataFrame], names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """
    Return the tables `names` with `dup_group` numbered by what the rows of each group say, g1, g2 ...

    A group of the first of `names` has a lower number than one that is only in the others. Groups that
    say the same in all tables are told apart by nothing, so it does not matter which comes first.
    """
    names = [name for name in names if _GROUP in tables[name]]
    said: dict[str, list[list[tuple[str, ...]]]] = {}
    for place, name in enumerate(names):
        rows = tables[name][tables[name][_GROUP].notna()]
        told = rows.drop(columns=_GROUP).astype("str").fillna("")
        for code, words in zip(rows[_GROUP], told.itertuples(index=False, name=None), strict=True):
            said.setdefault(code, [[] for _ in names])[place].append(words)
    order = sorted(said, key=lambda code: (not said[code][0], [sorted(part) for part in said[code]]))
    numbers = {code: f"g{number}" for number, code in enumerate(order, start=1)}
    return {
        name: rows.assign(**{_GROUP: rows[_GROUP].map(numbers).astype("str")}) if name in names else rows
        for name, rows in tables.items()
    }


def in_order(record: RecordType, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows sorted by what they say to the reader: by day, source and code, then all the rest."""
    first = [name for name in (record.dated_by, "source", "record_id") if name in rows]
    every = [*first, *(name for name in rows if name not in first)]
    if not every or rows.empty:
        return rows.reset_index(drop=True)
    alike = bool(rows.duplicated(first).any()) if first else True
    return rows.sort_values(list(map(str, every if alike else first)), kind="stable", ignore_index=True)


def _words(column: Column, values: pd.Series) -> list[str]:
    distinct = [str(one) for one in values.dropna().unique()]
    if column.kind != "codes":
        return distinct
    return [word for one in distinct for word in one.split(";")]


def _coded(column: Column, words: Mapping[str, str], value: str) -> str:
    return ";".join(words[one] for one in value.split(";")) if column.kind == "codes" else words[value]


def _held_words(held: frozenset[str], value: str) -> str:
    words = value.split(";")
    return ";".join([one for one in words if one in held] or words[:1])
