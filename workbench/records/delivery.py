"""Deliveries: one row per pull of a source, so that a page can say how old its data are."""

from workbench.config import COMPARTMENTS, HIGHEST, Level
from workbench.records._schema import NOBODY, Column, RecordType, identity

_COUNTS = {
    "read": "Rows the files held.",
    "new": "Records not seen before.",
    "changed": "Records that differ from what was known.",
    "withdrawn": "Records the delivery no longer holds.",
    "unchanged": "Records as they were.",
    "rejected": "Rows set aside.",
    "unmatched": "Accepted rows whose place is in no district.",
}

RECORD = RecordType(
    name="delivery",
    meaning="One pull of one source.",
    dated_by="occurred_on",
    lasting=True,
    columns=(
        *identity(meaning="source/number of the pull."),
        Column(name="occurred_on", kind="date", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Day of the pull, UTC."),
        Column(name="record", kind="text", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Record type delivered."),
        Column(name="files", kind="integer", minimum=0, level=Level.PUBLIC, compartments=NOBODY,
               meaning="How many files were read."),
        Column(name="digest", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="SHA-256 over the names and bytes of the files read."),
        # how closely a source was held tells of rows that others do not read
        Column(name="held_as", kind="text", level=HIGHEST, compartments=COMPARTMENTS,
               meaning="Label of the source: least level of a row, level of one without, compartments."),
        Column(name="lowering", kind="text", level=HIGHEST, compartments=COMPARTMENTS,
               meaning="Digest of the act on record that lowered the source's label; missing if none did."),
        Column(name="first_dated", kind="date", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Earliest date among the accepted rows."),
        Column(name="last_dated", kind="date", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Latest date among the accepted rows."),
        *(Column(name=name, kind="integer", required=True, minimum=0, level=Level.PUBLIC,
                 compartments=NOBODY, meaning=meaning) for name, meaning in _COUNTS.items()),
    ),
)  # fmt: skip
