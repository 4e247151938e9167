"""Risk measures: what is to be done about a risk, by whom and by when."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity

RECORD = RecordType(
    name="risk_measure",
    meaning="A measure against one assessed risk.",
    # not the day it was agreed on: a measure that is only proposed has none
    dated_by="recorded_on",
    checks=(not_in_future("recorded_on"), not_in_future("verified_on")),
    lasting=True,
    columns=(
        *identity(meaning="The register's own number for the measure."),
        Column(name="recorded_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day it was entered into the register."),
        Column(name="risk", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               refers_to="risk_line",
               meaning="record_id of the risk line it is meant for."),
        Column(name="text", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="What is to be done."),
        Column(name="kind", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("avoid", "control", "transfer", "accept"), meaning="How it treats the risk."),
        Column(name="owner", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function that carries it out; never a name."),
        Column(name="due_on", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="By when."),
        Column(name="state", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("proposed", "agreed", "done", "dropped"), meaning="How it stands."),
        Column(name="verified_on", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day on which somebody saw that it is in place."),
    ),
)  # fmt: skip
