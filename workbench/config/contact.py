"""Required contacts: which kind of interlocutor an office means to meet, where, and how often."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workbench.config._parts import Part, Words, known

ORGANISATION_KINDS = (
    "armed_forces", "police", "local_force", "provincial_government", "district_administration",
    "community_structure", "un", "ingo", "other",
)  # fmt: skip
"""Kinds of organisation that a liaison entry is of."""


class RequiredContact(Part):
    """A contact the office means to make at least every `every_days` days in each of `districts`."""

    organisation_kind: Annotated[str, known(ORGANISATION_KINDS, "kind of organisation")]
    every_days: Annotated[int, Field(ge=1)]
    districts: Annotated[
        tuple[str, ...], Words, Field(description="P-codes; left out, all districts of the area.")
    ] = ()
