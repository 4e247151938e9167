"""The registers of support given and of alleged violations: everything in them is invented."""

from __future__ import annotations

from workbench.sample._registers import register

REGISTERS: tuple[str, ...] = ("support", "violations")
"""Registers of human rights due diligence, by the names of their files."""


def registers(*, delivery: int) -> dict[str, str]:
    """
    Return file name -> CSV text of the two registers as they stood at delivery 1 or 2.

    Delivery 2 suspends the support to the Orvane garrison, adds a support and two allegations, and changes
    what the authorities answered to one. No row of either is faulty.
    """
    return {f"{name}.csv": register(name, delivery=delivery) for name in REGISTERS}
