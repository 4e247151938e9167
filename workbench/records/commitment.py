"""Commitments: what an authority undertook to do, and whether it did."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity, place, releasable

RECORD = RecordType(
    name="commitment",
    meaning="An undertaking by an authority.",
    dated_by="made_on",
    checks=(not_in_future("made_on"),),
    lasting=True,
    columns=(
        *identity(meaning="The register's own number."),
        Column(name="made_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="When it was undertaken."),
        Column(name="made_by", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Organisation that undertook it."),
        Column(name="text", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="What was undertaken."),
        *releasable(),
        Column(name="due_on", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="By when."),
        Column(name="state", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("open", "kept", "partly", "broken", "withdrawn"), meaning="How it stands."),
        Column(name="checked_on", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When its state was last checked."),
        Column(name="evidence", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="What the state rests on."),
        *place(),
    ),
)  # fmt: skip
