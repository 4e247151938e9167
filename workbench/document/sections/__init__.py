"""Sections: what the analysis found, set as blocks in the language of the edition."""

from workbench.document.sections._parts import heading, side_by_side
from workbench.document.sections.contact import alerts, commitments, contact_gaps, liaison, programme
from workbench.document.sections.counted import (
    counted_from,
    district_table,
    incident_list,
    incident_sources,
    key_figures,
    numbers_table,
    publishers,
    significant,
    undated,
)
from workbench.document.sections.head import (
    bottom_line,
    judgements,
    masthead,
    outlook,
    recommendations,
    situation,
)
from workbench.document.sections.method import method, revised, sources

__all__ = [
    "alerts",
    "bottom_line",
    "commitments",
    "contact_gaps",
    "counted_from",
    "district_table",
    "heading",
    "incident_list",
    "incident_sources",
    "judgements",
    "key_figures",
    "liaison",
    "masthead",
    "method",
    "numbers_table",
    "outlook",
    "programme",
    "publishers",
    "recommendations",
    "revised",
    "side_by_side",
    "significant",
    "situation",
    "sources",
    "undated",
]
