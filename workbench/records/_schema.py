"""What a record type is: its columns, their kinds, vocabularies and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, Level

Kind = Literal[
    "text",  # one line
    "free_text",  # narrative: read only by those who read the whole row
    "code",  # one word of a closed vocabulary
    "codes",  # several words, joined by ";" without spaces, in the order given
    "integer",
    "number",
    "date",  # a calendar day, no zone
    "instant",  # a moment, UTC
    "boolean",
]

DTYPES: dict[Kind, str] = {
    "text": "str",
    "free_text": "str",
    "code": "str",
    "codes": "str",
    "integer": "Int64",
    "number": "Float64",
    "date": "datetime64[s]",
    "instant": "datetime64[us, UTC]",
    "boolean": "boolean",
}
"""The pandas type of each kind. Missing is NaN (str), NaT (times) or <NA> (the rest), never "" or 0."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    One column of a record type.

    `level` and `compartments` are the least a reader needs for this column, whatever the row's
    own label says; they have no default, because a forgotten label is a leak.
    `unreleased` marks a line of text that nobody wrote for release, such as a publisher's headline: it
    is read as free text is. `minimum` and `maximum` are inclusive. `vocabulary` is closed: any other word
    is rejected. `refers_to` names the record type whose `record_id` the column holds (ANY_RECORD: of
    whichever); "" if it holds none.
    """

    name: str
    kind: Kind
    meaning: str
    level: Level
    compartments: tuple[str, ...]
    required: bool = False
    vocabulary: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unreleased: bool = False
    refers_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """
    One fact that several columns of a row, or a row and the day of the pull, must agree on.

    `offends(frame, today)` is given all rows with their final dtypes and the office's day of the
    pull; it returns True for each row at fault, and True, False or missing otherwise. A value that
    could not be read is missing there, so a comparison with it never adds a second fault.
    "reject" sets the row aside with `reason`, under the first of `columns`; "flag" keeps it as
    given and adds `name` to its `flags`.
    """

    name: str
    columns: tuple[str, ...]
    offends: Callable[[pd.DataFrame, date], pd.Series]
    severity: Literal["reject", "flag"]
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """
    One kind of record: what is true of all its rows.

    `dated_by` names the date column by which rows belong to a period; an analyst's question
    "which week" is answered by it. Some types describe a state that lasts (a commitment, a
    programme site): `lasting` is True for them, and a view then holds every row known at its
    as-of instant instead of those of a window.

    `level` and `compartments` are the least label of every row of the type, whatever the row, its source
    or the office say. A `sealed` type is in no view at all, whoever reads it.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    dated_by: str
    lasting: bool = False
    checks: tuple[Check, ...] = ()
    level: Level = Level.PUBLIC
    compartments: tuple[str, ...] = ()
    sealed: bool = False

    def column(self, name: str) -> Column:
        """Return the column called `name`; raises KeyError."""
        return next((c for c in self.columns if c.name == name), None) or _no_column(self, name)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)


def _no_column(record: RecordType, name: str) -> Column:
    raise KeyError(f"{record.name} has no column {name}")


ANY_RECORD = "record"
"""What a column refers to that holds ids of records of several types."""

NOBODY: tuple[str, ...] = ()
"""No compartment: the level alone decides."""

ADMIRALTY_GRADES: tuple[str, ...] = tuple(letter + digit for letter in "ABCDEF" for digit in "123456")
"""Reliability of the source, A to F, then credibility of the information, 1 to 6."""


def identity(*, meaning: str) -> tuple[Column, ...]:
    """Return the columns every record type starts with: who it is, where it came from, its label."""
    return (
        Column(name="record_id", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning=meaning),
        Column(name="source", kind="text", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Slug of the [[source]] entry that delivered the row."),
        Column(name="level", kind="code", required=True, level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=tuple(one.slug for one in Level),
               meaning="Handling level of the row; a missing or unknown word counts as the highest."),
        Column(name="compartments", kind="codes", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Compartments a reader must have to read the row."),
        Column(name="listable", kind="boolean", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="False where the source's licence allows counts but not rows to be passed on."),
        Column(name="created_by", kind="text", level=Level.INTERNAL, compartments=("personnel",),
               meaning="Who wrote the record, as the source gives it."),
        Column(name="status", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="The source's own word on the state of the record."),
        Column(name="flags", kind="codes", level=Level.INTERNAL, compartments=NOBODY,
               meaning="What validation noticed without rejecting the row, such as deaths_range."),
        Column(name="notes", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="Remarks of whoever keeps the record."),
    )  # fmt: skip


def numbered(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """
    Return the columns with a `record_id` for those alone who read everything.

    For ids that tell a row's place among others, and so of those that a reader does not get.
    """
    return tuple(
        replace(one, level=HIGHEST, compartments=COMPARTMENTS) if one.name == "record_id" else one
        for one in columns
    )


def place() -> tuple[Column, ...]:
    """Return the columns that say where: district by p-code, and the exact place where it may be known."""
    return (
        Column(name="admin1", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="P-code of the province, by the office's boundaries."),
        Column(name="district", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="P-code of the district, matched by coordinates or by name, or chosen at the "
                       "desk; missing if unmatched."),
        Column(name="district_name", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Name of that district in the office's boundaries."),
        Column(name="matched_by", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("coordinates", "code_and_name", "name", "unmatched", "desk"),
               meaning="How the district was found; desk: chosen by a person."),
        Column(name="place_name", kind="text", level=Level.INTERNAL, compartments=("exact_location",),
               meaning="Town, village or site, as the source writes it."),
        Column(name="latitude", kind="number", minimum=-90, maximum=90, level=Level.INTERNAL,
               compartments=("exact_location",), meaning="Degrees north, WGS 84."),
        Column(name="longitude", kind="number", minimum=-180, maximum=180, level=Level.INTERNAL,
               compartments=("exact_location",), meaning="Degrees east, WGS 84."),
        Column(name="place_precision", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("place", "near_place", "district", "province", "country"),
               meaning="How closely the source knows the place."),
    )  # fmt: skip


def releasable() -> tuple[Column, ...]:
    """Return the column a person writes for readers who may not read the narrative."""
    return (
        Column(name="releasable_text", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="One or two sentences, written by a person, fit for every reader of the row."),
    )  # fmt: skip
