"""The policy: what one audience sees of every column of every record type, compiled into one table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from workbench.audience._counted import COUNTED
from workbench.audience._floors import reads_everything
from workbench.config import COMPARTMENTS, Audience, ColumnLabel, Level, Office
from workbench.errors import ConfigurationError, UnknownName
from workbench.records import Column, RecordType, record_names, record_type

Reason = Literal[
    "read", "sealed", "book", "level", "compartment", "count_threshold", "place_precision", "free_text"
]
Change = Literal["full", "pseudonym"]
Unlisted = Literal["full", "week", "absent"]

EXACT_PLACE = frozenset({"latitude", "longitude", "place_name"})
DISTRICT = frozenset({"district", "district_name"})

BOOKS = frozenset({"correction", "delivery", "label_change"})
"""The workbench's own books: what was pulled when, what was set right, which labels fell; in no view."""

HANDLING = frozenset({"source", "level", "compartments", "listable"})
"""Columns by which every row is handled; what they need cannot be changed."""


@dataclass(frozen=True, kw_only=True)
class ColumnRule:
    """
    What one audience sees of one column, and why.

    `reason` is the first rule that withholds it, or "read". `level` and `compartments` are the least a
    reader needs for it, by the record type's floor, the package and the office together. `change`: as
    stored, or as a pseudonym of this audience. `unlisted`: what remains of it in rows whose licence allows
    counts but no rows: all, the first day of the week, or nothing.
    """

    record: str
    column: str
    reason: Reason
    level: Level
    compartments: tuple[str, ...]
    change: Change
    unlisted: Unlisted

    @property
    def read(self) -> bool:
        """Whether the column is present for this audience."""
        return self.reason == "read"


@dataclass(frozen=True)
class Policy:
    """
    What one audience may see: its entry, and one rule for each column of each record type.

    `records` are the record types as the office labels their columns. What has no rule is absent.
    """

    audience: Audience
    records: Mapping[str, RecordType]
    rules: tuple[ColumnRule, ...]

    @cached_property
    def _rules(self) -> dict[tuple[str, str], ColumnRule]:
        return {(rule.record, rule.column): rule for rule in self.rules}

    def rule(self, record: str, column: str) -> ColumnRule:
        """Return the rule of one column; raises UnknownName."""
        try:
            return self._rules[record, column]
        except KeyError:
            names = [rule.column for rule in self.rules if rule.record == record]
            raise UnknownName(f"column of {record}", column, names) from None

    def columns(self, record: str) -> tuple[str, ...]:
        """Return the names of the columns of a record type that the audience reads, in order."""
        return tuple(rule.column for rule in self.rules if rule.record == record and rule.read)

    def pseudonyms(self, record: str) -> tuple[str, ...]:
        """Return the readable columns of a record type that hold pseudonyms instead of what is stored."""
        return tuple(name for name in self.columns(record) if self.rule(record, name).change == "pseudonym")

    @property
    def reads_everything(self) -> bool:
        """Whether no level and no compartment is closed to the audience."""
        return reads_everything(self.audience)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that decides what the audience reads, and not of how it gets it."""
        rules = [
            (one.record, one.column, one.reason, one.level.slug, one.compartments, one.change, one.unlisted)
            for one in self.rules
        ]
        entry = self.audience.model_dump(mode="json", exclude={"briefings", "release", "recipients"})
        told = json.dumps([entry, rules], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode("utf-8")).hexdigest()


def policy(office: Office, audience: Audience) -> Policy:
    """
    Compile what `audience` sees of every column, by the package, the [[column]] entries and its own entry.

    Raises ConfigurationError for a [[column]] entry that names an unknown record type or column, could
    have no effect, or lowers a label without saying who did so, when and why, or on a day to come.
    """
    records = office_records(office)
    rules = tuple(
        column_rule(record, column, audience) for record in records.values() for column in record.columns
    )
    return Policy(audience, records, rules)


def office_records(office: Office) -> dict[str, RecordType]:
    """Return every record type by name, its columns labelled as the office's [[column]] entries say."""
    records = {name: record_type(name) for name in record_names()}
    for entry in office.column:
        record = _record_of(entry, records)
        relabelled = _relabelled(entry, record, office)
        columns = tuple(relabelled if one.name == entry.column else one for one in record.columns)
        records[record.name] = replace(record, columns=columns)
    return records


def column_rule(record: RecordType, column: Column, audience: Audience) -> ColumnRule:
    """Return whether `audience` reads `column` of `record`, and the first rule that decides it."""
    level = max(record.level, column.level)
    needed = {*record.compartments, *column.compartments}
    reason: Reason = "read"
    if record.sealed:
        reason = "sealed"
    elif record.name in BOOKS:
        reason = "book"
    elif level > audience.clearance:
        reason = "level"
    elif not needed <= set(audience.compartments):
        reason = "compartment"
    elif record.name == "incident" and audience.count_threshold > 1:
        reason = "count_threshold"
    elif column.name in _too_exact(audience):
        reason = "place_precision"
    elif (column.kind == "free_text" or column.unreleased) and audience.free_text != "full":
        reason = "free_text"
    return ColumnRule(
        record=record.name,
        column=column.name,
        reason=reason,
        level=level,
        compartments=tuple(one for one in COMPARTMENTS if one in needed),
        change=_change(column, audience),
        unlisted=_unlisted(record, column),
    )


def _change(column: Column, audience: Audience) -> Change:
    if column.refers_to in record_names() and record_type(column.refers_to).sealed:
        return "pseudonym"
    if (column.name == "record_id" or column.refers_to) and not reads_everything(audience):
        return "pseudonym"
    return "full"


def _unlisted(record: RecordType, column: Column) -> Unlisted:
    if column.name not in COUNTED:
        return "absent"
    if column.name in {record.dated_by, "occurred_to", "date_precision"}:
        return "week"
    return "full"


def _too_exact(audience: Audience) -> frozenset[str]:
    return {"exact": frozenset[str](), "district": EXACT_PLACE, "area": EXACT_PLACE | DISTRICT}[
        audience.place_precision
    ]


def _record_of(entry: ColumnLabel, records: Mapping[str, RecordType]) -> RecordType:
    where = f"[[column]] {entry.record}.{entry.column}"
    record = records.get(entry.record)
    if record is None:
        raise ConfigurationError(
            f'{where}: there is no record type "{entry.record}". Known: {", ".join(sorted(records))}.'
        )
    if entry.column not in record.names:
        raise ConfigurationError(
            f'{where}: {record.name} has no column "{entry.column}". It has: {", ".join(record.names)}.'
        )
    if record.sealed or record.name in BOOKS:
        raise ConfigurationError(
            f"{where}: {record.name} is in no edition, whatever its columns need. Take the entry out."
        )
    if entry.column in HANDLING:
        raise ConfigurationError(
            f"{where}: every row is handled by this column, so what it needs cannot be changed. "
            "Label the rows or their source instead, and take the entry out."
        )
    return record


def _relabelled(entry: ColumnLabel, record: RecordType, office: Office) -> Column:
    where = f"[[column]] {entry.record}.{entry.column}"
    column = record.column(entry.column)
    level = column.level if entry.asked is None else entry.asked
    compartments = column.compartments if entry.compartments is None else entry.compartments
    gone = [one for one in column.compartments if one not in compartments]
    if entry.asked is not None and entry.asked < record.level:
        raise ConfigurationError(
            f"{where}: every row of {record.name} is held at {record.level.slug} at least, so a lower level "
            "has no effect. Take it out."
        )
    if entry.compartments is not None and not set(record.compartments) <= set(compartments):
        raise ConfigurationError(
            f"{where}: every row of {record.name} needs {', '.join(record.compartments)}, so leaving that "
            "out has no effect. Name it too."
        )
    if level < column.level or gone:
        lowered = [f"level from {column.level.slug} to {level.slug}"] if level < column.level else []
        lowered += [f"without the compartment {one}" for one in gone]
        if not entry.on_record:
            raise ConfigurationError(
                f"{where} lowers what the column needs ({', '.join(lowered)}). That is an act on record: "
                "add lowered_by (a function), lowered_on (the day) and because (the reason), or raise it."
            )
        if entry.lowered_on is not None and entry.lowered_on > office.now().astimezone(office.zone).date():
            raise ConfigurationError(f"{where}: lowered_on lies in the future. Give the day of the decision.")
    return replace(column, level=level, compartments=compartments)
