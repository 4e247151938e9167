"""Interlocutors: who is behind a key of the liaison log. Sealed: in no view, whoever reads it."""

from workbench.config import HIGHEST, ORGANISATION_KINDS
from workbench.records._checks import not_in_future
from workbench.records._schema import Column, RecordType, identity

_SEAL = ("source_identity",)


def _held(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, kind="text", required=required, level=HIGHEST, compartments=_SEAL,
                  meaning=meaning)  # fmt: skip


RECORD = RecordType(
    name="interlocutor",
    meaning="A person who speaks to the office, by the key that stands for the name everywhere else.",
    dated_by="recorded_on",
    checks=(not_in_future("recorded_on"),),
    lasting=True,
    level=HIGHEST,
    compartments=_SEAL,
    sealed=True,
    columns=(
        *identity(meaning="The key that liaison entries hold in name_ref."),
        Column(name="recorded_on", kind="date", required=True, level=HIGHEST, compartments=_SEAL,
               meaning="Day the person was entered."),
        _held("name", "The person's name.", required=True),
        _held("organisation", "The person's organisation."),
        Column(name="organisation_kind", kind="code", level=HIGHEST, compartments=_SEAL,
               vocabulary=ORGANISATION_KINDS, meaning="What kind of organisation."),
        _held("role", "The person's role in it."),
        _held("telephone", "How to reach the person."),
    ),
)  # fmt: skip
