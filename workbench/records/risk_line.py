"""Risk lines: one threat event of a risk assessment, with likelihood and impact before and after measures."""

from workbench.config import Level
from workbench.records._checks import not_before, not_in_future
from workbench.records._schema import NOBODY, Column, RecordType, identity, place
from workbench.records.incident import THREAT_CATEGORIES


def _word(name: str, meaning: str) -> Column:
    # codes of the office's own [risk] table, which records do not know: analysis checks them
    return Column(name=name, kind="code", required=True, level=Level.INTERNAL, compartments=NOBODY,
                  meaning=meaning)  # fmt: skip


RECORD = RecordType(
    name="risk_line",
    meaning="One assessed risk, valid for a time.",
    dated_by="valid_from",
    checks=(not_before("valid_to", "valid_from"), not_in_future("decided_on")),
    lasting=True,
    columns=(
        *identity(meaning="The risk assessment's own number for the line."),
        Column(name="area_name", kind="text", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Area of the risk assessment, as the office's security management calls it."),
        Column(name="valid_from", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="First day it holds."),
        Column(name="valid_to", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Last day it holds: every risk line expires."),
        Column(name="threat_event", kind="text", required=True, unreleased=True, level=Level.INTERNAL,
               compartments=NOBODY, meaning="What could happen, in one line."),
        Column(name="threat_category", kind="code", required=True, level=Level.INTERNAL,
               compartments=NOBODY, vocabulary=THREAT_CATEGORIES, meaning="UNSMS threat category."),
        _word("likelihood_present", "Likelihood with the measures in place now."),
        _word("impact_present", "Impact with the measures in place now."),
        _word("likelihood_residual", "Likelihood once the measures decided on are in place."),
        _word("impact_residual", "Impact once the measures decided on are in place."),
        Column(name="decided_by", kind="text", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Function that decided on it; missing while nobody has."),
        Column(name="decided_on", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of that decision."),
        *place(),
    ),
)  # fmt: skip
