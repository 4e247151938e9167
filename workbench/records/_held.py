"""Columns of a register that few may know of: each held as closely as the register itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbench.config import HIGHEST
from workbench.records._schema import Column

HUMAN_RIGHTS: tuple[str, ...] = ("human_rights",)
"""The compartment of the registers of support given and of alleged violations."""


def held(columns: Iterable[Column]) -> tuple[Column, ...]:
    """
    Return the columns at the highest level and in the compartment human_rights, their own ones kept.

    Also those that say nothing by themselves, such as `source`: that a row exists is what is held.
    """
    return tuple(
        replace(
            column,
            level=HIGHEST,
            compartments=tuple(dict.fromkeys((*HUMAN_RIGHTS, *column.compartments))),
        )
        for column in columns
    )
