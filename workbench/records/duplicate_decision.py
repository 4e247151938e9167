"""Duplicate decisions: a person's verdict on whether two incident rows tell of the same incident."""

from datetime import date

import pandas as pd

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Check, Column, RecordType, identity

VERDICTS = ("same", "different", "unsure")

_ID = "record_id of the {} row, as its source gives it."
_SOURCE = "Slug of the source of the {} row."


def _one_record(frame: pd.DataFrame, _today: date) -> pd.Series:
    return (frame["left_source"] == frame["right_source"]) & (frame["left_id"] == frame["right_id"])


RECORD = RecordType(
    name="duplicate_decision",
    meaning="A verdict on a pair of incident rows; the latest on a pair counts.",
    dated_by="decided_on",
    lasting=True,
    checks=(
        not_in_future("decided_on"),
        Check(name="one_record", columns=("right_id", "left_source", "left_id", "right_source"),
              offends=_one_record, severity="reject", reason="names the same record on both sides"),
    ),
    columns=(
        *identity(meaning="The register's own number for the decision."),
        Column(name="left_source", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning=_SOURCE.format("first")),
        Column(name="left_id", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               refers_to="incident",
               meaning=_ID.format("first")),
        Column(name="right_source", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning=_SOURCE.format("second")),
        Column(name="right_id", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               refers_to="incident",
               meaning=_ID.format("second")),
        Column(name="verdict", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=VERDICTS, meaning="Whether both rows tell of one incident."),
        Column(name="decided_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the decision."),
        Column(name="decided_by", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function that decided; never a name."),
        Column(name="reason", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="What the verdict rests on."),
    ),
)  # fmt: skip
