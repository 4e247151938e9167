"""Programme sites: activities whose running depends on the security of a place."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity, place, releasable

RECORD = RecordType(
    name="programme_site",
    meaning="One activity of a programme at one site.",
    dated_by="state_since",
    checks=(not_in_future("state_since"),),
    lasting=True,
    columns=(
        *identity(meaning="The programme's own number for the site."),
        Column(name="organisation", kind="text", required=True, level=Level.INTERNAL,
               compartments=NOBODY, meaning="Who runs it."),
        Column(name="programme", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Name of the programme."),
        Column(name="pillar", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Pillar of the programme."),
        Column(name="criticality", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("PC1", "PC2", "PC3", "PC4"), meaning="Programme criticality."),
        Column(name="state", kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("running", "reduced", "suspended", "stopped"), meaning="How it stands."),
        Column(name="state_since", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Since when."),
        Column(name="reason_incident", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               refers_to="incident",
               meaning="record_id of the incident behind the state."),
        Column(name="resume_condition", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="What must be true before it resumes."),
        *releasable(),
        *place(),
    ),
)  # fmt: skip
