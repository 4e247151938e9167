"""Rows a pull set aside, each with its reason; kept as records so that they too have a history."""

from workbench.config import COMPARTMENTS, HIGHEST, Level
from workbench.records._schema import NOBODY, Column, RecordType, identity, numbered

RECORD = RecordType(
    name="rejected_row",
    meaning="A row that could not be accepted.",
    dated_by="occurred_on",
    lasting=True,
    columns=(
        *numbered(identity(meaning="Digest of source, file, row number, column, value and reason.")),
        Column(name="occurred_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the pull that first rejected it."),
        Column(name="record", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Record type it was meant for."),
        # where a row stands tells how many stand before it
        Column(name="file", kind="text", required=True, level=HIGHEST, compartments=COMPARTMENTS,
               meaning="Name of the file, relative to the office."),
        Column(name="row", kind="integer", required=True, minimum=1, level=HIGHEST,
               compartments=COMPARTMENTS,
               meaning="Row in the file as a spreadsheet numbers it: the header is 1."),
        Column(name="column", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Column at fault."),
        Column(name="value", kind="free_text", level=Level.STRICTLY_CONFIDENTIAL, compartments=NOBODY,
               meaning="What stood there, at most 200 characters."),
        Column(name="reason", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Why it was rejected."),
    ),
)  # fmt: skip
