"""Corrections: the register of values that the desk set right; of which row, from what, to what, and why."""

from datetime import date

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, Level
from workbench.records._checks import known_record, not_in_future
from workbench.records._schema import ANY_RECORD, NOBODY, Check, Column, RecordType, identity

UNCORRECTED = frozenset(
    {
        "record_id",
        "source",
        "listable",
        "flags",
        "created_by",
        "status",
        "admin1",
        "district_name",
        "matched_by",
    }
)
"""Columns that no correction sets: which and whose a row is, and what follows from `district`."""

GIVEN = ("admin1_given", "district_given")
"""Names of places that a source gives for matching, and that no record type keeps: they may be corrected."""


def correctable(record: RecordType) -> tuple[str, ...]:
    """Return the columns of `record` that a correction may set, in their order."""
    given = GIVEN if "district" in record.names else ()
    return (*(name for name in record.names if name not in UNCORRECTED), *given)


def _record(frame: pd.DataFrame) -> pd.Series:
    from workbench.records import record_names  # the room's names, known once all its modules are

    return frame["corrected_record"].isin(record_names())


def _unknown_column(frame: pd.DataFrame, _today: date) -> pd.Series:
    from workbench.records import record_type

    names = frame.loc[_record(frame), "corrected_record"].unique()
    known = {(name, column) for name in names for column in correctable(record_type(str(name)))}
    pairs = zip(frame["corrected_record"], frame["column"], strict=True)
    wrong = pd.Series([pair not in known for pair in pairs], index=frame.index, dtype="boolean")
    return wrong & frame["column"].notna() & _record(frame)


def _same(frame: pd.DataFrame, _today: date) -> pd.Series:
    return frame["value_was"].fillna("") == frame["value_to"].fillna("")


RECORD = RecordType(
    name="correction",
    meaning="A value of a delivered row that the desk set right, for as long as it is delivered as it was.",
    dated_by="corrected_on",
    lasting=True,
    level=HIGHEST,  # a correction quotes a row that others do not read
    compartments=COMPARTMENTS,
    checks=(
        not_in_future("corrected_on"),
        known_record("corrected_record"),
        Check(name="unknown_column", columns=("column", "corrected_record"), offends=_unknown_column,
              severity="reject", reason="is no column of that record type that can be corrected"),
        Check(name="corrects_nothing", columns=("value_to", "value_was"), offends=_same,
              severity="reject", reason="is the value it had"),
    ),
    columns=(
        *identity(meaning="The register's own number for the correction."),
        Column(name="corrected_record", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Record type of the row."),
        Column(name="corrected_source", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Slug of the source that delivers it."),
        Column(name="corrected_id", kind="text", required=True, level=Level.STRICTLY_CONFIDENTIAL,
               compartments=COMPARTMENTS, refers_to=ANY_RECORD,
               meaning="record_id of the row, as its source gives it."),
        Column(name="column", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Column that was set right."),
        Column(name="value_was", kind="free_text", level=Level.STRICTLY_CONFIDENTIAL,
               compartments=COMPARTMENTS,
               meaning="The value as delivered, missing if none was; of district the place as delivered."),
        Column(name="value_to", kind="free_text", level=Level.STRICTLY_CONFIDENTIAL,
               compartments=COMPARTMENTS,
               meaning="The value it should have; missing if none. Of district a p-code."),
        Column(name="corrected_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the correction."),
        Column(name="corrected_by", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function that decided; never a name."),
        Column(name="reason", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="What the correction rests on."),
    ),
)  # fmt: skip
