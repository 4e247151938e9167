"""Headcounts: how many staff an organisation has in the office's area, against its ceiling."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity


def _people(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, kind="integer", minimum=0, maximum=100_000, required=required,
                  level=Level.INTERNAL, compartments=NOBODY, meaning=meaning)  # fmt: skip


RECORD = RecordType(
    name="headcount",
    meaning="One count of one organisation's staff of one category.",
    dated_by="counted_on",
    checks=(not_in_future("counted_on"),),
    lasting=True,
    columns=(
        *identity(meaning="The list's own number for the line."),
        Column(name="counted_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the count."),
        Column(name="organisation", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Whose staff."),
        Column(name="category", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("international", "national", "dependant", "consultant"),
               meaning="What kind of staff."),
        _people("ceiling", "How many may be present; missing where there is no ceiling."),
        _people("present", "How many are present.", required=True),
        _people("on_leave", "How many are on leave."),
        _people("in_transit", "How many are on their way in or out."),
    ),
)  # fmt: skip
