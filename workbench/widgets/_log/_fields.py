"""What each form of the log asks for: rows of controls, by record type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.config import COMPARTMENTS, LEVELS, ORGANISATION_KINDS, Office
from workbench.config.tradecraft import likelihood_words
from workbench.records import record_type
from workbench.widgets._form import options
from workbench.widgets._sheet import Field, control, group, line

TITLES = {
    "liaison_entry": ("contact", "Contact"),
    "commitment": ("commitment", "Commitment"),
    "alert": ("alert", "Alert"),
}

ROWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "liaison_entry": (
        ("occurred_on", "channel", "officer"),
        ("organisation", "organisation_kind", "interlocutor_role"),
        ("topics",),
        ("summary",),
        ("releasable_text",),
        ("info_grade", "consent_to_quote", "shared_with_undss_at"),
        ("follow_up_due", "follow_up_owner", "follow_up_done"),
        ("district_given", "place_name"),
        ("level", "compartments"),
    ),
    "commitment": (
        ("made_on", "made_by", "due_on"),
        ("text",),
        ("releasable_text",),
        ("state", "checked_on"),
        ("evidence",),
        ("district_given", "place_name"),
        ("level", "compartments"),
    ),
    "alert": (
        ("occurred_on", "raised_by_kind", "indicator"),
        ("threat",),
        ("releasable_text",),
        ("horizon_days", "likelihood", "verified_at"),
        ("response",),
        ("responded_at", "outcome"),
        ("district_given", "place_name"),
        ("level", "compartments"),
    ),
}
"""Columns in the order of the form, a row of controls each."""

_LABELS = {
    "occurred_on": "Day", "channel": "How", "officer": "Who made the contact (a function)",
    "organisation": "Organisation", "organisation_kind": "Kind of organisation",
    "interlocutor_role": "Role, never the name", "topics": "Topics", "summary": "What was said",
    "releasable_text": "Text for release", "info_grade": "Grade", "consent_to_quote": "May be quoted by role",
    "shared_with_undss_at": "UNDSS told", "follow_up_due": "Follow-up by",
    "follow_up_owner": "Follow-up owner",
    "follow_up_done": "Followed up on", "district_given": "District", "place_name": "Place",
    "level": "Level", "compartments": "Compartments", "made_on": "Day it was made",
    "made_by": "Who undertook it (an organisation)", "due_on": "Due", "text": "What was undertaken",
    "state": "How it stands", "checked_on": "Last checked on", "evidence": "What that rests on",
    "raised_by_kind": "Raised by (kind)", "indicator": "Indicator", "threat": "What is feared",
    "horizon_days": "Within days", "likelihood": "Likelihood", "verified_at": "Verified at (UTC)",
    "response": "What was done", "responded_at": "Done at (UTC)", "outcome": "What came of it",
    "name_ref": "Interlocutor (key)",
}  # fmt: skip
_HINTS = {
    "topics": "codes, parted by commas",
    "releasable_text": "one or two sentences for every reader of the row",
    "info_grade": "source, information",
    "shared_with_undss_at": "moment, UTC",
}
NARRATIVE = ("summary", "text", "threat", "response", "evidence")
"""Columns read only by those who read the whole entry."""

SEALED = (
    "This says a name, number or key of the sealed table: no page that shows it could be released. "
    "Say the role."
)
_WIDE = frozenset({*NARRATIVE, "releasable_text"})
_NARROW = frozenset(
    {
        "occurred_on", "made_on", "due_on", "follow_up_due", "follow_up_done", "checked_on", "channel",
        "info_grade", "consent_to_quote", "horizon_days", "state", "outcome",
    }
)  # fmt: skip


def columns_of(record: str) -> tuple[str, ...]:
    """Return the columns that a form asks for, without the interlocutor."""
    return tuple(name for row in ROWS[record] for name in row)


def entry(
    office: Office, record: str, values: Mapping[str, str], told: Mapping[str, Sequence[Field]], *,
    districts: Sequence[str], level: str,
) -> list[Field]:  # fmt: skip
    """Return the controls of one entry; `level` is that of the register."""
    fields = []
    for number, row in enumerate(ROWS[record]):
        made = [
            _one(
                office,
                record,
                name,
                values.get(name, ""),
                told.get(name, ()),
                districts=districts,
                level=level,
            )
            for name in row
        ]
        fields.append(group(f"row-{number}", *made, look="row") if len(row) > 1 else made[0])
    return fields


def _one(  # noqa: PLR0913  (what was typed, what may be chosen, and what is wrong)
    office: Office, record: str, name: str, value: str, told: Sequence[Field], *, districts: Sequence[str],
    level: str,
) -> Field:  # fmt: skip
    label, hint = label_of(record, name), _HINTS.get(name, "")
    look = "short" if name in _NARROW else "middle"
    if name in _WIDE:
        return control("area", name, label, value, hint=hint, rows=4 if name == "summary" else 2, told=told)
    if name == "compartments":
        chosen = [one for one in value.split(";") if one]
        return control("many", name, label, chosen, options=options(COMPARTMENTS), told=told)
    found: list[tuple[str, str]] | None = None
    if name == "level":
        found = options(LEVELS, empty=f"as the register: {level.replace('_', ' ')}")
    elif name == "district_given":
        found = [("–", ""), *((one, one) for one in districts)]
    elif name == "likelihood":
        found = options(likelihood_words(office.likelihood_scale), empty="–")
    elif name == "organisation_kind":
        found = options(ORGANISATION_KINDS, empty="–")
    elif name == "consent_to_quote":
        found = [("not asked", ""), ("yes", "true"), ("no", "false")]
    elif record_type(record).column(name).vocabulary:
        found = options(record_type(record).column(name).vocabulary, empty="–")
    if found is None:
        kind = "day" if record_type(record).column(name).kind == "date" else "text"
        return control(kind, name, label, value, hint=hint, look=look, told=told)
    if value not in (meant for _, meant in found):
        found = [*found, (value, value)]
    return control("choice", name, label, value, options=found, hint=hint, look=look, told=told)


def label_of(record: str, name: str) -> str:
    """Return what the form calls a column; a star marks those that an entry must have."""
    known = name in record_type(record).names
    needed = known and name != "level" and record_type(record).column(name).required
    return _LABELS.get(name, name) + (" *" if needed else "")


def wrong(reason: str) -> Field:
    """Return why an entry will not be taken as it is, as a line below its control."""
    return line(f"This {reason}.", "wrong")
