"""Assessments: what the analyst judges, one row per statement, so that each carries its own label."""

from workbench.config import Level
from workbench.config.tradecraft import CONFIDENCE_TERMS
from workbench.records._schema import ANY_RECORD, NOBODY, Column, RecordType, identity, numbered

PARTS = (
    "bottom_line", "judgement", "situation", "focus", "outlook", "indicator", "implication",
    "recommendation", "assumption", "alternative",
)  # fmt: skip

RECORD = RecordType(
    name="assessment",
    meaning="One statement of a week's written assessment.",
    dated_by="occurred_on",
    columns=(
        *numbered(identity(meaning="area/week/part/position.")),
        Column(name="area", kind="text", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Slug of the area assessed."),
        Column(name="week", kind="text", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="Reporting week assessed, such as 2026-W46."),
        Column(name="occurred_on", kind="date", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="First day of that week."),
        Column(name="author", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function of the author."),
        Column(name="reviewer", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function of the reviewer; missing while unreviewed."),
        Column(name="part", kind="code", required=True, level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=PARTS, meaning="What kind of statement."),
        Column(name="position", kind="integer", required=True, minimum=1, level=Level.PUBLIC,
               compartments=NOBODY, meaning="Order within its part; readers get it counted anew."),
        Column(name="text", kind="text", required=True, level=Level.PUBLIC, compartments=NOBODY,
               meaning="The statement, written for the readers its row's label names."),
        Column(name="likelihood", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Likelihood term of the office's scale (judgement, outlook)."),
        Column(name="confidence", kind="code", level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=CONFIDENCE_TERMS, meaning="Confidence, never joined to likelihood."),
        Column(name="because", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="What the confidence rests on."),
        Column(name="change", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Why it differs from last week's (judgement, outlook)."),
        Column(name="basis", kind="codes", level=Level.INTERNAL, compartments=NOBODY, refers_to=ANY_RECORD,
               meaning="record_ids the statement rests on."),
        Column(name="horizon_days", kind="integer", minimum=1, maximum=366, level=Level.PUBLIC,
               compartments=NOBODY, meaning="How far an outlook looks ahead."),
        Column(name="scenario", kind="code", level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=("most_likely", "most_dangerous", "best_case"), meaning="Kind of outlook."),
        Column(name="indicator_state", kind="code", level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=("not_seen", "seen", "strong"), meaning="State of an indicator."),
        Column(name="owner", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Function that a recommendation is addressed to."),
        Column(name="due_on", kind="date", level=Level.PUBLIC, compartments=NOBODY,
               meaning="By when."),
        Column(name="state", kind="code", level=Level.PUBLIC, compartments=NOBODY,
               vocabulary=("open", "accepted", "done", "declined", "overdue"),
               meaning="State of a recommendation."),
        Column(name="district", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="P-code of the district a situation paragraph is about."),
        Column(name="district_name", kind="text", level=Level.PUBLIC, compartments=NOBODY,
               meaning="Name of that district."),
    ),
)  # fmt: skip
