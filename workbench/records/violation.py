"""Alleged violations of human rights by security forces: what is alleged, never what is proved."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbench.config import HIGHEST
from workbench.records._checks import not_in_future
from workbench.records._held import HUMAN_RIGHTS, held
from workbench.records._schema import ADMIRALTY_GRADES, Check, Column, RecordType, identity, place

ACTS: tuple[str, ...] = (
    "killing", "torture", "enforced_disappearance", "sexual_violence", "arbitrary_detention", "other",
)  # fmt: skip

VICTIMS: tuple[str, ...] = (
    "victims_women", "victims_men", "victims_girls", "victims_boys", "victims_unknown",
)  # fmt: skip
"""Counts of victims by sex and age; one that is missing is not known, which is not nobody."""

RESPONSES: tuple[str, ...] = (
    "none_known", "acknowledged", "investigating", "action_taken", "denied", "other",
)  # fmt: skip

_PEOPLE = {
    "victims_women": "Women among the alleged victims.",
    "victims_men": "Men among the alleged victims.",
    "victims_girls": "Girls among the alleged victims.",
    "victims_boys": "Boys among the alleged victims.",
    "victims_unknown": "Alleged victims whose sex or age is not known.",
}


def _too_early(frame: pd.DataFrame, _today: date) -> pd.Series:
    # a zone may put the moment on the day before the event's, never two days before it
    day = frame["reported_to_rr_at"].dt.tz_localize(None).dt.normalize()
    early: pd.Series = day < frame["occurred_on"] - pd.Timedelta(days=1)
    return early


_ORDER = Check(
    name="reported_before_event",
    columns=("reported_to_rr_at", "occurred_on"),
    offends=_too_early,
    severity="flag",  # one of the two days is a slip; the allegation itself must stay
    reason="lies before occurred_on",
)

RECORD = RecordType(
    name="violation",
    meaning="One alleged violation of human rights.",
    dated_by="occurred_on",
    # an allegation about a unit stays of weight for as long as the unit is supported
    lasting=True,
    level=HIGHEST,
    compartments=HUMAN_RIGHTS,
    checks=(not_in_future("occurred_on"), _ORDER),
    columns=held((
        *identity(meaning="The register's own number for the allegation."),
        Column(name="occurred_on", kind="date", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Day on which it is alleged to have happened."),
        Column(name="reported_at", kind="instant", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="When the office was told."),
        Column(name="perpetrator_unit", kind="text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Unit alleged to be responsible; missing if not known."),
        Column(name="act", kind="code", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=ACTS, meaning="What is alleged."),
        *(Column(name=name, kind="integer", minimum=0, maximum=100_000, level=HIGHEST,
                 compartments=HUMAN_RIGHTS, meaning=meaning) for name, meaning in _PEOPLE.items()),
        Column(name="grave", kind="boolean", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Whether the office's human rights focal point holds it to be grave, if proved."),
        Column(name="source_grade", kind="code", level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=ADMIRALTY_GRADES, meaning="Admiralty grade of source and information."),
        Column(name="victim_consent", kind="boolean", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Whether the victims agreed to what they told being passed on."),
        Column(name="referred_to", kind="text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Organisation the case was referred to."),
        Column(name="reported_to_rr_at", kind="instant", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="When the Resident Representative was told; missing if not yet."),
        Column(name="government_response", kind="code", level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=RESPONSES, meaning="What the authorities are known to have answered."),
        Column(name="response_text", kind="free_text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="That answer in words."),
        Column(name="support", kind="text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               refers_to="support", meaning="record_id of the support whose recipient is meant."),
        Column(name="account", kind="free_text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="What is told of the event; never a victim's name."),
        *place(),
    )),
)  # fmt: skip
