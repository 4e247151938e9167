"""Support given to security forces that are not the United Nations', for human rights due diligence."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from workbench.config import HIGHEST
from workbench.records._checks import not_before, not_in_future
from workbench.records._held import HUMAN_RIGHTS, held
from workbench.records._schema import Check, Column, RecordType, identity, place

SUPPORT_TYPES: tuple[str, ...] = (
    "training", "advice", "equipment", "infrastructure", "logistics", "funding", "joint_activity", "other",
)  # fmt: skip

RATINGS: tuple[str, ...] = ("low", "medium", "high", "very_high")
"""From the lowest risk to the highest."""

DECISIONS: tuple[str, ...] = (
    "proposed", "approved", "approved_with_conditions", "suspended", "refused", "ended",
)  # fmt: skip

MEASURE = r"(open|done|dropped)(?:\s+(\d{4}-\d{2}-\d{2}))?\s*:\s*(\S.*)"
"""How one mitigatory measure is written: `open 2026-11-30: Names of the trainees checked`."""


def _unreadable(frame: pd.DataFrame, _today: date) -> pd.Series:
    told = frame["mitigation"].fillna("").astype("str")
    return told.map(
        lambda text: any(
            not re.fullmatch(MEASURE, part.strip(), re.IGNORECASE) or not _is_day(part)
            for part in re.split(r"[;\n]", text)
            if part.strip()
        )
    ).astype(bool)


def _is_day(part: str) -> bool:
    said = re.fullmatch(MEASURE, part.strip(), re.IGNORECASE)
    if said is None or said[2] is None:
        return True
    try:
        date.fromisoformat(said[2])
    except ValueError:
        return False
    return True


_MITIGATION = Check(
    name="mitigation_unreadable",
    columns=("mitigation",),
    offends=_unreadable,
    severity="flag",  # a slip in a measure must not make the whole support vanish
    reason="is not written as: open 2026-11-30: what is to be done; done: ...",
)

RECORD = RecordType(
    name="support",
    meaning="Support given, or proposed, to one unit of a security force.",
    # not its first day: what is only proposed has none
    dated_by="recorded_on",
    lasting=True,
    level=HIGHEST,
    compartments=HUMAN_RIGHTS,
    checks=(
        not_in_future("recorded_on"),
        not_in_future("reviewed_on"),
        not_before("ended_on", "started_on"),
        _MITIGATION,
    ),
    columns=held((
        *identity(meaning="The register's own number for the support."),
        Column(name="recorded_on", kind="date", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Day it was entered into the register."),
        Column(name="activity", kind="text", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="What is given or done."),
        Column(name="recipient_unit", kind="text", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="The unit that receives it, as alleged violations name it too."),
        Column(name="support_type", kind="code", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=SUPPORT_TYPES, meaning="Kind of support, in words of the workbench."),
        Column(name="started_on", kind="date", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="First day of the support, planned or real."),
        Column(name="ended_on", kind="date", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Last day of the support, planned or real."),
        Column(name="risk_rating", kind="code", level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=RATINGS, meaning="Result of the office's own risk assessment."),
        Column(name="mitigation", kind="free_text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Mitigatory measures, parted by ; or a new line, each as: open 2026-11-30: text, "
                       "done: text or dropped: text."),
        Column(name="reviewed_on", kind="date", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Day of the last review of the risk assessment."),
        Column(name="next_review_on", kind="date", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Day by which the next review is due."),
        Column(name="decided_by", kind="text", level=HIGHEST, compartments=HUMAN_RIGHTS,
               meaning="Function that decided; never a name."),
        Column(name="decision", kind="code", required=True, level=HIGHEST, compartments=HUMAN_RIGHTS,
               vocabulary=DECISIONS, meaning="How the decision on the support stands."),
        *place(),
    )),
)  # fmt: skip
