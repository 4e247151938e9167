"""The office's risk table: likelihood x impact = level, as its own security management has it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workbench.config._parts import Part, Slug, Words

Scale = Annotated[tuple[Slug, ...], Words, Field(min_length=1)]


class Risk(Part):
    """
    What a likelihood and an impact make together, and the level that each criticality still allows.

    `likelihoods`, `impacts` and `levels` are codes, from the least to the gravest, in any number. `table`
    has one row for each likelihood, with one level for each impact in their order. `criticality` names,
    for a programme criticality, the highest residual level at which the programme may run; one that is
    left out has no rule. `basis` says where the table is from, and is printed beside every result.
    """

    likelihoods: Scale
    impacts: Scale
    levels: Scale
    basis: Annotated[str, Field(min_length=1)]
    table: dict[str, Annotated[tuple[str, ...], Words]]
    criticality: dict[Literal["PC1", "PC2", "PC3", "PC4"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for key in ("likelihoods", "impacts", "levels"):
            words = getattr(self, key)
            for word in words:
                if words.count(word) > 1:
                    raise ValueError(f'{key} names "{word}" twice')
        if foreign := [row for row in self.table if row not in self.likelihoods]:
            raise ValueError(
                f'table has a row "{foreign[0]}", which is none of likelihoods: {", ".join(self.likelihoods)}'
            )
        for likelihood in self.likelihoods:
            if likelihood not in self.table:
                raise ValueError(f'table has no row "{likelihood}"; each of likelihoods needs one')
            row = self.table[likelihood]
            if len(row) != len(self.impacts):
                raise ValueError(
                    f"table.{likelihood} has {len(row)} levels; it needs {len(self.impacts)}, one for each "
                    f"impact: {', '.join(self.impacts)}"
                )
            for word in row:
                self._check_level(word, key=f"table.{likelihood}")
        for criticality, word in self.criticality.items():
            self._check_level(word, key=f"criticality.{criticality}")
        return self

    def _check_level(self, word: str, *, key: str) -> None:
        if word not in self.levels:
            raise ValueError(f'{key}: "{word}" is none of levels: {", ".join(self.levels)}')
