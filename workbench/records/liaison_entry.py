"""Liaison entries: one contact with authorities, forces, communities or partners."""

from workbench.config import ORGANISATION_KINDS, Level
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
        # not the key: every audience has codes of its own, by which two entries of one person are known
        Column(name="name_ref", kind="text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               refers_to="interlocutor", meaning="Key into the sealed table of names; readers get a code."),
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
