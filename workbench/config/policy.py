"""Column labels: what a column needs in this office; and the act on record of whoever lowers a label."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config._parts import Part, Slug, Words
from workbench.config.audience import CompartmentWord, LevelWord
from workbench.config.labels import Level, level


class Lowering(Part):
    """What an entry says where it lowers a label: who decided it, when and why; all three, or none."""

    lowered_by: Annotated[
        str | None, Field(min_length=2, description="Function that decided to lower the label; never a name.")
    ] = None
    lowered_on: date | None = None
    because: Annotated[str | None, Field(min_length=2)] = None

    @property
    def on_record(self) -> bool:
        """Whether it says who lowered the label, when and why."""
        return None not in (self.lowered_by, self.lowered_on, self.because)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        act = {"lowered_by": self.lowered_by, "lowered_on": self.lowered_on, "because": self.because}
        missing = [name for name, value in act.items() if value is None]
        if 0 < len(missing) < len(act):
            raise ValueError(f"an act on record says who, when and why; {', '.join(missing)} is not given")
        return self


class ColumnLabel(Lowering):
    """
    One [[column]] entry: the level and compartments that a reader needs for one column of a record type.

    What it leaves out stays as the package has it. Raising a label needs nothing more. Lowering one is an
    act on record: who decided it, when and why. Whether an entry raises or lowers is known only where the
    record types are, so `workbench.audience.policy` refuses an unrecorded lowering and an unknown column.
    """

    record: Slug
    column: Slug
    level: LevelWord | None = None
    compartments: Annotated[
        tuple[CompartmentWord, ...] | None,
        Words,
        Field(description="All compartments the column needs; [] for none, left out for the package's own."),
    ] = None

    @property
    def key(self) -> tuple[str, str]:
        """The record type and the column."""
        return self.record, self.column

    @property
    def asked(self) -> Level | None:
        """The level asked for, None if it stays as it is."""
        return None if self.level is None else level(self.level)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.level is None and self.compartments is None:
            raise ValueError(
                "changes nothing: give `level`, `compartments` (all that the column needs), or both"
            )
        return self
