"""Liaison entries: one contact with authorities, forces, communities or partners."""

from workbench.config import Level
from workbench.records._checks import not_in_future
from workbench.records._schema import (
    ADMIRALTY_GRADES,
    NOBODY,
    Column,
    RecordType,
    identity,
    place,
    releasable,
)

ORGANISATION_KINDS = (
    "armed_forces", "police", "local_force", "provincial_government", "district_administration",
    "community_structure", "un", "ingo", "other",
)  # fmt: skip

RECORD = RecordType(
    name="liaison_entry",
    meaning="One contact made by the office.",
    dated_by="occurred_on",
    checks=(not_in_future("occurred_on"),),
    columns=(
        *identity(meaning="The log's own number for the entry."),
        Column(name="occurred_on", kind="date", required=True, level=Level.INTERNAL, compartments=NOBODY,
               meaning="Day of the contact."),
        Column(name="reported_at", kind="instant", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When the entry was written."),
        Column(name="channel", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=("in_person", "phone", "radio", "message"), meaning="How the contact was made."),
        Column(name="organisation", kind="text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="Organisation of the interlocutor."),
        Column(name="organisation_kind", kind="code", required=True, level=Level.INTERNAL,
               compartments=NOBODY, vocabulary=ORGANISATION_KINDS, meaning="What kind of organisation."),
        Column(name="interlocutor_role", kind="text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="The role, never the name."),
        Column(name="name_ref", kind="text", level=Level.STRICTLY_CONFIDENTIAL,
               compartments=("source_identity",), meaning="Key into the sealed table of names."),
        Column(name="officer", kind="text", required=True, level=Level.CONFIDENTIAL,
               compartments=("personnel",), meaning="Who made the contact."),
        Column(name="topics", kind="codes", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Topic codes of the office."),
        Column(name="summary", kind="free_text", required=True, level=Level.CONFIDENTIAL,
               compartments=NOBODY, meaning="What was said."),
        *releasable(),
        Column(name="info_grade", kind="code", level=Level.INTERNAL, compartments=NOBODY,
               vocabulary=ADMIRALTY_GRADES,
               meaning="Admiralty grade of what was said."),
        Column(name="follow_up_due", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When the follow-up is due."),
        Column(name="follow_up_owner", kind="text", level=Level.CONFIDENTIAL, compartments=("personnel",),
               meaning="Who follows up."),
        Column(name="follow_up_done", kind="date", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When it was done."),
        Column(name="shared_with_undss_at", kind="instant", level=Level.INTERNAL, compartments=NOBODY,
               meaning="When UNDSS was told; missing if not yet."),
        Column(name="consent_to_quote", kind="boolean", level=Level.INTERNAL, compartments=NOBODY,
               meaning="Whether the interlocutor agreed to be quoted by role."),
        *place(),
    ),
)  # fmt: skip
