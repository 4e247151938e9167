"""Reporting delay: how much of a week is known when it is reported on, learnt from our own revisions."""

from workbench.analysis.delay._ladder import ChainLadder, chain_ladder
from workbench.analysis.delay._learning import (
    KNOWN_SHARE,
    LEAST_INCIDENTS,
    LEAST_PAIRS,
    DelayKnown,
    delay_known,
)
from workbench.analysis.delay._nowcast import INTERVAL_LEVEL, LEAST_SHARE, nowcast, provisional, too_young
from workbench.analysis.delay._triangle import IN_TIME, triangle

__all__ = [
    "INTERVAL_LEVEL",
    "IN_TIME",
    "KNOWN_SHARE",
    "LEAST_INCIDENTS",
    "LEAST_PAIRS",
    "LEAST_SHARE",
    "ChainLadder",
    "DelayKnown",
    "chain_ladder",
    "delay_known",
    "nowcast",
    "provisional",
    "too_young",
    "triangle",
]
