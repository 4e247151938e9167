"""Early-warning alerts: a threat somebody raised before it happened."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity, place, releasable

RECORD = RecordType(
    name="alert",
    meaning="A warning raised through an early-warning mechanism.",
    dated_by="occurred_on",
    checks=(not_in_future("occurred_on"),),
    columns=(
        *identity(meaning="The register's own number."),
        Column(name="occurred_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day it was raised."),
        Column(name="reported_at", kind="instant", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Moment it was raised."),
        Column(name="raised_by_kind", kind="code", required=True, level=Level.INTERNAL,
               compartments=NOBODY, vocabulary=("community", "authority", "partner", "model"),
               meaning="What kind of source raised it; never who."),
        Column(name="indicator", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Which indicator it belongs to."),
        Column(name="threat", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="What was feared."),
        *releasable(),
        Column(name="horizon_days", kind="integer", minimum=0, maximum=366, level=Level.INTERNAL,
               compartments=NOBODY, meaning="Within how many days it was expected."),
        Column(name="likelihood", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Likelihood term of the office's scale."),
        Column(name="verified_at", kind="instant", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When it was verified."),
        Column(name="response", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="What was done."),
        Column(name="responded_at", kind="instant", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When it was done."),
        Column(name="outcome", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("occurred", "averted", "false", "unknown"), meaning="What came of it."),
        *place(),
    ),
)  # fmt: skip
