"""Label changes: the register of acts that lowered a label; who decided each, when, why and from what."""

from datetime import date

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Level
from workbench.records._checks import known_record, not_in_future
from workbench.records._schema import NOBODY, Check, Column, RecordType, identity

_HEIGHTS = {word: height for height, word in enumerate(LEVELS)}


def _heights(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name].map(_HEIGHTS).astype("Int64")


def _sets(frame: pd.DataFrame, name: str) -> list[frozenset[str]]:
    return [frozenset() if pd.isna(one) else frozenset(str(one).split(";")) for one in frame[name]]


def _pairs(frame: pd.DataFrame) -> list[tuple[frozenset[str], frozenset[str]]]:
    return list(zip(_sets(frame, "from_compartments"), _sets(frame, "to_compartments"), strict=True))


def _raises(frame: pd.DataFrame, _today: date) -> pd.Series:
    return _heights(frame, "to_level") > _heights(frame, "from_level")


def _adds(frame: pd.DataFrame, _today: date) -> pd.Series:
    return pd.Series([not to <= held for held, to in _pairs(frame)], index=frame.index, dtype="boolean")


def _lowers_nothing(frame: pd.DataFrame, _today: date) -> pd.Series:
    same = pd.Series([held == to for held, to in _pairs(frame)], index=frame.index, dtype="boolean")
    return same & (_heights(frame, "to_level") == _heights(frame, "from_level"))


RECORD = RecordType(
    name="label_change",
    meaning="An act that lowered the label of a record, or of all rows of a source that have that label.",
    dated_by="changed_on",
    lasting=True,
    level=HIGHEST,  # an act tells of a row that others do not read
    compartments=COMPARTMENTS,
    checks=(
        not_in_future("changed_on"),
        known_record("changed_record"),
        Check(name="raises_level", columns=("to_level", "from_level"), offends=_raises, severity="reject",
              reason="is above from_level; a label is raised in the source, and at once"),
        Check(name="adds_compartments", columns=("to_compartments", "from_compartments"), offends=_adds,
              severity="reject", reason="names a compartment that from_compartments does not"),
        Check(name="lowers_nothing", columns=("to_level", "from_level", "from_compartments",
              "to_compartments"), offends=_lowers_nothing, severity="reject",
              reason="is the label it had: neither a lower level nor fewer compartments"),
    ),
    columns=(
        *identity(meaning="The register's own number for the act."),
        Column(name="changed_record", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Record type of the rows whose label was lowered."),
        Column(name="changed_source", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Slug of the source that delivered them."),
        Column(name="changed_id", kind="text", level=Level.STRICTLY_CONFIDENTIAL, compartments=COMPARTMENTS,
               meaning="record_id of the row, as its source gives it; missing for all rows of the source."),
        Column(name="from_level", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=LEVELS, meaning="Level the rows had; rows with another are not touched."),
        Column(name="to_level", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=LEVELS, meaning="Level they have since."),
        Column(name="from_compartments", kind="codes", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=COMPARTMENTS, meaning="Compartments the rows had."),
        Column(name="to_compartments", kind="codes", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=COMPARTMENTS, meaning="Compartments they have since."),
        Column(name="changed_by", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function that decided; never a name."),
        Column(name="changed_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the decision."),
        Column(name="reason", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="Why the label could be lowered."),
    ),
)  # fmt: skip
