"""District assessments: how an analyst rates one district, in which direction it moves, and why."""

from workbench.config import Level
from workbench.config.tradecraft import CONFIDENCE_TERMS
from workbench.records._checks import not_in_future
from workbench.records._schema import ANY_RECORD, NOBODY, Column, RecordType, identity, place, releasable

RECORD = RecordType(
    name="district_assessment",
    meaning="A district's rating as it stands until the next one.",
    dated_by="assessed_on",
    checks=(not_in_future("assessed_on"),),
    lasting=True,
    columns=(
        *identity(meaning="The register's own number for the assessment."),
        Column(name="assessed_on", kind="date", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Day of the assessment."),
        Column(name="rating", kind="integer", required=True, minimum=1, maximum=5, level=Level.PUBLIC,
               compartments=NOBODY, meaning="The office's own rating, 1 (calm) to 5 (gravest); it is no "
               "level of any security management system."),
        Column(name="direction", kind="code", required=True, level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=("deteriorated", "unchanged", "improved"),
               meaning="Which way it moved since the assessment before."),
        Column(name="reason", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="Why it is rated so."),
        *releasable(),
        Column(name="drivers", kind="codes", level=Level.INTERNAL, compartments=NOBODY,
               meaning="What drives it, in the office's codes."),
        Column(name="access", kind="code", level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=("open", "limited", "closed"), meaning="Access for staff and partners."),
        Column(name="confidence", kind="code", required=True, level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=CONFIDENCE_TERMS, meaning="Confidence in the rating."),
        Column(name="basis", kind="codes", level=Level.INTERNAL, compartments=NOBODY, refers_to=ANY_RECORD,
               meaning="record_ids the rating rests on."),
        Column(name="assessor", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function of the assessor; never a name."),
        Column(name="reviewer", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function of the reviewer; missing while unreviewed."),
        *place(),
    ),
)  # fmt: skip
