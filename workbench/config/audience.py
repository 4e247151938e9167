"""Audiences: who reads an edition, what of it, and how it is released to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workbench.config._parts import Part, Slug, Words, known
from workbench.config.labels import COMPARTMENTS, LEVELS, Level, level

LevelWord = Annotated[str, known(LEVELS, "level")]
CompartmentWord = Annotated[str, known(COMPARTMENTS, "compartment")]

Release = Literal["automatic", "one_person", "two_people"]


class Audience(Part):
    """Who reads an edition, and what they may read; whatever is not listed is absent."""

    slug: Slug
    name: str
    level: LevelWord
    compartments: Annotated[tuple[CompartmentWord, ...], Words]
    place_precision: Literal["exact", "district", "area"]
    free_text: Literal["full", "releasable"]
    briefings: Annotated[tuple[Slug, ...], Words]
    marking: str
    count_threshold: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="Counts from 1 to below this are not shown, nor what would give them away. Above 1 "
            "the audience is given tables of counts and no incident rows at all.",
        ),
    ] = 1
    release: Annotated[
        Release,
        Field(description="Who must release a draft before these readers get it; unless said, two people."),
    ] = "two_people"
    recipients: Annotated[
        tuple[Annotated[str, Field(min_length=3, max_length=254)], ...],
        Words,
        Field(description="Addresses an edition may be sent to; each belongs to one audience only."),
    ] = ()

    @property
    def clearance(self) -> Level:
        """The highest level this audience reads."""
        return level(self.level)
